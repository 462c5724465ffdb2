"""What the accepted scan of a plaque asks and writes on the straight way; everything else goes the ordinary one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from flask import Response, current_app
from sqlalchemy import (
    JSON,
    Float,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import InstrumentedAttribute

from server.account.models import Account, Device, Inspector
from server.account.rules import Actor
from server.account.schemas import EnterpriseRef
from server.change import RequestKey, request_digest, request_key
from server.clock import now
from server.code.rules import read_code
from server.config import Config
from server.db import Base
from server.enterprise.models import Enterprise
from server.ledger.models import Event
from server.metrics import SCANS
from server.plaque.models import Plaque
from server.policy.current import policy
from server.straight import Ordinary, Straight
from server.visit.models import Visit, VisitAgency, VisitInspector

from .models import CodeKind, Scan
from .plain import PlainEnterprise, PlainInspector, PlainPart, PlainVisit, PlaqueDoor
from .schemas import ScanAnswer, ScanIn, ScanOut, place_of
from .sequence import Found, Outcome, take

# --- one read; whether account and session live and the key is new, the write asks ------------------


_ACCEPTED = SCANS.labels(outcome="accepted")
# Stands for "has not met": NULL is equal to nothing.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _named(prefix: str, *columns: InstrumentedAttribute[Any]) -> list[Any]:
    return [column.label(f"{prefix}_{column.key}") for column in columns]


_VISIT = (
    Visit.id, Visit.enterprise_id, Visit.agency_id, Visit.region_code, Visit.basis, Visit.stage, Visit.window_from_at,
    Visit.window_to_at, Visit.off_site_means, Visit.clocks, Visit.on_site_at, Visit.record_due_at,
    Visit.inspectors_needed,
)  # fmt: skip
_VISIT_LABELS = [(f"visit_{column.key}", column.key) for column in _VISIT]
_other = VisitInspector.__table__.alias("other")
_scanned = (
    select(func.count())
    .where(_other.c.visit_id == Visit.id, _other.c.scanned_at.is_not(None))
    .scalar_subquery()
    .label("scanned")
)
_READ = (
    select(
        *_named("visit", *_VISIT),
        *_named("part", VisitInspector.scanned_at, VisitInspector.met_at),
        *_named("person", Inspector.id, Inspector.name, Inspector.valid_from_on, Inspector.valid_to_on),
        *_named("firm", Enterprise.id, Enterprise.uscc, Enterprise.name, Enterprise.latitude, Enterprise.longitude),
        Plaque.enterprise_id.label("plaque_enterprise_id"),
        _scanned,
    )
    .select_from(Visit)
    .join(Enterprise, Enterprise.id == Visit.enterprise_id)
    .join(VisitInspector, VisitInspector.visit_id == Visit.id)
    .join(Inspector, Inspector.id == VisitInspector.inspector_id)
    .join(Plaque, Plaque.serial == bindparam("serial", type_=Plaque.serial.type))
    .where(
        Visit.id == bindparam("visit", type_=Visit.id.type),
        VisitInspector.inspector_id == bindparam("inspector", type_=VisitInspector.inspector_id.type),
        exists().where(
            VisitAgency.visit_id == Visit.id,
            VisitAgency.agency_id == bindparam("agency", type_=VisitAgency.agency_id.type),
        ),
        Plaque.revoked_at.is_(None),
    )
)


# --- one write --------------------------------------------------------------------------------------

_SCAN = (
    "id", "visit_id", "enterprise_id", "inspector_id", "account_id", "device_id", "serial", "method", "scanned_at",
    "received_at", "latitude", "longitude", "accuracy_m", "code_kind", "presence", "presence_because",
)  # fmt: skip
_EVENT = (
    "id", "at", "verb", "subject_kind", "subject_id", "account_id", "role", "device_id", "address", "region_code",
    "agency_id", "enterprise_id", "basis", "before", "after",
)  # fmt: skip
_KEY = ("account_id", "key", "request_hash", "status", "media_type", "body", "answered_at")


# Values that stand in several places are sent once: a driver keeps a parsed statement of 50 parameters, no larger one.
_SAME = {
    "scan_visit_id": "visit", "scan_enterprise_id": "was_enterprise_id", "scan_inspector_id": "inspector",
    "scan_account_id": "account", "scan_device_id": "device", "scan_serial": "serial", "scan_scanned_at": "arrived_at",
    "scan_received_at": "received_at", "event_at": "received_at", "event_subject_id": "visit",
    "event_account_id": "account", "event_device_id": "device", "event_enterprise_id": "was_enterprise_id",
    "key_account_id": "account", "key_key": "key", "key_answered_at": "received_at",
}  # fmt: skip


# What each row's own parameters are called, and where their values stand.
_SCAN_OWN = [(f"scan_{name}", name) for name in _SCAN if f"scan_{name}" not in _SAME]
_EVENT_OWN = [(f"event_{name}", name) for name in _EVENT if f"event_{name}" not in _SAME]


def _bind(prefix: str, column: Any) -> Any:
    name = f"{prefix}_{column.key}"
    return bindparam(_SAME.get(name, name), type_=column.type)


def _values(prefix: str, table: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _bind(prefix, table.c[name]) for name in names}


def _typed(prefix: str, table: Any, names: tuple[str, ...]) -> list[Any]:
    """The same as columns of a SELECT, where a text becomes neither JSON nor a number nor bytes by itself."""
    columns = ((_bind(prefix, table.c[name]), table.c[name].type) for name in names)
    return [sql_cast(bind, kind) if isinstance(kind, JSON | Float | LargeBinary) else bind for bind, kind in columns]


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # a mapped class has one
    return table


_part, _visit, _scan = _table(VisitInspector), _table(Visit), _table(Scan)
_event, _key = _table(Event), _table(RequestKey)
_was = {name: _bind("was", _visit.c[name]) for name in ("stage", "window_from_at", "window_to_at", "enterprise_id")}
_GUARD = (
    *(_visit.c[name] == value for name, value in _was.items()),
    _visit.c.off_site_means.is_(None),
    exists().where(
        Plaque.serial == bindparam("serial", type_=Plaque.serial.type),
        Plaque.revoked_at.is_(None),
        Plaque.enterprise_id == _visit.c.enterprise_id,
    ),
    exists().where(Account.id == bindparam("account", type_=Account.id.type), Account.disabled_at.is_(None)),
    exists().where(Device.id == bindparam("device", type_=Device.id.type), Device.revoked_at.is_(None)),
    exists().where(
        Inspector.id == bindparam("inspector", type_=Inspector.id.type),
        Inspector.valid_from_on == bindparam("was_valid_from_on", type_=Inspector.valid_from_on.type),
        Inspector.valid_to_on == bindparam("was_valid_to_on", type_=Inspector.valid_to_on.type),
    ),
)
_mine = (
    _part.c.inspector_id == bindparam("inspector", type_=_part.c.inspector_id.type),
    _part.c.scanned_at.is_(None),
    # Who met is graded higher: a handshake that came between is judged again.
    func.coalesce(_part.c.met_at, bindparam("never", type_=_part.c.met_at.type))
    == bindparam("was_met_at", type_=_part.c.met_at.type),
)
_moved = {name: _bind("now", _visit.c[name]) for name in ("stage", "on_site_at", "record_due_at")}
_arrived = {"scanned_at": bindparam("arrived_at", type_=_part.c.scanned_at.type)}
_this = _visit.c.id == bindparam("visit", type_=_visit.c.id.type)


def whole(guard: Sequence[Any] = _GUARD, mine: Sequence[Any] = _mine) -> Any:
    """PostgreSQL: the visit is held by its row, the inspector's place is taken, and all follows from that."""
    held = select(_visit.c.id).where(_this, *guard).with_for_update(key_share=True).cte("held")
    taken = (
        update(_part)
        .where(_part.c.visit_id == select(held.c.id).scalar_subquery(), *mine)
        .values(**_arrived)
        .returning(_part.c.visit_id)
        .cte("taken")
    )
    moved = (
        update(_visit).where(_visit.c.id == select(taken.c.visit_id).scalar_subquery()).values(**_moved).cte("moved")
    )
    rows = [
        insert(table)
        .from_select(list(names), select(*_typed(prefix, table, names)).select_from(taken))
        .cte(f"kept_{prefix}")
        for prefix, table, names in (("scan", _scan, _SCAN), ("event", _event, _EVENT), ("key", _key, _KEY))
    ]
    return select(literal(1, Integer)).select_from(taken).add_cte(moved, *rows)


def parts(guard: Sequence[Any] = _GUARD, mine: Sequence[Any] = _mine) -> tuple[Any, ...]:
    """SQLite: the same changes one by one, behind the gate; the first carries the guard."""
    return (
        update(_part)
        .where(_part.c.visit_id == bindparam("visit", type_=_part.c.visit_id.type), *mine)
        .where(exists().where(_this, *guard))
        .values(**_arrived),
        update(_visit).where(_this).values(**_moved),
        insert(_scan).values(**_values("scan", _scan, _SCAN)),
        insert(_event).values(**_values("event", _event, _EVENT)),
        insert(_key).values(**_values("key", _key, _KEY)),
    )


_WHOLE, _PARTS = whole(), parts()


# --- the way ----------------------------------------------------------------------------------------


def scan_straight(visit_id: UUID, json_data: ScanIn, *, by: Actor, database: Straight) -> Response:
    """The answer to an accepted scan of a plaque; Ordinary for everything else, and nothing is kept then."""
    received_at = now()
    config: Config = current_app.config["RUQI"]
    key = request_key()
    if json_data.phone_code is not None or by.device_id is None:
        raise Ordinary
    token = read_code(
        json_data.code, keys=config.plaque_ring, prefix=config.plaque_prefix, key_of=lambda number: None,
        at=json_data.scanned_at,
    )  # fmt: skip
    if token.serial is None or token.fault is not None:
        raise Ordinary
    asked = {
        "visit": visit_id, "inspector": by.inspector_id, "agency": by.agency_id, "account": by.account_id,
        "device": by.device_id, "serial": token.serial, "key": key,
    }  # fmt: skip
    row = database.read(_READ, asked)
    visit = _visit_of(row)
    if row["plaque_enterprise_id"] != visit.enterprise_id:
        raise Ordinary
    [part] = visit.inspectors
    found = Found(token, None, cast(Enterprise, visit.enterprise))
    was = {f"was_{name}": getattr(visit, name) for name in _was}
    outcome = take(
        cast(Visit, visit), cast(Inspector, part.inspector), json_data.reading(received_at=received_at),
        door=PlaqueDoor(found), policy=policy(), by=by,
    )  # fmt: skip
    if outcome.reason is not None:
        raise Ordinary
    answer = _answer(visit, outcome, scanned=row["scanned"] + 1)
    response = Response(answer.model_dump_json(), 201, content_type="application/json")
    database.write(
        _WHOLE,
        _PARTS,
        {
            **asked, **was, **_kept(visit, outcome),
            "was_valid_from_on": part.inspector.valid_from_on, "was_valid_to_on": part.inspector.valid_to_on,
            "never": NEVER, "was_met_at": part.met_at or NEVER, "arrived_at": part.scanned_at,
            "now_stage": visit.stage, "now_on_site_at": visit.on_site_at, "now_record_due_at": visit.record_due_at,
            "received_at": received_at, "key_request_hash": request_digest(), "key_status": 201,
            "key_media_type": response.content_type, "key_body": response.get_data(),
        },
    )  # fmt: skip
    _ACCEPTED.inc()
    return response


def _visit_of(row: dict[str, Any]) -> PlainVisit:
    firm = PlainEnterprise(
        row["firm_id"], row["firm_uscc"], row["firm_name"],
        None if row["firm_latitude"] is None else (row["firm_latitude"], row["firm_longitude"]),
    )  # fmt: skip
    person = PlainInspector(
        row["person_id"], row["person_name"], row["person_valid_from_on"], row["person_valid_to_on"]
    )
    part = PlainPart(person.id, row["part_scanned_at"], row["part_met_at"], person)
    columns = {name: row[label] for label, name in _VISIT_LABELS}
    return PlainVisit(**columns, enterprise=firm, inspectors=[part])


def _kept(visit: PlainVisit, outcome: Outcome) -> dict[str, Any]:
    """The rows that prove it: the scan, and the one event that the rules left."""
    [event] = visit.kept
    kept = {parameter: getattr(outcome.scan, name) for parameter, name in _SCAN_OWN}
    kept.update((parameter, event[name]) for parameter, name in _EVENT_OWN)
    return kept


def _answer(visit: PlainVisit, outcome: Outcome, *, scanned: int) -> ScanAnswer:
    scan = outcome.scan
    return ScanAnswer(
        scan=ScanOut(
            id=scan.id,
            inspector=visit.inspectors[0].inspector.name,
            method=scan.method,
            scanned_at=scan.scanned_at,
            received_at=scan.received_at,
            accepted=True,
            reason=None,
            presence=scan.presence,
            presence_because=scan.presence_because,
            code_kind=CodeKind.PLAQUE,
            place=place_of(scan),
            withdrawn_at=None,
            withdrawn_reason=None,
            mine=True,
            withdrawable=True,
        ),
        visit_id=visit.id,
        stage=visit.stage,
        enterprise=EnterpriseRef.model_validate(visit.enterprise, from_attributes=True),
        scanned=scanned,
        needed=visit.inspectors_needed,
        words=None,
    )
