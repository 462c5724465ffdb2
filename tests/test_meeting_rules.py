"""Two phones meet, and what is said at a door: on objects in memory."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from qr import CodeFault
from server.account.rules import Actor
from server.ids import new_id
from server.meeting.models import DoorKind
from server.meeting.rules import refuse_meeting, report, see_to, unreadable
from server.meeting.words import COLOURS, FIRST, SECOND, Words, words_of
from server.phone.models import Phone
from server.visit.models import Visit
from server.visit.stages import Stage

from .factories import HOUR, NOW, Cast, events_of, refused, visit_at

OPEN = {Stage.APPROVED, Stage.ON_SITE}


def met(visit: Visit | None, cast: Cast, **changes: Any) -> Any:
    """The bakery's own phone reads Li Na's."""
    by = cast.actor("bakery")
    mine = Phone(number=7, account_id=by.account_id, enterprise_id=cast.bakery.id)
    return refuse_meeting(visit, **{"inspector": cast.li_na.id, "mine": mine, "by": by, **changes})


class TestMeeting:
    @pytest.mark.parametrize("stage", Stage)
    def test_is_at_an_open_door(self, stage: Stage) -> None:
        cast = Cast()
        visit = visit_at(stage, cast).visit

        if stage in OPEN:
            found, part, phone = met(visit, cast)
            assert (found, part.inspector, phone.number) == (visit, cast.li_na, 7)
        else:
            assert refused(lambda: met(visit, cast)) == ("not_our_visit", 409, {})

    def test_is_of_two_who_belong_to_it(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        ended = Phone(number=7, account_id=cast.accounts["bakery"].id, revoked_at=NOW)
        others = Phone(number=7, account_id=new_id())

        assert refused(lambda: met(None, cast)) == ("not_our_visit", 409, {})
        for nobody in (None, cast.chen_bo.id):
            assert refused(lambda it=nobody: met(visit, cast, inspector=it)) == ("not_an_inspector", 409, {})  # type: ignore[misc]
        for phone in (None, ended, others):
            assert refused(lambda it=phone: met(visit, cast, mine=it)) == ("no_phone", 409, {})  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (CodeFault.FORGED, ("forged_code", 409)),
            (CodeFault.EXPIRED, ("stale_code", 409)),
            (CodeFault.NOT_YET, ("stale_code", 409)),
            (CodeFault.REVOKED_KEY, ("revoked_code", 409)),
            (CodeFault.UNKNOWN_KEY, ("forged_code", 409)),
            (CodeFault.WRONG_HOST, ("unknown_code", 404)),
        ],
    )
    def test_says_what_is_wrong_with_a_code(self, fault: CodeFault, expected: tuple[str, int]) -> None:
        refusal = unreadable(fault)

        assert (refusal.reason.value, refusal.status) == expected


class TestWords:
    def test_come_from_both_keys_the_visit_and_the_minute(self) -> None:
        visit, mine, theirs = UUID(int=7), b"a" * 65, b"b" * 65

        for minute in range(200):
            parts = (mine, theirs, visit.bytes, minute.to_bytes(8, "big"))
            text = b"ruqi/words/1\0" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
            one, two, three = hashlib.sha256(text).digest()[:3]
            words = words_of(inspector_key=mine, enterprise_key=theirs, visit_id=visit, at=minute * 60 + 59.9)
            assert words == Words(FIRST[one % 64], SECOND[two % 64], COLOURS[three % 8])


def a_report(cast: Cast, visit: Visit, by: Actor) -> Any:
    """Seven people came."""
    return report(visit, DoorKind.MORE_PEOPLE, people=7, text="多人", by=by, at=NOW)


class TestReport:
    @pytest.mark.parametrize("stage", Stage)
    def test_is_of_whom_somebody_may_have_seen(self, stage: Stage) -> None:
        cast = Cast()
        visit, by = visit_at(stage, cast).visit, cast.actor("bakery")

        if stage in (Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED):
            told = refused(lambda: a_report(cast, visit, by))
            assert told == ("nobody_came", 409, {"stage": stage.value})
        else:
            kept = a_report(cast, visit, by)
            assert (kept.visit_id, kept.kind, kept.people, kept.note) == (visit.id, DoorKind.MORE_PEOPLE, 7, "多人")
            assert (kept.reported_at, kept.reported_by) == (NOW, by.account_id)
            event = events_of(visit)[-1]
            assert (event.verb, event.after) == ("door_report", {"kind": DoorKind.MORE_PEOPLE.value, "people": 7})

    def test_is_of_no_visit_from_afar(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast, off_site_means="video").visit

        told = refused(lambda: a_report(cast, visit, cast.actor("bakery")))

        assert told == ("nobody_came", 409, {"stage": "approved"})

    def test_is_seen_to_once(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit
        kept, by = a_report(cast, visit, cast.actor("bakery")), cast.actor("sun_li")
        kept.visit = visit

        see_to(kept, outcome="已约谈", by=by, at=NOW + HOUR)
        told = refused(lambda: see_to(kept, outcome="又约谈", by=by, at=NOW + 2 * HOUR))

        assert told == ("already_seen", 409, {})
        assert (kept.seen_at, kept.seen_by, kept.outcome) == (NOW + HOUR, by.account_id, "已约谈")
        event = events_of(visit)[-1]
        assert (event.verb, event.at, event.after) == ("door_report_seen", NOW + HOUR, {"outcome": "已约谈"})
