"""Symbols: every form that is drawn says the text again, to two decoders."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from qr import MAX_SERIAL, Matrix, PlaqueKey, matrix, png, read, sign_plaque, svg, terminal
from tests.qr.decoders import decoded, painted, surrounded

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
SHORT = "HTTPS://Q.SZ.CN/E/"
BAKERY = sign_plaque(1234567, key=CITY, prefix=SHORT)
LAN = "http://192.168.1.20:8000/?hi=你好"


def svg_painted(document: str, scale: int = 6) -> Image.Image:
    """Paint the one path of our SVG documents, which knows M, h, v and z only."""
    found = re.search(r'viewBox="0 0 (\d+) \1"', document)
    assert found is not None
    side = int(found[1]) * scale
    picture = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(picture)
    for run in re.finditer(r"M(\d+) (\d+)h(\d+)v1h-\3z", document):
        x, y, length = (int(each) * scale for each in run.groups())
        pen.rectangle((x, y, x + length - 1, y + scale - 1), fill=0)
    return picture


def terminal_modules(shown: str) -> Matrix:
    """Read half blocks back as modules; what a terminal lights is light."""
    light = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    rows: list[tuple[bool, ...]] = []
    for line in shown.split("\n"):
        pairs = [light[each] for each in re.sub(r"\x1b\[[0-9;]*m", "", line)]
        rows += [tuple(not top for top, _ in pairs), tuple(not below for _, below in pairs)]
    return tuple(rows)


class TestMatrix:
    @pytest.mark.parametrize(("length", "side"), [(18, 37), (19, 41), (50, 41)])
    def test_keeps_a_token_small(self, length: int, side: int) -> None:
        prefix = "HTTPS://" + "A" * (length - 11) + "/E/"

        assert len(matrix(sign_plaque(MAX_SERIAL, key=CITY, prefix=prefix))) == side

    @settings(max_examples=20, deadline=None)
    @given(serial=st.integers(0, MAX_SERIAL))
    def test_says_every_token_again(self, serial: int) -> None:
        text = sign_plaque(serial, key=CITY, prefix=SHORT)

        assert decoded(painted(surrounded(matrix(text)))) == {text}

    @settings(max_examples=30, deadline=None)
    @given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
    def test_says_any_text_again(self, text: str) -> None:
        assert read(painted(surrounded(matrix(text)))) == [text]

    @pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
    def test_says_the_token_again_at_every_level(self, level: str) -> None:
        assert decoded(painted(surrounded(matrix(BAKERY, level)))) == {BAKERY}

    def test_grows_with_the_level(self) -> None:
        sides = [len(matrix(BAKERY, level)) for level in ("L", "M", "Q", "H")]

        assert sides == sorted(sides)

    def test_refuses_no_text(self) -> None:
        with pytest.raises(ValueError, match="no text"):
            matrix("")

    def test_refuses_more_than_a_symbol_holds(self) -> None:
        with pytest.raises(ValueError, match="too many"):
            matrix("企" * 3000)


class TestSvg:
    @pytest.mark.parametrize("text", [BAKERY, LAN])
    def test_says_the_text_again(self, text: str) -> None:
        assert decoded(svg_painted(svg(text))) == {text}

    def test_escapes_its_title(self) -> None:
        assert "<title>张记 &lt;面包&gt; &amp; 坊</title>" in svg(BAKERY, title="张记 <面包> & 坊")


class TestPng:
    @pytest.mark.parametrize("module_px", [3, 8, 20])
    @pytest.mark.parametrize("text", [BAKERY, LAN])
    def test_says_the_text_again(self, text: str, module_px: int) -> None:
        assert decoded(Image.open(io.BytesIO(png(text, module_px=module_px)))) == {text}

    def test_has_a_quiet_zone_of_four_modules(self) -> None:
        picture = Image.open(io.BytesIO(png(BAKERY, module_px=5))).convert("L")

        dark = picture.point(lambda value: 255 - value).getbbox()
        side = len(matrix(BAKERY)) * 5
        assert dark == (20, 20, 20 + side, 20 + side)

    @pytest.mark.parametrize("module_px", [0, 65])
    def test_refuses_an_odd_size(self, module_px: int) -> None:
        with pytest.raises(ValueError, match="pixels wide"):
            png(BAKERY, module_px=module_px)


class TestTerminal:
    @pytest.mark.parametrize("colour", [True, False])
    @pytest.mark.parametrize("text", [BAKERY, LAN])
    def test_says_the_text_again(self, text: str, colour: bool) -> None:
        assert decoded(painted(terminal_modules(terminal(text, colour=colour)))) == {text}

    def test_leaves_the_terminal_as_it_was(self) -> None:
        assert all(line.endswith("\x1b[0m") for line in terminal(LAN).split("\n"))

    def test_sends_no_escapes_without_colour(self) -> None:
        assert "\x1b" not in terminal(LAN, colour=False)
