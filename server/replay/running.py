"""规则回放: what a pack would have said of visits that took place, by the same judge that registration asks.

Visits are read enterprise by enterprise in the order of their registration, so that each is judged by
what was known then: visits registered before it, those of them that had begun, records already sealed,
matters still on the list, plans, draws and quiet days there were. Those that were called off or never
came are left out. What is kept in one version only is taken as it is now: an agency's department and
region, the dates of a certificate, the items of a plan, and the city's calendar.
"""

import queue
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from multiprocessing import get_context
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

from .reading import Reader, Row, id_text, instant, split

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
    reader = Reader(connection)
    if reader.edits:
        pack = pack.with_calendar(statutory().edited(reader.edits))
    since = start_of(first)
    result = Replay()
    told = 0
    for _, visits in groupby(reader.visits(first=first, last=last, among=among), key=lambda row: row.enterprise):
        history = _History()
        for row in visits:
            registered = instant(row.registered_at)
            history.advance(registered)
            if registered >= since and row.region.startswith(region):
                _judge_one(pack, reader, row, history, registered, result)
            history.remember(row, reader)
        if result.judged - told >= STEP:
            told = result.judged
            yield result
    yield result


def cases_of(connection: Connection, *, first: date, last: date) -> Iterator[Case]:
    """The visits of these days as the cases that a replay judges, one after the other."""
    reader = Reader(connection)
    since = start_of(first)
    for _, visits in groupby(reader.visits(first=first, last=last, among=None), key=lambda row: row.enterprise):
        history = _History()
        for row in visits:
            registered = instant(row.registered_at)
            history.advance(registered)
            if registered >= since:
                yield reader.case(row, tuple(history.past), registered)
            history.remember(row, reader)


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
        ~GONE.sql(Visit),
        Visit.region_code.startswith(region, autoescape=True),
    )
    return connection.scalar(statement) or 0


# --- one visit -------------------------------------------------------------------------------------


def _judge_one(pack: Pack, reader: Reader, row: Row, history: "_History", registered: datetime, result: Replay) -> None:
    case = reader.case(row, history.past, registered)
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

    def remember(self, row: Row, reader: Reader) -> None:
        """A visit that has just been registered: planned now, arrived and recorded when it was."""
        planned = Past(
            id=row.id,
            day=day_of(instant(row.opens_at)),
            agency=row.agency,
            basis=row.basis,
            purpose=row.purpose,
            matters=frozenset(reader.matters[each].code for each in split(row.matters)),
            inspectors=frozenset(split(row.inspectors)),
            agencies=frozenset(split(row.agencies)),
            entered=False,
            off_site=row.off_site_means is not None,
        )
        self.past.append(planned)
        place = self._dropped + len(self.past) - 1
        if row.on_site_at is not None:
            arrived_at = instant(row.on_site_at)
            planned = replace(planned, day=day_of(arrived_at), entered=True)
            self._later.append((arrived_at, place, planned))
        if row.recorded_at is not None:
            recorded = replace(
                planned, entered=True, clean=not row.found, heads=row.heads or 0, minutes=row.minutes or 0
            )
            self._later.append((instant(row.recorded_at), place, recorded))


# --- sharing the work ------------------------------------------------------------------------------


def _ranges(connection: Connection, parts: int) -> list[tuple[str, str]]:
    """Ranges of enterprise ids that hold about as many enterprises each."""
    ids = sorted(connection.scalars(select(id_text(connection, Enterprise.id))))
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
