"""One rule of a pack: what every kind of clause shares, and what a clause said of a case."""

import datetime as dt
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .calendar import Calendar
from .case import Case, Numbers

BASES = ("plan", "random_draw", "complaint", "tip", "ordered", "follow_up", "emergency", "request", "service")
Basis = Literal["plan", "random_draw", "complaint", "tip", "ordered", "follow_up", "emergency", "request", "service"]
Purpose = Literal["inspection", "service"]


class Action(StrEnum):
    """What a clause does when it speaks: refuse, ask for a written reason, or note and start a clock."""

    BLOCK = "block"
    WARN = "warn"
    RECORD = "record"


class Outcome(StrEnum):
    """What a clause said of one visit."""

    PASS = "pass"
    RECORD = "record"
    WARN = "warn"
    BLOCK = "block"


class Status(StrEnum):
    """How firm the number stands: law, rule of the place, or a preset that nobody has confirmed."""

    LAW = "law"
    RULE = "rule"
    PRESET = "preset"


class Part(BaseModel):
    """The base of every part of a pack: members that nobody knows are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """Where a clause comes from: title and article of the text."""

    title: str = Field(min_length=1)
    article: str = ""
    status: Status = Status.RULE

    @property
    def cited(self) -> str:
        # A law's title ends with its own mark; anything else needs a space before the article.
        gap = "" if self.title.endswith("》") else " "
        return f"{self.title}{gap}{self.article}".rstrip()


class Scope(Part):
    """Which visits a clause speaks of; an empty list means all.

    `region` and `sector` are prefixes (GB/T 2260 without trailing zeros, GB/T 4754 letter or digits);
    `except_*` takes visits out again.
    """

    purpose: tuple[Purpose, ...] = ("inspection",)
    basis: tuple[Basis, ...] = ()
    except_basis: tuple[Basis, ...] = ()
    region: tuple[str, ...] = ()
    agency_kind: tuple[str, ...] = ()
    except_agency_kind: tuple[str, ...] = ()
    matter: tuple[str, ...] = ()
    sector: tuple[str, ...] = ()
    except_sector: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    except_tier: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    off_site: bool | None = None

    def covers(self, case: Any) -> bool:
        """Whether this visit is spoken of; dates and matters are asked elsewhere."""
        return (
            case.purpose in self.purpose
            and (not self.basis or case.basis in self.basis)
            and case.basis not in self.except_basis
            and (not self.region or case.region.startswith(tuple(map(_subtree, self.region))))
            and (not self.agency_kind or case.agency_kind in self.agency_kind)
            and case.agency_kind not in self.except_agency_kind
            and (not self.sector or case.sector.startswith(self.sector))
            and not (self.except_sector and case.sector.startswith(self.except_sector))
            and (not self.tier or case.tier in self.tier)
            and case.tier not in self.except_tier
            and (not self.zone or case.zone in self.zone)
            and (self.off_site is None or getattr(case, "off_site", False) is self.off_site)
        )


def _subtree(code: str) -> str:
    """The digits that every division below this one begins with (GB/T 2260: two a level)."""
    return re.sub(r"(00)+$", "", code)


class Exception_(Part):
    """A way past a block: its class, the evidence it needs, and who must grant it (never the registrant)."""

    id: str = Field(alias="class", pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    title_en: str = ""
    evidence: str = Field(min_length=1)
    approver: Literal["head", "supervisor"]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Example(Part):
    """A case that the clause must judge so: `case` names what differs from an ordinary visit."""

    says: str = ""
    case: dict[str, Any] = Field(default_factory=dict)
    expect: Outcome
    numbers: dict[str, Any] = Field(default_factory=dict)


class Term(Part):
    """A length of time: exactly one of hours, natural days, or working days."""

    hours: int | None = Field(default=None, ge=1)
    days: int | None = Field(default=None, ge=1)
    working_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> "Term":
        if sum(value is not None for value in (self.hours, self.days, self.working_days)) != 1:
            raise ValueError("give exactly one of hours, days, working_days")
        return self


@dataclass(frozen=True, slots=True)
class Hit:
    """What a clause found: the numbers of its sentence, and where it differs the outcome."""

    numbers: Numbers = field(default_factory=dict)
    outcome: Outcome | None = None


HIT = Hit()


class Clause(Part):
    """One rule of a pack. `check` says what it found in a case, or None when all is well."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1)
    title_en: str = ""
    action: Action
    source: Source
    scope: Scope = Scope()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    says: str = ""
    says_en: str = ""
    exception: tuple[Exception_, ...] = ()
    example: tuple[Example, ...] = ()

    kind: str
    # Which moment asks this kind: registration, the door, sealing the record, or nobody (a standing duty).
    moment: ClassVar[str] = "registration"
    # Whether the answer changes with the day that is chosen; only these are asked again for the next allowed days.
    by_day: ClassVar[bool] = False
    # Whether it says the same of every visit in scope, so that its id is enough to say it again.
    standing: ClassVar[bool] = False
    WORDS: ClassVar[tuple[str, str]]

    @cached_property
    def outcome(self) -> Outcome:
        """What it says when it speaks, unless what it found says otherwise."""
        return Outcome(self.action)

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """What this clause found."""
        raise NotImplementedError

    def always(self) -> Numbers:
        """The numbers of a standing clause's sentence, which are the same for every visit."""
        return {}

    def is_valid_on(self, day: dt.date) -> bool:
        """Whether the clause is in force on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def covers(self, case: Any) -> bool:
        """Whether the clause speaks of this visit at all, its dates aside."""
        wanted = self.scope.matter
        return self.scope.covers(case) and (not wanted or any(matter.code in wanted for matter in case.matters))

    def exception_of(self, word: str) -> Exception_ | None:
        """The exception of this class that the clause knows."""
        return next((each for each in self.exception if each.id == word), None)

    def sentence(self, numbers: Numbers, *, english: bool = False) -> str:
        """What the clause says, with its numbers, in one sentence."""
        template = (self.says_en if english else self.says) or self.WORDS[english]
        return template.format_map(_Lenient(**numbers))


class _Lenient(dict[str, object]):
    """A number that a sentence asks for and nobody gave shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one clause said of one visit."""

    clause: Clause
    outcome: Outcome
    numbers: Numbers = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.clause.sentence(self.numbers)
