"""Symbol matrices per second: the batch encoder against `qrcode` as everybody uses it."""

from collections.abc import Callable

from qrcode import QRCode, constants

import qr

from .figure import Figure
from .rounds import in_turns

FLOOR = 100.0
EACH = 4000
REFERENCES = 60
PREFIX = "HTTPS://Q.SZ.CN/E/"


def measure(say: Callable[[str], None]) -> list[Figure]:
    """The tokens of plaques, level M; one process, one core."""
    key = qr.PlaqueKey.from_bytes(0, bytes(32))
    texts = [qr.sign_plaque(serial, key=key, prefix=PREFIX) for serial in range(EACH)]

    def one_by_one(number: int) -> int:
        for text in texts[number * REFERENCES : (number + 1) * REFERENCES]:
            code = QRCode(error_correction=constants.ERROR_CORRECT_M)
            code.add_data(text)
            code.make()
        return REFERENCES

    def batch(number: int) -> int:
        return len(qr.encode(texts))

    ratio = in_turns(say, reference=one_by_one, ours=batch, rounds=5, unit="symbols")
    return [Figure("symbols_vs_qrcode", ratio, "× qrcode", FLOOR)]
