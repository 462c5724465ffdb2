"""The cast, and visits brought to a stage by performing the workflow: no test starts from an impossible history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from qr import PlaqueKey
from server.account.models import Account, Agency, Inspector, Region, Role
from server.account.rules import Actor
from server.catalogue.models import Matter
from server.enterprise.models import Enterprise, EnterpriseKind
from server.evaluation.models import Evaluation
from server.evaluation.rules import evaluate
from server.ids import new_id
from server.judging.plan import Plan
from server.ledger.models import Event
from server.ledger.rules import SYSTEM
from server.plaque.models import Plaque
from server.policy.pack import Pack, load
from server.record.models import Answer, Disposition, Finding, Record
from server.record.rules import AnswerGiven, Draft, seal, turn_away
from server.refusal import Refusal
from server.registration.rules import cancel, decide, register
from server.scan.models import Presence, Scan, ScanMethod
from server.scan.rules import admit
from server.visit.models import Visit
from server.visit.rules import move
from server.visit.stages import Basis, Purpose, Stage

POLICY: Pack = load("chenzhou")
# A Tuesday morning in Shanghai.
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEY = PlaqueKey.from_bytes(0, bytes(range(32)))


@dataclass
class Cast:
    """Li Na and Wang Jun inspect markets, Zhao Min heads them; Chen Bo fights fires under Luo Gang.

    Sun Li supervises the city, Zhou Ping only Yizhang county. The Bakery is visited, the Foundry is next
    door; both stand in Beihu. Ma Lin administers.
    """

    province: Region = field(default_factory=lambda: Region(code="430000", name="湖南省"))
    city: Region = field(default_factory=lambda: Region(code="431000", name="郴州市", parent_code="430000"))
    beihu: Region = field(default_factory=lambda: Region(code="431002", name="北湖区", parent_code="431000"))
    yizhang: Region = field(default_factory=lambda: Region(code="431022", name="宜章县", parent_code="431000"))

    def __post_init__(self) -> None:
        self.market = Agency(
            id=new_id(),
            name="郴州市市场监督管理局",
            department="市场监督管理局",
            region_code="431000",
            region=self.city,
        )
        self.fire = Agency(
            id=new_id(), name="郴州市消防救援支队", department="消防救援支队", region_code="431000", region=self.city
        )
        self.li_na = self._inspector("李娜", "18100001", self.market)
        self.wang_jun = self._inspector("王军", "18100002", self.market)
        self.he_qiang = self._inspector("何强", "18100003", self.market, valid_to_on=date(2026, 3, 9))
        self.chen_bo = self._inspector("陈波", "18100004", self.fire)
        self.chen_tao = self._inspector("陈涛", "18100005", self.fire)
        self.bakery = self._enterprise("林邑糕点厂", "91431002YYYY000125", (25.78, 113.01))
        self.foundry = self._enterprise("苏仙铸造厂", "91431003YYYY00020E", (25.80, 113.04))
        self.bakery_plaque = Plaque(serial=1001, enterprise=self.bakery, key_id=0, issued_at=NOW - 30 * DAY)
        self.foundry_plaque = Plaque(serial=1002, enterprise=self.foundry, key_id=0, issued_at=NOW - 30 * DAY)
        self.food = Matter(
            id=new_id(),
            code="431001001",
            version=1,
            name="食品生产企业日常监督检查",
            department="市场监督管理局",
            legal_basis="《食品安全法》第一百一十条",
            method="现场检查",
            checklist=[{"key": "1", "text": "许可证有效"}, {"key": "2", "text": "进货查验记录"}],
            listed_at=NOW - 300 * DAY,
        )
        self.old_food = Matter(
            id=new_id(),
            code="431001002",
            version=1,
            name="已取消的事项",
            department="市场监督管理局",
            legal_basis="",
            method="现场检查",
            checklist=[],
            listed_at=NOW - 300 * DAY,
            withdrawn_at=NOW - DAY,
        )
        self.accounts = {
            "li_na": self._account("lina", Role.INSPECTOR, agency_id=self.market.id, inspector_id=self.li_na.id),
            "wang_jun": self._account(
                "wangjun", Role.INSPECTOR, agency_id=self.market.id, inspector_id=self.wang_jun.id
            ),
            "he_qiang": self._account(
                "heqiang", Role.INSPECTOR, agency_id=self.market.id, inspector_id=self.he_qiang.id
            ),
            "chen_bo": self._account("chenbo", Role.INSPECTOR, agency_id=self.fire.id, inspector_id=self.chen_bo.id),
            "zhao_min": self._account("zhaomin", Role.HEAD, agency_id=self.market.id),
            "luo_gang": self._account("luogang", Role.HEAD, agency_id=self.fire.id),
            "bakery": self._account("bakery", Role.ENTERPRISE, enterprise_id=self.bakery.id),
            "foundry": self._account("foundry", Role.ENTERPRISE, enterprise_id=self.foundry.id),
            "sun_li": self._account("sunli", Role.SUPERVISOR, region_code="431000"),
            "zhou_ping": self._account("zhouping", Role.SUPERVISOR, region_code="431022"),
            "ma_lin": self._account("malin", Role.ADMINISTRATOR, region_code="431000"),
        }

    @property
    def rows(self) -> list[Any]:
        """Everybody, in the order in which a database takes them."""
        return [
            self.province, self.city, self.beihu, self.yizhang, self.market, self.fire, self.li_na, self.wang_jun,
            self.he_qiang, self.chen_bo, self.chen_tao, self.bakery, self.foundry, self.bakery_plaque,
            self.foundry_plaque, self.food, self.old_food, *self.accounts.values(),
        ]  # fmt: skip

    def actor(self, who: str) -> Actor:
        """The person of this name, as a request would carry them."""
        account = self.accounts[who]
        return Actor(
            account_id=account.id,
            role=account.role,
            agency_id=account.agency_id,
            inspector_id=account.inspector_id,
            region_code=account.region_code,
            enterprise_id=account.enterprise_id,
        )

    def head_of(self, agency_id: UUID) -> Actor:
        """The head of an agency."""
        return next(self.actor(who) for who in ("zhao_min", "luo_gang") if self.accounts[who].agency_id == agency_id)

    def _inspector(
        self, name: str, number: str, agency: Agency, *, valid_to_on: date = date(2028, 12, 31)
    ) -> Inspector:
        return Inspector(
            id=new_id(), agency_id=agency.id, agency=agency, name=name, issuer="湖南省人民政府", certificate_no=number,
            valid_from_on=date(2023, 1, 1), valid_to_on=valid_to_on,
        )  # fmt: skip

    def _enterprise(self, name: str, uscc: str, position: tuple[float, float]) -> Enterprise:
        return Enterprise(
            id=new_id(), uscc=uscc, uscc_doubtful=False, name=name, kind=EnterpriseKind.COMPANY, region_code="431002",
            region=self.beihu, address="五岭大道1号", latitude=position[0], longitude=position[1],
        )  # fmt: skip

    def _account(self, username: str, role: Role, **scope: Any) -> Account:
        return Account(id=new_id(), username=username, name=username, role=role, failed_count=0, **scope)


def a_plan(cast: Cast, **changes: Any) -> Plan:
    """Li Na and Wang Jun plan to look at the bakery's food tomorrow at ten."""
    values: dict[str, Any] = {
        "id": new_id(),
        "enterprise": cast.bakery,
        "agency": cast.market,
        "joint_agencies": [],
        "purpose": Purpose.INSPECTION,
        "basis": Basis.PLAN,
        "matters": [cast.food],
        "inspectors": [cast.li_na, cast.wang_jun],
        "helpers": [],
        "window_from_at": NOW + DAY,
        "window_to_at": NOW + DAY + 4 * HOUR,
        "reason": "年度计划,已与企业约定",
    }
    return Plan(**{**values, **changes})


@dataclass
class Story:
    """A visit with the rows that its history left beside it."""

    visit: Visit
    scans: list[Scan] = field(default_factory=list)
    record: Record | None = None
    evaluation: Evaluation | None = None

    @property
    def rows(self) -> list[Any]:
        return [self.visit, *self.scans, *(each for each in (self.record, self.evaluation) if each is not None)]


def visit_at(stage: Stage, cast: Cast, *, at: datetime = NOW, **changes: Any) -> Story:
    """A visit brought to this stage by the rules, so that at `at` it has just arrived there.

    The door opens at `at`: whoever scans does so within the minutes before.
    """
    opens = at - 20 * MINUTE
    plan = a_plan(cast, **{"window_from_at": opens, "window_to_at": opens + 6 * HOUR, **changes})
    story = Story(register(plan, policy=POLICY, by=cast.actor("li_na"), at=opens - 10 * MINUTE))
    visit = story.visit
    if stage is Stage.REGISTERED:
        return story
    if stage is Stage.REJECTED:
        decide(visit, "reject", reason="已合并", by=cast.actor("zhao_min"), at=opens)
        return story
    if stage is Stage.CANCELLED:
        cancel(visit, reason="企业停产", by=cast.actor("zhao_min"), at=at)
        return story
    for agency in visit.agencies:
        decide(visit, "approve", reason="", by=cast.head_of(agency.agency_id), at=opens)
    if stage is Stage.EXPIRED:
        move(visit, Stage.EXPIRED, by=SYSTEM, at=at)
    if stage in (Stage.APPROVED, Stage.EXPIRED):
        return story
    only = 1 if stage is Stage.TURNED_AWAY else 2
    story.scans = [let_in(story.visit, cast, place=place, at=at - 10 * MINUTE) for place in range(only)]
    if stage is Stage.TURNED_AWAY:
        turn_away(visit, ground="行政处罚法第五十五条", reason="未出示执法证", by=cast.actor("li_na"), at=at)
    if stage in (Stage.ON_SITE, Stage.TURNED_AWAY):
        return story
    story.record = seal(visit, a_draft(visit), policy=POLICY, by=cast.actor("li_na"), at=at - 5 * MINUTE)
    if stage is Stage.UNRATED:
        move(visit, Stage.UNRATED, by=SYSTEM, at=at)
    if stage in (Stage.RECORDED, Stage.UNRATED):
        return story
    assert stage is Stage.EVALUATED, f"no story for {stage}"
    story.evaluation = evaluate(
        visit, overall=4, conduct=5, lawfulness=4, beyond_list=False, remark="", by=cast.actor("bakery"), at=at
    )
    return story


def let_in(visit: Visit, cast: Cast, *, place: int, at: datetime = NOW) -> Scan:
    """The accepted scan of the visit's inspector at this place."""
    by = cast.actor(("li_na", "wang_jun")[place])
    part = next(part for part in visit.inspectors if part.inspector_id == by.inspector_id)
    scan = a_scan(visit, inspector=part.inspector, account_id=by.account_id, at=at)
    admit(visit, part, scan=scan, policy=POLICY, by=by)
    return scan


def a_scan(
    visit: Visit, *, inspector: Inspector, account_id: UUID, at: datetime = NOW, reason: str | None = None
) -> Scan:
    """An attempt with the camera, heard at once."""
    return Scan(
        id=new_id(), visit=visit, enterprise_id=visit.enterprise_id, inspector=inspector, inspector_id=inspector.id,
        account_id=account_id, serial=1001, method=ScanMethod.CAMERA, scanned_at=at, received_at=at, reason=reason,
        presence=None if reason else Presence.FAIR,
    )  # fmt: skip


def a_draft(visit: Visit, **changes: Any) -> Draft:
    """A clean record: every item in order, nothing found."""
    values: dict[str, Any] = {
        "answers": [
            AnswerGiven(matter.id, item["key"], Answer.YES) for matter in visit.matters for item in matter.checklist
        ],
        "findings": [],
        "disposition": Disposition.NONE,
        "advice": "",
        "heads": 2,
        "minutes": 40,
        "evidence": [],
    }
    return Draft(**{**values, **changes})


def a_finding(**values: Any) -> Finding:
    """One defect."""
    return Finding(**{"text": "台账缺两页", "first_offence": False, **values})


def refused(act: Callable[[], object]) -> tuple[str, int, dict[str, Any]]:
    """The whole of a refusal: why, with which status, and what else is told."""
    try:
        act()
    except Refusal as refusal:
        return refusal.reason.value, refusal.status, refusal.extras
    raise AssertionError("nothing was refused")


def events_of(visit: Visit) -> list[Event]:
    """The events that a visit in memory has gathered, oldest first."""
    return list(inspect(visit).attrs.events.history.added)


def verbs_of(visit: Visit) -> Sequence[str]:
    """What happened, in order."""
    return [event.verb for event in events_of(visit)]
