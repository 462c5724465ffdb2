"""Prints paper slips: A4 sheets of eight to cut apart, each with its code in large type and as a symbol."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from . import glyphs, pdf
from .layouts import PlaqueDesign
from .plaques import check_glyphs
from .slips import slip_token
from .symbols import QUIET_ZONE, matrix
from .tokens import plaque_prefix

_MM = pdf.POINTS_PER_MM
_A4 = (210 * _MM, 297 * _MM)
_COLUMNS, _ROWS = 2, 4
_MARGIN = (10 * _MM, 12.5 * _MM)
_CELL = ((_A4[0] - 2 * _MARGIN[0]) / _COLUMNS, (_A4[1] - 2 * _MARGIN[1]) / _ROWS)
_INSET = 4 * _MM
# Read from a hand's breadth: version 2 or 3 with its quiet zone, more than a millimetre a module.
_SIDE = 36 * _MM
_INK, _QUIET_INK, _CUT = "#000000", "#5c6066", "#c8c8c8"
_STEPS = (
    "本纸条只能使用一次，请妥善保管，不要提前出示。",
    "检查结束后，扫码或在网页上输入编码，确认检查并作出评价。",
    "没有手机的，可以拨打回访电话，报出编码。",
)


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """What one slip shows: its code, as `make_slip` gave it, and the enterprise's name."""

    code: str
    name: str


def slip_pdf(slips: Sequence[SlipSheet], *, design: PlaqueDesign, prefix: str, call_back: str = "") -> bytes:
    """Draw slips in order, eight on an A4 page; ``call_back`` is the number to ring.

    The same slips give the same bytes. MissingGlyph when a character cannot be printed, BadCode
    for a code that is none, ValueError for no slips or a name that fits no slip.
    """
    if not slips:
        raise ValueError("no slips to print")
    check_glyphs(design, call_back, *(slip.name for slip in slips))
    prefix = plaque_prefix(prefix)
    out = BytesIO()
    document = pdf.Document(out, title=f"{design.city}{design.title}", author=design.city)
    frame = _frame(document, design, prefix, call_back)
    for start in range(0, len(slips), _COLUMNS * _ROWS):
        page = b""
        for place, slip in enumerate(slips[start : start + _COLUMNS * _ROWS]):
            x = _MARGIN[0] + place % _COLUMNS * _CELL[0]
            y = _A4[1] - _MARGIN[1] - (place // _COLUMNS + 1) * _CELL[1]
            page += pdf.moved(frame + _slip(document, slip, prefix), x=x, y=y)
        document.page(page + _cuts(), width=_A4[0], height=_A4[1])
    document.finish()
    return out.getvalue()


def _frame(document: pdf.Document, design: PlaqueDesign, prefix: str, call_back: str) -> bytes:
    """What all slips share: the heading, where to go, what to do."""
    across, up = _CELL
    y = up - 8 * _MM
    content = document.text(f"{design.city}  一次性纸条", x=_INSET, y=y, size=11, colour=design.colour, bold=True)
    host = prefix.partition("://")[2].partition("/")[0].lower()
    told = f"认准网址 {host}" + (f"    回访电话 {call_back}" if call_back else "")
    content += document.text(told, x=_INSET, y=up - 13 * _MM, size=8, colour=_QUIET_INK)
    y = 14 * _MM
    for number, step in enumerate(_STEPS, 1):
        block = glyphs.fit(f"{number}. {step}", box=(across - 2 * _INSET, 4 * _MM), sizes=(7.5, 4))
        content += document.text(block.lines[0], x=_INSET, y=y, size=block.size, colour=_INK)
        y -= 4 * _MM
    return document.form(content, width=across, height=up)


def _slip(document: pdf.Document, slip: SlipSheet, prefix: str) -> bytes:
    symbol = np.array([matrix(slip_token(slip.code, prefix=prefix))])
    module = _SIDE / (symbol.shape[1] + 2 * QUIET_ZONE)
    [path] = pdf.module_paths(symbol)
    top = _CELL[1] - 15 * _MM
    content = pdf.moved(path, x=QUIET_ZONE * module, y=top - _SIDE + QUIET_ZONE * module, scale=module)
    left, room = _SIDE + 1 * _MM, _CELL[0] - _SIDE - _INSET
    name = glyphs.fit(slip.name, box=(room, 14 * _MM), sizes=(11, 3))
    y = top - 4 * _MM
    for row in name.lines:
        content += document.text(row, x=left, y=y, size=name.size, colour=_INK)
        y -= name.size * glyphs.LEADING
    # Two lines: four groups in one would be too small to be read out.
    for number, half in enumerate((slip.code[:9], slip.code[10:])):
        at = top - (23 + 8 * number) * _MM
        content += document.text(half, x=left, y=at, size=17, colour=_INK, bold=True)
    return content


def _cuts() -> bytes:
    upright = [(_MARGIN[0] + i * _CELL[0], 0.0, _MARGIN[0] + i * _CELL[0], _A4[1]) for i in range(_COLUMNS + 1)]
    level = [(0.0, _MARGIN[1] + i * _CELL[1], _A4[0], _MARGIN[1] + i * _CELL[1]) for i in range(_ROWS + 1)]
    return b"".join(pdf.line(*ends, width=0.25, colour=_CUT) for ends in (*upright, *level))
