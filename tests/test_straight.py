"""The straight way and the ordinary one leave the same rows and say the same, of random visits on both databases."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text, update

from server.account.models import Account, Device
from server.clock import now
from server.db import db as database
from server.ids import new_id
from server.ledger.models import Event
from server.plaque.models import Plaque
from server.scan import straight as scan_straight
from server.scan.models import Scan
from server.straight import Straight
from server.visit.models import Visit, VisitInspector
from server.visit.stages import Stage

from . import race
from .postgres import statements_of
from .race import World, statuses
from .test_loop import a_scan_body

world = race.world
ROUNDS = 20


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Send the next requests the ordinary way."""

    def send() -> None:
        monkeypatch.setattr("server.straight.Engine", type(None))

    yield send
    monkeypatch.undo()


@pytest.fixture
def told(world: World) -> Iterator[Callable[[], list[str]]]:
    """What the database was sent since it was last asked, by whichever way, as the database itself tells."""
    with world.app.app_context():
        engine = database.engine
    if world.engine_name == "postgresql":
        with statements_of(engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as ask:
            yield ask
        return
    seen: list[str] = []

    def listen(connection: Any, record: Any) -> None:
        connection.set_trace_callback(seen.append)

    def ask() -> list[str]:
        heard = [*seen]
        seen.clear()
        return heard

    engine.dispose()  # whoever connects from now on is listened to
    event.listen(engine, "connect", listen)
    yield ask
    event.remove(engine, "connect", listen)
    engine.dispose()


def rows_of(world: World, visit_id: UUID) -> dict[str, Any]:
    """Everything that a scan touches, without what must differ: ids and moments of the server."""
    with world.app.app_context():
        session = database.session
        columns = Visit.__table__.c
        loose = {
            "id",
            "enterprise_id",
            "window_from_at",
            "window_to_at",
            "registered_at",
            "approved_at",
            "record_due_at",
        }
        visit = session.execute(select(*(c for c in columns if c.name not in loose)).where(Visit.id == visit_id)).one()
        due = session.scalar(select(Visit.record_due_at).where(Visit.id == visit_id))
        scans = session.scalars(select(Scan).where(Scan.visit_id == visit_id)).all()
        events = session.scalars(select(Event).where(Event.subject_id == visit_id).order_by(Event.id)).all()
        parts = session.scalars(select(VisitInspector).where(VisitInspector.visit_id == visit_id)).all()
        told = {
            "visit": {key: value for key, value in visit._mapping.items() if key != "on_site_at"},
            "arrived": visit.on_site_at is not None and any(part.scanned_at == visit.on_site_at for part in parts),
            "due": due is not None,
            "scans": sorted(
              (
                (s.method, s.serial, s.reason, s.code_kind, s.presence, tuple(s.presence_because), s.latitude,
                 s.longitude, s.accuracy_m, s.account_id, s.device_id, s.inspector_id, s.withdrawn_at, s.phone_number)
                for s in scans
              ),
              key=str,
            ),
            "events": [
                (e.verb, e.role, e.account_id, e.device_id, e.region_code, e.agency_id, e.basis, e.before,
                 {k: v for k, v in e.after.items() if k != "scan"})
                for e in events
                if e.verb != "registered"  # it names its own window
            ],
            "parts": sorted((p.inspector_id, p.certificate_no, p.scanned_at is not None, p.met_at) for p in parts),
        }  # fmt: skip
        session.remove()
        return told


def a_scan(chance: random.Random) -> dict[str, Any]:
    """A scan as phones send it, most of them in order."""
    body = a_scan_body(now() - timedelta(seconds=chance.choice([0, 1, 30])))
    if chance.random() < 0.3:
        body.pop("place", None)
    elif chance.random() < 0.3:
        body["place"] = {"latitude": 25.9, "longitude": 113.2, "accuracy_m": chance.choice([5, 80.5])}
    body["method"] = chance.choice(["camera", "camera", "photo", "link"])
    return body


class TestBothWays:
    @pytest.mark.parametrize("seed", range(6))
    def test_leave_the_same_rows_and_say_the_same(self, world: World, ordinary: Any, seed: int) -> None:
        chance = random.Random(seed)
        bodies = [a_scan(chance) for _ in range(2)]
        people = ["li_na", "wang_jun"][: chance.choice([1, 2])]
        told = []
        for turn in ("straight", "ordinary"):
            if turn == "ordinary":
                ordinary()
            visit = world.fresh_visit(Stage.APPROVED)
            answers = [
                world.hands[who].post(f"/visits/{visit}/scans", {**body, "id": str(uuid4())})
                for who, body in zip(people, bodies, strict=False)
            ]
            said = [(answer.status_code, answer.content_type, _plain(answer.json)) for answer in answers]
            told.append((said, rows_of(world, visit)))

        for what in told[0][1]:
            assert told[0][1][what] == told[1][1][what], what
        assert told[0][0] == told[1][0]
        assert all(status == 201 for status, *_ in told[0][0])


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    scan = {key: value for key, value in answer["scan"].items() if not key.endswith("_at") and key != "id"}
    return {**{key: value for key, value in answer.items() if key != "visit_id"}, "scan": scan}


class TestStraight:
    def test_sends_two_statements(self, world: World, told: Callable[[], list[str]]) -> None:
        """Two on PostgreSQL, as its own log has them; on SQLite the same changes one by one, in one transaction."""
        visits = [world.fresh_visit(Stage.APPROVED) for _ in range(2)]
        # The first makes a connection and prepares its statements.
        world.hands["li_na"].post(f"/visits/{visits[0]}/scans", a_scan_body(now()))
        told()

        answer = world.hands["li_na"].post(f"/visits/{visits[1]}/scans", a_scan_body(now()))

        assert answer.status_code == 201
        kinds = [statement.split(maxsplit=1)[0] for statement in told()]
        expected = {
            "postgresql": ["SELECT", "WITH"],
            "sqlite": ["SELECT", "BEGIN", "UPDATE", "UPDATE", "INSERT", "INSERT", "INSERT", "COMMIT"],
        }
        assert kinds == expected[world.engine_name]

    def test_gives_the_first_answer_when_that_was_a_refusal(self, world: World) -> None:
        """The key is asked by the write alone: what it keeps goes before what would be true by now."""
        visit = world.fresh_visit(Stage.REGISTERED)
        body = a_scan_body(now())
        first = world.hands["li_na"].post(f"/visits/{visit}/scans", body, key="before-the-approval")
        with world.session() as session:
            session.execute(update(Visit).where(Visit.id == visit).values(stage=Stage.APPROVED, approved_at=now()))

        again = world.hands["li_na"].post(f"/visits/{visit}/scans", body, key="before-the-approval")

        assert (first.status_code, again.status_code, again.data) == (409, 409, first.data)
        assert rows_of(world, visit)["visit"]["stage"] is Stage.APPROVED

    @pytest.mark.parametrize("gone", ["account", "session"])
    def test_refuses_whoever_was_signed_out_meanwhile(self, world: World, gone: str) -> None:
        """The token is good for minutes yet, and the read does not ask: the write does."""
        visit = world.fresh_visit(Stage.APPROVED)
        account = world.cast.accounts["li_na"].id
        table, at, who = {
            "account": (update(Account).where(Account.id == account), "disabled_at", "disabled_by"),
            "session": (update(Device).where(Device.account_id == account), "revoked_at", "revoked_because"),
        }[gone]
        with world.session() as session:
            session.execute(table.values(**{at: now(), who: account if gone == "account" else "lost"}))
        try:
            answer = world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now()))
        finally:
            with world.session() as session:
                session.execute(table.values(**{at: None, who: None}))

        assert (answer.status_code, answer.json["reason"]) == (401, "session_revoked")
        assert rows_of(world, visit)["scans"] == []

    def test_outlives_a_connection_that_broke(self, world: World) -> None:
        """The server was started anew: whoever comes first goes the ordinary way, and nobody is told about it."""
        if world.engine_name == "sqlite":
            pytest.skip("a file has no connection to lose")
        visits = [world.fresh_visit(Stage.APPROVED) for _ in range(2)]
        world.hands["li_na"].post(f"/visits/{world.fresh_visit(Stage.APPROVED)}/scans", a_scan_body(now()))
        with world.session() as session:
            session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND pid <> pg_backend_pid()")
            )  # fmt: skip

        answers = [world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now())) for visit in visits]

        assert [answer.status_code for answer in answers] == [201, 201]

    def test_answers_a_repeat_with_the_first_answer(self, world: World) -> None:
        visit = world.fresh_visit(Stage.APPROVED)
        body = a_scan_body(now())

        first = world.hands["li_na"].post(f"/visits/{visit}/scans", body, key="tapped-twice-at-the-door")
        again = world.hands["li_na"].post(f"/visits/{visit}/scans", body, key="tapped-twice-at-the-door")

        assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
        assert again.headers["Idempotent-Replay"] == "true"

    def test_leaves_refusals_to_the_ordinary_way(self, world: World) -> None:
        visit = world.fresh_visit(Stage.REGISTERED)

        answer = world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now()))

        assert (answer.status_code, answer.json["reason"]) == (409, "not_approved")
        assert len(rows_of(world, visit)["scans"]) == 1

    def test_lets_one_of_four_phones_in(self, world: World) -> None:
        for _ in range(ROUNDS):
            visit = world.fresh_visit(Stage.APPROVED)
            li_na = world.hands["li_na"]
            calls = [partial(li_na.post, f"/visits/{visit}/scans", a_scan_body(now())) for _ in range(4)]

            answers = world.at_once(*calls)

            assert statuses(answers) == [201, 409, 409, 409], [answer.json for answer in answers]
            kept = rows_of(world, visit)
            assert [scan[2] for scan in kept["scans"]].count(None) == 1

    def test_opens_once_when_both_inspectors_scan(self, world: World) -> None:
        for _ in range(ROUNDS):
            visit = world.fresh_visit(Stage.APPROVED)
            calls = [
                partial(world.hands[who].post, f"/visits/{visit}/scans", a_scan_body(now()))
                for who in ("li_na", "wang_jun")
            ]

            answers = world.at_once(*calls)

            assert statuses(answers) == [201, 201], [answer.json for answer in answers]
            verbs = [verb for verb, *_ in rows_of(world, visit)["events"]]
            assert sorted(verbs[-2:]) == ["on_site", "scanned"]


class TestTogether:
    """Two inspectors whose phones have read the same, each before the other has written."""

    def test_opens_once(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self._opened(world, monkeypatch, rounds=ROUNDS) == {1}

    def test_would_open_twice_without_the_guard(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scan_straight, "_WHOLE", scan_straight.whole(guard=()))
        monkeypatch.setattr(scan_straight, "_PARTS", scan_straight.parts(guard=()))

        assert self._opened(world, monkeypatch, rounds=3) == {2}

    def _opened(self, world: World, monkeypatch: pytest.MonkeyPatch, *, rounds: int) -> set[int]:
        """How often visits were opened, one number for each that occurred."""
        together, read = threading.Barrier(2), Straight.read

        def read_together(way: Straight, *args: Any) -> Any:
            row = read(way, *args)
            together.wait(10)
            return row

        monkeypatch.setattr(Straight, "read", read_together)
        opened = set()
        for _ in range(rounds):
            visit = world.fresh_visit(Stage.APPROVED)
            calls = [
                partial(world.hands[who].post, f"/visits/{visit}/scans", a_scan_body(now()))
                for who in ("li_na", "wang_jun")
            ]
            assert statuses(world.at_once(*calls)) == [201, 201]
            opened.add([verb for verb, *_ in rows_of(world, visit)["events"]].count("on_site"))
        return opened


class TestGuard:
    """What changes between the read and the write is seen by the write."""

    @pytest.mark.parametrize(
        "change",
        [
            update(Visit).values(stage=Stage.CANCELLED),
            update(Visit).values(window_to_at=now() - timedelta(minutes=2)),
            update(VisitInspector).values(met_at=now()),
            update(VisitInspector).values(scanned_at=now()),
        ],
        ids=["cancelled", "another window", "two phones met", "scanned meanwhile"],
    )
    def test_holds_what_was_decided_on(self, world: World, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
        visit = world.fresh_visit(Stage.APPROVED)
        table = change.table
        mine = table.c.id == visit if table.name == "visit" else table.c.visit_id == visit
        self._between(world, monkeypatch, change.where(mine))

        answer = world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now()))

        kept = rows_of(world, visit)
        straight = [scan for scan in kept["scans"] if scan[2] is None]
        # The ordinary way has answered, by what is true now.
        assert (answer.status_code, len(straight)) in ((409, 0), (201, 1))
        assert answer.status_code == (201 if change.table.name != "visit" and "met_at" in str(change) else 409)

    def test_holds_who_may_act(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A plaque revoked, a session ended, an account disabled between the two."""
        li_na = world.cast.accounts["li_na"].id
        for change, undo in (
            (
                update(Plaque)
                .where(Plaque.serial == 1001)
                .values(revoked_at=now(), revoked_by=li_na, revoked_because="lost"),
                update(Plaque)
                .where(Plaque.serial == 1001)
                .values(revoked_at=None, revoked_by=None, revoked_because=None),
            ),
        ):
            visit = world.fresh_visit(Stage.APPROVED)
            with monkeypatch.context() as patch:
                self._between(world, patch, change)
                answer = world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now()))
            self._do(world, undo)

            assert (answer.status_code, answer.json["reason"]) == (409, "revoked_code")

    def _between(self, world: World, patch: pytest.MonkeyPatch, change: Any) -> None:
        write = Straight.write

        def changed_first(way: Straight, *args: Any) -> None:
            self._do(world, change)
            write(way, *args)

        patch.setattr(Straight, "write", changed_first)

    def _do(self, world: World, change: Any) -> None:
        with world.session() as session:
            session.execute(change)


def test_the_world_has_devices(world: World) -> None:
    """Without a session of its own nobody goes the straight way, and the tests above would prove nothing."""
    with world.session() as session:
        assert session.scalar(select(Device.id).join(Account).where(Account.username == "lina")) is not None
        assert new_id() != new_id()
