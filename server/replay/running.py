"""规则回放: what a pack would have said of visits that took place, by the same judge that registration asks.

Visits are read enterprise by enterprise in the order of their registration, so that each is judged by
what was known then: visits registered before it, those of them that had begun, records already sealed,
matters still on the list, plans, draws and quiet days there were. Those that were called off or never
came are left out. What is kept in one version only is taken as it is now: an agency's department and
region, the dates of a certificate, the items of a plan, and the city's calendar.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from multiprocessing import get_context
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, create_engine, func, select

from server.clock import day_of, start_of
from server.enterprise.models import Enterprise
from server.policy.calendar import statutory
from server.policy.case import Case, Past
from server.policy.clause import Outcome
from server.policy.judging import speaking
from server.policy.pack import Pack, compose
from server.visit.conditions import GONE
from server.visit.models import Visit

from .reading import Reader, Row, id_text, instant

SAMPLES = 5
STEP = 2_000  # visits from one word of progress to the next
AT_ONCE = 100  # visits that are read, then judged: as many as a processor keeps in its own cache
LOOK_EVERY_S = 0.1
MOST_MAPPED = 1 << 36  # bytes of a database file that may be mapped: all of it
Progress = Callable[[int, int], None]
Layers = Sequence[tuple[str, str]]


@dataclass
class Replay:
    """What a pack would have said: visits judged, and by (clause, agency) how often it would have blocked or warned."""

    judged: int = 0
    blocked: int = 0
    warned: int = 0
    blocks: dict[tuple[str, str], int] = field(default_factory=dict)
    warnings: dict[tuple[str, str], int] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def count(self, pack: Pack, case: Case, visit: str) -> None:
        """Judge one visit, and count what would have been said."""
        gravest: Outcome | None = None
        for clause, outcome in speaking(pack, case):
            if outcome is Outcome.BLOCK:
                said, gravest = self.blocks, outcome
            elif outcome is Outcome.WARN:
                said, gravest = self.warnings, Outcome.WARN if gravest is None else gravest
            else:
                continue
            key = clause.id, case.agency
            said[key] = said.get(key, 0) + 1
            some = self.samples.setdefault(clause.id, [])
            if len(some) < SAMPLES:
                some.append(visit)
        self.judged += 1
        self.blocked += gravest is Outcome.BLOCK
        self.warned += gravest is Outcome.WARN

    def add(self, other: "Replay") -> None:
        """Take the counts of another part in."""
        self.judged += other.judged
        self.blocked += other.blocked
        self.warned += other.warned
        for mine, more in (self.blocks, other.blocks), (self.warnings, other.warnings):
            for key, count in more.items():
                mine[key] = mine.get(key, 0) + count
        for clause, ids in other.samples.items():
            self.samples[clause] = (self.samples.get(clause, []) + ids)[:SAMPLES]

    def rows(self) -> list[tuple[str, str, int, int]]:
        """(clause, agency, blocked, warned), those that would have been said most often first."""
        keys = dict.fromkeys((*self.blocks, *self.warnings))
        rows = [(*key, self.blocks.get(key, 0), self.warnings.get(key, 0)) for key in keys]
        return sorted(rows, key=lambda row: -(row[2] + row[3]))


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
    reader = Reader(connection)
    if reader.edits:
        pack = pack.with_calendar(statutory().edited(reader.edits))
    result = Replay()
    visits = _cases(reader, first=first, last=last, among=among, region=region)
    told = 0
    while some := list(islice(visits, AT_ONCE)):
        for visit, case in some:
            result.count(pack, case, visit)
        if result.judged - told >= STEP:
            told = result.judged
            yield result
    yield result


def cases_of(connection: Connection, *, first: date, last: date) -> Iterator[Case]:
    """The visits of these days as the cases that a replay judges, one after the other."""
    return (case for _, case in _cases(Reader(connection), first=first, last=last))


def replay_on_all_cores(layers: Layers, *, url: str, first: date, last: date, cores: int, progress: Progress) -> Replay:
    """The same, each process taking a range of the enterprises."""
    engine = create_engine(url)
    with engine.connect() as connection:
        total = count(connection, first=first, last=last)
        ranges = _ranges(connection, cores)
    engine.dispose()
    context = get_context("spawn")
    counter = context.Value("q", 0)
    whole = Replay()
    # One part each: a process whose parent was killed ends with its part, and does not wait for more.
    with ProcessPoolExecutor(len(ranges), context, _become_part, (counter,), max_tasks_per_child=1) as pool:
        parts = [pool.submit(_part, tuple(layers), url, first, last, among) for among in ranges]
        while wait(parts, timeout=LOOK_EVERY_S).not_done:
            progress(min(counter.value, total), total)
        for part in parts:
            whole.add(part.result())
    progress(total, total)
    return whole


def count(connection: Connection, *, first: date, last: date, region: str = "") -> int:
    """How many visits were registered on these days and not called off, in a region's subtree (its leading digits)."""
    statement = select(func.count()).where(
        Visit.registered_at >= start_of(first),
        Visit.registered_at < start_of(last + timedelta(days=1)),
        ~GONE.sql(Visit),
        Visit.region_code.startswith(region, autoescape=True),
    )
    return connection.scalar(statement) or 0


# --- one visit -------------------------------------------------------------------------------------


def _cases(
    reader: Reader, *, first: date, last: date, among: tuple[str, str] | None = None, region: str = ""
) -> Iterator[tuple[str, Case]]:
    """Each visit of these days, by its id, with what was known when it was registered."""
    since = start_of(first)
    for _, visits in groupby(reader.visits(first=first, last=last, among=among), key=attrgetter("enterprise")):
        history = _History(reader)
        for row in visits:
            registered, opens_at = instant(row.registered_at), instant(row.opens_at)
            history.advance(registered)
            if registered >= since and row.region.startswith(region):
                yield row.id, reader.case(row, tuple(history.past), registered, opens_at)
            history.remember(row, opens_at)


class _History:
    """One enterprise's visits as they were known at a moment that only moves forward."""

    def __init__(self, reader: Reader) -> None:
        self.past: list[Past] = []
        self._reader = reader
        self._dropped = 0  # how many visits of years that no clause looks at have left the list
        self._open: list[_Remembered] = []  # those of which more may become known

    def remember(self, row: Row, opens_at: datetime) -> None:
        """A visit that has just been registered; the next moment says how much of it is known by then."""
        self._open.append(_Remembered(row, opens_at))

    def advance(self, at: datetime) -> None:
        """Let everything become known that had happened by now."""
        past = self.past
        still: list[_Remembered] = []
        for visit in self._open:
            stage = visit.stage_at(at)
            if stage != visit.stage:
                known = visit.known(stage, self._reader)
                if visit.stage == UNKNOWN:
                    visit.place = self._dropped + len(past)
                    past.append(known)
                elif visit.place >= self._dropped:
                    past[visit.place - self._dropped] = known
                visit.stage = stage
            if stage < visit.last_stage:
                still.append(visit)
        self._open = still
        oldest = date(at.year - 1, 1, 1)
        while past and past[0].day < oldest:
            del past[0]
            self._dropped += 1


UNKNOWN, PLANNED, ARRIVED, RECORDED = range(4)


class _Remembered:
    """A visit of which more becomes known: planned at first, arrived and recorded when it was."""

    __slots__ = ("_arrived_at", "_opens_at", "_recorded_at", "_row", "last_stage", "place", "stage")

    def __init__(self, row: Row, opens_at: datetime) -> None:
        self.place = 0
        self.stage = UNKNOWN
        self._row = row
        self._opens_at = opens_at
        self._arrived_at = None if row.on_site_at is None else instant(row.on_site_at)
        self._recorded_at = None if row.recorded_at is None else instant(row.recorded_at)
        self.last_stage = RECORDED if self._recorded_at else ARRIVED if self._arrived_at else PLANNED

    def stage_at(self, at: datetime) -> int:
        """How far it had come by a moment."""
        if self._recorded_at is not None and self._recorded_at <= at:
            return RECORDED
        if self._arrived_at is not None and self._arrived_at <= at:
            return ARRIVED
        return PLANNED

    def known(self, stage: int, reader: Reader) -> Past:
        """What is known of it at a stage; a visit that was recorded took place, whoever arrived."""
        row, recorded = self._row, stage == RECORDED
        began_at = self._arrived_at if stage > PLANNED and self._arrived_at else self._opens_at
        return Past(
            id=row.id,
            day=day_of(began_at),
            agency=row.agency,
            basis=row.basis,
            purpose=row.purpose,
            matters=reader.codes_of(row.matters),
            inspectors=reader.set_of(row.inspectors),
            agencies=reader.set_of(row.agencies),
            entered=stage > PLANNED,
            off_site=row.off_site_means is not None,
            clean=not row.found if recorded else None,
            heads=(row.heads or 0) if recorded else 0,
            minutes=(row.minutes or 0) if recorded else 0,
        )


# --- sharing the work ------------------------------------------------------------------------------


def _ranges(connection: Connection, parts: int) -> list[tuple[str, str]]:
    """Ranges of enterprise ids that hold about as many enterprises each."""
    ids = sorted(connection.scalars(select(id_text(connection, Enterprise.id))))
    marks = [ids[len(ids) * part // parts] for part in range(1, parts)] if len(ids) >= parts else []
    return list(zip(["", *marks], [*marks, "g"], strict=True))  # every id is hexadecimal


class _Part:
    """What a process that takes a part is given once."""

    counter: Any


def _become_part(counter: Any) -> None:
    _Part.counter = counter


def _part(layers: tuple[tuple[str, str], ...], url: str, first: date, last: date, among: tuple[str, str]) -> Replay:
    said = 0
    result = Replay()
    with create_engine(url).connect() as connection:
        if connection.dialect.name == "sqlite":
            # Visits are read by enterprise and lie by date: SQLite's own small cache would read each page many times.
            connection.exec_driver_sql(f"PRAGMA mmap_size={MOST_MAPPED}")
        for result in replay(compose(layers), connection, first=first, last=last, among=among):
            with _Part.counter.get_lock():
                _Part.counter.value += result.judged - said
            said = result.judged
    return result
