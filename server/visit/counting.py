"""频次计数: what each visit uses of each cap, kept by the database itself.

The judge sees the year's visits and speaks before anyone commits; here, in the same transaction, the
counter row has the last word, so that sixteen who ask at once cannot all be the second of two.
"""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import Table, case, delete, func, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload, selectinload

from server.account.models import Agency
from server.clock import start_of
from server.constraints import MEANINGS
from server.db import db
from server.enterprise.industry import sector_of
from server.enterprise.models import Enterprise
from server.policy.case import Case, MatterFact
from server.policy.clause import Outcome
from server.policy.judging import clauses_for
from server.policy.kinds.frequency import Cap
from server.policy.pack import Pack

from .conditions import GONE
from .models import AGENCY, ENTERPRISE, MATTERS, VERDICTS, Visit
from .rules import CountReason
from .stages import Stage
from .verdicts import VisitCount, VisitCounter

Key = tuple[str, str, int]
KEY = ("visit_id", "clause_id", "subject", "year", "lifted")


MEANINGS |= {"ck_visit_counter_cap": CountReason.CAP_REACHED}


def settle(visit: Visit, *, policy: Pack, at_the_door: bool = False) -> None:
    """Make the counters agree with where the visit stands now; call it after every change that matters to them.

    A cap that this visit may pass (a warning answered with a reason, a lifted block) is passed visibly;
    `at_the_door` lets a visit follow its day into another year, since nobody there can do anything about it.
    """
    _read(visit)
    wanted = {} if GONE.holds(visit) or _waits_for_a_lift(visit) else dict(_wanted(visit, policy))
    held = {
        (row.clause_id, row.subject, row.year): row.lifted
        for row in db.session.scalars(select(VisitCount).where(VisitCount.visit_id == visit.id))
    }
    for key in sorted(held.keys() - wanted.keys()):
        _give_back(visit, key, lifted=held[key])
    past = _may_pass(visit) if wanted else set()
    # In one order for everybody: two visits that use the same caps never wait for each other crosswise.
    for key in sorted(wanted.keys() - held.keys()):
        _take(visit, key, most=wanted[key], may_pass=at_the_door or key[0] in past)


def recount(*, policy: Pack, since: date, progress: Callable[[int, int], None] | None = None) -> int:
    """Count everything since a day anew, in the order of registration: after another pack was put in force.

    Whatever is already past a cap stays, as passed. Returns how many visits use something up.
    """
    db.session.execute(delete(VisitCount).where(VisitCount.year >= since.year))
    db.session.execute(delete(VisitCounter).where(VisitCounter.year >= since.year))
    counters: dict[tuple[UUID, Key], list[int]] = {}
    counts: list[dict[str, object]] = []
    visits = select(Visit).where(Visit.window_from_at >= start_of(since), ~GONE.sql(Visit))
    total = db.session.scalar(select(func.count()).select_from(visits.subquery())) or 0
    parts = (
        joinedload(Visit.enterprise, innerjoin=True).lazyload(Enterprise.region),
        joinedload(Visit.agency, innerjoin=True).lazyload(Agency.region),
        selectinload(Visit.matters),
        selectinload(Visit.verdicts),
    )
    ordered = visits.options(*parts).order_by(Visit.registered_at, Visit.id).execution_options(yield_per=500)
    for number, visit in enumerate(db.session.scalars(ordered), start=1):
        if not _waits_for_a_lift(visit):
            for key, most in sorted(_wanted(visit, policy)):
                counter = counters.setdefault((visit.enterprise_id, key), [0, most, 0])
                lifted = counter[0] - counter[2] >= most
                counter[0] += 1
                counter[2] += lifted
                counts.append(dict(zip(KEY, (visit.id, *key, lifted), strict=True)))
        if progress is not None and (number % 500 == 0 or number == total):
            progress(number, total)
    if counts:
        db.session.execute(insert(VisitCount), counts)
        rows = [
            {"enterprise_id": firm, "clause_id": key[0], "subject": key[1], "year": key[2], "used": used, "most": most,
             "lifted": lifted}
            for (firm, key), (used, most, lifted) in counters.items()
        ]  # fmt: skip
        db.session.execute(insert(VisitCounter), rows)
    return len({count["visit_id"] for count in counts})


def _read(visit: Visit) -> None:
    """What the counters ask of a visit, unless it is at hand already."""
    parts = {"enterprise": ENTERPRISE, "agency": AGENCY, "matters": MATTERS, "verdicts": VERDICTS}
    missing = [part for name, part in parts.items() if name in inspect(visit).unloaded]
    if missing and not GONE.holds(visit):
        db.session.scalars(select(Visit).where(Visit.id == visit.id).options(*missing)).one()


def _waits_for_a_lift(visit: Visit) -> bool:
    """A blocked plan uses nothing up until it is lifted; an urgent one that goes ahead does."""
    return visit.is_blocked and visit.stage is Stage.REGISTERED


def _wanted(visit: Visit, policy: Pack) -> Iterator[tuple[Key, int]]:
    """What the visit uses up, and the most that each cap allows."""
    planned = _as_case(visit)
    for clause in clauses_for(policy, planned):
        if isinstance(clause, Cap):
            for subject, _, times in clause.subjects(planned):
                if times is not None:
                    yield (clause.id, subject, planned.day.year), times


def _as_case(visit: Visit) -> Case:
    arrival = visit.on_site_at or visit.window_from_at
    return Case(
        at=visit.registered_at,
        opens_at=arrival,
        closes_at=max(arrival, visit.window_to_at),
        agency=str(visit.agency_id),
        agency_kind=visit.agency.department,
        region=visit.region_code,
        basis=visit.basis.value,
        purpose=visit.purpose.value,
        off_site=visit.is_off_site,
        sector=sector_of(visit.enterprise.industry_code),
        zone=visit.enterprise.zone or "",
        tier=visit.tier or "",
        matters=tuple(MatterFact(matter.code, yearly=matter.yearly_frequency) for matter in visit.matters),
    )


def _may_pass(visit: Visit) -> set[str]:
    """The caps that said something when this visit was judged, and were answered."""
    return {
        verdict.clause_id
        for verdict in visit.verdicts
        if verdict.outcome is Outcome.WARN or (verdict.outcome is Outcome.BLOCK and not _waits_for_a_lift(visit))
    }


def _take(visit: Visit, key: Key, *, most: int, may_pass: bool) -> None:
    """One more on the counter; its CHECK refuses what is one too many, unless this visit may pass."""
    clause_id, subject, year = key
    table: Table = VisitCounter.__table__  # type: ignore[assignment]  # a mapped class has a Table
    counter = table.c
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    names = {"enterprise_id": visit.enterprise_id, "clause_id": clause_id, "subject": subject, "year": year}
    row = dialect.insert(table).values(**names, used=0, most=most, lifted=0)
    db.session.execute(row.on_conflict_do_nothing())
    this = [counter[name] == value for name, value in names.items()]
    lifted = False
    if may_pass:
        now = db.session.execute(select(counter.used, counter.lifted).where(*this).with_for_update()).one()
        lifted = bool(now.used - now.lifted >= most)
    # A number that was lowered below what is used already admits nobody more, and breaks nothing that was.
    used = counter.used - counter.lifted
    db.session.execute(
        update(table)
        .where(*this)
        .values(
            used=counter.used + 1,
            most=case((used > most, used), else_=most),
            lifted=counter.lifted + (1 if lifted else 0),
        )
    )
    db.session.execute(
        insert(VisitCount).values(visit_id=visit.id, clause_id=clause_id, subject=subject, year=year, lifted=lifted)
    )


def _give_back(visit: Visit, key: Key, *, lifted: bool) -> None:
    clause_id, subject, year = key
    same = (VisitCounter.clause_id == clause_id, VisitCounter.subject == subject, VisitCounter.year == year)
    db.session.execute(
        update(VisitCounter)
        .where(VisitCounter.enterprise_id == visit.enterprise_id, *same)
        .values(used=VisitCounter.used - 1, lifted=VisitCounter.lifted - (1 if lifted else 0))
    )
    db.session.execute(
        delete(VisitCount).where(
            VisitCount.visit_id == visit.id,
            VisitCount.clause_id == clause_id,
            VisitCount.subject == subject,
            VisitCount.year == year,
        )
    )
