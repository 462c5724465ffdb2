"""What a pack judges: plain values about one planned visit and what came before it. No tables, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar, dataclass_transform

from server.clock import day_of

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fact(cls: type[T]) -> type[T]:
    """A frozen dataclass in the eyes of mypy alone: when a pack is replayed they are made by the million,
    and keeping each field from being set would cost as much as judging it.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@fact
class MatterFact:
    """One matter of the plan: on the list, this body's to inspect in this place, how often, and whether from afar."""

    code: str
    name: str = ""
    listed: bool = True
    authorised: bool = True
    yearly: int | None = None
    off_site: bool = False


@fact
class InspectorFact:
    """One inspector named, and whether the certificate holds on every day of the window."""

    id: str
    name: str = ""
    certified: bool = True


@fact
class Past:
    """Another visit of the same enterprise: one that took place, or one that is planned and still stands.

    `day` is that of arrival, else the first of its window. `entered` says that it took place: somebody arrived, or what
    was inspected off site was recorded. `clean` is None until the record is sealed.
    """

    id: str
    day: date
    agency: str
    basis: str = "plan"
    purpose: str = "inspection"
    matters: frozenset[str] = frozenset()
    inspectors: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    entered: bool = True
    off_site: bool = False
    clean: bool | None = None
    heads: int = 0
    minutes: int = 0


@fact
class Case:
    """One visit as it is planned, with everything a clause may ask about.

    `at` is the moment of registration; the window runs from `opens_at` to `closes_at`. `past` holds the
    enterprise's other visits, oldest first, from the first of January of the year before. `exceptions`
    are the classes claimed. `quiet_days` are the days the enterprise has chosen for itself.
    """

    at: datetime
    opens_at: datetime
    closes_at: datetime
    agency: str
    agency_kind: str = ""
    region: str = ""
    basis: str = "plan"
    purpose: str = "inspection"
    off_site: bool = False
    reason: str = ""
    sector: str = ""
    zone: str = ""
    tier: str = ""
    matters: Sequence[MatterFact] = ()
    inspectors: Sequence[InspectorFact] = ()
    helpers: int = 0
    joint: Sequence[str] = ()
    past: Sequence[Past] = ()
    quiet_days: frozenset[date] = frozenset()
    plan_published_on: date | None = None
    planned: bool = False
    drawn: bool = False
    day: date = field(init=False)
    last_day: date = field(init=False)

    def __post_init__(self) -> None:
        self.day = day_of(self.opens_at)  # type: ignore[misc]  # frozen for all but its making
        self.last_day = day_of(self.closes_at)  # type: ignore[misc]  # the same


@dataclass(frozen=True, slots=True)
class Sealing:
    """A record about to be sealed, for the clauses that judge records."""

    basis: str
    purpose: str
    agency_kind: str
    region: str
    disposition: str
    first_offences: Sequence[str] = ()  # names of the listed first offences found
    sector: str = ""
    tier: str = ""
    zone: str = ""
    matters: Sequence[MatterFact] = ()


Numbers = Mapping[str, object]
