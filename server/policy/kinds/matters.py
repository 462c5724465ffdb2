"""What may be inspected, by whom, from where, and on what plan."""

import datetime as dt
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from server.policy.calendar import Calendar
from server.policy.case import Case, Sealing
from server.policy.clause import HIT, Clause, Hit


class ListedMatter(Clause):
    """清单之外无检查: only matters on the published list."""

    kind: Literal["listed_matter"]
    WORDS: ClassVar = ("{names}不在公布的检查事项清单内", "Not on the published list: {names}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when a matter is not, or no longer, on the list."""
        names = [each.name or each.code for each in case.matters if not each.listed]
        return Hit({"names": "、".join(names)}) if names else None


class Authorised(Clause):
    """权责清单、赋权清单: the body may inspect this matter in this place, by its own duty or by delegation."""

    kind: Literal["authorised_body"]
    WORDS: ClassVar = (
        "{names}不在本单位对该地的权责清单或赋权清单内",
        "Your agency has no authority here for: {names}",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when no visiting body may inspect a matter in that place."""
        names = [each.name or each.code for each in case.matters if not each.authorised]
        return Hit({"names": "、".join(names)}) if names else None


class OffSiteFirst(Clause):
    """能非现场不入企: where the matters can be inspected from afar, going there needs a reason."""

    kind: Literal["off_site_first"]
    WORDS: ClassVar = (
        "{names}可以非现场检查，入企须说明理由",
        "{names} can be inspected off site; entering needs a reason",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when people would go although every matter can be looked at from afar."""
        if case.off_site or not case.matters or not all(each.off_site for each in case.matters):
            return None
        return Hit({"names": "、".join(each.name or each.code for each in case.matters)})


class RandomDraw(Clause):
    """双随机: enterprise and inspectors of such a visit come out of a published draw."""

    kind: Literal["random_draw"]
    WORDS: ClassVar = (
        "检查对象和执法人员应当由双随机抽取产生",
        "Enterprise and inspectors must come out of a random draw",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when no draw named this enterprise and these inspectors."""
        return None if case.drawn else HIT


class PlanPublished(Clause):
    """年度检查计划: published by a day of the year; from then on a planned visit must stand in it."""

    kind: Literal["plan_published"]
    by: str = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", description="month-day, e.g. 03-31")
    WORDS: ClassVar = (
        "本次检查不在本单位已公布的年度检查计划内（应于{by}前公布）",
        "This visit is not in a published yearly plan (due by {by})",
    )

    @field_validator("by")
    @classmethod
    def _every_year(cls, value: str) -> str:
        # 2001 had no leap day: what it has, every year has.
        try:
            dt.date.fromisoformat(f"2001-{value}")
        except ValueError:
            raise ValueError(f"{value} is no day of every year") from None
        return value

    def due_on(self, year: int) -> dt.date:
        """The last day on which a year's plan is published in time."""
        return dt.date.fromisoformat(f"{year:04}-{self.by}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks from the deadline on when the visit is not in a published plan."""
        due = self.due_on(case.day.year)
        if case.planned and case.plan_published_on is not None:
            return None
        return Hit({"by": due.isoformat()}) if case.day > due else None


class FirstOffence(Clause):
    """首违不罚: a listed first offence, slight and put right, is not to be punished."""

    kind: Literal["first_offence"]
    penalties: tuple[str, ...] = ("case_opened", "transferred")
    moment: ClassVar[str] = "record"
    WORDS: ClassVar = (
        "{names}属于首违不罚事项，拟作处罚处理须说明理由",
        "{names} is on the first-offence list; a penalty needs a reason",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks of records, never of plans."""
        return None

    def check_sealing(self, sealing: Sealing) -> Hit | None:
        """Speaks when a listed first offence is disposed of by penalty."""
        if not sealing.first_offences or sealing.disposition not in self.penalties:
            return None
        return Hit({"names": "、".join(sealing.first_offences)})
