"""Enterprises, whose code a text is, and their plaques."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response, current_app, g, request
from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, or_, select

import qr
from server.account.models import Role
from server.account.rules import Actor, region_prefix
from server.account.schemas import EnterpriseRef, RegionRef
from server.account.sign_in import allow, public
from server.change import changing
from server.clock import as_moment, now
from server.config import Config
from server.db import db, locked
from server.paging import In, Moment, Out, PageQuery, page
from server.refusal import Fault, General, Reason, Refusal, field_error, not_found

from . import phones, rules
from .models import Enterprise, EnterpriseKind, Plaque
from .rules import CodeReason, PlaqueReason

bp = APIBlueprint("enterprise", __name__, tag="enterprise")

SHEETS_AT_ONCE = 200


class ImageReason(Reason):
    """Why a photo gives no code."""

    UNREADABLE_IMAGE = "unreadable_image"
    NO_CODE_IN_IMAGE = "no_code_in_image"


class EnterpriseOut(EnterpriseRef):
    uscc_doubtful: bool
    kind: EnterpriseKind
    region: RegionRef
    address: str
    latitude: float | None
    longitude: float | None


class Enterprises(Out):
    items: list[EnterpriseOut]
    next_cursor: str | None


class EnterpriseQuery(PageQuery):
    q: str | None = Field(None, max_length=50)
    region: str | None = Field(None, max_length=6)
    kind: EnterpriseKind | None = None


class PlaqueOut(Out):
    serial: int
    site: str
    issued_at: Moment
    revoked_at: Moment | None
    revoked_reason: str | None
    url: str | None


class EnterpriseDetail(EnterpriseOut):
    plaques: list[PlaqueOut]


class CodeQuery(In):
    text: str = Field(min_length=1, max_length=600)


class EnterpriseAtPlace(EnterpriseRef):
    address: str
    region: RegionRef


class CodeAnswer(Out):
    kind: str
    enterprise: EnterpriseAtPlace
    serial: int | None
    issued_at: Moment | None


class Keys(Out):
    prefix: str
    keys: dict[str, str]


class RevocationList(Out):
    list: str


class ImageIn(In):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile


class ImageTexts(Out):
    texts: list[str]


class IssueIn(In):
    site: str = Field("", max_length=64)
    reason: str = Field("", max_length=200)


class RevokeIn(In):
    reason: str = Field(min_length=1, max_length=200)


# --- enterprises -------------------------------------------------------------------------------


@bp.get("/enterprises")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(EnterpriseQuery, location="query")
@bp.output(Enterprises)
def enterprises(query_data: EnterpriseQuery) -> dict[str, Any]:
    """Enterprises by name; `q` is a part of the name or a whole or partial USCC."""
    statement = select(Enterprise).where(reachable(g.actor))
    if query_data.region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(query_data.region)))
    if query_data.kind:
        statement = statement.where(Enterprise.kind == query_data.kind)
    if query_data.q:
        named = Enterprise.name.contains(query_data.q, autoescape=True)
        coded = Enterprise.uscc.startswith(query_data.q.upper(), autoescape=True)
        statement = statement.where(or_(named, coded))
    rows, cursor = page(statement, [Enterprise.name, Enterprise.id], query_data)
    return {"items": rows, "next_cursor": cursor}


@bp.get("/enterprises/<uuid:enterprise_id>")
@allow()
@bp.output(EnterpriseDetail)
def enterprise(enterprise_id: UUID) -> dict[str, Any]:
    """One enterprise with the history of its plaques."""
    return _detail(_get(enterprise_id))


# --- codes -------------------------------------------------------------------------------------


@bp.get("/codes")
@public
@bp.input(CodeQuery, location="query")
@bp.output(CodeAnswer)
def code(query_data: CodeQuery) -> dict[str, Any]:
    """Whose code this text is: anyone may ask, since anyone may find a plaque on a wall."""
    token, plaque, found = look_up(query_data.text, at=now())
    fault = rules.fault_of(token, plaque=plaque, enterprise=found)
    if fault is not None or found is None:
        raise code_refusal(fault or CodeReason.UNKNOWN_CODE, plaque)
    return {
        "kind": "plaque" if token.serial is not None else "uscc",
        "enterprise": found,
        "serial": token.serial,
        "issued_at": plaque.issued_at if plaque else None,
    }


@bp.get("/keys")
@public
@bp.output(Keys)
def keys() -> dict[str, Any]:
    """The public plaque keys, so that a forged code dies on the phone without a network."""
    config: Config = current_app.config["RUQI"]
    return {"prefix": config.plaque_prefix, "keys": config.plaque_ring.to_hex()}


@bp.get("/revocations")
@public
@bp.output(RevocationList)
def revocations() -> dict[str, Any]:
    """The signed list of plaques and keys that no longer count, for phones that will be without a network.

    Its sequence number is the count of all revocations there ever were, so a newer list has a higher one.
    """
    config: Config = current_app.config["RUQI"]
    serials = db.session.scalars(select(Plaque.serial).where(Plaque.revoked_at.is_not(None))).all()
    dead = [entry["key_id"] for entry in config.plaque_ring.to_json() if entry["revoked_at"] is not None]
    revoked = qr.Revocations(
        sequence=len(serials) + len(dead),
        issued_at=int(now().timestamp()),
        serials=frozenset(serials),
        key_ids=frozenset(dead),
    )
    return {"list": qr.sign_revocations(revoked, key=config.plaque_signer, prefix=config.plaque_prefix)}


@bp.post("/code-images")
@allow()
@bp.input(ImageIn, location="files")
@bp.output(ImageTexts)
def read_image(files_data: ImageIn) -> dict[str, Any]:
    """The QR codes in a photo, for a phone whose own decoder failed; changes nothing."""
    try:
        texts = qr.read(files_data.file.read(), counts=_is_ours)
    except qr.UnreadableImage:
        raise Refusal(ImageReason.UNREADABLE_IMAGE, 422) from None
    if not texts:
        raise Refusal(ImageReason.NO_CODE_IN_IMAGE, 422)
    return {"texts": texts}


def _is_ours(text: str) -> bool:
    """Whether what was read proves itself, so that no further pass over the picture is needed."""
    config: Config = current_app.config["RUQI"]
    token = rules.read_code(
        text, keys=config.plaque_ring, prefix=config.plaque_prefix, key_of=phones.key_of_phone, at=now()
    )
    return token.fault is None


def look_up(text: str, *, at: datetime) -> tuple[rules.Token, Plaque | None, Enterprise | None]:
    """A text scanned or typed at a moment, and what the database knows of it."""
    config: Config = current_app.config["RUQI"]
    token = rules.read_code(
        text, keys=config.plaque_ring, prefix=config.plaque_prefix, key_of=phones.key_of_phone, at=at
    )
    if token.serial is not None:
        row = db.session.execute(
            select(Plaque, Enterprise).join(Plaque.enterprise).where(Plaque.serial == token.serial)
        ).one_or_none()
        return (token, row[0], row[1]) if row else (token, None, None)
    if token.phone is not None:
        return token, None, phones.enterprise_of_phone(token.phone)
    if token.slip is not None:
        return token, None, phones.enterprise_of_slip(qr.slip_hash(token.slip, secret=config.token_secret.encode()))
    if token.uscc is not None:
        return token, None, db.session.scalar(select(Enterprise).where(Enterprise.uscc == token.uscc))
    return token, None, None


def code_refusal(reason: Reason, plaque: Plaque | None) -> Refusal:
    """The refusal of a code; a revoked one says since when and why."""
    if reason is CodeReason.REVOKED_CODE and plaque is not None and plaque.revoked_at is not None:
        return Refusal(reason, revoked_at=as_moment(plaque.revoked_at), revoked_reason=plaque.revoked_because)
    return Refusal(reason, 404 if reason is CodeReason.UNKNOWN_CODE else 409)


# --- plaques -----------------------------------------------------------------------------------


@bp.post("/enterprises/<uuid:enterprise_id>/plaques")
@allow(Role.ADMINISTRATOR)
@changing
@bp.input(IssueIn)
@bp.output(EnterpriseDetail, 201)
def issue_plaque(enterprise_id: UUID, json_data: IssueIn) -> dict[str, Any]:
    """Give the enterprise a new plaque; the one before is revoked."""
    config: Config = current_app.config["RUQI"]
    found = _get(enterprise_id, lock=True)
    fresh = rules.issue(
        found,
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
    db.session.refresh(found)
    return _detail(found)


@bp.post("/plaques/<int:serial>/revocations")
@allow(Role.ADMINISTRATOR, Role.ENTERPRISE)
@changing
@bp.input(RevokeIn)
@bp.output(EnterpriseDetail, 201)
def revoke_plaque(serial: int, json_data: RevokeIn) -> dict[str, Any]:
    """Revoke a plaque that was lost, copied or torn down; an enterprise reports its own, and asks for another."""
    plaque = db.session.scalar(locked(select(Plaque).where(Plaque.serial == serial), of=Plaque))
    if plaque is None:
        raise not_found()
    found = _get(plaque.enterprise_id)
    rules.revoke(plaque, reason=json_data.reason, by=g.actor.hand, at=now(), record=db.session.add)
    return _detail(found)


@bp.get("/plaques/<int:serial>.<any(pdf, svg, png):form>")
@allow(Role.ADMINISTRATOR, Role.ENTERPRISE)
@bp.doc(responses={200: "the plaque as PDF, SVG or PNG"})
def plaque_file(serial: int, form: str) -> Response:
    """A plaque to print or to show; an enterprise gets its own."""
    plaque = db.session.get(Plaque, serial)
    if plaque is None:
        raise not_found()
    found = _get(plaque.enterprise_id)
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    if form == "pdf":
        return _pdf([found], f"ruqi-{found.uscc}.pdf")
    url = plaque_url(plaque)
    body, media_type = (qr.svg(url), "image/svg+xml") if form == "svg" else (qr.png(url), "image/png")
    return Response(body, content_type=media_type)


@bp.get("/plaque-sheets.pdf")
@allow(Role.ADMINISTRATOR)
@bp.doc(responses={200: "one A5 page for each plaque"})
def plaque_sheets() -> Response:
    """Plaques of up to 200 enterprises (`enterprise_id` repeated, or `region`), one page each."""
    statement = select(Enterprise).where(reachable(g.actor)).order_by(Enterprise.name).limit(SHEETS_AT_ONCE)
    try:
        ids = [UUID(text) for text in request.args.getlist("enterprise_id")]
    except ValueError:
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("enterprise_id", Fault.MALFORMED)]) from None
    region = request.args.get("region", "")
    if ids:
        statement = statement.where(Enterprise.id.in_(ids))
    elif region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(region)))
    found = [each for each in db.session.scalars(statement) if valid_plaque(each)]
    if not found:
        raise not_found()
    return _pdf(found, "ruqi-plaques.pdf")


def plaque_url(plaque: Plaque) -> str:
    """The signed address inside the symbol, made anew from the serial: only keys are secret."""
    config: Config = current_app.config["RUQI"]
    return qr.sign_plaque(plaque.serial, key=config.plaque_signers[plaque.key_id], prefix=config.plaque_prefix)


def valid_plaque(of: Enterprise) -> Plaque | None:
    """The enterprise's plaque that is not revoked."""
    return next((plaque for plaque in of.plaques if plaque.revoked_at is None), None)


def plaque_pages(enterprises: Iterable[Enterprise]) -> bytes:
    """One A5 page for each enterprise that holds a valid plaque (PDF bytes)."""
    config: Config = current_app.config["RUQI"]
    sheets = [
        qr.PlaqueSheet(url=plaque_url(plaque), name=each.name, uscc=each.uscc, serial=plaque.serial)
        for each in enterprises
        if (plaque := valid_plaque(each)) is not None
    ]
    return qr.plaque_pdf(sheets, design=config.plaque_design)


# --- helpers -----------------------------------------------------------------------------------


def reachable(actor: Actor) -> ColumnElement[bool]:
    """Inspectors and heads find every enterprise of the province they work in; others their own subtree."""
    if actor.role is Role.ENTERPRISE:
        return Enterprise.id == actor.enterprise_id
    if actor.region_code is not None:
        return Enterprise.region_code.startswith(region_prefix(actor.region_code))
    return Enterprise.id.is_not(None)


def _get(enterprise_id: UUID, *, lock: bool = False) -> Enterprise:
    statement = select(Enterprise).where(Enterprise.id == enterprise_id, reachable(g.actor))
    found = db.session.scalar(locked(statement, of=Enterprise) if lock else statement)
    if found is None:
        raise not_found()
    return found


def _detail(found: Enterprise) -> dict[str, Any]:
    """The enterprise with its plaques; only those who print may have the signed address."""
    may_print = g.actor.role in (Role.ADMINISTRATOR, Role.ENTERPRISE)
    plaques = [
        {
            "serial": plaque.serial,
            "site": plaque.site,
            "issued_at": plaque.issued_at,
            "revoked_at": plaque.revoked_at,
            "revoked_reason": plaque.revoked_because,
            "url": plaque_url(plaque) if may_print and plaque.revoked_at is None else None,
        }
        for plaque in found.plaques
    ]
    return {**EnterpriseOut.model_validate(found).model_dump(), "plaques": plaques}


def _pdf(found: Iterable[Enterprise], name: str) -> Response:
    try:
        body = plaque_pages(found)
    except qr.MissingGlyph as missing:
        raise Refusal(PlaqueReason.GLYPH_MISSING, glyphs=missing.glyphs) from None
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type="application/pdf", headers=headers)
