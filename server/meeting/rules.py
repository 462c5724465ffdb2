"""May these two phones meet, and may this be reported from the door?"""

from datetime import datetime

from qr import CodeFault
from server.account.rules import Actor
from server.code.rules import TOLD, CodeReason
from server.ids import new_id
from server.phone.models import Phone
from server.refusal import Reason, Refusal
from server.visit.conditions import DOOR_OPEN, GONE
from server.visit.models import Visit, VisitInspector
from server.visit.rules import note

from .models import DoorKind, DoorReport


class DoorReason(Reason):
    """Why two phones do not meet, or a report is not taken."""

    NOT_AN_INSPECTOR = "not_an_inspector"
    NOT_OUR_VISIT = "not_our_visit"
    NO_PHONE = "no_phone"
    NOBODY_CAME = "nobody_came"
    ALREADY_SEEN = "already_seen"


def unreadable(fault: CodeFault) -> Refusal:
    """The refusal of a visit code that does not open: an old one, a forged one, or none at all."""
    reason = TOLD.get(fault, CodeReason.UNKNOWN_CODE)
    return Refusal(reason, 404 if reason is CodeReason.UNKNOWN_CODE else 409)


def refuse_meeting(
    visit: Visit | None, *, inspector: object | None, mine: Phone | None, by: Actor
) -> tuple[Visit, VisitInspector, Phone]:
    """The visit, the inspector's place in it and my phone, when these two may meet.

    `visit` is what my enterprise may see under the code's id, `inspector` the id of the person whose phone made the
    code, `mine` the enterprise's phone that read it.
    """
    if visit is None or not DOOR_OPEN.holds(visit):
        raise Refusal(DoorReason.NOT_OUR_VISIT)
    part = next((part for part in visit.inspectors if inspector is not None and part.inspector_id == inspector), None)
    if part is None:
        raise Refusal(DoorReason.NOT_AN_INSPECTOR)
    if mine is None or mine.account_id != by.account_id or mine.revoked_at is not None:
        raise Refusal(DoorReason.NO_PHONE)
    return visit, part, mine


def report(visit: Visit, kind: DoorKind, *, people: int | None, text: str, by: Actor, at: datetime) -> DoorReport:
    """Keep what an enterprise says of those at its door; nobody is at the door of a visit that is off or off site."""
    if visit.is_off_site or GONE.holds(visit):
        raise Refusal(DoorReason.NOBODY_CAME, stage=visit.stage.value)
    note(visit, "door_report", by=by.hand, at=at, after={"kind": kind.value, "people": people})
    return DoorReport(
        id=new_id(), visit_id=visit.id, kind=kind, people=people, note=text, reported_at=at, reported_by=by.account_id
    )


def see_to(reported: DoorReport, *, outcome: str, by: Actor, at: datetime) -> None:
    """Say what came of a report; once."""
    if reported.seen_at is not None:
        raise Refusal(DoorReason.ALREADY_SEEN)
    reported.seen_at, reported.seen_by, reported.outcome = at, by.account_id, outcome
    note(reported.visit, "door_report_seen", by=by.hand, at=at, after={"outcome": outcome})
