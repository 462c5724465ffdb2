"""What a row of each file becomes, whole; the longest a cell may be, and one more; in memory."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from server.enterprise.models import EnterpriseKind
from server.importing.law_rules import read_delegation, read_first_offence, read_plan_item, read_tier
from server.importing.models import ImportKind
from server.importing.rules import (
    HEADERS,
    OPTIONAL,
    READERS,
    Known,
    RowFault,
    as_text,
    match_headers,
    read_day,
    read_enterprise,
    read_inspector,
    read_matter,
)
from server.standing.models import Risk

from .factories import NOW

KNOWN = Known(
    agencies={"市监局": "agency"}, region_codes=frozenset({"431002"}), region_names={"北湖区": "431002"},
    enterprise=lambda uscc: f"firm {uscc}" if uscc.startswith("9143") else None, matter_codes=frozenset({"431001001"}),
)  # fmt: skip
ROWS: dict[ImportKind, tuple[dict[str, str], dict[str, Any]]] = {
    ImportKind.INSPECTORS: (
        {"name": "刘芳", "certificate_no": "1810", "issuer": "省政府", "agency": "市监局",
         "valid_from_on": "2024-01-01", "valid_to_on": "2024-01-01"},
        {"name": "刘芳", "certificate_no": "1810", "issuer": "省政府", "agency": "市监局",
         "valid_from_on": date(2024, 1, 1), "valid_to_on": date(2024, 1, 1)},
    ),
    ImportKind.ENTERPRISES: (
        {"uscc": "91431002YYYY000125", "name": "糕点厂", "region_code": "北湖区"},
        {"uscc": "91431002YYYY000125", "uscc_doubtful": False, "name": "糕点厂", "kind": EnterpriseKind.COMPANY,
         "region_code": "431002", "address": "", "industry_code": None, "latitude": None, "longitude": None},
    ),
    ImportKind.MATTERS: (
        {"code": "431001001", "name": "检查", "department": "市监局",
         "legal_basis": "办法", "checklist": "甲;乙;丙\n丁"},
        {"code": "431001001", "name": "检查", "department": "市监局", "legal_basis": "办法", "method": "现场检查",
         "yearly_frequency": None, "checklist": [{"key": "1", "text": "甲"}, {"key": "2", "text": "乙"},
                                                 {"key": "3", "text": "丙"}, {"key": "4", "text": "丁"}]},
    ),
    ImportKind.TIERS: (
        {"uscc": "91431002YYYY000125", "risk": "高风险", "credit": "d级", "since_on": "2026-01-01"},
        {"enterprise_id": "firm 91431002YYYY000125", "department": "", "risk": Risk.HIGH, "credit": "D", "tier": "",
         "since_on": date(2026, 1, 1), "because": ""},
    ),
    ImportKind.FIRST_OFFENCES: (
        {"code": "SJ001", "field": "市场监管", "name": "未明码标价"},
        {"code": "SJ001", "field": "市场监管", "name": "未明码标价", "conditions": "", "legal_basis": ""},
    ),
    ImportKind.DELEGATIONS: (
        {"agency": "市监局", "matter_code": "431001001", "source": "1号", "valid_from_on": "2026-01-01"},
        {"agency_id": "agency", "matter_code": "431001001", "source": "1号", "valid_from_on": date(2026, 1, 1),
         "valid_to_on": None},
    ),
    ImportKind.PLAN_ITEMS: (
        {"agency": "市监局", "year": "2026年", "matter_code": "431001001"},
        {"agency_id": "agency", "year": 2026, "matter_code": "431001001", "enterprise_id": None, "times": 1,
         "month": None, "joint_with": []},
    ),
}  # fmt: skip
# The longest text of each cell that is refused beyond it, and of each that is cut there.
LONGEST = {
    ImportKind.INSPECTORS: {"name": 64, "certificate_no": 64, "issuer": 64},
    ImportKind.ENTERPRISES: {"name": 200},
    ImportKind.MATTERS: {"code": 36, "name": 200, "department": 64, "legal_basis": 500, "checklist": 5000},
    ImportKind.FIRST_OFFENCES: {"code": 36, "field": 64, "name": 300},
    ImportKind.DELEGATIONS: {"source": 200},
}
CUT = {
    ImportKind.ENTERPRISES: {"address": 200},
    ImportKind.MATTERS: {"method": 64},
    ImportKind.TIERS: {"department": 64, "because": 200},
    ImportKind.FIRST_OFFENCES: {"conditions": 500, "legal_basis": 500},
}
NEEDED = {
    ImportKind.INSPECTORS: "name certificate_no issuer agency valid_from_on valid_to_on",
    ImportKind.ENTERPRISES: "uscc name region_code",
    ImportKind.MATTERS: "code name department legal_basis checklist",
    ImportKind.TIERS: "uscc risk credit since_on",
    ImportKind.FIRST_OFFENCES: "code field name",
    ImportKind.DELEGATIONS: "agency matter_code source valid_from_on",
    ImportKind.PLAN_ITEMS: "agency year matter_code",
}


def lengths(table: Mapping[ImportKind, Mapping[str, int]]) -> list[tuple[ImportKind, str, int]]:
    """(kind, field, number) of each."""
    return [(kind, field, number) for kind, row in table.items() for field, number in row.items()]


def fault(read: Callable[..., Any], cells: Mapping[str, str]) -> str:
    """What is said of a row that cannot be used; empty when it can."""
    try:
        read(cells, KNOWN)
    except RowFault as bad:
        return str(bad)
    return ""


class TestRow:
    @pytest.mark.parametrize("kind", ROWS)
    def test_becomes_these_columns(self, kind: ImportKind) -> None:
        cells, columns = ROWS[kind]

        assert READERS[kind](cells, KNOWN) == columns

    @pytest.mark.parametrize("kind", ImportKind)
    def test_needs_what_it_cannot_do_without_and_nothing_else(self, kind: ImportKind) -> None:
        cells, _ = ROWS[kind]
        labels = [field for field in cells if fault(READERS[kind], {**cells, field: ""}).startswith("缺少")]

        assert sorted(labels) == sorted(NEEDED[kind].split())
        assert HEADERS[kind].keys() - OPTIONAL[kind] == set(NEEDED[kind].split())

    @pytest.mark.parametrize(("kind", "field", "longest"), lengths(LONGEST))
    def test_takes_the_longest_text_and_refuses_one_more(self, kind: ImportKind, field: str, longest: int) -> None:
        cells, _ = ROWS[kind]

        assert fault(READERS[kind], {**cells, field: "1" * longest}) == ""
        assert fault(READERS[kind], {**cells, field: "1" * (longest + 1)}).endswith(f"超过{longest}个字")

    @pytest.mark.parametrize(("kind", "field", "longest"), lengths(CUT))
    def test_cuts_what_is_only_told(self, kind: ImportKind, field: str, longest: int) -> None:
        cells, _ = ROWS[kind]

        assert READERS[kind]({**cells, field: "长" * (longest + 1)}, KNOWN)[field] == "长" * longest

    def test_with_a_matter_nobody_listed_is_refused_also_when_its_code_is_long(self) -> None:
        cells, _ = ROWS[ImportKind.DELEGATIONS]

        assert fault(read_delegation, {**cells, "matter_code": "0" * 36}) == f"事项清单内没有编码“{'0' * 36}”"
        assert fault(read_delegation, {**cells, "matter_code": "0" * 37}) == "事项编码超过36个字"


class TestHeaders:
    def test_takes_the_first_of_two_columns_of_one_name_and_names_what_is_missing(self) -> None:
        header = ["*姓名(必填)", "执法证号", "姓名", "发证机关", "执法单位", "有效期 起"]

        assert match_headers(ImportKind.INSPECTORS, header) == (
            {"name": 0, "certificate_no": 1, "issuer": 3, "agency": 4, "valid_from_on": 5}, ["有效期止"]
        )  # fmt: skip

    def test_misses_nothing_that_may_be_left_out(self) -> None:
        for kind in ImportKind:
            needed = [names[0] for field, names in HEADERS[kind].items() if field in NEEDED[kind].split()]
            assert match_headers(kind, needed)[1] == []


class TestInspector:
    def test_may_hold_a_certificate_for_one_day_but_not_for_less(self) -> None:
        cells, _ = ROWS[ImportKind.INSPECTORS]

        assert fault(read_inspector, {**cells, "valid_to_on": "2023-12-31"}) == "有效期止早于有效期起"
        assert fault(read_inspector, {**cells, "agency": "别处"}) == "没有名为“别处”的执法单位"


class TestEnterprise:
    CELLS = ROWS[ImportKind.ENTERPRISES][0]

    @pytest.mark.parametrize(
        ("latitude", "longitude", "said"),
        [
            ("90", "180", ""), ("-90", "-180", ""), ("90.1", "1", "纬度超出范围"), ("1", "-180.1", "经度超出范围"),
            ("-90.1", "1", "纬度超出范围"), ("1", "180.1", "经度超出范围"), ("1", "", "经度和纬度要一起填写"),
            ("", "1", "经度和纬度要一起填写"), ("北", "1", "纬度“北”不是数字"), ("", "", ""),
        ],
    )  # fmt: skip
    def test_stands_somewhere_on_earth(self, latitude: str, longitude: str, said: str) -> None:
        assert fault(read_enterprise, {**self.CELLS, "latitude": latitude, "longitude": longitude}) == said

    def test_keeps_where_it_stands(self) -> None:
        row = read_enterprise({**self.CELLS, "latitude": "25.78", "longitude": "113.01"}, KNOWN)

        assert (row["latitude"], row["longitude"]) == (25.78, 113.01)

    @pytest.mark.parametrize(
        ("text", "code"),
        [("1432", "1432"), ("c1432", "1432"), ("14", "14"), ("T97", "97"), ("", None)],
    )
    def test_is_of_an_industry(self, text: str, code: str | None) -> None:
        assert read_enterprise({**self.CELLS, "industry_code": text}, KNOWN)["industry_code"] == code

    @pytest.mark.parametrize("text", ["1", "14321", "U14", "C", "AC14"])
    def test_is_of_no_industry_that_there_is_not(self, text: str) -> None:
        assert fault(read_enterprise, {**self.CELLS, "industry_code": text}) == f"行业代码“{text}”不是 GB/T 4754 代码"

    @pytest.mark.parametrize(
        ("text", "kind"),
        [("公司", EnterpriseKind.COMPANY), ("个体户", EnterpriseKind.SOLE_TRADER),
         ("合作社", EnterpriseKind.COOPERATIVE),
         ("别的", EnterpriseKind.COMPANY), ("", EnterpriseKind.SOLE_TRADER)],
    )  # fmt: skip
    def test_is_of_the_kind_it_says_else_of_its_codes(self, text: str, kind: EnterpriseKind) -> None:
        cells = {**self.CELLS, "uscc": "92431002YYYY00012X", "kind": text}

        assert read_enterprise(cells, KNOWN)["kind"] is kind

    @pytest.mark.parametrize(
        ("text", "mobile"),
        [
            ("13800138000", "13800138000"),
            ("+86 138-0013-8000", "13800138000"),
            ("19912345678", "19912345678"),
            ("", None),
        ],
    )
    def test_keeps_a_mobile_number(self, text: str, mobile: str | None) -> None:
        assert read_enterprise({**self.CELLS, "contact_mobile": text}, KNOWN)["contact_mobile"] == mobile

    @pytest.mark.parametrize("text", ["12800138000", "1380013800", "138001380001", "0735-2222222", "86138001380"])
    def test_refuses_what_is_no_mobile_number(self, text: str) -> None:
        assert fault(read_enterprise, {**self.CELLS, "contact_mobile": text}) == f"联系手机“{text}”不是11位手机号"

    def test_needs_a_place_that_is_known_and_a_code_of_the_right_shape(self) -> None:
        assert read_enterprise({**self.CELLS, "region_code": "431002"}, KNOWN)["region_code"] == "431002"
        assert fault(read_enterprise, {**self.CELLS, "region_code": "火星"}) == "没有行政区划“火星”"
        assert fault(read_enterprise, {**self.CELLS, "uscc": "1"}).startswith("统一社会信用代码的格式不对")


class TestMatter:
    CELLS = ROWS[ImportKind.MATTERS][0]

    def test_has_a_number_in_its_frequency_or_none(self) -> None:
        assert read_matter({**self.CELLS, "yearly_frequency": "每年2次"}, KNOWN)["yearly_frequency"] == 2
        assert fault(read_matter, {**self.CELLS, "yearly_frequency": "适时"}) == "年度频次上限“适时”里没有数字"
        assert fault(read_matter, {**self.CELLS, "checklist": ";\n;"}) == "检查内容是空的"


class TestTier:
    CELLS = ROWS[ImportKind.TIERS][0]

    @pytest.mark.parametrize(
        ("text", "risk"),
        [("低", Risk.LOW), ("中风险", Risk.MEDIUM), ("一般", Risk.MEDIUM), ("高风险等级", Risk.HIGH)],
    )
    def test_reads_a_risk(self, text: str, risk: Risk) -> None:
        assert read_tier({**self.CELLS, "risk": text}, KNOWN)["risk"] is risk

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"risk": "极高"}, "风险等级“极高”应为低、中、高"),
            ({"credit": "E"}, "信用等级“E”应为 A、B、C、D"),
            ({"tier": "E"}, "分级“E”应为 A、B、C、D"),
            ({"since_on": "明天"}, "生效日期“明天”不是日期"),
            ({"uscc": "99999999YYYY000125"}, "没有统一社会信用代码为“99999999YYYY000125”的企业"),
            ({"uscc": "1"}, "没有统一社会信用代码为“1”的企业"),
        ],
    )
    def test_says_what_is_wrong(self, change: dict[str, str], said: str) -> None:
        assert fault(read_tier, {**self.CELLS, **change}) == said

    def test_keeps_the_tier_that_is_given(self) -> None:
        assert read_tier({**self.CELLS, "tier": " b类"}, KNOWN)["tier"] == "B"


class TestPlanItem:
    CELLS = ROWS[ImportKind.PLAN_ITEMS][0]

    @pytest.mark.parametrize(
        ("field", "last", "beyond"),
        [
            ("year", "2020", "2019"), ("year", "2100年", "2101"), ("times", "1", "0"), ("times", "10000次", "10001"),
            ("month", "1", "0"), ("month", "12月", "13"),
        ],
    )  # fmt: skip
    def test_holds_numbers_within_their_limits(self, field: str, last: str, beyond: str) -> None:
        assert fault(read_plan_item, {**self.CELLS, field: last}) == ""
        assert "的整数" in fault(read_plan_item, {**self.CELLS, field: beyond})

    @pytest.mark.parametrize("text", ["一", "1.5", "-1", "1个"])
    def test_refuses_what_is_no_number(self, text: str) -> None:
        assert fault(read_plan_item, {**self.CELLS, "times": text}) == f"检查次数“{text}”应为 1 到 10000 的整数"

    def test_reads_everything_that_may_be_there(self) -> None:
        more = {"uscc": "91431002YYYY000125", "times": "20.0", "month": "5月", "joint_with": "消防、应急; 住建"}

        row = read_plan_item({**self.CELLS, **more}, KNOWN)

        assert (row["enterprise_id"], row["times"], row["month"]) == ("firm 91431002YYYY000125", 20, 5)
        assert row["joint_with"] == ["消防", "应急", "住建"]


class TestDelegation:
    def test_ends_on_its_first_day_at_the_earliest(self) -> None:
        cells, _ = ROWS[ImportKind.DELEGATIONS]

        assert read_delegation({**cells, "valid_to_on": "2026-01-01"}, KNOWN)["valid_to_on"] == date(2026, 1, 1)
        assert fault(read_delegation, {**cells, "valid_to_on": "2025-12-31"}) == "失效日期早于生效日期"
        assert fault(read_delegation, {**cells, "agency": "别处"}) == "没有名为“别处”的执法单位"


class TestCell:
    @pytest.mark.parametrize("text", ["10000", "36525", "99999", "1999-12-31"])
    def test_is_no_day_of_our_calendar(self, text: str) -> None:
        with pytest.raises(RowFault, match=f"日期“{text}”不在2000年至2100年之间"):
            read_day(text, "日期")

    @pytest.mark.parametrize(
        ("text", "day"),
        [("46090", date(2026, 3, 9)), ("46090.0", date(2026, 3, 9)), ("36526", date(2000, 1, 1)),
         ("2026-3-9 08:00", date(2026, 3, 9)), ("20260309", date(2026, 3, 9))],
    )  # fmt: skip
    def test_is_a_day(self, text: str, day: date) -> None:
        assert read_day(text, "日期") == day

    @pytest.mark.parametrize("text", ["9999", "100000", "46090.5", "2026-13-01", "20261301", "26-03-09"])
    def test_is_no_day(self, text: str) -> None:
        with pytest.raises(RowFault, match=f"日期“{text}”不是日期"):
            read_day(text, "日期")

    def test_becomes_text(self) -> None:
        cells = [" ABC ", 2.0, 2.5, 7, None, date(2026, 3, 9), NOW]

        assert [as_text(cell) for cell in cells] == [
            "ABC", "2", "2.5", "7", "", "2026-03-09", "2026-03-10T02:00:00+00:00",
        ]  # fmt: skip


def test_first_offence_is_read_by_its_own_reader() -> None:
    assert READERS[ImportKind.FIRST_OFFENCES] is read_first_offence
