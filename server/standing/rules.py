"""May an enterprise choose this day to be left alone on?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from server.policy.kinds.times import QuietDay
from server.policy.pack import Pack
from server.refusal import Reason, Refusal


class StandingReason(Reason):
    """Why a tier is not set or a day not chosen."""

    TIER_EXISTS = "tier_exists"
    QUIET_DAYS_SPENT = "quiet_days_spent"
    QUIET_DAY_TOO_SOON = "quiet_day_too_soon"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the pack in force offers: so many days a month, each chosen at least so many days ahead."""

    a_month: int = 0
    notice_days: int = 0


def offer_of(policy: Pack) -> Offer:
    """The most generous number and the longest notice among the pack's clauses."""
    offers = [clause for clause in policy.of_kind(QuietDay) if clause.floating]
    return Offer(
        a_month=max((each.floating for each in offers), default=0),
        notice_days=max((each.notice_days for each in offers), default=0),
    )


def refuse_day(day: date, *, chosen: Collection[date], offer: Offer, today: date) -> None:
    """Refuse a day that comes too soon, or that is one too many in its month; a day chosen before is chosen again."""
    if day < today + timedelta(days=offer.notice_days):
        raise Refusal(StandingReason.QUIET_DAY_TOO_SOON, 422, days=offer.notice_days)
    same_month = sum((each.year, each.month) == (day.year, day.month) for each in chosen)
    if day not in chosen and same_month >= offer.a_month:
        raise Refusal(StandingReason.QUIET_DAYS_SPENT, a_month=offer.a_month)
