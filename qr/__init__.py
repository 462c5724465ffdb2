"""Plaque tokens and QR symbols: signs, opens, draws, prints and reads them.

It knows nothing of the server: keys come from outside, and no function asks for the time.
"""

from .batch import encode
from .glyphs import missing_glyphs
from .plaques import MissingGlyph, PlaqueDesign, PlaqueSheet, plaque_pdf
from .reading import ImageFault, UnreadableImage, read
from .symbols import Level, Matrix, matrix, png, svg, terminal
from .tokens import (
    MAX_SERIAL,
    BadCode,
    CodeFault,
    KeyRing,
    Plaque,
    PlaqueKey,
    PublicKey,
    open_plaque,
    plaque_prefix,
    sign_plaque,
)

__all__ = [
    "MAX_SERIAL",
    "BadCode",
    "CodeFault",
    "ImageFault",
    "KeyRing",
    "Level",
    "Matrix",
    "MissingGlyph",
    "Plaque",
    "PlaqueDesign",
    "PlaqueKey",
    "PlaqueSheet",
    "PublicKey",
    "UnreadableImage",
    "encode",
    "matrix",
    "missing_glyphs",
    "open_plaque",
    "plaque_pdf",
    "plaque_prefix",
    "png",
    "read",
    "sign_plaque",
    "svg",
    "terminal",
]
