"""Writes PDF (ISO 32000-1): pages of paths and text in an embedded font, straight into a file.

Pages go out as they are drawn, so a document of any length needs little memory; what is only known
at the end (the glyphs that were used, the page tree) is written last. The same calls give the same
bytes: no date, no random identifier.
"""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from . import glyphs

POINTS_PER_MM = 72 / 25.4

_CATALOGUE, _PAGES, _INFORMATION, _RESOURCES = 1, 2, 3, 4
_FIRST_FREE = 5
# A sixth more bytes than at the usual level 6, for less than half of its time.
_COMPRESSION = 4
# In the whole font a glyph's number is its character id (CID). The subset keeps these ids and closes up the numbers,
# so text can be written before the subset is known, and the subset holds nothing but what was used.
_SUBSET_FLAGS = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NOTDEF_OUTLINE
_UNUSED_TABLES = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "name", "cmap", "post", "OS/2")
# So many mappings a block is what readers of character maps must take.
_MAPPED_AT_ONCE = 100


class Document:
    """A PDF being written; call `page` for each page, then `finish`."""

    def __init__(self, out: BinaryIO, *, title: str, author: str, subject: str = "") -> None:
        self._out = out
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._next = _FIRST_FREE
        self._pages: list[int] = []
        self._bookmarks: list[tuple[str, int]] = []
        self._forms: list[int] = []
        # The glyphs used and the character each came from.
        self._used: dict[int, str] = {}
        self._information = {"Title": title, "Author": author, "Subject": subject}
        # The second line tells file transfers that the file is binary.
        self._write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def text(self, text: str, *, x: float, y: float, size: float, colour: str, bold: bool = False) -> bytes:
        """Draw one line from (x, y), the left end of its baseline; all in points, the colour as #rrggbb."""
        parts = [f"BT {_colour(colour, 'rg')}"]
        if bold:
            parts.append(
                f"{_colour(colour, 'RG')} 2 Tr {_number(glyphs.BOLD * size)} w {_number(glyphs.BOLD * size)} Tc"
            )
        shown = self._shown(text, glyphs.shape(text))
        parts.append(f"{_number(x)} {_number(y)} Td /F0 {_number(size)} Tf [{shown}] TJ")
        return f"{' '.join(parts)}{' 0 Tr 0 Tc' if bold else ''} ET\n".encode("ascii")

    def form(self, content: bytes, *, width: float, height: float) -> bytes:
        """Keep a drawing that pages share; gives the operators that draw it."""
        number = self._stream(
            content,
            f"/Type /XObject /Subtype /Form /BBox [0 0 {_number(width)} {_number(height)}] {_REFER_TO_RESOURCES}",
        )
        self._forms.append(number)
        return f"/X{number} Do\n".encode("ascii")

    def page(self, content: bytes, *, width: float, height: float, bookmark: str = "") -> None:
        """Write one page, its size in points."""
        stream = self._stream(content, "")
        box = f"[0 0 {_number(width)} {_number(height)}]"
        number = self._add(
            f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox {box} {_REFER_TO_RESOURCES} /Contents {stream} 0 R >>"
        )
        self._pages.append(number)
        if bookmark:
            self._bookmarks.append((bookmark, number))

    def finish(self) -> None:
        """Write what had to wait for the last page; nothing can be added afterwards."""
        named = f"/F0 {self._font()} 0 R" if self._used else ""
        forms = " ".join(f"/X{number} {number} 0 R" for number in self._forms)
        self._put(_RESOURCES, f"<< /Font << {named} >> /XObject << {forms} >> >>")
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._put(_PAGES, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        information = " ".join(f"/{key} {_string(value)}" for key, value in self._information.items() if value)
        self._put(_INFORMATION, f"<< {information} >>")
        outlines = self._outlines()
        opened = f"/Outlines {outlines} 0 R /PageMode /UseOutlines" if outlines else ""
        self._put(_CATALOGUE, f"<< /Type /Catalog /Pages {_PAGES} 0 R {opened} >>")
        start = self._at
        rows = "".join(f"{self._offsets[number]:010d} 00000 n \n" for number in range(1, self._next))
        self._write(f"xref\n0 {self._next}\n0000000000 65535 f \n{rows}".encode("ascii"))
        trailer = f"<< /Size {self._next} /Root {_CATALOGUE} 0 R /Info {_INFORMATION} 0 R >>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode("ascii"))

    # --- text and font -------------------------------------------------------------------------

    def _shown(self, text: str, placed: Iterable[glyphs.Placed]) -> str:
        """Write glyphs for the TJ operator; numbers between them move against the reading direction."""
        out = ["<"]
        for each in placed:
            self._used.setdefault(each.glyph, text[each.cluster])
            out.append(f"{each.glyph:04X}")
            kerning = round((glyphs.advance(each.glyph) - each.advance) * 1000)
            if kerning:
                out.append(f"> {kerning} <")
        out.append(">")
        return "".join(out)

    def _font(self) -> int:
        """Embed the used glyphs as a CID-keyed font whose character codes are the whole font's glyph ids."""
        whole, used = glyphs.font(), self._used
        name = f"{_subset_tag(used)}+{glyphs.FONT}"
        program = self._stream(_subset(whole.face, used), "/Subtype /CIDFontType0C")
        extents = whole.get_font_extents("ltr")
        descriptor = self._add(
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-1000 -500 2000 1500] /ItalicAngle 0 "
            f"/Ascent {extents.ascender} /Descent {extents.descender} /CapHeight 733 /StemV 80 "
            f"/FontFile3 {program} 0 R >>"
        )
        widths = ((glyph, round(glyphs.advance(glyph) * 1000)) for glyph in sorted(used))
        listed = " ".join(f"{glyph} [{width}]" for glyph, width in widths if width != 1000)
        descendant = self._add(
            f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} /FontDescriptor {descriptor} 0 R /DW 1000 "
            f"/W [{listed}] /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        )
        to_unicode = self._stream(_character_map(used), "")
        return self._add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>"
        )

    def _outlines(self) -> int:
        """Write the bookmarks; gives the object's number, 0 for none."""
        if not self._bookmarks:
            return 0
        root = self._reserve()
        entries = [self._reserve() for _ in self._bookmarks]
        for i, (title, page) in enumerate(self._bookmarks):
            before = f"/Prev {entries[i - 1]} 0 R" if i else ""
            after = f"/Next {entries[i + 1]} 0 R" if i + 1 < len(entries) else ""
            self._put(
                entries[i], f"<< /Title {_string(title)} /Parent {root} 0 R {before} {after} /Dest [{page} 0 R /Fit] >>"
            )
        self._put(root, f"<< /Type /Outlines /First {entries[0]} 0 R /Last {entries[-1]} 0 R /Count {len(entries)} >>")
        return root

    # --- objects -------------------------------------------------------------------------------

    def _stream(self, content: bytes, entries: str) -> int:
        packed = zlib.compress(content, _COMPRESSION)
        head = f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode("ascii")
        return self._add(head + packed + b"\nendstream")

    def _add(self, body: str | bytes) -> int:
        number = self._reserve()
        self._put(number, body)
        return number

    def _reserve(self) -> int:
        self._next += 1
        return self._next - 1

    def _put(self, number: int, body: str | bytes) -> None:
        self._offsets[number] = self._at
        content = body.encode("ascii") if isinstance(body, str) else body
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def _write(self, content: bytes) -> None:
        self._out.write(content)
        self._at += len(content)


_REFER_TO_RESOURCES = f"/Resources {_RESOURCES} 0 R"


def rectangle(x: float, y: float, width: float, height: float, *, colour: str) -> bytes:
    """Fill a rectangle; points, the colour as #rrggbb."""
    place = " ".join(_number(each) for each in (x, y, width, height))
    return f"{_colour(colour, 'rg')} {place} re f\n".encode("ascii")


def line(x1: float, y1: float, x2: float, y2: float, *, width: float, colour: str) -> bytes:
    """Draw a straight line; points, the colour as #rrggbb."""
    return (
        f"{_colour(colour, 'RG')} {_number(width)} w {_number(x1)} {_number(y1)} m {_number(x2)} {_number(y2)} l S\n"
    ).encode("ascii")


def dot(x: float, y: float, radius: float, *, colour: str) -> bytes:
    """Fill a circle around (x, y): a line of no length with round ends."""
    at = f"{_number(x)} {_number(y)}"
    return f"{_colour(colour, 'RG')} {_number(2 * radius)} w 1 J {at} m {at} l S 0 J\n".encode("ascii")


def module_paths(symbols: npt.NDArray[np.bool_]) -> list[bytes]:
    """Draw each of a stack of symbols as one path of its dark runs; a module is 1 × 1, the lower left corner (0, 0)."""
    count, side, _ = symbols.shape
    edges = np.diff(np.pad(symbols, ((0, 0), (0, 0), (1, 1))).astype(np.int8), axis=2)
    number, row, left = np.nonzero(edges == 1)
    right = np.nonzero(edges == -1)[2]
    runs = (row * side + left) * (side + 1) + right - left
    rectangles = list(map(_runs(side).__getitem__, runs.tolist()))
    ends = np.cumsum(np.bincount(number, minlength=count)).tolist()
    starts = [0, *ends[:-1]]
    return [b"0 g\n" + b"".join(rectangles[start:end]) + b"f\n" for start, end in zip(starts, ends, strict=True)]


@lru_cache(maxsize=2)
def _runs(side: int) -> list[bytes]:
    """Give the rectangle of every run a symbol can have, at ((row × side) + column) × (side + 1) + length."""
    return [
        b"%d %d %d 1 re\n" % (left, side - 1 - row, length)
        for row in range(side)
        for left in range(side)
        for length in range(side + 1)
    ]


def moved(content: bytes, *, x: float, y: float, scale: float = 1) -> bytes:
    """Draw ``content`` with its origin at (x, y) points, enlarged."""
    enlarged = _number(scale)
    return f"q {enlarged} 0 0 {enlarged} {_number(x)} {_number(y)} cm\n".encode("ascii") + content + b"Q\n"


def _number(value: float) -> str:
    """Write a number as short as a thousandth of a point allows."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=64)
def _colour(colour: str, operator: str) -> str:
    """Write a colour; greys as such, so that black is printed with black ink alone."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    if len(set(parts)) == 1:
        return f"{_number(parts[0])} {'g' if operator == 'rg' else 'G'}"
    return f"{' '.join(_number(part) for part in parts)} {operator}"


def _string(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _subset(whole: Any, used: dict[int, str]) -> bytes:
    """Give the CFF table of a font with only these glyphs' outlines."""
    wanted = hb.SubsetInput()
    wanted.flags = _SUBSET_FLAGS
    wanted.glyph_set.update(used)
    wanted.drop_table_tag_set.update(int.from_bytes(table.ljust(4).encode("ascii"), "big") for table in _UNUSED_TABLES)
    return bytes(hb.subset(whole, wanted).reference_table("CFF ").data)


def _subset_tag(used: dict[int, str]) -> str:
    """Give the six capitals that tell this subset from another."""
    number = zlib.crc32(",".join(str(glyph) for glyph in sorted(used)).encode("ascii"))
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


def _character_map(used: dict[int, str]) -> bytes:
    """Say which character each glyph is, for search and copying."""
    out = BytesIO()
    out.write(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def /CMapName /Ruqi def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    )
    pairs = sorted(used.items())
    for start in range(0, len(pairs), _MAPPED_AT_ONCE):
        part = pairs[start : start + _MAPPED_AT_ONCE]
        rows = "".join(f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>\n" for glyph, text in part)
        out.write(f"{len(part)} beginbfchar\n{rows}endbfchar\n".encode("ascii"))
    out.write(b"endcmap CMapName currentdict /CMap defineresource pop end end\n")
    return out.getvalue()
