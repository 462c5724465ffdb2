"""What time does by itself: visits nobody came to, ratings nobody gave, messages that are due, what may be forgotten.

Any number of workers may run: each visit is moved with its row locked, and a visit that another worker
has moved is no longer found.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import OperationalError

from .change import forget_old_answers
from .clock import now
from .db import begin_writing, db, locked, review_statistics, writer_gate
from .ledger.rules import SYSTEM
from .notice.sending import MOST, forget_sent, send_due
from .phone.models import forget_steps, forget_texts
from .policy.current import policy
from .rate_limits import forget_old_windows
from .scan.models import Scan
from .visit.conditions import GONE, OVER
from .visit.counting import settle
from .visit.models import Visit
from .visit.rules import move
from .visit.stages import Stage

EVERY = timedelta(seconds=30)
# Somebody is waiting for the code that a text brings.
NOTICES_EVERY = timedelta(seconds=2)
# What SQLite knows of its tables; a city fills within weeks, not within minutes.
REVIEW_EVERY = timedelta(hours=1)
BATCH = 200
log = structlog.get_logger()


def run(app: Flask, stopping: threading.Event) -> None:
    """Tick until told to stop; a database that is away is waited for."""
    next_tick = next_review = now()
    while not stopping.is_set():
        try:
            with app.app_context():
                if now() >= next_tick:
                    next_tick = now() + EVERY
                    forget_old_windows()
                if now() >= next_review:
                    next_review = now() + REVIEW_EVERY
                    review()
                    if moved := tick(now()):
                        log.info("worker_moved", visits=moved)
                while send_due(now()) == MOST and not stopping.is_set():
                    pass
        except OperationalError as error:
            log.warning("worker_waits", error=str(error.orig))
        stopping.wait(NOTICES_EVERY.total_seconds())


def review() -> None:
    """Let the database look at how large its tables have become, as far as it does not do so by itself."""
    with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]):
        begin_writing()
        review_statistics(db.session.connection())
        db.session.commit()


def tick(at: datetime) -> int:
    """Do everything that is due; returns how many visits moved."""
    moved = 0
    while True:
        with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]):
            begin_writing()
            batch = _due(at)
            for visit in batch:
                _move_on(visit, at=at)
                if GONE.holds(visit):
                    settle(visit, policy=policy())
            forget_old_answers(at)
            forget_steps(at)
            forget_texts(at)
            forget_sent(at)
            _forget_places(at)
            db.session.commit()
        moved += len(batch)
        if len(batch) < BATCH:
            return moved


def _forget_places(at: datetime) -> None:
    """Where an inspector stood is personal data: after the pack's days only the grade stays."""
    old = at - timedelta(days=policy().scan.place_days)
    stale = update(Scan).where(Scan.received_at < old, Scan.latitude.is_not(None))
    db.session.execute(stale.values(latitude=None, longitude=None, accuracy_m=None))


def _due(at: datetime) -> list[Visit]:
    # An offline scan may still arrive while the pack lets it: only then is a window really over.
    heard_until = at - timedelta(days=policy().scan.offline_days)
    conditions: list[ColumnElement[Any]] = [
        and_(Visit.stage == Stage.REGISTERED, OVER.sql(Visit, at=at)),
        and_(Visit.stage == Stage.APPROVED, OVER.sql(Visit, at=heard_until)),
        and_(Visit.stage == Stage.RECORDED, Visit.evaluation_due_at < at),
    ]
    due: list[Visit] = []
    for condition in conditions:
        statement = locked(select(Visit).where(condition).order_by(Visit.id).limit(BATCH - len(due)), of=Visit)
        due.extend(db.session.scalars(statement))
        if len(due) >= BATCH:
            break
    return due


def _move_on(visit: Visit, *, at: datetime) -> None:
    """Where a visit goes when nobody does anything."""
    if visit.stage is Stage.REGISTERED:
        move(visit, Stage.CANCELLED, by=SYSTEM, at=at, because="window_passed")
    elif visit.stage is Stage.APPROVED:
        move(visit, Stage.EXPIRED, by=SYSTEM, at=at)
    else:
        move(visit, Stage.UNRATED, by=SYSTEM, at=at)
