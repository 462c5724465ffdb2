"""What numbers a pack may hold, what each kind of clause is, and what it says, whole."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from server.clock import SHANGHAI
from server.policy.calendar import statutory
from server.policy.case import Case, InspectorFact, MatterFact, Past, Sealing
from server.policy.clause import Clause, Hit, Outcome, Term
from server.policy.examples import DAY, case_of
from server.policy.judging import (
    judge_sealing,
)
from server.policy.kinds import KINDS
from server.policy.pack import DEPTH, FALLBACK, Desk, Door, Drawing

from .clauses import clause_of, pack_of

NEEDED = "needed"
TIMES = (None, None)
COUNTING: dict[str, Any] = {"counts_basis": ((*TIMES, ())), "counts_purpose": ((*TIMES, ()))}
BACK: dict[str, Any] = {**COUNTING, "within_months": (1, 23, None), "within_days": (1, 700, None)}
# Kind → (the moment that asks it, whether its answer changes with the day, whether it says the same of every visit,
# {number: (least, most, what it is when nobody says so)}).
KIND: dict[str, tuple[str, bool, bool, dict[str, Any]]] = {
    "listed_matter": ("registration", False, False, {}),
    "authorised_body": ("registration", False, False, {}),
    "off_site_first": ("registration", False, False, {}),
    "random_draw": ("registration", False, False, {}),
    "plan_published": ("registration", False, False, {}),
    "first_offence": ("record", False, False, {"penalties": (*TIMES, ("case_opened", "transferred"))}),
    "approval": ("registration", False, True, {}),
    "inspectors": ("registration", False, False, {"at_least": (1, 10, NEEDED)}),
    "certificate": ("registration", False, False, {}),
    "helpers": ("registration", False, False, {"at_most": (0, None, NEEDED)}),
    "cap": ("registration", False, False, {**COUNTING, "times": (0, None, None)}),
    "burst": ("registration", True, False,
              {**COUNTING, "day": (1, None, None), "week": (1, None, None), "month": (1, None, None)}),
    "repeat": ("registration", True, False, BACK),
    "reuse": ("registration", True, False, BACK),
    "same_inspector": ("registration", False, False, {**BACK, "clean_times": (1, None, NEEDED)}),
    "rotation": ("registration", False, False, COUNTING),
    "merge": ("registration", True, False, {"offer_days": (1, 90, NEEDED), "reason_days": (0, 90, NEEDED)}),
    "budget": ("registration", False, False,
               {**COUNTING, "person_hours": (1, None, NEEDED), "estimated_minutes": (1, None, 60)}),
    "floor": ("registration", False, False, {**COUNTING, "times": (1, None, NEEDED)}),
    "quiet_day": ("registration", True, False, {
        "days_of_month": (*TIMES, ()), "weekdays": (*TIMES, ()), "floating": (0, 20, 0), "notice_days": (0, 60, 0),
        "before_holiday": (0, 30, 0), "after_holiday": (0, 30, 0), "on_rest_days": (*TIMES, False)}),
    "advance": ("registration", True, False, {"working_days": (1, 30, NEEDED)}),
    "late_entry": ("registration", True, False, {"grace_minutes": (0, None, 30), "confirmed": (*TIMES, True)}),
    "deadline": ("registration", False, True, {}),
    "rating": ("registration", False, True, {}),
    "presence": ("registration", False, True, {}),
    "refusal_right": ("registration", False, True, {}),
    "duty": ("registration", False, True, {}),
    "shares": ("year", False, False, {
        "service_at_least": (0, 100, NEEDED), "guidance_at_least": (0, 100, NEEDED),
        "penalty_at_most": (0, 100, NEEDED)}),
}  # fmt: skip
PART: dict[type[BaseModel], dict[str, Any]] = {
    Term: {"hours": (1, None, None), "days": (1, None, None), "working_days": (1, None, None)},
    Desk: {"window_max_hours": (1, None, NEEDED), "register_ahead_days": (1, None, NEEDED)},
    Door: {
        "early_minutes": (0, None, NEEDED), "withdraw_minutes": (1, None, NEEDED), "offline_days": (0, None, NEEDED),
        "clock_skew_minutes": (0, None, NEEDED), "site_radius_m": (50, None, NEEDED), "place_days": (1, None, 180),
        "prompt_minutes": (1, None, 5),
    },
    Drawing: {"assignment_days": (1, None, 180)},
}  # fmt: skip


def numbers_of(model: type[BaseModel], *, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """{field: (least, most, default)} of what holds numbers, lists or a yes."""
    found = {}
    for name, field in model.model_json_schema()["properties"].items():
        kinds = [
            each for each in (field, *field.get("anyOf", ())) if each.get("type") in ("integer", "boolean", "array")
        ]
        if name in but or not kinds:
            continue
        default = model.model_fields[name].default
        shown = NEEDED if model.model_fields[name].is_required() else default
        found[name] = (kinds[0].get("minimum"), kinds[0].get("maximum"), shown)
    return found


class TestNumbers:
    def test_of_every_kind_are_those_of_the_table(self) -> None:
        shared = frozenset(Clause.model_fields) - {"kind"}

        assert {
            kind.model_fields["kind"].annotation.__args__[0]: (  # type: ignore[union-attr]  # a Literal
                kind.moment, kind.by_day, kind.standing, numbers_of(kind, but=shared),
            )
            for kind in KINDS
        } == KIND  # fmt: skip

    @pytest.mark.parametrize("model", PART, ids=[model.__name__ for model in PART])
    def test_of_every_part_are_those_of_the_table(self, model: type[BaseModel]) -> None:
        assert numbers_of(model) == PART[model]

    def test_of_a_draw_are_chances_from_one_to_a_hundred(self) -> None:
        assert Drawing(weights={"A": 1, "D": 100}).weights == {"A": 1, "D": 100}
        for weight in (0, 101):
            with pytest.raises(ValueError):
                Drawing(weights={"A": weight})

    def test_run_where_no_clause_names_a_clock(self) -> None:
        assert ({"record": Term(hours=72), "rating": Term(days=15)}, 5) == (FALLBACK, DEPTH)

    @pytest.mark.parametrize("given", [{}, {"hours": 1, "days": 1}, {"days": 1, "working_days": 1}])
    def test_of_a_term_are_exactly_one(self, given: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="give exactly one of hours, days, working_days"):
            Term(**given)


class TestFacts:
    def test_that_nobody_gave_are_harmless(self) -> None:
        opens = datetime(2026, 3, 10, 23, 30, tzinfo=SHANGHAI)
        case = Case(at=opens, opens_at=opens, closes_at=opens + timedelta(hours=1), agency="market")

        assert (case.day, case.last_day) == (date(2026, 3, 10), date(2026, 3, 11))
        assert (case.off_site, case.helpers, case.planned, case.drawn) == (False, 0, False, False)
        assert MatterFact("M1") == MatterFact("M1", "", listed=True, authorised=True, yearly=None, off_site=False)
        assert InspectorFact("I1") == InspectorFact("I1", "", certified=True)
        past = Past("V1", case.day, "market")
        assert (past.entered, past.off_site, past.clean, past.heads, past.minutes) == (True, False, None, 0, 0)


def found(kind: str, *, case: dict[str, Any] | None = None, **values: Any) -> Any:
    """What a clause found, whole."""
    hit = clause_of(kind, **values).check(case_of(case or {}), statutory())
    return None if hit is None else (dict(hit.numbers), hit.outcome)


HOURS, DAYS, WORKING = (
    {"term_zh": "2小时", "term_en": "2 hours"}, {"term_zh": "2日", "term_en": "2 days"},
    {"term_zh": "2个工作日", "term_en": "2 working days"},
)  # fmt: skip
TERMS = {"within": {"days": 2}, "contact": {"days": 1}, "fix_simple": {"days": 1}, "fix_complex": {"days": 1}}


class TestStanding:
    """Clauses that say the same of every visit: asked of a plan and asked for ever, they say it in the same words."""

    @pytest.mark.parametrize(
        ("kind", "values", "numbers"),
        [
            ("deadline", {"what": "record", "within": {"hours": 2}},
             {"what": "record", "what_zh": "检查记录", "what_en": "The record", **HOURS}),
            ("deadline", {"what": "filing", "within": {"working_days": 2}},
             {"what": "filing", "what_zh": "备案", "what_en": "Filing", **WORKING}),
            ("rating", TERMS, DAYS),
            ("presence", {"at_least": "strong"}, {"at_least": "strong", "grade_zh": "强"}),
            ("refusal_right", {"ground": "第五十五条", "ground_en": "Article 55", "when": "no_scan"},
             {"ground": "第五十五条", "ground_en": "Article 55", "when": "no_scan"}),
            ("refusal_right", {"ground": "第五十五条", "when": "no_certificate"},
             {"ground": "第五十五条", "ground_en": "第五十五条", "when": "no_certificate"}),
            ("duty", {"text": "亮证", "text_en": "Show it"}, {"text": "亮证", "text_en": "Show it"}),
            ("duty", {"text": "亮证"}, {"text": "亮证", "text_en": "亮证"}),
        ],
    )  # fmt: skip
    def test_names_its_numbers(self, kind: str, values: Any, numbers: Any) -> None:
        clause = clause_of(kind, **values)

        assert clause.always() == numbers
        assert clause.check(case_of({}), statutory()) == Hit(numbers, Outcome.RECORD)

    def test_demands_presence_where_there_is_a_door(self) -> None:
        assert found("presence", at_least="fair", case={"off_site": True}) is None

    def test_approval_beforehand_is_noted_and_afterwards_wants_a_reason(self) -> None:
        assert found("approval", when="before") == ({"when": "before"}, Outcome.RECORD)
        afterwards = found("approval", when="afterwards", within={"hours": 24})
        assert afterwards == ({"when": "afterwards"}, Outcome.WARN)
        for bad in ({"when": "before", "within": {"hours": 1}}, {"when": "afterwards"}):
            with pytest.raises(ValueError, match="`within` belongs to `afterwards`"):
                clause_of("approval", **bad)

    def test_anything_else_has_nothing_to_say_for_ever(self) -> None:
        assert clause_of("random_draw").always() == {}


class TestFound:
    @pytest.mark.parametrize(
        ("kind", "values", "case", "expected"),
        [
            ("listed_matter", {}, {"matters": [{"code": "M1", "listed": False},
             {"code": "M2", "name": "乙", "listed": False},
                                               {"code": "M3"}]}, {"names": "M1、乙"}),
            ("listed_matter", {}, {}, None),
            ("authorised_body", {}, {"matters": [{"code": "M1", "authorised": False}, {"code": "M2"}]},
             {"names": "M1"}),
            ("authorised_body", {}, {}, None),
            ("off_site_first", {}, {"matters": [{"code": "M1", "off_site": True},
             {"code": "M2", "name": "乙", "off_site": True}]},
             {"names": "M1、乙"}),
            ("off_site_first", {}, {"matters": [{"code": "M1", "off_site": True}], "off_site": True}, None),
            ("off_site_first", {}, {"matters": []}, None),
            ("random_draw", {}, {"drawn": False}, {}),
            ("random_draw", {}, {"drawn": True}, None),
            ("plan_published", {"by": "03-31"}, {"planned": False}, {"by": "2026-03-31"}),
            ("plan_published", {"by": "05-26"}, {"planned": False}, None),
            ("plan_published", {"by": "05-25"}, {"planned": False}, {"by": "2026-05-25"}),
            ("inspectors", {"at_least": 3}, {}, {"count": 2, "at_least": 3}),
            ("inspectors", {"at_least": 2}, {}, None),
            ("certificate", {}, {"inspectors": [{"id": "甲", "certified": False}, {"id": "乙"},
             {"id": "丙", "certified": False}]},
             {"names": "甲、丙"}),
            ("certificate", {}, {}, None),
            ("helpers", {"at_most": 1}, {"helpers": 2}, {"count": 2, "at_most": 1}),
            ("helpers", {"at_most": 0}, {"inspectors": 0}, None),
            ("quiet_day", {"days_of_month": ["20-26", 3]}, {},
             {"day": "2026-05-26", "why": "每月20-26、3日", "why_en": "days 20-26、3 of a month"}),
            ("quiet_day", {"weekdays": [2]}, {}, {"day": "2026-05-26", "why": "周二", "why_en": "Tuesday"}),
            ("quiet_day", {"weekdays": [1, 3, 4, 5, 6, 7]}, {}, None),
            ("quiet_day", {"weekdays": [7]}, {"day": "2026-05-24"},
             {"day": "2026-05-24", "why": "周日", "why_en": "Sunday"}),
            ("quiet_day", {"on_rest_days": True}, {"day": "2026-05-24"},
             {"day": "2026-05-24", "why": "休息日", "why_en": "not a working day"}),
            ("quiet_day", {"on_rest_days": True}, {}, None),
            ("quiet_day", {"floating": 1}, {"quiet_days": ["2026-05-26"]},
             {"day": "2026-05-26", "why": "企业自选", "why_en": "chosen by the enterprise"}),
            ("quiet_day", {"days_of_month": [1]}, {"quiet_days": ["2026-05-26"]}, None),
            ("quiet_day", {"before_holiday": 2}, {"day": "2026-04-29"},
             {"day": "2026-04-29", "why": "法定节假日前2天", "why_en": "2 days before a statutory holiday"}),
            ("quiet_day", {"before_holiday": 2}, {"day": "2026-04-28"}, None),
            ("quiet_day", {"before_holiday": 1}, {"day": "2026-04-30"},
             {"day": "2026-04-30", "why": "法定节假日前1天", "why_en": "1 days before a statutory holiday"}),
            ("quiet_day", {"after_holiday": 1}, {"day": "2026-10-08"},
             {"day": "2026-10-08", "why": "法定节假日后1天", "why_en": "1 days after a statutory holiday"}),
            ("quiet_day", {"after_holiday": 2}, {"day": "2026-10-09"},
             {"day": "2026-10-09", "why": "法定节假日后2天", "why_en": "2 days after a statutory holiday"}),
            ("quiet_day", {"after_holiday": 1}, {"day": "2026-10-07"}, None),
            ("advance", {"working_days": 9}, {}, {"working_days": 9, "count": 8}),
            ("advance", {"working_days": 8}, {}, None),
            ("advance", {"working_days": 1}, {"at": "2026-05-26T09:00"}, {"working_days": 1, "count": 0}),
            ("advance", {"working_days": 1}, {"at": "2026-05-25T09:00"}, {"working_days": 1, "count": 0}),
            ("advance", {"working_days": 30}, {"at": "2025-12-26T09:00"}, None),
        ],
    )  # fmt: skip
    def test_says_what_and_how_many(self, kind: str, values: Any, case: Any, expected: Any) -> None:
        assert found(kind, case=case, **values) == (None if expected is None else (expected, None))

    def test_blocks_a_late_entry_beyond_its_term_and_lets_a_punctual_one_be(self) -> None:
        late = {"hours": 1.5, "late": True, "confirmed": True}

        assert found("late_entry", within={"hours": 2}, case={"late_hours": 1.5}) == (late, Outcome.WARN)
        assert found("late_entry", within={"hours": 1}, case={"late_hours": 1.5}) == (late, None)
        unconfirmed = {"hours": 0.6, "late": True, "confirmed": False}
        assert found("late_entry", confirmed=False, case={"late_hours": 0.55}) == (unconfirmed, None)
        assert found("late_entry", within={"hours": 2}, case={"late_hours": 2})[1] is Outcome.WARN
        assert found("late_entry", case={"late_hours": 1000})[0]["hours"] == 1000.0
        assert found("late_entry", case={"late_hours": 0.5}) is None
        assert found("late_entry", case={}) is None
        assert found("late_entry", grace_minutes=0, case={"late_hours": 0}) is None

    def test_of_shares_is_a_year_that_misses_one(self) -> None:
        clause: Any = clause_of("shares", service_at_least=70, guidance_at_least=20, penalty_at_most=10)
        limits = {"service_at_least": 70, "guidance_at_least": 20, "penalty_at_most": 10}

        assert clause.check_shares(service=7, guidance=2, penalty=1) is None
        assert clause.check_shares(service=0, guidance=0, penalty=0) is None
        assert clause.check_shares(service=2, guidance=0, penalty=1) == Hit(
            {"service": 66.7, "guidance": 0.0, "penalty": 33.3, **limits}
        )
        for service, guidance, penalty in ((69, 21, 10), (71, 19, 10), (69, 20, 11)):
            assert clause.check_shares(service=service, guidance=guidance, penalty=penalty) is not None
        assert clause.check(case_of({}), statutory()) is None

    @pytest.mark.parametrize(
        ("offences", "disposition", "spoken"),
        [
            (["甲", "乙"], "case_opened", True), (["甲", "乙"], "transferred", True),
            (["甲", "乙"], "guidance", False), ([], "case_opened", False),
        ],
    )  # fmt: skip
    def test_of_a_first_offence_is_one_that_would_be_punished(
        self, offences: list[str], disposition: str, spoken: bool
    ) -> None:
        clause: Any = clause_of("first_offence", action="warn")
        sealing = Sealing("plan", "inspection", "", "431002", disposition, offences)

        assert clause.check_sealing(sealing) == (Hit({"names": "甲、乙"}) if spoken else None)
        assert clause.check(case_of({}), statutory()) is None


class TestJudgeSealing:
    @pytest.mark.parametrize(
        ("values", "on", "expected"),
        [
            ({}, date(2026, 3, 10), [Outcome.WARN]),
            ({"valid_from": "2026-03-10"}, date(2026, 3, 10), [Outcome.WARN]),
            ({"valid_from": "2026-03-11"}, date(2026, 3, 10), []),
            ({"valid_to": "2026-03-10"}, date(2026, 3, 10), [Outcome.WARN]),
            ({"valid_to": "2026-03-09"}, date(2026, 3, 10), []),
            ({"scope": {"region": ["431022"]}}, date(2026, 3, 10), []),
            ({"penalties": ["guidance"]}, date(2026, 3, 10), [Outcome.PASS]),
        ],
    )
    def test_asks_the_clauses_in_force_and_in_scope(self, values: Any, on: date, expected: list[Outcome]) -> None:
        pack = pack_of({"kind": "first_offence", "action": "warn", **values})
        sealing = Sealing("plan", "inspection", "", "431002", "case_opened", ["甲"])

        assert [each.outcome for each in judge_sealing(pack, sealing, on=on)] == expected

    def test_keeps_the_names(self) -> None:
        sealing = Sealing("plan", "inspection", "", "431002", "case_opened", ["甲"])

        verdict = judge_sealing(pack_of({"kind": "first_offence", "action": "warn"}), sealing, on=DAY)[0]

        assert (verdict.numbers, verdict.sentence) == (
            {"names": "甲"}, "甲属于首违不罚事项，拟作处罚处理须说明理由"
        )  # fmt: skip
