"""Where everything stands on a plaque: on A5 posters, A4 sheets of labels, single labels; `sealed` has the fourth."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from . import glyphs, pdf
from .symbols import QUIET_ZONE

_MM = pdf.POINTS_PER_MM
# A phone reads a module of 1.6 mm from some 70 cm away, arm's length and a counter between.
_MODULE_MM = 1.6
_WIDEST_MM = 80.0
# A camera of 1080 lines reads modules of this size from 50 cm in 95 of 100 frames.
SMALLEST_MODULE_MM = 1.1
# 37 modules and the quiet zone in 50 mm are 1.11 mm each; more of them need 60 mm.
EASY_SIDE = 37
_LABEL_SIDE_MM = {True: 50.0, False: 60.0}

_A5 = (148 * _MM, 210 * _MM)
_A4 = (210 * _MM, 297 * _MM)
_A4_MARGIN = (10 * _MM, 12.5 * _MM)
# Columns and rows of an A4 sheet by how many labels it holds.
GRIDS = {4: (2, 2), 6: (2, 3), 8: (2, 4), 10: (2, 5)}
_MARGIN = 12 * _MM
_BAND = 45 * _MM
_SYMBOL_TOP = _A5[1] - 53 * _MM
_NAME_TOP = 77 * _MM
_NAME_HEIGHT = 19 * _MM
_NUMBERS_AT = 52.5 * _MM
_STEPS_AT = 38.5 * _MM
_LABEL_STRIP = 16 * _MM
# Smaller characters would fill up with ink.
_BOLD_FROM = 6
_INK = "#000000"
_QUIET_INK = "#5c6066"
_CUT = "#c8c8c8"
_WHITE = "#ffffff"


class PlaqueFormat(StrEnum):
    """What a plaque is printed on."""

    A5 = "a5"
    A4 = "a4"
    LABEL = "label"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class PlaqueDesign:
    """What all plaques of a city share: its name, its colour (#rrggbb) and what to do, in three lines."""

    city: str
    title: str = "入企码"
    motto: str = "先扫码  后入企  全程留痕"
    colour: str = "#9e1b22"
    steps: tuple[str, str, str] = (
        "检查人员进门前，先扫本码，出示执法证件和检查通知书。",
        "企业扫检查人员手机上的码，核对姓名、单位和检查事项。",
        "检查结束，企业在手机上确认结果，并作出评价。",
    )
    english: str = "Inspectors scan this code on arrival; scan theirs to see who they are and why they came."
    # The number that an enterprise rings when something is wrong; empty when there is none.
    call_back: str = ""


@dataclass(frozen=True, slots=True)
class PlaqueSheet:
    """What one plaque shows: its token, the enterprise's name and 18-character code, its serial number.

    ``site`` tells plaques of one firm apart; ``activation`` is the one-time code that a sealed sheet hides.
    """

    url: str
    name: str
    uscc: str
    serial: int
    site: str = ""
    activation: str = ""

    @property
    def shown(self) -> str:
        """The name as it is printed, with the site it hangs at."""
        return at_site(self.name, self.site)


def at_site(name: str, site: str) -> str:
    """Write an enterprise's name with the site that a plaque is for."""
    return f"{name}（{site}）" if site else name


def symbol_side_mm(modules: int, *, on: PlaqueFormat = PlaqueFormat.A5) -> float:
    """Tell how wide a symbol of so many modules a side is printed, quiet zone included, in mm.

    ValueError when its modules would be finer than a phone reads from 50 cm.
    """
    with_margin = modules + 2 * QUIET_ZONE
    side = _LABEL_SIDE_MM[modules <= EASY_SIDE]
    if on in (PlaqueFormat.A5, PlaqueFormat.SEALED):
        side = max(min(with_margin * _MODULE_MM, _WIDEST_MM), side)
    if side / with_margin < SMALLEST_MODULE_MM:
        raise ValueError(f"a symbol of {modules} modules a side is too fine for a plaque")
    return side


class Drawn(NamedTuple):
    """A plaque drawn in its own place, and what a bookmark calls it."""

    content: bytes
    title: str


@dataclass(frozen=True, slots=True)
class Poster:
    """An A5 page: a band with the city and the title, the symbol, the name, what to do."""

    side: float
    per_page: Literal[1] = 1

    def fitted(self, name: str) -> glyphs.Block:
        return glyphs.fit(name, box=(_A5[0] - 2 * _MARGIN, _NAME_HEIGHT), sizes=(21, 7), bold=True)

    def frame(self, document: pdf.Document, design: PlaqueDesign, host: str) -> bytes:
        across, up = _A5
        content = pdf.rectangle(0, up - _BAND, across, _BAND, colour=design.colour)
        content += pdf.rectangle(0, 0, across, 4 * _MM, colour=design.colour)
        inner = (_MARGIN, across - _MARGIN)
        content += _centred(document, design.city, inner, y=up - 13.5 * _MM, size=15, colour=_WHITE)
        content += _centred(document, design.title, inner, y=up - 28 * _MM, size=38, colour=_WHITE, bold=True)
        content += _centred(document, design.motto, inner, y=up - 36.5 * _MM, size=11.5, colour=_WHITE)
        content += _centred(document, f"认准网址 {host}", inner, y=up - 42 * _MM, size=8.5, colour=_WHITE)
        y = _STEPS_AT
        content += pdf.line(inner[0], y + 8 * _MM, inner[1], y + 8 * _MM, width=0.8, colour=design.colour)
        for number, step in enumerate(design.steps, 1):
            content += pdf.dot(_MARGIN + 2.8 * _MM, y + 1.4 * _MM, 2.8 * _MM, colour=design.colour)
            disc = (_MARGIN, _MARGIN + 5.6 * _MM)
            content += _centred(document, str(number), disc, y=y + 0.15 * _MM, size=10, colour=_WHITE, bold=True)
            content += _from_left(document, step, (_MARGIN + 8 * _MM, inner[1]), y=y, size=11.5, colour=_INK)
            y -= 8.2 * _MM
        content += _from_left(document, design.english, inner, y=y - 0.6 * _MM, size=7.6, colour=_QUIET_INK)
        return document.form(content, width=across, height=up)

    def draw(self, document: pdf.Document, sheet: PlaqueSheet, symbol: bytes, module: float) -> bytes:
        top = _SYMBOL_TOP - (_SYMBOL_TOP - _NAME_TOP - self.side) / 2
        margin = QUIET_ZONE * module
        content = pdf.moved(symbol, x=(_A5[0] - self.side) / 2 + margin, y=top - self.side + margin, scale=module)
        inner = (_MARGIN, _A5[0] - _MARGIN)
        content += _in_middle(document, self.fitted(sheet.shown), inner, top=_NAME_TOP, height=_NAME_HEIGHT)
        numbers = f"统一社会信用代码  {_grouped(sheet.uscc)}    编号  {spaced(sheet.serial)}"
        return content + _centred(document, numbers, inner, y=_NUMBERS_AT, size=9.5, colour=_QUIET_INK)

    def write_page(self, document: pdf.Document, drawn: list[Drawn]) -> None:
        document.page(drawn[0].content, width=_A5[0], height=_A5[1], bookmark=drawn[0].title)


@dataclass(frozen=True, slots=True)
class Label:
    """A label by itself: the symbol, and a strip with name and number below it."""

    side: float
    per_page: Literal[1] = 1

    def fitted(self, name: str) -> glyphs.Block:
        return glyphs.fit(name, box=(self.side - 4 * _MM, 8 * _MM), sizes=(9, 2.5), bold=True)

    def frame(self, document: pdf.Document, design: PlaqueDesign, host: str) -> bytes:
        inner = (2 * _MM, self.side - 2 * _MM)
        heading = f"{design.city}{design.title}  认准网址 {host}"
        content = _centred(
            document, heading, inner, y=_LABEL_STRIP - 2 * _MM, size=6.5, colour=design.colour, bold=True
        )
        return document.form(content, width=self.side, height=self.side + _LABEL_STRIP)

    def draw(self, document: pdf.Document, sheet: PlaqueSheet, symbol: bytes, module: float) -> bytes:
        margin = QUIET_ZONE * module
        content = pdf.moved(symbol, x=margin, y=_LABEL_STRIP + margin, scale=module)
        inner = (2 * _MM, self.side - 2 * _MM)
        content += _in_middle(document, self.fitted(sheet.shown), inner, top=_LABEL_STRIP - 3 * _MM, height=8 * _MM)
        numbers = f"{_grouped(sheet.uscc)}   编号 {spaced(sheet.serial)}"
        return content + _centred(document, numbers, inner, y=2 * _MM, size=5.5, colour=_QUIET_INK)

    def write_page(self, document: pdf.Document, drawn: list[Drawn]) -> None:
        page, title = drawn[0]
        document.page(page, width=self.side, height=self.side + _LABEL_STRIP, bookmark=title)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An A4 page of labels to cut apart: the symbol on the left, the text on its right."""

    side: float
    columns: int
    rows: int

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def cell(self) -> tuple[float, float]:
        return (_A4[0] - 2 * _A4_MARGIN[0]) / self.columns, (_A4[1] - 2 * _A4_MARGIN[1]) / self.rows

    @property
    def text_column(self) -> tuple[float, float]:
        return self.side + 1.5 * _MM, self.cell[0] - 3 * _MM

    def fitted(self, name: str) -> glyphs.Block:
        left, right = self.text_column
        return glyphs.fit(name, box=(right - left, 0.3 * self.cell[1]), sizes=(13, 3), bold=True)

    def frame(self, document: pdf.Document, design: PlaqueDesign, host: str) -> bytes:
        column, up = self.text_column, self.cell[1]
        heading = f"{design.city}  认准网址 {host}"
        content = _from_left(document, heading, column, y=up - 6 * _MM, size=8, colour=design.colour)
        content += _from_left(document, design.title, column, y=up - 12 * _MM, size=16, colour=design.colour, bold=True)
        y, room = 0.38 * up, 0.32 * up / 3
        content += pdf.line(column[0], y, column[1], y, width=0.5, colour=design.colour)
        y -= 0.02 * up
        for step in design.steps:
            block = glyphs.fit(step, box=(column[1] - column[0], room), sizes=(7.5, 2))
            for number, row in enumerate(block.lines, 1):
                at = y - (number * glyphs.LEADING - 0.35) * block.size
                content += document.text(row, x=column[0], y=at, size=block.size, colour=_INK)
            y -= room
        return document.form(content, width=self.cell[0], height=up)

    def draw(self, document: pdf.Document, sheet: PlaqueSheet, symbol: bytes, module: float) -> bytes:
        up, margin = self.cell[1], QUIET_ZONE * module
        content = pdf.moved(symbol, x=margin, y=(up - self.side) / 2 + margin, scale=module)
        column = self.text_column
        top = up - 14 * _MM
        y = top - 0.3 * up
        for number, row in enumerate((block := self.fitted(sheet.shown)).lines, 1):
            at = top - (number * glyphs.LEADING - 0.35) * block.size
            bold = block.size >= _BOLD_FROM
            content += document.text(row, x=column[0], y=at, size=block.size, colour=_INK, bold=bold)
        content += _from_left(document, _grouped(sheet.uscc), column, y=y - 3 * _MM, size=7.5, colour=_QUIET_INK)
        serial = f"编号 {spaced(sheet.serial)}"
        return content + _from_left(document, serial, column, y=y - 6.6 * _MM, size=7.5, colour=_QUIET_INK)

    def write_page(self, document: pdf.Document, drawn: list[Drawn]) -> None:
        across, up = self.cell
        left, top = _A4_MARGIN[0], _A4[1] - _A4_MARGIN[1]
        content = b"".join(
            pdf.moved(each.content, x=left + i % self.columns * across, y=top - (i // self.columns + 1) * up)
            for i, each in enumerate(drawn)
        )
        content += b"".join(
            pdf.line(left + i * across, 0, left + i * across, _A4[1], width=0.25, colour=_CUT)
            for i in range(self.columns + 1)
        )
        content += b"".join(
            pdf.line(0, top - i * up, _A4[0], top - i * up, width=0.25, colour=_CUT) for i in range(self.rows + 1)
        )
        document.page(content, width=_A4[0], height=_A4[1], bookmark=f"{drawn[0].title} …")


# --- text --------------------------------------------------------------------------------------


def _in_middle(
    document: pdf.Document, block: glyphs.Block, between: tuple[float, float], *, top: float, height: float
) -> bytes:
    """Centre lines in their place, whether there are one or six."""
    y = top - (height - len(block.lines) * block.size * glyphs.LEADING) / 2 - block.size
    content = b""
    for row in block.lines:
        content += _centred(document, row, between, y=y, size=block.size, colour=_INK, bold=block.size >= _BOLD_FROM)
        y -= block.size * glyphs.LEADING
    return content


def _centred(
    document: pdf.Document,
    text: str,
    between: tuple[float, float],
    *,
    y: float,
    size: float,
    colour: str,
    bold: bool = False,
) -> bytes:
    size, taken = _within(text, size, between[1] - between[0], bold)
    left = (between[0] + between[1] - taken) / 2
    return document.text(text, x=left, y=y, size=size, colour=colour, bold=bold)


def _from_left(
    document: pdf.Document,
    text: str,
    between: tuple[float, float],
    *,
    y: float,
    size: float,
    colour: str,
    bold: bool = False,
) -> bytes:
    """Draw one line from the left, smaller where it would run over the right end."""
    size, _ = _within(text, size, between[1] - between[0], bold)
    return document.text(text, x=between[0], y=y, size=size, colour=colour, bold=bold)


def _within(text: str, size: float, room: float, bold: bool) -> tuple[float, float]:
    """Give ``size``, or the smaller one at which ``text`` takes ``room`` points, and how wide it gets."""
    taken = glyphs.width(text, size, bold=bold)
    return (size, taken) if taken <= room else (size * room / taken, room)


def _grouped(uscc: str) -> str:
    """Write a code in groups of four from the left, the remainder last."""
    return " ".join(uscc[i : i + 4] for i in range(0, len(uscc), 4))


def spaced(serial: int) -> str:
    """Write a serial in groups of four digits, as one reads it out over the telephone."""
    digits = str(serial)
    digits = digits.zfill(max(8, -(-len(digits) // 4) * 4))
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
