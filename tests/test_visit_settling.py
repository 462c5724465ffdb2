"""频次计数: which rows the counters keep when a visit is settled or all are counted anew."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.constraints import meaning_of
from server.policy.clause import Outcome
from server.policy.pack import Pack
from server.visit.counting import CountReason, recount, settle
from server.visit.models import Visit
from server.visit.stages import Stage
from server.visit.verdicts import VisitCount, VisitCounter, VisitVerdict

from .clauses import pack_of
from .factories import DAY, NOW, Cast, visit_at

YEAR = 365 * DAY


def caps(most: int = 1, **changes: Any) -> Pack:
    """One cap: an agency's visits of a year."""
    return pack_of({"kind": "cap", "action": "block", "per": "agency", "times": most, **changes})


def counters(db: Any) -> list[tuple[str, int, int, int, int]]:
    """(clause, year, used, most, lifted) of every counter."""
    db.session.flush()
    db.session.expire_all()
    rows = db.session.scalars(select(VisitCounter).order_by(VisitCounter.clause_id, VisitCounter.year))
    return [(row.clause_id, row.year, row.used, row.most, row.lifted) for row in rows]


def counts(db: Any) -> list[tuple[str, int, bool]]:
    """(clause, year, lifted) of every visit that uses one, oldest first."""
    db.session.flush()
    rows = db.session.execute(
        select(VisitCount.clause_id, VisitCount.year, VisitCount.lifted)
        .join(Visit, Visit.id == VisitCount.visit_id)
        .order_by(Visit.registered_at)
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def planned(cast: Cast, keep: Any) -> Any:
    """A registered visit of the bakery, so many days from now, with verdicts as they were kept."""

    def plan(days: int = 0, *verdicts: Outcome, stage: Stage = Stage.APPROVED, **changes: Any) -> Visit:
        visit = visit_at(stage, cast, at=NOW + days * DAY, **changes).visit
        visit.verdicts = [
            VisitVerdict(
                clause_id="c0", kind="cap", pack="test@1", outcome=outcome, numbers={}, sentence="", sentence_en="",
                source="", judged_at=NOW,
            )
            for outcome in verdicts
        ]  # fmt: skip
        story = type("Kept", (), {"rows": [visit], "visit": visit})()
        kept: Visit = keep(story).visit
        return kept

    return plan


class TestSettle:
    def test_takes_one_and_no_second_where_one_is_the_most(self, db: Any, planned: Any) -> None:
        settle(planned(), policy=caps())
        assert (counters(db), counts(db)) == ([("c0", 2026, 1, 1, 0)], [("c0", 2026, False)])

        second = planned(1)
        with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
            settle(second, policy=caps())

        assert meaning_of(caught.value) is CountReason.CAP_REACHED
        assert counters(db) == [("c0", 2026, 1, 1, 0)]

    def test_is_harmless_twice(self, db: Any, planned: Any) -> None:
        visit = planned()

        for _ in range(3):
            settle(visit, policy=caps())

        assert (counters(db), counts(db)) == ([("c0", 2026, 1, 1, 0)], [("c0", 2026, False)])

    @pytest.mark.parametrize("outcome", [Outcome.WARN, Outcome.BLOCK])
    def test_lets_what_was_answered_or_lifted_pass_visibly(self, db: Any, planned: Any, outcome: Outcome) -> None:
        settle(planned(), policy=caps())

        settle(planned(1, outcome), policy=caps())

        assert (counters(db), counts(db)) == (
            [("c0", 2026, 2, 1, 1)], [("c0", 2026, False), ("c0", 2026, True)]
        )  # fmt: skip

    @pytest.mark.parametrize("outcome", [Outcome.WARN, Outcome.BLOCK])
    def test_marks_none_as_passed_while_there_is_room(self, db: Any, planned: Any, outcome: Outcome) -> None:
        settle(planned(0, outcome), policy=caps(2))
        settle(planned(1, outcome), policy=caps(2))

        assert (counters(db), counts(db)) == ([("c0", 2026, 2, 2, 0)], [("c0", 2026, False)] * 2)

    def test_lets_a_door_follow_its_day_whatever_is_left(self, db: Any, planned: Any) -> None:
        settle(planned(), policy=caps())

        settle(planned(1), policy=caps(), at_the_door=True)

        assert counters(db) == [("c0", 2026, 2, 1, 1)]

    @pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED])
    def test_gives_back_what_a_visit_that_is_gone_had_used(self, db: Any, planned: Any, stage: Stage) -> None:
        visit, passed = planned(), planned(1, Outcome.WARN)
        settle(visit, policy=caps())
        settle(passed, policy=caps())

        passed.stage = stage
        settle(passed, policy=caps())
        after_one = counters(db), counts(db)
        visit.stage = stage
        settle(visit, policy=caps())

        assert after_one == ([("c0", 2026, 1, 1, 0)], [("c0", 2026, False)])
        assert (counters(db), counts(db)) == ([("c0", 2026, 0, 1, 0)], [])

    def test_uses_nothing_up_while_a_block_waits_for_its_lift(self, db: Any, planned: Any, cast: Cast) -> None:
        visit = planned(0, Outcome.BLOCK, stage=Stage.REGISTERED)

        settle(visit, policy=caps())
        waiting = counts(db)
        block = visit.verdicts[0]
        block.lifted, block.decided_at, block.decided_by = True, NOW, cast.accounts["sun_li"].id
        settle(visit, policy=caps())

        assert (waiting, counts(db)) == ([], [("c0", 2026, False)])

    def test_counts_the_day_of_arrival_and_what_the_scope_names(self, db: Any, planned: Any) -> None:
        visit = planned()
        settle(visit, policy=caps())

        visit.on_site_at = NOW - YEAR
        settle(visit, policy=caps(), at_the_door=True)
        moved = counts(db)
        settle(visit, policy=caps(scope={"basis": ["tip"]}))

        assert (moved, counts(db)) == ([("c0", 2025, False)], [])
        assert counters(db) == [("c0", 2025, 0, 1, 0), ("c0", 2026, 0, 1, 0)]

    def test_knows_the_zone_and_the_sector_of_the_enterprise(self, db: Any, planned: Any, cast: Cast) -> None:
        cast.bakery.zone, cast.bakery.industry_code = "高新区", "1411"
        visit = planned()

        for scope in ({"zone": ["高新区"]}, {"sector": ["C14"]}, {"agency_kind": ["市场监督管理局"]}, {"tier": ["D"]}):
            settle(visit, policy=caps(scope=scope))
            assert len(counts(db)) == (scope != {"tier": ["D"]}), scope

    def test_admits_nobody_more_and_breaks_nothing_when_the_number_is_lowered(self, db: Any, planned: Any) -> None:
        for day in (0, 1):
            settle(planned(day), policy=caps(3))

        third = planned(2)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            settle(third, policy=caps(1))

        assert counters(db) == [("c0", 2026, 2, 3, 0)]
        settle(planned(3, Outcome.WARN), policy=caps(1))
        assert counters(db) == [("c0", 2026, 3, 2, 1)]


class TestRecount:
    def test_keeps_its_rows_and_marks_what_is_past_the_cap(self, db: Any, planned: Any, cast: Cast) -> None:
        for day in range(3):
            planned(day)
        planned(3, stage=Stage.REJECTED)
        planned(4, Outcome.BLOCK, stage=Stage.REGISTERED)
        planned(5, enterprise=cast.foundry)
        told: list[tuple[int, int]] = []

        users = recount(policy=caps(2), since=date(2026, 1, 1), progress=lambda done, total: told.append((done, total)))

        assert (users, told) == (4, [(5, 5)])
        assert sorted(counters(db)) == [("c0", 2026, 1, 2, 0), ("c0", 2026, 3, 2, 1)]
        assert sorted(counts(db)) == [("c0", 2026, False)] * 3 + [("c0", 2026, True)]
        assert recount(policy=caps(2), since=date(2026, 1, 1)) == 4
        assert len(counts(db)) == 4

    def test_leaves_what_was_counted_before_that_day(self, db: Any, planned: Any) -> None:
        old, new = planned(-400), planned()
        settle(old, policy=caps())
        settle(new, policy=caps())

        assert recount(policy=caps(5), since=date(2026, 3, 10)) == 1

        assert counters(db) == [("c0", 2025, 1, 1, 0), ("c0", 2026, 1, 5, 0)]
        assert counts(db) == [("c0", 2025, False), ("c0", 2026, False)]

    @pytest.mark.parametrize(("since", "users"), [(date(2026, 3, 10), 1), (date(2026, 3, 11), 0)])
    def test_begins_with_the_day_itself(self, db: Any, planned: Any, since: date, users: int) -> None:
        planned()

        assert recount(policy=caps(), since=since) == users
        assert len(counts(db)) == users

    def test_counts_nothing_where_no_cap_is(self, db: Any, planned: Any) -> None:
        settle(planned(), policy=caps())
        nothing = pack_of({"kind": "duty", "action": "record", "text": "亮证"})

        assert recount(policy=nothing, since=date(2026, 1, 1)) == 0
        assert (counters(db), counts(db)) == ([], [])
