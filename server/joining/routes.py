"""合并提议: propose to join a planned visit, and answer."""

from collections.abc import Sequence
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.account.models import Agency, Inspector, Role
from server.account.rules import Actor
from server.account.schemas import AgencyRef
from server.account.sign_in import allow
from server.catalogue.models import Matter
from server.change import changing
from server.clock import now
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.incoming import Prose
from server.paging import In, Moment, Out, PageQuery, page
from server.policy.current import policy
from server.references import found
from server.refusal import not_found
from server.visit.counting import settle
from server.visit.models import AGENCIES, INSPECTORS, MATTERS, Visit

from . import rules as joining
from .models import JoinProposal

bp = APIBlueprint("joining", __name__, tag="visit")


class ProposalIn(In):
    """Which matters and people would join."""

    matter_ids: list[UUID] = Field(min_length=1, max_length=50)
    inspector_ids: list[UUID] = Field(min_length=1, max_length=50)
    note: Prose = Field("", max_length=500)


class ProposalAnswerIn(In):
    """Yes or no; a no has its reason."""

    accepted: bool
    reason: Prose = Field("", max_length=500)


class ProposalOut(Out):
    """A proposal to join a visit, and what was answered."""

    id: UUID
    visit_id: UUID
    enterprise: str
    window_from_at: Moment
    lead: str
    agency: AgencyRef
    matters: list[str]
    inspectors: list[str]
    note: str
    proposed_at: Moment
    accepted: bool | None
    decided_at: Moment | None
    decision_reason: str
    mine_to_decide: bool


class Proposals(Out):
    """One page of proposals."""

    items: list[ProposalOut]
    next_cursor: str | None


@bp.post("/visits/<uuid:visit_id>/proposals")
@allow(Role.HEAD, Role.INSPECTOR)
@bp.input(ProposalIn)
@changing
@bp.output(ProposalOut, 201)
def propose(visit_id: UUID, json_data: ProposalIn) -> ProposalOut:
    """Propose that my agency joins another's planned visit.

    The visit lies outside my scope until the other unit accepts: what a preview told is all that is told.
    """
    at = now()
    visit = db.session.scalar(select(Visit).where(Visit.id == visit_id).options(AGENCIES))
    if visit is None:
        raise not_found()
    agency = found(Agency, [g.actor.agency_id], "agency_id")[0]
    matters = found(Matter, json_data.matter_ids, "matter_ids")
    inspectors = found(Inspector, json_data.inspector_ids, "inspector_ids")
    joining.refuse_proposal(
        visit, agency, matters=matters, inspectors=inspectors, by_head=g.actor.role is Role.HEAD, at=at
    )
    made = JoinProposal(
        id=new_id(), visit_id=visit.id, agency_id=agency.id, agency=agency, by_head=g.actor.role is Role.HEAD,
        matter_ids=[str(each.id) for each in matters],
        inspector_ids=[str(each.id) for each in inspectors], note=json_data.note, proposed_at=at,
        proposed_by=g.actor.account_id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return _out(made, visit, by=g.actor)


@bp.get("/proposals")
@allow(Role.HEAD, Role.INSPECTOR)
@bp.input(PageQuery, location="query")
@bp.output(Proposals)
def proposals(query_data: PageQuery) -> Proposals:
    """What my agency has proposed, and what was proposed to it, newest first."""
    statement = (
        select(JoinProposal, Visit)
        .join(Visit, Visit.id == JoinProposal.visit_id)
        .where((JoinProposal.agency_id == g.actor.agency_id) | (Visit.agency_id == g.actor.agency_id))
        .options(joinedload(JoinProposal.agency))
    )
    rows, cursor = page(statement, [JoinProposal.proposed_at, JoinProposal.id], query_data, descending=True)
    return Proposals(items=_outs(rows, by=g.actor), next_cursor=cursor)


@bp.post("/proposals/<uuid:proposal_id>/answer")
@allow(Role.HEAD, Role.INSPECTOR)
@bp.input(ProposalAnswerIn)
@changing
@bp.output(ProposalOut, 201)
def answer(proposal_id: UUID, json_data: ProposalAnswerIn) -> ProposalOut:
    """Accept or decline; accepted, both go together and the visit counts once."""
    at = now()
    proposal = db.session.get(JoinProposal, proposal_id)
    if proposal is None:
        raise not_found()
    # The visit's row first, like every other change of it.
    statement = select(Visit).where(Visit.id == proposal.visit_id).options(AGENCIES, MATTERS, INSPECTORS)
    visit = db.session.scalars(locked(statement, of=Visit).execution_options(populate_existing=True)).one()
    db.session.refresh(proposal)
    joining.decide(proposal, visit, accepted=json_data.accepted, reason=json_data.reason, by=g.actor, at=at)
    if json_data.accepted:
        matters, inspectors = _named(proposal)
        joining.refuse_proposal(
            visit, proposal.agency, matters=matters, inspectors=inspectors, by_head=proposal.by_head, at=at
        )
        joining.join(visit, proposal, matters=matters, inspectors=inspectors, by=g.actor, at=at)
        db.session.flush()
        settle(visit, policy=policy())
    return _out(proposal, visit, by=g.actor)


def _named(proposal: JoinProposal) -> tuple[list[Matter], list[Inspector]]:
    matters = found(Matter, [UUID(each) for each in proposal.matter_ids], "matter_ids")
    return matters, found(Inspector, [UUID(each) for each in proposal.inspector_ids], "inspector_ids")


def _out(proposal: JoinProposal, visit: Visit, *, by: Actor) -> ProposalOut:
    return _outs([(proposal, visit)], by=by)[0]


def _outs(rows: Sequence[tuple[JoinProposal, Visit]], *, by: Actor) -> list[ProposalOut]:
    """Proposals with the names they need, in three statements however many there are."""
    matters = _names(Matter, {each for proposal, _ in rows for each in proposal.matter_ids})
    inspectors = _names(Inspector, {each for proposal, _ in rows for each in proposal.inspector_ids})
    planned = select(Visit.id, Enterprise.name.label("enterprise"), Agency.name.label("lead")).join_from(
        Visit, Enterprise, Enterprise.id == Visit.enterprise_id
    )
    planned = planned.join(Agency, Agency.id == Visit.agency_id).where(Visit.id.in_({visit.id for _, visit in rows}))
    named = {row.id: row for row in db.session.execute(planned)}
    return [
        ProposalOut(
            id=proposal.id,
            visit_id=visit.id,
            enterprise=named[visit.id].enterprise,
            window_from_at=visit.window_from_at,
            lead=named[visit.id].lead,
            agency=AgencyRef.model_validate(proposal.agency),
            matters=[matters[each] for each in proposal.matter_ids],
            inspectors=[inspectors[each] for each in proposal.inspector_ids],
            note=proposal.note,
            proposed_at=proposal.proposed_at,
            accepted=proposal.accepted,
            decided_at=proposal.decided_at,
            decision_reason=proposal.decision_reason,
            mine_to_decide=proposal.decided_at is None and visit.agency_id == by.agency_id,
        )
        for proposal, visit in rows
    ]


def _names(model: type[Matter] | type[Inspector], ids: set[str]) -> dict[str, str]:
    """Names by id as proposals keep them."""
    statement = select(model.id, model.name).where(model.id.in_(map(UUID, ids)))
    return {str(row.id): row.name for row in db.session.execute(statement)}
