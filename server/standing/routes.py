"""What an enterprise brings to every judgement: its tier with its history, and the quiet days it has chosen."""

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import delete, select

from server.account.models import Role
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import day_of, now
from server.db import db, new_id
from server.enterprise.models import Enterprise, reachable
from server.judging.rejudging import rejudge
from server.ledger.rules import event
from server.paging import In, Moment, Out
from server.policy.current import policy
from server.policy.kinds import QuietDay
from server.refusal import Reason, Refusal, not_found

from .models import QuietChoice, Risk, Tier

bp = APIBlueprint("standing", __name__, tag="enterprise")


class StandingReason(Reason):
    """Why a tier is not set or a day not chosen."""

    TIER_EXISTS = "tier_exists"
    QUIET_DAYS_SPENT = "quiet_days_spent"
    QUIET_DAY_TOO_SOON = "quiet_day_too_soon"


MEANINGS |= {
    "uq_tier_enterprise_id_department_since_on": StandingReason.TIER_EXISTS,
    "failed: tier.enterprise_id, tier.department, tier.since_on": StandingReason.TIER_EXISTS,
}


class TierIn(In):
    department: str = Field("", max_length=64)
    risk: Risk
    credit: Literal["A", "B", "C", "D"]
    tier: Literal["A", "B", "C", "D"] | None = None
    since_on: date
    because: str = Field(min_length=1, max_length=200)


class TierOut(Out):
    id: UUID
    department: str
    risk: Risk
    credit: str
    tier: str
    since_on: date
    set_at: Moment
    because: str


class Tiers(Out):
    items: list[TierOut]
    rejudged: int = 0


class QuietDayIn(In):
    on: date


class QuietDays(Out):
    """The days chosen from today on, how many a month the pack in force lets an enterprise choose, how far ahead."""

    items: list[date]
    a_month: int
    notice_days: int


@bp.get("/enterprises/<uuid:enterprise_id>/tiers")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE, Role.ADMINISTRATOR)
@bp.output(Tiers)
def tiers(enterprise_id: UUID) -> dict[str, Any]:
    """Every tier this enterprise ever had, the newest first."""
    _firm(enterprise_id)
    return {"items": _history(enterprise_id)}


@bp.post("/enterprises/<uuid:enterprise_id>/tiers")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
@changing
@bp.input(TierIn)
@bp.output(Tiers, 201)
def set_tier(enterprise_id: UUID, json_data: TierIn) -> dict[str, Any]:
    """Set a tier from a day on; what is planned is judged again by it."""
    at = now()
    firm = _firm(enterprise_id)
    tier = json_data.tier or policy().tier_of(json_data.risk.value, json_data.credit)
    made = Tier(
        id=new_id(), enterprise_id=firm.id, set_at=at, set_by=g.actor.account_id,
        **{**json_data.model_dump(), "tier": tier},
    )  # fmt: skip
    db.session.add(made)
    told = {"department": made.department, "tier": tier, "since_on": made.since_on.isoformat()}
    db.session.add(
        event(
            "tier_set",
            subject=("enterprise", firm.id),
            by=g.actor.hand,
            at=at,
            after=told,
            region_code=firm.region_code,
            enterprise_id=firm.id,
        )
    )
    db.session.flush()
    changed = rejudge(firm.id, policy=policy(), because="tier", by=g.actor.hand, at=at)
    return {"items": _history(firm.id), "rejudged": changed}


@bp.get("/enterprises/<uuid:enterprise_id>/quiet-days")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE)
@bp.output(QuietDays)
def quiet_days(enterprise_id: UUID) -> dict[str, Any]:
    """The quiet days the enterprise has chosen, from today on."""
    _firm(enterprise_id)
    return _chosen(enterprise_id)


@bp.post("/enterprises/<uuid:enterprise_id>/quiet-days")
@allow(Role.ENTERPRISE)
@changing
@bp.input(QuietDayIn)
@bp.output(QuietDays, 201)
def choose(enterprise_id: UUID, json_data: QuietDayIn) -> dict[str, Any]:
    """Choose a day without inspections, as many a month as the pack allows."""
    at = now()
    firm = _firm(enterprise_id)
    day = json_data.on
    a_month, notice_days = _offered()
    if day < day_of(at) + timedelta(days=notice_days):
        raise Refusal(StandingReason.QUIET_DAY_TOO_SOON, 422, days=notice_days)
    chosen = set(db.session.scalars(select(QuietChoice.on).where(QuietChoice.enterprise_id == firm.id)))
    same_month = [each for each in chosen if (each.year, each.month) == (day.year, day.month)]
    if day not in chosen:
        if len(same_month) >= a_month:
            raise Refusal(StandingReason.QUIET_DAYS_SPENT, a_month=a_month)
        db.session.add(QuietChoice(enterprise_id=firm.id, on=day, chosen_at=at, chosen_by=g.actor.account_id))
        _noted(firm, "quiet_day_chosen", day)
        db.session.flush()
    return _chosen(firm.id)


@bp.delete("/enterprises/<uuid:enterprise_id>/quiet-days/<day>")
@allow(Role.ENTERPRISE)
@changing
@bp.output(QuietDays)
def give_up(enterprise_id: UUID, day: str) -> dict[str, Any]:
    """Give a chosen day up."""
    firm = _firm(enterprise_id)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise not_found() from None
    gone = db.session.execute(delete(QuietChoice).where(QuietChoice.enterprise_id == firm.id, QuietChoice.on == on))
    if not gone.rowcount:  # type: ignore[attr-defined]  # a DELETE counts
        raise not_found()
    _noted(firm, "quiet_day_given_up", on)
    return _chosen(firm.id)


def _firm(enterprise_id: UUID) -> Enterprise:
    firm = db.session.scalar(select(Enterprise).where(Enterprise.id == enterprise_id, reachable(g.actor)))
    if firm is None:
        raise not_found()
    return firm


def _history(enterprise_id: UUID) -> list[Tier]:
    statement = select(Tier).where(Tier.enterprise_id == enterprise_id)
    return list(db.session.scalars(statement.order_by(Tier.since_on.desc(), Tier.set_at.desc())))


def _offered() -> tuple[int, int]:
    """How many days a month the pack in force offers, and how many days ahead one is chosen."""
    offers = [clause for clause in policy().of_kind(QuietDay) if clause.floating]
    return max((each.floating for each in offers), default=0), max((each.notice_days for each in offers), default=0)


def _chosen(enterprise_id: UUID) -> dict[str, Any]:
    statement = select(QuietChoice.on).where(
        QuietChoice.enterprise_id == enterprise_id, QuietChoice.on >= day_of(now())
    )
    a_month, notice_days = _offered()
    chosen = list(db.session.scalars(statement.order_by(QuietChoice.on)))
    return {"items": chosen, "a_month": a_month, "notice_days": notice_days}


def _noted(firm: Enterprise, verb: str, day: date) -> None:
    db.session.add(
        event(
            verb,
            subject=("enterprise", firm.id),
            by=g.actor.hand,
            at=now(),
            after={"on": day.isoformat()},
            region_code=firm.region_code,
            enterprise_id=firm.id,
        )
    )
