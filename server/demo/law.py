"""What the rules stand on in the invented city: tiers, yearly plans, quiet days, first offences, draws."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from server.account.models import Agency, Inspector
from server.catalogue.models import Delegation, FirstOffence, Matter
from server.clock import day_of
from server.enterprise.models import Enterprise
from server.planning.draw import as_result, commitment_of, draw
from server.planning.models import Draw, DrawAssignment, PlanItem, PlanStage, YearPlan
from server.policy.pack import Pack
from server.standing.models import QuietChoice, Risk, Tier

from .people import make_id

# Invented after the kind of list that provinces publish: field, act, condition.
FIRST_OFFENCES = [
    ("市场监管", "未按规定明码标价", "首次、数额较小且及时改正"),
    ("市场监管", "未按规定公示营业执照", "首次且在责令期限内改正"),
    ("市场监管", "食品经营者未按规定查验供货者许可证", "首次、未造成危害后果且及时改正"),
    ("市场监管", "计量器具超过检定周期使用", "首次、未造成计量纠纷且及时送检"),
    ("应急管理", "未如实记录安全生产教育培训情况", "首次且及时补录"),
    ("应急管理", "安全警示标志污损未及时更换", "首次且当场改正"),
    ("生态环境", "未按规定制定危险废物管理计划", "首次、未造成污染且及时改正"),
    ("生态环境", "排污许可执行报告逾期提交", "首次且逾期不超过十五日"),
    ("消防", "消防设施器材标识不清", "首次且当场改正"),
    ("卫生健康", "公共场所用品用具未按规定清洗记录", "首次且及时补正"),
    ("城市管理", "店外经营占用公共通道", "首次且当场改正"),
    ("文化旅游", "未在显著位置悬挂许可证", "首次且当场改正"),
    ("人力资源", "未按规定建立职工名册", "首次且在责令期限内改正"),
    ("交通运输", "道路运输车辆未随车携带证件", "首次且能当场核实"),
    ("自然资源", "测绘资质信息变更未及时备案", "首次且及时备案"),
]
RISKS = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]


def rows(
    rng: random.Random,
    *,
    bodies: list[Agency],
    staff: list[Inspector],
    firms: list[Enterprise],
    matters: list[Matter],
    policy: Pack,
    began: datetime,
    at: datetime,
) -> Iterator[list[Any]]:
    """Groups of rows in an order that a database takes; `at` is today."""
    tiered = tiers(rng, firms, policy=policy, began=began, at=at)
    yield tiered
    yield list(_plans(rng, bodies, matters, began=began, at=at))
    yield [
        FirstOffence(
            id=make_id(rng, began), code=f"SWBF{number:03d}", field=field, name=name, conditions=conditions,
            legal_basis="《行政处罚法》第三十三条", listed_at=began,
        )
        for number, (field, name, conditions) in enumerate(FIRST_OFFENCES, start=1)
    ]  # fmt: skip
    yield list(_quiet_days(rng, firms, at=at))
    yield _delegations(rng, bodies, matters, began=began)
    newest = {row.enterprise_id: row.tier for row in tiered}
    yield list(_draws(rng, bodies[0], staff, firms, tiers=newest, policy=policy, at=at))


def tiers(rng: random.Random, firms: list[Enterprise], *, policy: Pack, began: datetime, at: datetime) -> list[Tier]:
    """Every firm's tier from the beginning, and for some a new one this year."""
    made = []
    for place, firm in enumerate(firms):
        days = [day_of(began)] + ([date(day_of(at).year, 1, 15)] if place % 7 == 0 else [])
        for since_on in days:
            risk, credit = rng.choices(RISKS, [55, 35, 10])[0], rng.choices("ABCD", [35, 40, 18, 7])[0]
            made.append(
                Tier(
                    id=make_id(rng, began), enterprise_id=firm.id, department="", risk=risk, credit=credit,
                    tier=policy.tier_of(risk.value, credit), since_on=since_on, set_at=began,
                    because="年度风险与信用评定",
                )
            )  # fmt: skip
    return made


def _plans(
    rng: random.Random, bodies: list[Agency], matters: list[Matter], *, began: datetime, at: datetime
) -> Iterator[YearPlan]:
    """A published plan of each body for each year; the next year's is a draft with some."""
    by_department = {key: list(each) for key, each in groupby(matters, key=lambda matter: matter.department)}
    for body in bodies:
        for year in range(began.year, day_of(at).year + 2):
            published = datetime(year, 3, 15, 2, tzinfo=at.tzinfo)
            is_public = published <= at
            if year > day_of(at).year and rng.random() < 0.5:
                continue
            yield YearPlan(
                id=make_id(rng, min(published, at)),
                agency=body,
                agency_id=body.id,
                year=year,
                stage=PlanStage.PUBLISHED if is_public else PlanStage.DRAFT,
                made_at=min(published - timedelta(days=30), at),
                published_at=published if is_public else None,
                items=[
                    PlanItem(
                        id=make_id(rng, began), matter_code=matter.code, times=rng.choice((12, 20, 30)), month=None
                    )
                    for matter in by_department[body.department]
                ],
            )


def _quiet_days(rng: random.Random, firms: list[Enterprise], *, at: datetime) -> Iterator[QuietChoice]:
    """The bakery and every tenth firm have chosen two days in the weeks to come."""
    for firm in firms[::10]:
        ahead = [9, 10] if firm is firms[0] else rng.sample(range(8, 40), 2)
        for days in ahead:
            yield QuietChoice(enterprise_id=firm.id, on=day_of(at) + timedelta(days=days), chosen_at=at)


def _delegations(
    rng: random.Random, bodies: list[Agency], matters: list[Matter], *, began: datetime
) -> list[Delegation]:
    """The county's city-management body may look at oil fumes for the environment office."""
    body = next(each for each in bodies if each.department == "城市管理和综合执法局" and each.level == "county")
    matter = next(each for each in matters if each.department == "生态环境局")
    return [
        Delegation(
            id=make_id(rng, began), agency_id=body.id, matter_code=matter.code, source="郴政办发〔2025〕8号",
            valid_from_on=day_of(began),
        )
    ]  # fmt: skip


def _draws(
    rng: random.Random,
    body: Agency,
    staff: list[Inspector],
    firms: list[Enterprise],
    *,
    tiers: dict[UUID, str],
    policy: Pack,
    at: datetime,
) -> Iterator[Draw]:
    """One draw that was made last month, and one that has been committed to and waits."""
    today = day_of(at)
    weights = policy.draw.weights
    people = [each for each in staff if each.agency_id == body.id and each.is_certified(today)]
    for title, days, done in (("秋季双随机抽查", 30, True), ("年末双随机抽查", 1, False)):
        committed_at = at - timedelta(days=days)
        pools = {
            "enterprises": [
                {
                    "id": str(firm.id),
                    "name": firm.name,
                    "uscc": firm.uscc,
                    "tier": tiers[firm.id],
                    "weight": weights.get(tiers[firm.id], 1),
                    "avoid": [],
                }
                for firm in firms[1:61]
            ],
            "inspectors": [
                {"id": str(each.id), "name": each.name, "certificate_no": each.certificate_no} for each in people
            ],
            "take": 8,
            "team": 2,
            "weights": weights,
        }
        seed = f"{rng.getrandbits(256):064x}"
        made = Draw(
            id=make_id(rng, committed_at), agency_id=body.id, title=title, seed=seed, pools=pools,
            commitment=commitment_of(seed, pools), committed_at=committed_at,
        )  # fmt: skip
        if done:
            drawn = draw(seed, pools)
            ids = {str(firm.id): firm.id for firm in firms} | {str(each.id): each.id for each in people}
            made.drawn_at, made.result = committed_at + timedelta(hours=2), {"drawn": as_result(drawn)}
            made.assignments = [
                DrawAssignment(
                    enterprise_id=ids[each.enterprise], inspector_id=ids[person], agency_id=body.id,
                    valid_to_on=day_of(made.drawn_at) + timedelta(days=policy.draw.assignment_days),
                )
                for each in drawn
                for person in each.inspectors
            ]  # fmt: skip
        yield made
