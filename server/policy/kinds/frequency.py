"""How often, how close together, by whom again, and how many hours of an enterprise's year."""

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from server.policy.calendar import Calendar
from server.policy.case import Case, Past
from server.policy.clause import Basis, Clause, Hit, Outcome, Purpose


class _Counting(Clause):
    """A clause that counts visits: by default those that it would itself have spoken of."""

    counts_basis: tuple[Basis, ...] = Field((), description="which bases count; empty: those of the scope")
    counts_purpose: tuple[Purpose, ...] = Field((), description="which purposes count; empty: those of the scope")

    @cached_property
    def _bases(self) -> frozenset[str] | None:
        wanted = self.counts_basis or self.scope.basis
        if wanted:
            return frozenset(wanted)
        if self.scope.except_basis:
            return frozenset(each for each in _ALL if each not in self.scope.except_basis)
        return None

    @cached_property
    def _purposes(self) -> frozenset[str]:
        return frozenset(self.counts_purpose or self.scope.purpose)

    @cached_property
    def _at_the_door(self) -> bool:
        """Whether visits off site are left out, as they are where the scope leaves them out."""
        return self.scope.off_site is False

    def counts(self, past: Past) -> bool:
        """Whether another visit is counted."""
        return (
            past.purpose in self._purposes
            and (self._bases is None or past.basis in self._bases)
            and not (self._at_the_door and past.off_site)
        )

    def counted(self, case: Case) -> Iterator[Past]:
        """The enterprise's other visits that count."""
        return filter(self.counts, case.past)


_ALL: tuple[Basis, ...] = (
    "plan", "random_draw", "complaint", "tip", "ordered", "follow_up", "emergency", "request", "service",
)  # fmt: skip


class Cap(_Counting):
    """年度频次上限: most visits of an enterprise in a calendar year, per agency, per matter, or in total.

    `times` is the number; for a cap per matter it may be left out, and the matter's own published
    frequency counts. A joint visit counts once, for the agency that leads it.
    """

    kind: Literal["cap"]
    per: Literal["agency", "matter", "total"]
    times: int | None = Field(None, ge=0)
    WORDS: ClassVar = (
        "{subject}今年已登记{count}次，上限{times}次",
        "{subject_en}: {count} visits this year, at most {times}",
    )

    @model_validator(mode="after")
    def _number(self) -> "Cap":
        if self.times is None and self.per != "matter":
            raise ValueError("`times` may be left out for a cap per matter only")
        return self

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when this visit would be one too many."""
        for subject, name, times in self.subjects(case):
            if times is None:
                continue
            count = self.count(case, subject)
            if count >= times:
                return Hit(self._numbers(subject, name, count, times))
        return None

    def subjects(self, case: Case) -> list[tuple[str, str, int | None]]:
        """What this visit uses up: (subject, its name, most visits a year or None)."""
        if self.per == "matter":
            return [
                (each.code, each.name or each.code, self.times if self.times is not None else each.yearly)
                for each in case.matters
            ]
        return [(case.agency if self.per == "agency" else "", "", self.times)]

    def count(self, case: Case, subject: str) -> int:
        """How many other visits of this year use the same subject up."""
        year, per = case.day.year, self.per
        purposes, bases, door = self._purposes, self._bases, self._at_the_door
        count = 0
        # A plain loop: this is asked a million times when a pack is replayed.
        for past in case.past:
            if past.day.year == year and past.purpose in purposes and (bases is None or past.basis in bases):
                if door and past.off_site:
                    continue
                if per == "total":
                    count += 1
                elif per == "agency":
                    count += past.agency == subject
                else:
                    count += subject in past.matters
        return count

    def places(self, case: Case) -> list[dict[str, object]]:
        """This visit's place under the cap, also where it is far from it: for the one who registers."""
        return [
            self._numbers(subject, name, self.count(case, subject), times)
            for subject, name, times in self.subjects(case)
            if times is not None
        ]

    def _numbers(self, subject: str, name: str, count: int, times: int) -> dict[str, object]:
        words = {
            "agency": ("本单位", "This agency"),
            "total": ("各单位合计", "All agencies"),
            "matter": (f"“{name}”", f"“{name}”"),
        }
        zh, en = words[self.per]
        return {"subject": zh, "subject_en": en, "key": subject, "count": count, "times": times}


class Burst(_Counting):
    """短期密集检查: more than so many visits of one enterprise in a day, a week (Monday first) or a month."""

    kind: Literal["burst"]
    day: int | None = Field(None, ge=1)
    week: int | None = Field(None, ge=1)
    month: int | None = Field(None, ge=1)
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "该企业{period}已有{count}次检查，超过{times}次须说明理由",
        "{count} visits of this enterprise in the {period_en}; more than {times} needs a reason",
    )

    @model_validator(mode="after")
    def _some(self) -> "Burst":
        if self.day is self.week is self.month is None:
            raise ValueError("give at least one of day, week, month")
        return self

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when this visit makes it more than the number, whichever agency came."""
        day = case.day
        in_day = in_week = in_month = 0
        week = day.isocalendar()[:2]
        for past in self.counted(case):
            other = past.day
            if abs((other - day).days) > 31:
                continue
            in_day += other == day
            in_month += other.month == day.month and other.year == day.year
            in_week += other.isocalendar()[:2] == week
        for times, count, zh, en in (
            (self.day, in_day, "当日", "day"),
            (self.week, in_week, "当周", "week"),
            (self.month, in_month, "当月", "month"),
        ):  # fmt: skip
            if times is not None and count >= times:
                return Hit({"period": zh, "period_en": en, "count": count, "times": times})
        return None


class _Back(_Counting):
    """A clause that looks back over months or days."""

    within_months: int | None = Field(None, ge=1, le=23)
    within_days: int | None = Field(None, ge=1, le=700)

    @model_validator(mode="after")
    def _one(self) -> "_Back":
        if (self.within_months is None) == (self.within_days is None):
            raise ValueError("give exactly one of within_months, within_days")
        return self

    def since(self, day: dt.date) -> dt.date:
        """The first day that still counts as recent on `day`."""
        if self.within_days is not None:
            return day - dt.timedelta(days=self.within_days)
        assert self.within_months is not None  # exactly one is given
        return months_before(day, self.within_months)


class Repeat(_Back):
    """重复检查: the same agency (and matter, where `same` says so) again within a time."""

    kind: Literal["repeat"]
    same: Literal["agency", "agency_and_matter"]
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "本单位{last}已检查或计划检查{names}，{free}起方可再查",
        "Your agency inspects or inspected {names} on {last}; again from {free}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when the agency was there, or will be, within the time."""
        since = self.since(case.day)
        until = case.day + (case.day - since)
        codes = {each.code for each in case.matters}
        for past in reversed(case.past):
            if past.agency != case.agency or not since < past.day < until or not self.counts(past):
                continue
            shared = codes & past.matters
            if self.same == "agency" or shared:
                names = [each.name or each.code for each in case.matters if each.code in shared]
                free = past.day + (case.day - since)
                last = {"last": past.day.isoformat(), "free": free.isoformat(), "visit": past.id}
                return Hit({**last, "names": "、".join(names) or "该企业"})
        return None


class Reuse(_Back):
    """结果互认: a recorded result of the same matter that is young enough to be used again."""

    kind: Literal["reuse"]
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "{names}已于{last}检查并有记录，结果仍可互认",
        "{names} was inspected on {last}; that result can still be used",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when any agency's sealed record of one of the matters is young enough."""
        since = self.since(case.day)
        for past in reversed(case.past):
            if past.clean is None or not since < past.day <= case.day or not self.counts(past):
                continue
            names = [each.name or each.code for each in case.matters if each.code in past.matters]
            if names:
                return Hit({"names": "、".join(names), "last": past.day.isoformat(), "visit": past.id})
        return None


class SameInspector(_Back):
    """同一人员多次无问题检查: the same inspector at the same enterprise so many clean times."""

    kind: Literal["same_inspector"]
    clean_times: int = Field(ge=1)
    WORDS: ClassVar = (
        "{name}对该企业已有{count}次检查未发现问题，达到{clean_times}次",
        "{name} found nothing in {count} visits here; the limit is {clean_times}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when one of the inspectors has been there that often and found nothing."""
        since = self.since(case.day)
        recent = [each for each in self.counted(case) if each.clean and since < each.day <= case.day]
        for person in case.inspectors:
            count = sum(1 for past in recent if person.id in past.inspectors)
            if count >= self.clean_times:
                return Hit({"name": person.name, "count": count, "clean_times": self.clean_times})
        return None


class Rotation(_Counting):
    """人员轮换: never the same inspector twice running at one enterprise."""

    kind: Literal["rotation"]
    WORDS: ClassVar = (
        "{names}参加了本单位上一次（{last}）检查，应当轮换",
        "{names} came on the agency's last visit ({last}); others should go",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when somebody of the agency's last visit comes again."""
        for past in reversed(case.past):
            if past.agency != case.agency or past.day > case.day or not self.counts(past):
                continue
            names = [each.name for each in case.inspectors if each.id in past.inspectors]
            return Hit({"names": "、".join(names), "last": past.day.isoformat()}) if names else None
        return None


class Merge(Clause):
    """综合查一次: other agencies plan to be there soon, so one visit could do.

    Within `offer_days` it is offered; within `reason_days` going alone needs a reason.
    """

    kind: Literal["merge"]
    offer_days: int = Field(ge=1, le=90)
    reason_days: int = Field(ge=0, le=90)
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "另有{count}个单位计划在{days}日内检查该企业，可合并为一次",
        "{count} other agencies plan to be there within {days} days: one visit could do",
    )

    @model_validator(mode="after")
    def _order(self) -> "Merge":
        if self.reason_days > self.offer_days:
            raise ValueError("reason_days may not exceed offer_days")
        return self

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks of other agencies' visits that are planned near this day and that nobody has joined."""
        near = list(self.joinable(case))
        if not near:
            return None
        nearest = min(abs((past.day - case.day).days) for past in near)
        numbers = {"count": len({past.agency for past in near}), "days": self.offer_days, "nearest": nearest}
        return Hit(numbers, None if nearest <= self.reason_days else Outcome.RECORD)

    def joinable(self, case: Case) -> Iterator[Past]:
        """The planned visits of others that this one could join."""
        ours = {case.agency, *case.joint}
        for past in case.past:
            if past.entered or past.purpose != "inspection" or ours & (past.agencies or {past.agency}):
                continue
            if abs((past.day - case.day).days) <= self.offer_days:
                yield past


class Budget(_Counting):
    """精力预算: most person-hours of inspection that an enterprise bears in a year."""

    kind: Literal["budget"]
    person_hours: int = Field(ge=1)
    estimated_minutes: int = Field(60, ge=1, description="what a visit without a record is reckoned with")
    WORDS: ClassVar = (
        "该企业今年已承受{hours}人时检查，本次约{more}人时，预算{person_hours}人时",
        "{hours} person-hours this year and about {more} more; the budget is {person_hours}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when this visit would overdraw the year."""
        used = self.used(case)
        more = (len(case.inspectors) + case.helpers) * self.estimated_minutes / 60
        if used + more <= self.person_hours:
            return None
        return Hit({"hours": round(used, 1), "more": round(more, 1), "person_hours": self.person_hours})

    def used(self, case: Case) -> float:
        """Person-hours that this year's other visits have used, those without a record estimated."""
        year = case.day.year
        return sum(
            (past.heads or len(past.inspectors) or 2) * (past.minutes or self.estimated_minutes) / 60
            for past in self.counted(case)
            if past.day.year == year
        )


class Floor(_Counting):
    """最低检查次数: the fewest inspections a year for enterprises of a high tier."""

    kind: Literal["floor"]
    times: int = Field(ge=1)
    WORDS: ClassVar = (
        "该等级企业每年至少检查{times}次，今年已有{count}次",
        "This tier is inspected at least {times} times a year; so far {count}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks while the year's floor has not been reached: the visit is wanted."""
        year = case.day.year
        count = sum(1 for past in self.counted(case) if past.day.year == year and past.entered)
        return Hit({"times": self.times, "count": count}, Outcome.RECORD) if count < self.times else None


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or the last of that month when it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return dt.date(year, month, last)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")
