"""到场强度 and the scan's own row, on objects in memory: every word, every edge."""

import math
from datetime import date
from typing import Any

import pytest

from server.clock import end_of
from server.code.rules import CodeReason, Token, fault_of
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.plaque.models import Plaque
from server.scan.models import CodeKind, Presence, Scan, ScanMethod
from server.scan.presence import Proof, coarse, distance_m, grade, strengthen, where_of
from server.scan.rules import admit, is_meeting, withdraw
from server.scan.sequence import kind_of_token
from server.visit.stages import Stage

from .clauses import pack_of
from .factories import HOUR, MINUTE, NOW, Cast, a_scan, events_of, let_in, refused, verbs_of, visit_at

PACK = pack_of({"kind": "duty", "action": "record", "text": "亮证"})
SITE = (25.0, 113.0)
DEGREE_M = math.pi * 6_371_000 / 180


class TestWhere:
    @pytest.mark.parametrize(
        ("metres", "accuracy", "where"),
        [(0, 0, "on_site"), (499.999, 0, "on_site"), (500.001, 0, "place_far"), (599.999, 100, "on_site"),
         (600.001, 100, "place_far")],
    )  # fmt: skip
    def test_is_within_the_radius_less_what_the_phone_may_be_wrong(
        self, metres: float, accuracy: int, where: str
    ) -> None:
        place = (SITE[0] + metres / DEGREE_M, SITE[1], accuracy)

        assert where_of(place, site=SITE, policy=PACK) == where

    def test_is_measured_on_a_round_earth(self) -> None:
        assert distance_m((0.0, 0.0), (0.0, 1.0)) == pytest.approx(111_194.93, abs=0.01)
        # By the law of cosines, which is as good at this length.
        angle = math.acos(0.75 + 0.25 * math.cos(math.radians(1)))
        assert distance_m((60.0, 0.0), (60.0, 1.0)) == pytest.approx(angle * 6_371_000, abs=0.01)
        assert distance_m((0.0, 0.0), (0.0, 180.0)) == pytest.approx(math.pi * 6_371_000, abs=0.01)

    def test_at_the_radius_itself_is_on_site(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("server.scan.presence.distance_m", lambda a, b: 500)

        assert where_of((25.0, 113.0, 0), site=SITE, policy=PACK) == "on_site"

    def test_is_kept_to_three_digits(self) -> None:
        assert (coarse(25.78049), coarse(113.01051)) == (25.78, 113.011)


class TestGrade:
    @pytest.mark.parametrize("method", ScanMethod)
    @pytest.mark.parametrize("code", CodeKind)
    def test_reads_a_picture_and_a_typed_text_weakly(self, code: CodeKind, method: ScanMethod) -> None:
        read = method in (ScanMethod.CAMERA, ScanMethod.LINK)
        expected = {
            CodeKind.LIVING: Presence.STRONG if read else Presence.WEAK,
            CodeKind.PLAQUE: Presence.FAIR if read else Presence.WEAK,
            CodeKind.SLIP: Presence.FAIR,
        }.get(code, Presence.WEAK)

        assert grade(Proof(code, method, "on_site"))[0] is expected

    @pytest.mark.parametrize(
        ("where", "plaque", "living", "slip"),
        [
            ("on_site", "fair", "strong", "fair"), ("place_far", "weak", "fair", "weak"),
            ("place_missing", "weak", "strong", "fair"), ("site_unknown", "weak", "strong", "fair"),
        ],
    )  # fmt: skip
    def test_follows_the_place(self, where: str, plaque: str, living: str, slip: str) -> None:
        found = [
            grade(Proof(code, ScanMethod.CAMERA, where)) for code in (CodeKind.PLAQUE, CodeKind.LIVING, CodeKind.SLIP)
        ]

        assert [(presence.value, because[1]) for presence, because in found] == [
            (plaque, where), (living, where), (slip, where),
        ]  # fmt: skip

    def test_of_what_nobody_said_is_that_of_an_unsigned_prompt_scan_without_a_place(self) -> None:
        assert Proof(CodeKind.PLAQUE, ScanMethod.CAMERA) == Proof(
            CodeKind.PLAQUE, ScanMethod.CAMERA, "place_missing", met=False, is_signed=False, is_late=False
        )


def a_living_scan(**changes: Any) -> Scan:
    """A living code, read by an enrolled phone a moment ago."""
    values = {
        "code_kind": "living", "method": ScanMethod.CAMERA, "inspector_phone": 3, "scanned_at": NOW,
        "received_at": NOW, "presence_because": ["living_code", "on_site", "signed"],
    }  # fmt: skip
    return Scan(**{**values, **changes})


class TestMeeting:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, True),
            ({"method": ScanMethod.LINK}, True),
            ({"method": ScanMethod.PHOTO}, False),
            ({"method": ScanMethod.TYPED}, False),
            ({"code_kind": "plaque"}, False),
            ({"inspector_phone": None}, False),
            ({"received_at": NOW + 5 * MINUTE}, True),
            ({"received_at": NOW + 6 * MINUTE}, False),
        ],
    )
    def test_is_two_phones_now(self, changes: Any, expected: bool) -> None:
        assert is_meeting(a_living_scan(**changes), policy=PACK) is expected


class TestStrengthen:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, (Presence.STRONG, ["handshake", "on_site", "signed"])),
            ({"presence_because": ["plaque", "place_far"]}, (Presence.FAIR, ["handshake", "place_far", "signed"])),
            ({"presence_because": None}, (Presence.STRONG, ["handshake", "place_missing", "signed"])),
            ({"inspector_phone": None, "code_kind": None}, (Presence.STRONG, ["handshake", "on_site"])),
            ({"received_at": NOW + HOUR}, (Presence.STRONG, ["handshake", "on_site", "signed", "heard_late"])),
        ],
    )
    def test_grades_anew_where_it_was(self, changes: Any, expected: Any) -> None:
        scan = a_living_scan(**changes)

        strengthen(scan, policy=PACK)

        assert (scan.presence, scan.presence_because) == expected


class TestToken:
    @pytest.mark.parametrize(
        ("token", "kind"),
        [
            (Token(serial=0), CodeKind.PLAQUE), (Token(phone=0, step=1), CodeKind.LIVING),
            (Token(slip=""), CodeKind.SLIP),
            (Token(uscc="x", licence=True), CodeKind.LICENCE), (Token(uscc="x"), CodeKind.TYPED),
        ],
    )  # fmt: skip
    def test_is_of_a_kind(self, token: Token, kind: CodeKind) -> None:
        assert kind_of_token(token) is kind

    def test_has_a_fault_of_its_own_or_none_that_is_known(self) -> None:
        firm, valid, ended = Enterprise(), Plaque(serial=1), Plaque(serial=1, revoked_at=NOW)

        def fault(token: Token, plaque: Plaque | None, enterprise: Enterprise | None) -> CodeReason | None:
            return fault_of(token, plaque=plaque, enterprise=enterprise)

        assert fault(Token(serial=1), valid, firm) is None
        assert fault(Token(uscc="x"), None, firm) is None
        assert fault(Token(serial=1), ended, firm) is CodeReason.REVOKED_CODE
        assert fault(Token(serial=1), None, None) is CodeReason.UNKNOWN_CODE
        assert fault(Token(fault=CodeReason.FORGED_CODE), ended, None) is CodeReason.FORGED_CODE


class TestAdmitted:
    def test_says_which_scan_and_how_strong_in_the_event(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        scans = [let_in(visit, cast, place=0), let_in(visit, cast, place=1, at=NOW + MINUTE)]
        first, second = events_of(visit)[-2:]

        assert first.after == {"stage": "on_site", "scan": str(scans[0].id), "presence": "fair"}
        assert second.after == {"scan": str(scans[1].id), "presence": "fair"}
        assert (first.at, second.at, visit.on_site_at) == (NOW, NOW + MINUTE, NOW)
        assert [part.scanned_at for part in visit.inspectors] == [NOW, NOW + MINUTE]

    def test_without_a_grade_says_none(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        scan = a_scan(visit, inspector=cast.li_na, account_id=new_id())
        scan.presence = None

        admit(visit, visit.inspectors[0], scan=scan, policy=PACK, by=cast.actor("li_na"))

        assert (events_of(visit)[-1].after["presence"], visit.record_due_at) == (None, end_of(date(2026, 3, 13)))


class TestWithdrawn:
    def test_leaves_the_visit_waiting_when_nobody_else_is_inside(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        scan, by = let_in(visit, cast, place=0), cast.actor("li_na")

        withdraw(visit, scan, reason="误扫", policy=PACK, by=by, at=NOW + MINUTE)

        assert (visit.stage, visit.on_site_at, visit.record_due_at) == (Stage.APPROVED, None, None)
        assert (scan.withdrawn_at, scan.withdrawn_because) == (NOW + MINUTE, "误扫")
        assert events_of(visit)[-1].after == {"stage": "approved", "scan": str(scan.id), "because": "误扫"}

    def test_leaves_the_others_inside(self) -> None:
        cast = Cast()
        story = visit_at(Stage.ON_SITE, cast, at=NOW + 10 * MINUTE)
        visit, by = story.visit, cast.actor("wang_jun")

        withdraw(visit, story.scans[1], reason="误扫", policy=PACK, by=by, at=NOW + MINUTE)

        assert (visit.stage, visit.on_site_at, verbs_of(visit)[-1]) == (Stage.ON_SITE, NOW, "scan_withdrawn")
        assert [part.scanned_at for part in visit.inspectors] == [NOW, None]
        assert events_of(visit)[-1].after == {"scan": str(story.scans[1].id), "because": "误扫"}

    @pytest.mark.parametrize(
        ("who", "changes", "expected"),
        [
            ("li_na", {"reason": "bad_clock"}, ("not_found", 404, {})),
            ("wang_jun", {}, ("not_your_scan", 409, {})),
            ("li_na", {"withdrawn_at": NOW}, ("already_withdrawn", 409, {})),
            ("li_na", {"received_at": NOW - HOUR}, ("withdrawal_too_late", 409, {})),
        ],
    )
    def test_is_of_the_own_accepted_scan_once_and_soon(self, who: str, changes: Any, expected: Any) -> None:
        cast = Cast()
        story = visit_at(Stage.ON_SITE, cast, at=NOW + 10 * MINUTE)
        for name, value in changes.items():
            setattr(story.scans[0], name, value)
        by = cast.actor(who)

        told = refused(lambda: withdraw(story.visit, story.scans[0], reason="误扫", policy=PACK, by=by, at=NOW))

        assert (told, story.visit.stage) == (expected, Stage.ON_SITE)

    def test_is_over_once_the_record_is_sealed(self) -> None:
        cast = Cast()
        story = visit_at(Stage.RECORDED, cast, at=NOW + 10 * MINUTE)
        by = cast.actor("li_na")

        told = refused(lambda: withdraw(story.visit, story.scans[0], reason="误扫", policy=PACK, by=by, at=NOW))

        assert told == ("withdrawal_too_late", 409, {})
