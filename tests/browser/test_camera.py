"""The camera as phones have it: locked and unlocked, forbidden, missing, one of two, inside other apps."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Playwright, expect

import qr
from tests.live import Person as Hand

from .conftest import BAKERY, PHONE, QUIET, Person, Site, _listen, film, sign_in
from .test_pages import faults_of

pytestmark = pytest.mark.browser

FAKE = "--use-fake-device-for-media-stream"
TAP = 44
WECHAT = "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/126 MQQBrowser/6.2 MicroMessenger/8.0.49"
# An app that keeps the camera to itself gives its pages none.
SHUT = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
# A wall without a code at first; whoever asks again gets the true camera. What was opened is kept.
WALL_FIRST = """
  window.opened = []
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const wall = document.createElement('canvas')
    Object.assign(wall, { width: 640, height: 360 })
    const paint = wall.getContext('2d')
    Object.assign(paint, { fillStyle: '#b8b0a8' })
    paint.fillRect(0, 0, 640, 360)
    const stream = window.opened.length ? await ask(wish) : wall.captureStream(10)
    window.opened.push(stream)
    return stream
  }
"""
# The back camera of a phone with everything; what was set is kept.
RICH = """
  window.applied = []
  MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true, zoom: { min: 1, max: 8, step: 0.1 } })
  MediaStreamTrack.prototype.applyConstraints = async (wish) => window.applied.push(wish.advanced[0])
"""
# A tone and a voice that are heard by the test.
LISTEN = """
  window.speechSynthesis.speak = ({ lang, text }) => {
    if (text) document.documentElement.dataset.said = `${lang} ${text}`
  }
  window.speechSynthesis.getVoices = () => []
"""
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}"""


@pytest.fixture
def phone(playwright: Playwright, chromium: str, site: Site) -> Iterator[Any]:
    """Li Na signed in on a phone of this make: flags of its browser, what its pages find, its language."""
    browsers, people = [], []

    def make(
        *flags: str,
        host: str | None = None,
        agent: str | None = None,
        finds: str = "",
        allowed: bool = True,
        language: str = "zh-CN",
    ) -> Person:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *flags])
        browsers.append(browser)
        context = browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            is_mobile=True,
            has_touch=True,
            locale=language,
            user_agent=agent,
            permissions=["camera"] if allowed else [],
        )
        if finds:
            context.add_init_script(finds)
        url = site.url.replace("localhost", host) if host else site.url
        lina = Person(context.new_page(), Site(url, site.folder))
        people.append(lina)
        _listen(lina)
        sign_in(lina, "lina")
        return lina

    yield make
    complaints = [complaint for someone in people for complaint in someone.complaints]
    for browser in browsers:
        browser.close()
    assert complaints == []


def open_camera(lina: Person) -> Page:
    """On the page that scans for no visit in particular."""
    lina.go("/scan")
    lina.button("打开摄像头").click()
    return lina.page


def says(lina: Person, what: str, advice: str) -> None:
    """The page says what happened and what to do, and the other two ways are there."""
    note = lina.page.get_by_role("alert")
    expect(note).to_contain_text(what)
    expect(note).to_contain_text(advice)
    expect(lina.page.get_by_label("拍照识别")).to_be_enabled()
    expect(lina.page.get_by_label("从相册选")).to_be_enabled()
    expect(lina.page.get_by_role("textbox")).to_be_editable()


def too_small(page: Page) -> list[str]:
    """The buttons that a thumb misses."""
    found: list[str] = page.locator("main").evaluate(
        """(main, tap) => [...main.querySelectorAll('button, .filepick, input:not([type=file])')]
          .map((one) => [one, one.getBoundingClientRect()])
          .filter(([one, box]) => box.width && (box.height < tap - 0.5 || box.width < tap - 0.5))
          .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}×${box.height}`)""",
        TAP,
    )
    return found


class TestRecovery:
    def test_reads_on_after_a_lock_that_took_the_camera(
        self, phone: Any, poster: Image.Image, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        movie = film(poster, tmp_path_factory.mktemp("film") / "camera.mjpeg")
        lina = phone(FAKE, f"--use-file-for-fake-video-capture={movie}", finds=WALL_FIRST)
        lina.go("/register")
        lina.button("扫企业码").click()
        lina.button("打开摄像头").click()
        expect(lina.page.get_by_text("将二维码放入框内")).to_be_visible()

        lina.page.evaluate(HIDE, True)
        lina.page.evaluate("opened[0].getTracks().forEach((track) => track.stop())")
        lina.page.evaluate(HIDE, False)

        expect(lina.page.get_by_text(BAKERY).first).to_be_visible(timeout=20_000)
        assert lina.page.evaluate("opened.flatMap((one) => one.getTracks()).map((one) => one.readyState)") == [
            "ended",
            "ended",
        ]

    def test_closes_out_of_sight_and_opens_on_return(self, phone: Any) -> None:
        lina = phone(FAKE)
        lina.page.clock.install()
        page = open_camera(lina)
        expect(page.get_by_text("将二维码放入框内")).to_be_visible()
        page.evaluate("window.before = document.querySelector('video').srcObject.getTracks()[0]")

        page.evaluate(HIDE, True)
        page.clock.fast_forward(31_000)
        expect(page.get_by_text("正在打开摄像头…")).to_be_visible()
        assert page.evaluate("[before.readyState, document.querySelector('video').srcObject]") == ["ended", None]

        page.evaluate(HIDE, False)
        expect(page.get_by_text("将二维码放入框内")).to_be_visible()

    def test_lets_the_camera_go_on_leaving(self, phone: Any) -> None:
        lina = phone(FAKE)
        page = open_camera(lina)
        expect(page.get_by_text("将二维码放入框内")).to_be_visible()
        page.evaluate("window.before = document.querySelector('video').srcObject.getTracks()[0]")

        page.get_by_role("button", name="返回").click()

        expect(page.get_by_role("button", name="扫码入企").first).to_be_visible()
        assert page.evaluate("before.readyState") == "ended"


class TestFaults:
    def test_denied(self, phone: Any) -> None:
        lina = phone(FAKE, allowed=False)
        open_camera(lina)

        says(lina, "没有摄像头权限。", "允许本站使用摄像头")
        expect(lina.button("再试一次")).to_be_visible()
        assert too_small(lina.page) == []

    def test_none(self, phone: Any) -> None:
        lina = phone(f"{FAKE}=device-count=0")
        open_camera(lina)

        says(lina, "没有可用的摄像头。", "请用拍照识别或手动输入。")

    def test_an_address_without_https(self, phone: Any) -> None:
        lina = phone("--host-resolver-rules=MAP ruqi.test 127.0.0.1", host="ruqi.test", allowed=False)
        open_camera(lina)

        says(lina, "网址不是 https 开头", "请用 https 网址打开本站")
        expect(lina.button("再试一次")).to_have_count(0)

    def test_an_app_that_keeps_the_camera(self, phone: Any) -> None:
        lina = phone(agent=WECHAT, finds=SHUT)
        open_camera(lina)

        says(lina, "微信不允许网页打开摄像头。", "请点右上角“⋯”，选“在浏览器打开”")

    def test_no_picture(self, phone: Any) -> None:
        black = WALL_FIRST.replace("#b8b0a8", "#000").replace("window.opened.length", "false")
        lina = phone(FAKE, finds=black)
        open_camera(lina)

        expect(lina.page.get_by_role("alert")).to_be_visible(timeout=15_000)
        says(lina, "摄像头没有画面。", "看看镜头是否被挡住")
        lina.button("再试一次").click()
        expect(lina.page.get_by_text("正在打开摄像头…")).to_be_visible()

    def test_in_english(self, phone: Any) -> None:
        lina = phone(FAKE, allowed=False, language="en")
        lina.page.get_by_role("button", name=re.compile("切换语言")).click()
        expect(lina.page.get_by_role("button", name="Switch language 中")).to_be_visible()
        lina.go("/scan")
        lina.button("Open the camera").click()

        note = lina.page.get_by_role("alert")
        expect(note).to_contain_text("The camera is not allowed.")
        expect(note).to_contain_text("or use a photo, or type the code")
        expect(lina.button("Try again")).to_be_visible()


class TestChoice:
    def test_of_two_cameras_is_remembered(self, phone: Any) -> None:
        lina = phone(f"{FAKE}=device-count=2")
        page = open_camera(lina)
        label = "document.querySelector('video').srcObject.getVideoTracks()[0].label"
        expect(page.get_by_role("button", name="换镜头 1/2")).to_be_visible()
        first = page.evaluate(label)

        page.get_by_role("button", name="换镜头 1/2").click()
        expect(page.get_by_role("button", name="换镜头 2/2")).to_be_visible()
        second = page.evaluate(label)
        open_camera(lina)
        expect(page.get_by_role("button", name="换镜头 2/2")).to_be_visible()

        assert first != second
        assert page.evaluate(label) == second

    def test_of_light_and_zoom_is_within_reach_of_a_thumb(self, phone: Any) -> None:
        lina = phone(f"{FAKE}=device-count=2", finds=RICH)
        page = open_camera(lina)
        lina.button("开灯").click()
        lina.button("放大").click()
        page.get_by_role("slider", name="变焦").press("End")

        expect(lina.button("关灯")).to_have_attribute("aria-pressed", "true")
        expect(lina.button("放大")).to_be_disabled()
        assert page.evaluate("applied.at(-1)") == {"torch": True, "zoom": 8}
        assert too_small(page) == []
        assert faults_of(lina) == []
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width


class TestForeignCode:
    @pytest.mark.parametrize("text", ["https://pay.test/x?y=<b>1</b>", "javascript:document.title='x'"])
    def test_is_named_on_the_page_and_neither_followed_nor_drawn(self, phone: Any, text: str) -> None:
        lina = phone()
        lina.go("/scan")
        asked: list[str] = []
        lina.page.on("request", lambda request: asked.append(request.url))
        symbol = FilePayload(name="code.png", mimeType="image/png", buffer=qr.png(text))
        lina.page.get_by_label("从相册选").set_input_files(symbol)

        says(lina, "这个二维码不是入企码。", f"扫到的内容：{text}")
        assert not any("/api/v1/codes" in url for url in asked)
        assert lina.page.get_by_role("alert").locator("b, a, img").count() == 0
        lina.button("仍要核验").click()

        expect(lina.page.get_by_text("这不是入企码，也不是已登记企业的统一社会信用代码。")).to_be_visible()
        assert lina.page.url.endswith("/scan")


class TestTyping:
    def test_takes_a_scanner_that_types_and_ends_with_enter(self, phone: Any) -> None:
        lina = phone()
        lina.go("/scan")
        with lina.page.expect_request(re.compile("/api/v1/codes")) as asked:
            lina.page.get_by_role("textbox").press_sequentially("k7qm3xwf9zpa5dpe\n")

        assert "K7QM-3XWF-9ZPA-5DPE" in asked.value.url

    def test_notices_a_mistyped_slip(self, phone: Any) -> None:
        lina = phone()
        lina.go("/scan")
        lina.page.get_by_role("textbox").fill("K7QM-3XWF-9ZPA-5DPF")

        expect(lina.page.get_by_text("一次码与校验字符不符，请逐字核对。")).to_be_visible()


class TestOutcome:
    def test_is_spoken_and_can_be_muted(self, phone: Any, site: Site) -> None:
        lina = phone(finds=LISTEN)
        _, mine = Hand.signed_in(site.url, "lina").call("GET", "/visits?mine=1&open=1&stage=registered&limit=1")
        visit = mine["items"][0]["id"]
        lina.go(f"/visits/{visit}/scan")
        lina.page.get_by_label("从相册选").set_input_files(str(site.plaques / f"{BAKERY}.png"))
        verdict = lina.page.get_by_test_id("scan-result")
        expect(verdict).to_have_attribute("data-state", "refused", timeout=20_000)

        mute = lina.button("静音")
        expect(mute).to_have_attribute("aria-pressed", "false")
        expect(lina.page.locator("html")).to_have_attribute("data-said", re.compile("^zh-CN 不予通过。.+"))
        mute.click()
        expect(mute).to_have_attribute("aria-pressed", "true")
        assert too_small(lina.page) == []
