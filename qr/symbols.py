"""QR symbols (ISO/IEC 18004) of any text: as modules, SVG, PNG, or blocks for a terminal."""

import io
import re
from functools import lru_cache
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from PIL import Image
from qrcode import QRCode, constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import (
    MODE_8BIT_BYTE,
    MODE_ALPHA_NUM,
    MODE_NUMBER,
    QRData,
)

Level = Literal["L", "M", "Q", "H"]
Matrix = tuple[tuple[bool, ...], ...]
# Also rows of an array, as the batch encoder gives them.
AnyMatrix = Matrix | npt.NDArray[np.bool_]
Run = tuple[int, int, int]

QUIET_ZONE = 4

LEVELS = {
    "L": constants.ERROR_CORRECT_L,
    "M": constants.ERROR_CORRECT_M,
    "Q": constants.ERROR_CORRECT_Q,
    "H": constants.ERROR_CORRECT_H,
}
# A change of mode costs 14 bits or so; fewer digits than this do not earn it back.
_DIGITS_WORTH_A_SEGMENT = 13
_CAPITALS_THEN_DIGITS = re.compile(
    rf"(?P<capitals>[0-9A-Z $%*+./:-]*?)(?P<digits>[0-9]{{{_DIGITS_WORTH_A_SEGMENT},}})?"
)
_LARGEST_MODULE_PX = 64
# Index: upper module light, lower module light. What shines is drawn: see terminal().
_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
_WHITE_ON_BLACK = "\x1b[38;5;231;48;5;16m"
_RESET = "\x1b[0m"


@lru_cache(maxsize=256)
def matrix(text: str, level: Level = "M") -> Matrix:
    """Encode ``text``: rows of modules from the top, True is dark, without quiet zone.

    The side is 17 + 4 × version modules. A token's capitals and digits get a segment each, which
    keeps it at version 5; other text becomes UTF-8 bytes. ValueError when nothing is to be
    encoded or it exceeds version 40.
    """
    if not text:
        raise ValueError("a symbol of no text")
    code = QRCode(error_correction=LEVELS[level], border=0)
    for segment in _segments(text):
        code.add_data(segment)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise ValueError(f"{len(text)} characters are too many for one symbol") from error
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


def split_token(text: str) -> tuple[str | None, str]:
    """Split a text into its capitals and the digits at its end; (None, "") when it holds anything else."""
    found = _CAPITALS_THEN_DIGITS.fullmatch(text)
    return (found["capitals"], found["digits"] or "") if found else (None, "")


def version(symbol: Matrix) -> int:
    """Tell a symbol's version, 1 to 40, from its size."""
    return (len(symbol) - 17) // 4


def dark_runs(symbol: AnyMatrix) -> list[Run]:
    """List the dark runs of every row as (column, row, length), in modules, without quiet zone."""
    edges = np.diff(np.pad(np.asarray(symbol, dtype=np.int8), ((0, 0), (1, 1))), axis=1)
    rows, left = np.nonzero(edges == 1)
    right = np.nonzero(edges == -1)[1]
    return list(zip(left.tolist(), rows.tolist(), (right - left).tolist(), strict=True))


def svg(text: str, *, level: Level = "M", title: str = "") -> str:
    """Draw ``text`` as an SVG document, one path; one user unit is one module, quiet zone included."""
    return draw_svg(matrix(text, level), title=title)


def png(text: str, *, level: Level = "M", module_px: int = 8) -> bytes:
    """Draw ``text`` as a black and white PNG, ``module_px`` (1 to 64) pixels a module, quiet zone included."""
    return draw_png(matrix(text, level), module_px=module_px)


def draw_svg(symbol: AnyMatrix, *, title: str = "", side_mm: float | None = None) -> str:
    """Draw a symbol as SVG, quiet zone included, as wide as its place or ``side_mm``."""
    side = len(symbol) + 2 * QUIET_ZONE
    path = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z" for x, y, length in dark_runs(symbol))
    label = f"<title>{escape(title)}</title>" if title else ""
    size = f' width="{side_mm:g}mm" height="{side_mm:g}mm"' if side_mm else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size} viewBox="0 0 {side} {side}" role="img" '
        f'shape-rendering="crispEdges">{label}<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def draw_png(symbol: AnyMatrix, *, module_px: int, side_mm: float | None = None) -> bytes:
    """Draw a symbol as PNG, ``module_px`` (1 to 64) pixels a module, quiet zone included; printed ``side_mm`` wide."""
    if not 1 <= module_px <= _LARGEST_MODULE_PX:
        raise ValueError(f"a module is 1 to {_LARGEST_MODULE_PX} pixels wide, not {module_px}")
    light = np.pad(~np.asarray(symbol, dtype=np.bool_), QUIET_ZONE, constant_values=True)
    picture = Image.fromarray(light.repeat(module_px, axis=0).repeat(module_px, axis=1))
    density = picture.width / side_mm * 25.4 if side_mm else None
    out = io.BytesIO()
    picture.save(out, "PNG", **({"dpi": (density, density)} if density else {}))
    return out.getvalue()


def terminal(text: str, *, level: Level = "M", colour: bool = True) -> str:
    """Draw ``text`` in half blocks, two modules a character, quiet zone included, lines joined by newlines.

    The light modules are drawn and the dark ones left, as terminals are mostly dark. ``colour``
    adds escape sequences for white on black, so that a light terminal shows the same.
    """
    rows = [*_with_quiet_zone(matrix(text, level))]
    # Every symbol has an odd number of rows; a light one more fills the last line.
    rows.append((False,) * len(rows[0]))
    lines = [
        "".join(_BLOCKS[not top, not below] for top, below in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]
    if colour:
        lines = [f"{_WHITE_ON_BLACK}{line}{_RESET}" for line in lines]
    return "\n".join(lines)


def _segments(text: str) -> list[QRData]:
    capitals, digits = split_token(text)
    if capitals is None:
        return [QRData(text.encode("utf-8"), mode=MODE_8BIT_BYTE)]
    return [QRData(part, mode=mode) for part, mode in ((capitals, MODE_ALPHA_NUM), (digits, MODE_NUMBER)) if part]


def _with_quiet_zone(symbol: Matrix) -> Matrix:
    width = len(symbol) + 2 * QUIET_ZONE
    blank = ((False,) * width,) * QUIET_ZONE
    margin = (False,) * QUIET_ZONE
    return (*blank, *(margin + row + margin for row in symbol), *blank)
