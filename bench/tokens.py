"""Plaque tokens opened per second, against the signature check alone, which no code of ours can avoid."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import qr
from qr.tokens import DIGITS, Kind

from .figure import Figure
from .rounds import in_turns

FLOOR = 0.8
# Never the same token twice: the server remembers what it has verified.
EACH = 600
ROUNDS = 21
PREFIX = "HTTPS://Q.SZ.CN/E/"


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Text in, serial out; the reference has signature and message ready as bytes."""
    key = qr.PlaqueKey.from_bytes(0, bytes(32))
    ring = qr.KeyRing(key.public)
    bare_key = Ed25519PublicKey.from_public_bytes(key.public.raw)
    texts = [qr.sign_plaque(serial, key=key, prefix=PREFIX) for serial in range(EACH * (ROUNDS + 1))]
    signed = [_signed(text) for text in texts]

    def bare(number: int) -> int:
        for signature, message in signed[number * EACH : (number + 1) * EACH]:
            bare_key.verify(signature, message)
        return EACH

    def opened(number: int) -> int:
        for text in texts[number * EACH : (number + 1) * EACH]:
            qr.open_plaque(text, keys=ring, prefix=PREFIX)
        return EACH

    ratio = in_turns(say, reference=bare, ours=opened, rounds=ROUNDS, unit="tokens")
    return [Figure("token_verify_vs_bare", ratio, "× bare", FLOOR)]


def _signed(text: str) -> tuple[bytes, bytes]:
    body = int(text[-DIGITS[Kind.PLAQUE] :]).to_bytes(70, "big")
    return body[6:], b"ruqi/plaque/1\0" + PREFIX.encode("ascii") + body[:6]
