"""Tokens: web addresses whose last part is a number that carries its own proof; and the plaque's.

``HTTPS://HOST/E/`` and decimal digits: one integer in base 10, most significant digit first, padded
with zeros to a width that its kind fixes. Its first two bits are the kind. A plaque's 168 digits:

    bits 557-556  kind, 0
    bits 555-552  key id, 0 to 15
    bits 551-512  serial, 0 to 2**40 - 1
    bits 511-0    Ed25519 signature (RFC 8032), 64 bytes

Decimal digits, because a QR symbol stores them at 3.33 bits each and every browser accepts them.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from .keys import MAX_KEY_ID, SIGNATURE_BYTES, KeyRing, PlaqueKey

MAX_SERIAL = 2**40 - 1
HEAD_BYTES = 6

# What the signature of each kind begins with, so that no kind can stand in for another.
_PLAQUE_DOMAIN = b"ruqi/plaque/1\0"
# Longer input is refused unread: a host has at most 253 characters, and the rest is fixed.
_LONGEST_TEXT = 600

_ORIGIN = r"(?P<scheme>HTTPS?)://(?P<host>[A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?)(?P<port>:[0-9]{1,5})?"
_ORIGIN_OR_PREFIX = re.compile(rf"{_ORIGIN}(?:/|/E/?)?")
_ADDRESS = re.compile(rf"{_ORIGIN}/E/[0-9]+")
# Chinese input methods type full-width forms, and the ideographic full stop for a dot.
_TO_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3002: 0x2E}
# str.strip() leaves these two alone, and copying from a web page or a file brings them along.
_INVISIBLE = "\u200b\ufeff"


class Kind(IntEnum):
    """What a token stands for, in its first two bits."""

    PLAQUE = 0
    LIVING = 1
    VISIT = 2
    SLIP = 3


# Bits and decimal digits of each kind; a second version of a kind takes another number of digits.
BITS = {Kind.PLAQUE: 558, Kind.LIVING: 558, Kind.VISIT: 686, Kind.SLIP: 86}
DIGITS = {kind: len(str(2**bits - 1)) for kind, bits in BITS.items()}
_LENGTHS = frozenset(DIGITS.values())


class CodeFault(StrEnum):
    """Why a text is not the code that was asked for; the list is closed, sentences live in the client."""

    NOT_A_CODE = "not_a_code"
    WRONG_HOST = "wrong_host"
    WRONG_KIND = "wrong_kind"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    FORGED = "forged"
    EXPIRED = "expired"
    NOT_YET = "not_yet"


class BadCode(Exception):
    """The text is refused; ``reason`` says why."""

    def __init__(self, reason: CodeFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Plaque:
    """What a verified plaque says: which plaque it is, and which key vouches for it."""

    serial: int
    key_id: int


@lru_cache(maxsize=64)
def plaque_prefix(origin: str) -> str:
    """Turn a server's address (``https://ru.gov.cn``) into what its tokens begin with.

    Upper case, because a QR symbol stores capitals more tightly and a host has no case. Plain
    http is accepted only for localhost and private IPv4 addresses (a demonstration on a laptop);
    on the open network anyone on the way could answer. A prefix stays as it is; ValueError for
    any other text.
    """
    found = _ORIGIN_OR_PREFIX.fullmatch(origin.strip().upper()) if origin.isascii() else None
    if found is None:
        raise ValueError(f"not an address a plaque can carry: {origin!r}")
    if found["scheme"] == "HTTP" and not _is_local(found["host"]):
        raise ValueError(f"plain http is for localhost and private addresses only: {origin!r}")
    return f"{found['scheme']}://{found['host']}{found['port'] or ''}/E/"


def sign_plaque(serial: int, *, key: PlaqueKey, prefix: str) -> str:
    """Write the token of plaque ``serial``; ValueError when the serial or the prefix is out of range."""
    if not 0 <= serial <= MAX_SERIAL:
        raise ValueError(f"a serial is 0 to {MAX_SERIAL}, not {serial}")
    prefix = plaque_prefix(prefix)
    head = (Kind.PLAQUE << 44 | key.key_id << 40 | serial).to_bytes(HEAD_BYTES, "big")
    return write_token(Kind.PLAQUE, head + key.sign(_plaque_message(prefix, head)), prefix=prefix)


def open_plaque(text: str, *, keys: KeyRing, prefix: str) -> Plaque:
    """Read a token that was scanned, opened or typed; BadCode when it does not prove itself.

    Case, white space around it and full-width forms do not matter. The scheme does: it is part
    of what was signed, so a plaque of a plain-http demonstration is no plaque of the city's.
    """
    prefix = plaque_prefix(prefix)
    body = read_token(text, Kind.PLAQUE, prefix=prefix)
    head, signature = body[:HEAD_BYTES], body[HEAD_BYTES:]
    value = int.from_bytes(head, "big")
    key = keys.find(value >> 40 & MAX_KEY_ID)
    if key is None:
        raise BadCode(CodeFault.UNKNOWN_KEY)
    if not key.verifies(signature, _plaque_message(prefix, head)):
        raise BadCode(CodeFault.FORGED)
    if not key.counts:
        raise BadCode(CodeFault.REVOKED_KEY)
    return Plaque(serial=value & MAX_SERIAL, key_id=key.key_id)


def kind_of(text: str, *, prefix: str) -> Kind:
    """Tell what a token claims to be, nothing being proven yet; BadCode when it is no token of this host."""
    return _number(text, plaque_prefix(prefix))[0]


def write_token(kind: Kind, body: bytes, *, prefix: str) -> str:
    """Write a body, which begins with its kind, as digits behind the prefix."""
    return f"{prefix}{int.from_bytes(body, 'big'):0{DIGITS[kind]}d}"


def read_token(text: str, kind: Kind, *, prefix: str) -> bytes:
    """Give the body of a token of this kind, unproven; BadCode when the text is not one."""
    found, number = _number(text, prefix)
    if found is not kind:
        raise BadCode(CodeFault.WRONG_KIND)
    return number.to_bytes(-(-BITS[kind] // 8), "big")


def plain(text: str) -> str:
    """Give what hands and keyboards meant: half-width capitals without white space around; BadCode when impossible."""
    if len(text) > _LONGEST_TEXT:
        raise BadCode(CodeFault.NOT_A_CODE)
    narrow = text.translate(_TO_HALF_WIDTH).strip().strip(_INVISIBLE).strip()
    # Before upper(): it would turn some letters beyond ASCII into ASCII ones.
    if not narrow.isascii():
        raise BadCode(CodeFault.NOT_A_CODE)
    return narrow.upper()


def _number(text: str, prefix: str) -> tuple[Kind, int]:
    """Split a token into its kind and its number; a number has one spelling."""
    spelled = plain(text)
    if not spelled.startswith(prefix):
        foreign = _ADDRESS.fullmatch(spelled) is not None
        raise BadCode(CodeFault.WRONG_HOST if foreign else CodeFault.NOT_A_CODE)
    digits = spelled[len(prefix) :]
    if len(digits) not in _LENGTHS or not digits.isdigit():
        raise BadCode(CodeFault.MALFORMED)
    number = int(digits)
    for kind, bits in BITS.items():
        # The largest numbers of so many digits exceed the bits a little and are no kind's.
        if DIGITS[kind] == len(digits) and number >> bits - 2 == kind:
            return kind, number
    raise BadCode(CodeFault.MALFORMED)


def _is_local(host: str) -> bool:
    try:
        return host == "LOCALHOST" or IPv4Address(host).is_private
    except AddressValueError:
        return False


def _plaque_message(prefix: str, head: bytes) -> bytes:
    """Give the bytes a plaque's signature covers; the head's fixed width keeps them unambiguous."""
    return _PLAQUE_DOMAIN + prefix.encode("ascii") + head


assert BITS[Kind.PLAQUE] == HEAD_BYTES * 8 - 2 + SIGNATURE_BYTES * 8
