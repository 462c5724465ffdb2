"""双向亮码: the enterprise's phone reads the code on an inspector's, and what was scanned before grows strong by it."""

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field
from sqlalchemy import select

import qr
from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.code.rules import CodeReason
from server.config import Config
from server.db import db
from server.incoming import Number, Prose
from server.meeting import meetings
from server.meeting.rules import refuse_meeting, unreadable
from server.meeting.schemas import MeetingOut
from server.paging import In
from server.phone import models as phones
from server.policy.current import policy
from server.refusal import Refusal
from server.visit.models import AGENCY, HELPERS, INSPECTORS, MATTERS, Visit, VisitInspector, find_visit_to_change

from . import presence
from .models import Scan

bp = APIBlueprint("handshake", __name__, tag="visit")


class HandshakeIn(In):
    """The visit code as it was read, and which of my phones read it."""

    code: Prose = Field(min_length=1, max_length=600)
    phone: Number = Field(ge=0, le=phones.LAST_NUMBER)


@bp.post("/handshakes")
@allow(Role.ENTERPRISE)
@bp.input(HandshakeIn)
@changing
@bp.output(MeetingOut, 201)
def shake(json_data: HandshakeIn) -> MeetingOut:
    """Read the code on an inspector's phone: see who it is, and complete the handshake.

    What was scanned before grows strong by it, and what will be scanned is strong from the start.
    """
    at = now()
    config: Config = current_app.config["RUQI"]
    try:
        code = qr.open_visit(json_data.code, key_of=phones.key_of_phone, at=at.timestamp(), prefix=config.plaque_prefix)
    except qr.BadCode as bad:
        raise unreadable(bad.reason) from None
    inspector = phones.inspector_of_phone(code.device)
    visit, part, mine = refuse_meeting(
        find_visit_to_change(code.visit, g.actor, INSPECTORS, MATTERS, HELPERS, AGENCY),
        inspector=inspector.id if inspector else None,
        mine=db.session.get(phones.Phone, json_data.phone),
        by=g.actor,
    )
    if not phones.use_step(code.device, code.step, at=at):
        raise Refusal(CodeReason.USED_CODE)
    met = meetings.meet(visit, part, inspector_phone=code.device, enterprise_phone=mine.number, by=g.actor.hand, at=at)
    _strengthen(visit, part)
    db.session.flush()
    return meetings.meeting_of(visit, part, met, at=at)


def _strengthen(visit: Visit, part: VisitInspector) -> None:
    """A scan made before the handshake is graded again: the enterprise's phone was there after all."""
    scan = db.session.scalar(
        select(Scan).where(
            Scan.visit_id == visit.id,
            Scan.inspector_id == part.inspector_id,
            Scan.reason.is_(None),
            Scan.withdrawn_at.is_(None),
        )
    )
    if scan is not None:
        presence.strengthen(scan, policy=policy())
