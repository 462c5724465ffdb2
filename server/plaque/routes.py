"""An enterprise with its plaques: issued, revoked, lost, found, printed."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g, request
from pydantic import Field
from sqlalchemy import select

import qr
from server.account.models import Role
from server.account.rules import Actor, region_prefix
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.config import Config
from server.db import db, locked
from server.enterprise.models import Enterprise, get_enterprise, reachable
from server.enterprise.schemas import EnterpriseOut
from server.files import PDF, PNG, SVG, file_of
from server.incoming import Line, Prose, RegionCode
from server.paging import In, Moment, Out
from server.refusal import Fault, General, Refusal, field_error, not_found

from . import rules
from .models import Plaque
from .rules import PlaqueReason
from .sheets import pdf_response, plaque_pages, plaque_url, valid_plaques

bp = APIBlueprint("plaque", __name__, tag="enterprise")

SHEETS_AT_ONCE = 200


class PlaqueOut(Out):
    """A plaque with its life; the signed address only for those who print."""

    serial: int
    site: str
    issued_at: Moment
    revoked_at: Moment | None
    revoked_reason: str | None
    lost: bool
    found_at: Moment | None
    found_note: str
    url: str | None


class EnterpriseDetail(EnterpriseOut):
    """An enterprise with the history of its plaques."""

    plaques: list[PlaqueOut]


class IssueIn(In):
    """For which site, and why the one before no longer counts."""

    site: Line = Field("", max_length=64)
    reason: Prose = Field("", max_length=200)


class RevokeIn(In):
    """Why, and whether nobody knows where it is."""

    reason: Prose = Field(min_length=1, max_length=200)
    lost: bool = False


class FoundIn(In):
    """Where it is now."""

    note: Prose = Field("", max_length=200)


class SheetsQuery(In):
    """Of which enterprises (`enterprise_id` repeated), or of which division."""

    enterprise_id: UUID | None = None
    region: RegionCode = ""


# --- enterprises -------------------------------------------------------------------------------


@bp.get("/enterprises/<uuid:enterprise_id>")
@allow()
@bp.output(EnterpriseDetail)
def enterprise(enterprise_id: UUID) -> EnterpriseDetail:
    """One enterprise with the history of its plaques."""
    return _detail(get_enterprise(enterprise_id, g.actor), to=g.actor)


# --- plaques -----------------------------------------------------------------------------------


@bp.post("/enterprises/<uuid:enterprise_id>/plaques")
@allow(Role.ADMINISTRATOR)
@bp.input(IssueIn)
@changing
@bp.output(EnterpriseDetail, 201)
def issue_plaque(enterprise_id: UUID, json_data: IssueIn) -> EnterpriseDetail:
    """Give the enterprise a new plaque; the one before is revoked."""
    config: Config = current_app.config["RUQI"]
    firm = get_enterprise(enterprise_id, g.actor, lock=True)
    fresh = rules.issue(
        firm,
        key_id=config.signing_key_id,
        by=g.actor.hand,
        at=now(),
        reason=json_data.reason,
        site=json_data.site,
        record=db.session.add,
        flush=db.session.flush,
    )
    db.session.add(fresh)
    db.session.flush()
    db.session.refresh(firm)
    return _detail(firm, to=g.actor)


@bp.post("/plaques/<int:serial>/revocations")
@allow(Role.ADMINISTRATOR, Role.ENTERPRISE)
@bp.input(RevokeIn)
@changing
@bp.output(EnterpriseDetail, 201)
def revoke_plaque(serial: int, json_data: RevokeIn) -> EnterpriseDetail:
    """Revoke a plaque that was lost, copied or torn down; an enterprise reports its own, and asks for another."""
    plaque, firm = _plaque(serial, by=g.actor)
    rules.revoke(plaque, reason=json_data.reason, lost=json_data.lost, by=g.actor.hand, at=now(), record=db.session.add)
    return _detail(firm, to=g.actor)


@bp.post("/plaques/<int:serial>/finds")
@allow(Role.ADMINISTRATOR, Role.ENTERPRISE)
@bp.input(FoundIn)
@changing
@bp.output(EnterpriseDetail, 201)
def find_plaque(serial: int, json_data: FoundIn) -> EnterpriseDetail:
    """Say that a lost plaque is back in safe hands; it stays revoked."""
    plaque, firm = _plaque(serial, by=g.actor)
    rules.find(plaque, note=json_data.note, by=g.actor.hand, at=now(), record=db.session.add)
    return _detail(firm, to=g.actor)


@bp.get("/plaques/<int:serial>.<any(pdf, svg, png):form>")
@allow(Role.ADMINISTRATOR, Role.ENTERPRISE)
@bp.doc(responses=file_of("the plaque", PDF, SVG, PNG))
def plaque_file(serial: int, form: str) -> Response:
    """A plaque to print or to show; an enterprise gets its own."""
    plaque = db.session.get(Plaque, serial)
    if plaque is None:
        raise not_found()
    firm = get_enterprise(plaque.enterprise_id, g.actor)
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    if form == "pdf":
        return pdf_response(lambda: plaque_pages([plaque]), f"ruqi-{firm.uscc}.pdf")
    url = plaque_url(plaque)
    body, media_type = (qr.svg(url), "image/svg+xml") if form == "svg" else (qr.png(url), "image/png")
    return Response(body, content_type=media_type)


@bp.get("/plaque-sheets.pdf")
@allow(Role.ADMINISTRATOR)
@bp.input(SheetsQuery, location="query")
@bp.doc(responses=file_of("one A5 page for each plaque", PDF))
def plaque_sheets(query_data: SheetsQuery) -> Response:
    """Plaques of up to 200 enterprises (`enterprise_id` repeated, or `region`), one page each."""
    statement = select(Enterprise).where(reachable(g.actor)).order_by(Enterprise.name).limit(SHEETS_AT_ONCE)
    try:
        ids = [UUID(text) for text in request.args.getlist("enterprise_id")]
    except ValueError:
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("enterprise_id", Fault.MALFORMED)]) from None
    if ids:
        statement = statement.where(Enterprise.id.in_(ids))
    elif query_data.region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(query_data.region)))
    plaques = valid_plaques(db.session.scalars(statement))
    if not plaques:
        raise not_found()
    return pdf_response(lambda: plaque_pages(plaques), "ruqi-plaques.pdf")


# --- helpers -----------------------------------------------------------------------------------


def _plaque(serial: int, *, by: Actor) -> tuple[Plaque, Enterprise]:
    """A plaque to change, and whose it is; 404 outside the asker's scope."""
    plaque = db.session.scalar(locked(select(Plaque).where(Plaque.serial == serial), of=Plaque))
    if plaque is None:
        raise not_found()
    return plaque, get_enterprise(plaque.enterprise_id, by)


def _detail(firm: Enterprise, *, to: Actor) -> EnterpriseDetail:
    """The enterprise with its plaques; only those who print may have the signed address."""
    may_print = to.role in (Role.ADMINISTRATOR, Role.ENTERPRISE)
    plaques = [
        PlaqueOut(
            serial=plaque.serial,
            site=plaque.site,
            issued_at=plaque.issued_at,
            revoked_at=plaque.revoked_at,
            revoked_reason=plaque.revoked_because,
            lost=plaque.lost,
            found_at=plaque.found_at,
            found_note=plaque.found_note,
            url=plaque_url(plaque) if may_print and plaque.revoked_at is None else None,
        )
        for plaque in firm.plaques
    ]
    return EnterpriseDetail(**dict(EnterpriseOut.model_validate(firm)), plaques=plaques)
