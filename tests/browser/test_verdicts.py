"""Verdicts in Chromium: a block with an exception that the head lifts, a warning that asks for a reason."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.live import Person as Hand

from .conftest import BAKERY, Person, Site
from .test_journey import a_photo
from .test_pages import faults_of, sideways

pytestmark = pytest.mark.browser

ONCE_A_YEAR = "计量器具监督检查"


def fill(lina: Person, *, basis: str, matter: str) -> Any:
    """Fill the form in for the bakery, an hour from now; the panel with the verdicts."""
    lina.go("/register")
    page = lina.page
    page.get_by_label("按名称或统一社会信用代码查找").fill("林邑糕点")
    page.get_by_role("button", name=re.compile(BAKERY)).click()
    page.get_by_label("检查依据").select_option(basis)
    page.get_by_label(re.compile(matter)).check()
    page.get_by_label(re.compile("王军")).check()
    panel = page.get_by_role("region", name="规则预判")
    expect(panel.get_by_text("正在判定…")).to_have_count(0)
    return panel


def use_up(site: Site, matter: str) -> None:
    """Register a visit for a matter that may be inspected once a year; refused where that has happened already."""
    lina = Hand.signed_in(site.url, "lina")
    _, me = lina.call("GET", "/me")
    _, bakery = Hand.signed_in(site.url, "bakery").call("GET", "/me")
    _, matters = lina.call("GET", f"/matters?agency_id={me['agency']['id']}&limit=50")
    _, colleagues = lina.call("GET", f"/inspectors?agency_id={me['agency']['id']}")
    opens = datetime.now(UTC) + timedelta(hours=1)
    planned = {
        "enterprise_id": bakery["enterprise"]["id"],
        "purpose": "inspection",
        "basis": "plan",
        "matter_ids": [each["id"] for each in matters["items"] if each["name"] == matter],
        "inspector_ids": [each["id"] for each in colleagues["items"] if each["name"] in ("李娜", "王军")],
        "window_from_at": opens.isoformat(),
        "window_to_at": (opens + timedelta(hours=2)).isoformat(),
        "reason": "年度计划",
    }
    status, answer = lina.call("POST", "/visits", planned)
    assert status == 201 or answer["reason"] == "cap_reached", answer


class TestVerdicts:
    def test_block_until_the_head_lifts_what_the_inspector_claims(self, person: Any, site: Site) -> None:
        use_up(site, ONCE_A_YEAR)
        lina = person("lina")
        panel = fill(lina, basis="plan", matter=ONCE_A_YEAR)

        expect(panel.get_by_role("heading", name="不予通过")).to_be_visible()
        expect(panel.get_by_text(f"“{ONCE_A_YEAR}”今年已登记1次，上限1次")).to_be_visible()
        assert faults_of(lina) == []
        lina.page.get_by_label(re.compile("^说明")).fill("消费者反映加油机计量不准")
        lina.button("提交登记").click()
        expect(lina.page.get_by_role("alert")).to_contain_text("已达年度检查频次上限")

        panel.get_by_text("涉及生命安全（由单位负责人批准）").click()
        panel.get_by_label("证据").fill("检测数据：加油机回油超差")
        expect(panel.get_by_role("heading", name="可以登记，须经批准")).to_be_visible()
        lina.button("提交登记").click()
        expect(lina.page).to_have_url(re.compile("/visits/[0-9a-f-]{36}$"))
        expect(lina.page.get_by_text("等待单位负责人决定")).to_be_visible()
        visit = lina.page.url.removeprefix(site.url)

        zhaomin = person("zhaomin")
        zhaomin.go(visit)
        zhaomin.button("同意").click()
        barred = zhaomin.page.get_by_role("dialog")
        expect(barred).to_contain_text("请先由单位负责人处理例外申请")
        expect(barred.get_by_role("button", name="同意", exact=True)).to_have_count(0)
        barred.get_by_role("button", name="取消").click()
        zhaomin.button("同意例外").click()
        sheet = zhaomin.page.get_by_role("dialog")
        sheet.get_by_label("理由").fill("检测数据属实")
        sheet.get_by_role("button", name="同意例外", exact=True).click()
        expect(zhaomin.page.get_by_text("赵敏 同意例外")).to_be_visible()
        assert faults_of(zhaomin) == []
        zhaomin.button("同意").click()
        zhaomin.page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
        expect(zhaomin.page.get_by_text("待入企").first).to_be_visible()

        bakery = person("bakery")
        bakery.go(visit)
        expect(bakery.page.get_by_text("单位负责人 同意例外")).to_be_visible()
        expect(bakery.page.get_by_text("《行政处罚法》第五十五条").first).to_be_visible()
        expect(bakery.page.get_by_text("检测数据")).to_have_count(0)

    def test_ask_for_a_reason_where_they_warn(self, person: Any) -> None:
        lina = person("lina", width=320)
        panel = fill(lina, basis="emergency", matter="产品质量监督检查")

        expect(panel.get_by_role("heading", name="须说明理由")).to_be_visible()
        assert sideways(lina) == 0
        assert faults_of(lina) == []
        lina.button("提交登记").click()
        expect(lina.page.get_by_role("alert")).to_contain_text("请填写说明")

        lina.page.get_by_label("说明（必填）").fill("群众反映糕点变质，须立即核查")
        lina.button("提交登记").click()

        expect(lina.page).to_have_url(re.compile("/visits/[0-9a-f-]{36}$"))
        expect(lina.page.get_by_text("紧急检查，待补审批")).to_be_visible()
        assert sideways(lina) == 0


class TestSupervisor:
    def test_replays_a_shipped_pack_over_the_year(self, person: Any) -> None:
        sunli = person("sunli", desk=True)
        sunli.go("/policy")
        page = sunli.page
        page.get_by_text("内置规则包", exact=True).click()
        page.get_by_label("选择规则包").select_option("shanghai")

        sunli.button("开始回放").click()

        expect(page.get_by_text(re.compile(r"判定 [1-9]\d* 次，会阻止 \d+ 次"))).to_be_visible(timeout=30_000)
        expect(page.get_by_role("table", name="回放结果：按条款和单位").get_by_role("row").nth(1)).to_be_visible()
        assert faults_of(sunli) == []


class TestOffSite:
    def test_goes_round_the_loop_without_a_door(self, person: Any, site: Site) -> None:
        lina = person("lina")
        panel = fill(lina, basis="ordered", matter="产品质量监督检查")
        page = lina.page
        expect(page.get_by_text("所选事项可以非现场检查")).to_be_visible()
        page.get_by_text("非现场（提交材料）").click()
        page.get_by_label("请企业准备什么").fill("近三个月的出厂检验报告")
        page.get_by_label(re.compile("^说明")).fill("上级部署的专项检查")
        expect(panel.get_by_text("正在判定…")).to_have_count(0)
        lina.button("提交登记").click()
        expect(page).to_have_url(re.compile("/visits/[0-9a-f-]{36}$"))
        visit = page.url.removeprefix(site.url)
        zhaomin = person("zhaomin")
        zhaomin.go(visit)
        zhaomin.button("同意").click()
        zhaomin.page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
        expect(zhaomin.page.get_by_text("待入企").first).to_be_visible()

        bakery = person("bakery")
        bakery.go(visit)
        expect(bakery.page.get_by_text("请准备：近三个月的出厂检验报告")).to_be_visible()
        bakery.page.get_by_label("说明", exact=True).fill("报告见附件")
        bakery.page.get_by_label("添加文件（照片或 PDF）").set_input_files(a_photo())
        expect(bakery.page.get_by_text("已添加 1 个文件")).to_be_visible()
        bakery.button("提交材料").click()
        expect(bakery.page.get_by_text("报告见附件")).to_be_visible()
        assert faults_of(bakery) == []

        lina.go(visit)
        expect(page.get_by_text("报告见附件")).to_be_visible()
        expect(page.get_by_text("尚未扫码")).to_have_count(0)
        lina.button("填写检查记录").click()
        lina.button("本事项其余均符合").click()
        page.get_by_text("未发现问题", exact=True).click()
        page.get_by_label("用时（分钟）").fill("30")
        lina.button("提交并封存").click()
        page.get_by_role("dialog").get_by_role("button", name="提交并封存").click()
        expect(page).to_have_url(re.compile(f"{visit}$"), timeout=20_000)
        expect(page.get_by_text("待评价").first).to_be_visible()
