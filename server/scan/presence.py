"""到场强度: how strongly does what was shown at the door prove that somebody stood there?"""

import math
from dataclasses import dataclass
from datetime import timedelta

from server.policy.pack import Pack

from .models import CodeKind, Presence, Scan, ScanMethod

EARTH_RADIUS_M = 6_371_000


# How the place of a phone agrees with the site, as a grade tells it.
WHERE = ("on_site", "place_far", "place_missing", "site_unknown")


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown at the door, for its strength.

    `code` is what was read; `where` is how the place of the phone agrees with the site (`where_of`); `met` says
    that the enterprise's phone and the inspector's met; `is_signed` that the inspector's enrolled phone signed the
    scan; `is_late` that the server heard of it so late that only the phones say when it was.
    """

    code: CodeKind
    method: ScanMethod
    where: str = "place_missing"
    met: bool = False
    is_signed: bool = False
    is_late: bool = False


def grade(proof: Proof) -> tuple[Presence, list[str]]:
    """The strength of presence and what it rests on, as closed words; the second of them says where.

    Strong needs the enterprise's own phone, now: a living code or a handshake. A plaque read on the spot, or a
    one-time slip, is fair. A photo, a typed code or a licence is weak, and so is a plaque whose place is missing or
    far. Far from the site a living code is only fair, since it may have been relayed, and so it is when the server
    hears of it late: a picture of it may have waited. A plaque heard of late is weak, unless the inspector's own
    enrolled phone signed the moment.
    """
    read = proof.method in (ScanMethod.CAMERA, ScanMethod.LINK)
    live = proof.code is CodeKind.LIVING and read
    far = proof.where == "place_far"
    if proof.met or live:
        first = "handshake" if proof.met else "living_code"
        presence = Presence.FAIR if far or (proof.is_late and not proof.met) else Presence.STRONG
    elif proof.code is CodeKind.SLIP:
        first, presence = "slip", Presence.WEAK if far else Presence.FAIR
    elif proof.code is CodeKind.PLAQUE and read:
        proven = proof.where == "on_site" and (proof.is_signed or not proof.is_late)
        first, presence = "plaque", Presence.FAIR if proven else Presence.WEAK
    else:
        first = proof.code.value if proof.code is not CodeKind.PLAQUE else proof.method.value
        presence = Presence.WEAK
    told = {"signed": proof.is_signed, "heard_late": proof.is_late}
    return presence, [first, proof.where, *(word for word, holds in told.items() if holds)]


def where_of(place: tuple[float, float, int] | None, *, site: tuple[float, float] | None, policy: Pack) -> str:
    """How a phone's latitude, longitude and accuracy in metres agree with where the enterprise is, as a closed word."""
    if place is None:
        return "place_missing"
    if site is None:
        return "site_unknown"
    near = distance_m(place[:2], site) - place[2] <= policy.scan.site_radius_m
    return "on_site" if near else "place_far"


def is_late(scan: Scan, *, policy: Pack) -> bool:
    """Whether the server heard of a scan so late that only the phones say when it was."""
    return scan.received_at - scan.scanned_at > timedelta(minutes=policy.scan.prompt_minutes)


def strengthen(scan: Scan, *, policy: Pack) -> None:
    """Grade a scan again that was made before the two phones met; where it was judged to be stays."""
    where = next((word for word in scan.presence_because or [] if word in WHERE), "place_missing")
    signed = scan.inspector_phone is not None
    late = is_late(scan, policy=policy)
    code = CodeKind(scan.code_kind or CodeKind.PLAQUE)
    proof = Proof(code=code, method=scan.method, where=where, met=True, is_signed=signed, is_late=late)
    scan.presence, scan.presence_because = grade(proof)


def coarse(degrees: float) -> float:
    """A position as it is kept: to about 100 metres, once it has been judged (个人信息保护法: no more than needed)."""
    return round(degrees, 3)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance in metres between two (latitude, longitude) in degrees (haversine)."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))
