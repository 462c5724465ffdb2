"""The whole journey in Chromium, each person in a browser of their own; the camera reads a printed plaque."""

import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from server.clock import SHANGHAI

from .conftest import BAKERY, Person

pytestmark = pytest.mark.browser


def a_photo() -> dict[str, Any]:
    """A photo as a phone's camera gives it."""
    body = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(body, "JPEG")
    return {"name": "门口.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def register(lina: Person, *, matter: str) -> str:
    """Register a visit to the bakery that may begin now; its address."""
    page = lina.page
    page.get_by_role("button", name="登记入企检查").click()
    page.get_by_label("按名称或统一社会信用代码查找").fill("林邑糕点")
    page.get_by_role("button", name=re.compile(BAKERY)).click()
    page.get_by_text("行政检查", exact=True).click()
    page.get_by_label("检查依据").select_option("ordered")
    page.get_by_label(re.compile("^说明")).fill("上级部署的专项检查")
    page.get_by_label(re.compile(matter)).check()
    page.get_by_label(re.compile("王军")).check()
    begun = datetime.now(SHANGHAI) - timedelta(minutes=5)
    page.get_by_label("开始时间").fill(f"{begun:%Y-%m-%dT%H:%M}")
    page.get_by_label("结束时间").fill(f"{begun + timedelta(hours=3):%Y-%m-%dT%H:%M}")
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/visits")) as registered:
        page.get_by_role("button", name="提交登记").click()
    assert registered.value.status == 201, registered.value.text()
    return f"/visits/{registered.value.json()['id']}"


def scan_with_camera(someone: Person, visit: str) -> Any:
    """Open the camera before the paper and wait for the verdict."""
    someone.go(f"{visit}/scan")
    someone.button("打开摄像头").click()
    verdict = someone.page.get_by_test_id("scan-result")
    expect(verdict).to_be_visible(timeout=20_000)
    return verdict


def visits_of_bakery(supervisor: Person) -> int:
    """The bakery's number in the supervisor's table."""
    supervisor.go("/frequency?q=林邑糕点")
    row = supervisor.page.get_by_role("row").filter(has_text=BAKERY)
    expect(row).to_be_visible()
    return int(row.get_by_role("cell").first.inner_text())


class TestPoster:
    def test_hangs_before_the_camera_of_somebody_whom_the_city_asks_to_sign_in(
        self, person: Any, poster: Image.Image
    ) -> None:
        # First, so that starting the city and a browser is nobody else's time.
        somebody = person(None, paper=poster)
        somebody.go("/")

        expect(somebody.button("登录")).to_be_visible(timeout=20_000)
        seen = somebody.page.evaluate("""async () => {
            const film = await navigator.mediaDevices.getUserMedia({ video: true })
            const { width, height } = film.getVideoTracks()[0].getSettings()
            film.getTracks().forEach((track) => track.stop())
            return [width, height]
        }""")
        assert all(side > 0 for side in seen)


class TestJourney:
    def test_goes_from_registration_to_the_supervisors_count(
        self, person: Any, poster: Image.Image, tmp_path: Path
    ) -> None:
        sunli = person("sunli", desk=True)
        before = visits_of_bakery(sunli)

        lina = person("lina", paper=poster)
        visit = register(lina, matter="食品生产企业日常监督检查")

        zhaomin = person("zhaomin", desk=True)
        zhaomin.go(visit)
        zhaomin.page.get_by_role("button", name="同意", exact=True).first.click()
        zhaomin.page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
        expect(zhaomin.page.get_by_text("待入企").first).to_be_visible()

        bakery = person("bakery")
        bakery.go(visit)
        expect(bakery.page.get_by_text("李娜").first).to_be_visible()

        verdict = scan_with_camera(lina, visit)
        expect(verdict).to_have_attribute("data-state", "passed")
        expect(verdict).to_contain_text("已扫码 1 人，需 2 人")
        wangjun = person("wangjun", paper=poster)
        expect(scan_with_camera(wangjun, visit)).to_contain_text("已扫码 2 人，需 2 人")

        lina.go(f"{visit}/record")
        lina.button("本事项其余均符合").click()
        lina.page.get_by_text("未发现问题", exact=True).click()
        lina.page.get_by_label("入企人数").fill("2")
        lina.page.get_by_label("用时(分钟)").or_(lina.page.get_by_label("用时（分钟）")).fill("35")
        lina.page.get_by_label("添加照片").set_input_files(a_photo())
        expect(lina.page.get_by_alt_text("照片 1")).to_be_visible()
        lina.button("提交并封存").click()
        lina.page.get_by_role("dialog").get_by_role("button", name="提交并封存").click()
        expect(lina.page).to_have_url(re.compile(f"{visit}$"), timeout=20_000)
        expect(lina.page.get_by_text("待评价").first).to_be_visible()

        bakery.go("/enterprise")
        bakery.go(f"{visit}/rate")
        for question in ("这次检查总体怎么样？", "执法人员的态度和廉洁？", "是否依法、规范？"):
            bakery.page.get_by_role("group", name=question).get_by_text("4 满意").click()
        bakery.page.get_by_text("否，没有超出").click()
        bakery.page.get_by_label(re.compile("还有什么想说的")).fill("讲得清楚")
        bakery.button("提交评价").click()
        expect(bakery.page.get_by_text("谢谢您的评价")).to_be_visible()

        assert visits_of_bakery(sunli) == before + 1
        sunli.go(visit)
        expect(sunli.page.get_by_text("讲得清楚")).to_be_visible()
        lina.go(visit)
        expect(lina.page.get_by_text("已评价").first).to_be_visible()
        expect(lina.page.get_by_text("讲得清楚")).to_have_count(0)


class TestScanning:
    @pytest.fixture
    def visit(self, person: Any) -> str:
        """A visit to the bakery that Zhao Min has approved."""
        lina = person("lina")
        visit = register(lina, matter="产品质量监督检查")
        zhaomin = person("zhaomin")
        zhaomin.go(visit)
        zhaomin.page.get_by_role("button", name="同意", exact=True).first.click()
        zhaomin.page.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
        expect(zhaomin.page.get_by_text("待入企").first).to_be_visible()
        return visit

    def test_says_on_screen_that_it_is_another_firms_plaque(self, person: Any, site: Any, visit: str) -> None:
        other = next(path for path in site.plaques.glob("*.png") if BAKERY not in path.name)
        with Image.open(other) as symbol:
            paper = symbol.convert("RGB").resize((620, 620))
        lina = person("lina", paper=paper)

        verdict = scan_with_camera(lina, visit)

        expect(verdict).to_have_attribute("data-state", "refused")
        expect(verdict).to_contain_text("不予通过")
        expect(verdict).to_contain_text(f"扫到的企业：{other.stem}")
        lina.button("查看检查").click()
        expect(lina.page.get_by_text("不予通过").first).to_be_visible()

    def test_reads_a_photo_when_there_is_no_camera(self, person: Any, site: Any, visit: str) -> None:
        lina = person("lina", camera=False)
        lina.go(f"{visit}/scan")
        lina.button("打开摄像头").click()
        expect(lina.page.get_by_role("alert").first).to_be_visible()

        lina.page.get_by_label("拍照识别").set_input_files(str(site.plaques / f"{BAKERY}.png"))

        expect(lina.page.get_by_test_id("scan-result")).to_have_attribute("data-state", "passed", timeout=20_000)

    def test_takes_a_typed_code_as_weak(self, person: Any, visit: str) -> None:
        lina = person("lina")
        lina.go(visit)
        shown = lina.page.get_by_text(re.compile(r"9143\w{14}")).first.inner_text()
        code = re.search(r"9143\w{14}", shown)
        assert code
        lina.go(f"{visit}/scan")

        lina.page.get_by_label("统一社会信用代码或企业码链接").fill(code[0])
        lina.button("使用此代码").click()

        expect(lina.page.get_by_test_id("scan-result")).to_have_attribute("data-state", "passed", timeout=20_000)
        lina.button("查看检查").click()
        expect(lina.page.get_by_text("在场强度 弱").first).to_be_visible()

    def test_loses_nothing_without_signal(self, person: Any, poster: Image.Image, visit: str) -> None:
        lina = person("lina", paper=poster)
        # The app was opened at the office before, as it is every morning: its files are on the phone.
        lina.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        lina.go(f"{visit}/scan")
        expect(lina.button("打开摄像头")).to_be_visible()
        lina.page.context.set_offline(True)

        lina.button("打开摄像头").click()
        verdict = lina.page.get_by_test_id("scan-result")
        expect(verdict).to_have_attribute("data-state", "kept", timeout=20_000)
        expect(verdict).to_contain_text("已保存，未核验")
        lina.page.context.set_offline(False)

        expect(verdict).to_have_attribute("data-state", "passed", timeout=30_000)

    def test_lands_from_any_camera_app_on_the_right_page(self, person: Any, site: Any, visit: str) -> None:
        import qr

        [address] = qr.read((site.plaques / f"{BAKERY}.png").read_bytes())
        nobody = person(None)

        nobody.page.goto(address)

        expect(nobody.page.get_by_text("这是真的企业码")).to_be_visible()
        expect(nobody.page.get_by_text(BAKERY).first).to_be_visible()
        forged = address[:-1] + str((int(address[-1]) + 1) % 10)
        nobody.page.goto(forged)
        expect(nobody.page.get_by_text("警告：这个码是伪造的")).to_be_visible()
