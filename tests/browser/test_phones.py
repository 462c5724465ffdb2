"""Enrolled phones at the door: both people in browsers of their own, the codes read as a pasted link."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import expect

import qr
from tests.live import Person as Hand

from .conftest import BAKERY, Person, Site
from .test_journey import register
from .test_pages import faults_of, sideways

pytestmark = pytest.mark.browser


def enrol(someone: Person) -> None:
    """Make this browser one of the enrolled phones; the code appears by itself."""
    someone.button("登记这部手机").click()
    expect(someone.page.get_by_test_id("fresh-code")).to_be_visible(timeout=15_000)


def shown(someone: Person) -> str:
    """What the symbol on the screen says."""
    return str(someone.page.get_by_test_id("fresh-code").get_attribute("data-text"))


@pytest.fixture
def visit(person: Any) -> Iterator[str]:
    """A visit to the bakery that Zhao Min has approved."""
    lina = person("lina")
    address = register(lina, matter="产品质量监督检查")
    zhaomin = person("zhaomin")
    zhaomin.go(address)
    zhaomin.page.get_by_role("button", name="同意", exact=True).first.click()
    zhaomin.page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
    expect(zhaomin.page.get_by_text("待入企").first).to_be_visible()
    yield address
    for who in ("bakery", "lina"):
        hand = Hand.signed_in(lina.site.url, who)
        for phone in hand.call("GET", "/phones")[1]["items"]:
            if phone["revoked_at"] is None and phone["mine"]:
                hand.call("POST", f"/phones/{phone['number']}/revocation", {"reason": "测试结束"})


@pytest.fixture
def side_plaque(site: Site) -> Iterator[dict[str, Any]]:
    """A plaque for another door of the bakery, so that its own stays valid for everybody else."""
    admin, bakery = Hand.signed_in(site.url, "admin"), Hand.signed_in(site.url, "bakery")
    enterprise = bakery.call("GET", "/me")[1]["enterprise"]["id"]
    status, detail = admin.call("POST", f"/enterprises/{enterprise}/plaques", {"site": "东门店", "reason": ""})
    assert status == 201, detail
    [made] = [plaque for plaque in detail["plaques"] if plaque["site"] == "东门店" and not plaque["revoked_at"]]
    yield made
    # Refused where the test has revoked it already.
    admin.call("POST", f"/plaques/{made['serial']}/revocations", {"reason": "测试结束"})


def open_sheet(admin: Person) -> Any:
    """The desk's sheet about the bakery."""
    admin.go("/plaques")
    admin.page.get_by_role("searchbox").fill("林邑糕点")
    admin.button("搜索").click()
    admin.button(f"管理：{BAKERY}").click()
    return admin.page.get_by_role("dialog", name=BAKERY)


def symbols_of(pdf: Path) -> set[str]:
    """What all symbols on all pages of a print say."""
    with pypdfium2.PdfDocument(pdf.read_bytes()) as document:
        return {text for page in document for text in qr.read(page.render(scale=4).to_pil().convert("RGB"))}


class TestDoor:
    def test_both_phones_show_the_same_words_and_a_report_comes_back(self, person: Any, visit: str) -> None:
        lina, bakery = person("lina"), person("bakery")
        lina.go(f"{visit}/code")
        enrol(lina)
        bakery.go("/enterprise/meet")
        bakery.button("登记这部手机").click()
        bakery.page.get_by_label(re.compile("把码的链接粘贴到这里")).fill(shown(lina))
        bakery.button("使用这个链接").click()

        theirs = bakery.page.get_by_test_id("meeting-words").locator(".pair")
        mine = lina.page.get_by_test_id("meeting-words").locator(".pair")
        expect(mine).to_be_visible(timeout=15_000)
        assert theirs.inner_text() == mine.inner_text()
        expect(bakery.page.get_by_text("李娜").first).to_be_visible()
        assert faults_of(bakery) == []
        assert sideways(bakery) == 0

        bakery.button("多来了人").click()
        sheet = bakery.page.get_by_role("dialog")
        sheet.get_by_label("一共来了几人").fill("5")
        sheet.get_by_role("button", name="提交反馈").click()
        expect(bakery.page.get_by_text("已收到，谢谢。")).to_be_visible()

        sunli = person("sunli")
        sunli.go("/door-reports")
        assert faults_of(sunli) == []
        sunli.page.get_by_role("button", name=f"处理：{BAKERY}").first.click()
        sunli.page.get_by_role("dialog").get_by_label("处理结果").fill("已向该单位核实")
        sunli.page.get_by_role("dialog").get_by_role("button", name="处理", exact=True).click()
        expect(sunli.page.get_by_role("dialog")).to_have_count(0)
        bakery.go(visit)
        expect(bakery.page.get_by_text("处理结果：已向该单位核实")).to_be_visible()

    def test_a_living_code_is_scanned_and_the_enterprise_sees_who_came(self, person: Any, visit: str) -> None:
        bakery = person("bakery")
        bakery.go("/enterprise/code")
        enrol(bakery)
        assert faults_of(bakery) == []
        lina = person("lina")
        lina.go(f"{visit}/code")
        enrol(lina)
        lina.go(f"{visit}/scan?code={shown(bakery)}")

        expect(lina.page.get_by_test_id("scan-result")).to_have_attribute("data-state", "passed", timeout=20_000)
        mine = lina.page.get_by_test_id("meeting-words").locator(".pair")
        theirs = bakery.page.get_by_test_id("meeting-words").locator(".pair")
        expect(theirs).to_be_visible(timeout=15_000)
        assert mine.inner_text() == theirs.inner_text()
        bakery.button("给下一位亮码").click()
        expect(bakery.page.get_by_test_id("fresh-code")).to_be_visible()
        lina.button("查看检查").click()
        expect(lina.page.get_by_text(re.compile("双方手机互相核对过")).first).to_be_visible()

    def test_a_living_code_goes_on_without_a_network_also_after_a_reload(
        self, person: Any, site: Site, visit: str
    ) -> None:
        bakery = person("bakery")
        bakery.go("/enterprise/code")
        enrol(bakery)
        bakery.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        bakery.page.context.set_offline(True)

        bakery.page.reload()

        expect(bakery.page.get_by_test_id("fresh-code")).to_be_visible(timeout=15_000)
        status, answer = Hand(site.url).call("GET", f"/codes?text={shown(bakery)}")
        assert (status, answer["kind"], answer["enterprise"]["name"]) == (200, "living", BAKERY)


class TestPhones:
    @pytest.mark.parametrize("path", ["/phones", "/enterprise/code", "/enterprise/meet", "/enterprise"])
    def test_pages_have_no_fault_and_fit_the_narrowest_phone(self, person: Any, path: str) -> None:
        bakery = person("bakery", width=320)
        bakery.go(path)

        assert faults_of(bakery) == []
        assert sideways(bakery) == 0

    def test_say_that_a_typed_activation_code_is_wrong(self, person: Any) -> None:
        nobody = person(None)
        nobody.go("/enrol")
        assert faults_of(nobody) == []
        nobody.page.get_by_label("激活码（16 位）").fill("ABCD")
        nobody.button("开通").click()

        expect(nobody.page.get_by_role("alert")).to_contain_text("这不是激活码")

    def test_enrol_without_a_password_by_the_sealed_sheet_of_a_plaque(
        self, person: Any, site: Site, side_plaque: dict[str, Any], tmp_path: Path
    ) -> None:
        admin = person("admin", desk=True)
        sheet = open_sheet(admin)
        with admin.page.expect_download() as download:
            sheet.get_by_role("button", name=f"打印封装页：编号 {side_plaque['serial']}").click()
        [slip] = symbols_of(Path(download.value.path())) - {side_plaque["url"]}

        phone = person(None)
        phone.go(f"/e/{slip.rsplit('/', 1)[1]}")
        expect(phone.button("用它开通企业手机")).to_be_visible()
        assert faults_of(phone) == []
        phone.button("用它开通企业手机").click()
        expect(phone.page.get_by_label("激活码（16 位）")).to_have_value(re.compile(slip, re.IGNORECASE))
        phone.page.get_by_label("给手机起个名字").fill("店里的新手机")
        phone.button("开通").click()

        expect(phone.page).to_have_url(re.compile("/enterprise\\?welcome=1"), timeout=15_000)
        expect(phone.page.get_by_role("heading", name=BAKERY)).to_be_visible()
        phone.go("/enterprise/code")
        expect(phone.page.get_by_test_id("fresh-code")).to_be_visible(timeout=15_000)
        status, answer = Hand(site.url).call("GET", f"/codes?text={shown(phone)}")
        assert (status, answer["kind"], answer["enterprise"]["name"]) == (200, "living", BAKERY)

        # The code works once, and the desk ends the phone that got it.
        again = person(None)
        again.go("/enrol")
        again.page.get_by_label("激活码（16 位）").fill(slip)
        again.button("开通").click()
        expect(again.page.get_by_role("alert")).to_contain_text("这张一次码已用过")
        sheet = open_sheet(admin)
        sheet.get_by_role("button", name="停用：店里的新手机").first.click()
        asked = admin.page.get_by_role("dialog").filter(has_text="停用“店里的新手机”？").last
        asked.get_by_label("理由").fill("测试结束")
        asked.get_by_role("button", name="停用", exact=True).click()
        expect(sheet.get_by_role("button", name="停用：店里的新手机")).to_have_count(0)

    def test_without_a_code_are_told_that_no_texts_are_sent_here(self, person: Any) -> None:
        nobody = person(None, width=320)
        nobody.go("/enrol")
        nobody.page.get_by_label(re.compile("统一社会信用代码")).fill("91431081YYYY000550")
        nobody.button("发送短信").click()

        expect(nobody.page.get_by_role("alert")).to_contain_text("本平台没有开通短信")
        assert faults_of(nobody) == []
        assert sideways(nobody) == 0


class TestLostPlaque:
    def test_is_reported_found_by_a_stranger_and_seen_by_its_enterprise(
        self, person: Any, side_plaque: dict[str, Any]
    ) -> None:
        serial = side_plaque["serial"]
        bakery = person("bakery", width=320)
        bakery.go("/enterprise/plaque")
        bakery.button(f"挂失：编号 {serial}").click()
        sheet = bakery.page.get_by_role("dialog")
        sheet.get_by_label("怎么丢的").fill("装修时丢了")
        sheet.get_by_role("button", name="挂失", exact=True).click()
        expect(bakery.page.get_by_text(f"编号 {serial} 的旧码从现在起不算数了")).to_be_visible()
        expect(bakery.page.get_by_text("还没有找到。")).to_be_visible()

        stranger = person(None, width=320)
        stranger.go(f"/e/{side_plaque['url'].rsplit('/', 1)[1]}")
        verdict = stranger.page.get_by_role("alert")
        expect(verdict).to_contain_text("这个码已经作废")
        expect(verdict).to_contain_text("作废原因：装修时丢了")
        assert faults_of(stranger) == []
        stranger.button("我捡到了这块码牌").click()
        stranger.page.get_by_label(re.compile("可以到哪里取")).fill("放在门卫室")
        assert faults_of(stranger) == []
        assert sideways(stranger) == 0
        stranger.button("告诉企业").click()
        expect(stranger.page.get_by_role("status").filter(has_text="谢谢您！")).to_be_visible()
        assert faults_of(stranger) == []

        bakery.page.reload()
        expect(bakery.page.get_by_text("留言：放在门卫室")).to_be_visible()
        assert faults_of(bakery) == []
        assert sideways(bakery) == 0

    def test_is_no_secret_to_the_supervisor_who_reads_a_visit(self, person: Any, site: Site, visit: str) -> None:
        sunli = person("sunli", width=320)
        sunli.go(visit)
        sunli.page.get_by_text("企业码历史", exact=True).click()

        expect(sunli.page.locator("details").get_by_text(re.compile("^编号 \\d+")).first).to_be_visible()
        assert faults_of(sunli) == []
        assert sideways(sunli) == 0

    def test_leaves_an_enterprise_that_the_desk_can_filter_for(self, person: Any) -> None:
        admin = person("admin", width=320)
        admin.go("/plaques")
        admin.page.get_by_role("searchbox").fill("林邑糕点")
        admin.button("搜索").click()
        expect(admin.page.get_by_role("rowheader", name=re.compile(BAKERY))).to_be_visible()

        admin.page.get_by_role("checkbox", name="只看没有有效码牌的企业").check()

        expect(admin.page.get_by_text("没有找到企业。")).to_be_visible()
        assert faults_of(admin) == []
        assert sideways(admin) == 0


class TestDesk:
    def test_sheet_of_an_enterprise_has_no_fault_on_the_narrowest_phone(self, person: Any) -> None:
        admin = person("admin", width=320)
        sheet = open_sheet(admin)
        expect(sheet.get_by_role("heading", name="企业的手机")).to_be_visible()

        assert faults_of(admin) == []
        assert sideways(admin) == 0
        assert sheet.evaluate("element => element.scrollWidth - element.clientWidth") == 0


class TestUnknownEnterprise:
    def test_is_added_at_its_door_and_registered_at_once(self, person: Any) -> None:
        lina = person("lina", width=320)
        lina.go("/scan?code=91431002MA4QWERT1X")
        lina.button("添加这家企业").click()
        assert faults_of(lina) == []
        assert sideways(lina) == 0
        lina.page.get_by_label(re.compile("企业名称")).fill("新开的米粉店")
        lina.page.get_by_label("所在区县").select_option(label="北湖区")
        lina.page.get_by_label("地址").fill("南塔街3号")
        lina.button("添加，然后登记检查").click()

        expect(lina.page).to_have_url(re.compile("/register\\?enterprise="))
        expect(lina.page.get_by_text("新开的米粉店").first).to_be_visible()
