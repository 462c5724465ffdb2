"""导入: Chinese headers as agencies write them, every row judged, no good row lost to a bad one."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from server.account.models import Account, Inspector
from server.catalogue.models import Matter
from server.enterprise.models import Enterprise, EnterpriseKind
from server.importing.files import read_rows
from server.importing.load import _judged
from server.importing.models import ImportKind
from server.importing.rules import (
    Known,
    RowFault,
    as_text,
    match_headers,
    read_day,
    read_enterprise,
    read_inspector,
    read_matter,
)
from server.plaque.models import Plaque
from server.refusal import Refusal

from .factories import Cast

KNOWN = Known(
    agencies={"郴州市市场监督管理局": 1}, region_codes=frozenset({"431002"}), region_names={"北湖区": "431002"}
)
FIRM = {"uscc": "91431003YYYY00020E", "name": "苏仙铸造厂", "region_code": "北湖区"}
INSPECTORS = """姓名,执法证号,发证机关,执法单位,有效期起,有效期止
刘芳,18109001,湖南省人民政府,郴州市市场监督管理局,2024-01-01,2028/12/31
坏行,18109002,湖南省人民政府,没有这个单位,2024-01-01,2028-12-31
高翔,18109003,湖南省人民政府,郴州市消防救援支队,2024年1月1日,20281231
"""
ENTERPRISES = """企业名称,统一社会信用代码(必填),主体类型,所属区县,经营地址
资兴茶厂,91431081YYYY000550,有限责任公司,北湖区,东江湖路8号
早期试点企业,91350100M0001TGQXM,,431002,
坏代码企业,9143100,企业,北湖区,
坏地区企业,92431002YYYY00063A,个体工商户,火星,
重复企业,91431081YYYY000550,企业,北湖区,
"""
MATTERS = """事项编码,事项名称,实施部门,检查依据,检查方式,年度频次上限,检查内容
431009001,商品条码检查,市场监督管理局,《商品条码管理办法》,现场检查,每年1次,条码有效;无冒用
"""


def fault_of(call: Any, *args: Any) -> str:
    """The sentence for a row that is not taken."""
    with pytest.raises(RowFault) as fault:
        call(*args)
    return str(fault.value)


class TestMatchHeaders:
    def test_finds_columns_in_any_order_with_marks_and_blanks(self) -> None:
        columns, missing = match_headers(ImportKind.ENTERPRISES, ["备注", " 名 称 ", "*统一社会信用代码", "所在区县"])

        assert columns == {"name": 1, "uscc": 2, "region_code": 3}
        assert missing == []

    def test_names_what_is_missing_by_its_usual_header(self) -> None:
        _, missing = match_headers(ImportKind.INSPECTORS, ["姓名", "证号"])

        assert missing == ["发证机关", "执法单位", "有效期起", "有效期止"]


class TestReadEnterprise:
    def test_reads_a_row(self) -> None:
        values = read_enterprise({**FIRM, "kind": "个体户", "latitude": "25.8", "longitude": "113.0"}, KNOWN)

        assert (values["kind"], values["region_code"], values["uscc_doubtful"]) == (
            EnterpriseKind.SOLE_TRADER,
            "431002",
            False,
        )

    def test_tells_the_kind_by_the_code_when_the_column_is_empty(self) -> None:
        assert read_enterprise({**FIRM, "uscc": "93431024YYYY00071X"}, KNOWN)["kind"] is EnterpriseKind.COOPERATIVE

    def test_takes_a_doubtful_check_character(self) -> None:
        assert read_enterprise({**FIRM, "uscc": "91431003YYYY000200"}, KNOWN)["uscc_doubtful"] is True

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"uscc": "123"}, "18位"),
            ({"uscc": ""}, "缺少统一社会信用代码"),
            ({"name": ""}, "缺少企业名称"),
            ({"region_code": "火星"}, "火星"),
            ({"latitude": "25.8"}, "一起填写"),
            ({"latitude": "95", "longitude": "1"}, "超出范围"),
            ({"latitude": "x", "longitude": "1"}, "不是数字"),
            ({"industry_code": "??"}, "GB/T 4754"),
            ({"name": "长" * 201}, "超过200个字"),
        ],
    )
    def test_says_what_is_wrong(self, change: dict[str, str], word: str) -> None:
        assert word in fault_of(read_enterprise, {**FIRM, **change}, KNOWN)


class TestReadInspector:
    ROW = {  # noqa: RUF012  # read only
        "name": "刘芳",
        "certificate_no": "18109001",
        "issuer": "湖南省人民政府",
        "agency": "郴州市市场监督管理局",
        "valid_from_on": "2024-01-01",
        "valid_to_on": "2028-12-31",
    }

    def test_reads_a_row(self) -> None:
        assert read_inspector(self.ROW, KNOWN)["valid_to_on"] == date(2028, 12, 31)

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"agency": "别处"}, "没有名为"),
            ({"valid_to_on": "2020-01-01"}, "早于"),
            ({"valid_to_on": "永久"}, "不是日期"),
            ({"certificate_no": ""}, "缺少执法证号"),
        ],
    )
    def test_says_what_is_wrong(self, change: dict[str, str], word: str) -> None:
        assert word in fault_of(read_inspector, {**self.ROW, **change}, KNOWN)


class TestReadMatter:
    ROW = {  # noqa: RUF012  # read only
        "code": "1",
        "name": "条码检查",
        "department": "市场监督管理局",
        "legal_basis": "办法",
        "checklist": "甲;乙\n丙",
    }

    def test_splits_the_checklist_and_finds_the_number(self) -> None:
        values = read_matter({**self.ROW, "yearly_frequency": "每年不超过2次"}, KNOWN)

        assert [item["text"] for item in values["checklist"]] == ["甲", "乙", "丙"]  # type: ignore[attr-defined]
        assert values["yearly_frequency"] == 2

    def test_refuses_a_frequency_without_a_number(self) -> None:
        assert "没有数字" in fault_of(read_matter, {**self.ROW, "yearly_frequency": "适时"}, KNOWN)

    def test_refuses_a_frequency_that_no_column_holds(self) -> None:
        assert "过大" in fault_of(read_matter, {**self.ROW, "yearly_frequency": "99999999999"}, KNOWN)


class TestReadDay:
    @pytest.mark.parametrize(
        "text", ["2026-03-09", "2026/3/9", "2026.3.9", "2026年3月9日", "20260309", "46090", "2026-03-09T00:00:00"]
    )
    def test_reads_days_as_people_write_them(self, text: str) -> None:
        assert read_day(text, "日期") == date(2026, 3, 9)

    @pytest.mark.parametrize("text", ["", "2026-02-30", "长期", "9/3/2026"])
    def test_refuses_what_is_no_day(self, text: str) -> None:
        assert "不是日期" in fault_of(read_day, text, "日期")


class TestReadRows:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_reads_csv_in_the_encodings_of_office_machines(self, encoding: str) -> None:
        assert read_rows("a.csv", "姓名,单位\n刘芳,局\n".encode(encoding)) == [["姓名", "单位"], ["刘芳", "局"]]

    def test_reads_xlsx_with_numbers_and_dates_as_text(self) -> None:
        body = io.BytesIO()
        with xlsxwriter.Workbook(body) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["证号", "有效期"])
            sheet.write_row(1, 0, [18109001, "2028-12-31"])

        assert read_rows("a.xlsx", body.getvalue()) == [["证号", "有效期"], ["18109001", "2028-12-31"]]

    @pytest.mark.parametrize(
        ("name", "body"), [("a.xlsx", b"rubbish"), ("a.csv", b"\x00\x01\xff"), ("a.xlsx", b"PK\x03\x04")]
    )
    def test_refuses_rubbish(self, name: str, body: bytes) -> None:
        with pytest.raises(Refusal) as refused:
            read_rows(name, body)

        assert refused.value.reason == "unreadable_file"

    def test_writes_whole_numbers_without_a_fraction(self) -> None:
        assert [as_text(cell) for cell in (3.0, 3.5, None, "A", date(2026, 3, 9))] == [
            "3", "3.5", "", "A", "2026-03-09",
        ]  # fmt: skip


class TestOddCells:
    @pytest.mark.parametrize("text", ["1999-12-31", "0001-01-01", "2101-01-01", "9999/12/31"])
    def test_of_days_outside_the_calendar_are_faults(self, text: str) -> None:
        with pytest.raises(RowFault, match="2000年至2100年"):
            read_day(text, "有效期起")

    def test_with_marks_that_turn_the_text_reject_their_row_and_are_shown_harmless(self) -> None:
        rows = [["\u202e苏仙铸造厂", "91431003YYYY00020E", "北湖区"], ["甲\x1b", "91431002YYYY000125", "北湖区"]]

        good, rejected = _judged(ImportKind.ENTERPRISES, rows, {"name": 0, "uscc": 1, "region_code": 2}, KNOWN)

        assert (good, [each["row"] for each in rejected]) == ([], [2, 3])
        assert rejected[0]["cells"][0] == "\ufffd苏仙铸造厂"


def send(hand: Any, kind: str, text: str, name: str = "名单.csv") -> Any:
    """Upload a file as the administrator does."""
    form = {"kind": kind, "file": (io.BytesIO(text.encode("utf-8-sig")), name)}
    return hand.post("/imports", data=form, content_type="multipart/form-data")


class TestImportEndpoint:
    def test_keeps_the_good_rows_and_says_why_of_the_bad(self, as_: Any, cast: Cast, db: Any) -> None:
        done = send(as_("ma_lin"), "inspectors", INSPECTORS).json

        assert (done["rows"], done["created"], done["rejected"]) == (3, 2, 1)
        assert done["rejected_rows"] == [{"row": 3, "reasons": ["没有名为“没有这个单位”的执法单位"]}]
        assert db.session.scalar(select(Inspector.name).where(Inspector.certificate_no == "18109003")) == "高翔"
        assert db.session.scalar(select(Account.role).where(Account.username == "18109001")) == "inspector"

    def test_changes_nothing_the_second_time(self, as_: Any, cast: Cast) -> None:
        for kind, text in (("inspectors", INSPECTORS), ("enterprises", ENTERPRISES), ("matters", MATTERS)):
            first = send(as_("ma_lin"), kind, text).json
            second = send(as_("ma_lin"), kind, text).json

            assert (second["created"], second["updated"]) == (0, 0)
            assert second["unchanged"] == first["created"]

    def test_gives_a_new_enterprise_a_plaque_and_keeps_a_doubt(self, as_: Any, cast: Cast, db: Any) -> None:
        done = send(as_("ma_lin"), "enterprises", ENTERPRISES).json

        assert (done["created"], done["rejected"], done["doubtful"]) == (2, 3, 1)
        assert [row["row"] for row in done["rejected_rows"]] == [4, 5, 6]
        doubtful = db.session.scalar(select(Enterprise).where(Enterprise.uscc == "91350100M0001TGQXM"))
        assert doubtful.uscc_doubtful
        assert db.session.scalar(select(func.count()).where(Plaque.enterprise_id == doubtful.id)) == 1

    def test_updates_by_key(self, as_: Any, cast: Cast, db: Any) -> None:
        send(as_("ma_lin"), "enterprises", ENTERPRISES)

        done = send(as_("ma_lin"), "enterprises", ENTERPRISES.replace("资兴茶厂", "资兴红茶厂")).json

        assert (done["created"], done["updated"], done["unchanged"]) == (0, 1, 1)

    def test_makes_a_new_version_of_a_changed_matter(self, as_: Any, cast: Cast, db: Any) -> None:
        send(as_("ma_lin"), "matters", MATTERS)

        done = send(as_("ma_lin"), "matters", MATTERS.replace("无冒用", "无冒用;有备案")).json

        assert done["updated"] == 1
        versions = db.session.execute(
            select(Matter.version, Matter.withdrawn_at).where(Matter.code == "431009001").order_by(Matter.version)
        ).all()
        assert [(version, gone is None) for version, gone in versions] == [(1, False), (2, True)]

    def test_refuses_a_file_that_lacks_a_column(self, as_: Any, cast: Cast) -> None:
        answer = send(as_("ma_lin"), "matters", "事项名称\n条码\n")

        assert (answer.status_code, answer.json["reason"]) == (422, "unknown_columns")
        assert "事项编码" in answer.json["missing"]

    def test_gives_back_the_rejected_rows_as_they_stood(self, as_: Any, cast: Cast) -> None:
        done = send(as_("ma_lin"), "enterprises", ENTERPRISES).json

        lines = as_("ma_lin").get(f"/imports/{done['id']}/rejected.csv").data.decode("utf-8-sig").splitlines()

        assert lines[0].startswith("行号,未导入原因,企业名称,统一社会信用代码")
        assert lines[1].startswith("4,") and "坏代码企业,9143100,企业,北湖区" in lines[1]

    def test_lists_what_was_loaded(self, as_: Any, cast: Cast) -> None:
        send(as_("ma_lin"), "matters", MATTERS)

        listed = as_("ma_lin").get("/imports").json["items"]

        assert [(each["kind"], each["by"], each["filename"]) for each in listed] == [("matters", "malin", "名单.csv")]

    @pytest.mark.parametrize("kind", ["inspectors", "enterprises", "matters"])
    def test_offers_a_template_that_it_would_take(self, as_: Any, cast: Cast, kind: str) -> None:
        sheet = as_("ma_lin").get(f"/import-templates/{kind}.xlsx").data

        assert match_headers(ImportKind(kind), read_rows("t.xlsx", sheet)[0])[1] == []

    def test_is_the_administrators(self, as_: Any, cast: Cast) -> None:
        assert send(as_("sun_li"), "matters", MATTERS).status_code == 403


LAW_FILES = {
    ImportKind.TIERS: """统一社会信用代码,监管部门,风险等级,信用等级,分级,生效日期,依据
91431002YYYY000125,,高风险,D级,,2026-01-01,年度评定
91431002YYYY000125,市场监督管理局,低,A,B,2026/2/1,专项评定
99999999YYYY000125,,低,A,,2026-01-01,
91431002YYYY000125,,极高,A,,2026-03-01,
""",
    ImportKind.FIRST_OFFENCES: """编码,领域,违法行为,适用条件,法律依据
SJ001,市场监管,未按规定明码标价,首次且及时改正,《价格法》
SJ002,市场监管,,,
""",
    ImportKind.DELEGATIONS: """承接单位,事项编码,赋权文号,生效日期,失效日期
郴州市消防救援支队,431001001,郴政发〔2026〕1号,2026-01-01,2026-12-31
郴州市消防救援支队,000000000,郴政发〔2026〕1号,2026-01-01,
郴州市消防救援支队,431001001,郴政发〔2026〕2号,2026-05-01,2026-04-01
""",
    ImportKind.PLAN_ITEMS: """执法单位,年度,事项编码,统一社会信用代码,检查次数,计划月份,联合部门
郴州市市场监督管理局,2026年,431001001,91431002YYYY000125,1,5月,消防救援支队、应急管理局
郴州市市场监督管理局,2026,431001001,,20家,,
郴州市市场监督管理局,2026,431001001,,0,,
""",
}
TAKEN = {
    ImportKind.TIERS: (2, 2),
    ImportKind.FIRST_OFFENCES: (1, 1),
    ImportKind.DELEGATIONS: (1, 2),
    ImportKind.PLAN_ITEMS: (2, 1),
}


class TestLawFiles:
    @pytest.mark.parametrize("kind", LAW_FILES, ids=[kind.value for kind in LAW_FILES])
    def test_take_good_rows_say_why_not_the_others_and_repeat_without_a_change(
        self, as_: Any, cast: Cast, clock: Any, kind: ImportKind
    ) -> None:
        def load() -> dict[str, Any]:
            file = (io.BytesIO(LAW_FILES[kind].encode("utf-8-sig")), "law.csv")
            answer = as_("ma_lin").post("/imports", data={"kind": kind.value, "file": file})
            assert answer.status_code == 201, answer.json
            found: dict[str, Any] = answer.json
            return found

        first, second = load(), load()

        assert (first["created"], first["rejected"]) == TAKEN[kind], first["rejected_rows"]
        assert (second["created"], second["unchanged"]) == (0, TAKEN[kind][0])
        assert all(row["reasons"] for row in first["rejected_rows"])

    def test_let_the_pack_make_a_tier_of_risk_and_credit(self, as_: Any, cast: Cast, clock: Any) -> None:
        file = (io.BytesIO(LAW_FILES[ImportKind.TIERS].encode("utf-8-sig")), "law.csv")
        as_("ma_lin").post("/imports", data={"kind": "tiers", "file": file})

        tiers = as_("bakery").get(f"/enterprises/{cast.bakery.id}/tiers").json["items"]

        assert [(each["department"], each["tier"]) for each in tiers] == [("市场监督管理局", "B"), ("", "D")]

    def test_fill_a_plan_that_is_drafted_on_the_way(self, as_: Any, cast: Cast, clock: Any) -> None:
        file = (io.BytesIO(LAW_FILES[ImportKind.PLAN_ITEMS].encode("utf-8-sig")), "law.csv")
        as_("ma_lin").post("/imports", data={"kind": "plan_items", "file": file})

        plan = as_("zhao_min").get("/plans?year=2026").json["items"][0]["id"]
        items = as_("zhao_min").get(f"/plans/{plan}").json["items"]

        assert [(each["times"], each["month"], each["joint_with"]) for each in items] == [
            (20, None, []),
            (1, 5, ["消防救援支队", "应急管理局"]),
        ]

    def test_have_a_template_each(self, as_: Any, cast: Cast) -> None:
        for kind in LAW_FILES:
            answer = as_("ma_lin").get(f"/import-templates/{kind.value}.xlsx")
            assert answer.status_code == 200
            assert len(read_rows("x.xlsx", answer.data)[0]) >= 4
