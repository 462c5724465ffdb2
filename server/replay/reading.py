"""The visits of the past with what was known when they were registered, read as cases that clauses judge."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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

AT_ONCE = 2_000  # rows that a driver fetches


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

    def case(self, row: Row, past: Sequence[Past], registered: datetime) -> Case:
        """The visit as clauses would have seen it on the day of its registration."""
        opens_at, closes_at = instant(row.opens_at), instant(row.closes_at)
        day, last_day = day_of(opens_at), day_of(closes_at)
        people = split(row.inspectors)
        visiting = split(row.agencies)
        matters = tuple(self._matter(each, row, visiting, day, registered) for each in split(row.matters))
        published_at = self._published.get((row.agency, day.year))
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
            sector=sector_of(row.industry),
            zone=row.zone,
            tier=row.tier,
            matters=matters,
            inspectors=tuple(self._person(each, day, last_day) for each in people),
            helpers=row.helpers,
            joint=tuple(each for each in visiting if each != row.agency),
            past=past,
            quiet_days=frozenset(
                on for chosen_at, on in self._quiet.get(row.enterprise, ()) if chosen_at <= registered
            ),
            plan_published_on=day_of(published_at) if published_at and published_at <= registered else None,
            planned=any(
                (row.agency, day.year, fact.code, firm) in self._planned
                for fact in matters
                for firm in (None, row.enterprise)
            ),
            drawn=bool(people) and all(self._was_drawn(row.enterprise, each, day, registered) for each in people),
        )

    def _person(self, inspector: str, first: date, last: date) -> InspectorFact:
        name, valid_from, valid_to = self._inspectors[inspector]
        return InspectorFact(inspector, name, valid_from <= first and last <= valid_to)

    def _matter(self, matter: str, row: Row, visiting: list[str], day: date, registered: datetime) -> MatterFact:
        """The matter as it stood on the list then; whether one of the visiting bodies may inspect it there."""
        known = self.matters[matter]
        withdrawn_at = self._withdrawn.get(matter)
        if withdrawn_at is not None and withdrawn_at <= registered:
            known = replace(known, listed=False)
        may = any(self._may(each, matter, known.code, row.region, day) for each in visiting)
        return known if may else replace(known, authorised=False)

    def _may(self, agency: str, matter: str, code: str, region: str, day: date) -> bool:
        department, prefix = self._agencies[agency]
        if department == self._departments[matter] and region.startswith(prefix):
            return True
        return any(first <= day <= last for first, last in self._delegated.get((agency, code), ()))

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
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = value
    return moment
