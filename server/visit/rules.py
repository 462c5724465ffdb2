"""The loop: one table holds the moves, one function makes them, each with the event that proves it."""

from datetime import datetime
from typing import Any

from server.ledger.rules import Hand, columns_of
from server.policy.clause import Term
from server.policy.pack import FALLBACK, Pack
from server.refusal import Reason, Refusal

from .models import Visit
from .stages import Purpose, Stage

# registered → approved → on_site → recorded → evaluated, and the ways out.
# on_site → approved happens only when the one scan that opened the visit is withdrawn;
# approved → recorded only off site (不见面检查), where there is no door to scan at.
NEXT: dict[Stage, tuple[Stage, ...]] = {
    Stage.REGISTERED: (Stage.APPROVED, Stage.REJECTED, Stage.CANCELLED),
    Stage.APPROVED: (Stage.ON_SITE, Stage.RECORDED, Stage.CANCELLED, Stage.EXPIRED),
    Stage.ON_SITE: (Stage.RECORDED, Stage.TURNED_AWAY, Stage.APPROVED),
    Stage.TURNED_AWAY: (Stage.RECORDED,),
    Stage.RECORDED: (Stage.EVALUATED, Stage.UNRATED),
    Stage.REJECTED: (),
    Stage.CANCELLED: (),
    Stage.EXPIRED: (),
    Stage.EVALUATED: (),
    Stage.UNRATED: (),
}


class LoopReason(Reason):
    """Why a visit cannot go where it was told to go."""

    WRONG_STAGE = "wrong_stage"


class CountReason(Reason):
    """What the counter says when somebody else was quicker."""

    CAP_REACHED = "cap_reached"


def move(visit: Visit, to: Stage, *, by: Hand, at: datetime, **after: Any) -> None:
    """Take a visit to its next stage and append the event; `after` says what else became true.

    Raises Refusal `wrong_stage` when the table has no such move. Nothing else writes `stage`.
    """
    if to not in NEXT[visit.stage]:
        raise Refusal(LoopReason.WRONG_STAGE, stage=visit.stage.value)
    before = visit.stage
    visit.stage = to
    note(visit, to.value, by=by, at=at, before={"stage": before.value}, after={"stage": to.value, **after})


def note(
    visit: Visit,
    verb: str,
    *,
    by: Hand,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append an event of a visit that does not move it (a refused scan, a late approval, an amendment)."""
    visit.keep(
        columns_of(
            verb,
            subject=("visit", visit.id),
            by=by,
            at=at,
            before=before,
            after=after,
            region_code=visit.region_code,
            agency_id=visit.agency_id,
            enterprise_id=visit.enterprise_id,
            basis=visit.basis.value,
        )
    )


def due(visit: Visit, clock: str, at: datetime, *, policy: Pack) -> datetime:
    """When the clock of this name that starts at `at` ends, by the terms locked in at registration."""
    term = visit.clocks.get(clock)
    return policy.due(Term(**term) if term else FALLBACK[clock], at)


def is_inspection(visit: Visit) -> bool:
    """Whether findings and matters belong to this visit at all."""
    return visit.purpose is Purpose.INSPECTION
