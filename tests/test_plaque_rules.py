"""企业码 on objects in memory: what issuing, revoking and finding leave."""

from typing import Any

import pytest

from server.ledger.models import Event
from server.ledger.rules import SYSTEM
from server.plaque.models import Plaque
from server.plaque.rules import find, issue, revoke

from .factories import DAY, HOUR, NOW, Cast, refused


class Desk:
    """Keeps the events, and when the revocation reached the database."""

    def __init__(self, cast: Cast) -> None:
        self.events: list[Event] = []
        self.flushed: list[int] = []
        self.by = cast.actor("ma_lin").hand

    def issue(self, cast: Cast, **changes: Any) -> Plaque:
        values = {"key_id": 3, "by": self.by, "at": NOW, "reason": "破损", **changes}
        return issue(
            cast.bakery, **values, record=self.events.append, flush=lambda: self.flushed.append(len(self.events))
        )


class TestIssue:
    def test_ends_the_one_before_first_and_says_who_when_and_why(self) -> None:
        cast = Cast()
        desk = Desk(cast)

        fresh = desk.issue(cast)

        old, by = cast.bakery_plaque, cast.accounts["ma_lin"].id
        assert (fresh.enterprise, fresh.site, fresh.key_id, fresh.issued_at, fresh.issued_by) == (
            cast.bakery, "", 3, NOW, by
        )  # fmt: skip
        assert (old.revoked_at, old.revoked_by, old.revoked_because, old.lost) == (NOW, by, "破损", False)
        assert ([event.verb for event in desk.events], desk.flushed) == (["plaque_revoked", "plaque_issued"], [1])
        assert desk.events[0].after == {"serial": 1001, "reason": "破损", "lost": False}
        assert {event.enterprise_id for event in desk.events} == {cast.bakery.id}

    def test_without_a_reason_is_a_reissue(self) -> None:
        cast = Cast()

        Desk(cast).issue(cast, reason="")

        assert cast.bakery_plaque.revoked_because == "reissued"

    def test_for_a_site_leaves_the_others_valid(self) -> None:
        cast = Cast()
        desk = Desk(cast)

        site = desk.issue(cast, site="二厂")
        again = desk.issue(cast, site="二厂")

        assert (cast.bakery_plaque.revoked_at, site.revoked_at, again.revoked_at) == (None, NOW, None)
        assert (again.site, desk.flushed) == ("二厂", [2])

    def test_never_ends_one_twice(self) -> None:
        cast = Cast()
        cast.bakery_plaque.revoked_at = NOW - DAY

        Desk(cast).issue(cast)

        assert cast.bakery_plaque.revoked_at == NOW - DAY


class TestRevoke:
    @pytest.mark.parametrize("lost", [True, False])
    def test_is_done_once(self, lost: bool) -> None:
        plaque, events = Cast().bakery_plaque, []

        revoke(plaque, reason="丢失", by=SYSTEM, at=NOW, record=events.append, lost=lost)
        told = refused(lambda: revoke(plaque, reason="又丢", by=SYSTEM, at=NOW + DAY, record=events.append))

        assert told == ("plaque_revoked", 409, {})
        assert (plaque.revoked_at, plaque.revoked_because, plaque.lost, len(events)) == (NOW, "丢失", lost, 1)
        assert events[0].after == {"serial": 1001, "reason": "丢失", "lost": lost}


class TestFind:
    def test_takes_the_word_of_the_first(self) -> None:
        cast = Cast()
        plaque, events, by = cast.bakery_plaque, [], cast.actor("foundry").hand
        revoke(plaque, reason="丢失", by=SYSTEM, at=NOW, record=events.append, lost=True)

        find(plaque, note="门口", by=by, at=NOW + HOUR, record=events.append)
        find(plaque, note="桥下", by=SYSTEM, at=NOW + DAY, record=events.append)

        assert (plaque.found_at, plaque.found_by, plaque.found_note) == (NOW + HOUR, by.account_id, "门口")
        assert [(event.verb, event.at) for event in events] == [("plaque_revoked", NOW), ("plaque_found", NOW + HOUR)]
        assert (events[1].after, plaque.revoked_at) == ({"serial": 1001}, NOW)

    def test_is_of_a_lost_one_alone(self) -> None:
        plaque = Cast().bakery_plaque
        plaque.lost = False

        told = refused(lambda: find(plaque, note="", by=SYSTEM, at=NOW, record=lambda event: None))

        assert told == ("plaque_not_lost", 409, {})
