"""Draws plaques for the wall: one A5 page each, all outlines, ready for any print shop."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from . import glyphs
from .symbols import QUIET_ZONE, Matrix, dark_runs, matrix, version

# A phone reads a module of 1.6 mm from some 70 cm away, arm's length and a counter between.
_MODULE_MM = 1.6
_WIDEST_MM = 80.0
# Below this a phone has to come nearer than 50 cm.
_SMALLEST_MODULE_MM = 1.1
_EASY_VERSION = 5
_SIDE_MM = {True: 50.0, False: 60.0}

_WIDTH, _HEIGHT = A5
_MARGIN = 12 * mm
_BAND = 45 * mm
_SYMBOL_TOP = _HEIGHT - 53 * mm
_NAME_TOP = 77 * mm
_NAME_HEIGHT = 19 * mm
_NUMBERS_AT = 52.5 * mm
_STEPS_AT = 38.5 * mm
_INK = HexColor("#1d1d1f")
_QUIET_INK = HexColor("#5c6066")


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


@dataclass(frozen=True, slots=True)
class PlaqueSheet:
    """What one plaque shows: its token, the enterprise's name and 18-character code, its serial number."""

    url: str
    name: str
    uscc: str
    serial: int


class MissingGlyph(Exception):
    """The font lacks characters that were to be printed: ``glyphs``, each once."""

    def __init__(self, glyphs: list[str]) -> None:
        super().__init__("the font has no " + " ".join(f"{each} (U+{ord(each):04X})" for each in glyphs))
        self.glyphs = glyphs


def plaque_pdf(plaques: Iterable[PlaqueSheet], *, design: PlaqueDesign) -> bytes:
    """Draw one A5 page for each plaque, in order; the same plaques give the same bytes.

    Text is drawn as outlines, so nothing depends on the print shop's fonts; the bookmarks and the
    document's properties make it searchable. MissingGlyph, before any page is drawn, when the
    font lacks a character; ValueError for no plaques at all, a name that fits no page or a token
    too long to be read from 50 cm.
    """
    sheets = list(plaques)
    if not sheets:
        raise ValueError("no plaques to print")
    _refuse_missing_glyphs(sheets, design)
    out = io.BytesIO()
    # Invariant: the file carries no date, so a reprint can be compared byte by byte.
    page = Canvas(out, pagesize=A5, pageCompression=1, invariant=1)
    page.setTitle(f"{design.city}{design.title}")
    page.setAuthor(design.city)
    page.setSubject("; ".join(f"{sheet.name} {sheet.uscc}" for sheet in sheets[:20]))
    _define_frame(page, design)
    for number, sheet in enumerate(sheets):
        _draw_page(page, sheet, f"plaque{number}")
    page.save()
    return out.getvalue()


def symbol_side_mm(symbol: Matrix) -> float:
    """Tell how wide a symbol is printed, quiet zone included, in mm; ValueError when it would be too fine."""
    modules = len(symbol) + 2 * QUIET_ZONE
    side = max(min(modules * _MODULE_MM, _WIDEST_MM), _SIDE_MM[version(symbol) <= _EASY_VERSION])
    if side / modules < _SMALLEST_MODULE_MM:
        raise ValueError(f"a symbol of version {version(symbol)} is too fine for a plaque")
    return side


def _refuse_missing_glyphs(sheets: list[PlaqueSheet], design: PlaqueDesign) -> None:
    shared = "".join((design.city, design.title, design.motto, *design.steps, design.english))
    texts = [shared, *(sheet.name + sheet.uscc for sheet in sheets)]
    missing = dict.fromkeys(each for text in texts for each in glyphs.missing_glyphs(text))
    if missing:
        raise MissingGlyph(list(missing))


def _define_frame(page: Canvas, design: PlaqueDesign) -> None:
    """Draw what every page shares once; the pages refer to it by its name."""
    colour = HexColor(design.colour)
    page.beginForm("frame", 0, 0, _WIDTH, _HEIGHT)
    page.setFillColor(colour)
    page.rect(0, _HEIGHT - _BAND, _WIDTH, _BAND, stroke=0, fill=1)
    page.rect(0, 0, _WIDTH, 4 * mm, stroke=0, fill=1)
    _centred(page, design.city, y=_HEIGHT - 13.5 * mm, size=15, colour=white)
    _centred(page, design.title, y=_HEIGHT - 29 * mm, size=38, colour=white, bold=True)
    _centred(page, design.motto, y=_HEIGHT - 38.5 * mm, size=11.5, colour=white)
    _draw_steps(page, design, colour)
    page.endForm()


def _draw_steps(page: Canvas, design: PlaqueDesign, colour: Color) -> None:
    page.setStrokeColor(colour)
    page.setLineWidth(0.8)
    page.line(_MARGIN, _STEPS_AT + 8 * mm, _WIDTH - _MARGIN, _STEPS_AT + 8 * mm)
    y = _STEPS_AT
    for number, step in enumerate(design.steps, 1):
        page.setFillColor(colour)
        page.circle(_MARGIN + 2.8 * mm, y + 1.4 * mm, 2.8 * mm, stroke=0, fill=1)
        digit = str(number)
        left = _MARGIN + 2.8 * mm - glyphs.width(digit, 10, bold=True) / 2
        _text(page, digit, x=left, y=y + 0.15 * mm, size=10, colour=white, bold=True)
        _line_within(page, step, x=_MARGIN + 8 * mm, y=y, size=11.5, colour=_INK)
        y -= 8.2 * mm
    _line_within(page, design.english, x=_MARGIN, y=y - 0.6 * mm, size=7.6, colour=_QUIET_INK)


def _draw_page(page: Canvas, sheet: PlaqueSheet, key: str) -> None:
    page.bookmarkPage(key)
    page.addOutlineEntry(f"{sheet.name} {sheet.uscc} {_spaced(sheet.serial)}", key)
    page.doForm("frame")
    _draw_symbol(page, sheet.url)
    box = (_WIDTH - 2 * _MARGIN, _NAME_HEIGHT)
    name = glyphs.fit(sheet.name, box=box, sizes=(21, 7), bold=True)
    # The lines stand in the middle of their place, whether there are one or six.
    y = _NAME_TOP - (_NAME_HEIGHT - len(name.lines) * name.size * glyphs.LEADING) / 2 - name.size
    for line in name.lines:
        _centred(page, line, y=y, size=name.size, colour=_INK, bold=True)
        y -= name.size * glyphs.LEADING
    numbers = f"统一社会信用代码  {_grouped(sheet.uscc)}    编号  {_spaced(sheet.serial)}"
    _centred(page, numbers, y=_NUMBERS_AT, size=9.5, colour=_QUIET_INK)
    page.showPage()


def _draw_symbol(page: Canvas, url: str) -> None:
    """Draw the symbol as one filled path, centred, at its place below the band."""
    symbol = matrix(url)
    side = symbol_side_mm(symbol) * mm
    module = side / (len(symbol) + 2 * QUIET_ZONE)
    left = (_WIDTH - side) / 2 + QUIET_ZONE * module
    top = _SYMBOL_TOP - (_SYMBOL_TOP - _NAME_TOP - side) / 2 - QUIET_ZONE * module
    path = page.beginPath()
    for x, y, length in dark_runs(symbol):
        path.rect(left + x * module, top - (y + 1) * module, length * module, module)
    page.setFillColorRGB(0, 0, 0)
    page.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


def _centred(page: Canvas, text: str, *, y: float, size: float, colour: Color, bold: bool = False) -> None:
    size = _within(text, size, _WIDTH - 2 * _MARGIN, bold)
    left = (_WIDTH - glyphs.width(text, size, bold=bold)) / 2
    _text(page, text, x=left, y=y, size=size, colour=colour, bold=bold)


def _line_within(page: Canvas, text: str, *, x: float, y: float, size: float, colour: Color) -> None:
    """Draw one line from ``x``, smaller where it would run over the right margin."""
    _text(page, text, x=x, y=y, size=_within(text, size, _WIDTH - _MARGIN - x), colour=colour)


def _within(text: str, size: float, room: float, bold: bool = False) -> float:
    """Give ``size``, or the smaller one at which ``text`` takes ``room`` points."""
    taken = glyphs.width(text, size, bold=bold)
    return size if taken <= room else size * room / taken


def _text(page: Canvas, text: str, *, x: float, y: float, size: float, colour: Color, bold: bool = False) -> None:
    path = page.beginPath()
    glyphs.draw(text, path, x=x, y=y, size=size, bold=bold)
    page.setFillColor(colour)
    page.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


def _grouped(uscc: str) -> str:
    """Write a code in groups of four from the left, the remainder last."""
    return " ".join(uscc[i : i + 4] for i in range(0, len(uscc), 4))


def _spaced(serial: int) -> str:
    """Write a serial in groups of four digits, as one reads it out over the telephone."""
    digits = str(serial)
    digits = digits.zfill(max(8, -(-len(digits) // 4) * 4))
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
