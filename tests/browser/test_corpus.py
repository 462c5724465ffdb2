"""The app's own decoder, in Chromium and under the app's own policy, on photographs that were never taken."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Playwright

from server.config import HOUSE
from server.edge import CSP
from tests.qr.corpus.generate import CLASSES, EACH, HERE
from tests.qr.test_corpus import frames, verifies

from .conftest import QUIET

pytestmark = pytest.mark.browser
DIST = HOUSE / "webclient" / "dist"
# Of 11 frames each, from easy to hard, in up to three tries: as it is, and with the light levelled in two ways.
FLOORS = {
    "clean": 11,
    "rotation": 11,
    "perspective": 9,
    "blur": 7,
    "low-contrast": 9,
    "glare": 7,
    "dirt": 10,
    "distance": 11,
    "curved": 6,
    "dim": 10,
    "rescan": 10,
    "everything": 8,
}
# Without the second and third try: what a phone reads in a single frame.
FIRST_TRY = 108
READ_ALL = """
async ({ worker, files }) => {
  const decoder = new Worker(worker)
  let lastId = 0
  const ask = (question) => new Promise((resolve) => {
    const id = ++lastId
    decoder.onmessage = ({ data }) => resolve(data)
    decoder.onerror = (event) => resolve({ id, failed: event.message || 'the worker did not start' })
    decoder.postMessage({ id, ...question })
  })
  const ready = await ask({})
  if (ready.failed) return { failed: ready.failed }
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const texts = {}
  for (const file of files) {
    const picture = await createImageBitmap(await (await fetch('/corpus/' + file)).blob())
    canvas.width = picture.width
    canvas.height = picture.height
    context.drawImage(picture, 0, 0)
    texts[file] = []
    for (const effort of [0, 1, 2]) {
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
      texts[file].push((await ask({ pixels: { data, width, height }, effort })).text)
    }
  }
  decoder.terminate()
  return { texts }
}
"""


class Shelf(SimpleHTTPRequestHandler):
    """The built client, and the corpus beside it."""

    def translate_path(self, path: str) -> str:
        """Map an address to a file."""
        if path.startswith("/corpus/"):
            return str(HERE / path.removeprefix("/corpus/"))
        return super().translate_path(path)

    def end_headers(self) -> None:
        """Add the policy under which the app runs."""
        self.send_header("Content-Security-Policy", CSP)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    """The address of a server of nothing but files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Shelf, directory=str(DIST)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def texts(playwright: Playwright, chromium: str, shelf: str) -> dict[str, list[str | None]]:
    """What the decoder says of every frame, in each of its three tries."""
    [worker] = (DIST / "assets").glob("decode.worker-*.js")
    browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
    page = browser.new_page()
    foreign: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(shelf) else foreign.append(request.url))
    page.goto(f"{shelf}/manifest.webmanifest")
    files = [frame["file"] for each in frames().values() for frame in each]
    read = page.evaluate(READ_ALL, {"worker": f"/assets/{worker.name}", "files": files})
    browser.close()
    assert "failed" not in read, read["failed"]
    assert foreign == []
    found: dict[str, list[str | None]] = read["texts"]
    return found


def accepted(tries: list[str | None]) -> str | None:
    """The first text that verifies: a read alone counts for nothing."""
    return next((text for text in tries if text and verifies(text)), None)


class TestDecoderInTheBrowser:
    @pytest.mark.parametrize("name", CLASSES)
    def test_reads_each_class_as_often_as_it_must(self, texts: dict[str, list[str | None]], name: str) -> None:
        read = {frame["file"]: accepted(texts[frame["file"]]) for frame in frames()[name]}

        assert len(read) == EACH
        assert sum(text is not None for text in read.values()) >= FLOORS[name]

    def test_accepts_nothing_that_is_not_the_truth(self, texts: dict[str, list[str | None]]) -> None:
        truth = {frame["file"]: frame["text"] for each in frames().values() for frame in each}

        wrong = {file for file, tries in texts.items() if accepted(tries) not in (None, truth[file])}

        assert wrong == set()

    def test_reads_most_in_a_single_frame(self, texts: dict[str, list[str | None]]) -> None:
        first = sum(accepted(tries[:1]) is not None for tries in texts.values())

        assert first >= FIRST_TRY
