"""Each kind of clause holds at its edges."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.policy.calendar import statutory
from server.policy.kinds.frequency import months_before

from .clauses import clause_of, said


class TestQuietDay:
    @pytest.mark.parametrize(
        ("day", "expected"),
        [("2026-05-20", "block"), ("2026-05-21", "pass"), ("2026-05-01", "block"), ("2026-05-31", "pass")],
    )
    def test_takes_days_of_the_month_with_both_ends(self, day: str, expected: str) -> None:
        assert said(clause_of("quiet_day", days_of_month=["1-20"]), day=day) == expected

    def test_takes_the_last_days_also_of_a_short_month(self) -> None:
        clause = clause_of("quiet_day", days_of_month=["29-31"])

        assert [said(clause, day=day) for day in ("2024-02-29", "2026-02-28", "2026-04-30")] == [
            "block", "pass", "block",
        ]  # fmt: skip

    def test_looks_at_every_day_of_the_window_in_shanghai(self) -> None:
        clause = clause_of("quiet_day", days_of_month=[21])

        # 20 May 10:00 and 14 hours more reach into the 21st; 13 do not.
        assert said(clause, day="2026-05-20", hours=14) == "block"
        assert said(clause, day="2026-05-20", hours=13.9) == "pass"

    def test_never_answers_from_a_calendar_that_is_gone(self) -> None:
        """A day is entered as free and taken back, over and over: each calendar is a new object at an old address."""
        clause = clause_of("quiet_day", on_rest_days=True)
        day = date(2026, 5, 20)

        answers = [
            said(clause, day=day.isoformat(), calendar=statutory().edited({day: (worked, "本地")}))
            for worked in [True, False] * 100
        ]

        assert answers == ["pass", "block"] * 100

    def test_shares_no_answer_with_a_clause_that_names_other_days(self) -> None:
        first, second = clause_of("quiet_day", days_of_month=[20]), clause_of("quiet_day", days_of_month=[21])

        assert [said(each, day="2026-05-20") for each in (first, second, first)] == ["block", "pass", "block"]

    def test_takes_weekdays_but_not_when_they_are_holidays(self) -> None:
        clause = clause_of("quiet_day", weekdays=[1, 2, 3, 4])

        assert said(clause, day="2026-05-28") == "block"  # Thursday
        assert said(clause, day="2026-05-29") == "pass"
        assert said(clause, day="2026-10-05") == "pass"  # a Monday of National Day

    def test_takes_the_days_before_and_after_a_holiday(self) -> None:
        before = clause_of("quiet_day", before_holiday=7)
        after = clause_of("quiet_day", after_holiday=2)

        # Labour Day 2026 begins on Friday 1 May.
        assert [said(before, day=day) for day in ("2026-04-23", "2026-04-24", "2026-04-30", "2026-05-01")] == [
            "pass", "block", "block", "pass",
        ]  # fmt: skip
        assert [said(after, day=day) for day in ("2026-10-07", "2026-10-08", "2026-10-09", "2026-10-10")] == [
            "pass", "block", "block", "pass",
        ]  # fmt: skip

    def test_takes_rest_days_and_works_on_make_up_days(self) -> None:
        clause = clause_of("quiet_day", on_rest_days=True)

        assert said(clause, day="2026-10-11") == "block"
        assert said(clause, day="2026-10-10") == "pass"

    def test_takes_the_days_the_enterprise_chose(self) -> None:
        clause = clause_of("quiet_day", floating=2)

        assert said(clause, day="2026-05-26", quiet_days=["2026-05-26"]) == "block"
        assert said(clause, day="2026-05-26", quiet_days=["2026-05-27"]) == "pass"

    @pytest.mark.parametrize("bad", [{"days_of_month": ["0-3"]}, {"days_of_month": ["9-2"]}, {"weekdays": [8]}, {}])
    def test_refuses_days_that_are_none(self, bad: dict[str, Any]) -> None:
        with pytest.raises(ValueError):
            clause_of("quiet_day", **bad)


class TestAdvanceAndLateEntry:
    def test_counts_full_working_days_between(self) -> None:
        clause = clause_of("advance", working_days=2)

        # Filed on Friday: Monday and Tuesday lie between it and Wednesday.
        assert said(clause, at="2026-05-22T17:00", day="2026-05-27") == "pass"
        assert said(clause, at="2026-05-22T17:00", day="2026-05-26") == "block"

    def test_counts_a_make_up_saturday(self) -> None:
        clause = clause_of("advance", working_days=3)

        assert said(clause, at="2026-10-07T12:00", day="2026-10-11") == "pass"
        assert said(clause, at="2026-10-07T12:00", day="2026-10-10") == "block"

    def test_takes_the_day_of_filing_in_shanghai(self) -> None:
        clause = clause_of("advance", working_days=1)

        # 23:30 UTC on the 21st is the 22nd, a Friday, in Shanghai.
        assert said(clause, at="2026-05-21T23:30+00:00", day="2026-05-25") == "block"
        assert said(clause, at="2026-05-21T15:30+00:00", day="2026-05-25") == "pass"

    def test_warns_within_the_term_and_blocks_beyond(self) -> None:
        clause = clause_of("late_entry", within={"days": 2})

        assert [said(clause, late_hours=hours) for hours in (0.5, 0.6, 30, 80)] == ["pass", "warn", "warn", "block"]

    def test_blocks_at_once_without_a_term(self) -> None:
        assert said(clause_of("late_entry"), late_hours=1) == "block"


class TestFrequency:
    def visits(self, *days: str, **values: Any) -> list[dict[str, Any]]:
        """Past visits by the same agency of the same matter."""
        return [{"day": day, "matters": ["M1"], "inspectors": ["I1"], "clean": True, **values} for day in days]

    def test_counts_a_cap_by_the_calendar_year_of_the_visit(self) -> None:
        clause = clause_of("cap", per="agency", times=1)

        assert said(clause, past=self.visits("2025-12-31")) == "pass"
        assert said(clause, past=self.visits("2026-01-01")) == "block"
        assert said(clause, day="2027-01-01", at="2026-12-30T09:00", past=self.visits("2026-12-31")) == "pass"

    def test_counts_what_is_planned_as_well(self) -> None:
        clause = clause_of("cap", per="total", times=1)

        assert said(clause, past=self.visits("2026-11-30", entered=False, clean=None, agency="fire")) == "block"

    def test_counts_only_the_bases_it_names(self) -> None:
        clause = clause_of("cap", per="agency", times=1, scope={"basis": ["plan"]})

        assert said(clause, past=self.visits("2026-02-02", basis="complaint")) == "pass"
        assert said(clause, basis="complaint", past=self.visits("2026-02-02")) == "pass"
        other = clause_of("cap", per="agency", times=1, scope={"basis": ["plan"]}, counts_basis=["plan", "complaint"])
        assert said(other, past=self.visits("2026-02-02", basis="complaint")) == "block"

    def test_takes_the_matters_own_frequency(self) -> None:
        clause = clause_of("cap", per="matter")
        past = self.visits("2026-02-02")

        assert said(clause, matters=[{"code": "M1", "yearly": 2}], past=past) == "pass"
        assert said(clause, matters=[{"code": "M1", "yearly": 1}], past=past) == "block"
        assert said(clause, matters=[{"code": "M1"}], past=past * 9) == "pass"
        assert said(clause, matters=[{"code": "M1", "yearly": 0}]) == "block"

    def test_counts_a_joint_visit_for_the_agency_that_leads(self) -> None:
        clause = clause_of("cap", per="agency", times=1)

        assert said(clause, past=self.visits("2026-02-02", agency="fire", agencies=["fire", "market"])) == "pass"

    def test_counts_a_burst_by_day_week_from_monday_and_month(self) -> None:
        clause = clause_of("burst", day=1, week=2, month=3, action="warn")

        assert said(clause, day="2026-05-25", past=self.visits("2026-05-25", agency="fire")) == "warn"
        sunday = self.visits("2026-05-23", "2026-05-24")
        assert said(clause, day="2026-05-25", past=sunday) == "pass"
        assert said(clause, day="2026-05-26", past=self.visits("2026-05-25", "2026-05-27")) == "warn"
        assert said(clause, day="2026-05-31", past=self.visits("2026-05-01", "2026-05-10", "2026-05-19")) == "warn"
        assert said(clause, day="2026-06-01", past=self.visits("2026-05-10", "2026-05-19", "2026-05-22")) == "pass"

    def test_looks_back_whole_months_also_from_their_end(self) -> None:
        clause = clause_of("repeat", same="agency_and_matter", within_months=6)

        # Six months before 31 August is 28 February: that day no longer counts, the next does.
        assert said(clause, day="2026-08-31", at="2026-08-01T09:00", past=self.visits("2026-02-28")) == "pass"
        assert said(clause, day="2026-08-31", at="2026-08-01T09:00", past=self.visits("2026-03-01")) == "block"

    def test_lets_another_matter_or_agency_repeat(self) -> None:
        clause = clause_of("repeat", same="agency_and_matter", within_days=60)

        assert said(clause, past=self.visits("2026-05-01", matters=["M2"])) == "pass"
        assert said(clause, past=self.visits("2026-05-01", agency="fire")) == "pass"
        assert (
            said(clause_of("repeat", same="agency", within_days=60), past=self.visits("2026-05-01", matters=["M2"]))
            == "block"
        )

    def test_reuses_only_a_sealed_record(self) -> None:
        clause = clause_of("reuse", within_days=30)

        assert said(clause, past=self.visits("2026-05-10", agency="fire")) == "block"
        assert said(clause, past=self.visits("2026-05-10", clean=None)) == "pass"
        assert said(clause, past=self.visits("2026-04-26")) == "pass"

    def test_counts_clean_visits_of_the_same_person(self) -> None:
        clause = clause_of("same_inspector", clean_times=2, within_months=12)

        assert said(clause, past=self.visits("2026-01-05", "2026-03-05")) == "block"
        assert said(clause, past=self.visits("2026-01-05", "2026-03-05", clean=False)) == "pass"
        assert said(clause, past=self.visits("2026-01-05", "2026-03-05", inspectors=["I9"])) == "pass"
        assert said(clause, past=self.visits("2025-05-26", "2026-03-05")) == "pass"

    def test_rotates_by_the_agencys_last_visit(self) -> None:
        clause = clause_of("rotation", action="warn")

        assert said(clause, past=self.visits("2026-03-05")) == "warn"
        newer = [*self.visits("2026-03-05"), *self.visits("2026-04-05", inspectors=["I8", "I9"])]
        assert said(clause, past=newer) == "pass"
        others = [*self.visits("2026-03-05"), *self.visits("2026-04-05", agency="fire", inspectors=["I9"])]
        assert said(clause, past=others) == "warn"

    def test_offers_a_merge_far_off_and_demands_a_reason_near(self) -> None:
        clause = clause_of("merge", action="warn", offer_days=30, reason_days=10)
        planned = {"entered": False, "clean": None, "agency": "fire"}

        found = [
            said(clause, past=self.visits(day, **planned))
            for day in ("2026-06-05", "2026-06-06", "2026-06-25", "2026-06-26")
        ]
        assert found == ["warn", "record", "record", "pass"]
        assert said(clause, joint=["fire"], past=self.visits("2026-06-05", **planned)) == "pass"

    def test_reckons_hours_of_people(self) -> None:
        clause = clause_of("budget", action="warn", person_hours=10)

        assert said(clause, past=self.visits("2026-02-02", heads=4, minutes=120)) == "pass"
        assert said(clause, past=self.visits("2026-02-02", heads=4, minutes=121)) == "warn"
        long = clause_of("budget", action="warn", person_hours=10, estimated_minutes=301)
        assert said(long, past=[]) == "warn"

    def test_wants_a_visit_below_the_floor_only(self) -> None:
        clause = clause_of("floor", action="record", times=2, scope={"tier": ["D"]})

        assert said(clause, tier="D", past=self.visits("2026-02-02")) == "record"
        assert said(clause, tier="D", past=self.visits("2026-02-02", "2026-04-02")) == "pass"
        assert said(clause, tier="A") == "pass"

    @given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 23))
    def test_goes_back_by_the_calendar(self, day: date, months: int) -> None:
        back = months_before(day, months)

        assert (day.year * 12 + day.month) - (back.year * 12 + back.month) == months
        assert back.day == day.day or (back + timedelta(days=1)).day == 1


class TestPeopleAndMatters:
    def test_counts_different_inspectors(self) -> None:
        clause = clause_of("inspectors", at_least=2)

        assert said(clause, inspectors=[{"id": "I1"}, {"id": "I1"}]) == "block"
        assert said(clause, inspectors=2) == "pass"

    def test_refuses_helpers_without_an_inspector(self) -> None:
        clause = clause_of("helpers", at_most=2)

        assert said(clause, helpers=2) == "pass"
        assert said(clause, helpers=3) == "block"
        assert said(clause, helpers=1, inspectors=0) == "block"

    def test_asks_for_the_plan_only_after_its_deadline(self) -> None:
        clause = clause_of("plan_published", by="03-31")

        assert said(clause, planned=False, day="2026-03-31", at="2026-03-20T09:00") == "pass"
        assert said(clause, planned=False, day="2026-04-01", at="2026-03-20T09:00") == "block"
        assert said(clause, planned=True, day="2026-04-01", at="2026-03-20T09:00") == "pass"

    @pytest.mark.parametrize("day", ["02-29", "02-30", "04-31", "3-31", "13-01"])
    def test_refuses_a_deadline_that_not_every_year_has(self, day: str) -> None:
        with pytest.raises(ValueError, match=r"no day of every year|should match pattern"):
            clause_of("plan_published", by=day)

    def test_sends_people_only_where_one_matter_needs_it(self) -> None:
        clause = clause_of("off_site_first", action="warn")
        both = [{"code": "M1", "off_site": True}, {"code": "M2"}]

        assert said(clause, matters=both) == "pass"
        assert said(clause, matters=both[:1]) == "warn"
