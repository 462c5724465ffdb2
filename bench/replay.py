"""A pack replayed over past visits, from the database to the counts, on all cores."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from typing import Any

from sqlalchemy import create_engine, insert

from server.catalogue.models import Matter
from server.commands.policy import cores_here
from server.db import db
from server.enterprise.models import Enterprise, EnterpriseKind
from server.policy.judging import speaking
from server.policy.pack import compose, read_layers
from server.replay.running import cases_of, replay_on_all_cores
from server.visit.models import Visit, VisitAgency, VisitInspector, VisitMatter
from server.visit.stages import Basis, Purpose, Stage

from . import ground
from .city import AGENCIES, AGENCY, FIRM, FIRMS, INSPECTOR, INSPECTORS, REGION, VISIT, City, numbered
from .figure import Figure

FLOOR = 0.5
ALONE = 20_000  # cases judged without a database, in each process
VISITS, ENTERPRISES, MATTERS = 400_000, 40_000, 60
MATTER, AT_ONCE = 99, 20_000
BEGAN = datetime(2025, 1, 2, 1, 0, tzinfo=UTC)
PACK = "chenzhou"


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Two years of visits, ten to an enterprise; starting the processes is part of the time."""
    with ground.folder() as folder:
        environment = ground.settings(folder, f"sqlite:///{folder / 'ruqi.db'}")
        city = City(ground.config_of(environment), visits=0)
        with city.app.app_context():
            with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
                for model, rows in _rows():
                    connection.execute(insert(model.__table__), rows)
            db.engine.dispose()
        began = time.monotonic()
        result = replay_on_all_cores(
            read_layers(PACK), url=environment["DATABASE_URL"], first=date(2024, 12, 1), last=date(2026, 12, 31),
            cores=cores_here(), progress=lambda done, total: None,
        )  # fmt: skip
        took = time.monotonic() - began
        alone = _judged_alone(environment["DATABASE_URL"])
    if result.judged != VISITS:
        raise RuntimeError(f"{result.judged} of {VISITS} visits were judged")
    if not result.blocked or not result.warned:
        raise RuntimeError("nothing was blocked or warned of: not a fair replay")
    said = f"{result.blocked:,} would have been blocked, {result.warned:,} warned"
    say(f"{VISITS:,} visits in {took:.1f} s on {cores_here()} cores: {said}")
    say(f"{alone:,.0f} visits/s judged in memory alone, on the same cores")
    return [
        Figure("policy_replay_vs_judging", VISITS / took / alone, "× judging alone", FLOOR),
        Figure("policy_replay_visits_per_s", VISITS / took, "visits/s"),
    ]


def _judged_alone(url: str) -> float:
    """Visits a second that all cores judge when every case lies in memory already: the part that cannot be saved."""
    with ProcessPoolExecutor(cores_here(), mp_context=get_context("spawn")) as pool:
        rates = list(pool.map(_judge, [url] * cores_here()))
    return sum(rates)


def _judge(url: str) -> float:
    """One process: cases read from the database, then judged against the clock."""
    engine = create_engine(url)
    pack = compose(read_layers(PACK))
    with engine.connect() as connection:
        cases = list(islice(cases_of(connection, first=date(2024, 12, 1), last=date(2026, 12, 31)), ALONE))
    engine.dispose()
    for case in cases[:500]:
        deque(speaking(pack, case), maxlen=0)
    began = time.monotonic()
    for case in cases:
        deque(speaking(pack, case), maxlen=0)
    return len(cases) / (time.monotonic() - began)


def _rows() -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Visits of every basis, two inspectors and one matter each, recorded within the day."""
    yield Matter, [
        {
            "id": numbered(MATTER, n), "code": f"4310{n:05d}", "version": 1, "name": f"第{n}项检查",
            "department": "市场监督管理局",
            "legal_basis": "", "method": "现场检查", "checklist": [], "yearly_frequency": 2,
            "listed_at": BEGAN,
        }
        for n in range(MATTERS)
    ]  # fmt: skip
    yield Enterprise, [
        {
            "id": numbered(FIRM, n), "uscc": f"91431002MA{n:08d}", "name": f"第{n}号企业",
            "kind": EnterpriseKind.COMPANY, "region_code": REGION, "address": "", "industry_code": "1432",
        }
        for n in range(FIRMS, ENTERPRISES)
    ]  # fmt: skip
    bases = [Basis.PLAN, Basis.PLAN, Basis.RANDOM_DRAW, Basis.COMPLAINT, Basis.ORDERED]
    for start in range(0, VISITS, AT_ONCE):
        some = range(start, min(start + AT_ONCE, VISITS))
        yield Visit, [_visit(n, bases[n % len(bases)]) for n in some]
        visits = [(n, numbered(VISIT, n)) for n in some]
        yield VisitAgency, [{"visit_id": visit, "agency_id": numbered(AGENCY, n % AGENCIES)} for n, visit in visits]
        yield (
            VisitMatter,
            [{"visit_id": visit, "matter_id": numbered(MATTER, n * 7 % ENTERPRISES % MATTERS)} for n, visit in visits],
        )
        yield VisitInspector, [
            {"visit_id": visit, "inspector_id": numbered(INSPECTOR, who % INSPECTORS), "certificate_no": "1"}
            for n, visit in visits
            for who in (n, n + AGENCIES)
        ]  # fmt: skip


def _visit(number: int, basis: Basis) -> dict[str, Any]:
    opens = BEGAN + timedelta(minutes=number * 1_000_000 // VISITS)
    return {
        "id": numbered(VISIT, number), "enterprise_id": numbered(FIRM, number * 7 % ENTERPRISES),
        "agency_id": numbered(AGENCY, number % AGENCIES), "registered_by": numbered(3, number % INSPECTORS),
        "region_code": REGION, "purpose": Purpose.INSPECTION, "basis": basis, "stage": Stage.RECORDED, "reason": "",
        "window_from_at": opens, "window_to_at": opens + timedelta(hours=4), "inspectors_needed": 2,
        "policy_version": "chenzhou", "registered_at": opens - timedelta(days=2), "on_site_at": opens,
        "recorded_at": opens + timedelta(hours=5), "heads": 2, "minutes": 40, "found": number % 3 == 0,
    }  # fmt: skip
