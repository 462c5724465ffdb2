"""Sets Chinese text in Noto Sans CJK SC: which glyphs, how wide, broken into which lines.

HarfBuzz shapes the text. The whole font is in `fonts/`; it also has the characters that only older or
Japanese standards know (𠮷, 髙).
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import uharfbuzz as hb

# Distance between baselines, in ems.
LEADING = 1.3
# Stroke added to the regular weight for headings, in ems; letters stand as much further apart.
BOLD = 0.035
FONT = "NotoSansCJKsc-Regular"

_PATH = Path(__file__).parent / "fonts" / f"{FONT}.otf"
# No line begins with a closing mark or ends with an opening one (GB/T 15834); Latin words stay whole.
_UNIT = re.compile(r"[（(《“【]*(?:[A-Za-z0-9&.'’-]+|.)[）)》”】、，。；：！？,;:!?]*\s*")


class Placed(NamedTuple):
    """A glyph in a line: its id, the index of its character, its advance in ems."""

    glyph: int
    cluster: int
    advance: float


@dataclass(frozen=True, slots=True)
class Block:
    """A text broken into lines at a size that fits, both in points."""

    lines: tuple[str, ...]
    size: float


def missing_glyphs(text: str) -> list[str]:
    """List the characters our font cannot print, each once, in the order of the text; empty when all can be."""
    plain = _one_line(text)
    return list(dict.fromkeys(plain[each.cluster] for each in shape(plain) if each.glyph == 0))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure ``text`` set in one line at ``size`` points; points."""
    placed = shape(text)
    return size * (sum(each.advance for each in placed) + (BOLD * len(placed) if bold else 0))


def fit(text: str, *, box: tuple[float, float], sizes: tuple[float, float], bold: bool = False) -> Block:
    """Break ``text`` into even lines at the largest size whose lines fit ``box`` (width, height).

    ``sizes`` are the largest and the smallest to try; all in points. ValueError when even the
    smallest does not fit, or there is no text.
    """
    plain = _one_line(text)
    if not plain:
        raise ValueError("no text to set")
    across, down = box
    size, smallest = sizes
    units = [(unit, width(unit, 1, bold=bold)) for unit in _UNIT.findall(plain)]
    area = sum(advance for _, advance in units) * LEADING
    while size >= smallest:
        # Not before the text's area is within the box's is it worth breaking lines.
        if area * size * size <= across * down:
            lines = _even_lines(units, across / size, bold)
            if len(lines) * size * LEADING <= down:
                return Block(tuple(lines), size)
        size -= 0.5
    raise ValueError(f"a text of {len(plain)} characters does not fit its place")


@lru_cache(maxsize=4096)
def shape(text: str) -> tuple[Placed, ...]:
    """Give the glyphs of a line of text; glyph 0 stands for what the font lacks."""
    # HarfBuzz has no positions, rather than none, for an empty buffer.
    if not text:
        return ()
    buffer = hb.Buffer()
    buffer.add_str(text)
    # A cluster for each character: an emoji sequence lacks all its parts, not only the first.
    buffer.cluster_level = hb.BufferClusterLevel.CHARACTERS
    buffer.direction, buffer.script, buffer.language = "ltr", "Hani", "zh-Hans"
    whole = font()
    hb.shape(whole, buffer)
    ems = whole.face.upem
    return tuple(
        Placed(info.codepoint, info.cluster, position.x_advance / ems)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


@cache
def font() -> Any:
    """Give the font as HarfBuzz has it."""
    return hb.Font(hb.Face(hb.Blob.from_file_path(str(_PATH))))


@lru_cache(maxsize=8192)
def advance(glyph: int) -> float:
    """Tell how wide a glyph is by itself, in ems."""
    whole = font()
    return float(whole.get_glyph_h_advance(glyph) / whole.face.upem)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _even_lines(units: list[tuple[str, float]], across: float, bold: bool) -> list[str]:
    """Break ``text`` at ``across`` ems into as few lines as go, then narrow them until they are even."""
    if max(advance for _, advance in units) > across:
        units = _cut(units, across, bold)
    lines = _lines(units, across)
    if len(lines) == 1:
        return lines
    low, high = 0.0, across
    # Eight halvings bring the lines within a small part of a character of each other.
    for _ in range(8):
        middle = (low + high) / 2
        narrower = _lines(units, middle)
        if len(narrower) > len(lines):
            low = middle
        else:
            lines, high = narrower, middle
    return lines


def _cut(units: list[tuple[str, float]], across: float, bold: bool) -> list[tuple[str, float]]:
    """Cut what exceeds a line anywhere."""
    return [
        (piece, width(piece, 1, bold=bold))
        for unit, advance in units
        for piece in ([unit] if advance <= across else unit)
    ]


def _lines(units: list[tuple[str, float]], across: float) -> list[str]:
    """Fill lines of at most ``across`` ems one after the other; a wider unit gets its own."""
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for unit, advance in units:
        if line and used + advance > across:
            lines.append("".join(line).rstrip())
            line, used = [], 0.0
        line.append(unit)
        used += advance
    return [*lines, "".join(line).rstrip()] if line else lines
