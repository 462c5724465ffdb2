"""Plaque tokens and QR symbols: signs, opens, draws, prints and reads them.

It knows nothing of the server: keys come from outside, and no function asks for the time.
"""

from .batch import encode
from .glyphs import missing_glyphs
from .plaques import (
    MissingGlyph,
    PlaqueDesign,
    PlaqueFormat,
    PlaqueSheet,
    PrintFault,
    module_mm,
    plaque_pdf,
    print_fault,
    symbol_side_mm,
    write_plaques,
)
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
from .volumes import (
    ForeignFolder,
    Job,
    PlaqueOrder,
    Run,
    RunFormat,
    Volume,
    begin_run,
    find_run,
    orders_of,
    print_run,
)

__all__ = [
    "MAX_SERIAL",
    "BadCode",
    "CodeFault",
    "ForeignFolder",
    "ImageFault",
    "Job",
    "KeyRing",
    "Level",
    "Matrix",
    "MissingGlyph",
    "Plaque",
    "PlaqueDesign",
    "PlaqueFormat",
    "PlaqueKey",
    "PlaqueOrder",
    "PlaqueSheet",
    "PrintFault",
    "PublicKey",
    "Run",
    "RunFormat",
    "UnreadableImage",
    "Volume",
    "begin_run",
    "encode",
    "find_run",
    "matrix",
    "missing_glyphs",
    "module_mm",
    "open_plaque",
    "orders_of",
    "plaque_pdf",
    "plaque_prefix",
    "png",
    "print_fault",
    "print_run",
    "read",
    "sign_plaque",
    "svg",
    "symbol_side_mm",
    "terminal",
    "write_plaques",
]
