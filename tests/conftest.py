"""One application on each database, one savepoint a test."""

import contextlib
import contextvars
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask import request
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event
from werkzeug.test import TestResponse

from server import create_app
from server.account.sign_in import access_token
from server.config import Config
from server.db import db as database
from server.ids import new_id
from server.policy.current import forget_policy
from server.policy.models import PackVersion
from server.policy.pack import compose, read_layers
from server.visit.stages import Basis, Purpose, Stage

from .factories import DAY, KEY, NOW, Cast, Story, visit_at
from .guard import in_memory, may_leave
from .live import demo_city
from .postgres import running_postgres
from .times import pytest_collection_modifyitems, pytest_runtest_logreport, pytest_terminal_summary  # noqa: F401

ENGINES = ("sqlite", "postgresql")
METRICS_TOKEN = "a token for the figures"


@pytest.fixture(autouse=True)
def guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """A rule test stays in memory; what needs more asks for a fixture that has it, or is marked `outside`."""
    if may_leave(request.node):
        yield
        return
    with in_memory(clock="clock" in request.fixturenames):
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL of our own, gone at the end."""
    with running_postgres() as server:
        yield server.url


@pytest.fixture(scope="session")
def make_config(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A configuration of its own folder, with known keys."""

    def make(database_url: str, **changes: Any) -> Config:
        folder = tmp_path_factory.mktemp("var")
        values = {
            "data_dir": folder,
            "database_url": database_url or f"sqlite:///{folder / 'test.db'}",
            "secret_key": "a test secret of more than thirty-two bytes",
            "plaque_keys": f"0:{KEY.to_bytes().hex()}",
            "public_url": "https://ruqi.test",
            "rate_limits": False,
            "metrics_token": METRICS_TOKEN,
        }
        return Config(**{**values, **changes})

    return make


@pytest.fixture(scope="session")
def apps(make_config: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The application on a database, migrated once."""
    made: dict[str, APIFlask] = {}

    def app_on(engine: str) -> APIFlask:
        if engine not in made:
            url = request.getfixturevalue("postgres_url") if engine == "postgresql" else ""
            made[engine] = create_app(make_config(url), TESTING=True)
            with made[engine].app_context():
                upgrade()
        return made[engine]

    yield app_on
    for app in made.values():
        with app.app_context():
            for engine in database.engines.values():
                engine.dispose()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a demo city that nobody serves or changes: `copy_of` it is what a test takes."""
    return demo_city(tmp_path_factory.mktemp("demo"))


@pytest.fixture(params=ENGINES)
def app(request: pytest.FixtureRequest, apps: Any) -> APIFlask:
    """Endpoint tests run on both databases."""
    found: APIFlask = apps(request.param)
    return found


@pytest.fixture
def db(app: APIFlask) -> Iterator[Any]:
    """The database inside one outer transaction: what requests commit is a savepoint, and nothing stays."""
    with app.app_context():
        engines = database._app_engines[app]
        engine = engines[None]
        connection = engine.connect().execution_options(writes=True)
        transaction = connection.begin()
        engines[None] = connection
        try:
            yield database
        finally:
            database.session.remove()
            engines[None] = engine
            transaction.rollback()
            connection.close()


@pytest.fixture
def cast(db: Any) -> Cast:
    """Everybody, in the database."""
    people = Cast()
    db.session.add_all(people.rows)
    db.session.commit()
    return people


@pytest.fixture
def keep(db: Any) -> Any:
    """Put a story into the database."""

    def keep_story(story: Story) -> Story:
        db.session.add_all(story.rows)
        db.session.commit()
        return story

    return keep_story


@pytest.fixture
def visit(cast: Cast, keep: Any) -> str:
    """An approved visit of the bakery, open now."""
    return str(keep(visit_at(Stage.APPROVED, cast)).visit.id)


@pytest.fixture
def capped(cast: Cast, db: Any, keep: Any) -> Cast:
    """The bakery's food may be inspected once a year, and was, five weeks ago."""
    cast.food.yearly_frequency = 1
    db.session.add(cast.food)
    db.session.commit()
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 35 * DAY))
    return cast


@pytest.fixture
def busy_bakery(cast: Cast, keep: Any) -> Cast:
    """The bakery had two inspections and a service visit, the foundry one inspection; one visit never came."""
    keep(visit_at(Stage.EVALUATED, cast, at=NOW - 5 * DAY))
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 40 * DAY))
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 3 * DAY, purpose=Purpose.SERVICE, basis=Basis.SERVICE, matters=[]))
    keep(visit_at(Stage.ON_SITE, cast, at=NOW - 6 * DAY, enterprise=cast.foundry))
    keep(visit_at(Stage.APPROVED, cast, at=NOW - 2 * DAY))
    return cast


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock that everybody reads; it stands at NOW until it is moved."""
    moment = {"at": NOW}
    monkeypatch.setattr("server.clock.read", lambda: moment["at"])
    return moment


@pytest.fixture
def in_force(app: APIFlask, db: Any) -> Any:
    """Put a pack in force: what the text says, on top of the one it extends."""

    def put(text: str) -> None:
        pack = compose(layers := read_layers("local", text=f'id = "local"\nversion = "1"\ntitle = "本地"\n{text}'))
        kept = [list(each) for each in layers]
        db.session.add(PackVersion(name=pack.name, digest=pack.digest, layers=kept, applied_at=NOW))
        db.session.commit()
        forget_policy()

    yield put
    forget_policy()


_documented: dict[tuple[str, str], dict[str, Any]] = {}


def refuse_undocumented(app: Any, method: str, path: str, answer: TestResponse) -> None:
    """Whatever a test asks: a status, reason or type that the document does not promise fails it."""
    if not _documented:
        _documented.update(operations_of(app))
    with app.test_request_context(path.split("?")[0], method=method):
        rule = request.url_rule
    promised = _documented.get((method, str(rule)))
    if promised is None:
        return
    told = promised.get(str(answer.status_code))
    assert told is not None, f"{method} {rule} answered {answer.status_code}, which its document does not tell"
    assert answer.status_code == 204 or answer.mimetype in told["content"], (method, str(rule), answer.mimetype)
    if answer.mimetype == "application/problem+json":
        assert answer.json["reason"] in told["x-reasons"], (
            method,
            str(rule),
            answer.status_code,
            answer.json["reason"],
        )


def operations_of(app: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The promised answers of each operation, by method and route."""
    with app.app_context():
        paths, shared = app.spec["paths"], app.spec["components"]["responses"]
    found = {}
    for rule in app.url_map.iter_rules():
        item = paths.get(re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), {})
        for method in rule.methods:
            told = item.get(method.lower(), {}).get("responses", {})
            known = {
                status: shared[each["$ref"].split("/")[-1]] if "$ref" in each else each for status, each in told.items()
            }
            found |= {(method, rule.rule): known} if known else {}
    return found


class Hand:
    """A person at the API, signed in when there is a token.

    Each request runs in an empty context, as it would in a worker: it gets a session of its own, and
    what it forgot to commit is gone.
    """

    def __init__(self, client: FlaskClient, token: str | Callable[[], str] = "") -> None:
        self.client = client
        self.token = token

    @property
    def headers(self) -> dict[str, str]:
        """The access token: one that was given, or a fresh one for each request."""
        token = self.token() if callable(self.token) else self.token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, url: str, **kwargs: Any) -> TestResponse:
        return self._send("GET", url, **kwargs)

    def post(self, url: str, body: Any = None, *, key: str | None = None, **kwargs: Any) -> TestResponse:
        if body is not None:
            kwargs["json"] = body
        return self._send("POST", url, key=key, **kwargs)

    def put(self, url: str, **kwargs: Any) -> TestResponse:
        return self._send("PUT", url, **kwargs)

    def delete(self, url: str) -> TestResponse:
        return self._send("DELETE", url)

    def _send(
        self, method: str, url: str, *, key: str | None = None, headers: Any = None, **kwargs: Any
    ) -> TestResponse:
        sent = {**self.headers, "Idempotency-Key": key or str(uuid4()), **(headers or {})}
        path = url if url.startswith(("/api", "/healthz", "/readyz", "/metrics")) else f"/api/v1{url}"
        answer = contextvars.Context().run(self.client.open, path, method=method, headers=sent, buffered=True, **kwargs)
        refuse_undocumented(self.client.application, method, path, answer)
        return answer


@pytest.fixture
def as_(app: APIFlask, cast: Cast) -> Any:
    """The person of this name, signed in."""

    def hand(who: str) -> Hand:
        from server.clock import now

        # Read once: a fresh token for each request must cost the request no statement.
        account, device_id = cast.accounts[who], new_id()
        scope = ("id", "role", "agency_id", "inspector_id", "enterprise_id", "region_code")
        known: Any = SimpleNamespace(**{name: getattr(account, name) for name in scope})
        return Hand(app.test_client(), lambda: access_token(known, device_id=device_id, at=now()))

    return hand


@pytest.fixture
def nobody(app: APIFlask, cast: Cast) -> Hand:
    """Somebody who has not signed in."""
    return Hand(app.test_client())


@pytest.fixture
def honest(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> APIFlask:
    """The application as it answers in production: a bug is a 500, not an exception."""
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    return app


@pytest.fixture
def statements(db: Any) -> Any:
    """Collect the SQL that reaches the database, savepoints of the test set-up aside."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                seen.append(statement)

        engine = database.engine.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
