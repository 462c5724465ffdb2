"""评价: the enterprise rates a visit."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field

from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import db
from server.incoming import Number, Prose
from server.paging import In
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .rules import EvaluationReason

bp = APIBlueprint("evaluation", __name__, tag="visit")
MEANINGS |= {
    "uq_evaluation_visit_id": EvaluationReason.ALREADY_EVALUATED,
}


class EvaluationIn(In):
    """Grades from 1 to 5, whether more was looked at than the list says, and a remark."""

    overall: Number = Field(ge=1, le=5)
    conduct: Number = Field(ge=1, le=5)
    lawfulness: Number = Field(ge=1, le=5)
    beyond_list: bool
    remark: Prose = Field("", max_length=300)


@bp.post("/visits/<uuid:visit_id>/evaluation")
@allow()
@bp.input(EvaluationIn)
@changing
@bp.output(VisitState, 201)
def evaluate(visit_id: UUID, json_data: EvaluationIn) -> VisitState:
    """Rate a visit; anyone but the enterprise is told that it is the enterprise's to do."""
    visit = visit_to_change(visit_id, g.actor)
    db.session.add(rules.evaluate(visit, **json_data.model_dump(), by=g.actor, at=now()))
    return state_of(visit)
