"""One-time codes on paper: slips, and the sealed part of a plaque sheet."""

import functools
from dataclasses import dataclass
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import Field
from sqlalchemy import select

import qr
from server.account.models import Role
from server.account.rules import Actor
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
from .slips import issue_slips, make_codes

bp = APIBlueprint("slip", __name__, tag="enterprise")


class SlipsIn(In):
    """What the slips are for, and how many of them."""

    purpose: SlipPurpose
    count: Number = Field(1, ge=1, le=8)


@dataclass(frozen=True, slots=True)
class Paper:
    """Codes, and the sheet that carries them: they count once they are issued, and never before they are drawn."""

    codes: list[str]
    pdf: Response


def draw_slips(enterprise_id: UUID, json_data: SlipsIn, *, by: Actor) -> Paper:
    """Draw the slips before anything is held."""
    enterprise = get_enterprise(enterprise_id, by)
    codes = make_codes(json_data.count)
    config: Config = current_app.config["RUQI"]
    sheets = [qr.SlipSheet(code=code, name=enterprise.name) for code in codes]
    drawn = functools.partial(
        qr.slip_pdf, sheets, design=config.plaque_design, prefix=config.plaque_prefix, call_back=config.call_back
    )
    return Paper(codes, pdf_response(drawn, f"ruqi-slips-{enterprise.uscc}.pdf"))


def draw_sealed_sheet(serial: int, *, by: Actor) -> Paper:
    """Draw the plaque with its sealed part before anything is held."""
    plaque = _valid_plaque(serial, by=by)
    codes = make_codes(1)
    config: Config = current_app.config["RUQI"]
    sheets = [sheet_of(plaque, activation=codes[0])]
    drawn = functools.partial(qr.plaque_pdf, sheets, design=config.plaque_design, on=qr.PlaqueFormat.SEALED)
    return Paper(codes, pdf_response(drawn, f"ruqi-sealed-{plaque.enterprise.uscc}.pdf"))


@bp.post("/enterprises/<uuid:enterprise_id>/slips")
@allow(Role.ADMINISTRATOR)
@bp.input(SlipsIn)
@changing_without_key(before=draw_slips)  # a stored answer would hold the codes
@bp.doc(responses=file_of("slips; the codes are on them alone", PDF))
def make_slips(enterprise_id: UUID, json_data: SlipsIn, ready: Paper) -> Response:
    """Print one-time codes: to enrol phones, or for an enterprise without one. Nobody can read them again."""
    enterprise = get_enterprise(enterprise_id, g.actor)
    issue_slips(enterprise, json_data.purpose, ready.codes, by=g.actor.hand, at=now())
    return ready.pdf


@bp.post("/plaques/<int:serial>/sealed-sheet")
@allow(Role.ADMINISTRATOR)
@changing_without_key(before=draw_sealed_sheet)  # a stored answer would hold the code
@bp.doc(responses=file_of("the plaque, and the part to be sealed with a fresh one-time code", PDF))
def sealed_sheet(serial: int, ready: Paper) -> Response:
    """Print a plaque together with the code that enrols its enterprise's first phone."""
    firm = _valid_plaque(serial, by=g.actor).enterprise
    issue_slips(firm, SlipPurpose.ACTIVATION, ready.codes, by=g.actor.hand, at=now())
    return ready.pdf


def _valid_plaque(serial: int, *, by: Actor) -> Plaque:
    """A plaque within reach that may still be handed out."""
    plaque = db.session.scalar(select(Plaque).join(Plaque.enterprise).where(Plaque.serial == serial, reachable(by)))
    if plaque is None:
        raise not_found()
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    return plaque
