"""Filling an empty database with the invented city."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import current_app
from sqlalchemy import func, select

from server.account.models import Region
from server.account.sign_in import hash_password
from server.clock import day_of
from server.db import db
from server.policy.current import policy
from server.standing.models import QuietChoice, Tier
from server.visit.counting import recount

from . import history, law, people, portraits, scenes, stage

PASSWORD = "ruqi-demo-2026"  # the demo's, printed at every start
ENTERPRISES = 300
FLUSH_EVERY = 100
Progress = Callable[[str], Callable[[int, int], None]]


def is_empty() -> bool:
    """Whether nobody has loaded a city yet."""
    return db.session.scalar(select(func.count()).select_from(Region)) == 0


def fill(*, visits: int, seed: int, at: datetime, progress: Progress) -> None:
    """Make the city and its two years; refuses a database that already holds one."""
    if not is_empty():
        raise FileExistsError(17, "the database already holds a city; --if-empty keeps it", None)
    began = at - timedelta(days=800)
    rng = random.Random(seed)
    bodies = people.agencies(rng, began)
    staff = people.inspectors(rng, at, bodies)
    firms = people.enterprises(rng, began, count=ENTERPRISES)
    matters = people.matters(rng, began)
    accounts = people.accounts(
        rng, began, bodies=bodies, staff=staff, firms=firms, password_hash=hash_password(PASSWORD)
    )
    plaques = people.plaques(firms, key_id=current_app.config["RUQI"].signing_key_id, at=began)
    portraits.give(random.Random(seed), staff)
    for rows in (people.regions(), bodies, staff, firms, matters, accounts, plaques):
        db.session.add_all(rows)
        db.session.flush()
    standing = law.rows(
        rng, bodies=bodies, staff=staff, firms=firms, matters=matters, policy=policy(), began=began, at=at
    )
    tiers: dict[object, str] = {}
    quiet: dict[object, set[date]] = {}
    for group in standing:
        db.session.add_all(group)
        db.session.flush()
        tiers |= {row.enterprise_id: row.tier for row in group if isinstance(row, Tier)}
        for row in group:
            if isinstance(row, QuietChoice):
                quiet.setdefault(row.enterprise_id, set()).add(row.on)
    by_body = {key: list(each) for key, each in groupby(staff, key=lambda inspector: inspector.agency_id)}
    city = stage.City(
        bodies=bodies,
        staff=by_body,
        firms=firms,
        plaques={plaque.enterprise_id: plaque for plaque in plaques},
        matters={key: list(each) for key, each in groupby(matters, key=lambda matter: matter.department)},
        tiers=tiers,
        quiet=quiet,
        accounts={account.inspector_id or account.enterprise_id or account.agency_id: account for account in accounts},
    )
    advance = progress("visits")
    for number, visit in enumerate(_visits(city, count=visits, seed=seed, at=at), start=1):
        db.session.add_all(visit)
        if number % FLUSH_EVERY == 0 or number == visits:
            db.session.flush()
            advance(number, visits)
    recount(policy=policy(), since=date(day_of(at).year - 2, 1, 1))
    db.session.commit()


def _visits(city: stage.City, *, count: int, seed: int, at: datetime) -> Iterator[stage.Rows]:
    """`count` visits: two years of them, and at the end those that the cast finds on the first day."""
    last = scenes.SCENES[:count]
    yield from history.visits(city, count=count - len(last), seed=seed, at=at, policy=policy())
    rng = random.Random(seed)
    for scene in last:
        rows = scene(city, rng, at, policy())
        if rows:
            city.remember(rows)
            yield rows
