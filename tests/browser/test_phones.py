"""Enrolled phones at the door: both people in browsers of their own, the codes read as a pasted link."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

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
