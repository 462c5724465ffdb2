"""One-time codes on paper: slips, and the sealed part of a plaque sheet."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import Field
from sqlalchemy import select

import qr
from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing_without_key
from server.clock import now
from server.config import Config
from server.db import db
from server.enterprise.models import get_enterprise, reachable
from server.files import PDF, file_of
from server.incoming import Number
from server.paging import In
from server.plaque.models import Plaque
from server.plaque.rules import PlaqueReason
from server.plaque.sheets import pdf_response, sheet_of
from server.refusal import Refusal, not_found

from .models import SlipPurpose
from .slips import issue_slips

bp = APIBlueprint("slip", __name__, tag="enterprise")


class SlipsIn(In):
    """What the slips are for, and how many of them."""

    purpose: SlipPurpose
    count: Number = Field(1, ge=1, le=8)


@bp.post("/enterprises/<uuid:enterprise_id>/slips")
@allow(Role.ADMINISTRATOR)
@changing_without_key  # a stored answer would hold the codes
@bp.input(SlipsIn)
@bp.doc(responses=file_of("slips; the codes are on them alone", PDF))
def make_slips(enterprise_id: UUID, json_data: SlipsIn) -> Response:
    """Print one-time codes: to enrol phones, or for an enterprise without one. Nobody can read them again."""
    enterprise = get_enterprise(enterprise_id, g.actor)
    codes = issue_slips(enterprise, json_data.purpose, count=json_data.count, by=g.actor.hand, at=now())
    config: Config = current_app.config["RUQI"]
    sheets = [qr.SlipSheet(code=code, name=enterprise.name) for code in codes]
    return pdf_response(
        lambda: qr.slip_pdf(
            sheets, design=config.plaque_design, prefix=config.plaque_prefix, call_back=config.call_back
        ),
        f"ruqi-slips-{enterprise.uscc}.pdf",
    )


@bp.post("/plaques/<int:serial>/sealed-sheet")
@allow(Role.ADMINISTRATOR)
@changing_without_key  # a stored answer would hold the code
@bp.doc(responses=file_of("the plaque, and the part to be sealed with a fresh one-time code", PDF))
def sealed_sheet(serial: int) -> Response:
    """Print a plaque together with the code that enrols its enterprise's first phone."""
    statement = select(Plaque).join(Plaque.enterprise).where(Plaque.serial == serial, reachable(g.actor))
    plaque = db.session.scalar(statement)
    if plaque is None:
        raise not_found()
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    firm = plaque.enterprise
    [code] = issue_slips(firm, SlipPurpose.ACTIVATION, count=1, by=g.actor.hand, at=now())
    config: Config = current_app.config["RUQI"]
    sheets = [sheet_of(plaque, activation=code)]
    return pdf_response(
        lambda: qr.plaque_pdf(sheets, design=config.plaque_design, on=qr.PlaqueFormat.SEALED),
        f"ruqi-sealed-{firm.uscc}.pdf",
    )
