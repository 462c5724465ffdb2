"""Whose code a text is, before the database is asked, and what may be wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qr import (
    BadCode,
    CodeFault,
    DevicePublicKey,
    KeyRing,
    Kind,
    kind_of,
    open_living,
    open_plaque,
    read_slip,
)
from server.enterprise.models import Enterprise
from server.enterprise.uscc import find_uscc, read_uscc
from server.plaque.models import Plaque
from server.refusal import Reason


class CodeReason(Reason):
    """Why a scanned or typed code leads to no enterprise."""

    UNKNOWN_CODE = "unknown_code"
    FORGED_CODE = "forged_code"
    REVOKED_CODE = "revoked_code"
    STALE_CODE = "stale_code"
    USED_CODE = "used_code"


class ImageReason(Reason):
    """Why a photo gives no code."""

    UNREADABLE_IMAGE = "unreadable_image"
    NO_CODE_IN_IMAGE = "no_code_in_image"


@dataclass(frozen=True, slots=True)
class Token:
    """What a text claims, before the database is asked.

    A verified serial of a plaque, a verified step of an enrolled phone, a slip as it is printed, or a USCC,
    typed or inside the text of a business licence's QR code.
    """

    serial: int | None = None
    phone: int | None = None
    step: int | None = None
    slip: str | None = None
    uscc: str | None = None
    licence: bool = False
    fault: CodeReason | None = None


def read_code(
    text: str, *, keys: KeyRing, prefix: str, key_of: Callable[[int], DevicePublicKey | None], at: datetime
) -> Token:
    """Open a scanned or typed text. A signature must verify: decoders do misread.

    `key_of` gives the key of an enrolled phone, `at` the moment at which the code was read: a living code
    is of that half minute or of none.
    """
    typed = read_uscc(text)
    if typed is not None:
        return Token(uscc=typed.text)
    try:
        kind = kind_of(text, prefix=prefix)
        if kind is Kind.LIVING:
            living = open_living(text, key_of=key_of, at=at.timestamp(), prefix=prefix)
            return Token(phone=living.device, step=living.step)
        if kind is Kind.SLIP:
            return Token(slip=read_slip(text, prefix=prefix))
        return Token(serial=open_plaque(text, keys=keys, prefix=prefix).serial)
    except BadCode as bad:
        return _read_otherwise(text, prefix=prefix, bad=bad)


def fault_of(token: Token, *, plaque: Plaque | None, enterprise: Enterprise | None) -> CodeReason | None:
    """Why this code may not be used, or None; `plaque` and `enterprise` are what the database knows."""
    if token.fault is not None:
        return token.fault
    if enterprise is None:
        return CodeReason.UNKNOWN_CODE
    if plaque is not None and plaque.revoked_at is not None:
        return CodeReason.REVOKED_CODE
    return None


# What the person with the phone is told for each fault of a token.
TOLD = {
    CodeFault.FORGED: CodeReason.FORGED_CODE,
    CodeFault.UNKNOWN_KEY: CodeReason.FORGED_CODE,
    CodeFault.REVOKED_KEY: CodeReason.REVOKED_CODE,
    CodeFault.EXPIRED: CodeReason.STALE_CODE,
    CodeFault.NOT_YET: CodeReason.STALE_CODE,
}


def _read_otherwise(text: str, *, prefix: str, bad: BadCode) -> Token:
    """A text that is no token of ours: a typed slip, or a business licence's QR code."""
    if bad.reason in TOLD:
        return Token(fault=TOLD[bad.reason])
    try:
        return Token(slip=read_slip(text, prefix=prefix))
    except BadCode:
        licence = find_uscc(text)
        return Token(uscc=licence.text, licence=True) if licence else Token(fault=CodeReason.UNKNOWN_CODE)
