"""规则的监督: the pack in force, drafts replayed over the past, what was lifted, and the 70/20/10 shares."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g, stream_with_context
from pydantic import Field
from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from server.account.models import Agency, Role
from server.account.rules import region_prefix
from server.account.schemas import AgencyRef
from server.account.sign_in import allow
from server.clock import as_moment, day_of, now, start_of
from server.db import db
from server.enterprise.models import Enterprise
from server.paging import In, Moment, Out, PageQuery, page
from server.policy.checking import check_layers
from server.policy.clause import Clause, Outcome
from server.policy.current import policy
from server.policy.kinds import Shares
from server.policy.models import PackVersion
from server.policy.pack import PACKS, Pack, PackError, compose, read_layers
from server.record.models import Disposition, Record
from server.refusal import Reason, Refusal
from server.visit.models import Purpose, Visit, in_scope
from server.visit.verdicts import VisitVerdict

from .running import Replay, count, replay

bp = APIBlueprint("policy", __name__, tag="supervision")
LONGEST_TEXT = 200_000


class PolicyReason(Reason):
    """Why a draft pack is not replayed."""

    BAD_PACK = "bad_pack"


class ClauseOut(Out):
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
    id: str
    version: str
    title: str
    title_en: str
    about: str
    digest: str
    clauses: list[ClauseOut]


class VersionOut(Out):
    name: str
    digest: str
    applied_at: Moment
    because: str


class PolicyOut(Out):
    pack: PackOut
    shipped: list[str]
    history: list[VersionOut]


class ReplayIn(In):
    """A shipped pack by name, or the text of a draft, which may extend a shipped one."""

    pack: str | None = Field(None, max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")
    text: str | None = Field(None, max_length=LONGEST_TEXT)
    from_on: date
    to_on: date


class LiftOut(Out):
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
    items: list[LiftOut]
    next_cursor: str | None


class LiftsQuery(PageQuery):
    state: Literal["waiting", "lifted", "refused"] | None = None
    agency_id: UUID | None = None


class ShareRow(Out):
    agency: AgencyRef
    service: int
    guidance: int
    penalty: int
    outcome: Outcome
    sentence: str | None
    sentence_en: str | None


class SharesOut(Out):
    year: int
    items: list[ShareRow]


class SharesQuery(PageQuery):
    year: int | None = Field(None, ge=2020, le=2100)


@bp.get("/policy")
@allow()
@bp.output(PolicyOut)
def pack_in_force() -> dict[str, Any]:
    """The pack in force, clause by clause with its sources, and the packs before it."""
    history = db.session.scalars(select(PackVersion).order_by(PackVersion.applied_at.desc()).limit(50))
    return {
        "pack": _pack_out(policy()),
        "shipped": sorted(path.stem for path in PACKS.glob("*.toml")),
        "history": list(history),
    }


@bp.post("/policy/replays")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(ReplayIn)
@bp.doc(responses={200: "lines of JSON: {done, total} while it runs, {result} at the end, {error} when it breaks"})
def replays(json_data: ReplayIn) -> Response:
    """Judge past visits by a pack, telling how far it is; changes nothing."""
    pack = _draft(json_data)
    lines = _told(pack, json_data, prefix=region_prefix(g.actor.region_code or ""))
    response = Response(stream_with_context(lines), content_type="application/x-ndjson")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers lines would hide the progress
    return response


@bp.get("/lifts")
@allow(Role.SUPERVISOR, Role.HEAD)
@bp.input(LiftsQuery, location="query")
@bp.output(Lifts)
def lifts(query_data: LiftsQuery) -> dict[str, Any]:
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
    return {"items": [_lift_out(verdict, visit) for verdict, visit in rows], "next_cursor": cursor}


@bp.get("/shares")
@allow(Role.SUPERVISOR, Role.HEAD)
@bp.input(SharesQuery, location="query")
@bp.output(SharesOut)
def shares(query_data: SharesQuery) -> dict[str, Any]:
    """721: service visits, guidance and penalties of each agency's year, against the pack's shares."""
    year = query_data.year or day_of(now()).year
    penalty = Record.disposition.in_((Disposition.CASE_OPENED, Disposition.TRANSFERRED))
    guidance = Record.disposition.in_((Disposition.GUIDANCE, Disposition.CORRECTION_ORDER))
    service = Visit.purpose == Purpose.SERVICE
    statement = (
        select(
            Visit.agency_id,
            func.sum(case((service, 1), else_=0)).label("service"),
            func.sum(case((guidance & ~service, 1), else_=0)).label("guidance"),
            func.sum(case((penalty & ~service, 1), else_=0)).label("penalty"),
        )
        .join(Record, Record.visit_id == Visit.id)
        .where(
            in_scope(g.actor),
            Record.sealed_at >= start_of(date(year, 1, 1)),
            Record.sealed_at < start_of(date(year + 1, 1, 1)),
        )
        .group_by(Visit.agency_id)
    )
    counted = {row.agency_id: row for row in db.session.execute(statement)}
    agencies = db.session.scalars(select(Agency).where(Agency.id.in_(counted)).order_by(Agency.name))
    clause = next(policy().of_kind(Shares), None)
    return {"year": year, "items": [_share_row(agency, counted[agency.id], clause) for agency in agencies]}


# --- helpers, in calling order -----------------------------------------------------------------


def _pack_out(pack: Pack) -> dict[str, Any]:
    common = {*Clause.model_fields}
    return {
        "id": pack.id,
        "version": pack.version,
        "title": pack.title,
        "title_en": pack.title_en or pack.title,
        "about": pack.about,
        "digest": pack.digest,
        "clauses": [
            {
                "id": clause.id,
                "kind": clause.kind,
                "title": clause.title,
                "title_en": clause.title_en or clause.title,
                "action": clause.action.value,
                "source": clause.source.cited,
                "status": clause.source.status.value,
                "valid_from": clause.valid_from,
                "valid_to": clause.valid_to,
                "scope": clause.scope.model_dump(mode="json", exclude_defaults=True),
                "numbers": clause.model_dump(mode="json", exclude=common, exclude_none=True, exclude_defaults=True),
                "exceptions": [
                    {"class": each.id, "title": each.title, "evidence": each.evidence, "approver": each.approver}
                    for each in clause.exception
                ],
            }
            for clause in pack.clause
        ],
    }


def _draft(asked: ReplayIn) -> Pack:
    """The pack to replay; what is wrong with it is said fault by fault."""
    try:
        if asked.text is not None:
            layers = read_layers("draft", text=asked.text)
            faults = check_layers(layers).faults
            if faults:
                raise PackError(faults)
            return compose(layers)
        return compose(read_layers(asked.pack)) if asked.pack else policy()
    except PackError as error:
        raise Refusal(PolicyReason.BAD_PACK, 422, faults=[str(fault) for fault in error.faults]) from None


def _told(pack: Pack, asked: ReplayIn, *, prefix: str) -> Iterator[str]:
    """The lines of a replay; the request's context, and with it the session, lives as long as they flow."""
    connection = db.session.connection()
    first, last = asked.from_on, asked.to_on
    total = count(connection, first=first, last=last, region=prefix)
    yield json.dumps({"done": 0, "total": total}) + "\n"
    result = Replay()
    try:
        for result in replay(pack, connection, first=first, last=last, region=prefix):
            yield json.dumps({"done": min(result.judged, total), "total": total}) + "\n"
    except Exception:
        current_app.logger.exception("replay_broke")
        yield json.dumps({"error": "internal_error"}) + "\n"
        return
    yield json.dumps({"result": _result(pack, result, asked, prefix=prefix)}, ensure_ascii=False) + "\n"


def _result(pack: Pack, result: Replay, asked: ReplayIn, *, prefix: str) -> dict[str, Any]:
    """Counts by clause and agency, beside what was said at the time."""
    names = {agency.id.hex: agency.name for agency in db.session.scalars(select(Agency))}
    then = _said_then(asked, prefix=prefix)
    rows = [
        {
            "clause": clause,
            "title": found.title if (found := pack.find(clause)) else clause,
            "title_en": (found.title_en or found.title) if found else clause,
            "agency": names.get(agency.replace("-", ""), ""),
            "blocked": counts["block"],
            "warned": counts["warn"],
        }
        for (clause, agency), counts in sorted(result.by_clause.items(), key=lambda each: -sum(each[1].values()))
    ]
    return {
        "pack": pack.name,
        "from_on": asked.from_on.isoformat(),
        "to_on": asked.to_on.isoformat(),
        "judged": result.judged,
        "blocked": result.blocked,
        "warned": result.warned,
        "rows": rows,
        "then": then,
        "samples": result.samples,
        "replayed_at": as_moment(now()),
    }


def _said_then(asked: ReplayIn, *, prefix: str) -> dict[str, dict[str, int]]:
    """What clauses said of the same visits when they were registered: clause → outcome → count."""
    statement = (
        select(VisitVerdict.clause_id, VisitVerdict.outcome, func.count())
        .join(Visit, Visit.id == VisitVerdict.visit_id)
        .where(
            Visit.registered_at >= start_of(asked.from_on),
            Visit.registered_at < start_of(date.fromordinal(asked.to_on.toordinal() + 1)),
            Visit.region_code.startswith(prefix, autoescape=True),
            VisitVerdict.outcome.in_((Outcome.WARN, Outcome.BLOCK)),
        )
        .group_by(VisitVerdict.clause_id, VisitVerdict.outcome)
    )
    said: dict[str, dict[str, int]] = {}
    for clause, outcome, number in db.session.execute(statement):
        said.setdefault(clause, {})[outcome.value] = number
    return said


def _lift_out(verdict: VisitVerdict, visit: Visit) -> dict[str, Any]:
    return {
        "visit_id": visit.id,
        "enterprise": visit.enterprise.name,
        "agency": visit.agency.name,
        "clause": verdict.clause_id,
        "sentence": verdict.sentence,
        "sentence_en": verdict.sentence_en,
        "claim_class": verdict.claim_class,
        "claim_evidence": verdict.claim_evidence,
        "approver": verdict.approver,
        "lifted": verdict.lifted,
        "decided_by": verdict.decider.name if verdict.decider else None,
        "decided_at": verdict.decided_at,
        "decision_reason": verdict.decision_reason,
        "judged_at": verdict.judged_at,
    }


def _share_row(agency: Agency, counted: Any, clause: Shares | None) -> dict[str, Any]:
    numbers = {name: int(getattr(counted, name) or 0) for name in ("service", "guidance", "penalty")}
    hit = clause.check_shares(**numbers) if clause is not None else None
    said = clause is not None and hit is not None
    return {
        "agency": agency,
        **numbers,
        "outcome": Outcome(clause.action) if clause is not None and hit is not None else Outcome.PASS,
        "sentence": clause.sentence(hit.numbers) if said and clause and hit else None,
        "sentence_en": clause.sentence(hit.numbers, english=True) if said and clause and hit else None,
    }
