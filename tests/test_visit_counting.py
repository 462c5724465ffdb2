"""Caps hold under fire, and counters agree with a plain model that recounts from events, whatever happens."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select, update

from server.catalogue.models import Matter
from server.clock import day_of, now
from server.db import db as database
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.ledger.models import Event
from server.policy.pack import load
from server.visit.counting import recount
from server.visit.models import Visit
from server.visit.stages import Stage
from server.visit.verdicts import VisitCounter
from server.worker import tick

from . import race, test_race
from .factories import DAY, HOUR, MINUTE, Cast
from .race import World
from .test_loop import a_registration, a_scan_body, code_of

CLIENTS = 16
CAP = 2
ROUNDS = 8
STEPS = 70
YEAR_END = datetime(2026, 12, 27, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai


def fresh_firm(world: World, number: int) -> UUID:
    """An enterprise that nobody has visited yet, where the food matter may be inspected twice a year."""
    with world.session() as session:
        session.execute(update(Matter).where(Matter.id == world.cast.food.id).values(yearly_frequency=CAP))
        firm = Enterprise(
            id=new_id(), uscc=f"91431002YYYY{number:05d}0", name=f"第{number}厂", kind="company", region_code="431002"
        )
        session.add(firm)
    return firm.id


def cap_race(world: World, number: int) -> tuple[list[Any], UUID]:
    """Sixteen people register, and whoever could has it approved, all at once."""
    firm = fresh_firm(world, number)
    opens = now() + DAY
    window = {"window_from_at": opens.isoformat(), "window_to_at": (opens + HOUR).isoformat()}

    def client(who: str) -> Any:
        answer = world.hands[who].post("/visits", a_registration(world.cast, enterprise_id=str(firm), **window))
        if answer.status_code == 201:
            approved = world.hands["zhao_min"].post(f"/visits/{answer.json['id']}/approvals", {"decision": "approve"})
            assert approved.status_code == 201, approved.json
        return answer

    return world.at_once(*[partial(client, ("li_na", "wang_jun")[place % 2]) for place in range(CLIENTS)]), firm


def approved(world: World, firm: UUID) -> int:
    """Visits of this firm that may go ahead."""
    return world.count(Visit, Visit.enterprise_id == firm, Visit.stage == Stage.APPROVED)


# The databases of the races, protected and not.
world = race.world
unprotected = test_race.unprotected


@pytest.fixture
def uncapped(unprotected: World) -> Iterator[World]:
    """Without locks, and without the CHECK on the counter."""
    with unprotected.app.app_context(), database.engine.begin() as connection:
        change = Operations(MigrationContext.configure(connection))
        with change.batch_alter_table("visit_counter") as counter:
            counter.drop_constraint("ck_visit_counter_cap", type_="check")
    yield unprotected


@pytest.mark.race
class TestCapRace:
    def test_lets_exactly_as_many_pass_as_the_cap_allows(self, world: World) -> None:
        for number in range(ROUNDS):
            answers, firm = cap_race(world, number)

            passed = sum(answer.status_code == 201 for answer in answers)
            assert (passed, approved(world, firm)) == (CAP, CAP), [answer.json for answer in answers]
            refused = {answer.json["reason"] for answer in answers if answer.status_code != 201}
            assert refused == {"cap_reached"}

    def test_would_let_more_pass_without_the_check(self, uncapped: World) -> None:
        assert any(approved(uncapped, cap_race(uncapped, number)[1]) > CAP for number in range(4 * ROUNDS))


class TestCounters:
    """One database, a long random life of visits around a change of year."""

    @pytest.mark.parametrize("seed", range(4))
    def test_agree_with_a_recount_from_events(self, as_: Any, cast: Cast, clock: Any, db: Any, seed: int) -> None:
        cast.food.yearly_frequency = 3
        db.session.add(cast.food)
        db.session.commit()
        life = Life(as_, cast, clock, random.Random(seed))
        fullest = 0
        for _ in range(STEPS):
            life.step()
            assert counted(db) == recounted(db)
            fullest = max(fullest, sum(counted(db).values()))
            # What was read holds a savepoint open, and would take later requests back with it.
            db.session.commit()
        assert fullest >= 4, "hardly anything was counted"
        assert {"registered", "on_site", "expired"} <= life.seen, life.seen
        kept = counted(db)
        recount(policy=load("chenzhou"), since=day_of(YEAR_END - 365 * DAY))
        db.session.commit()
        assert counted(db) == kept


class Life:
    """People who register, approve, reject, cancel, come, take back, and let windows pass, in any order."""

    def __init__(self, as_: Any, cast: Cast, clock: Any, rng: random.Random) -> None:
        self.as_, self.cast, self.clock, self.rng = as_, cast, clock, rng
        self.clock["at"] = YEAR_END
        self.visits: dict[str, datetime] = {}
        self.joint: set[str] = set()
        self.seen: set[str] = set()
        self.steps = 0

    def step(self) -> None:
        """Something happens, and some hours pass."""
        self.steps += 1
        if self.steps % 15 == 0:
            self.wait()
        self.rng.choices([self.register, self.decide, self.cancel, self.come], [6, 5, 1, 5])[0]()
        self.clock["at"] += HOUR * self.rng.randint(1, 9)

    def register(self) -> None:
        opens = self.clock["at"] + HOUR * self.rng.randint(1, 80)
        if self.clock["at"] < NEW_YEAR - 2 * DAY and self.rng.random() < 0.6:
            opens = NEW_YEAR - HOUR * self.rng.randint(1, 20)
        joint = self.rng.random() < 0.3
        body = a_registration(
            self.cast,
            enterprise_id=str(self.rng.choice([self.cast.bakery, self.cast.foundry]).id),
            basis=self.rng.choice(["plan", "plan", "plan", "complaint", "random_draw"]),
            window_from_at=opens.isoformat(),
            window_to_at=(opens + 30 * HOUR).isoformat(),
            joint_agency_ids=[str(self.cast.fire.id)] if joint else [],
        )
        answer = self.as_("li_na").post("/visits", body)
        if answer.json.get("verdicts"):
            blocks = [each["clause"] for each in answer.json["verdicts"]]
            claims = [{"clause": each, "class": "life_safety", "evidence": "检测编号 7"} for each in blocks]
            if blocks == ["cap-matter"] and self.rng.random() < 0.5:
                answer = self.as_("li_na").post("/visits", {**body, "claims": claims})
                self.seen.add("claimed")
        if answer.status_code == 201:
            self.visits[answer.json["id"]] = opens
            self.seen.add("registered")

    def decide(self) -> None:
        visit = self.some()
        if visit is None:
            return
        for clause in ("cap-matter",):
            lifted = self.as_("zhao_min").post(
                f"/visits/{visit}/verdicts/{clause}/lift", {"lifted": self.rng.random() < 0.7, "reason": "核实"}
            )
            if lifted.status_code == 201:
                self.seen.add("lifted")
        decision = "approve" if self.rng.random() < 0.8 else "reject"
        for head in ("zhao_min", "luo_gang"):
            answer = self.as_(head).post(f"/visits/{visit}/approvals", {"decision": decision, "reason": "已议"})
            if answer.status_code == 201:
                self.seen.add(answer.json["stage"])

    def cancel(self) -> None:
        visit = self.some()
        if visit and self.as_("li_na").post(f"/visits/{visit}/cancellations", {"reason": "改期"}).status_code == 201:
            self.seen.add("cancelled")

    def come(self) -> None:
        """Scan at the time of the window, which may lie in the next year, and perhaps take it back."""
        visit = self.some()
        if visit is None:
            return
        opens = self.visits[visit]
        self.clock["at"] = max(self.clock["at"], opens + MINUTE * self.rng.randint(0, 29 * 60))
        serial = 1001
        scan = a_scan_body(self.clock["at"], code=code_of(serial))
        answer = self.as_("li_na").post(f"/visits/{visit}/scans", scan)
        if answer.status_code == 409 and answer.json["reason"] == "other_enterprise":
            scan = a_scan_body(self.clock["at"], code=code_of(1002))
            answer = self.as_("li_na").post(f"/visits/{visit}/scans", scan)
        if answer.status_code == 201:
            self.seen.add("on_site")
            if self.rng.random() < 0.3:
                self.as_("li_na").post(f"/visits/{visit}/scans/{scan['id']}/withdrawals", {"reason": "误扫"})
                self.seen.add("withdrawn")

    def wait(self) -> None:
        """Days pass, and the worker does what time does."""
        self.clock["at"] += DAY * self.rng.randint(12, 16)
        if tick(self.clock["at"]):
            self.seen.add("expired")

    def some(self) -> str | None:
        return self.rng.choice(list(self.visits)) if self.visits else None


Count = Counter[tuple[str, str, str, int]]


def counted(db: Any) -> Count:
    """The counters that are not zero."""
    db.session.expire_all()
    return Counter({
        (str(row.enterprise_id), row.clause_id, row.subject, row.year): row.used
        for row in db.session.scalars(select(VisitCounter))
        if row.used
    })  # fmt: skip


def recounted(db: Any) -> Count:
    """The same from events alone: what was registered, where it went, and when somebody came."""
    visits: dict[UUID, dict[str, Any]] = {}
    for event in db.session.scalars(select(Event).where(Event.subject_kind == "visit").order_by(Event.id)):
        if event.verb == "registered":
            visits[event.subject_id] = {
                **event.after,
                "enterprise": str(event.enterprise_id),
                "lead": str(event.agency_id),
                "day": day_of(datetime.fromisoformat(event.after["window_from_at"])),
                "lifted": set(),
            }
        visit = visits[event.subject_id]
        visit["stage"] = event.after.get("stage", visit["stage"])
        if event.verb == "on_site":
            visit["day"] = day_of(event.at)
        elif event.verb == "approved" and event.before.get("stage") == "on_site":
            visit["day"] = day_of(datetime.fromisoformat(visit["window_from_at"]))
        elif event.verb == "block_lifted":
            visit["lifted"].add(event.after["clause"])
    total: Count = Counter()
    for visit in visits.values():
        waits = visit["stage"] == "registered" and set(visit["claims"]) - visit["lifted"]
        if visit["stage"] in ("rejected", "cancelled", "expired") or waits or visit["basis"] == "complaint":
            continue
        year = visit["day"].year
        total[visit["enterprise"], "cap-agency", visit["lead"], year] += 1
        total[visit["enterprise"], "cap-matter", visit["matters"][0].split("@")[0], year] += 1
    return total
