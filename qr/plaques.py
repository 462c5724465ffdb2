"""Draws plaques for the wall, ready for any print shop: posters, sheets of labels, single labels, sealed sheets."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from io import BytesIO
from itertools import islice
from typing import BinaryIO

import numpy as np

from . import glyphs, pdf
from .batch import Modules, encode
from .layouts import (
    EASY_SIDE,
    GRIDS,
    Drawn,
    Label,
    PlaqueDesign,
    PlaqueFormat,
    PlaqueSheet,
    Poster,
    Sheet,
    spaced,
    symbol_side_mm,
)
from .sealed import Sealed
from .symbols import QUIET_ZONE, matrix
from .tokens import DIGITS, Kind, plaque_prefix

_AT_ONCE = 512
Layout = Poster | Label | Sheet | Sealed


class PrintFault(StrEnum):
    """Why a plaque cannot be printed; the list is closed."""

    MISSING_GLYPH = "missing_glyph"
    NAME_TOO_LONG = "name_too_long"
    NO_NAME = "no_name"


class MissingGlyph(ValueError):
    """The fonts lack characters that were to be printed: ``glyphs``, each once."""

    def __init__(self, glyphs: list[str]) -> None:
        super().__init__("the font has no " + " ".join(f"{each} (U+{ord(each):04X})" for each in glyphs))
        self.glyphs = glyphs


def plaque_pdf(
    plaques: Iterable[PlaqueSheet],
    *,
    design: PlaqueDesign,
    on: PlaqueFormat = PlaqueFormat.A5,
    per_sheet: int = 8,
) -> bytes:
    """Draw plaques into one PDF, as `write_plaques` does.

    MissingGlyph, before any page is drawn, when a character cannot be printed.
    """
    sheets = list(plaques)
    check_glyphs(design, *(sheet.shown + sheet.uscc for sheet in sheets))
    out = BytesIO()
    write_plaques(out, sheets, design=design, on=on, per_sheet=per_sheet)
    return out.getvalue()


def write_plaques(
    out: BinaryIO,
    plaques: Iterable[PlaqueSheet],
    *,
    design: PlaqueDesign,
    on: PlaqueFormat = PlaqueFormat.A5,
    per_sheet: int = 8,
) -> int:
    """Write a PDF of plaques in order as they come; gives the number of pages. The same plaques give the same bytes.

    ``per_sheet`` labels (4, 6, 8 or 10) share an A4 page. ValueError for no plaques at all, a name
    that fits no page, or a token too long to be read from 50 cm at the format's size. Characters no
    font has come out as boxes: ask `print_fault` before.
    """
    coming = iter(plaques)
    first = list(islice(coming, _AT_ONCE))
    if not first:
        raise ValueError("no plaques to print")
    subject = "; ".join(f"{sheet.shown} {sheet.uscc}" for sheet in first[:20])
    document = pdf.Document(out, title=f"{design.city}{design.title}", author=design.city, subject=subject)
    layout = _layout_for(on, modules=len(matrix(first[0].url)), per_sheet=per_sheet)
    # The address in print is what a phishing code cannot have.
    host = first[0].url.partition("://")[2].partition("/")[0].lower()
    frame = layout.frame(document, design, host)
    pages = 0
    waiting: list[Drawn] = []
    for drawn in _drawn(_chunks(first, coming), document, layout, frame):
        waiting.append(drawn)
        if len(waiting) == layout.per_page:
            layout.write_page(document, waiting)
            pages, waiting = pages + 1, []
    if waiting:
        layout.write_page(document, waiting)
        pages += 1
    document.finish()
    return pages


def print_fault(name: str, *, on: PlaqueFormat, modules: int = EASY_SIDE, per_sheet: int = 8) -> PrintFault | None:
    """Say why a plaque for this name cannot be printed, or None when it can; ValueError when no plaque can."""
    layout = _layout_for(on, modules=modules, per_sheet=per_sheet)
    if not name.strip():
        return PrintFault.NO_NAME
    if glyphs.missing_glyphs(name):
        return PrintFault.MISSING_GLYPH
    try:
        layout.fitted(name)
    except ValueError:
        return PrintFault.NAME_TOO_LONG
    return None


def check_glyphs(design: PlaqueDesign, *texts: str) -> None:
    """Raise MissingGlyph when a character of the design or of these texts cannot be printed."""
    shared = "".join((design.city, design.title, design.motto, *design.steps, design.english, design.call_back))
    missing = dict.fromkeys(each for text in (shared, *texts) for each in glyphs.missing_glyphs(text))
    if missing:
        raise MissingGlyph(list(missing))


def plaque_modules(prefix: str) -> int:
    """Tell how many modules a side a plaque's symbol has behind this prefix: 37 up to 18 characters, then 41."""
    return len(matrix(plaque_prefix(prefix) + "9" * DIGITS[Kind.PLAQUE]))


def module_mm(modules: int, *, on: PlaqueFormat = PlaqueFormat.A5) -> float:
    """Tell how wide a module is printed, in mm; a phone needs 1.1 to read a label from 50 cm."""
    return symbol_side_mm(modules, on=on) / (modules + 2 * QUIET_ZONE)


def _drawn(
    chunks: Iterator[list[PlaqueSheet]], document: pdf.Document, layout: Layout, frame: bytes
) -> Iterator[Drawn]:
    """Draw plaques one after the other, the symbols of a chunk together."""
    for chunk in chunks:
        symbols = _symbols([sheet.url for sheet in chunk])
        module = layout.side / (symbols.shape[1] + 2 * QUIET_ZONE)
        for sheet, symbol in zip(chunk, pdf.module_paths(symbols), strict=True):
            content = frame + layout.draw(document, sheet, symbol, module)
            yield Drawn(content, f"{sheet.shown} {sheet.uscc} {spaced(sheet.serial)}")


def _symbols(urls: list[str]) -> Modules:
    """Encode a chunk; a single one by `qrcode`, which has no tables to make first."""
    return encode(urls) if len(urls) > 1 else np.array([matrix(url) for url in urls])


def _chunks(first: list[PlaqueSheet], coming: Iterator[PlaqueSheet]) -> Iterator[list[PlaqueSheet]]:
    chunk = first
    while chunk:
        yield chunk
        chunk = list(islice(coming, _AT_ONCE))


def _layout_for(on: PlaqueFormat, *, modules: int, per_sheet: int) -> Layout:
    """Give the layout of a format for symbols of so many modules; ValueError when there is none."""
    side = symbol_side_mm(modules, on=on) * pdf.POINTS_PER_MM
    if on is PlaqueFormat.A5:
        return Poster(side)
    if on is PlaqueFormat.SEALED:
        return Sealed(side)
    if on is PlaqueFormat.LABEL:
        return Label(side)
    if per_sheet not in GRIDS:
        raise ValueError(f"an A4 sheet holds {', '.join(map(str, GRIDS))} labels, not {per_sheet}")
    layout = Sheet(side, *GRIDS[per_sheet])
    if layout.cell[1] < side:
        raise ValueError(f"{per_sheet} labels of {side / pdf.POINTS_PER_MM:.0f} mm do not fit an A4 sheet")
    return layout
