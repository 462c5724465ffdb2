"""Keys: the city's, which sign plaques and lists, and those that a phone makes and never gives away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_KEY_ID = 15
SIGNATURE_BYTES = 64

_VERIFIED_KEPT = 4096
_KEYS_KEPT = 4096
_SHA256 = SHA256()


class KeyState(StrEnum):
    """What a city's key is good for at a time."""

    COMING = "coming"  # known already, so that phones have it when it begins to sign
    SIGNING = "signing"
    RETIRED = "retired"  # signs no more; what it signed holds
    REVOKED = "revoked"  # what it signed holds no more


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A city's Ed25519 public key, 32 raw bytes, under its key id, with the times of its life.

    Times are seconds since 1970, UTC. ValueError when the id or the length is out of range.
    """

    key_id: int
    raw: bytes
    valid_from: int = 0
    retired_at: int | None = None
    revoked_at: int | None = None

    def __post_init__(self) -> None:
        check_key_id(self.key_id)
        if len(self.raw) != 32:
            raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(self.raw)}")

    @property
    def counts(self) -> bool:
        """Whether what it signed holds: until it is revoked."""
        return self.revoked_at is None

    def state(self, at: int) -> KeyState:
        """Tell what it is good for at a time."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return KeyState.REVOKED
        if self.retired_at is not None and self.retired_at <= at:
            return KeyState.RETIRED
        return KeyState.SIGNING if self.valid_from <= at else KeyState.COMING

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key signed ``message``; a second question with the same bytes costs nothing."""
        try:
            _verify_city(self.raw, message, signature)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PlaqueKey:
    """The city's signing key; keep it where only the server and the backup can read it."""

    key_id: int
    _private: Ed25519PrivateKey

    @classmethod
    def generate(cls, key_id: int) -> "PlaqueKey":
        """Make a new random key; ValueError unless the id is 0 to 15."""
        return cls(check_key_id(key_id), Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, key_id: int, seed: bytes) -> "PlaqueKey":
        """Load a key from its 32-byte seed; ValueError for another length or an id outside 0 to 15."""
        return cls(check_key_id(key_id), Ed25519PrivateKey.from_private_bytes(seed))

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
    """The city's public keys by key id, whatever their state; immutable, ValueError when two share an id."""

    __slots__ = ("_by_id",)

    def __init__(self, *keys: PublicKey) -> None:
        self._by_id = {key.key_id: key for key in keys}
        if len(self._by_id) != len(set(keys)):
            raise ValueError("two different keys share one key id")

    @classmethod
    def from_hex(cls, keys: Mapping[str, str]) -> "KeyRing":
        """Read what ``to_hex`` wrote; ValueError for anything else."""
        return cls(*(PublicKey(int(key_id), bytes.fromhex(raw)) for key_id, raw in keys.items()))

    @classmethod
    def from_json(cls, keys: list[dict[str, Any]]) -> "KeyRing":
        """Read what ``to_json`` wrote; ValueError or KeyError for anything else."""
        return cls(*(PublicKey(**{**key, "raw": bytes.fromhex(key["raw"])}) for key in keys))

    def to_hex(self) -> dict[str, str]:
        """Give key id (decimal) to public key (64 hex digits) of the keys that count, as the client wants it."""
        return {str(key_id): key.raw.hex() for key_id, key in sorted(self._by_id.items()) if key.counts}

    def to_json(self) -> list[dict[str, Any]]:
        """Give all keys with the times of their lives, by key id, to be stored."""
        return [
            {
                "key_id": key.key_id,
                "raw": key.raw.hex(),
                "valid_from": key.valid_from,
                "retired_at": key.retired_at,
                "revoked_at": key.revoked_at,
            }
            for _, key in sorted(self._by_id.items())
        ]

    def find(self, key_id: int) -> PublicKey | None:
        """Look a key up."""
        return self._by_id.get(key_id)

    def signing(self, at: int) -> PublicKey | None:
        """Give the key that signs at a time, the newest when several could; None when none can."""
        able = [key for key in self._by_id.values() if key.state(at) is KeyState.SIGNING]
        return max(able, key=lambda key: (key.valid_from, key.key_id), default=None)

    def free_key_id(self) -> int:
        """Give the smallest key id never used; ids are not used twice, so ValueError after sixteen keys."""
        free = [key_id for key_id in range(MAX_KEY_ID + 1) if key_id not in self._by_id]
        if not free:
            raise ValueError("all sixteen key ids are used")
        return free[0]

    def rotated(self, fresh: PublicKey, *, at: int) -> "KeyRing":
        """Let ``fresh`` sign from ``at`` on, and retire those that sign now; plaques they signed go on verifying."""
        kept = [
            replace(key, retired_at=at) if key.state(at) is KeyState.SIGNING else key for key in self._by_id.values()
        ]
        return KeyRing(*kept, replace(fresh, valid_from=at))

    def revoked(self, key_id: int, *, at: int) -> "KeyRing":
        """Take back everything a key signed, because it leaked; KeyError when there is no such key."""
        return KeyRing(*{**self._by_id, key_id: replace(self._by_id[key_id], revoked_at=at)}.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRing) and self._by_id == other._by_id

    def __hash__(self) -> int:
        return hash(frozenset(self._by_id.values()))


@dataclass(frozen=True, slots=True)
class DevicePublicKey:
    """The public key of an enrolled phone: P-256, 65 raw bytes as WebCrypto exports them; ValueError for others."""

    raw: bytes

    def __post_init__(self) -> None:
        _device_key(self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this phone signed ``message``: 64 bytes, r and s, as WebCrypto writes them."""
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            _device_key(self.raw).verify(encode_dss_signature(r, s), message, ECDSA(_SHA256))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A phone's signing key, for tests and vectors; real ones are born in the browser and cannot leave it."""

    _private: EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> "DeviceKey":
        """Make a new random key."""
        return cls(generate_private_key(SECP256R1()))

    @classmethod
    def from_int(cls, secret: int) -> "DeviceKey":
        """Make the key of a secret number, 1 to the order of the curve; ValueError for others."""
        return cls(derive_private_key(secret, SECP256R1()))

    @property
    def public(self) -> DevicePublicKey:
        """Give the half that verifies."""
        encoded = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return DevicePublicKey(encoded)

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; 64 bytes, the same each time (RFC 6979)."""
        r, s = decode_dss_signature(self._private.sign(message, ECDSA(_SHA256, deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check_key_id(key_id: int) -> int:
    """Give a key id back; ValueError unless it is 0 to 15."""
    if not 0 <= key_id <= MAX_KEY_ID:
        raise ValueError(f"a key id is 0 to {MAX_KEY_ID}, not {key_id}")
    return key_id


@lru_cache(maxsize=_VERIFIED_KEPT)
def _verify_city(raw: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature once; later calls with the same bytes cost nothing.

    Only successes are remembered (a raise never is), so a flood of forgeries drives no genuine
    plaque out. The key is part of the question: taking it off the ring takes effect at once.
    """
    _city_key(raw).verify(signature, message)


@lru_cache(maxsize=MAX_KEY_ID + 1)
def _city_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=_KEYS_KEPT)
def _device_key(raw: bytes) -> EllipticCurvePublicKey:
    if len(raw) != 65:
        raise ValueError(f"a phone's public key has 65 bytes, not {len(raw)}")
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
