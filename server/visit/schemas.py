"""What every change of a visit answers: small on purpose, since whoever wants the whole asks for it."""

from uuid import UUID

from sqlalchemy.sql.base import ExecutableOption

from server.account.rules import Actor
from server.paging import Moment, Out
from server.refusal import not_found

from .models import Visit, find_visit_to_change
from .stages import Stage


class VisitState(Out):
    """Where a visit stands after a change."""

    id: UUID
    stage: Stage
    amber: bool
    record_due_at: Moment | None
    evaluation_due_at: Moment | None


def state_of(visit: Visit) -> VisitState:
    """The answer to a change."""
    return VisitState(
        id=visit.id,
        stage=visit.stage,
        amber=visit.is_amber,
        record_due_at=visit.record_due_at,
        evaluation_due_at=visit.evaluation_due_at,
    )


def visit_to_change(visit_id: UUID, actor: Actor, *options: ExecutableOption) -> Visit:
    """The visit with its row locked and what `options` read beside it, or 404 outside the actor's scope."""
    visit = find_visit_to_change(visit_id, actor, *options)
    if visit is None:
        raise not_found()
    return visit
