"""Photos on their way in: decoded, turned upright, stripped of position and camera data, stored as JPEG."""

import io
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from server.clock import SHANGHAI
from server.refusal import Refusal

from .rules import RecordReason

LONGEST_SIDE = 4096
MOST_PIXELS = 50_000_000
_DATE_TIME_ORIGINAL = 0x9003
_EXIF_PART = 0x8769


def read_evidence(body: bytes) -> tuple[bytes, str, datetime | None]:
    """The bytes to keep, their media type and the photo's own time, or a Refusal `unreadable_file`.

    PDF passes as it is. A photo is re-encoded, since EXIF carries places and serial numbers of phones.
    """
    if body.startswith(b"%PDF-"):
        return body, "application/pdf", None
    try:
        with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refusal(RecordReason.UNREADABLE_FILE, 422)
            taken_at = _taken_at(image)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refusal(RecordReason.UNREADABLE_FILE, 422) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = io.BytesIO()
    upright.save(kept, "JPEG", quality=88)
    return kept.getvalue(), "image/jpeg", taken_at


def _taken_at(image: Image.Image) -> datetime | None:
    text = image.getexif().get_ifd(_EXIF_PART).get(_DATE_TIME_ORIGINAL)
    try:
        return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
