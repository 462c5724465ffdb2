"""The signed list of what no longer counts, small enough to be sent to every phone.

    1 byte    version, 1
    1 byte    key id of the key that signs the list
    4 bytes   sequence number, one more for each list
    5 bytes   time of issue, seconds since 1970
    2 bytes   revoked key epochs: bit n says that key id n, and all it signed, counts no more
    varint    how many serials follow
    varints   the revoked serials in rising order, each as its distance from the one before
    64 bytes  Ed25519 signature over "ruqi/revocations/1", a zero byte, the prefix, and all of the above

Numbers are big-endian; a varint has 7 bits a byte, lowest first, the eighth says that more follow. The
whole is base64url without padding. A serial costs one byte where one in a hundred is revoked.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass, field

from .keys import SIGNATURE_BYTES, KeyRing, PlaqueKey
from .tokens import MAX_SERIAL, BadCode, CodeFault, Plaque, plaque_prefix

_VERSION = 1
_FIXED_BYTES = 13
_DOMAIN = b"ruqi/revocations/1\0"


@dataclass(frozen=True, slots=True)
class Revocations:
    """The revoked serials and key epochs as of a time; a later list has a higher sequence number and replaces it.

    ``issued_at`` is in seconds since 1970. ValueError when a number is out of range.
    """

    sequence: int
    issued_at: int
    serials: frozenset[int] = field(default_factory=frozenset)
    key_ids: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not (0 <= self.sequence < 2**32 and 0 <= self.issued_at < 2**40):
            raise ValueError("a sequence number or time out of range")
        if not all(0 <= serial <= MAX_SERIAL for serial in self.serials):
            raise ValueError("a serial out of range")
        if not all(0 <= key_id < 16 for key_id in self.key_ids):
            raise ValueError("a key id out of range")

    def covers(self, plaque: Plaque) -> bool:
        """Tell whether a verified plaque no longer counts."""
        return plaque.serial in self.serials or plaque.key_id in self.key_ids


def sign_revocations(revoked: Revocations, *, key: PlaqueKey, prefix: str) -> str:
    """Write the list; ValueError when the key is one of those it revokes."""
    if key.key_id in revoked.key_ids:
        raise ValueError(f"key {key.key_id} cannot sign the list that revokes it")
    mask = sum(1 << key_id for key_id in revoked.key_ids)
    body = bytes([_VERSION, key.key_id]) + revoked.sequence.to_bytes(4, "big") + revoked.issued_at.to_bytes(5, "big")
    body += mask.to_bytes(2, "big") + b"".join(_varint(number) for number in _distances(revoked.serials))
    signature = key.sign(_message(prefix, body))
    return urlsafe_b64encode(body + signature).rstrip(b"=").decode("ascii")


def open_revocations(text: str, *, keys: KeyRing, prefix: str, known: int = -1) -> Revocations:
    """Read a list; BadCode when it does not prove itself, EXPIRED when it is older than the one already ``known``."""
    try:
        whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        raise BadCode(CodeFault.NOT_A_CODE) from None
    body, signature = whole[:-SIGNATURE_BYTES], whole[-SIGNATURE_BYTES:]
    # One spelling: base64 would ignore foreign characters and the bits that are left over.
    is_plain = urlsafe_b64encode(whole).rstrip(b"=") == text.encode("utf-8")
    if not is_plain or len(body) <= _FIXED_BYTES or body[0] != _VERSION:
        raise BadCode(CodeFault.MALFORMED)
    key = keys.find(body[1])
    if key is None:
        raise BadCode(CodeFault.UNKNOWN_KEY)
    if not key.verifies(signature, _message(prefix, body)):
        raise BadCode(CodeFault.FORGED)
    if not key.counts:
        raise BadCode(CodeFault.REVOKED_KEY)
    sequence, mask = int.from_bytes(body[2:6], "big"), int.from_bytes(body[11:13], "big")
    if sequence < known:
        raise BadCode(CodeFault.EXPIRED)
    return Revocations(
        sequence=sequence,
        issued_at=int.from_bytes(body[6:11], "big"),
        serials=frozenset(_serials(body[_FIXED_BYTES:])),
        key_ids=frozenset(key_id for key_id in range(16) if mask >> key_id & 1),
    )


def _message(prefix: str, body: bytes) -> bytes:
    """Give the bytes the signature covers; a prefix ends with its only ``/E/``, so there is one reading."""
    return _DOMAIN + plaque_prefix(prefix).encode("ascii") + body


def _distances(serials: frozenset[int]) -> Iterator[int]:
    yield len(serials)
    before = 0
    for serial in sorted(serials):
        yield serial - before
        before = serial


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _serials(packed: bytes) -> Iterator[int]:
    """Read the count and the serials; what a key signed is well-formed, so no more is checked than the count."""
    numbers = _varints(packed)
    count = next(numbers)
    serial = 0
    for distance in numbers:
        serial += distance
        count -= 1
        yield serial
    if count:
        raise BadCode(CodeFault.MALFORMED)


def _varints(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
