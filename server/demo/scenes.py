"""What the cast of the README finds on the first day: one visit at each step, made by the same rules."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from server.clock import day_of
from server.judging.plan import Claim, Plan
from server.policy.pack import Pack
from server.record.rules import turn_away
from server.refusal import Refusal
from server.registration.rules import decide, register
from server.visit.models import Visit
from server.visit.stages import Basis, Purpose

from .history import GROUND, HOUR, REASONS, half_hour, scanned, sealed
from .people import make_id
from .stage import City, Rows


def _cast_visit(
    people: City,
    rng: random.Random,
    at: datetime,
    policy: Pack,
    *,
    starts: timedelta,
    registered: timedelta,
    basis: Basis = Basis.ORDERED,
) -> Visit:
    body, firm = people.bodies[0], people.firms[0]
    opens = half_hour(at + starts)
    plan = Plan(
        id=make_id(rng, at - registered),
        enterprise=firm,
        agency=body,
        joint_agencies=[],
        purpose=Purpose.INSPECTION,
        basis=basis,
        matters=people.matters[body.department][:1],
        inspectors=people.staff[body.id][:2],
        helpers=[],
        window_from_at=opens,
        window_to_at=opens + timedelta(hours=policy.desk.window_max_hours),
        reason=REASONS[basis],
        facts=people.facts(firm, body, day_of(opens)),
    )
    return register(plan, policy=policy, by=people.actor(people.staff[body.id][0].id), at=at - registered)


def _to_scan(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """Approved, and open at this hour: Li Na and Wang Jun can scan the bakery's plaque."""
    visit = _cast_visit(people, rng, at, policy, starts=-HOUR / 2, registered=timedelta(days=2))
    decide(visit, "approve", reason="", by=people.actor(people.bodies[0].id), at=at - timedelta(days=1))
    return [visit]


def _to_approve(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """Registered: Zhao Min can approve it."""
    return [_cast_visit(people, rng, at, policy, starts=timedelta(days=3), registered=HOUR, basis=Basis.FOLLOW_UP)]


def _to_record(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """On site since this morning: the record is due."""
    visit = _cast_visit(people, rng, at, policy, starts=-HOUR * 4, registered=timedelta(days=3))
    decide(visit, "approve", reason="", by=people.actor(people.bodies[0].id), at=at - timedelta(days=2))
    return [visit, *scanned(people, random.Random(1), visit, arrival=at - HOUR * 3, policy=policy)]


def _to_rate(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """Recorded yesterday: the bakery can rate it."""
    visit = _cast_visit(people, rng, at, policy, starts=-timedelta(days=1), registered=timedelta(days=5))
    decide(visit, "approve", reason="", by=people.actor(people.bodies[0].id), at=at - timedelta(days=4))
    scans = scanned(people, random.Random(1), visit, arrival=at - HOUR * 22, policy=policy)
    return [visit, *scans, sealed(people, rng, visit, at=at - HOUR * 20, policy=policy)]


def _to_lift(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """On a day the bakery wants to be left alone, with an exception claimed: Zhao Min decides."""
    claim = Claim("chosen-quiet-days", "life_safety", "油烟管道过热告警截图，检测编号2026-117")
    body, firm = people.bodies[0], people.firms[0]
    opens = half_hour(at + timedelta(days=9))
    plan = Plan(
        id=make_id(rng, at - HOUR * 2),
        enterprise=firm,
        agency=body,
        joint_agencies=[],
        purpose=Purpose.INSPECTION,
        basis=Basis.PLAN,
        matters=people.matters[body.department][2:3],
        inspectors=people.staff[body.id][:2],
        helpers=[],
        window_from_at=opens,
        window_to_at=opens + HOUR * 4,
        reason="设备异常，需尽快核查",
        claims=[claim],
        facts=replace(people.facts(firm, body, day_of(opens)), past=()),
    )
    try:
        visit = register(plan, policy=policy, by=people.actor(people.staff[body.id][0].id), at=at - HOUR * 2)
    except Refusal:
        return []  # a pack without quiet days of the enterprise's choice has nothing to lift here
    return [visit]


def _turned_away(people: City, rng: random.Random, at: datetime, policy: Pack) -> Rows:
    """The bakery refused entry yesterday, and the record of it is still to be written."""
    visit = _cast_visit(people, rng, at, policy, starts=-timedelta(days=1), registered=timedelta(days=5))
    decide(visit, "approve", reason="", by=people.actor(people.bodies[0].id), at=at - timedelta(days=4))
    rows: Rows = [visit, *scanned(people, random.Random(1), visit, arrival=at - HOUR * 20, policy=policy, only=1)]
    by = people.actor(visit.inspectors[0].inspector_id)
    turn_away(visit, ground=GROUND, reason="一名执法人员未出示执法证", by=by, at=at - HOUR * 20)
    return rows


SCENES: list[Callable[[City, random.Random, datetime, Pack], Rows]] = [
    _turned_away,
    _to_rate,
    _to_record,
    _to_approve,
    _to_scan,
    _to_lift,
]
