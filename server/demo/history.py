"""Two years of visits, each made by the same rules that the routes call, at the time it would have happened."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from server.account.models import Agency, Inspector
from server.clock import SHANGHAI, day_of, start_of
from server.enterprise.models import Enterprise
from server.evaluation.rules import evaluate
from server.judging.plan import Claim, Plan
from server.judging.verdicts import lift
from server.ledger.rules import SYSTEM
from server.policy.pack import Pack
from server.record.models import Answer, Disposition, Finding, Record
from server.record.rules import AnswerGiven, Draft, seal, turn_away
from server.refusal import Refusal
from server.registration.rules import cancel, decide, register
from server.scan.models import CodeKind, Scan, ScanMethod
from server.scan.presence import Proof, grade, where_of
from server.scan.rules import admit, judge
from server.visit.models import Visit, VisitInspector
from server.visit.rules import move, note
from server.visit.stages import Basis, Purpose, Stage

from . import city
from .people import make_id
from .stage import City, Rows

BASES = {
    Basis.PLAN: 40,
    Basis.RANDOM_DRAW: 20,
    Basis.COMPLAINT: 10,
    Basis.TIP: 3,
    Basis.ORDERED: 8,
    Basis.FOLLOW_UP: 7,
    Basis.EMERGENCY: 2,
    Basis.REQUEST: 2,
    Basis.SERVICE: 8,
}
REASONS = {
    Basis.PLAN: "年度检查计划，已与企业沟通时间",
    Basis.RANDOM_DRAW: "双随机抽查任务",
    Basis.COMPLAINT: "群众反映，需当日核实",
    Basis.TIP: "收到线索，需当日核实",
    Basis.ORDERED: "上级部署的专项检查",
    Basis.FOLLOW_UP: "整改到期复查",
    Basis.EMERGENCY: "突发情况，需立即到场",
    Basis.REQUEST: "企业申请现场核查",
    Basis.SERVICE: "政策上门服务",
}
TRIES = 6
HOUR = timedelta(hours=1)
OPENS, CLOSES = 8, 18
GROUND = "《行政处罚法》第五十五条"


def visits(people: City, *, count: int, seed: int, at: datetime, policy: Pack) -> Iterator[Rows]:
    """The rows of `count` visits, one visit at a time, oldest first; the last ones are still under way."""
    rng = random.Random(seed)
    # Few firms are visited often, most now and then: that is what supervisors look for.
    weights = [1 / (place + 3) ** 0.6 for place in range(len(people.firms))]
    days = sorted(rng.randint(-14, 730) for _ in range(count))
    for day in reversed(days):
        firm = rng.choices(people.firms, weights)[0]
        arrival = start_of(day_of(at) - timedelta(days=day)) + timedelta(minutes=rng.randint(8 * 60 + 30, 17 * 60))
        for _ in range(TRIES):
            body = rng.choice([each for each in people.bodies if each.region_code in (city.CITY, firm.region_code)])
            rows = _story(people, rng, firm=firm, body=body, arrival=arrival, at=at, policy=policy)
            if rows:
                people.remember(rows)
                yield rows
                break
            firm = rng.choices(people.firms, weights)[0]


def _story(
    people: City, rng: random.Random, *, firm: Enterprise, body: Agency, arrival: datetime, at: datetime, policy: Pack
) -> Rows:
    """One visit as far as it has come by now."""
    basis = rng.choices(list(BASES), list(BASES.values()))[0]
    visit = _registered(people, rng, firm=firm, body=body, basis=basis, arrival=arrival, at=at, policy=policy)
    if visit is None:
        return []
    rows: Rows = [visit]
    chance = rng.random()
    decided_at = _at_work(visit.registered_at + HOUR * rng.uniform(0.5, 20), forward=True)
    if not visit.is_amber:
        decided_at = max(visit.registered_at, min(decided_at, arrival - HOUR / 4))
    # An urgent visit may wait for its approval, but no head forgets it for ever.
    if not visit.is_amber or chance > 0.1 or at - arrival > timedelta(days=10):
        if decided_at > at or (arrival > at and chance > 0.7):
            return rows
        if chance < 0.03 and visit.stage is Stage.REGISTERED:
            decide(visit, "reject", reason="近期已有同类检查，建议合并", by=people.actor(body.id), at=decided_at)
            return rows
        decide(visit, "approve", reason="", by=people.actor(body.id), at=decided_at)
    if chance > 0.97:
        cancel(
            visit, reason="企业停产检修，改期", by=people.actor(visit.inspectors[0].inspector_id), at=decided_at + HOUR
        )
        return rows
    if arrival > at:
        return rows
    if chance > 0.945:
        if visit.window_to_at + timedelta(days=policy.scan.offline_days) < at:
            move(visit, Stage.EXPIRED, by=SYSTEM, at=visit.window_to_at + timedelta(days=policy.scan.offline_days))
        return rows
    if not visit.is_off_site:
        rows += scanned(people, rng, visit, arrival=arrival, policy=policy)
    if visit.stage is Stage.ON_SITE and rng.random() < 0.01:
        turn_away(
            visit,
            ground=GROUND,
            reason="一名执法人员未出示执法证",
            by=people.actor(visit.inspectors[0].inspector_id),
            at=arrival + timedelta(minutes=10),
        )
    sealed_at = max(_at_work(arrival + timedelta(minutes=rng.randint(40, 60 * 30))), arrival + HOUR)
    if sealed_at > at or (rng.random() < 0.04 and at - arrival < timedelta(days=12)):
        return rows
    rows.append(sealed(people, rng, visit, at=sealed_at, policy=policy))
    rows += _rated(people, rng, visit, at=at)
    return rows


def _registered(
    people: City,
    rng: random.Random,
    *,
    firm: Enterprise,
    body: Agency,
    basis: Basis,
    arrival: datetime,
    at: datetime,
    policy: Pack,
) -> Visit | None:
    ahead = timedelta(minutes=20) if basis is Basis.EMERGENCY else timedelta(days=rng.uniform(0.5, 9))
    registered_at = _at_work(min(arrival - ahead, at - timedelta(minutes=30)))
    opens = half_hour(arrival)
    last = day_of(arrival + timedelta(hours=4))
    able = [each for each in people.staff[body.id] if each.is_certified(day_of(arrival)) and each.is_certified(last)]
    if len(able) < 2:
        return None
    service = basis is Basis.SERVICE
    partners = [each for each in people.bodies if each.region_code == body.region_code and each.id != body.id]
    joint = [rng.choice(partners)] if partners and not service and rng.random() < 0.06 else []
    chosen = [] if service else rng.sample(people.matters[body.department], rng.choice((1, 1, 1, 2)))
    remote = bool(chosen) and all(matter.can_be_off_site for matter in chosen) and rng.random() < 0.7
    plan = Plan(
        id=make_id(rng, registered_at),
        enterprise=firm,
        agency=body,
        joint_agencies=joint if basis is Basis.PLAN else [],
        purpose=Purpose.SERVICE if service else Purpose.INSPECTION,
        basis=basis,
        matters=chosen,
        off_site_means=rng.choice(("materials", "video")) if remote else None,
        asked_for="请提交近三个月的台账和制度文件" if remote else "",
        inspectors=able[:2] if rng.random() < 0.8 else able[:3],
        helpers=[(rng.choice(city.SURNAMES) + "某", rng.choice(city.HELPER_ORGANISATIONS))]
        if rng.random() < 0.1
        else [],
        window_from_at=opens,
        window_to_at=opens + timedelta(hours=4),
        reason=REASONS[basis],
        facts=people.facts(firm, body, day_of(arrival)),
    )
    visit = _register_or_claim(people, rng, plan, policy=policy, at=registered_at)
    if visit is None:
        return None
    if plan.joint_agencies:
        decide(visit, "approve", reason="", by=people.actor(plan.joint_agencies[0].id), at=registered_at + HOUR / 4)
    return visit


def _register_or_claim(people: City, rng: random.Random, plan: Plan, *, policy: Pack, at: datetime) -> Visit | None:
    """Register; a blocked plan is given up, or goes ahead with an exception that the head grants."""
    by = people.actor(plan.inspectors[0].id)
    try:
        return register(plan, policy=policy, by=by, at=at)
    except Refusal as refusal:
        blocks = refusal.extras.get("verdicts", [])
        ways = [
            (block["clause"], each) for block in blocks for each in block["exceptions"] if each["approver"] == "head"
        ]
        if len({clause for clause, _ in ways}) < max(len(blocks), 1) or rng.random() > 0.4:
            return None
        claims = [Claim(clause, way["class"], "隐患照片3张，检测编号2026-117") for clause, way in dict(ways).items()]
        visit = register(replace(plan, claims=claims), policy=policy, by=by, at=at)
        for claim in claims:
            reason = "情况属实，同意按例外检查"
            lift(visit, claim.clause, lifted=True, reason=reason, by=people.actor(plan.agency.id), at=at + HOUR / 2)
        return visit


def scanned(people: City, rng: random.Random, visit: Visit, *, arrival: datetime, policy: Pack, only: int = 99) -> Rows:
    """Every inspector scans; now and then somebody holds the phone at the wrong plaque first."""
    rows: Rows = []
    for place, part in enumerate(visit.inspectors[:only]):
        moment = arrival + timedelta(minutes=2 * place)
        if rng.random() < 0.03:
            other = rng.choice(people.firms)
            rows.append(
                _scan(people, rng, visit, part, code_of=other, at=moment - timedelta(seconds=40), policy=policy)
            )
        rows.append(_scan(people, rng, visit, part, code_of=visit.enterprise, at=moment, policy=policy))
    return rows


def _scan(
    people: City,
    rng: random.Random,
    visit: Visit,
    part: VisitInspector,
    *,
    code_of: Enterprise,
    at: datetime,
    policy: Pack,
) -> Scan:
    inspector: Inspector = part.inspector
    by = people.actor(inspector.id)
    method = rng.choices([ScanMethod.CAMERA, ScanMethod.LINK, ScanMethod.PHOTO, ScanMethod.TYPED], [80, 10, 6, 4])[0]
    reason = judge(visit, scanned=code_of, fault=None, part=part, scanned_at=at, received_at=at, policy=policy)
    firm = visit.enterprise
    near = None
    if rng.random() < 0.9 and firm.latitude is not None and firm.longitude is not None:
        near = (firm.latitude + rng.gauss(0, 0.001), firm.longitude + rng.gauss(0, 0.001), rng.randint(5, 60))
    scan = Scan(
        id=make_id(rng, at),
        visit=visit,
        enterprise_id=visit.enterprise_id,
        inspector=inspector,
        account_id=by.account_id,
        serial=None if method is ScanMethod.TYPED else people.plaques[code_of.id].serial,
        method=method,
        scanned_at=at,
        received_at=at + timedelta(seconds=rng.randint(0, 3)),
        latitude=round(near[0], 3) if near else None,
        longitude=round(near[1], 3) if near else None,
        accuracy_m=near[2] if near else None,
        reason=reason.value if reason else None,
    )
    if reason is None:
        code = CodeKind.PLAQUE if scan.serial is not None else CodeKind.TYPED
        scan.code_kind = code.value
        scan.presence, scan.presence_because = grade(Proof(code, method, where_of(near, site=firm.site, policy=policy)))
        admit(visit, part, scan=scan, policy=policy, by=by)
    else:
        note(visit, "scan_refused", by=by.hand, at=at, after={"scan": str(scan.id), "reason": reason.value})
    return scan


def sealed(people: City, rng: random.Random, visit: Visit, *, at: datetime, policy: Pack) -> Record:
    """A sealed record of what was seen."""
    inspection = visit.purpose is Purpose.INSPECTION
    found = inspection and rng.random() < 0.35
    findings = [
        Finding(matter_id=rng.choice(visit.matters).id, text=text, first_offence=rng.random() < 0.4)
        for text in rng.sample(city.FINDINGS, rng.choice((1, 1, 2)) if found else 0)
    ]
    disposition = Disposition.NONE
    if findings:
        # 721: most is settled by service and guidance, at most a tenth by a case.
        disposition = rng.choices(
            [Disposition.GUIDANCE, Disposition.CORRECTION_ORDER, Disposition.CASE_OPENED], [68, 24, 8]
        )[0]
    draft = Draft(
        answers=[
            AnswerGiven(matter.id, item["key"], rng.choices(list(Answer), [86, 10, 4] if found else [96, 0, 4])[0])
            for matter in visit.matters
            for item in matter.checklist
        ],
        findings=findings,
        disposition=disposition,
        advice=rng.choice(city.ADVICE) if inspection else "走访了解用工和融资需求",
        heads=len(visit.inspectors) + len(visit.helpers),
        minutes=rng.randint(20, 150),
        evidence=[],
    )
    return seal(visit, draft, policy=policy, by=people.actor(visit.inspectors[0].inspector_id), at=at)


def _rated(people: City, rng: random.Random, visit: Visit, *, at: datetime) -> Rows:
    """About half of the visits are rated; silence is shown as silence."""
    assert visit.recorded_at is not None and visit.evaluation_due_at is not None
    rated_at = _at_work(visit.recorded_at + timedelta(hours=rng.expovariate(1 / 40)), forward=True)
    if rng.random() < 0.55 and rated_at < min(at, visit.evaluation_due_at):
        overall = rng.choices((5, 4, 3, 2, 1), (52, 30, 11, 5, 2))[0]
        return [
            evaluate(
                visit,
                overall=overall,
                conduct=min(5, max(1, overall + rng.choice((-1, 0, 0, 1)))),
                lawfulness=min(5, max(1, overall + rng.choice((0, 0, 1)))),
                beyond_list=rng.random() < 0.04,
                remark=rng.choice(city.REMARKS),
                by=people.actor(visit.enterprise_id),
                at=rated_at,
            )
        ]
    if visit.evaluation_due_at < at:
        move(visit, Stage.UNRATED, by=SYSTEM, at=visit.evaluation_due_at)
    return []


def _at_work(at: datetime, *, forward: bool = False) -> datetime:
    """The nearest moment before (or after) at which an office is open: nobody approves at two in the morning."""
    local = at.astimezone(SHANGHAI)
    late, early = local.hour >= CLOSES, local.hour < OPENS
    if not late and not early:
        return at
    day = local.date() + timedelta(days=(1 if late else 0) if forward else (-1 if early else 0))
    return start_of(day) + HOUR * (OPENS if forward else CLOSES - 1) + timedelta(minutes=local.minute)


def half_hour(at: datetime) -> datetime:
    """The full or half hour before, as people write the times of a visit."""
    return at - timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
