"""规则回放: what a pack would have said of visits that took place, by the same judge that registration asks.

Visits are read enterprise by enterprise in the order of their registration, so that each is judged by
what was known then: visits registered before it, those of them that had begun, records already sealed.
Those that were called off or never came are left out.
"""

import queue
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from multiprocessing import get_context
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, Text, cast, create_engine, func, select, type_coerce

from server.account.models import Agency, Inspector
from server.catalogue.models import Matter
from server.clock import day_of, start_of
from server.enterprise.industry import sector_of
from server.enterprise.models import Enterprise, QuietChoice
from server.planning.models import DrawAssignment, PlanItem, PlanStage, YearPlan
from server.policy.case import Case, InspectorFact, MatterFact, Past
from server.policy.clause import Outcome
from server.policy.judging import speaking
from server.policy.pack import Pack, compose
from server.visit.counting import GONE
from server.visit.models import Visit, VisitAgency, VisitInspector, VisitMatter

SAMPLES = 5
STEP = 2_000
Progress = Callable[[int, int], None]
Layers = Sequence[tuple[str, str]]


@dataclass
class Replay:
    """What a pack would have said: visits judged, and by (clause, agency) how often it would have blocked or warned."""

    judged: int = 0
    blocked: int = 0
    warned: int = 0
    by_clause: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, clause: str, agency: str, outcome: Outcome, visit: str) -> None:
        """One block or warning."""
        self.by_clause.setdefault((clause, agency), Counter())[outcome.value] += 1
        some = self.samples.setdefault(clause, [])
        if len(some) < SAMPLES:
            some.append(visit)

    def add(self, other: "Replay") -> None:
        """Take the counts of another part in."""
        self.judged += other.judged
        self.blocked += other.blocked
        self.warned += other.warned
        for key, counts in other.by_clause.items():
            self.by_clause.setdefault(key, Counter()).update(counts)
        for clause, ids in other.samples.items():
            self.samples[clause] = (self.samples.get(clause, []) + ids)[:SAMPLES]


def replay(
    pack: Pack,
    connection: Connection,
    *,
    first: date,
    last: date,
    among: tuple[str, str] | None = None,
    region: str = "",
) -> Iterator[Replay]:
    """Judge every visit registered from `first` to `last` (days in Asia/Shanghai) anew.

    Yields the same growing result every few thousand visits, and once at the end. `among` keeps to
    enterprises whose id lies from one text to another, so that processes can share the work; `region` to
    visits in a region's subtree (its leading digits), though what came before is remembered from everywhere.
    """
    reader = _Reader(connection)
    since = start_of(first)
    result = Replay()
    told = 0
    for _, visits in groupby(reader.visits(first=first, last=last, among=among), key=lambda row: row.enterprise):
        history = _History()
        for row in visits:
            registered = _moment(row.registered_at)
            history.advance(registered)
            if registered >= since and row.region.startswith(region):
                _judge_one(pack, reader, row, history, registered, result)
            history.remember(row, reader)
        if result.judged - told >= STEP:
            told = result.judged
            yield result
    yield result


def replay_on_all_cores(layers: Layers, *, url: str, first: date, last: date, cores: int, progress: Progress) -> Replay:
    """The same, each process taking a range of the enterprises."""
    engine = create_engine(url)
    with engine.connect() as connection:
        total = count(connection, first=first, last=last)
        ranges = _ranges(connection, cores)
    engine.dispose()
    context = get_context("spawn")
    whole = Replay()
    with context.Manager() as manager, ProcessPoolExecutor(len(ranges), mp_context=context) as pool:
        told = manager.Queue()
        parts = [pool.submit(_part, tuple(layers), url, first, last, among, told) for among in ranges]
        _follow(parts, told, total, progress)
        for part in parts:
            whole.add(part.result())
    progress(total, total)
    return whole


def count(connection: Connection, *, first: date, last: date, region: str = "") -> int:
    """How many visits were registered on these days and not called off, in a region's subtree (its leading digits)."""
    statement = select(func.count()).where(
        Visit.registered_at >= start_of(first),
        Visit.registered_at < start_of(last + timedelta(days=1)),
        Visit.stage.not_in(GONE),
        Visit.region_code.startswith(region, autoescape=True),
    )
    return connection.scalar(statement) or 0


# --- one visit -------------------------------------------------------------------------------------


def _judge_one(
    pack: Pack, reader: "_Reader", row: "_Row", history: "_History", registered: datetime, result: Replay
) -> None:
    case = reader.case(row, history, registered)
    gravest = 0
    for clause, outcome in speaking(pack, case):
        if outcome is Outcome.BLOCK:
            gravest = 2
        elif outcome is Outcome.WARN:
            gravest = gravest or 1
        else:
            continue
        result.note(clause.id, row.agency, outcome, row.id)
    result.judged += 1
    result.blocked += gravest == 2
    result.warned += gravest == 1


class _Row(NamedTuple):
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


class _History:
    """One enterprise's visits as they were known at a moment that only moves forward."""

    def __init__(self) -> None:
        self.past: list[Past] = []
        self._dropped = 0  # how many visits of years that no clause looks at have left the list
        # What becomes known later: the moment, the visit's number, and the visit as it is known from then on.
        self._later: deque[tuple[datetime, int, Past]] = deque()

    def advance(self, at: datetime) -> None:
        """Let everything become known that had happened by now."""
        if self._later:
            still: deque[tuple[datetime, int, Past]] = deque()
            for moment, place, known in self._later:
                if moment <= at:
                    if place >= self._dropped:
                        self.past[place - self._dropped] = known
                else:
                    still.append((moment, place, known))
            self._later = still
        oldest = date(at.year - 1, 1, 1)
        while self.past and self.past[0].day < oldest:
            del self.past[0]
            self._dropped += 1

    def remember(self, row: "_Row", reader: "_Reader") -> None:
        """A visit that has just been registered: planned now, entered and recorded when it was."""
        codes = frozenset(reader.matters[each].code for each in _split(row.matters))
        same = {
            "id": row.id,
            "agency": row.agency,
            "basis": row.basis,
            "purpose": row.purpose,
            "matters": codes,
            "inspectors": frozenset(_split(row.inspectors)),
            "agencies": frozenset(_split(row.agencies)),
            "off_site": row.off_site_means is not None,
        }
        self.past.append(Past(day=day_of(_moment(row.opens_at)), entered=False, **same))  # type: ignore[arg-type]  # one shape, three times
        if row.on_site_at is None:
            return
        arrived = _moment(row.on_site_at)
        place = self._dropped + len(self.past) - 1
        day = day_of(arrived)
        self._later.append((arrived, place, Past(day=day, **same)))  # type: ignore[arg-type]  # as above
        if row.recorded_at is not None:
            known = Past(day=day, clean=not row.found, heads=row.heads or 0, minutes=row.minutes or 0, **same)  # type: ignore[arg-type]  # as above
            self._later.append((_moment(row.recorded_at), place, known))


# --- reading ---------------------------------------------------------------------------------------


class _Reader:
    """The small tables once, and the visits in a stream."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        key = self._id
        matters = self._all(
            select(key(Matter.id), Matter.code, Matter.name, Matter.yearly_frequency, Matter.method, Matter.department)
        )
        self.matters = {
            matter: MatterFact(code, name, yearly=yearly, off_site="非现场" in method)
            for matter, code, name, yearly, method, _ in matters
        }
        self._departments = {row[0]: row[5] for row in matters}
        self._agencies = dict(self._all(select(key(Agency.id), Agency.department)))
        people = select(key(Inspector.id), Inspector.name, Inspector.valid_from_on, Inspector.valid_to_on)
        self._inspectors = {row[0]: (row[1], row[2], row[3]) for row in self._all(people)}
        self._quiet: dict[str, set[date]] = defaultdict(set)
        for firm, on in self._all(select(key(QuietChoice.enterprise_id), QuietChoice.on)):
            self._quiet[firm].add(on)
        plans = select(key(YearPlan.agency_id), YearPlan.year, YearPlan.published_at).where(
            YearPlan.stage == PlanStage.PUBLISHED
        )
        self._published = {(agency, year): day_of(at) for agency, year, at in self._all(plans)}
        items = select(key(YearPlan.agency_id), YearPlan.year, PlanItem.matter_code, key(PlanItem.enterprise_id))
        self._planned = set(map(tuple, self._all(items.join(PlanItem, PlanItem.plan_id == YearPlan.id))))
        drawn = select(key(DrawAssignment.enterprise_id), key(DrawAssignment.inspector_id), DrawAssignment.valid_to_on)
        self._drawn = {(firm, person): until for firm, person, until in self._all(drawn)}

    def visits(self, *, first: date, last: date, among: tuple[str, str] | None) -> Iterator[_Row]:
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
            )
            .join_from(Visit, Enterprise, Enterprise.id == Visit.enterprise_id)
            .where(
                Visit.registered_at >= start_of(date(first.year - 1, 1, 1)),
                Visit.registered_at < start_of(last + timedelta(days=1)),
                Visit.stage.not_in(GONE),
            )
            .order_by(Visit.enterprise_id, Visit.registered_at)
        )  # fmt: skip
        if among is not None:
            key = self._id(Visit.enterprise_id)
            statement = statement.where(key >= among[0], key < among[1])
        # On the statement, not on the connection: there it would hold for all that come after.
        streamed = statement.execution_options(stream_results=True, yield_per=STEP)
        return map(_Row._make, self._connection.execute(streamed))

    def case(self, row: _Row, history: _History, registered: datetime) -> Case:
        """The visit as clauses would have seen it on the day of its registration."""
        opens_at, closes_at = _moment(row.opens_at), _moment(row.closes_at)
        day = day_of(opens_at)
        ids = _split(row.matters)
        people = _split(row.inspectors)
        visiting = _split(row.agencies)
        matters = tuple(self.matters[each] if self._may(each, visiting) else self._foreign(each) for each in ids)
        return Case(
            at=registered,
            opens_at=opens_at,
            closes_at=closes_at,
            agency=row.agency,
            agency_kind=self._agencies[row.agency],
            region=row.region,
            basis=row.basis,
            purpose=row.purpose,
            off_site=row.off_site_means is not None,
            sector=sector_of(row.industry),
            zone=row.zone,
            tier=row.tier,
            matters=matters,
            inspectors=tuple(self._person(each, day) for each in people),
            joint=tuple(each for each in visiting if each != row.agency),
            past=history.past,
            quiet_days=self._quiet.get(row.enterprise, frozenset()),  # type: ignore[arg-type]  # only asked for `in`
            plan_published_on=self._published.get((row.agency, day.year)),
            planned=any(
                (row.agency, day.year, fact.code, firm) in self._planned
                for fact in matters
                for firm in (None, row.enterprise)
            ),
            drawn=bool(people) and all(self._drawn.get((row.enterprise, each), date.min) >= day for each in people),
        )

    def _person(self, inspector: str, day: date) -> InspectorFact:
        name, valid_from, valid_to = self._inspectors[inspector]
        return InspectorFact(inspector, name, valid_from <= day <= valid_to)

    def _may(self, matter: str, visiting: list[str]) -> bool:
        wanted = self._departments[matter]
        return any(self._agencies[each] == wanted for each in visiting)

    def _foreign(self, matter: str) -> MatterFact:
        known = self.matters[matter]
        return MatterFact(known.code, known.name, authorised=False, yearly=known.yearly, off_site=known.off_site)

    def _all(self, statement: Any) -> list[Any]:
        return list(self._connection.execute(statement))

    def _id(self, column: Any) -> Any:
        """An id as text, as short as the database has it: it is only compared."""
        return type_coerce(column, String) if self._sqlite else cast(column, Text)

    def _raw(self, column: Any) -> Any:
        """A column as the driver gives it: converting a million costs more than judging them."""
        return type_coerce(column, String)

    def _gathered(self, key: Any, value: Any) -> Any:
        """The ids that belong to a visit, joined by commas."""
        text = self._id(value)
        joined = func.group_concat(text) if self._sqlite else func.string_agg(text, ",")
        return select(joined).where(key == Visit.id).scalar_subquery()


def _split(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _moment(value: Any) -> datetime:
    """A moment as SQLite (text, UTC) or PostgreSQL gives it."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = value
    return moment


# --- sharing the work ------------------------------------------------------------------------------


def _ranges(connection: Connection, parts: int) -> list[tuple[str, str]]:
    """Ranges of enterprise ids that hold about as many enterprises each."""
    reader_id = type_coerce(Enterprise.id, String) if connection.dialect.name == "sqlite" else cast(Enterprise.id, Text)
    ids = sorted(row[0] for row in connection.execute(select(reader_id)))
    marks = [ids[len(ids) * part // parts] for part in range(1, parts)] if len(ids) >= parts else []
    return list(zip(["", *marks], [*marks, "g"], strict=True))  # every id is hexadecimal


def _part(
    layers: tuple[tuple[str, str], ...], url: str, first: date, last: date, among: tuple[str, str], told: Any
) -> Replay:
    said = 0
    result = Replay()
    with create_engine(url).connect() as connection:
        for result in replay(compose(layers), connection, first=first, last=last, among=among):
            told.put(result.judged - said)
            said = result.judged
    return result


def _follow(parts: Sequence["Future[Replay]"], told: Any, total: int, progress: Progress) -> None:
    """Pass on what the processes tell until all are done."""
    done = 0
    while not all(part.done() for part in parts):
        try:
            done += told.get(timeout=0.2)
        except queue.Empty:
            continue
        progress(min(done, total), total)
