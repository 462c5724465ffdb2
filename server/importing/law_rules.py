"""What a row must hold to become a tier, a first offence, a delegation or an item of a yearly plan."""

import re
from collections.abc import Mapping

from server.enterprise.uscc import read_uscc
from server.standing.models import Risk

from .models import ImportKind
from .rules import HEADERS, OPTIONAL, READERS, Known, RowFault, needed, read_day

HEADERS |= {
    ImportKind.TIERS: {
        "uscc": ("统一社会信用代码", "社会信用代码", "信用代码"),
        "department": ("监管部门", "部门", "实施部门"),
        "risk": ("风险等级", "风险"),
        "credit": ("信用等级", "信用"),
        "tier": ("分级", "监管等级", "等级"),
        "since_on": ("生效日期", "起始日期"),
        "because": ("依据", "说明", "评定依据"),
    },
    ImportKind.FIRST_OFFENCES: {
        "code": ("编码", "事项编码", "序号"),
        "field": ("领域", "执法领域"),
        "name": ("违法行为", "事项名称", "首违不罚事项"),
        "conditions": ("适用条件", "适用情形", "条件"),
        "legal_basis": ("法律依据", "依据", "处罚依据"),
    },
    ImportKind.DELEGATIONS: {
        "agency": ("承接单位", "被赋权单位", "执法单位"),
        "matter_code": ("事项编码", "检查事项编码"),
        "source": ("赋权文号", "赋权依据", "依据"),
        "valid_from_on": ("生效日期", "有效期起"),
        "valid_to_on": ("失效日期", "有效期止"),
    },
    ImportKind.PLAN_ITEMS: {
        "agency": ("执法单位", "检查单位", "实施单位"),
        "year": ("年度", "计划年度"),
        "matter_code": ("事项编码", "检查事项编码"),
        "uscc": ("统一社会信用代码", "检查对象信用代码"),
        "times": ("检查次数", "次数", "数量"),
        "month": ("计划月份", "月份"),
        "joint_with": ("联合部门", "联合检查部门"),
    },
}
OPTIONAL |= {
    ImportKind.TIERS: frozenset({"department", "tier", "because"}),
    ImportKind.FIRST_OFFENCES: frozenset({"conditions", "legal_basis"}),
    ImportKind.DELEGATIONS: frozenset({"valid_to_on"}),
    ImportKind.PLAN_ITEMS: frozenset({"uscc", "times", "month", "joint_with"}),
}
RISKS = {"低": Risk.LOW, "中": Risk.MEDIUM, "高": Risk.HIGH, "一般": Risk.MEDIUM}


def read_tier(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """A tier's columns; raises RowFault. An empty letter is left to the pack's matrix."""
    risk_text = needed(cells, "risk", "风险等级")
    risk = RISKS.get(re.sub(r"(风险|等级|级)", "", risk_text))
    if risk is None:
        raise RowFault(f"风险等级“{risk_text}”应为低、中、高")
    credit = _letter(needed(cells, "credit", "信用等级"), "信用等级")
    tier = cells.get("tier", "")
    return {
        "enterprise_id": _enterprise(cells, known),
        "department": cells.get("department", "")[:64],
        "risk": risk,
        "credit": credit,
        "tier": _letter(tier, "分级") if tier else "",
        "since_on": read_day(needed(cells, "since_on", "生效日期"), "生效日期"),
        "because": cells.get("because", "")[:200],
    }


def read_first_offence(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """A first offence's columns; raises RowFault."""
    return {
        "code": needed(cells, "code", "编码", longest=36),
        "field": needed(cells, "field", "领域", longest=64),
        "name": needed(cells, "name", "违法行为", longest=300),
        "conditions": cells.get("conditions", "")[:500],
        "legal_basis": cells.get("legal_basis", "")[:500],
    }


def read_delegation(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """A delegation's columns; raises RowFault."""
    last = cells.get("valid_to_on", "")
    first_on = read_day(needed(cells, "valid_from_on", "生效日期"), "生效日期")
    last_on = read_day(last, "失效日期") if last else None
    if last_on is not None and last_on < first_on:
        raise RowFault("失效日期早于生效日期")
    return {
        "agency_id": _agency(cells, known, "承接单位"),
        "matter_code": _matter(cells, known),
        "source": needed(cells, "source", "赋权文号", longest=200),
        "valid_from_on": first_on,
        "valid_to_on": last_on,
    }


def read_plan_item(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """A plan item's columns; raises RowFault."""
    year = _number(needed(cells, "year", "年度"), "年度", least=2020, most=2100)
    month = cells.get("month", "")
    return {
        "agency_id": _agency(cells, known, "执法单位"),
        "year": year,
        "matter_code": _matter(cells, known),
        "enterprise_id": _enterprise(cells, known) if cells.get("uscc") else None,
        "times": _number(cells.get("times") or "1", "检查次数", least=1, most=10_000),
        "month": _number(month, "计划月份", least=1, most=12) if month else None,
        "joint_with": [each for each in re.split(r"[、,;\s]+", cells.get("joint_with", "")) if each],
    }


READERS |= {
    ImportKind.TIERS: read_tier,
    ImportKind.FIRST_OFFENCES: read_first_offence,
    ImportKind.DELEGATIONS: read_delegation,
    ImportKind.PLAN_ITEMS: read_plan_item,
}


def _enterprise(cells: Mapping[str, str], known: Known) -> object:
    text = needed(cells, "uscc", "统一社会信用代码")
    uscc = read_uscc(text)
    found = known.enterprise(uscc.text) if uscc else None
    if found is None:
        raise RowFault(f"没有统一社会信用代码为“{text}”的企业")
    return found


def _agency(cells: Mapping[str, str], known: Known, label: str) -> object:
    name = needed(cells, "agency", label)
    if name not in known.agencies:
        raise RowFault(f"没有名为“{name}”的执法单位")
    return known.agencies[name]


def _matter(cells: Mapping[str, str], known: Known) -> str:
    code = needed(cells, "matter_code", "事项编码", longest=36)
    if code not in known.matter_codes:
        raise RowFault(f"事项清单内没有编码“{code}”")
    return code


def _letter(text: str, label: str) -> str:
    letter = text.strip().upper().removesuffix("级").removesuffix("类")
    if letter not in ("A", "B", "C", "D"):
        raise RowFault(f"{label}“{text}”应为 A、B、C、D")
    return letter


def _number(text: str, label: str, *, least: int, most: int) -> int:
    digits = re.fullmatch(r"(\d+)(\.0)?[年月次家]?", text)
    if digits is None or not least <= int(digits[1]) <= most:
        raise RowFault(f"{label}“{text}”应为 {least} 到 {most} 的整数")
    return int(digits[1])
