"""Reads QR symbols in uploaded pictures: photographs of plaques, screens and business licences."""

import io
import struct
from collections.abc import Callable, Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

MAX_PIXELS = 64_000_000

# HEIC needs a codec of its own; phones send JPEG when a form asks for pictures.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# A JPEG decoder can halve a picture for nothing; beyond this side the symbol has pixels to spare.
_DRAFT_SIDE = 2000
# The later passes cost some ten times the first; they run on at most this side.
_RETRY_SIDE = 2000
_ENLARGE_BELOW = 1000
# What Pillow's decoders are known to raise on damaged files.
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error)


class ImageFault(StrEnum):
    """Why a picture could not be looked at."""

    NOT_AN_IMAGE = "not_an_image"
    TOO_LARGE = "too_large"


class UnreadableImage(Exception):
    """The picture could not be looked at; ``reason`` says why. A picture without a code is not that."""

    def __init__(self, reason: ImageFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read(image: bytes | Image.Image, *, counts: Callable[[str], bool] | None = None) -> list[str]:
    """Give the text of every QR symbol in a picture, each once, empty when there is none.

    Bytes may be JPEG, PNG, WebP, GIF (first frame) or BMP, of up to 64 million pixels;
    UnreadableImage otherwise. A photographed code can be misread: what comes out counts only when
    it verifies. With ``counts``, which tells whether a text does, the search goes on until one
    does; when none does, the first that were read come out all the same, to be refused by name.
    """
    read_first: list[str] = []
    for candidate in _passes(_to_grey(_open(image) if isinstance(image, bytes) else image)):
        found = zxingcpp.read_barcodes(candidate, formats=_QR_ONLY, text_mode=zxingcpp.TextMode.Plain)
        texts = list(dict.fromkeys(code.text for code in found))
        if texts and (counts is None or any(counts(text) for text in texts)):
            return texts
        read_first = read_first or texts
    return read_first


def _open(content: bytes) -> Image.Image:
    """Decode a picture after its header promised a size we accept, as few pixels as will do."""
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=_FORMATS)
        _check_size(picture)
        picture.draft("L", (_DRAFT_SIDE, _DRAFT_SIDE))
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableImage(ImageFault.TOO_LARGE) from None
    except _DECODE_ERRORS as error:
        raise UnreadableImage(ImageFault.NOT_AN_IMAGE) from error
    return picture


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise UnreadableImage(ImageFault.TOO_LARGE)


def _to_grey(picture: Image.Image) -> Image.Image:
    """Turn a picture upright and grey; what is transparent becomes white, as on a page."""
    _check_size(picture)
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        solid = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", solid.size, "white"), solid)
    return upright.convert("L")


def _passes(grey: Image.Image) -> Iterator[Image.Image]:
    """Give the picture, then copies that help where it fails, from the most to the least useful."""
    yield grey
    small = grey.copy()
    small.thumbnail((_RETRY_SIDE, _RETRY_SIDE), Image.Resampling.BOX)
    yield _level_light(small, blur=1)
    yield _level_light(small, blur=1.6)
    yield ImageOps.autocontrast(small, cutoff=2)
    yield small.resize(_scaled(small, 0.5), Image.Resampling.BOX)
    if max(small.size) < _ENLARGE_BELOW:
        large = small.resize(_scaled(small, 2), Image.Resampling.LANCZOS)
        yield _level_light(large, blur=1)
        yield _level_light(large, blur=1.6)


def _scaled(picture: Image.Image, factor: float) -> tuple[int, int]:
    return max(1, round(picture.width * factor)), max(1, round(picture.height * factor))


def _level_light(grey: Image.Image, *, blur: float) -> Image.Image:
    """Divide each pixel's distance from the mean around it by the spread around it.

    It takes away shadow, glare and a washed-out print, after a blur of so many pixels has taken
    the sensor's noise, which would be raised with the rest. The window is a twelfth of the longer
    side: wider than a module of a symbol that fills the picture, narrower than a shadow.
    """
    pixels = np.asarray(grey.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float32)
    radius = max(2, max(grey.size) // 24)
    mean = _box_mean(pixels, radius)
    spread = np.sqrt(np.maximum(_box_mean(pixels * pixels, radius) - mean * mean, 1.0))
    levelled = np.clip(128 + 64 * (pixels - mean) / spread, 0, 255)
    return Image.fromarray(levelled.astype(np.uint8))


def _box_mean(pixels: npt.NDArray[np.float32], radius: int) -> npt.NDArray[np.float32]:
    """Average over a square of 2 × radius + 1 pixels a side around each pixel, edges repeated."""
    size = 2 * radius + 1
    # In double precision: the running sum of a whole picture outgrows 24 bits.
    padded = np.pad(pixels.astype(np.float64), ((radius + 1, radius), (radius + 1, radius)), "edge")
    total = padded.cumsum(axis=0).cumsum(axis=1)
    box = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    mean: npt.NDArray[np.float32] = (box / size**2).astype(np.float32)
    return mean
