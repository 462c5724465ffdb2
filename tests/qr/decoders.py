"""The two decoders every drawn symbol must satisfy: the one we use, and one that knows nothing of it."""

import cv2
import numpy as np
from PIL import Image

from qr import Matrix, read

QUIET_ZONE = 4


def decoded(picture: Image.Image) -> set[str]:
    """Read a picture with zxing-cpp and with OpenCV; one element when they agree."""
    # Of OpenCV's two detectors the plain one loses one clean symbol in twenty.
    independent, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(np.asarray(picture.convert("L")))
    return {independent, *read(picture)}


def painted(modules: Matrix, module_px: int = 6) -> Image.Image:
    """Paint rows of modules (True is dark) without any of the code under test."""
    rows = np.kron(np.asarray(modules), np.ones((module_px, module_px)))
    return Image.fromarray(np.where(rows > 0, 0, 255).astype(np.uint8))


def surrounded(modules: Matrix) -> Matrix:
    """Put the quiet zone around a symbol."""
    padded = np.pad(np.asarray(modules), QUIET_ZONE)
    return tuple(tuple(bool(each) for each in row) for row in padded)
