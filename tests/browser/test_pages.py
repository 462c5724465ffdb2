"""Every page, for every audience: no fault that axe calls serious, no sideways scroll, both languages."""

import io
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, expect

import qr
from tests.live import PASSWORD
from tests.live import Person as Hand

from .conftest import BAKERY, Person, Site

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES: dict[str, list[str]] = {
    "lina": ["/today", "/register", "/scan", "/outbox", "/phones", "/account", "/policy/proposals"],
    "zhaomin": [
        "/approvals",
        "/unit",
        "/frequency",
        "/overview",
        "/visits",
        "/policy/plans",
        "/policy/draws",
        "/policy/proposals",
    ],
    "bakery": ["/enterprise", "/enterprise/plaque", "/enterprise/code", "/enterprise/meet", "/phones", "/account"],
    "sunli": [
        "/frequency",
        "/overview",
        "/visits",
        "/door-reports",
        "/policy",
        "/policy/lifts",
        "/policy/shares",
        "/nowhere",
    ],
    "admin": ["/imports", "/plaques", "/accounts"],
}
NARROW = 320


def faults_of(someone: Person) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    settle(someone)
    found = Axe().run(someone.page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def settle(someone: Person) -> None:
    """Wait until the page has its title and nothing is loading any more."""
    expect(someone.page.locator("h1")).to_be_visible(timeout=15_000)
    expect(someone.page.locator("[aria-busy=true], .van-loading, .waiting")).to_have_count(0, timeout=15_000)


def sideways(someone: Person) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(someone.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


class TestPages:
    @pytest.mark.parametrize("who", PAGES)
    def test_have_no_serious_fault_in_chinese(self, person: Any, who: str) -> None:
        someone = person(who, desk=who in ("sunli", "admin"))
        faults = {}
        for path in PAGES[who]:
            someone.go(path)
            if found := faults_of(someone):
                faults[path] = found

        assert faults == {}

    def test_before_signing_in_have_no_serious_fault(self, person: Any) -> None:
        nobody = person(None)
        faults = {}
        for path in ("/signin", "/enrol", "/e/123", "/nowhere"):
            nobody.go(path)
            if found := faults_of(nobody):
                faults[path] = found

        assert faults == {}

    @pytest.mark.parametrize("who", PAGES)
    def test_are_whole_in_english_on_the_narrowest_phone(self, person: Any, who: str) -> None:
        someone = person(who, width=NARROW)
        someone.page.get_by_role("button", name=re.compile("切换语言")).click()
        expect(someone.page.get_by_role("button", name="Switch language 中")).to_be_visible()
        faults, wider, languages = {}, {}, set()
        for path in PAGES[who]:
            someone.go(path)
            if found := faults_of(someone):
                faults[path] = found
            if pixels := sideways(someone):
                wider[path] = pixels
            languages.add(someone.page.locator("html").get_attribute("lang"))

        assert faults == {}
        assert wider == {}
        assert languages == {"en"}

    @pytest.mark.parametrize("who", ["sunli", "lina", "zhaomin", "bakery"])
    def test_show_a_recorded_visit_without_serious_fault(self, person: Any, site: Site, who: str) -> None:
        _, recorded = Hand.signed_in(site.url, who).call("GET", "/visits?stage=recorded,evaluated,unrated&limit=1")
        someone = person(who, desk=who == "sunli")

        someone.go(f"/visits/{recorded['items'][0]['id']}")

        assert faults_of(someone) == []
        assert sideways(someone) == 0
        someone.page.get_by_role("button", name="长辈版 大字").click()
        expect(someone.page.locator("html")).to_have_class(re.compile("elder"))
        assert sideways(someone) == 0


class TestSupervisor:
    def test_filters_by_address_and_drills_down_to_a_visit(self, person: Any) -> None:
        sunli = person("sunli", desk=True)
        sunli.go("/frequency?purpose=inspection")
        settle(sunli)

        sunli.page.get_by_role("link", name=f"查看{BAKERY}的检查").click()
        expect(sunli.page).to_have_url(re.compile("/visits\\?"))
        sunli.page.get_by_role("row").nth(1).get_by_role("link").first.click()

        expect(sunli.page).to_have_url(re.compile("/visits/[0-9a-f-]{36}"))
        settle(sunli)
        expect(sunli.page.get_by_role("heading", name="全部经过").first).to_be_visible()

    def test_opens_the_list_behind_a_figure(self, person: Any) -> None:
        sunli = person("sunli", desk=True)
        sunli.go("/overview")
        card = sunli.page.get_by_role("link", name="扫码不予通过")
        expect(card).to_be_visible()
        figure = int(re.findall(r"\d+", card.inner_text())[0])

        card.click()

        expect(sunli.page.get_by_role("checkbox", name="只看扫码不予通过")).to_be_checked()
        expect(sunli.page.get_by_role("row")).to_have_count(figure + 1)

    @pytest.mark.parametrize(("button", "ending"), [("导出 CSV", ".csv"), ("导出 XLSX", ".xlsx")])
    def test_takes_the_list_away_as_a_file(self, person: Any, button: str, ending: str, tmp_path: Path) -> None:
        sunli = person("sunli", desk=True)
        sunli.go("/frequency")
        settle(sunli)

        with sunli.page.expect_download() as download:
            sunli.button(button).click()

        assert download.value.suggested_filename.endswith(ending)
        assert Path(download.value.path()).stat().st_size > 1000


class TestAdministrator:
    def test_imports_a_file_and_sees_the_rejected_rows(self, person: Any) -> None:
        admin = person("admin", desk=True)
        admin.go("/imports")
        settle(admin)
        text = "企业名称,统一社会信用代码,所属区县\n新茶厂,91431081YYYY000550,资兴市\n坏代码厂,123,资兴市\n"
        admin.page.get_by_text("企业", exact=True).first.click()
        file = FilePayload(name="企业.csv", mimeType="text/csv", buffer=text.encode("utf-8-sig"))
        admin.page.locator("input[type=file]").set_input_files(file)

        admin.button("上传并导入").click()

        expect(admin.page.get_by_text("导入结果")).to_be_visible()
        expect(admin.page.get_by_text("格式不对").first).to_be_visible()

    def test_prints_plaques_that_lead_to_their_enterprise(self, person: Any, site: Site) -> None:
        bakery = Hand.signed_in(site.url, "bakery")
        _, me = bakery.call("GET", "/me")
        _, detail = bakery.call("GET", f"/enterprises/{me['enterprise']['id']}")
        [address] = [plaque["url"] for plaque in detail["plaques"] if plaque["url"]]
        admin = person("admin", desk=True)
        admin.go("/plaques")
        admin.page.get_by_role("searchbox").fill("林邑糕点")
        admin.button("搜索").click()
        admin.page.get_by_role("checkbox", name=f"选择{BAKERY}").check()

        with admin.page.expect_download() as download:
            admin.button("打印企业码（PDF）").click()

        with pypdfium2.PdfDocument(Path(download.value.path()).read_bytes()) as document:
            assert len(document) == 1
            sheet = io.BytesIO()
            document[0].render(scale=3).to_pil().save(sheet, "PNG")
        assert qr.read(sheet.getvalue()) == [address]


class TestSession:
    def test_leads_back_after_signing_in(self, person: Any) -> None:
        nobody = person(None)
        nobody.go("/visits?overdue=1")
        expect(nobody.page).to_have_url(re.compile("/signin\\?next=/visits"))
        nobody.page.locator("input[name=username]").fill("sunli")
        nobody.page.locator("input[name=password]").fill(PASSWORD)

        nobody.page.locator("form button[type=submit]").click()

        expect(nobody.page).to_have_url(re.compile("/visits\\?overdue=1"))

    def test_says_what_is_wrong_with_a_password(self, person: Any) -> None:
        nobody = person(None)
        nobody.go("/signin")
        nobody.page.locator("input[name=username]").fill("lina")
        nobody.page.locator("input[name=password]").fill("wrong")

        nobody.page.locator("form button[type=submit]").click()

        expect(nobody.page.get_by_role("alert")).to_be_visible()

    def test_offers_the_next_step_on_another_audiences_page(self, person: Any) -> None:
        bakery = person("bakery")
        bakery.go("/frequency")

        expect(bakery.page.get_by_text("这个页面不是为您的账号准备的。")).to_be_visible()
        bakery.page.get_by_role("button", name="回到首页").or_(bakery.page.get_by_role("link", name="回到首页")).click()
        expect(bakery.page).to_have_url(re.compile("/enterprise"))
