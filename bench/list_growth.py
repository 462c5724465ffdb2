"""What lists, previews and pages cost with 200,000 visits in the database, against 5,000."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import uuid4

from qr import sign_plaque
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
ROUNDS, AT_ONCE = 5, 4
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
    worst: list[float] = []
    for name in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            costs = {visits: _costs(stack, name, visits=visits) for visits in (FEW, MANY)}
            same = _costs(stack, name, visits=MANY, firms=SAME_FIRMS)
        for route in costs[FEW]:
            few, many = costs[FEW][route], costs[MANY][route]
            worst.append(many / few)
            say(
                f"{name}: {route}: {few * 1000:.1f} → {many * 1000:.1f} ms ({many / few:.2f}); on {SAME_FIRMS} firms "
                f"{same[route] * 1000:.1f}"
            )
    return [Figure("list_growth", max(worst), "× at 5,000 visits", LIMIT, is_limit=True)]


# --- helpers, in calling order -----------------------------------------------------------------


def _costs(stack: ExitStack, name: str, **size: int) -> dict[str, float]:
    """Seconds of processor for each route's answer, the median of the rounds."""
    folder = stack.enter_context(ground.folder())
    pid = None
    if name == "SQLite":
        url = f"sqlite:///{folder / 'ruqi.db'}"
    else:
        server = stack.enter_context(ground.postgres())
        url, pid = server.url, server.pid
    city = BigCity(ground.config_of({**ground.settings(folder, url), "RATE_LIMITS": "false"}), **size)
    people = {who: Person(city, number, who) for number, who in enumerate(SIGNED_IN)}
    found = {}
    for route, who, path in ROUTES:
        person = people[who]
        rounds = []
        for number in range(ROUNDS + 1):
            before = time.process_time() + (processor.of_tree(pid) if pid else 0.0)
            for _ in range(AT_ONCE):
                person.ask(path)
            spent = time.process_time() + (processor.of_tree(pid) if pid else 0.0) - before
            # Round 0 warms up and is not counted.
            if number:
                rounds.append(spent / AT_ONCE)
        found[route] = median(rounds)
    with city.app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    return found


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
