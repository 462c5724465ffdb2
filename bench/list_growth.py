"""What lists, previews and pages cost with 200,000 visits in the database, against 5,000."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from qr import sign_plaque
from server import logs
from server.account.models import Account
from server.account.sign_in import access_token
from server.clock import day_of, now
from server.db import db

from . import ground, processor
from .big_city import AGENCY, MATTER, SIGNED_IN, BigCity, today
from .city import ACCOUNT, DEVICE, FIRM, INSPECTOR, VISIT, numbered
from .figure import Figure

LIMIT = 2.0
FEW, MANY, SAME_FIRMS = 5_000, 200_000, 300
ROUNDS, AT_ONCE = 6, 5
ROUTES: tuple[tuple[str, str, str], ...] = (
    ("today's list", "inspector", "/visits?mine=true&open=true&limit=100"),
    ("my overdue records", "inspector", "/visits?mine=true&overdue=true"),
    ("the agency's list", "head", "/visits?limit=20"),
    ("the agency's today", "head", "/visits?from_on={today}&to_on={today}"),
    ("to approve", "head", "/visits?awaiting=approval"),
    ("the agency's overdue", "head", "/visits?overdue=true"),
    ("the agency's amber", "head", "/visits?amber=true"),
    ("the city's list of 200", "supervisor", "/visits?limit=200"),
    ("the city's today", "supervisor", "/visits?from_on={today}&to_on={today}&limit=200"),
    ("a county's list of 200", "county", "/visits?limit=200"),
    ("the city's overdue", "supervisor", "/visits?overdue=true"),
    ("the city's amber", "supervisor", "/visits?amber=true"),
    ("the city's never scanned", "supervisor", "/visits?unscanned=true&from_on={week}&to_on={today}"),
    ("one agency in the city", "supervisor", "/visits?agency_id={agency}&limit=20"),
    ("one firm in the city", "supervisor", "/visits?enterprise_id={firm}&limit=20"),
    ("the overview of a week", "supervisor", "/overview?from_on={week}&to_on={today}"),
    ("a visit's page", "inspector", "/visits/{visit}"),
    ("an enterprise's home", "enterprise", "/visits?limit=20"),
    ("an enterprise's year", "enterprise", "/enterprises/{firm}/year"),
    ("a code", "inspector", "/codes?text={code}"),
    ("a preview", "inspector", "POST /registrations/preview"),
    ("a registration", "inspector", "POST /visits"),
)


def measure(say: Callable[[str], None]) -> list[Figure]:
    """The worst ratio of processor, web and database together, on either database; each route's is told."""
    logs.prepare(logging.WARNING)  # not a line for each of the thousands of requests
    worst: list[float] = []
    for name in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            few, many, same = (
                Ground(stack, name, **size)
                for size in ({"visits": FEW}, {"visits": MANY}, {"visits": MANY, "firms": SAME_FIRMS})
            )
            for route, who, path in ROUTES:
                costs = _in_turns([few, many, same], who, path)
                worst.append(costs[1] / costs[0])
                told = " → ".join(f"{cost * 1000:.1f}" for cost in costs[:2])
                say(f"{name}: {route}: {told} ms ({worst[-1]:.2f}); on {SAME_FIRMS} firms {costs[2] * 1000:.1f} ms")
    return [Figure("list_growth", max(worst), "× at 5,000 visits", LIMIT, is_limit=True)]


# --- helpers, in calling order -----------------------------------------------------------------


class Ground:
    """A city on a database of its own, the people who ask it, and what both cost."""

    def __init__(self, stack: ExitStack, name: str, **size: int) -> None:
        folder = stack.enter_context(ground.folder())
        self._pid = 0
        url = f"sqlite:///{folder / 'ruqi.db'}"
        if name == "PostgreSQL":
            server = stack.enter_context(ground.postgres())
            url, self._pid = server.url, server.pid
        city = BigCity(ground.config_of({**ground.settings(folder, url), "RATE_LIMITS": "false"}), **size)
        self.people = {who: Person(city, number, who) for number, who in enumerate(SIGNED_IN)}
        stack.callback(_let_go, city)

    def spent(self) -> float:
        """Seconds of processor so far: ours, where the application runs, and the database's."""
        return time.process_time() + (processor.of_tree(self._pid) if self._pid else 0.0)


def _let_go(city: BigCity) -> None:
    with city.app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def _in_turns(grounds: Sequence[Ground], who: str, path: str) -> list[float]:
    """Seconds of processor for an answer on each ground, the least of the rounds: what others do can only add to it."""
    rounds: list[list[float]] = []
    for number in range(ROUNDS + 1):
        spent = []
        for each in grounds:
            before = each.spent()
            for _ in range(AT_ONCE):
                each.people[who].ask(path)
            spent.append((each.spent() - before) / AT_ONCE)
        # Round 0 warms up and is not counted.
        if number:
            rounds.append(spent)
    return [min(each) for each in zip(*rounds, strict=True)]


@dataclass
class Person:
    """Somebody of the city with a token, who asks without HTTP between."""

    city: BigCity
    number: int
    who: str

    def __post_init__(self) -> None:
        with self.city.app.app_context():
            account = Account(id=numbered(ACCOUNT, self.number), **SIGNED_IN[self.who])
            token = access_token(account, device_id=numbered(DEVICE, self.number), at=now())
        self.client = self.city.app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}
        config = self.city.app.config["RUQI"]
        self.words = {
            "today": today(self.city.at), "week": day_of(self.city.at - timedelta(days=7)).isoformat(),
            "agency": numbered(AGENCY, 11), "firm": numbered(FIRM, 11), "visit": self._visit(),
            "code": sign_plaque(12, key=config.plaque_signer, prefix=config.plaque_prefix),
        }  # fmt: skip

    def _visit(self) -> Any:
        """One of this inspector's, the last of them."""
        rows = self._get("/visits?mine=true&limit=1") if self.who == "inspector" else {}
        return rows["items"][0]["id"] if rows.get("items") else numbered(VISIT, 0)

    def _get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, (path, answer.json)
        return answer.json

    def ask(self, path: str) -> None:
        """Send it once; raises unless it is answered as it should be."""
        if not path.startswith("POST "):
            self._get(path.format(**self.words))
            return
        path = path.removeprefix("POST ")
        opens_at = self.city.at + timedelta(days=3)
        firm = numbered(FIRM, uuid4().int % self.city.firms)
        plan = {
            "enterprise_id": str(firm), "purpose": "inspection", "basis": "plan",
            "matter_ids": [str(numbered(MATTER, 1))], "reason": "年度计划",
            "inspector_ids": [str(numbered(INSPECTOR, 11)), str(numbered(INSPECTOR, 331))],
            "window_from_at": opens_at.isoformat(), "window_to_at": (opens_at + timedelta(hours=3)).isoformat(),
        }  # fmt: skip
        answer = self.client.post(
            f"/api/v1{path}",
            data=json.dumps(plan),
            headers={**self.headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code in (200, 201, 409), answer.json
