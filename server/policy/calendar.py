"""法定工作日历: which days are worked, holidays moved and make-up working days included.

The State Council announces a year's holidays in the autumn before. Days come from `chinesecalendar`
for the years it knows, overlaid with what an administrator has entered; for a year that nobody has
announced yet a working day is Monday to Friday, and `is_known` says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import chinese_calendar.constants as announced  # type: ignore[import-untyped]  # it ships no types

DAY = timedelta(days=1)
FRIDAY = 4


@dataclass(frozen=True)
class Calendar:
    """Exceptions from the plain week: `off` are holidays with their names, `on` make-up working days."""

    off: Mapping[date, str] = field(default_factory=dict)
    on: frozenset[date] = frozenset()
    # What clauses have worked out of this calendar: what they name → day → answer. Never more days than were asked
    # about, and never another calendar's.
    answers: dict[tuple[object, ...], dict[date, Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_workday(self, day: date) -> bool:
        """Whether offices work on this day."""
        return day in self.on or (day.weekday() <= FRIDAY and day not in self.off)

    def is_known(self, year: int) -> bool:
        """Whether this year's holidays have been announced to us."""
        return any(day.year == year for day in self.off)

    def holiday(self, day: date) -> str | None:
        """The name of the statutory holiday that holds this day, or None (also for a plain weekend)."""
        return self.off.get(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (行政处罚法 第85条: the day itself does not count)."""
        while count:
            day += DAY
            count -= self.is_workday(day)
        return day

    def workdays_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` and before `last`, both excluded."""
        return sum(self.is_workday(first + DAY * step) for step in range(1, max((last - first).days, 1)))

    def days_to_holiday(self, day: date, *, within: int) -> tuple[int, str] | None:
        """Days from `day` to the next statutory holiday and its name; (0, name) inside one; None beyond `within`."""
        for ahead in range(within + 1):
            name = self.holiday(day + DAY * ahead)
            if name is not None:
                return ahead, name
        return None

    def edited(self, edits: Mapping[date, tuple[bool, str]]) -> "Calendar":
        """The same calendar with days overlaid: day → (worked, name)."""
        off = {day: name for day, name in self.off.items() if day not in edits}
        off |= {day: name for day, (worked, name) in edits.items() if not worked}
        on = (self.on - edits.keys()) | {day for day, (worked, _) in edits.items() if worked}
        return Calendar(off=off, on=frozenset(on))


@lru_cache(maxsize=1)
def statutory() -> Calendar:
    """The days that the State Council's notices name, as far as the library knows them."""
    names = {holiday.value: holiday.chinese for holiday in announced.Holiday}
    return Calendar(
        off={day: names[name] for day, name in announced.holidays.items()},
        on=frozenset(announced.workdays),
    )
