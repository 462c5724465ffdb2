"""评价: who may rate a visit, when, and who may read the rating."""

from datetime import datetime

from server.account.models import Role
from server.account.rules import Actor, covers
from server.refusal import Reason, Refusal, not_found
from server.visit.models import Visit
from server.visit.rules import move
from server.visit.stages import Stage

from .models import Evaluation


class EvaluationReason(Reason):
    """Why a rating is not taken."""

    ENTERPRISE_ONLY = "enterprise_only"
    NOT_RECORDED = "not_recorded"
    ALREADY_EVALUATED = "already_evaluated"
    EVALUATION_CLOSED = "evaluation_closed"


def evaluate(
    visit: Visit,
    *,
    overall: int,
    conduct: int,
    lawfulness: int,
    beyond_list: bool,
    remark: str,
    by: Actor,
    at: datetime,
) -> Evaluation:
    """Take the enterprise's rating, once, within the window that the pack gives."""
    if by.role is not Role.ENTERPRISE:
        raise Refusal(EvaluationReason.ENTERPRISE_ONLY, 403)
    if by.enterprise_id != visit.enterprise_id:
        raise not_found()
    if visit.stage is Stage.EVALUATED:
        raise Refusal(EvaluationReason.ALREADY_EVALUATED)
    if visit.stage is Stage.UNRATED or (visit.evaluation_due_at is not None and at > visit.evaluation_due_at):
        raise Refusal(EvaluationReason.EVALUATION_CLOSED)
    if visit.stage is not Stage.RECORDED:
        raise Refusal(EvaluationReason.NOT_RECORDED, stage=visit.stage.value)
    visit.evaluated_at = at
    # The grades stay out of the event: whoever reads events must not read ratings.
    move(visit, Stage.EVALUATED, by=by.hand, at=at)
    return Evaluation(
        visit=visit,
        overall=overall,
        conduct=conduct,
        lawfulness=lawfulness,
        beyond_list=beyond_list,
        remark=remark,
        evaluated_at=at,
        evaluated_by=by.account_id,
    )


def may_evaluate(visit: Visit, by: Actor, *, at: datetime) -> bool:
    """Whether this enterprise may rate the visit now."""
    return (
        by.role is Role.ENTERPRISE
        and by.enterprise_id == visit.enterprise_id
        and visit.stage is Stage.RECORDED
        and (visit.evaluation_due_at is None or at <= visit.evaluation_due_at)
    )


def visible(evaluation: Evaluation | None, *, visit: Visit, to: Actor) -> Evaluation | None:
    """The rating, for those who may read it one by one: the enterprise itself and the supervisors.

    A unit never sees the rating of a single visit, or it could be traced to its giver.
    """
    if to.role is Role.ENTERPRISE and to.enterprise_id == visit.enterprise_id:
        return evaluation
    if to.role is Role.SUPERVISOR and covers(to.region_code, visit.region_code):
        return evaluation
    return None
