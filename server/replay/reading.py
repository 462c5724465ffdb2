"""The visits of the past with what was known when they were registered, read as cases that clauses judge."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, Text, cast, func, select, type_coerce

from server.account.models import Agency, Inspector
from server.account.rules import region_prefix
from server.catalogue.models import Delegation, Matter, may_be_off_site
from server.clock import day_of, start_of
from server.enterprise.industry import sector_of
from server.enterprise.models import Enterprise
from server.planning.models import Draw, DrawAssignment, PlanItem, PlanStage, YearPlan
from server.policy.case import Case, InspectorFact, MatterFact, Past
from server.policy.models import CalendarDay
from server.standing.models import QuietChoice
from server.visit.conditions import GONE
from server.visit.models import Helper, Visit, VisitAgency, VisitInspector, VisitMatter

AT_ONCE = 200  # rows that a driver fetches
KEPT = 20_000  # answers of one sort that are kept: visits of one agency name the same matters and people again
NO_DAYS: frozenset[date] = frozenset()


class Row(NamedTuple):
    """A visit as the driver gives it; ids and moments are text on SQLite, and ids are text everywhere."""

    id: str
    enterprise: str
    agency: str
    basis: str
    purpose: str
    region: str
    opens_at: Any
    closes_at: Any
    registered_at: Any
    on_site_at: Any
    recorded_at: Any
    heads: int | None
    minutes: int | None
    found: int | None
    tier: str
    off_site_means: str | None
    industry: str | None
    zone: str
    matters: str | None
    inspectors: str | None
    agencies: str | None
    helpers: int


class Reader:
    """The small tables once, and the visits in a stream."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        key = self._id
        matters = self._all(
            select(
                key(Matter.id), Matter.code, Matter.name, Matter.yearly_frequency, Matter.method, Matter.department,
                Matter.withdrawn_at,
            )
        )  # fmt: skip
        self.matters = {
            matter: MatterFact(code, name, yearly=yearly, off_site=may_be_off_site(method))
            for matter, code, name, yearly, method, _, _ in matters
        }
        self._departments = {row[0]: row[5] for row in matters}
        self._withdrawn = {row[0]: row[6] for row in matters if row[6] is not None}
        bodies = self._all(select(key(Agency.id), Agency.department, Agency.region_code))
        self._agencies = {agency: (department, region_prefix(region)) for agency, department, region in bodies}
        self._delegated: dict[tuple[str, str], list[tuple[date, date]]] = defaultdict(list)
        delegations = select(
            key(Delegation.agency_id), Delegation.matter_code, Delegation.valid_from_on, Delegation.valid_to_on
        )
        for agency, code, valid_from, valid_to in self._all(delegations):
            self._delegated[agency, code].append((valid_from, valid_to or date.max))
        people = select(key(Inspector.id), Inspector.name, Inspector.valid_from_on, Inspector.valid_to_on)
        self._inspectors = {row[0]: (row[1], row[2], row[3]) for row in self._all(people)}
        self._quiet: dict[str, list[tuple[datetime, date]]] = defaultdict(list)
        for firm, on, chosen_at in self._all(
            select(key(QuietChoice.enterprise_id), QuietChoice.on, QuietChoice.chosen_at)
        ):
            self._quiet[firm].append((chosen_at, on))
        plans = select(key(YearPlan.agency_id), YearPlan.year, YearPlan.published_at).where(
            YearPlan.stage == PlanStage.PUBLISHED
        )
        self._published = {(agency, year): at for agency, year, at in self._all(plans)}
        items = select(key(YearPlan.agency_id), YearPlan.year, PlanItem.matter_code, key(PlanItem.enterprise_id))
        self._planned = set(map(tuple, self._all(items.join(PlanItem, PlanItem.plan_id == YearPlan.id))))
        drawn = select(
            key(DrawAssignment.enterprise_id), key(DrawAssignment.inspector_id), Draw.drawn_at,
            DrawAssignment.valid_to_on,
        ).join(Draw, Draw.id == DrawAssignment.draw_id)  # fmt: skip
        self._drawn: dict[tuple[str, str], list[tuple[datetime, date]]] = defaultdict(list)
        for firm, person, drawn_at, until in self._all(drawn):
            self._drawn[firm, person].append((drawn_at, until))
        edited = self._all(select(CalendarDay.on, CalendarDay.worked, CalendarDay.name))
        self.edits = {on: (worked, name) for on, worked, name in edited}
        self._sector = lru_cache(KEPT)(sector_of)
        self._ids = lru_cache(KEPT)(split)
        self._lasting = lru_cache(KEPT)(self._matters_on_any_day)
        self._certified = lru_cache(KEPT)(self._people)
        self.set_of = lru_cache(KEPT)(lambda ids: frozenset(split(ids)))
        self.codes_of = lru_cache(KEPT)(lambda ids: frozenset(self.matters[each].code for each in split(ids)))

    def visits(self, *, first: date, last: date, among: tuple[str, str] | None) -> Iterator[Row]:
        """Visits enterprise by enterprise; those before `first` are there to be remembered."""
        statement = (
            select(
                self._id(Visit.id), self._id(Visit.enterprise_id), self._id(Visit.agency_id), self._raw(Visit.basis),
                self._raw(Visit.purpose), Visit.region_code, self._raw(Visit.window_from_at),
                self._raw(Visit.window_to_at), self._raw(Visit.registered_at), self._raw(Visit.on_site_at),
                self._raw(Visit.recorded_at), Visit.heads, Visit.minutes, Visit.found, Visit.tier, Visit.off_site_means,
                Enterprise.industry_code, Enterprise.zone,
                self._gathered(VisitMatter.visit_id, VisitMatter.matter_id),
                self._gathered(VisitInspector.visit_id, VisitInspector.inspector_id),
                self._gathered(VisitAgency.visit_id, VisitAgency.agency_id),
                select(func.count()).where(Helper.visit_id == Visit.id).scalar_subquery(),
            )
            .join_from(Visit, Enterprise, Enterprise.id == Visit.enterprise_id)
            .where(
                Visit.registered_at >= start_of(date(first.year - 1, 1, 1)),
                Visit.registered_at < start_of(last + timedelta(days=1)),
                ~GONE.sql(Visit),
            )
            .order_by(Visit.enterprise_id, Visit.registered_at)
        )  # fmt: skip
        if among is not None:
            key = self._id(Visit.enterprise_id)
            statement = statement.where(key >= among[0], key < among[1])
        # On the statement, not on the connection: there it would hold for all that come after.
        streamed = statement.execution_options(stream_results=True, yield_per=AT_ONCE)
        return map(Row._make, self._connection.execute(streamed))

    def case(self, row: Row, past: Sequence[Past], registered: datetime, opens_at: datetime) -> Case:
        """The visit as clauses would have seen it on the day of its registration."""
        closes_at = instant(row.closes_at)
        day = day_of(opens_at)
        people = self._ids(row.inspectors)
        visiting = self._ids(row.agencies)
        matters = self._lasting(row.matters, row.agencies, row.region) or tuple(
            self._matter(each, visiting, row.region, day, registered) for each in split(row.matters)
        )
        published_at = self._published.get((row.agency, day.year)) if self._published else None
        quiet = self._quiet.get(row.enterprise) if self._quiet else None
        return Case(
            at=registered,
            opens_at=opens_at,
            closes_at=closes_at,
            agency=row.agency,
            agency_kind=self._agencies[row.agency][0],
            region=row.region,
            basis=row.basis,
            purpose=row.purpose,
            off_site=row.off_site_means is not None,
            sector=self._sector(row.industry),
            zone=row.zone,
            tier=row.tier,
            matters=matters,
            inspectors=self._inspecting(row.inspectors, day, closes_at),
            helpers=row.helpers,
            joint=() if len(visiting) == 1 else tuple(each for each in visiting if each != row.agency),
            past=past,
            quiet_days=frozenset(on for chosen_at, on in quiet if chosen_at <= registered) if quiet else NO_DAYS,
            plan_published_on=day_of(published_at) if published_at and published_at <= registered else None,
            planned=bool(self._planned) and self._was_planned(row, matters, day.year),
            drawn=bool(self._drawn and people)
            and all(self._was_drawn(row.enterprise, each, day, registered) for each in people),
        )

    def _inspecting(self, ids: str | None, day: date, closes_at: datetime) -> tuple[InspectorFact, ...]:
        """Those named, each with whether the certificate holds on every day of the window."""
        people, since, until = self._certified(ids)
        last_day = day_of(closes_at)
        if since <= day and last_day <= until:
            return people
        dates = {each: self._inspectors[each][1:] for each in split(ids)}
        return tuple(
            replace(each, certified=dates[each.id][0] <= day and last_day <= dates[each.id][1]) for each in people
        )

    def _people(self, ids: str | None) -> tuple[tuple[InspectorFact, ...], date, date]:
        """Those named as certified, and the first and the last day on which all of them are."""
        known = [(each, *self._inspectors[each]) for each in split(ids)]
        return (
            tuple(InspectorFact(each, name) for each, name, _, _ in known),
            max((since for _, _, since, _ in known), default=date.min),
            min((until for _, _, _, until in known), default=date.max),
        )

    def _matters_on_any_day(self, ids: str | None, agencies: str | None, region: str) -> tuple[MatterFact, ...] | None:
        """The matters where the day is all the same: none was ever withdrawn, and none needs a delegation."""
        named, visiting = split(ids), split(agencies)
        if any(each in self._withdrawn for each in named):
            return None
        if not all(any(self._own(agency, each, region) for agency in visiting) for each in named):
            return None
        return tuple(self.matters[each] for each in named)

    def _matter(self, matter: str, visiting: Sequence[str], region: str, day: date, registered: datetime) -> MatterFact:
        """The matter as it stood on the list then; whether one of the visiting bodies may inspect it there."""
        known = self.matters[matter]
        withdrawn_at = self._withdrawn.get(matter)
        if withdrawn_at is not None and withdrawn_at <= registered:
            known = replace(known, listed=False)
        may = any(self._own(each, matter, region) or self._may(each, known.code, day) for each in visiting)
        return known if may else replace(known, authorised=False)

    def _own(self, agency: str, matter: str, region: str) -> bool:
        """Whether the matter is the agency's own duty in that region."""
        department, prefix = self._agencies[agency]
        return department == self._departments[matter] and region.startswith(prefix)

    def _may(self, agency: str, code: str, day: date) -> bool:
        """Whether the matter was delegated to the agency on that day."""
        return any(first <= day <= last for first, last in self._delegated.get((agency, code), ()))

    def _was_planned(self, row: Row, matters: Sequence[MatterFact], year: int) -> bool:
        return any(
            (row.agency, year, fact.code, firm) in self._planned for fact in matters for firm in (None, row.enterprise)
        )

    def _was_drawn(self, firm: str, person: str, day: date, registered: datetime) -> bool:
        return any(at <= registered and day <= until for at, until in self._drawn.get((firm, person), ()))

    def _all(self, statement: Any) -> list[Any]:
        return list(self._connection.execute(statement))

    def _id(self, column: Any) -> Any:
        return id_text(self._connection, column)

    def _raw(self, column: Any) -> Any:
        """A column as the driver gives it: converting a million costs more than judging them."""
        return type_coerce(column, String)

    def _gathered(self, key: Any, value: Any) -> Any:
        """The ids that belong to a visit, joined by commas."""
        text = self._id(value)
        joined = func.group_concat(text) if self._sqlite else func.string_agg(text, ",")
        return select(joined).where(key == Visit.id).scalar_subquery()


def id_text(connection: Connection, column: Any) -> Any:
    """An id as text, as short as the database has it: it is only compared."""
    return type_coerce(column, String) if connection.dialect.name == "sqlite" else cast(column, Text)


def split(text: str | None) -> list[str]:
    """The ids that were gathered into one text."""
    return text.split(",") if text else []


def instant(value: Any) -> datetime:
    """A moment as SQLite (text, UTC) or PostgreSQL gives it."""
    if isinstance(value, str):
        return datetime.fromisoformat(value + "+00:00")
    moment: datetime = value
    return moment
