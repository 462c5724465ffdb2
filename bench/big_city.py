"""A city of forty demo cities with a history behind it: 12,000 firms, 1,600 inspectors, as many visits as asked for.

What goes on now is the same whatever the number: RECENT visits in the thirty days before and after; all others are
history. So what a list costs more is what the history costs.
"""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from apiflask import APIFlask
from flask_migrate import upgrade
from sqlalchemy import Table

from server import create_app
from server.account.models import Account, Agency, Device, Inspector, Region, Role
from server.catalogue.models import Matter
from server.clock import day_of, now
from server.config import Config
from server.db import Base, db, review_statistics
from server.enterprise.models import Enterprise, EnterpriseKind
from server.plaque.models import Plaque
from server.policy.current import policy
from server.visit.models import Visit, VisitAgency, VisitInspector, VisitMatter
from server.visit.stages import Basis, Purpose, Stage

from .city import ACCOUNT, AGENCY, DEVICE, FIRM, INSPECTOR, SITE, VISIT, numbered

MATTER = 9
FIRMS, INSPECTORS, AGENCIES, MATTERS = 12_000, 1_600, 320, 40
CITY = "431000"
COUNTIES = [f"4310{n:02d}" for n in (2, 3, 21, 22, 23, 24, 25, 26, 27, 28, 81)]
RECENT = 4_000
WATCHED = 11  # the agency, its first inspector and the firm that ask
SEED = 20_261
HOUR = timedelta(hours=1)
Row = tuple[type[Base] | Table, dict[str, Any]]


class BigCity:
    """The application on its database, filled with so many visits of so many firms."""

    def __init__(self, config: Config, *, visits: int, firms: int = FIRMS) -> None:
        self.app: APIFlask = create_app(config)
        self.at = now()
        self.firms = firms
        self.visits = visits
        with self.app.app_context():
            upgrade()
            version = policy().version
            db.session.remove()
            for table, rows in _tables([*self._people(), *self._events_of_years(version)]):
                _load(table, rows)
            _settle()
            db.session.remove()

    def _people(self) -> Iterator[Row]:
        yield Region, {"code": CITY, "name": "郴州市"}
        for code in COUNTIES:
            yield Region, {"code": code, "name": f"区{code}", "parent_code": CITY}
        for n in range(AGENCIES):
            region = CITY if n < 10 else COUNTIES[n % len(COUNTIES)]
            department = "市场监督管理局"
            yield (
                Agency,
                {"id": numbered(AGENCY, n), "name": f"第{n}局", "department": department, "region_code": region},
            )
        for n in range(INSPECTORS):
            yield Inspector, {
                "id": numbered(INSPECTOR, n), "agency_id": numbered(AGENCY, n % AGENCIES), "name": f"执法员{n}",
                "issuer": "湖南省人民政府", "certificate_no": f"1810{n:04d}",
                "valid_from_on": date(2023, 1, 1), "valid_to_on": self.at.date() + timedelta(days=900),
            }  # fmt: skip
        for n in range(self.firms):
            yield Enterprise, {
                "id": numbered(FIRM, n), "uscc": f"91431002MA{n:08d}", "name": f"郴州第{n}号食品有限公司",
                "kind": EnterpriseKind.COMPANY, "region_code": COUNTIES[n % len(COUNTIES)], "address": f"五岭大道{n}号",
                "latitude": SITE[0], "longitude": SITE[1],
            }  # fmt: skip
            yield (
                Plaque,
                {"serial": 1 + n, "enterprise_id": numbered(FIRM, n), "key_id": 0, "issued_at": self.at},
            )
        for n, who in enumerate(SIGNED_IN):
            yield Account, {"id": numbered(ACCOUNT, n), "username": f"user{n}", "name": f"人{n}", **SIGNED_IN[who]}
            yield Device, {
                "id": numbered(DEVICE, n), "account_id": numbered(ACCOUNT, n), "label": "手机",
                "token_hash": n.to_bytes(32, "big"), "created_at": self.at, "used_at": self.at,
            }  # fmt: skip
        for n in range(MATTERS):
            yield Matter, {
                "id": numbered(MATTER, n), "code": f"4310{n:05d}", "version": 1, "name": f"检查事项{n}",
                "department": "市场监督管理局", "legal_basis": "办法", "method": "现场检查", "checklist": [],
                "listed_at": self.at - timedelta(days=1500),
            }  # fmt: skip

    def _events_of_years(self, version: str) -> Iterator[Row]:
        chance = random.Random(SEED)
        history = self.visits - RECENT
        # In order of time, as ids are made.
        moments = sorted(
            [chance.uniform(-1_100, -30) for _ in range(history)] + [chance.uniform(-30, 30) for _ in range(RECENT)]
        )
        for n, days in enumerate(moments):
            yield from self._visit(n, self.at + timedelta(days=days), version, chance)

    def _visit(self, n: int, opens_at: datetime, version: str, chance: random.Random) -> Iterator[Row]:
        agency, firm = chance.randrange(AGENCIES), chance.randrange(self.firms)
        # Who is asked has full pages whatever the number.
        if abs(opens_at - self.at) < timedelta(days=30) and n % 40 == 0:
            agency = firm = WATCHED
        stage = _stage(opens_at, self.at, chance)
        arrived = stage in (Stage.ON_SITE, Stage.RECORDED, Stage.EVALUATED, Stage.UNRATED)
        sealed = stage in (Stage.RECORDED, Stage.EVALUATED, Stage.UNRATED)
        visit = {
            "id": numbered(VISIT, n), "enterprise_id": numbered(FIRM, firm), "agency_id": numbered(AGENCY, agency),
            "region_code": COUNTIES[firm % len(COUNTIES)], "purpose": Purpose.INSPECTION, "basis": Basis.PLAN,
            "stage": stage, "window_from_at": opens_at, "window_to_at": opens_at + 3 * HOUR, "inspectors_needed": 2,
            "policy_version": version, "registered_at": opens_at - 24 * HOUR, "registered_by": numbered(ACCOUNT, 0),
            "on_site_at": opens_at if arrived else None, "record_due_at": opens_at + 48 * HOUR if arrived else None,
            "recorded_at": opens_at + 4 * HOUR if sealed else None, "heads": 2 if sealed else None,
            "minutes": 40 if sealed else None, "found": 0 if sealed else None,
        }  # fmt: skip
        # Some are urgent: approved by nobody yet, and under way.
        amber = stage is Stage.APPROVED and chance.random() < 0.02
        decided = None if stage is Stage.REGISTERED or amber else opens_at - 12 * HOUR
        visit |= {"approved_at": decided, "approval_due_at": opens_at if amber else None}
        yield Visit, visit
        yield VisitAgency, {
            "visit_id": numbered(VISIT, n), "agency_id": numbered(AGENCY, agency), "decided_at": decided,
            "decision": "approve" if decided else None, "decided_by": numbered(ACCOUNT, 1) if decided else None,
        }  # fmt: skip
        # AGENCIES further on is a colleague in the same agency.
        for who in (agency, agency + AGENCIES):
            yield VisitInspector, {
                "visit_id": numbered(VISIT, n), "inspector_id": numbered(INSPECTOR, who),
                "certificate_no": f"1810{who:04d}", "scanned_at": opens_at if arrived else None,
            }  # fmt: skip
        yield VisitMatter, {"visit_id": numbered(VISIT, n), "matter_id": numbered(MATTER, chance.randrange(MATTERS))}


SIGNED_IN: dict[str, dict[str, Any]] = {
    "inspector": {
        "role": Role.INSPECTOR, "agency_id": numbered(AGENCY, WATCHED), "inspector_id": numbered(INSPECTOR, WATCHED),
    },
    "head": {"role": Role.HEAD, "agency_id": numbered(AGENCY, WATCHED)},
    "supervisor": {"role": Role.SUPERVISOR, "region_code": CITY},
    "county": {"role": Role.SUPERVISOR, "region_code": COUNTIES[3]},
    "enterprise": {"role": Role.ENTERPRISE, "enterprise_id": numbered(FIRM, WATCHED)},
}  # fmt: skip


# --- helpers, in calling order -----------------------------------------------------------------


def _stage(opens_at: datetime, at: datetime, chance: random.Random) -> Stage:
    """As a city's visits stand: what is to come is registered or approved, what was is nearly always rated or not."""
    if opens_at > at:
        return Stage.REGISTERED if chance.random() < 0.2 else Stage.APPROVED
    if opens_at > at - timedelta(hours=6):
        return Stage.ON_SITE
    drawn = chance.random()
    if opens_at > at - timedelta(days=30) and drawn < 0.06:
        return Stage.ON_SITE if drawn < 0.02 else Stage.RECORDED
    return Stage.EXPIRED if drawn < 0.1 else Stage.CANCELLED if drawn < 0.15 else Stage.EVALUATED


def _tables(rows: Sequence[Row]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    by_table: dict[str, list[dict[str, Any]]] = {}
    for model, row in rows:
        by_table.setdefault(model.__table__.name, []).append(row)  # type: ignore[union-attr]  # a table of ours has a name
    for name, found in by_table.items():
        yield Base.metadata.tables[name], found


def _load(table: Table, rows: list[dict[str, Any]]) -> None:
    """Past the models, as a restored backup comes in: COPY, or SQLite's own executemany."""
    given = list(dict.fromkeys(name for row in rows[:100] for name in row))
    missing = {
        column.name: column.default.arg(None) if callable(column.default.arg) else column.default.arg
        for column in table.c
        if column.name not in given and column.default is not None
    }
    names = [*given, *missing]
    text = _as_text(postgres=db.engine.dialect.name == "postgresql")
    values = ([text(row.get(name, missing.get(name))) for name in names] for row in rows)
    columns = ", ".join(f'"{name}"' for name in names)
    with db.engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            marks = ", ".join("?" * len(names))
            driver.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)
            return
        with driver.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)


def _as_text(*, postgres: bool) -> Callable[[Any], Any]:
    def text(value: Any) -> Any:
        if isinstance(value, UUID):
            return value.hex
        if isinstance(value, datetime):
            return value.isoformat(sep=" ") if postgres else value.isoformat(sep=" ")[:26]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, dict | list):
            return json.dumps(value)
        return getattr(value, "value", value)

    return text


def _settle() -> None:
    """Plans that fit, as after the first night."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        return
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        review_statistics(connection)


def today(at: datetime) -> str:
    """The day in Asia/Shanghai, as a query asks for it."""
    return day_of(at).isoformat()
