"""Which clauses are asked, what their verdicts demand, when terms end, and what an example is."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server.clock import SHANGHAI
from server.policy.calendar import Calendar, statutory
from server.policy.case import InspectorFact, MatterFact, Past, Sealing
from server.policy.clause import Action, Clause, Outcome, Scope, Source, Status, Term, Verdict
from server.policy.examples import FILED, BadExample, case_of, run
from server.policy.judging import (
    RANK,
    approval_of,
    clauses_for,
    clocks_of,
    demanded_presence,
    inspectors_needed,
    judge,
    speaking,
    worst,
)
from server.policy.kinds.times import due_at

from .clauses import clause_of, pack_of

TERMS = {"within": {"days": 2}, "contact": {"days": 1}, "fix_simple": {"days": 1}, "fix_complex": {"days": 1}}


class TestDemanded:
    def verdicts(self, *clauses: dict[str, Any]) -> list[Verdict]:
        """What these clauses say of the ordinary visit."""
        return judge(pack_of(*({"action": "block", **each} for each in clauses)), case_of({}))

    def test_is_what_the_last_clause_says(self) -> None:
        verdicts = self.verdicts(
            {"kind": "approval", "when": "before"}, {"kind": "approval", "when": "afterwards", "within": {"hours": 9}},
            {"kind": "inspectors", "at_least": 3}, {"kind": "inspectors", "at_least": 2},
            {"kind": "presence", "at_least": "strong"}, {"kind": "presence", "at_least": "fair"},
            {"kind": "deadline", "what": "record", "within": {"hours": 1}},
            {"kind": "deadline", "what": "record", "within": {"working_days": 3}}, {"kind": "rating", **TERMS},
        )  # fmt: skip

        approval = approval_of(verdicts)
        assert approval is not None
        assert (approval.when, approval.within) == ("afterwards", Term(hours=9))
        assert (inspectors_needed(verdicts), demanded_presence(verdicts)) == (3, "fair")
        assert clocks_of(verdicts) == {"record": {"working_days": 3}, "rating": {"days": 2}}
        assert worst(verdicts) is Outcome.BLOCK

    def test_is_nothing_much_without_clauses(self) -> None:
        nothing: list[Verdict] = []
        found = (approval_of(nothing), inspectors_needed(nothing), demanded_presence(nothing), clocks_of(nothing))

        assert found == (None, 1, None, {})
        assert worst(nothing) is Outcome.PASS

    def test_gravest_is_a_block_then_a_warning_then_a_note(self) -> None:
        assert sorted(RANK, key=RANK.__getitem__) == [Outcome.PASS, Outcome.RECORD, Outcome.WARN, Outcome.BLOCK]
        assert len(set(RANK.values())) == len(RANK)


class TestScope:
    @pytest.mark.parametrize(
        ("scope", "case", "covered"),
        [
            ({}, {}, True),
            ({}, {"purpose": "service"}, False),
            ({"purpose": ["service"]}, {"purpose": "service"}, True),
            ({"basis": ["plan"]}, {}, True),
            ({"basis": ["tip"]}, {}, False),
            ({"except_basis": ["plan"]}, {}, False),
            ({"except_basis": ["tip"]}, {}, True),
            ({"region": ["431000"]}, {}, True),
            ({"region": ["431002"]}, {}, True),
            ({"region": ["430000"]}, {}, True),
            ({"region": ["431022"]}, {}, False),
            ({"region": ["431022", "431002"]}, {}, True),
            ({"agency_kind": ["市场监督管理局"]}, {}, True),
            ({"agency_kind": ["消防救援支队"]}, {}, False),
            ({"except_agency_kind": ["市场监督管理局"]}, {}, False),
            ({"sector": ["C14"]}, {"sector": "C1432"}, True),
            ({"sector": ["C15", "D"]}, {"sector": "C1432"}, False),
            ({"except_sector": ["C14"]}, {"sector": "C1432"}, False),
            ({"except_sector": ["C15"]}, {"sector": "C1432"}, True),
            ({"tier": ["A"]}, {"tier": "A"}, True),
            ({"tier": ["A"]}, {"tier": "D"}, False),
            ({"except_tier": ["D"]}, {"tier": "D"}, False),
            ({"except_tier": ["D"]}, {"tier": "A"}, True),
            ({"zone": ["高新区"]}, {"zone": "高新区"}, True),
            ({"zone": ["高新区"]}, {}, False),
            ({"off_site": True}, {"off_site": True}, True),
            ({"off_site": True}, {}, False),
            ({"off_site": False}, {"off_site": True}, False),
            ({"off_site": False}, {}, True),
            ({"matter": ["M1", "M9"]}, {}, True),
            ({"matter": ["M9"]}, {}, False),
        ],
    )
    def test_speaks_of_these_visits_and_no_others(self, scope: Any, case: Any, covered: bool) -> None:
        clause = clause_of("random_draw", scope=scope)

        assert clause.covers(case_of(case)) is covered
        pack = pack_of({"kind": "random_draw", "action": "block", "scope": scope})
        assert bool(judge(pack, case_of(case))) is covered

    def test_takes_records_for_something_at_the_door(self) -> None:
        sealing = Sealing("plan", "inspection", "", "431002", "none")

        assert (Scope(off_site=False).covers(sealing), Scope(off_site=True).covers(sealing)) == (True, False)

    def test_asks_only_what_changes_with_the_day_where_another_day_is_wanted(self) -> None:
        pack = pack_of(
            {"kind": "advance", "action": "block", "working_days": 1},
            {"kind": "random_draw", "action": "block"},
            {"kind": "duty", "action": "record", "text": "亮证"},
        )

        assert [each.clause.kind for each in judge(pack, case_of({}), only_by_day=True)] == ["advance"]
        assert [each.clause.kind for each in judge(pack, case_of({}))] == ["advance", "random_draw", "duty"]

    def test_remembers_what_was_asked_and_forgets_it_before_it_grows_too_large(self) -> None:
        pack = pack_of({"kind": "random_draw", "action": "block"})
        for number in range(20_000):
            pack.memo[number] = ()
        clauses_for(pack, case_of({}))
        kept = len(pack.memo)
        clauses_for(pack, case_of({}))
        again = len(pack.memo)
        clauses_for(pack, case_of({"tier": "A"}))

        assert (kept, again, len(pack.memo)) == (20_001, 20_001, 1)

    def test_tells_what_varies_apart_from_what_is_said_of_every_visit(self) -> None:
        pack = pack_of(
            {"kind": "random_draw", "action": "block"},
            {"kind": "duty", "action": "record", "text": "亮证"},
            {"kind": "floor", "action": "warn", "times": 1},
            {"kind": "certificate", "action": "block"},
        )

        assert [clause.kind for clause in clauses_for(pack, case_of({}), varying=True)] == [
            "random_draw", "floor", "certificate",
        ]  # fmt: skip
        assert [(clause.kind, outcome) for clause, outcome in speaking(pack, case_of({"drawn": False}))] == [
            ("random_draw", Outcome.BLOCK), ("floor", Outcome.RECORD),
        ]  # fmt: skip


class TestSentence:
    def test_is_the_clauses_own_else_that_of_its_kind_with_a_dash_for_what_is_missing(self) -> None:
        plain = clause_of("helpers", at_most=2)
        own = clause_of("helpers", at_most=2, says="{count}人", says_en="{count} people")

        assert plain.sentence({"count": 3}) == "辅助人员3名，超过—名；辅助人员不得实施检查"
        assert plain.sentence({"count": 3, "at_most": 2}, english=True) == (
            "3 helpers, more than 2; helpers may not inspect"
        )
        assert (own.sentence({"count": 3}), own.sentence({"count": 3}, english=True)) == ("3人", "3 people")

    @pytest.mark.parametrize(
        ("source", "cited"),
        [
            ({"title": "《行政处罚法》", "article": "第五十五条"}, "《行政处罚法》第五十五条"),
            ({"title": "郴政发〔2026〕1号", "article": "第三条"}, "郴政发〔2026〕1号 第三条"),
            ({"title": "郴政发〔2026〕1号"}, "郴政发〔2026〕1号"),
        ],
    )
    def test_cites_its_source(self, source: dict[str, str], cited: str) -> None:
        assert (Source(**source).cited, Source(**source).status) == (cited, Status.RULE)  # type: ignore[arg-type]  # texts

    def test_is_of_a_kind_that_says_how_it_is_checked(self) -> None:
        with pytest.raises(NotImplementedError):
            Clause.check(clause_of("random_draw"), case_of({}), statutory())

    def test_knows_its_exceptions_by_their_class(self) -> None:
        exception = {"class": "life_safety", "title": "危及生命", "evidence": "检测报告", "approver": "head"}
        clause = clause_of("random_draw", exception=[exception])

        known = clause.exception_of("life_safety")
        assert (known.id if known else None, clause.exception_of("other")) == ("life_safety", None)
        assert clause.action is Action.BLOCK


class TestTerms:
    @pytest.mark.parametrize(
        ("term", "at", "due"),
        [
            ({"hours": 72}, "2026-03-10T10:30", "2026-03-13T10:30:00"),
            ({"days": 1}, "2026-03-10T00:00", "2026-03-12T00:00:00"),
            ({"days": 15}, "2026-03-10T23:59", "2026-03-26T00:00:00"),
            ({"working_days": 1}, "2026-03-13T10:00", "2026-03-17T00:00:00"),
            ({"working_days": 3}, "2026-03-10T10:00", "2026-03-14T00:00:00"),
        ],
    )
    def test_run_in_hours_or_end_with_their_day_in_shanghai(self, term: Any, at: str, due: str) -> None:
        moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)

        ends = due_at(Term(**term), moment, statutory()).astimezone(SHANGHAI)

        assert ends.replace(tzinfo=None).isoformat() == due


class TestCalendarInMemory:
    HOLIDAYS = Calendar(off={date(2026, 3, 11): "节"}, on=frozenset({date(2026, 3, 14)}))

    @pytest.mark.parametrize(
        ("day", "worked"),
        [("2026-03-11", False), ("2026-03-13", True), ("2026-03-14", True), ("2026-03-15", False), ("2026-03-16", True),
         ("2026-03-07", False)],
    )  # fmt: skip
    def test_works_from_monday_to_friday_but_for_what_it_names(self, day: str, worked: bool) -> None:
        assert self.HOLIDAYS.is_workday(date.fromisoformat(day)) is worked

    @pytest.mark.parametrize(
        ("first", "last", "count"),
        [("10", "10", 0), ("10", "11", 0), ("10", "12", 0), ("10", "13", 1), ("12", "16", 2), ("13", "10", 0)],
    )
    def test_counts_the_working_days_between(self, first: str, last: str, count: int) -> None:
        days = (date.fromisoformat(f"2026-03-{each}") for each in (first, last))

        assert self.HOLIDAYS.workdays_between(*days) == count

    @pytest.mark.parametrize(
        ("day", "within", "expected"),
        [("10", 1, (1, "节")), ("11", 0, (0, "节")), ("09", 1, None), ("09", 2, (2, "节"))],
    )
    def test_looks_ahead_for_a_holiday(self, day: str, within: int, expected: Any) -> None:
        assert self.HOLIDAYS.days_to_holiday(date.fromisoformat(f"2026-03-{day}"), within=within) == expected

    def test_is_overlaid_day_by_day(self) -> None:
        wednesday, saturday, sunday = date(2026, 3, 11), date(2026, 3, 14), date(2026, 3, 15)

        edited = self.HOLIDAYS.edited(
            {wednesday: (True, ""), saturday: (False, "休"), date(2026, 3, 12): (False, "庆")}
        )
        more = self.HOLIDAYS.edited({sunday: (True, "")})

        assert (edited.off, edited.on) == ({saturday: "休", date(2026, 3, 12): "庆"}, frozenset({wednesday}))
        assert (more.off, more.on) == (self.HOLIDAYS.off, frozenset({saturday, sunday}))
        assert (self.HOLIDAYS.is_known(2026), self.HOLIDAYS.is_known(2027)) == (True, False)


class TestExamples:
    def test_start_from_an_ordinary_visit(self) -> None:
        case = case_of({})

        opens = datetime(2026, 5, 26, 10, tzinfo=SHANGHAI)
        assert (case.at, case.opens_at, case.closes_at) == (FILED, opens, opens + timedelta(hours=4))
        assert datetime(2026, 5, 13, 9, tzinfo=SHANGHAI) == FILED
        assert (case.matters, case.inspectors) == (
            (MatterFact("M1", "日常检查"),), (InspectorFact("I1", "执法员1"), InspectorFact("I2", "执法员2"))
        )  # fmt: skip
        assert (case.planned, case.drawn, case.plan_published_on, case.past) == (True, True, date(2026, 3, 15), ())

    def test_change_what_they_name(self) -> None:
        past = [{"day": "2026-02-02", "matters": ["M1"]}, {"day": "2026-01-01", "id": "X", "agencies": ["a"]}]
        case = case_of({"late_hours": 2, "hours": 1.5, "inspectors": [{"id": "张"}], "past": past})

        assert (case.at - case.opens_at, case.closes_at - case.opens_at) == (timedelta(hours=2), timedelta(hours=1.5))
        assert case.inspectors == (InspectorFact("张", "张"),)
        assert case.past == (
            Past("X", date(2026, 1, 1), "market", agencies=frozenset({"a"})),
            Past("V0", date(2026, 2, 2), "market", matters=frozenset({"M1"})),
        )
        with pytest.raises(BadExample, match="has no colour, smell"):
            case_of({"smell": 1, "colour": 1})

    @pytest.mark.parametrize(
        ("kind", "values", "case", "expected"),
        [
            ("random_draw", {}, {"drawn": False}, (Outcome.BLOCK, {})),
            ("random_draw", {}, {}, (Outcome.PASS, {})),
            ("random_draw", {"valid_to": "2026-05-25"}, {"drawn": False}, (Outcome.PASS, {})),
            ("random_draw", {"scope": {"tier": ["D"]}}, {"drawn": False}, (Outcome.PASS, {})),
            ("floor", {"times": 1}, {}, (Outcome.RECORD, {"times": 1, "count": 0})),
            ("first_offence", {}, {"disposition": "case_opened", "first_offences": ["甲"]}, (Outcome.BLOCK,
             {"names": "甲"})),
            ("first_offence", {}, {"disposition": "none", "first_offences": ["甲"]}, (Outcome.PASS, {})),
        ],
    )  # fmt: skip
    def test_are_judged_as_a_visit_would_be(self, kind: str, values: Any, case: Any, expected: Any) -> None:
        clause = clause_of(kind, **values, example=[{"case": case, "expect": "pass"}])

        assert run(clause, clause.example[0], statutory()) == expected
