"""The sealed sheet: a poster for the wall, and beside it the part that is folded over the code which enrols a phone.

A4 across. The left half is the A5 poster. The right half is cut off and has three parts of 70 mm: what to do; the
one-time code; a pattern. The pattern is folded up over the code and its edges are glued, so that nothing shows
through the paper and whoever opens it is seen to have done so.
"""

import math
import random
from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import glyphs, pdf
from .layouts import Drawn, PlaqueDesign, PlaqueSheet, Poster, spaced
from .slips import slip_token
from .symbols import QUIET_ZONE, matrix

_MM = pdf.POINTS_PER_MM
_A4 = (297 * _MM, 210 * _MM)
_LEFT = 148.5 * _MM
_PART = 70 * _MM
_INSET = 10 * _MM
_RIGHT = _A4[0] - _INSET
_SIDE = 38 * _MM
_INK, _QUIET_INK, _CUT = "#000000", "#5c6066", "#c8c8c8"
# The pattern leaves this much white at the edge of its part, and has a stroke in each square of this side.
_EDGE, _SQUARE = 4 * _MM, 2 * _MM
_SQUARES = (int((_A4[0] - _LEFT - 2 * _EDGE) / _SQUARE), int((_PART - 2 * _EDGE) / _SQUARE))
_STEPS = (
    "1. 沿竖线裁下本联，把下方网纹部分沿虚线向上折，盖住激活码，封住三边。",
    "2. 连同左边的码牌一起交企业负责人本人；封口破损的，请拒收并拨打回访电话。",
    "3. 企业负责人启封后，用手机扫码或输入 16 位激活码，开通企业手机。",
    "4. 激活码只能用一次。任何检查人员都不会向您索要。",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An A4 page across: the poster, and the part to be sealed."""

    side: float
    per_page: Literal[1] = 1

    @property
    def _poster(self) -> Poster:
        return Poster(self.side)

    def fitted(self, name: str) -> glyphs.Block:
        """Give the lines of a name on the poster, which is the narrower place for it."""
        return self._poster.fitted(name)

    def frame(self, document: pdf.Document, design: PlaqueDesign, host: str) -> bytes:
        """Draw what all sheets of a city share, the pattern above all."""
        x, y = _LEFT + _INSET, _A4[1] - 13 * _MM
        heading = f"{design.city}{design.title}  企业手机激活联"
        part = document.text(heading, x=x, y=y, size=14, colour=design.colour, bold=True)
        told = f"认准网址 {host}" + (f"    回访电话 {design.call_back}" if design.call_back else "")
        part += document.text(told, x=x, y=y - 6 * _MM, size=8.5, colour=_QUIET_INK)
        y -= 26 * _MM
        for step in _STEPS:
            block = glyphs.fit(step, box=(_RIGHT - x, 9 * _MM), sizes=(9, 2))
            for row in block.lines:
                part += document.text(row, x=x, y=y, size=block.size, colour=_INK)
                y -= block.size * glyphs.LEADING
            y -= 1 * _MM
        part += _pattern() + _lines()
        return self._poster.frame(document, design, host) + document.form(part, width=_A4[0], height=_A4[1])

    def draw(self, document: pdf.Document, sheet: PlaqueSheet, symbol: bytes, module: float) -> bytes:
        """Draw one plaque and its code; ValueError for a plaque without one."""
        if not sheet.activation:
            raise ValueError(f"plaque {sheet.serial} has no activation code to seal")
        content = self._poster.draw(document, sheet, symbol, module)
        x, y = _LEFT + _INSET, _A4[1] - 26 * _MM
        name = glyphs.fit(sheet.shown, box=(_RIGHT - x, 8 * _MM), sizes=(11, 2), bold=True)
        for number, row in enumerate(name.lines):
            at = y - number * name.size * glyphs.LEADING
            content += document.text(row, x=x, y=at, size=name.size, colour=_INK, bold=name.size >= 6)
        serial = f"编号 {spaced(sheet.serial)}"
        content += document.text(serial, x=_RIGHT - 40 * _MM, y=_A4[1] - 19 * _MM, size=8.5, colour=_QUIET_INK)
        return content + self._code(document, sheet)

    def write_page(self, document: pdf.Document, drawn: list[Drawn]) -> None:
        """Write the page."""
        document.page(drawn[0].content, width=_A4[0], height=_A4[1], bookmark=drawn[0].title)

    def _code(self, document: pdf.Document, sheet: PlaqueSheet) -> bytes:
        """The one-time code, in the middle part: as a symbol and in large type."""
        prefix = sheet.url.rstrip("0123456789")
        symbol = np.array([matrix(slip_token(sheet.activation, prefix=prefix))])
        module = _SIDE / (symbol.shape[1] + 2 * QUIET_ZONE)
        [path] = pdf.module_paths(symbol)
        left, top = _LEFT + _INSET, 2 * _PART - (_PART - _SIDE) / 2
        content = pdf.moved(path, x=left + QUIET_ZONE * module, y=top - _SIDE + QUIET_ZONE * module, scale=module)
        x = left + _SIDE + 6 * _MM
        content += document.text("激活码", x=x, y=top - 6 * _MM, size=11, colour=_QUIET_INK)
        for number, half in enumerate((sheet.activation[:9], sheet.activation[10:])):
            at = top - (16 + 10 * number) * _MM
            content += document.text(half, x=x, y=at, size=22, colour=_INK, bold=True)
        return content


def _pattern() -> bytes:
    """Short strokes in every direction, one through each small square: what hides a code behind thin paper.

    Always the same, and part of what all pages share: on each page it would be most of a volume.
    """
    rng = random.Random("ruqi/sealed/1")
    strokes = []
    for column in range(_SQUARES[0]):
        for row in range(_SQUARES[1]):
            x, y = _LEFT + _EDGE + (column + 0.5) * _SQUARE, _EDGE + (row + 0.5) * _SQUARE
            angle, half = rng.random() * math.pi, rng.uniform(0.6, 1.1) * _SQUARE
            along, high = half * math.cos(angle), half * math.sin(angle)
            width = rng.uniform(0.5, 1.6)
            strokes.append(pdf.line(x - along, y - high, x + along, y + high, width=width, colour="#7b7f87"))
    return b"".join(strokes)


def _lines() -> bytes:
    """Where to cut, and where to fold: dashes, since a fold is not a cut."""
    content = pdf.line(_LEFT, 0, _LEFT, _A4[1], width=0.4, colour=_CUT)
    content += pdf.line(_LEFT, 2 * _PART, _A4[0], 2 * _PART, width=0.4, colour=_CUT)
    dash, x = 3 * _MM, _LEFT
    while x < _A4[0]:
        content += pdf.line(x, _PART, min(x + dash, _A4[0]), _PART, width=0.6, colour=_QUIET_INK)
        x += 2 * dash
    return content
