"""What a row of a file must hold to become an inspector, an enterprise or a matter."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.enterprise.models import EnterpriseKind
from server.enterprise.uscc import read_uscc
from server.incoming import FIRST_DAY, LAST_DAY
from server.refusal import Reason

from .models import ImportKind


class ImportReason(Reason):
    """Why a whole file is not taken; a bad row has sentences instead."""

    UNREADABLE_FILE = "unreadable_file"
    UNKNOWN_COLUMNS = "unknown_columns"


# Field → the headers that agencies really write, the usual one first. Compared without blanks and marks.
HEADERS: dict[ImportKind, dict[str, tuple[str, ...]]] = {
    ImportKind.INSPECTORS: {
        "name": ("姓名", "执法人员姓名", "人员姓名"),
        "certificate_no": ("执法证号", "执法证件号", "证件编号", "执法证编号", "证号"),
        "issuer": ("发证机关", "发证单位"),
        "agency": ("执法单位", "所属单位", "工作单位", "单位名称"),
        "valid_from_on": ("有效期起", "发证日期", "有效期开始"),
        "valid_to_on": ("有效期止", "有效期至", "有效期截止", "有效期"),
    },
    ImportKind.ENTERPRISES: {
        "uscc": ("统一社会信用代码", "社会信用代码", "信用代码"),
        "name": ("企业名称", "名称", "市场主体名称", "单位名称"),
        "kind": ("主体类型", "企业类型", "类型"),
        "region_code": ("行政区划代码", "区划代码", "所属区县", "行政区划", "所在区县"),
        "address": ("经营地址", "地址", "住所", "经营场所"),
        "industry_code": ("行业代码", "国民经济行业代码"),
        "longitude": ("经度",),
        "latitude": ("纬度",),
        "contact_mobile": ("联系手机", "联系人手机", "联系电话", "手机号码"),
    },
    ImportKind.MATTERS: {
        "code": ("事项编码", "检查事项编码", "基本编码"),
        "name": ("事项名称", "检查事项名称", "检查事项"),
        "department": ("实施部门", "执法部门", "部门"),
        "legal_basis": ("检查依据", "设定依据", "法律依据"),
        "method": ("检查方式", "方式"),
        "yearly_frequency": ("年度频次上限", "检查频次", "年度频次"),
        "checklist": ("检查内容", "检查要点", "检查项"),
    },
}
OPTIONAL: dict[ImportKind, frozenset[str]] = {
    ImportKind.INSPECTORS: frozenset(),
    ImportKind.ENTERPRISES: frozenset({"kind", "address", "industry_code", "longitude", "latitude", "contact_mobile"}),
    ImportKind.MATTERS: frozenset({"yearly_frequency", "method"}),
}
KINDS = {
    "企业": EnterpriseKind.COMPANY,
    "公司": EnterpriseKind.COMPANY,
    "有限责任公司": EnterpriseKind.COMPANY,
    "股份有限公司": EnterpriseKind.COMPANY,
    "个体工商户": EnterpriseKind.SOLE_TRADER,
    "个体户": EnterpriseKind.SOLE_TRADER,
    "个体": EnterpriseKind.SOLE_TRADER,
    "农民专业合作社": EnterpriseKind.COOPERATIVE,
    "合作社": EnterpriseKind.COOPERATIVE,
}
# Excel counts days from here (with its 1900 leap-year error already inside).
EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows may refer to: agencies by name, regions by code and by name, enterprises and matters when asked."""

    agencies: Mapping[str, object]
    region_codes: frozenset[str]
    region_names: Mapping[str, str]
    enterprise: Callable[[str], object | None] = lambda uscc: None
    matter_codes: frozenset[str] = frozenset()


class RowFault(Exception):
    """A cell that cannot be used; the text is a sentence for the person who has the file."""


def match_headers(kind: ImportKind, header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Which column holds which field, and the usual headers of the fields that are missing."""
    places = {_bare(cell): index for index, cell in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for field, names in HEADERS[kind].items():
        index = next((places[_bare(name)] for name in names if _bare(name) in places), None)
        if index is not None:
            found[field] = index
    missing = [names[0] for field, names in HEADERS[kind].items() if field not in found and field not in OPTIONAL[kind]]
    return found, missing


def read_inspector(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """An inspector's columns; raises RowFault. The key is (issuer, certificate number)."""
    agency = needed(cells, "agency", "执法单位")
    if agency not in known.agencies:
        raise RowFault(f"没有名为“{agency}”的执法单位")
    valid_from_on = read_day(needed(cells, "valid_from_on", "有效期起"), "有效期起")
    valid_to_on = read_day(needed(cells, "valid_to_on", "有效期止"), "有效期止")
    if valid_to_on < valid_from_on:
        raise RowFault("有效期止早于有效期起")
    return {
        "name": needed(cells, "name", "姓名", longest=64),
        "certificate_no": needed(cells, "certificate_no", "执法证号", longest=64),
        "issuer": needed(cells, "issuer", "发证机关", longest=64),
        "agency": agency,
        "valid_from_on": valid_from_on,
        "valid_to_on": valid_to_on,
    }


def read_enterprise(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """An enterprise's columns; raises RowFault. A doubtful check character is kept as a doubt, never a fault."""
    uscc = read_uscc(needed(cells, "uscc", "统一社会信用代码"))
    if uscc is None:
        raise RowFault("统一社会信用代码的格式不对:应为18位,不含 I、O、S、V、Z(GB 32100-2015)")
    region = needed(cells, "region_code", "行政区划")
    region_code = region if region in known.region_codes else known.region_names.get(region)
    if region_code is None:
        raise RowFault(f"没有行政区划“{region}”")
    kind_text = cells.get("kind", "")
    kind = KINDS.get(kind_text, EnterpriseKind.COMPANY) if kind_text else EnterpriseKind.of_code(uscc.text)
    latitude, longitude = _degrees(cells, "latitude", "纬度", 90), _degrees(cells, "longitude", "经度", 180)
    if (latitude is None) != (longitude is None):
        raise RowFault("经度和纬度要一起填写")
    industry = cells.get("industry_code", "").upper()
    if industry and not re.fullmatch(r"[A-T]?\d{2,4}", industry):
        raise RowFault(f"行业代码“{industry}”不是 GB/T 4754 代码")
    return {
        "uscc": uscc.text,
        "uscc_doubtful": uscc.doubtful,
        "name": needed(cells, "name", "企业名称", longest=200),
        "kind": kind,
        "region_code": region_code,
        "address": cells.get("address", "")[:200],
        "industry_code": industry.lstrip("ABCDEFGHIJKLMNOPQRST") or None,
        "latitude": latitude,
        "longitude": longitude,
        # A file without this column leaves the numbers on file alone.
        **({"contact_mobile": _mobile(cells["contact_mobile"])} if "contact_mobile" in cells else {}),
    }


def read_matter(cells: Mapping[str, str], known: Known) -> dict[str, object]:
    """A matter's columns; raises RowFault. Items of the checklist stand apart by ; or a new line."""
    items = [
        item for item in (part.strip() for part in re.split(r"[;;\n]", needed(cells, "checklist", "检查内容"))) if item
    ]
    if not items:
        raise RowFault("检查内容是空的")
    frequency = cells.get("yearly_frequency", "")
    number = re.search(r"\d+", frequency)
    if frequency and number is None:
        raise RowFault(f"年度频次上限“{frequency}”里没有数字")
    if number is not None and len(number.group()) > 4:
        raise RowFault(f"年度频次上限“{frequency[:20]}”过大")
    return {
        "code": needed(cells, "code", "事项编码", longest=36),
        "name": needed(cells, "name", "事项名称", longest=200),
        "department": needed(cells, "department", "实施部门", longest=64),
        "legal_basis": needed(cells, "legal_basis", "检查依据", longest=500),
        "method": cells.get("method", "")[:64] or "现场检查",
        "yearly_frequency": int(number.group()) if number else None,
        "checklist": [{"key": str(place), "text": item} for place, item in enumerate(items, start=1)],
    }


READERS = {
    ImportKind.INSPECTORS: read_inspector,
    ImportKind.ENTERPRISES: read_enterprise,
    ImportKind.MATTERS: read_matter,
}


def read_day(text: str, label: str) -> date:
    """A day as people write it: 2026-11-24, 2026/11/24, 2026年11月24日, 20261124, or a spreadsheet's number."""
    plain = text.split("T")[0].split(" ")[0]
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", plain
    )
    day = None
    try:
        if parts:
            day = date(*map(int, parts.groups()))
        elif re.fullmatch(r"\d{5}(\.0)?", plain):
            day = EXCEL_EPOCH + timedelta(days=int(float(plain)))
    except ValueError:
        pass
    if day is None:
        raise RowFault(f"{label}“{text}”不是日期")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise RowFault(f"{label}“{text}”不在2000年至2100年之间")
    return day


def as_text(cell: object) -> str:
    """A cell as text: dates as days, whole numbers without a fraction, full width as half width."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()


def _bare(header: str) -> str:
    """A header without marks and remarks: `*统一社会信用代码(必填)` is 统一社会信用代码."""
    return re.sub(r"\(.*?\)|[\s*::_]", "", unicodedata.normalize("NFKC", header))


def needed(cells: Mapping[str, str], field: str, label: str, *, longest: int = 5000) -> str:
    """The text of a cell that must hold one; raises RowFault."""
    text = cells.get(field, "")
    if not text:
        raise RowFault(f"缺少{label}")
    if len(text) > longest:
        raise RowFault(f"{label}超过{longest}个字")
    return text


def _degrees(cells: Mapping[str, str], field: str, label: str, most: int) -> float | None:
    text = cells.get(field, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise RowFault(f"{label}“{text}”不是数字") from None
    if not -most <= value <= most:
        raise RowFault(f"{label}超出范围")
    return value


def _mobile(text: str) -> str | None:
    """A mobile number of mainland China, eleven digits (工信部《电信网编号计划》), without +86 and separators."""
    digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
    if digits and not re.fullmatch(r"1[3-9]\d{9}", digits):
        raise RowFault(f"联系手机“{text}”不是11位手机号")
    return digits or None
