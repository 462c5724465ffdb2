"""Pictures on their way in: decoded, turned upright, stripped of position and camera data, stored as JPEG."""

import ctypes
import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from .clock import SHANGHAI
from .incoming import FIRST_DAY, LAST_DAY

LONGEST_SIDE = 4096
PORTRAIT = (480, 640)
MOST_PIXELS = 50_000_000
# A white page of a scanner comes to some 400 pixels a byte as PNG; a bomb to thousands.
MOST_PER_BYTE = 1_000
# Each open picture takes up to 150 MB: so many at once in a process, the others wait.
_DECODING = threading.BoundedSemaphore(2)
# glibc alone has it; elsewhere the allocator does as it likes.
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)
_DATE_TIME_ORIGINAL = 0x9003
_EXIF_PART = 0x8769


class UnreadablePicture(ValueError):
    """Bytes that are no JPEG, PNG or WebP, or too many pixels to open."""


def read_evidence(body: bytes) -> tuple[bytes, str, datetime | None]:
    """The bytes to keep, their media type and the photo's own time; UnreadablePicture.

    PDF passes as it is. A photo is re-encoded, since EXIF carries places and serial numbers of phones.
    """
    if body.startswith(b"%PDF-"):
        return body, "application/pdf", None
    with decoding():
        upright, taken_at = _upright(body)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return _jpeg(upright, quality=88), "image/jpeg", taken_at


def read_portrait(body: bytes) -> bytes:
    """A face to compare with the one at the door: 480 × 640 from the middle, as JPEG; UnreadablePicture."""
    with decoding():
        upright, _ = _upright(body)
        # Faces stand above the middle of a picture that was not taken for a certificate.
        return _jpeg(ImageOps.fit(upright, PORTRAIT, centering=(0.5, 0.35)), quality=85)


@contextmanager
def decoding() -> Iterator[None]:
    """Room for one open picture; its memory goes back to the system, which an allocator would rather keep."""
    with _DECODING:
        try:
            yield
        finally:
            if _TRIM is not None:
                _TRIM(0)


def _upright(body: bytes) -> tuple[Image.Image, datetime | None]:
    try:
        with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            pixels = image.width * image.height
            if pixels > MOST_PIXELS or (image.format != "JPEG" and pixels > MOST_PER_BYTE * len(body)):
                raise UnreadablePicture("too many pixels")
            # A large JPEG is decoded at a half, a quarter or an eighth: never smaller than what is kept of it.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return ImageOps.exif_transpose(image).convert("RGB"), _taken_at(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(str(error)) from None


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    kept = io.BytesIO()
    # Pillow writes a comment that it has read: of a JPEG, and of a PNG's text of that name.
    image.info.clear()
    image.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def _taken_at(image: Image.Image) -> datetime | None:
    """The photo's own time; none when its EXIF is broken, or tells of a day that no calendar or no camera knows."""
    try:
        text = image.getexif().get_ifd(_EXIF_PART).get(_DATE_TIME_ORIGINAL)
        taken_at = datetime.strptime(str(text).strip(" \0"), "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except (ValueError, TypeError, KeyError, SyntaxError, OverflowError, struct.error):
        return None
    return taken_at if FIRST_DAY <= taken_at.date() <= LAST_DAY else None
