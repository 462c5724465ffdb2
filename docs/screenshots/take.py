"""Takes the README's pictures anew: a demo city of its own, three people, three pages.

`make screenshots`, or `python -m docs.screenshots.take` from the root. The pictures land beside this file.
"""

import io
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from server.config import HOUSE
from tests.browser.conftest import BAKERY, BROWSERS, QUIET
from tests.live import PASSWORD, Person, environment, free_port, running, wait_until_ready

HERE = Path(__file__).parent
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
COLOURS = 128
WAIT_MS = 20_000


def main() -> None:
    """Serve a fresh demo city and picture the scan, the rating and the frequency."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise SystemExit("no Chromium: run bin/setup --dev, or apt-get install chromium fonts-noto-cjk")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, port = Path(name), free_port()
        url = f"http://localhost:{port}"
        env = environment(folder, PORT=str(port))
        for command in (["ruqi", "migrate"], ["ruqi", "demo"]):
            subprocess.run(command, env=env, cwd=HOUSE, check=True, capture_output=True)
        log = folder / "serve.log"
        with running(["ruqi", "serve"], env, log=log):
            wait_until_ready(url, log=log)
            browser = playwright.chromium.launch(executable_path=executable, args=[*QUIET, "--lang=zh-CN"])
            scan(browser, url, folder / "demo-plaques" / f"{BAKERY}.png")
            rate(browser, url)
            frequency(browser, url)
            browser.close()


def scan(browser: Browser, url: str, plaque: Path) -> None:
    """The inspector's verdict at the bakery's door."""
    page = signed_in(browser, url, "lina", PHONE)
    page.goto(f"{url}/visits/{first_visit(url, 'lina', 'mine=1&open=1&stage=approved&q=林邑糕点')}/scan")
    page.get_by_label("拍照识别").set_input_files(plaque)
    page.get_by_test_id("scan-result").and_(page.locator("[data-state=passed]")).wait_for(timeout=WAIT_MS)
    keep(page, "scan.png")


def rate(browser: Browser, url: str) -> None:
    """The bakery's rating, half filled in."""
    page = signed_in(browser, url, "bakery", PHONE)
    page.goto(f"{url}/visits/{first_visit(url, 'bakery', 'awaiting=evaluation')}/rate")
    page.get_by_role("group", name="这次检查总体怎么样？").get_by_text("4 满意").click()
    page.evaluate("document.activeElement.blur()")
    keep(page, "rate.png")


def frequency(browser: Browser, url: str) -> None:
    """The supervisor's table of who is visited most."""
    page = signed_in(browser, url, "sunli", DESK)
    page.goto(f"{url}/frequency")
    page.get_by_role("row").filter(has_text=BAKERY).wait_for(timeout=WAIT_MS)
    keep(page, "frequency.png")


def signed_in(browser: Browser, url: str, username: str, size: ViewportSize) -> Page:
    """A page of somebody who has signed in."""
    phone = size is PHONE
    context = browser.new_context(
        viewport=size,
        is_mobile=phone,
        has_touch=phone,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        permissions=["geolocation"],
        geolocation={"latitude": 25.78, "longitude": 113.01, "accuracy": 15},
    )
    page = context.new_page()
    page.goto(f"{url}/signin")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(lambda there: "/signin" not in there, timeout=WAIT_MS)
    return page


def first_visit(url: str, username: str, query: str) -> str:
    """The id of the first visit that this person finds so."""
    _, found = Person.signed_in(url, username).call("GET", f"/visits?{quote(query, safe='=&')}")
    return str(found["items"][0]["id"])


def keep(page: Page, name: str) -> None:
    """Save what is on screen with few colours: the pages have few, and a README should load quickly."""
    page.locator("[aria-busy=true], .van-loading, .ghost").first.wait_for(state="detached", timeout=WAIT_MS)
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
