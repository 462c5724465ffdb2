"""When a visit may be: quiet days, filing in advance, entering late."""

import datetime as dt
import re
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from server.clock import day_of, end_of
from server.policy.calendar import DAY, Calendar
from server.policy.case import Case
from server.policy.clause import Clause, Hit, Outcome, Term

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class QuietDay(Clause):
    """企业无扰日: days without inspections.

    `days_of_month` are numbers or ranges ("1-20"); `weekdays` count from 1 (Monday); `floating` is how
    many days a month an enterprise may choose for itself, each at least `notice_days` ahead, so that nobody
    empties tomorrow's plans; `before_holiday` and `after_holiday` are the natural days next to a statutory
    holiday; `on_rest_days` takes every day that offices do not work.
    """

    kind: Literal["quiet_day"]
    days_of_month: tuple[str | int, ...] = ()
    weekdays: tuple[int, ...] = ()
    floating: int = Field(0, ge=0, le=20)
    notice_days: int = Field(0, ge=0, le=60)
    before_holiday: int = Field(0, ge=0, le=30)
    after_holiday: int = Field(0, ge=0, le=30)
    on_rest_days: bool = False
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = ("{day}是企业无扰日（{why}）", "{day} is a quiet day ({why_en})")

    @field_validator("days_of_month")
    @classmethod
    def _days(cls, value: tuple[str | int, ...]) -> tuple[str | int, ...]:
        for each in value:
            first, last = _range_of(each)
            if not 1 <= first <= last <= 31:
                raise ValueError(f"{each!r} is no range of days of a month")
        return value

    @field_validator("weekdays")
    @classmethod
    def _weekdays(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not all(1 <= each <= 7 for each in value):
            raise ValueError("weekdays count from 1 (Monday) to 7")
        return value

    @model_validator(mode="after")
    def _some(self) -> "QuietDay":
        if not (
            self.days_of_month or self.weekdays or self.floating or self.before_holiday or self.after_holiday
            or self.on_rest_days
        ):  # fmt: skip
            raise ValueError("no quiet day is named")
        return self

    @cached_property
    def _monthdays(self) -> frozenset[int]:
        return frozenset(
            day for each in self.days_of_month for day in range(_range_of(each)[0], _range_of(each)[1] + 1)
        )

    @cached_property
    def _named(self) -> tuple[object, ...]:
        """What the clause names, as a key: clauses that name the same days share their answers."""
        weekdays, rest = tuple(self.weekdays), self.on_rest_days
        return tuple(self.days_of_month), weekdays, rest, self.before_holiday, self.after_holiday

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when any day of the window is quiet."""
        day = case.day
        while day <= case.last_day:
            if self.floating and day in case.quiet_days:
                return Hit({"day": day.isoformat(), "why": "企业自选", "why_en": "chosen by the enterprise"})
            why = self._why(day, calendar)
            if why is not None:
                return Hit({"day": day.isoformat(), "why": why[0], "why_en": why[1]})
            day += DAY
        return None

    def _why(self, day: dt.date, calendar: Calendar) -> tuple[str, str] | None:
        # Days repeat from visit to visit. The answers lie on the calendar, and are gone with it.
        answers = calendar.answers.setdefault(self._named, {})
        if day not in answers:
            answers[day] = self._reason(day, calendar)
        answer: tuple[str, str] | None = answers[day]
        return answer

    def _reason(self, day: dt.date, calendar: Calendar) -> tuple[str, str] | None:
        if day.day in self._monthdays:
            return f"每月{_spoken(self.days_of_month)}日", f"days {_spoken(self.days_of_month)} of a month"
        if day.isoweekday() in self.weekdays and calendar.holiday(day) is None:
            return WEEKDAYS[day.weekday()], WEEKDAYS_EN[day.weekday()]
        if self.on_rest_days and not calendar.is_workday(day):
            return "休息日", "not a working day"
        if self.before_holiday:
            found = calendar.days_to_holiday(day, within=self.before_holiday)
            if found is not None and found[0] > 0:
                return f"法定节假日前{found[0]}天", f"{found[0]} days before a statutory holiday"
        for back in range(1, self.after_holiday + 1):
            if calendar.holiday(day - DAY * back) is not None and calendar.holiday(day) is None:
                return f"法定节假日后{back}天", f"{back} days after a statutory holiday"
        return None


class Advance(Clause):
    """提前备案: registered so many working days before the visit."""

    kind: Literal["advance"]
    working_days: int = Field(ge=1, le=30)
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "应提前{working_days}个工作日登记，本次提前{count}个",
        "Registration is due {working_days} working days ahead; this is {count}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when fewer full working days lie between registration and visit."""
        filed = day_of(case.at)
        if case.day > filed + DAY * (self.working_days * 4 + 30):
            return None
        count = calendar.workdays_between(filed, case.day) if case.day > filed else 0
        return Hit({"working_days": self.working_days, "count": count}) if count < self.working_days else None


class LateEntry(Clause):
    """补录: a visit that began before it was registered, within a term and for a reason.

    The enterprise confirms such a visit; until then it is shown as unconfirmed.
    """

    kind: Literal["late_entry"]
    within: Term | None = Field(None, description="none: no late entry at all")
    grace_minutes: int = Field(30, ge=0)
    confirmed: bool = True
    by_day: ClassVar[bool] = True
    WORDS: ClassVar = (
        "检查已于{hours}小时前开始，属于补录",
        "The visit began {hours} hours ago: this is a late entry",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Blocks beyond the term; within it asks for a written reason and the enterprise's confirmation."""
        late = case.at - case.opens_at
        if late <= dt.timedelta(minutes=self.grace_minutes):
            return None
        hours = round(late.total_seconds() / 3600, 1)
        if self.within is None or case.at > due_at(self.within, case.opens_at, calendar):
            return Hit({"hours": hours, "late": True, "confirmed": self.confirmed})
        return Hit({"hours": hours, "late": True, "confirmed": self.confirmed}, Outcome.WARN)


def due_at(term: Term, at: dt.datetime, calendar: Calendar) -> dt.datetime:
    """When a term that starts at `at` ends: hours run on, days end with their day in Asia/Shanghai."""
    if term.hours is not None:
        return at + dt.timedelta(hours=term.hours)
    if term.days is not None:
        return end_of(day_of(at) + DAY * term.days)
    assert term.working_days is not None  # a Term holds exactly one
    return end_of(calendar.add_workdays(day_of(at), term.working_days))


def _range_of(text: str | int) -> tuple[int, int]:
    """The first and last day that "1-20" or 5 names."""
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(text))
    if match is None:
        raise ValueError(f"{text!r} is no day or range of days")
    return int(match[1]), int(match[2] or match[1])


def _spoken(days: tuple[str | int, ...]) -> str:
    return "、".join(str(each) for each in days)
