"""A served demo city, people with browsers of their own, and a fake camera that films real plaques."""

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.live import PASSWORD, copy_of, running, wait_until_ready

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
FRAME = (1280, 720)
FRAMES = 12
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-prefers-reduced-motion",
]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BAKERY = "郴州市林邑糕点厂有限公司"


@dataclass
class Site:
    """A running installation with the demo city."""

    url: str
    folder: Path

    @property
    def plaques(self) -> Path:
        return self.folder / "demo-plaques"


@dataclass
class Person:
    """Somebody with a browser of their own; what it complains of is kept."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.url}{path}")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)


@pytest.fixture(scope="session")
def site(demo: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo city on SQLite, served as the README says."""
    folder, port = tmp_path_factory.mktemp("site"), int(demo["PORT"])
    env = copy_of(demo, folder)
    log = folder / "serve.log"
    with running(["ruqi", "serve"], env, log=log):
        wait_until_ready(f"http://localhost:{port}", log=log)
        yield Site(f"http://localhost:{port}", folder)


@pytest.fixture(scope="session")
def poster(site: Site) -> Image.Image:
    """The bakery's printed plaque: the PDF page itself, as paper."""
    with pypdfium2.PdfDocument((site.plaques / "plaques.pdf").read_bytes()) as document:
        return document[0].render(scale=2).to_pil().convert("RGB")


def film(paper: Image.Image, path: Path) -> Path:
    """A short film of a plaque on a wall, held by a hand that is not quite still (MJPEG for Chromium's fake camera)."""
    with path.open("wb") as out:
        for number in range(FRAMES):
            wall = Image.new("RGB", FRAME, (176, 168, 158))
            ImageDraw.Draw(wall).rectangle((0, 600, FRAME[0], FRAME[1]), fill=(120, 96, 80))
            height = 660 + 4 * (number % 3)
            sheet = paper.resize((height * paper.width // paper.height, height))
            turned = sheet.rotate(2.5 - number % 5, expand=True, fillcolor=(176, 168, 158))
            wall.paste(turned, ((FRAME[0] - turned.width) // 2 + number % 4, (FRAME[1] - turned.height) // 2))
            frame = io.BytesIO()
            wall.save(frame, "JPEG", quality=85)
            out.write(frame.getvalue())
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The installed browser; its absence fails the tests and says what to do."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium: run bin/setup --dev, or apt-get install chromium fonts-noto-cjk"
    return found


@pytest.fixture(scope="session")
def browser_before(playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser whose camera films this sheet of paper; one for each sheet."""
    opened: dict[int, Browser] = {}

    def before(paper: Image.Image | None) -> Browser:
        if id(paper) not in opened:
            args = list(QUIET)
            if paper is not None:
                movie = film(paper, tmp_path_factory.mktemp("film") / "camera.mjpeg")
                args += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={movie}"]
            opened[id(paper)] = playwright.chromium.launch(executable_path=chromium, args=args)
        return opened[id(paper)]

    yield before
    for browser in opened.values():
        browser.close()


@pytest.fixture
def person(browser_before: Any, site: Site) -> Iterator[Any]:
    """Somebody signed in, on a phone unless a desk is asked for, in front of this paper."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def make(
        username: str | None,
        *,
        paper: Image.Image | None = None,
        desk: bool = False,
        camera: bool = True,
        width: int | None = None,
        language: str = "zh-CN",
    ) -> Person:
        size = {**(DESK if desk else PHONE), **({"width": width} if width else {})}
        context = browser_before(paper).new_context(
            viewport=size,
            is_mobile=not desk,
            has_touch=not desk,
            locale=language,
            timezone_id="Asia/Shanghai",
            geolocation={"latitude": 25.78, "longitude": 113.01, "accuracy": 15},
            permissions=["camera", "geolocation"] if camera else ["geolocation"],
        )
        contexts.append(context)
        someone = Person(context.new_page(), site)
        people.append(someone)
        _listen(someone)
        if username is not None:
            sign_in(someone, username)
        return someone

    yield make
    complaints = [complaint for someone in people for complaint in someone.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(someone: Person) -> None:
    """Errors in the console and requests to a foreign host fail the test; a refused call is no error of the page."""
    expected = re.compile(r"status of (401|403|404|409|422)|net::ERR_INTERNET_DISCONNECTED|ERR_CONNECTION")
    page = someone.page
    page.on("pageerror", lambda error: someone.complaints.append(f"pageerror: {error}"))
    page.on(
        "console",
        lambda message: (
            someone.complaints.append(f"console: {message.text}")
            if message.type == "error" and not expected.search(message.text)
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((someone.site.url, "data:", "blob:"))
            else someone.complaints.append(f"foreign request: {request.url}")
        ),
    )


def sign_in(someone: Person, username: str) -> None:
    """Through the page, as people do."""
    someone.go("/signin")
    page = someone.page
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page).not_to_have_url(re.compile("/signin"), timeout=15_000)
