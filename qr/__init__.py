"""Tokens and QR symbols: signs, opens, draws, prints and reads them.

It knows nothing of the server: keys come from outside, and no function asks for the time.
"""

from .batch import encode
from .device_codes import LivingCode, VisitCode, open_living, open_visit, sign_living, sign_visit, step_at
from .glyphs import missing_glyphs
from .keys import DeviceKey, DevicePublicKey, KeyRing, KeyState, PlaqueKey, PublicKey
from .layouts import PlaqueDesign, PlaqueFormat, PlaqueSheet, symbol_side_mm
from .plaques import MissingGlyph, PrintFault, module_mm, plaque_modules, plaque_pdf, print_fault, write_plaques
from .reading import ImageFault, UnreadableImage, read
from .revocations import Revocations, open_revocations, sign_revocations
from .slip_sheets import SlipSheet, slip_pdf
from .slips import is_slip, make_slip, read_slip, slip_hash, slip_token
from .symbols import Level, Matrix, matrix, png, svg, terminal
from .tokens import (
    MAX_SERIAL,
    BadCode,
    CodeFault,
    Kind,
    Plaque,
    kind_of,
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
    "DeviceKey",
    "DevicePublicKey",
    "ForeignFolder",
    "ImageFault",
    "Job",
    "KeyRing",
    "KeyState",
    "Kind",
    "Level",
    "LivingCode",
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
    "Revocations",
    "Run",
    "RunFormat",
    "SlipSheet",
    "UnreadableImage",
    "VisitCode",
    "Volume",
    "begin_run",
    "encode",
    "find_run",
    "is_slip",
    "kind_of",
    "make_slip",
    "matrix",
    "missing_glyphs",
    "module_mm",
    "open_living",
    "open_plaque",
    "open_revocations",
    "open_visit",
    "orders_of",
    "plaque_modules",
    "plaque_pdf",
    "plaque_prefix",
    "png",
    "print_fault",
    "print_run",
    "read",
    "read_slip",
    "sign_living",
    "sign_plaque",
    "sign_revocations",
    "sign_visit",
    "slip_hash",
    "slip_pdf",
    "slip_token",
    "step_at",
    "svg",
    "symbol_side_mm",
    "terminal",
    "write_plaques",
]
