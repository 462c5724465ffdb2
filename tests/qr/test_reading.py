"""Reading: pictures as phones send them, and files that are no pictures."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from qr import ImageFault, PlaqueKey, UnreadableImage, png, read, sign_plaque

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
BAKERY = sign_plaque(1234567, key=CITY, prefix="https://qy.sz.cn")
FOUNDRY = sign_plaque(7654321, key=CITY, prefix="https://qy.sz.cn")
ORIENTATION = 0x0112


def picture(text: str = BAKERY, module_px: int = 8) -> Image.Image:
    return Image.open(io.BytesIO(png(text, module_px=module_px))).convert("L")


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def fault_of(content: bytes) -> ImageFault:
    with pytest.raises(UnreadableImage) as refused:
        read(content)
    return refused.value.reason


class TestRead:
    @pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
    def test_reads_the_forms_phones_send(self, form: str) -> None:
        assert read(saved(picture(), form)) == [BAKERY]

    def test_reads_a_picture_in_memory(self) -> None:
        assert read(picture()) == [BAKERY]

    def test_reads_every_code_once(self) -> None:
        page = Image.new("L", (1200, 400), 255)
        for place, text in enumerate([BAKERY, FOUNDRY, BAKERY]):
            page.paste(picture(text), (place * 400, 20))

        assert sorted(read(page)) == sorted([BAKERY, FOUNDRY])

    def test_goes_on_until_a_text_counts(self) -> None:
        asked: list[str] = []

        found = read(picture(), counts=lambda text: asked.append(text) is None and len(asked) > 1)

        assert (found, asked) == ([BAKERY], [BAKERY, BAKERY])

    def test_gives_what_does_not_count_when_nothing_does(self) -> None:
        assert read(picture("HTTPS://EXAMPLE.ORG/"), counts=lambda text: False) == ["HTTPS://EXAMPLE.ORG/"]

    def test_finds_nothing_in_a_blank_picture(self) -> None:
        assert read(Image.new("RGB", (640, 480), "white")) == []

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_reads_whichever_way_the_phone_was_held(self, orientation: int) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation

        assert read(saved(picture(), "JPEG", exif=exif)) == [BAKERY]

    def test_reads_black_on_a_transparent_ground(self) -> None:
        grey = picture()
        clear = Image.new("RGBA", grey.size, (0, 0, 0, 0))
        clear.putalpha(grey.point(lambda value: 255 - value))

        assert read(saved(clear, "PNG")) == [BAKERY]

    @pytest.mark.parametrize("contrast", [8, 12, 20])
    @pytest.mark.parametrize("module_px", [4, 6])
    def test_reads_a_washed_out_code_under_slanting_light(self, module_px: int, contrast: int) -> None:
        noise = np.random.default_rng(7)
        code = np.asarray(picture(module_px=module_px), dtype=np.float32) / 255
        lamp = np.linspace(40, 220, code.shape[1], dtype=np.float32)
        seen = lamp + code * contrast + noise.normal(0, 1, code.shape)

        assert read(Image.fromarray(seen.astype(np.uint8))) == [BAKERY]

    def test_reads_a_large_photograph(self) -> None:
        desk = Image.new("L", (4000, 3000), 170)
        desk.paste(picture(module_px=24), (900, 700))

        assert read(saved(desk, "JPEG", quality=85)) == [BAKERY]

    @settings(deadline=None)
    @given(content=st.binary(max_size=300))
    def test_refuses_bytes_that_are_no_picture(self, content: bytes) -> None:
        assert fault_of(content) is ImageFault.NOT_AN_IMAGE

    @settings(deadline=None)
    @given(data=st.data())
    def test_refuses_or_reads_a_damaged_picture(self, data: st.DataObject) -> None:
        whole = saved(picture(module_px=3), data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"])))
        cut = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:cut] + data.draw(st.binary(max_size=8)) + whole[cut + 8 :]

        try:
            found = read(damaged)
        except UnreadableImage:
            found = []
        assert set(found) <= {BAKERY}

    def test_refuses_a_truncated_picture(self) -> None:
        assert fault_of(saved(picture(), "JPEG")[:2000]) is ImageFault.NOT_AN_IMAGE

    @pytest.mark.parametrize("side", [8_001, 9_800, 14_000])
    def test_refuses_more_pixels_than_it_will_decode(self, side: int) -> None:
        bomb = saved(Image.new("1", (side, side)), "PNG")

        assert len(bomb) < 100_000
        assert fault_of(bomb) is ImageFault.TOO_LARGE

    def test_refuses_a_bomb_by_its_header_alone(self) -> None:
        header = saved(Image.new("1", (9_000, 9_000)), "PNG")[:60]

        assert fault_of(header) is ImageFault.TOO_LARGE

    def test_refuses_an_oversized_picture_in_memory(self) -> None:
        with pytest.raises(UnreadableImage, match="too_large"):
            read(Image.new("1", (8_001, 8_001)))

    def test_refuses_forms_nobody_photographs_in(self) -> None:
        assert fault_of(saved(picture(), "TIFF")) is ImageFault.NOT_AN_IMAGE
