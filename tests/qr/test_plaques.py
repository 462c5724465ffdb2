"""Plaques: the printed page says the token again, and nothing is printed that the font lacks."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from qr import (
    Matrix,
    MissingGlyph,
    PlaqueDesign,
    PlaqueFormat,
    PlaqueKey,
    PlaqueSheet,
    PrintFault,
    matrix,
    missing_glyphs,
    module_mm,
    plaque_modules,
    plaque_pdf,
    print_fault,
    read,
    read_slip,
    sign_plaque,
    symbol_side_mm,
)
from qr.glyphs import fit, width
from qr.pdf import Document
from qr.slips import complete
from tests.qr.decoders import decoded

HOUSE = Path(__file__).parents[2]
CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
DESIGN = PlaqueDesign(city="海河市")
A5_AT_150_DPI = (875, 1241)


def sheet(serial: int = 1234567, *, name: str = "张记面包坊", host: str = "qy.sz.cn") -> PlaqueSheet:
    url = sign_plaque(serial, key=CITY, prefix=f"https://{host}")
    # The code is printed on sealed sheets only.
    return PlaqueSheet(
        url=url, name=name, uscc="91330106MA2B1C3D4E", serial=serial, activation=complete("0123456789ABCD")
    )


BAKERY = sheet()
FOUNDRY = sheet(7654321, name="海河市东方红铸造有限公司")


def rasterised(document: bytes, dpi: int = 150) -> list[Image.Image]:
    pdf = pypdfium2.PdfDocument(document)
    pages = [page.render(scale=dpi / 72).to_pil() for page in pdf]
    pdf.close()
    return pages


def printed_modules(page: Image.Image, side: int, dpi: int) -> Matrix:
    """Look at the middle of every module; decoders read a mirrored symbol, some phones do not."""
    grey = page.convert("L")
    top = int(60 * dpi / 25.4)
    left, upper, right, _ = below_band(grey, top)
    step = (right - left) / side

    def dark(x: int, y: int) -> bool:
        value = grey.getpixel((int(left + (x + 0.5) * step), int(upper + (y + 0.5) * step)))
        return isinstance(value, int) and value < 128

    return tuple(tuple(dark(x, y) for x in range(side)) for y in range(side))


def below_band(grey: Image.Image, top: int) -> tuple[int, int, int, int]:
    """Give the edges of the first ink below ``top``, down to the first white row after it."""
    ink = np.asarray(grey)[top:] < 128
    rows = np.flatnonzero(ink.any(axis=1))
    # The symbol's rows touch: every one has dark modules.
    height = int(np.argmax(np.diff(rows, append=rows[-1] + 2) > 1)) + 1
    columns = np.flatnonzero(ink[rows[0] : rows[0] + height].any(axis=0))
    return int(columns[0]), top + int(rows[0]), int(columns[-1]) + 1, top + int(rows[0]) + height


def changed_mm(one: PlaqueSheet, other: PlaqueSheet) -> list[float]:
    """Tell between which heights, from the page's upper edge, the pages of two sheets differ; mm."""
    first, second = (rasterised(plaque_pdf([each], design=DESIGN))[0].convert("L") for each in (one, other))
    box = ImageChops.difference(first, second).getbbox()
    return [] if box is None else [box[1] / 150 * 25.4, box[3] / 150 * 25.4]


def printed_module_mm(page: Image.Image, dpi: int) -> float:
    """Measure a module by the finder pattern's upper edge, seven modules of black."""
    grey = page.convert("L")
    for y in range(int(60 * dpi / 25.4), grey.height):
        row = [grey.getpixel((x, y)) for x in range(grey.width)]
        dark = [x for x, value in enumerate(row) if isinstance(value, int) and value < 128]
        if dark:
            end = next(x for x in range(dark[0], grey.width) if x not in dark)
            return (end - dark[0]) / 7 / dpi * 25.4
    raise AssertionError("no symbol on the page")


class TestPlaquePdf:
    @pytest.mark.parametrize("dpi", [100, 150, 300])
    @pytest.mark.parametrize("host", ["q.sz.cn", "ruqi.haihe-demo.gov.cn"])
    def test_says_the_token_again(self, host: str, dpi: int) -> None:
        bakery = sheet(host=host)

        [page] = rasterised(plaque_pdf([bakery], design=DESIGN), dpi)

        assert decoded(page) == {bakery.url}

    @pytest.mark.parametrize("host", ["qy.sz.cn", "ruqi.haihe-demo.gov.cn"])
    def test_prints_the_symbol_the_right_way_round(self, host: str) -> None:
        bakery = sheet(host=host)

        [page] = rasterised(plaque_pdf([bakery], design=DESIGN), 300)

        symbol = matrix(bakery.url)
        assert printed_modules(page, len(symbol), 300) == symbol

    def test_prints_the_name_below_the_symbol(self) -> None:
        top, bottom = changed_mm(BAKERY, replace(BAKERY, name="李记面包坊"))

        assert 130 < top < bottom < 155

    def test_prints_the_code_and_the_serial_below_the_name(self) -> None:
        code = changed_mm(BAKERY, replace(BAKERY, uscc="91330106MA2B1C3D5E"))
        serial = changed_mm(BAKERY, replace(BAKERY, serial=1234568))

        assert code == pytest.approx(serial, abs=1)
        assert 150 < code[0] < code[1] < 165

    def test_gives_each_plaque_an_a5_page_in_order(self) -> None:
        pages = rasterised(plaque_pdf(iter([BAKERY, FOUNDRY]), design=DESIGN))

        assert [page.size for page in pages] == [A5_AT_150_DPI, A5_AT_150_DPI]
        assert [decoded(page) for page in pages] == [{BAKERY.url}, {FOUNDRY.url}]

    @pytest.mark.parametrize("host", ["q.sz.cn", "ruqi.haihe-demo.gov.cn"])
    def test_prints_modules_wide_enough_for_a_phone(self, host: str) -> None:
        [page] = rasterised(plaque_pdf([sheet(host=host)], design=DESIGN), 300)

        assert printed_module_mm(page, 300) == pytest.approx(1.6, abs=0.04)

    def test_names_the_enterprise_in_the_bookmarks(self) -> None:
        document = pypdfium2.PdfDocument(plaque_pdf([BAKERY, FOUNDRY], design=DESIGN))

        titles = [entry.get_title() for entry in document.get_toc()]
        title = document.get_metadata_value("Title")
        document.close()
        assert titles == [
            "张记面包坊 91330106MA2B1C3D4E 0123 4567",
            "海河市东方红铸造有限公司 91330106MA2B1C3D4E 0765 4321",
        ]
        assert title == "海河市入企码"

    def test_gives_the_same_bytes_again(self) -> None:
        assert plaque_pdf([BAKERY], design=DESIGN) == plaque_pdf([BAKERY], design=DESIGN)

    def test_shows_the_citys_colour(self) -> None:
        [page] = rasterised(plaque_pdf([BAKERY], design=PlaqueDesign(city="海河市", colour="#0b5d4e")))

        assert page.convert("RGB").getpixel((20, 20)) == (0x0B, 0x5D, 0x4E)

    def test_takes_a_design_with_less_to_say(self) -> None:
        [page] = rasterised(plaque_pdf([BAKERY], design=PlaqueDesign(city="海河市", motto="", english="")))

        assert decoded(page) == {BAKERY.url}

    def test_takes_a_very_long_name(self) -> None:
        long = sheet(name="海河市高新技术产业开发区东方红智能装备制造与工业互联网（控股）" * 5)

        [page] = rasterised(plaque_pdf([long], design=DESIGN))

        assert decoded(page) == {long.url}

    def test_refuses_characters_the_font_lacks(self) -> None:
        with pytest.raises(MissingGlyph, match=r"U\+1F956") as refused:
            plaque_pdf([BAKERY, sheet(name="张记🥖面包🥐坊🥖")], design=DESIGN)

        assert refused.value.glyphs == ["🥖", "🥐"]

    @pytest.mark.parametrize("name", ["", "企" * 2000])
    def test_refuses_a_name_that_fits_no_page(self, name: str) -> None:
        with pytest.raises(ValueError, match="text"):
            plaque_pdf([sheet(name=name)], design=DESIGN)

    def test_refuses_a_token_too_fine_to_scan(self) -> None:
        with pytest.raises(ValueError, match="too fine"):
            plaque_pdf([PlaqueSheet(url="x" * 500, name="张记面包坊", uscc="", serial=1)], design=DESIGN)

    def test_refuses_to_print_nothing(self) -> None:
        with pytest.raises(ValueError, match="no plaques"):
            plaque_pdf([], design=DESIGN)


ON_SHEETS = [(PlaqueFormat.LABEL, 8), *((PlaqueFormat.A4, count) for count in (4, 6, 8, 10))]
NAMES = {
    "short": "张记面包坊",
    "rare": "㵘泉𠮷野家餐饮店",
    "Latin": "ABC International Trading (Shanghai) Co., Ltd.",
    "a long word": "A" * 120,
    "the longest there may be": "海河市高新技术产业开发区（控股）集团" * 11 + "公司",
}


def text_of(document: bytes) -> str:
    """What a search in the document finds, lines joined."""
    pdf = pypdfium2.PdfDocument(document)
    texts = [page.get_textpage().get_text_range() for page in pdf]
    pdf.close()
    return "".join(texts).replace("\r\n", "")


def ink(page: Image.Image) -> np.ndarray:
    return np.asarray(page.convert("L")) < 128


class TestFormats:
    @pytest.mark.parametrize(("on", "per_sheet"), ON_SHEETS)
    def test_say_every_token_again(self, on: PlaqueFormat, per_sheet: int) -> None:
        sheets = [sheet(serial, host="q.sz.cn") for serial in range(11)]

        pages = rasterised(plaque_pdf(sheets, design=DESIGN, on=on, per_sheet=per_sheet))

        assert sorted(text for page in pages for text in read(page)) == sorted(each.url for each in sheets)
        assert len(pages) == (11 if on is PlaqueFormat.LABEL else -(-11 // per_sheet))

    def test_have_their_size(self) -> None:
        label, a4 = (
            rasterised(plaque_pdf([BAKERY], design=DESIGN, on=on))[0] for on in (PlaqueFormat.LABEL, PlaqueFormat.A4)
        )

        assert [round(side / 150 * 25.4) for side in (*label.size, *a4.size)] == [60, 76, 210, 297]

    @pytest.mark.parametrize(("host", "side"), [("q.sz.cn", 50), ("qy.sz.cn", 60), ("ruqi.haihe-demo.gov.cn", 60)])
    def test_print_a_longer_host_larger(self, host: str, side: float) -> None:
        modules = plaque_modules(f"https://{host}")

        assert modules == len(matrix(sheet(host=host).url))
        assert symbol_side_mm(modules, on=PlaqueFormat.LABEL) == side
        assert module_mm(modules, on=PlaqueFormat.LABEL) > 1.1

    @pytest.mark.parametrize("on", PlaqueFormat)
    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
    def test_print_any_name_within_its_place(self, on: PlaqueFormat, name: str) -> None:
        named, bare = (plaque_pdf([sheet(name=each)], design=DESIGN, on=on) for each in (name, "一"))

        [with_name], [without] = rasterised(named), rasterised(bare)
        rows, columns = np.nonzero(ink(with_name) != ink(without))
        assert name.replace(" ", "") in text_of(named).replace(" ", "")
        if on is PlaqueFormat.SEALED:
            # There the name stands twice; the other half is below.
            left = columns < with_name.width // 2
            rows, columns = rows[left], columns[left]
        assert print_fault(name, on=on) is None
        # Only in the name's place: nothing touches the symbol, the numbers or the edge.
        place: Any = {"a5": (10, 132, 138, 154), "a4": (70, 26, 104, 49), "label": (2, 62, 58, 73.5)}
        place = place.get(on, place["a5"])
        found = np.array([columns.min(), rows.min(), columns.max(), rows.max()]) / 150 * 25.4
        assert (found[:2] >= place[:2]).all() and (found[2:] <= place[2:]).all(), found
        assert sheet().url in decoded(with_name)

    def test_print_a_rare_character_not_a_box(self) -> None:
        pages = [rasterised(plaque_pdf([sheet(name=each)], design=DESIGN))[0] for each in ("𠮷", "㵘", "吉")]

        assert len({page.tobytes() for page in pages}) == 3

    @pytest.mark.parametrize("on", PlaqueFormat)
    def test_print_the_address_to_trust(self, on: PlaqueFormat) -> None:
        assert "认准网址 qy.sz.cn" in text_of(plaque_pdf([BAKERY], design=DESIGN, on=on))

    def test_refuse_more_labels_than_fit_a_sheet(self) -> None:
        with pytest.raises(ValueError, match="do not fit an A4"):
            plaque_pdf([sheet(host="ruqi.haihe-demo.gov.cn")], design=DESIGN, on=PlaqueFormat.A4, per_sheet=10)
        with pytest.raises(ValueError, match="4, 6, 8, 10"):
            plaque_pdf([BAKERY], design=DESIGN, on=PlaqueFormat.A4, per_sheet=7)

    def test_keep_the_order_over_chunks(self) -> None:
        sheets = [sheet(serial, host="q.sz.cn") for serial in range(520)]

        document = plaque_pdf(sheets, design=DESIGN, on=PlaqueFormat.A4)

        pages = rasterised(document, 100)
        assert len(pages) == 65
        assert set(read(pages[64])) == {each.url for each in sheets[512:]}


class TestSealed:
    """The part beside the poster that hides the code which enrols a phone."""

    def test_carries_the_plaque_and_its_own_code(self) -> None:
        two = [sheet(1), replace(sheet(2), activation=complete("ZYXWVTSRQPNMKJ"))]

        pages = rasterised(plaque_pdf(two, design=DESIGN, on=PlaqueFormat.SEALED))

        said = [
            {read_slip(text, prefix=prefix_of(text)) if len(text) < 60 else text for text in decoded(page)}
            for page in pages
        ]
        assert said == [{each.url, each.activation} for each in two]
        assert [(round(page.width / 150 * 25.4), round(page.height / 150 * 25.4)) for page in pages] == [(297, 210)] * 2

    def test_covers_the_code_when_it_is_folded_up(self) -> None:
        [page] = rasterised(plaque_pdf([sheet()], design=DESIGN, on=PlaqueFormat.SEALED))
        dark = ink(page)
        mm = 150 / 25.4
        middle = dark[round(70 * mm) : round(140 * mm), round(149 * mm) :]
        folded = np.flipud(dark[round(140 * mm) : round(210 * mm), round(149 * mm) :])

        # Without the lines at the edges, along which it is cut and folded.
        edge = round(3 * mm)
        rows, columns = np.nonzero(middle[edge:-edge, edge:-edge])
        hidden = folded[edge:-edge, edge:-edge][rows.min() : rows.max(), columns.min() : columns.max()]
        # No square of 3 mm over the code is left blank, so none of it can be read against the light.
        cell = round(3 * mm)
        blocks = [
            hidden[y : y + cell, x : x + cell].any()
            for y in range(0, hidden.shape[0] - cell, cell)
            for x in range(0, hidden.shape[1] - cell, cell)
        ]
        assert len(blocks) > 100 and all(blocks)

    def test_is_not_printed_without_a_code(self) -> None:
        with pytest.raises(ValueError, match="no activation code"):
            plaque_pdf([replace(sheet(), activation="")], design=DESIGN, on=PlaqueFormat.SEALED)

    def test_names_the_site_and_the_number_to_ring(self) -> None:
        design = replace(DESIGN, call_back="0735-12345")

        text = text_of(plaque_pdf([replace(sheet(), site="东门店")], design=design, on=PlaqueFormat.SEALED))

        assert text.replace("\r\n", "").replace(" ", "").count("张记面包坊（东门店）") == 2
        assert "回访电话 0735-12345" in text


def prefix_of(text: str) -> str:
    """The part of a token before its digits."""
    return text.rstrip("0123456789")


class TestSite:
    @pytest.mark.parametrize("on", PlaqueFormat)
    def test_stands_behind_the_name(self, on: PlaqueFormat) -> None:
        text = text_of(plaque_pdf([replace(sheet(), site="东门店")], design=DESIGN, on=on))

        assert "张记面包坊（东门店）" in text.replace("\r\n", "").replace(" ", "")


class TestPrintFault:
    @pytest.mark.parametrize(
        ("name", "fault"),
        [
            ("张记🥖面包坊", PrintFault.MISSING_GLYPH),
            ("企" * 2000, PrintFault.NAME_TOO_LONG),
            (" ", PrintFault.NO_NAME),
            ("张记面包坊", None),
        ],
    )
    def test_says_why(self, name: str, fault: PrintFault | None) -> None:
        assert [print_fault(name, on=on) for on in PlaqueFormat] == [fault] * len(PlaqueFormat)


class TestMissingGlyphs:
    def test_finds_none_in_ordinary_names(self) -> None:
        assert missing_glyphs("海河市东方红铸造有限公司（筹） A-1 & Co.\u3000䶮") == []

    def test_lists_each_character_once_in_order(self) -> None:
        assert missing_glyphs("🥖面🥐包🥖\x07") == ["🥖", "🥐", "\x07"]

    def test_lists_every_part_of_a_joined_sequence(self) -> None:
        assert missing_glyphs("👨\u200d👩\u200d👧") == ["👨", "👩", "👧"]

    def test_finds_rare_characters_of_names(self) -> None:
        assert missing_glyphs("𠮷野家㵘餐饮髙") == []

    def test_knows_the_whole_of_chinese_up_to_unicode_11(self) -> None:
        whole = [*range(0x3400, 0x4DB6), *range(0x4E00, 0x9FF0)]

        assert missing_glyphs("".join(map(chr, whole))) == []


class TestFont:
    """What it must not lose when its file is replaced by another."""

    @pytest.mark.parametrize("on", PlaqueFormat)
    def test_prints_rare_names_so_that_they_can_be_read_back(self, on: PlaqueFormat) -> None:
        rare = sheet(name="䶮记𠮷野㛃食品店")

        assert rare.name in text_of(plaque_pdf([rare], design=DESIGN, on=on)).replace(" ", "")

    @pytest.mark.parametrize("on", PlaqueFormat)
    def test_reports_what_it_lacks_before_a_page_is_drawn(self, on: PlaqueFormat) -> None:
        with pytest.raises(MissingGlyph) as refused:
            plaque_pdf([BAKERY, sheet(name="𠮷🥖店")], design=DESIGN, on=on)

        assert refused.value.glyphs == ["🥖"]

    def test_is_drawn_as_it_is_and_little_of_it(self) -> None:
        """What is read back says nothing of the outlines: they are held against another drawing of the same font."""
        text, out = "䶮𠮷㛃店A", io.BytesIO()
        document = Document(out, title="", author="")
        document.page(document.text(text, x=10, y=20, size=80, colour="#000000"), width=400, height=110)
        document.finish()
        font = ImageFont.truetype(HOUSE / "qr" / "fonts" / "NotoSansCJKsc-Regular.otf", 80)
        expected = Image.new("L", (400, 110), 255)
        ImageDraw.Draw(expected).text((10, 90), text, font=font, fill=0, anchor="ls")

        [page] = rasterised(out.getvalue(), dpi=72)

        drawn, wanted = np.asarray(page.convert("L")) < 128, np.asarray(expected) < 128
        assert (drawn & wanted).sum() > 0.8 * (drawn | wanted).sum()
        assert len(out.getvalue()) < 20_000

    def test_goes_along_whole_with_its_licence(self) -> None:
        names = {path.name: path.stat().st_size for path in (HOUSE / "qr" / "fonts").iterdir()}

        assert names["NotoSansCJKsc-Regular.otf"] == 16_437_340
        assert "SIL OPEN FONT LICENSE Version 1.1" in (HOUSE / "qr" / "fonts" / "OFL.txt").read_text("utf-8")


class TestFit:
    def test_keeps_a_short_name_large(self) -> None:
        block = fit("张记面包坊", box=(350, 54), sizes=(21, 7), bold=True)

        assert (block.lines, block.size) == (("张记面包坊",), 21)

    def test_breaks_a_long_name_into_even_lines(self) -> None:
        name = "海河市高新技术产业开发区东方红智能装备制造与工业互联网集团股份有限公司"

        block = fit(name, box=(350, 54), sizes=(21, 7), bold=True)

        assert "".join(block.lines) == name
        assert len(block.lines) == 2
        assert abs(len(block.lines[0]) - len(block.lines[1])) <= 1
        assert all(width(line, block.size, bold=True) <= 350 for line in block.lines)

    def test_begins_no_line_with_a_closing_mark(self) -> None:
        block = fit("（一）、（二）、（三）、（四）、（五）。", box=(40, 400), sizes=(10, 10))

        assert len(block.lines) > 3
        assert all(line[0] not in "）、。" and line[-1] != "（" for line in block.lines)

    def test_keeps_latin_words_whole(self) -> None:
        block = fit("ABC International Trading Co., Ltd.", box=(80, 400), sizes=(12, 12))

        assert " ".join(block.lines) == "ABC International Trading Co., Ltd."

    def test_cuts_a_word_longer_than_a_line(self) -> None:
        block = fit("A" * 60, box=(80, 400), sizes=(12, 12))

        assert "".join(block.lines) == "A" * 60
        assert all(width(line, 12) <= 80 for line in block.lines)
