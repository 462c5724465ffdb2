"""Codes that an enrolled phone makes anew every 30 seconds: the enterprise's living code, the inspector's visit code.

Both are tokens. The phone signs with its own key, so nobody else can make them, the server neither;
they need no network, only a clock. Their numbers:

    2 bits    kind: 1 is a living code, 2 a visit code
    26 bits   number of the phone, given when it was enrolled
    18 bits   step: the last bits of (seconds since 1970 // 30)
    128 bits  id of the visit (visit codes only)
    512 bits  ECDSA signature, P-256 with SHA-256, r and s of 32 bytes each

The signature covers the domain, the prefix, the first 46 bits as 6 bytes, the whole step as 8
bytes, and the visit's 16 bytes. The whole step is known from its last bits to whoever has a clock:
they come round again after 91 days, but the signature does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from .keys import DeviceKey, DevicePublicKey
from .tokens import HEAD_BYTES, BadCode, CodeFault, Kind, plaque_prefix, read_token, write_token

STEP_S = 30
MAX_DEVICE = 2**26 - 1
# A code holds in its own step and one on either side: clocks differ, and scanning takes time.
DRIFT = 1

_STEP_BITS = 18
_DOMAINS = {Kind.LIVING: b"ruqi/living/1\0", Kind.VISIT: b"ruqi/visit/1\0"}

FindKey = Callable[[int], DevicePublicKey | None]


@dataclass(frozen=True, slots=True)
class LivingCode:
    """What a verified living code says: which phone made it, and in which step; a pair counts once."""

    device: int
    step: int


@dataclass(frozen=True, slots=True)
class VisitCode:
    """What a verified visit code says: which inspector's phone, which visit, which step."""

    device: int
    visit: UUID
    step: int


def step_at(at: float) -> int:
    """Give the step of a time in seconds since 1970."""
    return int(at // STEP_S)


def sign_living(device: int, *, at: float, key: DeviceKey, prefix: str) -> str:
    """Write the living code of a phone for a time; ValueError when the device or the prefix is out of range."""
    return _sign(Kind.LIVING, device, b"", at=at, key=key, prefix=prefix)


def sign_visit(device: int, visit: UUID, *, at: float, key: DeviceKey, prefix: str) -> str:
    """Write the visit code of an inspector's phone for a time; ValueError as for the living code."""
    return _sign(Kind.VISIT, device, visit.bytes, at=at, key=key, prefix=prefix)


def open_living(text: str, *, key_of: FindKey, at: float, prefix: str, drift: int = DRIFT) -> LivingCode:
    """Read a living code that was scanned at a time; BadCode when it does not prove itself or is not of that time.

    ``key_of`` gives the public key of an enrolled phone that is not revoked. That a code is used
    once is for the caller to see to: by device and step, never by its text.
    """
    device, step, _ = _open(text, Kind.LIVING, key_of=key_of, at=at, prefix=prefix, drift=drift)
    return LivingCode(device, step)


def open_visit(text: str, *, key_of: FindKey, at: float, prefix: str, drift: int = DRIFT) -> VisitCode:
    """Read a visit code that was scanned at a time, as `open_living` does."""
    device, step, visit = _open(text, Kind.VISIT, key_of=key_of, at=at, prefix=prefix, drift=drift)
    return VisitCode(device, UUID(bytes=visit), step)


def _sign(kind: Kind, device: int, payload: bytes, *, at: float, key: DeviceKey, prefix: str) -> str:
    if not 0 <= device <= MAX_DEVICE:
        raise ValueError(f"a device is 0 to {MAX_DEVICE}, not {device}")
    prefix, step = plaque_prefix(prefix), step_at(at)
    if step < 0:
        raise ValueError("a code of a time before 1970")
    head = (kind << 44 | device << _STEP_BITS | step % 2**_STEP_BITS).to_bytes(HEAD_BYTES, "big")
    signature = key.sign(_message(kind, prefix, head, step, payload))
    return write_token(kind, head + payload + signature, prefix=prefix)


def _open(text: str, kind: Kind, *, key_of: FindKey, at: float, prefix: str, drift: int) -> tuple[int, int, bytes]:
    prefix = plaque_prefix(prefix)
    body = read_token(text, kind, prefix=prefix)
    head, payload, signature = body[:HEAD_BYTES], body[HEAD_BYTES:-64], body[-64:]
    value = int.from_bytes(head, "big")
    device = value >> _STEP_BITS & MAX_DEVICE
    key = key_of(device)
    if key is None:
        raise BadCode(CodeFault.UNKNOWN_KEY)
    now = step_at(at)
    step = _nearest(value % 2**_STEP_BITS, now)
    if step < 0 or not key.verifies(signature, _message(kind, prefix, head, step, payload)):
        raise BadCode(CodeFault.FORGED)
    if abs(step - now) > drift:
        raise BadCode(CodeFault.EXPIRED if step < now else CodeFault.NOT_YET)
    return device, step, payload


def _nearest(last_bits: int, now: int) -> int:
    """Give the whole step that ends in these bits and is nearest to now."""
    half = 1 << (_STEP_BITS - 1)
    return now - half + (last_bits - now + half) % (2 * half)


def _message(kind: Kind, prefix: str, head: bytes, step: int, payload: bytes) -> bytes:
    """Give the bytes a signature covers; all but the prefix have a fixed width, so there is one reading."""
    return _DOMAINS[kind] + prefix.encode("ascii") + head + step.to_bytes(8, "big") + payload
