"""What an enterprise brings to every judgement: its tiers, and the quiet days it has chosen."""

from datetime import date
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import delete

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import day_of, now
from server.db import db
from server.enterprise.models import Enterprise, get_enterprise
from server.incoming import Day
from server.ledger.rules import event
from server.paging import In, Out
from server.policy.current import policy
from server.refusal import not_found

from . import rules
from .models import QuietChoice, quiet_days_of, tiers_of
from .schemas import TierOut, Tiers

bp = APIBlueprint("standing", __name__, tag="enterprise")


class QuietDayIn(In):
    """A day to be left alone on."""

    on: Day


class QuietDays(Out):
    """The days chosen from today on, how many a month the pack in force lets an enterprise choose, how far ahead."""

    items: list[date]
    a_month: int
    notice_days: int


@bp.get("/enterprises/<uuid:enterprise_id>/tiers")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE, Role.ADMINISTRATOR)
@bp.output(Tiers)
def tiers(enterprise_id: UUID) -> Tiers:
    """Every tier this enterprise ever had, the newest first."""
    firm = get_enterprise(enterprise_id, g.actor)
    return Tiers(items=[TierOut.model_validate(tier) for tier in tiers_of(firm.id)])


@bp.get("/enterprises/<uuid:enterprise_id>/quiet-days")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE)
@bp.output(QuietDays)
def quiet_days(enterprise_id: UUID) -> QuietDays:
    """The quiet days the enterprise has chosen, from today on."""
    return _from(get_enterprise(enterprise_id, g.actor), today=day_of(now()))


@bp.post("/enterprises/<uuid:enterprise_id>/quiet-days")
@allow(Role.ENTERPRISE)
@bp.input(QuietDayIn)
@changing
@bp.output(QuietDays, 201)
def choose(enterprise_id: UUID, json_data: QuietDayIn) -> QuietDays:
    """Choose a day without inspections, as many a month as the pack allows."""
    at = now()
    # With its row locked: of two phones at once not both choose the last day of a month.
    firm = get_enterprise(enterprise_id, g.actor, lock=True)
    chosen = quiet_days_of(firm.id)
    rules.refuse_day(json_data.on, chosen=chosen, offer=rules.offer_of(policy()), today=day_of(at))
    if json_data.on not in chosen:
        db.session.add(QuietChoice(enterprise_id=firm.id, on=json_data.on, chosen_at=at, chosen_by=g.actor.account_id))
        told = {"on": json_data.on.isoformat()}
        db.session.add(event("quiet_day_chosen", **firm.as_subject, by=g.actor.hand, at=at, after=told))
        db.session.flush()
    return _from(firm, today=day_of(at))


@bp.delete("/enterprises/<uuid:enterprise_id>/quiet-days/<day>")
@allow(Role.ENTERPRISE)
@changing
@bp.output(QuietDays)
def give_up(enterprise_id: UUID, day: str) -> QuietDays:
    """Give a chosen day up."""
    at = now()
    firm = get_enterprise(enterprise_id, g.actor)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise not_found() from None
    gone = db.session.execute(delete(QuietChoice).where(QuietChoice.enterprise_id == firm.id, QuietChoice.on == on))
    if not gone.rowcount:  # type: ignore[attr-defined]  # a DELETE counts
        raise not_found()
    told = {"on": on.isoformat()}
    db.session.add(event("quiet_day_given_up", **firm.as_subject, by=g.actor.hand, at=at, after=told))
    return _from(firm, today=day_of(at))


def _from(firm: Enterprise, *, today: date) -> QuietDays:
    """The days chosen from today on, and what the pack offers."""
    offer = rules.offer_of(policy())
    chosen = [day for day in quiet_days_of(firm.id) if day >= today]
    return QuietDays(items=chosen, a_month=offer.a_month, notice_days=offer.notice_days)
