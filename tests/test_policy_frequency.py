"""Which other visits each counting clause counts, where its time begins and ends, and what it says in whole words."""

from datetime import date
from typing import Any

import pytest

from server.policy.calendar import statutory
from server.policy.clause import Clause, Outcome
from server.policy.examples import case_of
from server.policy.kinds.frequency import months_before

from .clauses import clause_of, said

# One visit that every clause below counts: the market's, clean, of the same matter, with the first inspector.
PAST: dict[str, Any] = {
    "day": "2026-05-19", "matters": ["M1"], "inspectors": ["I1"], "clean": True, "heads": 2, "minutes": 60,
}  # fmt: skip
# What is different about it, and whether each clause still counts it (x) or does not (-).
COUNTED = """
                       cap_agency cap_matter cap_total burst repeat reuse same_inspector rotation budget floor
as_it_is               x          x          x         x     x      x     x              x        x      x
purpose=service        -          -          -         -     -      -     -              -        -      -
basis=complaint        x          x          x         x     x      x     x              x        x      x
off_site=True          x          x          x         x     x      x     x              x        x      x
entered=False          x          x          x         x     x      x     x              x        x      -
clean=None             x          x          x         x     x      -     -              x        x      x
clean=False            x          x          x         x     x      x     -              x        x      x
agency=fire            -          x          x         x     -      x     x              -        x      x
joint_with_us          -          x          x         x     -      x     x              -        x      x
matters=M2             x          -          x         x     -      -     x              x        x      x
inspectors=I9          x          x          x         x     x      x     -              -        x      x
day=2025-12-31         -          -          -         -     -      -     x              x        -      -
day=2026-01-01         x          x          x         -     -      -     x              x        x      x
day=2026-12-31         x          x          x         -     -      -     -              -        x      x
day=2026-05-26         x          x          x         x     x      x     x              x        x      x
"""
CLAUSES: dict[str, dict[str, Any]] = {
    "cap_agency": {"kind": "cap", "per": "agency", "times": 1},
    "cap_matter": {"kind": "cap", "per": "matter", "times": 1},
    "cap_total": {"kind": "cap", "per": "total", "times": 1},
    "burst": {"kind": "burst", "month": 1},
    "repeat": {"kind": "repeat", "same": "agency_and_matter", "within_days": 60},
    "reuse": {"kind": "reuse", "within_days": 60},
    "same_inspector": {"kind": "same_inspector", "clean_times": 1, "within_months": 12},
    "rotation": {"kind": "rotation"},
    "budget": {"kind": "budget", "person_hours": 2},
    "floor": {"kind": "floor", "times": 1},
}
CHANGES: dict[str, Any] = {
    "as_it_is": {}, "off_site=True": {"off_site": True}, "entered=False": {"entered": False, "clean": True},
    "clean=None": {"clean": None}, "clean=False": {"clean": False}, "matters=M2": {"matters": ["M2"]},
    "inspectors=I9": {"inspectors": ["I9"]}, "joint_with_us": {"agency": "fire", "agencies": ["fire", "market"]},
}  # fmt: skip


def counts(clause: Clause, **past: Any) -> bool:
    """Whether a clause counts this past visit. A floor speaks while it has counted nothing."""
    spoke = said(clause, past=[{**PAST, **past}]) != "pass"
    return not spoke if clause.kind == "floor" else spoke


def cells() -> list[tuple[str, str, bool]]:
    """(what is different, clause, counted)."""
    names, *rows = (line.split() for line in COUNTED.strip().splitlines())
    return [(row[0], name, mark == "x") for row in rows for name, mark in zip(names, row[1:], strict=True)]


class TestCounted:
    @pytest.mark.parametrize(("change", "name", "expected"), cells())
    def test_are_the_visits_of_the_table(self, change: str, name: str, expected: bool) -> None:
        key, _, value = change.partition("=")
        past = CHANGES.get(change, {key: value})

        assert counts(clause_of(**CLAUSES[name]), **past) is expected

    @pytest.mark.parametrize("name", [name for name in CLAUSES if name != "floor"])
    def test_is_nothing_without_a_past(self, name: str) -> None:
        spoken = "block" if name == "budget" else "pass"
        # The visit itself is two people for an hour: just within the budget.
        assert said(clause_of(**CLAUSES[name]), past=[]) == ("pass" if name == "budget" else spoken)


class TestBases:
    @pytest.mark.parametrize("kind", ["cap_agency", "burst", "repeat", "same_inspector", "budget"])
    @pytest.mark.parametrize(
        ("scope", "more", "counted"),
        [
            ({}, {}, "plan complaint service"),
            ({"basis": ["plan"]}, {}, "plan"),
            ({"except_basis": ["complaint", "tip"]}, {}, "plan service"),
            ({"except_basis": ["complaint"]}, {"counts_basis": ["complaint"]}, "complaint"),
            ({"basis": ["plan"]}, {"counts_basis": ["plan", "complaint"]}, "plan complaint"),
        ],
    )
    def test_that_count_are_those_named_else_those_of_the_scope(
        self, kind: str, scope: dict[str, Any], more: dict[str, Any], counted: str
    ) -> None:
        clause = clause_of(**CLAUSES[kind], scope=scope, **more)

        found = [basis for basis in ("plan", "complaint", "service") if counts(clause, basis=basis)]

        assert " ".join(found) == counted

    def test_purposes_are_counted_likewise(self) -> None:
        both = clause_of(**CLAUSES["cap_total"], counts_purpose=["inspection", "service"])
        services = clause_of(**CLAUSES["cap_total"], counts_purpose=["service"])

        assert [counts(both, purpose=each) for each in ("inspection", "service")] == [True, True]
        assert [counts(services, purpose=each) for each in ("inspection", "service")] == [False, True]

    @pytest.mark.parametrize("name", CLAUSES)
    def test_leave_visits_off_site_out_where_the_scope_does(self, name: str) -> None:
        door, afar = clause_of(**CLAUSES[name], scope={"off_site": False}), {"off_site": True}

        assert (counts(door), counts(door, **afar)) == (True, False)

    @pytest.mark.parametrize("name", CLAUSES)
    def test_count_what_was_afar_and_at_the_door_where_the_scope_is_afar(self, name: str) -> None:
        clause = clause_of(**CLAUSES[name], scope={"off_site": True})
        case = case_of({"off_site": True, "past": [{**PAST, "off_site": False}]})

        assert (clause.check(case, statutory()) is None) is (name == "floor")


class TestMerge:
    @pytest.mark.parametrize(
        ("past", "expected"),
        [
            ({}, "warn"),
            ({"entered": True}, "pass"),
            ({"purpose": "service"}, "pass"),
            ({"agency": "market"}, "pass"),
            ({"agencies": ["fire", "market"]}, "pass"),
            ({"agencies": ["fire", "health"]}, "warn"),
            ({"agency": "police"}, "pass"),
            ({"day": "2026-06-05"}, "warn"),
            ({"day": "2026-06-06"}, "record"),
            ({"day": "2026-05-16"}, "warn"),
            ({"day": "2026-05-15"}, "record"),
            ({"day": "2026-06-25"}, "record"),
            ({"day": "2026-06-26"}, "pass"),
            ({"day": "2026-04-26"}, "record"),
            ({"day": "2026-04-25"}, "pass"),
        ],
    )
    def test_is_with_other_agencies_inspections_that_are_only_planned(self, past: Any, expected: str) -> None:
        clause = clause_of("merge", action="warn", offer_days=30, reason_days=10)
        planned = {"day": "2026-05-28", "agency": "fire", "entered": False}

        assert said(clause, joint=["police"], past=[{**planned, **past}]) == expected

    def test_counts_agencies_and_says_how_near(self) -> None:
        clause = clause_of("merge", action="warn", offer_days=30, reason_days=0)
        days = (("2026-05-30", "fire"), ("2026-06-02", "fire"), ("2026-05-20", "health"))
        past = [{"day": day, "agency": agency, "entered": False} for day, agency in days]

        hit = clause.check(case_of({"past": past}), statutory())

        assert hit is not None
        assert (hit.outcome, hit.numbers) == (Outcome.RECORD, {"count": 2, "days": 30, "nearest": 4})

    def test_asks_for_a_reason_no_farther_than_it_offers(self) -> None:
        assert clause_of("merge", offer_days=10, reason_days=10).kind == "merge"
        with pytest.raises(ValueError, match="reason_days may not exceed offer_days"):
            clause_of("merge", offer_days=10, reason_days=11)


def found(kind: str, *, case: dict[str, Any] | None = None, **values: Any) -> Any:
    """What a clause found, whole: its numbers and, where it differs from the action, the outcome."""
    clause = clause_of(kind, **values)
    hit = clause.check(case_of(case or {}), statutory())
    return None if hit is None else (dict(hit.numbers), hit.outcome)


def pasts(*days: str, **values: Any) -> dict[str, Any]:
    """A case with such visits on these days."""
    return {"past": [{**PAST, **values, "day": day} for day in days]}


class TestCap:
    def test_tells_whose_number_is_used_up(self) -> None:
        two = pasts("2026-02-02", "2026-03-03")

        agency = {"subject": "本单位", "subject_en": "This agency", "key": "market", "count": 2, "times": 2}
        total = {"subject": "各单位合计", "subject_en": "All agencies", "key": "", "count": 2, "times": 1}
        matter = {"subject": "“日常检查”", "subject_en": "“日常检查”", "key": "M1", "count": 2, "times": 2}
        assert found("cap", per="agency", times=2, case=two) == (agency, None)
        assert found("cap", per="total", times=1, case=two) == (total, None)
        assert found("cap", per="matter", times=2, case=two) == (matter, None)
        assert found("cap", per="agency", times=3, case=two) is None

    def test_prefers_its_own_number_to_the_matters_and_names_a_nameless_one_by_its_code(self) -> None:
        matters = {"matters": [{"code": "M7"}, {"code": "M1", "yearly": 9}]}
        told = {"subject": "“M1”", "subject_en": "“M1”", "key": "M1", "count": 1, "times": 1}

        assert found("cap", per="matter", times=1, case={**matters, **pasts("2026-02-02")}) == (told, None)
        assert found("cap", per="matter", case={**matters, **pasts("2026-02-02")}) is None

    def test_says_its_place_also_where_it_is_far_from_it(self) -> None:
        clause: Any = clause_of("cap", per="matter")
        case = case_of({"matters": [{"code": "M1", "yearly": 5}, {"code": "M2"}], **pasts("2026-02-02")})

        assert clause.places(case) == [
            {"subject": "“M1”", "subject_en": "“M1”", "key": "M1", "count": 1, "times": 5}
        ]  # fmt: skip

    def test_has_a_number_unless_it_is_the_matters_own(self) -> None:
        assert [clause_of("cap", per="matter").times, clause_of("cap", per="total", times=0).times] == [None, 0]  # type: ignore[attr-defined]  # caps
        for per in ("agency", "total"):
            with pytest.raises(ValueError, match="for a cap per matter only"):
                clause_of("cap", per=per)


class TestBurst:
    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"day": 1}, {"period": "当日", "period_en": "day", "count": 1, "times": 1}),
            ({"day": 2}, None),
            ({"week": 2}, {"period": "当周", "period_en": "week", "count": 2, "times": 2}),
            ({"week": 3}, None),
            ({"month": 3}, {"period": "当月", "period_en": "month", "count": 3, "times": 3}),
            ({"month": 4}, None),
            ({"day": 2, "week": 2}, {"period": "当周", "period_en": "week", "count": 2, "times": 2}),
            ({"day": 2, "week": 3, "month": 3}, {"period": "当月", "period_en": "month", "count": 3, "times": 3}),
        ],
    )
    def test_counts_the_periods_that_are_given(self, given: dict[str, int], told: Any) -> None:
        case = pasts("2026-05-26", "2026-05-25", "2026-05-04", "2026-04-30", "2025-05-26")

        assert found("burst", case=case, **given) == (None if told is None else (told, None))

    def test_needs_one_of_them(self) -> None:
        with pytest.raises(ValueError, match="give at least one of day, week, month"):
            clause_of("burst")

    @pytest.mark.parametrize(
        ("day", "past", "expected"),
        [
            ("2026-05-31", "2026-05-25", "block"),
            ("2026-05-31", "2026-05-24", "pass"),
            ("2026-05-25", "2026-05-31", "block"),
            ("2026-01-01", "2025-12-29", "block"),
            ("2026-01-01", "2024-12-31", "pass"),
        ],
    )
    def test_counts_a_week_from_monday_also_over_new_year(self, day: str, past: str, expected: str) -> None:
        case = {"day": day, "at": "2025-12-01T09:00", **pasts(past)}

        assert (found("burst", week=1, case=case) is not None) is (expected == "block")

    @pytest.mark.parametrize(
        ("day", "past", "counted"),
        [
            ("2026-05-31", "2026-05-01", True),
            ("2026-05-01", "2026-05-31", True),
            ("2026-05-31", "2026-06-01", False),
            ("2026-05-01", "2026-04-30", False),
            ("2026-05-15", "2025-05-15", False),
        ],
    )
    def test_counts_a_month_from_its_first_to_its_last_day(self, day: str, past: str, counted: bool) -> None:
        assert (found("burst", month=1, case={"day": day, **pasts(past)}) is not None) is counted


class TestBack:
    @pytest.mark.parametrize(
        ("kind", "more", "last", "first"),
        [
            ("repeat", {"same": "agency"}, "2026-04-27", "2026-04-26"),
            ("reuse", {}, "2026-04-27", "2026-04-26"),
            ("same_inspector", {"clean_times": 1}, "2026-04-27", "2026-04-26"),
        ],
    )
    def test_thirty_days_begin_after_their_first(self, kind: str, more: Any, last: str, first: str) -> None:
        clause = clause_of(kind, within_days=30, **more)
        months = clause_of(kind, within_months=1, **more)

        assert [counts(clause, day=day) for day in (last, first)] == [True, False]
        assert [counts(months, day=day) for day in (last, first)] == [True, False]

    @pytest.mark.parametrize(("day", "expected"), [("2026-06-24", True), ("2026-06-25", False), ("2026-06-26", False)])
    def test_repeat_looks_as_far_ahead(self, day: str, expected: bool) -> None:
        assert counts(clause_of("repeat", same="agency", within_days=30), day=day) is expected

    @pytest.mark.parametrize("more", [{}, {"within_days": 3, "within_months": 3}])
    def test_is_given_in_days_or_in_months(self, more: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="give exactly one of within_months, within_days"):
            clause_of("reuse", **more)

    @pytest.mark.parametrize(
        ("day", "months", "before"),
        [
            ("2026-05-26", 1, "2026-04-26"),
            ("2026-01-15", 1, "2025-12-15"),
            ("2026-12-31", 12, "2025-12-31"),
            ("2026-03-31", 1, "2026-02-28"),
            ("2024-03-31", 1, "2024-02-29"),
            ("2026-03-30", 1, "2026-02-28"),
            ("2026-05-31", 1, "2026-04-30"),
            ("2025-02-28", 12, "2024-02-28"),
            ("2024-02-29", 12, "2023-02-28"),
        ],
    )
    def test_goes_back_to_the_same_day_or_the_months_last(self, day: str, months: int, before: str) -> None:
        assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


class TestWhatIsSaid:
    def test_of_a_repeat_names_the_newest_and_when_it_is_free_again(self) -> None:
        case = {"matters": [{"code": "M1", "name": "日常"}, {"code": "M2"}], **pasts("2026-05-10", "2026-05-19")}
        told = {"last": "2026-05-19", "free": "2026-07-18", "visit": "V1", "names": "日常"}

        assert found("repeat", same="agency_and_matter", within_days=60, case=case) == (told, None)
        nameless = {**case, "matters": [{"code": "M1"}]}
        assert found("repeat", same="agency_and_matter", within_days=60, case=nameless)[0]["names"] == "M1"
        other = {**case, "matters": [{"code": "M3"}]}
        assert found("repeat", same="agency", within_days=60, case=other)[0]["names"] == "该企业"
        assert found("repeat", same="agency_and_matter", within_days=60, case=other) is None

    def test_of_a_result_names_the_matters_that_were_looked_at(self) -> None:
        case = {"matters": [{"code": "M1", "name": "日常"}, {"code": "M2"}, {"code": "M3"}],
                **pasts("2026-05-10", "2026-05-19", matters=["M1", "M2"])}  # fmt: skip

        assert found("reuse", within_days=60, case=case) == (
            {"names": "日常、M2", "last": "2026-05-19", "visit": "V1"}, None
        )  # fmt: skip
        # A result that is still to come can be used by nobody.
        assert found("reuse", within_days=60, case=pasts("2026-05-27")) is None

    def test_of_one_person_names_and_counts(self) -> None:
        case = pasts("2026-04-10", "2026-05-19")
        told = {"name": "执法员1", "count": 2, "clean_times": 2}

        assert found("same_inspector", clean_times=2, within_months=12, case=case) == (told, None)
        assert found("same_inspector", clean_times=3, within_months=12, case=case) is None

    def test_of_a_rotation_names_who_comes_again(self) -> None:
        case = pasts("2026-05-10", inspectors=["I2", "I1"])

        assert found("rotation", case=case) == ({"names": "执法员1、执法员2", "last": "2026-05-10"}, None)
        assert found("rotation", case=pasts("2026-05-27")) is None
        assert found("rotation", case=pasts("2026-05-26"))[0]["last"] == "2026-05-26"

    def test_of_a_budget_adds_what_is_known_and_reckons_the_rest(self) -> None:
        case = {"helpers": 1, **pasts("2026-02-02", heads=3, minutes=90)}

        assert found("budget", person_hours=7, case=case) == (
            {"hours": 4.5, "more": 3.0, "person_hours": 7}, None
        )  # fmt: skip
        assert found("budget", person_hours=8, case=case) is None
        unknown = pasts("2026-02-02", heads=0, minutes=0)
        assert found("budget", person_hours=2, case=unknown)[0] == {"hours": 1.0, "more": 2.0, "person_hours": 2}
        nobody = pasts("2026-02-02", heads=0, minutes=0, inspectors=[])
        assert found("budget", person_hours=2, estimated_minutes=20, case=nobody) is None
        assert found("budget", person_hours=1, estimated_minutes=20, case=nobody)[0] == {
            "hours": 0.7, "more": 0.7, "person_hours": 1,
        }  # fmt: skip

    def test_of_a_floor_says_how_many_there_were(self) -> None:
        assert found("floor", times=2, case=pasts("2026-02-02")) == ({"times": 2, "count": 1}, Outcome.RECORD)
        assert found("floor", times=1, case=pasts("2026-02-02")) is None
