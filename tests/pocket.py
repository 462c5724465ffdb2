"""Codes outside the server: what an enrolled phone shows, and what a printed sheet holds."""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pypdfium2

import qr

from .conftest import Hand
from .factories import KEY

PREFIX = qr.plaque_prefix("https://ruqi.test")
RING = qr.KeyRing(KEY.public)
STEP = timedelta(seconds=30)


def public(key: qr.DeviceKey) -> str:
    """A public key as a browser sends it."""
    return base64.urlsafe_b64encode(key.public.raw).decode().rstrip("=")


class Pocket:
    """A phone that somebody enrolled."""

    def __init__(self, hand: Hand, label: str = "前台手机") -> None:
        self.hand, self.key = hand, qr.DeviceKey.generate()
        answer = hand.post("/phones", {"public_key": public(self.key), "label": label})
        assert answer.status_code == 201, answer.json
        self.number = answer.json["number"]
        self.role = answer.json["role"]

    def living(self, at: datetime) -> str:
        """What it shows at this moment."""
        return qr.sign_living(self.number, at=at.timestamp(), key=self.key, prefix=PREFIX)

    def visit_code(self, visit: Any, at: datetime) -> str:
        """What an inspector's phone shows for a visit."""
        return qr.sign_visit(self.number, UUID(str(visit)), at=at.timestamp(), key=self.key, prefix=PREFIX)


def texts_of(document: bytes) -> list[str]:
    """The codes on the pages of a PDF, as a phone reads them."""
    pdf = pypdfium2.PdfDocument(document)
    texts = [text for page in pdf for text in qr.read(page.render(scale=2).to_pil())]
    pdf.close()
    return texts
