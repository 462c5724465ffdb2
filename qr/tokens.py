"""The plaque token: a web address whose last part is a number that carries its own proof.

``HTTPS://HOST/E/`` and 168 decimal digits. The digits are one integer of 558 bits, written in
base 10, most significant digit first, padded with zeros to a fixed width:

    bits 557-556  kind (0 is a plaque; 1 to 3 are kept for later kinds)
    bits 555-552  key id, 0 to 15
    bits 551-512  serial, 0 to 2**40 - 1
    bits 511-0    Ed25519 signature (RFC 8032), 64 bytes

Decimal digits, because a QR symbol stores them at 3.33 bits each and every browser accepts them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_SERIAL = 2**40 - 1
MAX_KEY_ID = 15
DIGITS = 168

_HEAD_BYTES = 6
_SIGNATURE_BYTES = 64
_BODY_BITS = 558
# What the signature of each kind begins with, so that no kind can stand in for another.
_PLAQUE_DOMAIN = b"ruqi/plaque/1\0"
# Longer input is refused unread: a host has at most 253 characters, and the rest is fixed.
_LONGEST_TEXT = 512
_VERIFIED_KEPT = 4096

_ORIGIN = r"(?P<scheme>HTTPS?)://(?P<host>[A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?)(?P<port>:[0-9]{1,5})?"
_ORIGIN_OR_PREFIX = re.compile(rf"{_ORIGIN}(?:/|/E/?)?")
_ADDRESS = re.compile(rf"{_ORIGIN}/E/[0-9]+")
# Chinese input methods type full-width forms, and the ideographic full stop for a dot.
_TO_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3002: 0x2E}
# str.strip() leaves these two alone, and copying from a web page or a file brings them along.
_INVISIBLE = "\u200b\ufeff"


class Kind(IntEnum):
    """What a token stands for; two bits, of which only one value is used so far."""

    PLAQUE = 0


class CodeFault(StrEnum):
    """Why a text is not a plaque of ours; the list is closed, sentences live in the client."""

    NOT_A_CODE = "not_a_code"
    WRONG_HOST = "wrong_host"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"


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


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, 32 raw bytes, under its key id; ValueError when either is out of range."""

    key_id: int
    raw: bytes

    def __post_init__(self) -> None:
        _check_key_id(self.key_id)
        if len(self.raw) != 32:
            raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(self.raw)}")


@dataclass(frozen=True, slots=True)
class PlaqueKey:
    """The city's signing key; keep it where only the server and the backup can read it."""

    key_id: int
    _private: Ed25519PrivateKey

    @classmethod
    def generate(cls, key_id: int) -> "PlaqueKey":
        """Make a new random key; ValueError unless the id is 0 to 15."""
        return cls(_check_key_id(key_id), Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, key_id: int, seed: bytes) -> "PlaqueKey":
        """Load a key from its 32-byte seed; ValueError for another length or an id outside 0 to 15."""
        return cls(_check_key_id(key_id), Ed25519PrivateKey.from_private_bytes(seed))

    def to_bytes(self) -> bytes:
        """Give the 32-byte seed, for storing; whoever has it can make plaques."""
        return self._private.private_bytes_raw()

    @property
    def public(self) -> PublicKey:
        """Give the half that verifies."""
        return PublicKey(self.key_id, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; 64 bytes."""
        return self._private.sign(message)


class KeyRing:
    """The public keys that count, by key id; immutable, ValueError when two share an id."""

    __slots__ = ("_by_id",)

    def __init__(self, *keys: PublicKey) -> None:
        self._by_id = {key.key_id: key for key in keys}
        if len(self._by_id) != len(set(keys)):
            raise ValueError("two different keys share one key id")

    @classmethod
    def from_hex(cls, keys: Mapping[str, str]) -> "KeyRing":
        """Read what ``to_hex`` wrote; ValueError for anything else."""
        return cls(*(PublicKey(int(key_id), bytes.fromhex(raw)) for key_id, raw in keys.items()))

    def to_hex(self) -> dict[str, str]:
        """Give key id (decimal) to public key (64 hex digits), as JSON for the client wants it."""
        return {str(key_id): key.raw.hex() for key_id, key in sorted(self._by_id.items())}

    def find(self, key_id: int) -> PublicKey | None:
        """Look a key up."""
        return self._by_id.get(key_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRing) and self._by_id == other._by_id

    def __hash__(self) -> int:
        return hash(frozenset(self._by_id.values()))


@lru_cache(maxsize=64)
def plaque_prefix(origin: str) -> str:
    """Turn a server's address (``https://ru.gov.cn``) into what its plaques begin with.

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
    head = (Kind.PLAQUE << 44 | key.key_id << 40 | serial).to_bytes(_HEAD_BYTES, "big")
    body = head + key.sign(_plaque_message(prefix, head))
    return f"{prefix}{int.from_bytes(body, 'big'):0{DIGITS}d}"


def open_plaque(text: str, *, keys: KeyRing, prefix: str) -> Plaque:
    """Read a token that was scanned, opened or typed; BadCode when it does not prove itself.

    Case, white space around it and full-width forms do not matter. The scheme does: it is part
    of what was signed, so a plaque of a plain-http demonstration is no plaque of the city's.
    """
    prefix = plaque_prefix(prefix)
    head, signature = _take_apart(_plain(text), prefix)
    value = int.from_bytes(head, "big")
    if value >> 44 != Kind.PLAQUE:
        raise BadCode(CodeFault.MALFORMED)
    key = keys.find(value >> 40 & MAX_KEY_ID)
    if key is None:
        raise BadCode(CodeFault.UNKNOWN_KEY)
    _verify(key.raw, _plaque_message(prefix, head), signature)
    return Plaque(serial=value & MAX_SERIAL, key_id=key.key_id)


def _check_key_id(key_id: int) -> int:
    if not 0 <= key_id <= MAX_KEY_ID:
        raise ValueError(f"a key id is 0 to {MAX_KEY_ID}, not {key_id}")
    return key_id


def _is_local(host: str) -> bool:
    try:
        return host == "LOCALHOST" or IPv4Address(host).is_private
    except AddressValueError:
        return False


def _plaque_message(prefix: str, head: bytes) -> bytes:
    """Give the bytes a plaque's signature covers; the head's fixed width keeps them unambiguous."""
    return _PLAQUE_DOMAIN + prefix.encode("ascii") + head


def _plain(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise BadCode(CodeFault.NOT_A_CODE)
    plain = text.translate(_TO_HALF_WIDTH).strip().strip(_INVISIBLE).strip()
    # Before upper(): it would turn some letters beyond ASCII into ASCII ones.
    if not plain.isascii():
        raise BadCode(CodeFault.NOT_A_CODE)
    return plain.upper()


def _take_apart(text: str, prefix: str) -> tuple[bytes, bytes]:
    """Split a plain token into its head (6 bytes) and its signature (64 bytes)."""
    if not text.startswith(prefix):
        foreign = _ADDRESS.fullmatch(text) is not None
        raise BadCode(CodeFault.WRONG_HOST if foreign else CodeFault.NOT_A_CODE)
    digits = text[len(prefix) :]
    if len(digits) != DIGITS or not digits.isdigit():
        raise BadCode(CodeFault.MALFORMED)
    number = int(digits)
    # The largest 168 digits exceed 558 bits a little; refused, so that a token has one spelling.
    if number >> _BODY_BITS:
        raise BadCode(CodeFault.MALFORMED)
    body = number.to_bytes(_HEAD_BYTES + _SIGNATURE_BYTES, "big")
    return body[:_HEAD_BYTES], body[_HEAD_BYTES:]


@lru_cache(maxsize=_VERIFIED_KEPT)
def _verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature once; later calls with the same bytes cost nothing.

    Only successes are remembered (a raise never is), so a flood of forgeries drives no genuine
    plaque out. The key is part of the question: taking it off the ring takes effect at once.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise BadCode(CodeFault.FORGED) from None
