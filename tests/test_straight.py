"""The straight way and the ordinary one leave the same rows and say the same, of random visits on both databases."""

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, update

from server.account.models import Account, Device
from server.clock import now
from server.db import db as database
from server.ids import new_id
from server.ledger.models import Event
from server.plaque.models import Plaque
from server.scan.models import Scan
from server.visit.models import Visit, VisitInspector
from server.visit.stages import Stage

from . import race
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
def sent(world: World) -> Iterator[list[str]]:
    """Every statement that reaches the database through the session or Core."""
    seen: list[str] = []
    with world.app.app_context():
        engine = database.engine

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


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
    def test_asks_the_session_nothing(self, world: World, sent: list[str]) -> None:
        """Two statements on PostgreSQL, none of which the session sees; on SQLite the same changes one by one."""
        visit = world.fresh_visit(Stage.APPROVED)
        world.hands["li_na"].post(f"/visits/{world.fresh_visit(Stage.APPROVED)}/scans", a_scan_body(now()))
        sent.clear()

        answer = world.hands["li_na"].post(f"/visits/{visit}/scans", a_scan_body(now()))

        assert (answer.status_code, sent) == (201, [])

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
        from server.straight import Straight

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
