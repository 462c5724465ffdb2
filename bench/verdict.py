"""A registration's verdicts: how long judging takes with forty clauses, and how many statements its facts cost."""

import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from server.clock import now
from server.db import db
from server.judging.facts import gather
from server.policy.clause import Clause
from server.policy.examples import case_of
from server.policy.judging import clauses_for, judge
from server.policy.pack import Pack, load

from . import ground
from .city import AGENCY, FIRM, INSPECTOR, City, numbered
from .figure import Figure

CLAUSES = 40
ROUNDS, EACH = 30, 400
LIMIT_QUERIES = 8
HISTORIES = (0, 20_000)  # visits in the city: the count of statements may not depend on it


def measure(say: Callable[[str], None]) -> list[Figure]:
    """The median of the rounds, and the dearer of two histories."""
    pack = _forty()
    case = case_of({
        "sector": "C1432", "tier": "D",
        "past": [
            {"day": f"2026-{month:02d}-{day:02d}", "matters": ["M1"], "inspectors": ["I1"], "clean": True, "heads": 2,
             "minutes": 40, "agency": ("market", "fire")[day % 2]}
            for month in range(1, 6) for day in (3, 9, 17, 23)
        ],
    })  # fmt: skip
    said = len(judge(pack, case))
    if said != CLAUSES:
        raise RuntimeError(f"{said} clauses spoke, not {CLAUSES}")
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(EACH):
            judge(pack, case)
        took.append((time.perf_counter() - began) / EACH * 1e6)
    say(f"{CLAUSES} clauses, {len(case.past)} earlier visits: {min(took):.0f} to {max(took):.0f} µs")
    queries = [_queries(visits) for visits in HISTORIES]
    say(f"statements for the facts with {HISTORIES[0]:,} and {HISTORIES[1]:,} visits in the city: {queries}")
    return [
        Figure("verdict_us", statistics.median(took), "µs"),
        Figure("verdict_queries", max(queries), "statements", LIMIT_QUERIES, is_limit=True),
    ]


def _forty() -> Pack:
    """The default pack with clauses of another city's until forty speak of one visit."""
    pack = load("chenzhou")
    spare: list[Clause] = [clause for clause in load("chengdu").clause if clause.kind in ("burst", "same_inspector")]
    spare += [clause for clause in load("chongqing").clause if clause.kind in ("repeat", "presence")]
    spare += [clause for clause in pack.clause if clause.kind in ("cap", "quiet_day", "reuse", "merge")]
    case = case_of({"sector": "C1432", "tier": "D"})
    number = 0
    while len(clauses_for(pack, case)) < CLAUSES:
        more = spare[number % len(spare)].model_copy(update={"id": f"more-{number}"})
        number += 1
        pack = pack.model_copy(update={"clause": (*pack.clause, more)})
        pack = Pack.model_validate(pack.model_dump(by_alias=True))
    return pack


def _queries(visits: int) -> int:
    """How many statements the facts of one registration cost."""
    with ground.folder() as folder:
        environment = ground.settings(folder, f"sqlite:///{folder / 'ruqi.db'}")
        city = City(ground.config_of(environment), visits=visits)
        with city.app.app_context(), _counting() as seen:
            gather(
                enterprise_id=numbered(FIRM, 1), agencies=[(numbered(AGENCY, 1), "市场监督管理局")],
                matter_codes=["M1"], inspector_ids=[numbered(INSPECTOR, 1)], opens_at=now(),
            )  # fmt: skip
            db.session.remove()
            return len([each for each in seen if each.startswith("SELECT")])


@contextmanager
def _counting() -> Any:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement.lstrip())

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
