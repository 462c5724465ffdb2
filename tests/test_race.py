"""Two people at the same moment: exactly one wins, on both databases, over many rounds.

Each race has a control with the lock and the constraint behind it taken out, which must fail: else the
race would prove nothing.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from server.clock import now
from server.db import db as database
from server.ledger.models import Event
from server.record.models import Record
from server.scan.models import Scan
from server.visit.stages import Stage

from . import race
from .conftest import ENGINES
from .race import World, statuses, unguarded
from .test_loop import a_record_body, a_scan_body

ROUNDS = 30
CONTROL_ROUNDS = 60
RUNNERS = 4

world = race.world


@pytest.fixture(params=ENGINES)
def unprotected(request: pytest.FixtureRequest, make_config: Any) -> Iterator[World]:
    """The same without locks, and without the constraints that would catch what slips through."""
    with unguarded(request, make_config, "server.visit.models", "server.scan.door") as app:
        with app.app_context(), database.engine.begin() as connection:
            change = Operations(MigrationContext.configure(connection))
            change.drop_index("uq_scan_accepted", table_name="scan")
            with change.batch_alter_table("record") as record:
                record.drop_constraint("uq_record_visit_id", type_="unique")
        yield World(app)


def scan_race(world: World) -> tuple[list[Any], UUID]:
    """The same inspector scans with several phones at once."""
    visit = world.fresh_visit(Stage.APPROVED)
    li_na = world.hands["li_na"]
    calls = [partial(li_na.post, f"/visits/{visit}/scans", a_scan_body(now())) for _ in range(RUNNERS)]
    return world.at_once(*calls), visit


def approval_race(world: World) -> tuple[list[Any], UUID]:
    """The head decides in several tabs at once."""
    visit = world.fresh_visit(Stage.REGISTERED)
    zhao_min = world.hands["zhao_min"]
    call = partial(zhao_min.post, f"/visits/{visit}/approvals", {"decision": "approve"})
    return world.at_once(*[call] * RUNNERS), visit


def record_race(world: World) -> tuple[list[Any], UUID]:
    """Both inspectors seal at once."""
    visit = world.fresh_visit(Stage.ON_SITE)
    hands = [world.hands["li_na"], world.hands["wang_jun"]] * (RUNNERS // 2)
    calls = [partial(hand.post, f"/visits/{visit}/record", a_record_body(world.cast)) for hand in hands]
    return world.at_once(*calls), visit


@pytest.mark.race
class TestScanRace:
    def test_lets_exactly_one_in(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, visit = scan_race(world)

            assert statuses(answers) == [201] + [409] * (RUNNERS - 1), [answer.json for answer in answers]
            assert accepted(world, visit) == 1
            assert world.count(Scan, Scan.visit_id == visit) == RUNNERS
            assert events(world, visit, "on_site") == 1

    def test_tells_the_others_who_was_first(self, world: World) -> None:
        answers, _ = scan_race(world)

        refused = [answer.json for answer in answers if answer.status_code == 409]
        assert {each["reason"] for each in refused} == {"already_scanned"}
        assert all(each["first"]["by"] == "李娜" for each in refused)

    def test_would_let_two_in_without_the_lock(self, unprotected: World) -> None:
        assert ever_two(unprotected, scan_race, accepted)


@pytest.mark.race
class TestApprovalRace:
    def test_takes_exactly_one_decision(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, visit = approval_race(world)

            assert statuses(answers) == [201] + [409] * (RUNNERS - 1), [answer.json for answer in answers]
            assert events(world, visit, "approved") == 1

    def test_would_take_two_without_the_lock(self, unprotected: World) -> None:
        assert ever_two(unprotected, approval_race, lambda world, visit: events(world, visit, "approved"))


@pytest.mark.race
class TestRecordRace:
    def test_seals_exactly_one_record(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, visit = record_race(world)

            assert statuses(answers) == [201] + [409] * (RUNNERS - 1), [answer.json for answer in answers]
            assert world.count(Record, Record.visit_id == visit) == 1
            assert events(world, visit, "recorded") == 1

    def test_would_seal_two_without_the_lock(self, unprotected: World) -> None:
        assert ever_two(unprotected, record_race, lambda world, visit: world.count(Record, Record.visit_id == visit))


@pytest.mark.race
class TestRepeat:
    def test_gives_one_answer_to_the_same_key_sent_at_once(self, world: World) -> None:
        for _ in range(ROUNDS):
            visit, li_na = world.fresh_visit(Stage.APPROVED), world.hands["li_na"]
            call = partial(li_na.post, f"/visits/{visit}/scans", a_scan_body(now()), key=str(uuid4()))

            answers = world.at_once(*[call] * RUNNERS)

            assert statuses(answers) == [201] * RUNNERS, [answer.json for answer in answers]
            assert len({answer.data for answer in answers}) == 1
            assert world.count(Scan, Scan.visit_id == visit) == 1


def accepted(world: World, visit: UUID) -> int:
    """Scans that were let in."""
    return world.count(Scan, Scan.visit_id == visit, Scan.reason.is_(None))


def events(world: World, visit: UUID, verb: str) -> int:
    """How often this happened to the visit."""
    return world.count(Event, Event.subject_id == visit, Event.verb == verb)


def ever_two(world: World, race: Callable[[World], Any], winners: Callable[[World, UUID], int]) -> bool:
    """Whether some round had more than one winner."""
    for _ in range(CONTROL_ROUNDS):
        _, visit = race(world)
        if winners(world, visit) > 1:
            return True
    return False
