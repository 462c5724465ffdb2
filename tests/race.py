"""Real concurrent requests against databases of their own: the world that races are run in."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import Engine, event, func, select

from server import create_app
from server.account.models import Device
from server.account.sign_in import access_token
from server.clock import now
from server.config import Config
from server.db import Base
from server.db import db as database
from server.ids import new_id
from server.visit.stages import Basis, Stage

from .conftest import ENGINES, Hand
from .factories import Cast, visit_at


class World:
    """An application whose transactions are real, with a cast and one fresh visit a round."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.cast = Cast()
        with self.session() as session:
            session.add_all(self.cast.rows)
            devices = {
                who: Device(
                    id=new_id(), account=account, label=who, token_hash=who.encode(), created_at=now(), used_at=now()
                )
                for who, account in self.cast.accounts.items()
            }
            session.add_all(devices.values())
            self.hands = {
                who: Hand(app.test_client(), access_token(account, device_id=devices[who].id, at=now()))
                for who, account in self.cast.accounts.items()
            }

    @property
    def engine_name(self) -> str:
        """sqlite or postgresql."""
        return "sqlite" if self.app.config["RUQI"].is_sqlite else "postgresql"

    def fresh_visit(self, stage: Stage) -> UUID:
        """A visit at this stage, whose window is open now."""
        with self.session() as session:
            session.add_all(self.cast.rows)
            story = visit_at(stage, self.cast, at=now(), basis=Basis.ORDERED)
            session.add_all(story.rows)
        return story.visit.id

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Commit at the end, and leave what was added usable without a session."""
        with self.app.app_context():
            session = database.session()
            session.expire_on_commit = False
            yield session
            session.commit()
            session.expunge_all()

    def at_once(self, *calls: Callable[[], Any]) -> list[Any]:
        """Start all calls behind one barrier; the answers in the order of the calls."""
        barrier = threading.Barrier(len(calls))

        def start(call: Callable[[], Any]) -> Any:
            barrier.wait()
            return contextvars.Context().run(call)

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(start, calls))

    def count(self, table: type[Base], *where: Any) -> int:
        """Rows that are there after a round."""
        with self.app.app_context():
            return database.session.scalar(select(func.count()).select_from(table).where(*where)) or 0


@pytest.fixture(params=ENGINES, scope="module")
def world(request: pytest.FixtureRequest, make_config: Any) -> Iterator[World]:
    """A database of its own, protected as in production; each round makes what it races for."""
    with own_database(request, make_config) as config, app_on(config) as app:
        yield World(app)


@contextmanager
def own_database(request: pytest.FixtureRequest, make_config: Any) -> Iterator[Config]:
    """An SQLite file, or a PostgreSQL database that is dropped at the end."""
    if request.param == "sqlite":
        yield make_config("")
        return
    url = request.getfixturevalue("postgres_url")
    name = f"race_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield make_config(url.replace("/postgres?", f"/{name}?", 1))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def unguarded(request: pytest.FixtureRequest, make_config: Any, *modules: str) -> Iterator[Any]:
    """An application for a control: the locks of these modules are taken out, and SQLite's one writer at a time."""
    with pytest.MonkeyPatch.context() as patch, own_database(request, make_config) as config:
        for module in modules:
            patch.setattr(f"{module}.locked", lambda statement, of=None: statement)
        # One writer at a time is SQLite's lock: without the gate and BEGIN IMMEDIATE, checks read outside.
        patch.setattr("server.change.writer_gate", lambda url: nullcontext())
        # Nor the straight way, which locks nothing and is guarded by its own statement.
        patch.setattr("server.straight.Engine", type(None))
        patch.setattr("server.application.prepare_engine", as_the_driver_would)
        with app_on(config) as app:
            yield app


@contextmanager
def app_on(config: Config) -> Iterator[Any]:
    app = create_app(config)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        database.session.remove()
        for engine in database.engines.values():
            engine.dispose()


def as_the_driver_would(engine: Engine) -> None:
    """Python's own habit: BEGIN only before the first write."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def wal(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")


def statuses(answers: list[Any]) -> list[int]:
    """The status of each answer, sorted."""
    return sorted(answer.status_code for answer in answers)
