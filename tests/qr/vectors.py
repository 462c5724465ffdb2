"""Writes qr/vectors.json, from which a twin of the token code in another language can be tested.

python -m tests.qr.vectors > qr/vectors.json
"""

import json
import sys
from typing import Any
from uuid import UUID

import qr
from qr.keys import DeviceKey, PlaqueKey
from qr.slips import complete

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
PHONE = DeviceKey.from_int(int.from_bytes(bytes(range(1, 33)), "big"))
PREFIX = "HTTPS://QY.GOV.CN/E/"
AT = 1_780_000_020
DEVICE = 4_000_077
VISIT = UUID("0190a3a0-7c1e-7000-8000-00000000beef")
SLIP = "K7QM3XWF9ZPA5D"
SECRET = bytes(range(64, 96))


def make() -> dict[str, Any]:
    """Give everything the file holds."""
    plaque = qr.sign_plaque(1_234_567, key=CITY, prefix=PREFIX)
    living = qr.sign_living(DEVICE, at=AT, key=PHONE, prefix=PREFIX)
    visit = qr.sign_visit(DEVICE, VISIT, at=AT, key=PHONE, prefix=PREFIX)
    code = complete(SLIP)
    slip = qr.slip_token(code, prefix=PREFIX)
    revoked = qr.Revocations(7, AT, frozenset({5, 1_234_567, 2**40 - 1}), frozenset({0, 9}))
    return {
        "about": "Test vectors of the formats in qr/README.md; secrets are for tests only.",
        "prefix": PREFIX,
        "at": AT,
        "city_key": {"key_id": 3, "seed": CITY.to_bytes().hex(), "public": CITY.public.raw.hex()},
        "device_key": {
            "device": DEVICE,
            "secret": bytes(range(1, 33)).hex(),
            "public": PHONE.public.raw.hex(),
        },
        "plaque": {"serial": 1_234_567, "text": plaque},
        "living": {"step": qr.step_at(AT), "text": living},
        "visit": {"visit": str(VISIT), "step": qr.step_at(AT), "text": visit},
        "slip": {
            "code": code,
            "text": slip,
            "secret": SECRET.hex(),
            "hash": qr.slip_hash(code, secret=SECRET).hex(),
        },
        "revocations": {
            "sequence": 7,
            "issued_at": AT,
            "serials": sorted(revoked.serials),
            "key_ids": sorted(revoked.key_ids),
            "text": qr.sign_revocations(revoked, key=CITY, prefix=PREFIX),
        },
        "refused": [
            {"what": what, "as": kind, "text": text, "reason": reason.value}
            for what, kind, text, reason in _refused(plaque, living, visit, slip, code)
        ],
    }


def _refused(plaque: str, living: str, visit: str, slip: str, code: str) -> list[tuple[str, str, str, qr.CodeFault]]:
    fault = qr.CodeFault
    stranger = PlaqueKey.from_bytes(3, bytes(32))
    unknown = PlaqueKey.from_bytes(4, bytes(range(32)))
    other_phone = DeviceKey.from_int(0xBEAD)
    return [
        ("no code", "plaque", "91330106MA2B1C3D4E", fault.NOT_A_CODE),
        ("another host", "plaque", plaque.replace("QY.GOV", "QY.GOW"), fault.WRONG_HOST),
        ("another scheme", "plaque", plaque.replace("HTTPS", "HTTP"), fault.WRONG_HOST),
        ("one digit too few", "plaque", plaque[:-1], fault.MALFORMED),
        ("above the largest number", "plaque", PREFIX + "9" * 168, fault.MALFORMED),
        ("the last digit changed", "plaque", f"{plaque[:-1]}{(int(plaque[-1]) + 1) % 10}", fault.FORGED),
        ("a stranger's key", "plaque", qr.sign_plaque(1, key=stranger, prefix=PREFIX), fault.FORGED),
        ("an unknown key", "plaque", qr.sign_plaque(1, key=unknown, prefix=PREFIX), fault.UNKNOWN_KEY),
        ("a living code as plaque", "plaque", living, fault.WRONG_KIND),
        ("a plaque as living code", "living", plaque, fault.WRONG_KIND),
        ("a slip as visit code", "visit", slip, fault.WRONG_KIND),
        ("two steps old", "living", _living(AT - 60), fault.EXPIRED),
        ("two steps ahead", "living", _living(AT + 60), fault.NOT_YET),
        ("a round of steps ago", "living", _living(AT - 30 * 2**18), fault.FORGED),
        ("another phone", "visit", qr.sign_visit(DEVICE, VISIT, at=AT, key=other_phone, prefix=PREFIX), fault.FORGED),
        ("the last digit changed", "visit", f"{visit[:-1]}{(int(visit[-1]) + 1) % 10}", fault.FORGED),
        ("two characters swapped", "slip", code[1] + code[0] + code[2:], fault.MALFORMED),
        ("a character missing", "slip", code[:-1], fault.NOT_A_CODE),
    ]


def _living(at: int) -> str:
    return qr.sign_living(DEVICE, at=at, key=PHONE, prefix=PREFIX)


if __name__ == "__main__":
    json.dump(make(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
