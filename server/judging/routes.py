"""规则与豁免: the pack in force clause by clause, and every exception that was ever claimed against it."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.account.models import Agency, Role
from server.account.sign_in import allow
from server.db import db
from server.enterprise.models import Enterprise
from server.paging import Moment, Out, PageQuery, page
from server.policy.clause import Clause, Outcome
from server.policy.current import policy
from server.policy.models import PackVersion
from server.policy.pack import PACKS, Pack
from server.visit.models import Visit, in_scope
from server.visit.verdicts import VisitVerdict

bp = APIBlueprint("judging", __name__, tag="supervision")


class ClauseOut(Out):
    """One clause of the pack with its source, scope, numbers and exceptions."""

    id: str
    kind: str
    title: str
    title_en: str
    action: str
    source: str
    status: str
    valid_from: date | None
    valid_to: date | None
    scope: dict[str, Any]
    numbers: dict[str, Any]
    exceptions: list[dict[str, str]]


class PackOut(Out):
    """A pack, clause by clause."""

    id: str
    version: str
    title: str
    title_en: str
    about: str
    digest: str
    clauses: list[ClauseOut]


class VersionOut(Out):
    """A pack as it was put in force."""

    name: str
    digest: str
    applied_at: Moment
    because: str


class PolicyOut(Out):
    """The pack in force, those that are shipped, and those that held before."""

    pack: PackOut
    shipped: list[str]
    history: list[VersionOut]


class LiftOut(Out):
    """A block, the exception claimed against it, and what was decided."""

    visit_id: UUID
    enterprise: str
    agency: str
    clause: str
    sentence: str
    sentence_en: str
    claim_class: str | None
    claim_evidence: str | None
    approver: str | None
    lifted: bool | None
    decided_by: str | None
    decided_at: Moment | None
    decision_reason: str
    judged_at: Moment


class Lifts(Out):
    """One page of claims."""

    items: list[LiftOut]
    next_cursor: str | None


class LiftsQuery(PageQuery):
    """Which claims: waiting, lifted or refused; of one agency."""

    state: Literal["waiting", "lifted", "refused"] | None = None
    agency_id: UUID | None = None


@bp.get("/policy")
@allow()
@bp.output(PolicyOut)
def pack_in_force() -> PolicyOut:
    """The pack in force, clause by clause with its sources, and the packs before it."""
    history = db.session.scalars(select(PackVersion).order_by(PackVersion.applied_at.desc()).limit(50))
    return PolicyOut(
        pack=_pack_out(policy()),
        shipped=sorted(path.stem for path in PACKS.glob("*.toml")),
        history=VersionOut.all(history),
    )


@bp.get("/lifts")
@allow(Role.SUPERVISOR, Role.HEAD)
@bp.input(LiftsQuery, location="query")
@bp.output(Lifts)
def lifts(query_data: LiftsQuery) -> Lifts:
    """Every exception claimed against a block, decided or not, the newest first; nothing ever leaves this list."""
    statement = (
        select(VisitVerdict, Visit)
        .join(Visit, Visit.id == VisitVerdict.visit_id)
        .where(in_scope(g.actor), VisitVerdict.outcome == Outcome.BLOCK)
        .options(
            joinedload(VisitVerdict.decider),
            joinedload(Visit.enterprise, innerjoin=True).lazyload(Enterprise.region),
            joinedload(Visit.agency, innerjoin=True).lazyload(Agency.region),
        )
    )
    if query_data.state == "waiting":
        statement = statement.where(VisitVerdict.lifted.is_(None))
    elif query_data.state is not None:
        statement = statement.where(VisitVerdict.lifted.is_(query_data.state == "lifted"))
    if query_data.agency_id:
        statement = statement.where(Visit.agency_id == query_data.agency_id)
    rows, cursor = page(statement, [VisitVerdict.judged_at, VisitVerdict.id], query_data, descending=True)
    return Lifts(items=[_lift_out(verdict, visit) for verdict, visit in rows], next_cursor=cursor)


def _pack_out(pack: Pack) -> PackOut:
    common = {*Clause.model_fields}
    return PackOut(
        id=pack.id,
        version=pack.version,
        title=pack.title,
        title_en=pack.title_en or pack.title,
        about=pack.about,
        digest=pack.digest,
        clauses=[
            ClauseOut(
                id=clause.id,
                kind=clause.kind,
                title=clause.title,
                title_en=clause.title_en or clause.title,
                action=clause.action.value,
                source=clause.source.cited,
                status=clause.source.status.value,
                valid_from=clause.valid_from,
                valid_to=clause.valid_to,
                scope=clause.scope.model_dump(mode="json", exclude_defaults=True),
                numbers=clause.model_dump(mode="json", exclude=common, exclude_none=True, exclude_defaults=True),
                exceptions=[
                    {"class": each.id, "title": each.title, "evidence": each.evidence, "approver": each.approver}
                    for each in clause.exception
                ],
            )
            for clause in pack.clause
        ],
    )


def _lift_out(verdict: VisitVerdict, visit: Visit) -> LiftOut:
    return LiftOut(
        visit_id=visit.id,
        enterprise=visit.enterprise.name,
        agency=visit.agency.name,
        clause=verdict.clause_id,
        sentence=verdict.sentence,
        sentence_en=verdict.sentence_en,
        claim_class=verdict.claim_class,
        claim_evidence=verdict.claim_evidence,
        approver=verdict.approver,
        lifted=verdict.lifted,
        decided_by=verdict.decider.name if verdict.decider else None,
        decided_at=verdict.decided_at,
        decision_reason=verdict.decision_reason,
        judged_at=verdict.judged_at,
    )
