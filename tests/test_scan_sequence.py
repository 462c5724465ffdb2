"""The scan from look-up to settlement, without a database: a door of a few lines stands for the world."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.account.rules import Actor
from server.code.rules import CodeReason, Token
from server.ids import new_id
from server.meeting.models import Handshake
from server.scan.models import CodeKind, Presence, Scan, ScanMethod
from server.scan.rules import ScanReason
from server.scan.sequence import Found, Outcome, Reading, take
from server.visit.models import Visit, VisitInspector
from server.visit.stages import Stage

from .factories import DAY, MINUTE, NOW, POLICY, Cast, verbs_of, visit_at

THERE = (25.78, 113.01, 20)
LIVING = Token(phone=7, step=1)


@dataclass
class ADoor:
    """A world in which the plaque of the bakery is read; it writes down what it was asked, in order."""

    found: Found
    used: bool = False
    asked: list[str] = field(default_factory=list)

    def look_up(self, reading: Reading) -> Found:
        self.asked.append("look up")
        return self.found

    def strike_off(self, token: Token, *, at: datetime) -> bool:
        self.asked.append("strike off")
        return not self.used

    def meet(self, part: VisitInspector, *, inspector_phone: int, enterprise_phone: int, at: datetime) -> Handshake:
        self.asked.append(f"meet {inspector_phone} {enterprise_phone}")
        part.met_at = at
        return Handshake(inspector_id=part.inspector_id, shaken_at=at)

    def settle(self) -> None:
        self.asked.append("settle")

    def row(self, **columns: Any) -> Scan:
        return Scan(**columns)


class Scene:
    """The bakery's approved visit, and Li Na at its door."""

    def __init__(self, stage: Stage = Stage.APPROVED, **changes: Any) -> None:
        self.cast = Cast()
        self.visit: Visit = visit_at(stage, self.cast, **changes).visit
        self.by: Actor = self.cast.actor("li_na")

    def scan(self, door: ADoor, **changes: Any) -> Outcome:
        values: dict[str, Any] = {
            "id": new_id(), "code": "…", "method": ScanMethod.CAMERA, "scanned_at": NOW, "received_at": NOW,
            "place": THERE,
        }  # fmt: skip
        reading = Reading(**{**values, **changes})
        return take(self.visit, self.cast.li_na, reading, door=door, policy=POLICY, by=self.by)

    def door(self, token: Token | None = None, **changes: Any) -> ADoor:
        values: dict[str, Any] = {"plaque": self.cast.bakery_plaque, "enterprise": self.cast.bakery}
        more = {key: changes.pop(key) for key in ("used",) if key in changes}
        return ADoor(Found(**{"token": token or Token(serial=1001), **values, **changes}), **more)


class TestTake:
    def test_opens_the_visit_with_the_firms_plaque(self) -> None:
        scene = Scene()
        door = scene.door()

        outcome = scene.scan(door)

        assert (outcome.reason, scene.visit.stage, scene.visit.on_site_at) == (None, Stage.ON_SITE, NOW)
        assert (outcome.scan.presence, outcome.scan.code_kind, outcome.scan.serial) == (Presence.FAIR, "plaque", 1001)
        assert door.asked == ["look up", "strike off"]

    def test_keeps_what_it_refuses_and_strikes_nothing_off(self) -> None:
        scene = Scene()
        door = scene.door(enterprise=scene.cast.foundry)

        outcome = scene.scan(door)

        assert (outcome.reason, outcome.scan.reason) == (ScanReason.OTHER_ENTERPRISE, "other_enterprise")
        assert (outcome.scan.presence, scene.visit.stage) == (None, Stage.APPROVED)
        assert (door.asked, verbs_of(scene.visit)[-1]) == (["look up"], "scan_refused")

    def test_refuses_a_code_that_somebody_else_was_quicker_to_use(self) -> None:
        scene = Scene()

        outcome = scene.scan(scene.door(LIVING, plaque=None, used=True))

        assert (outcome.reason, scene.visit.stage) == (CodeReason.USED_CODE, Stage.APPROVED)

    def test_lets_two_phones_meet_before_it_grades(self) -> None:
        scene = Scene()
        door = scene.door(LIVING, plaque=None, signed_by=9)

        outcome = scene.scan(door)

        assert outcome.words is not None
        assert (door.asked[-1], outcome.scan.presence) == ("meet 9 7", Presence.STRONG)
        assert outcome.scan.presence_because[0] == "handshake"

    @pytest.mark.parametrize(
        "changes",
        [
            {"method": ScanMethod.PHOTO},
            {"method": ScanMethod.TYPED},
            {"scanned_at": NOW - timedelta(minutes=POLICY.scan.prompt_minutes + 1)},
        ],
    )
    def test_is_no_meeting_from_a_picture_or_heard_late(self, changes: dict[str, Any]) -> None:
        scene = Scene()
        door = scene.door(LIVING, plaque=None, signed_by=9)

        outcome = scene.scan(door, **changes)

        assert (outcome.reason, outcome.words) == (None, None)
        assert door.asked == ["look up", "strike off"]

    def test_is_no_meeting_without_a_phone_of_the_inspectors(self) -> None:
        scene = Scene()

        assert scene.scan(scene.door(LIVING, plaque=None)).words is None

    def test_is_of_nobody_when_the_inspector_was_not_named(self) -> None:
        scene = Scene()
        reading = Reading(id=new_id(), code="…", method=ScanMethod.CAMERA, scanned_at=NOW, received_at=NOW)

        outcome = take(
            scene.visit, scene.cast.chen_bo, reading, door=scene.door(), policy=POLICY, by=scene.cast.actor("chen_bo")
        )

        assert (outcome.reason, outcome.part, outcome.scan.inspector_id) == (
            ScanReason.NOT_ON_VISIT, None, scene.cast.chen_bo.id
        )  # fmt: skip

    def test_settles_in_the_year_of_arrival(self) -> None:
        midnight = NOW.replace(month=12, day=31, hour=16, minute=0)  # in Shanghai
        doors = []
        for minutes in (-10, 10):
            scene = Scene(at=midnight - 30 * MINUTE)
            arrived = midnight + minutes * MINUTE
            doors.append(scene.door())
            assert scene.scan(doors[-1], scanned_at=arrived, received_at=arrived).reason is None

        assert ["settle" in door.asked for door in doors] == [False, True]

    def test_keeps_the_place_coarsely_and_judges_the_exact_one(self) -> None:
        scene = Scene()

        scan = scene.scan(scene.door(), place=(25.780049, 113.010049, 12)).scan

        assert (scan.latitude, scan.longitude, scan.accuracy_m) == (25.78, 113.01, 12)
        assert "on_site" in scan.presence_because

    def test_keeps_no_place_where_there_is_none(self) -> None:
        scene = Scene()

        scan = scene.scan(scene.door(), place=None).scan

        assert (scan.latitude, scan.presence, scan.presence_because) == (
            None,
            Presence.WEAK,
            ["plaque", "place_missing"],
        )

    @pytest.mark.parametrize(
        ("token", "kind"),
        [
            (Token(serial=1001), CodeKind.PLAQUE),
            (LIVING, CodeKind.LIVING),
            (Token(slip="ABCD"), CodeKind.SLIP),
            (Token(uscc="91431002YYYY000125", licence=True), CodeKind.LICENCE),
            (Token(uscc="91431002YYYY000125"), CodeKind.TYPED),
        ],
    )
    def test_says_what_was_read(self, token: Token, kind: CodeKind) -> None:
        scene = Scene()

        assert scene.scan(scene.door(token, plaque=None)).scan.code_kind == kind.value

    def test_names_no_phone_of_a_firm_that_nobody_knows(self) -> None:
        scene = Scene()

        scan = scene.scan(scene.door(LIVING, plaque=None, enterprise=None)).scan

        assert (scan.phone_number, scan.reason) == (None, "unknown_code")

    def test_of_a_day_long_over_is_heard_as_long_as_the_pack_waits(self) -> None:
        scene = Scene(window_from_at=NOW - 2 * DAY, window_to_at=NOW - DAY)

        outcome = scene.scan(scene.door(), scanned_at=NOW - DAY - MINUTE)

        assert (outcome.reason, scene.visit.on_site_at) == (None, NOW - DAY - MINUTE)
