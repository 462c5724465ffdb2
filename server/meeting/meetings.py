"""双向亮码: two phones meet, in either direction, and each is told who the other is and which words to say."""

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import and_, func, select

import qr
from server.clock import day_of, start_of
from server.config import Config
from server.db import db
from server.ledger.rules import Hand
from server.phone import models as phones
from server.policy.current import policy_at
from server.policy.kinds.duties import RefusalRight
from server.visit.conditions import ARRIVED
from server.visit.models import Visit, VisitInspector
from server.visit.rules import note
from server.visit.verdicts import VisitCount, VisitCounter

from .models import Handshake
from .schemas import CapAtDoor, GroundAtDoor, MatterAtDoor, MeetingOut, WordsOut
from .words import words_of

SHOWN_FOR = timedelta(minutes=3)  # how long both phones show the words


def signer_of(phone_code: str | None, *, visit: Visit, inspector_id: UUID, at: datetime) -> int | None:
    """Which enrolled phone of this inspector signed this moment of this visit; None when none did."""
    if phone_code is None:
        return None
    config: Config = current_app.config["RUQI"]
    try:
        code = qr.open_visit(phone_code, key_of=phones.key_of_phone, at=at.timestamp(), prefix=config.plaque_prefix)
    except qr.BadCode:
        return None
    holder = phones.inspector_of_phone(code.device)
    mine = holder is not None and holder.id == inspector_id and code.visit == visit.id
    return code.device if mine else None


def meet(
    visit: Visit, part: VisitInspector, *, inspector_phone: int, enterprise_phone: int, by: Hand, at: datetime
) -> Handshake:
    """Let two phones meet that have both just proven themselves; a later meeting replaces the words of the first."""
    theirs, ours = phones.key_of_phone(inspector_phone), phones.key_of_phone(enterprise_phone)
    assert theirs is not None and ours is not None  # both have just verified
    words = words_of(inspector_key=theirs.raw, enterprise_key=ours.raw, visit_id=visit.id, at=at.timestamp())
    earlier = select(Handshake).where(Handshake.visit_id == visit.id, Handshake.inspector_id == part.inspector_id)
    met = db.session.scalar(earlier) or Handshake(visit_id=visit.id, inspector_id=part.inspector_id)
    assert by.account_id is not None  # a person, never the system
    met.inspector_phone, met.enterprise_phone, met.account_id = inspector_phone, enterprise_phone, by.account_id
    met.shaken_at, met.first_word, met.second_word, met.colour = at, words.first, words.second, words.colour
    part.met_at = at
    db.session.add(met)
    told = {"inspector": str(part.inspector_id), "phone": inspector_phone}
    note(visit, "handshake", by=by, at=at, after=told)
    return met


def meeting_of(visit: Visit, part: VisitInspector, met: Handshake, *, at: datetime) -> MeetingOut:
    """What the enterprise is told of the person at its door."""
    person = part.inspector
    pack = policy_at(visit.registered_at)
    grounds = [clause for clause in map(pack.find, visit.noted) if isinstance(clause, RefusalRight)]
    return MeetingOut(
        **dict(WordsOut.model_validate(met)),
        visit_id=visit.id,
        inspector_id=person.id,
        inspector=person.name,
        has_photo=person.photo_key is not None,
        agency=person.agency.name,
        certificate_no=part.certificate_no,
        valid_to_on=person.valid_to_on,
        certified=person.is_certified(day_of(at)),
        purpose=visit.purpose,
        basis=visit.basis.value,
        amber=visit.is_amber,
        matters=MatterAtDoor.all(visit.matters),
        inspectors=[each.inspector.name for each in visit.inspectors],
        helpers=len(visit.helpers),
        visits_this_year=_visits_this_year(visit, at=at),
        caps=_caps(visit),
        refusal_grounds=[
            GroundAtDoor(ground=clause.ground, ground_en=clause.ground_en or clause.ground, source=clause.source.cited)
            for clause in grounds
        ],
    )


def _visits_this_year(visit: Visit, *, at: datetime) -> int:
    year = day_of(at).year
    arrived = select(func.count()).where(
        Visit.enterprise_id == visit.enterprise_id,
        ARRIVED.sql(Visit),
        Visit.on_site_at >= start_of(date(year, 1, 1)),
        Visit.id != visit.id,
    )
    return db.session.scalar(arrived) or 0


def _caps(visit: Visit) -> list[CapAtDoor]:
    """The caps that this visit counts towards, by what they are for: a matter, the agency, or (no name) all visits."""
    same = [getattr(VisitCount, name) == getattr(VisitCounter, name) for name in ("clause_id", "subject", "year")]
    statement = (
        select(VisitCounter)
        .join(VisitCount, and_(*same))
        .where(VisitCount.visit_id == visit.id, VisitCounter.enterprise_id == visit.enterprise_id)
        .order_by(VisitCounter.year, VisitCounter.clause_id, VisitCounter.subject)
    )
    names = {matter.code: matter.name for matter in visit.matters} | {str(visit.agency_id): visit.agency.name}
    return [
        CapAtDoor(name=names.get(counter.subject, ""), used=counter.used, most=counter.most)
        for counter in db.session.scalars(statement)
    ]
