"""Sets Chinese text as outlines of Noto Sans SC, so that a printed page depends on no font.

reportlab takes no OpenType fonts with PostScript outlines, and the free Chinese fonts are such;
HarfBuzz shapes the text and gives the outlines, the page draws them as paths.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

import uharfbuzz as hb
from pylopdf_fonts_zh_cn import sans_path

# Distance between baselines, in ems.
LEADING = 1.3

# Emboldening of the regular weight, as a share of the em, for headings.
_BOLD = 0.035
# No line begins with a closing mark or ends with an opening one (GB/T 15834); Latin words stay whole.
_UNIT = re.compile(r"[（(《“【]*(?:[A-Za-z0-9&.'’-]+|.)[）)》”】、，。；：！？,;:!?]*\s*")


class Outline(Protocol):
    """Where an outline is drawn; reportlab's path objects are such, in points."""

    def moveTo(self, x: float, y: float) -> None: ...
    def lineTo(self, x: float, y: float) -> None: ...
    def curveTo(self, x1: float, y1: float, x2: float, y2: float, x3: float, y3: float) -> None: ...
    def close(self) -> None: ...


class _Step(NamedTuple):
    """One step of an outline: ``m``, ``l``, ``c`` or ``z``, with its coordinates in ems."""

    verb: Literal["m", "l", "c", "z"]
    points: tuple[float, ...]


class _Placed(NamedTuple):
    """A glyph in a line: its id, the index of its character, and its advance in ems."""

    glyph: int
    cluster: int
    advance: float


@dataclass(frozen=True, slots=True)
class Block:
    """A text broken into lines at a size that fits, both in points."""

    lines: tuple[str, ...]
    size: float


def missing_glyphs(text: str) -> list[str]:
    """List the characters the font cannot print, each once, in the order of the text; empty when it has all."""
    plain = _one_line(text)
    return list(dict.fromkeys(plain[each.cluster] for each in _shape(plain, False) if each.glyph == 0))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure ``text`` set in one line at ``size`` points; points."""
    return size * sum(each.advance for each in _shape(text, bold))


def draw(text: str, to: Outline, *, x: float, y: float, size: float, bold: bool = False) -> None:
    """Draw ``text`` in one line from (x, y), the left end of its baseline; all in points.

    The contours may overlap: fill with the non-zero rule.
    """
    for each in _shape(text, bold):
        for verb, points in _outline(each.glyph, bold):
            at = [(y if i % 2 else x) + value * size for i, value in enumerate(points)]
            match verb:
                case "m":
                    to.moveTo(*at)
                case "l":
                    to.lineTo(*at)
                case "c":
                    to.curveTo(*at)
                case "z":
                    to.close()
        x += each.advance * size


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
    while size >= smallest:
        lines = _even_lines(plain, across / size, bold)
        if len(lines) * size * LEADING <= down:
            return Block(tuple(lines), size)
        size -= 0.5
    raise ValueError(f"a text of {len(plain)} characters does not fit its place")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _even_lines(text: str, across: float, bold: bool) -> list[str]:
    """Break ``text`` at ``across`` ems into as few lines as go, then narrow them until they are even."""
    units = _units(text, across, bold)
    lines = _lines(units, across)
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


def _units(text: str, across: float, bold: bool) -> list[tuple[str, float]]:
    """Cut ``text`` where a line may end, and measure the pieces; what exceeds a line is cut anywhere."""
    units: list[tuple[str, float]] = []
    for unit in _UNIT.findall(text):
        for piece in [unit] if width(unit, 1, bold=bold) <= across else list(unit):
            units.append((piece, width(piece, 1, bold=bold)))
    return units


def _lines(units: list[tuple[str, float]], across: float) -> list[str]:
    """Fill lines of at most ``across`` ems one after the other; a wider unit gets its own."""
    lines: list[str] = []
    line, used = "", 0.0
    for unit, advance in units:
        if line and used + advance > across:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + unit, used + advance
    return [*lines, line.rstrip()] if line else lines


@lru_cache(maxsize=2)
def _font(bold: bool) -> Any:
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(sans_path()))))
    if bold:
        font.synthetic_bold = (_BOLD, _BOLD, False)
    return font


@lru_cache(maxsize=4096)
def _shape(text: str, bold: bool) -> tuple[_Placed, ...]:
    # HarfBuzz has no positions, rather than none, for an empty buffer.
    if not text:
        return ()
    font = _font(bold)
    buffer = hb.Buffer()
    buffer.add_str(text)
    # A cluster for each character: an emoji sequence lacks all its parts, not only the first.
    buffer.cluster_level = hb.BufferClusterLevel.CHARACTERS
    buffer.direction, buffer.script, buffer.language = "ltr", "Hani", "zh-Hans"
    hb.shape(font, buffer)
    return tuple(
        _Placed(info.codepoint, info.cluster, position.x_advance / font.face.upem)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


@lru_cache(maxsize=8192)
def _outline(glyph: int, bold: bool) -> tuple[_Step, ...]:
    font = _font(bold)
    ems = font.face.upem
    steps: list[_Step] = []

    def record(verb: Literal["m", "l", "c", "z"]) -> Callable[..., None]:
        # HarfBuzz appends the state we pass it, None, to the coordinates.
        return lambda *at: steps.append(_Step(verb, tuple(value / ems for value in at[:-1])))

    pen = hb.DrawFuncs()
    pen.set_move_to_func(record("m"))
    pen.set_line_to_func(record("l"))
    pen.set_cubic_to_func(record("c"))
    pen.set_close_path_func(record("z"))
    font.draw_glyph(glyph, pen, None)
    return tuple(steps)
