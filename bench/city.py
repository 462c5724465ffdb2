"""A city to measure on: firms with plaques, inspectors with accounts, and visits that wait at the door.

Everything is numbered, and ids are made from numbers, so that pgbench, which can only count, meets the same
rows as the web server does.
"""

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from apiflask import APIFlask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from qr import sign_plaque
from server import create_app
from server.account.models import Account, Agency, Device, Inspector, Region, Role
from server.account.sign_in import access_token
from server.clock import now
from server.config import Config
from server.db import db
from server.enterprise.models import Enterprise, EnterpriseKind
from server.ids import new_id
from server.plaque.models import Plaque
from server.policy.current import policy
from server.scan.models import Scan
from server.visit.models import Visit, VisitAgency, VisitInspector
from server.visit.stages import Basis, Purpose, Stage

# Kinds of numbered ids; scan.sql's readers use them as well.
AGENCY, INSPECTOR, ACCOUNT, FIRM, VISIT, SCAN, EVENT, DEVICE = range(1, 9)
AGENCIES, INSPECTORS, FIRMS = 8, 64, 2_000
REGION = "431002"
SITE = (25.78, 113.01)
AT_ONCE = 5_000
# The order in which visits lie in the database is not the order in which they are scanned.
SEED = 20_261


def numbered(kind: int, number: int) -> UUID:
    """The id of the thing with this number."""
    return UUID(int=kind << 40 | number)


class City:
    """The application on its database, and what was put there."""

    def __init__(self, config: Config, *, visits: int) -> None:
        """Migrate the empty database and fill it."""
        self.config = config
        self.app: APIFlask = create_app(config)
        self.at = now()
        with self.app.app_context():
            upgrade()
            version = policy().version
            # The session that asked would idle in its transaction while rows are written, until PostgreSQL ends it.
            db.session.remove()
            with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
                for model, rows in (*_people(self.at), *_visits(self.at, visits, policy_version=version)):
                    connection.execute(insert(model.__table__), rows)
            _settle()
            db.engine.dispose()

    def scans(self, numbers: range) -> list[bytes]:
        """Requests that each open one of these visits, whole, ready to be sent."""
        with self.app.app_context():
            tokens = [_token(number, at=now()) for number in range(INSPECTORS)]
        return [self._scan(number, token=tokens[number % INSPECTORS]) for number in numbers]

    def run(self, statement: str) -> None:
        """Send one statement of the bench's own."""
        with self.app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def check(self, *, opened: int) -> None:
        """Raise unless exactly so many visits were opened and scanned: nobody was fast by doing nothing."""
        with self.app.app_context():
            scans = db.session.scalar(select(func.count()).select_from(Scan))
            visits = db.session.scalar(select(func.count()).where(Visit.stage == Stage.ON_SITE))
            parts = db.session.scalar(select(func.count()).where(VisitInspector.scanned_at.is_not(None)))
            db.session.remove()
            db.engine.dispose()
        if {scans, visits, parts} != {opened}:
            raise RuntimeError(f"{opened} scans were sent, but {scans} scans, {visits} visits, {parts} parts stand")

    def _scan(self, number: int, *, token: str) -> bytes:
        serial = 1 + number % FIRMS
        scan = {
            "id": str(new_id()),
            "code": sign_plaque(serial, key=self.config.plaque_signer, prefix=self.config.plaque_prefix),
            "method": "camera",
            "scanned_at": now().isoformat(),
            "place": {"latitude": SITE[0], "longitude": SITE[1], "accuracy_m": 12},
        }
        body = json.dumps(scan).encode()
        head = (
            f"POST /api/v1/visits/{numbered(VISIT, number)}/scans HTTP/1.1\r\nHost: ruqi.test\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


# --- helpers, in calling order -----------------------------------------------------------------


def _people(at: datetime) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield Region, [{"code": REGION, "name": "北湖区"}]
    yield (
        Agency,
        [
            {"id": numbered(AGENCY, n), "name": f"第{n}执法大队", "department": "市场监督管理局", "region_code": REGION}
            for n in range(AGENCIES)
        ],
    )
    yield Inspector, [
        {
            "id": numbered(INSPECTOR, n), "agency_id": numbered(AGENCY, n % AGENCIES), "name": f"执法员{n}",
            "issuer": "湖南省人民政府", "certificate_no": f"1810{n:04d}",
            "valid_from_on": date(2023, 1, 1), "valid_to_on": at.date() + timedelta(days=900),
        }
        for n in range(INSPECTORS)
    ]  # fmt: skip
    yield Account, [
        {
            "id": numbered(ACCOUNT, n), "username": f"inspector{n}", "name": f"执法员{n}", "role": Role.INSPECTOR,
            "agency_id": numbered(AGENCY, n % AGENCIES), "inspector_id": numbered(INSPECTOR, n),
        }
        for n in range(INSPECTORS)
    ]  # fmt: skip
    yield Device, [
        {
            "id": numbered(DEVICE, n), "account_id": numbered(ACCOUNT, n), "label": "手机",
            "token_hash": n.to_bytes(32, "big"), "created_at": at, "used_at": at,
        }
        for n in range(INSPECTORS)
    ]  # fmt: skip
    yield Enterprise, [
        {
            "id": numbered(FIRM, n), "uscc": f"91431002MA{n:08d}", "name": f"郴州第{n}号食品有限公司",
            "kind": EnterpriseKind.COMPANY, "region_code": REGION, "address": f"五岭大道{n}号",
            "latitude": SITE[0], "longitude": SITE[1],
        }
        for n in range(FIRMS)
    ]  # fmt: skip
    yield (
        Plaque,
        [{"serial": 1 + n, "enterprise_id": numbered(FIRM, n), "key_id": 0, "issued_at": at} for n in range(FIRMS)],
    )


def _visits(at: datetime, count: int, *, policy_version: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Approved visits of two inspectors each, in shuffled order; the first inspector is the one who scans."""
    numbers = list(range(count))
    random.Random(SEED).shuffle(numbers)
    hour = timedelta(hours=1)
    same = {
        "region_code": REGION, "purpose": Purpose.INSPECTION, "basis": Basis.PLAN, "stage": Stage.APPROVED,
        "window_from_at": at - hour, "window_to_at": at + 5 * hour, "inspectors_needed": 2,
        "policy_version": policy_version, "registered_at": at - 2 * hour, "approved_at": at - hour,
    }  # fmt: skip
    for start in range(0, count, AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        yield Visit, [
            {
                "id": numbered(VISIT, n), "enterprise_id": numbered(FIRM, n % FIRMS),
                "agency_id": numbered(AGENCY, n % AGENCIES), "registered_by": numbered(ACCOUNT, n % INSPECTORS), **same,
            }
            for n in some
        ]  # fmt: skip
        yield VisitAgency, [
            {
                "visit_id": numbered(VISIT, n), "agency_id": numbered(AGENCY, n % AGENCIES), "decision": "approve",
                "decided_at": at - hour, "decided_by": numbered(ACCOUNT, n % INSPECTORS),
            }
            for n in some
        ]  # fmt: skip
        # AGENCIES further on is a colleague in the same agency.
        yield VisitInspector, [
            {
                "visit_id": numbered(VISIT, n), "inspector_id": numbered(INSPECTOR, who % INSPECTORS),
                "certificate_no": f"1810{who % INSPECTORS:04d}",
            }
            for n in some
            for who in (n, n + AGENCIES)
        ]  # fmt: skip


def _settle() -> None:
    """Plans that fit and nothing left to tidy, as after the first night of a real installation."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
                connection.exec_driver_sql(statement)


def _token(number: int, *, at: datetime) -> str:
    """The inspector's token, as signing in makes it."""
    account = Account(
        id=numbered(ACCOUNT, number),
        role=Role.INSPECTOR,
        agency_id=numbered(AGENCY, number % AGENCIES),
        inspector_id=numbered(INSPECTOR, number),
    )
    return access_token(account, device_id=numbered(DEVICE, number), at=at)
