"""A scan while strangers hold three hundred requests half-sent, against one without them."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from statistics import median

from . import ground
from .city import City
from .figure import Figure

LIMIT = 2.0
STRANGERS, EACH, ROUNDS = 300, 60, 5
HALVES = (
    b"GET /healthz HTTP/1.1\r\nHost:",
    b'POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{"use',
    b"POST /api/v1/activations HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * 100_000,
)


def measure(say: Callable[[str], None]) -> list[Figure]:
    """The median answer of a scan, with and without, in turns; every answer must be a 201."""
    with ground.folder() as folder:
        environment = {**ground.settings(folder, f"sqlite:///{folder / 'ruqi.db'}"), "SLOW_WINDOW_S": "600"}
        city = City(ground.config_of(environment), visits=2 * (ROUNDS + 1) * EACH)
        pairs = []
        with ground.web(environment) as web:
            scans = iter(city.scans(range(2 * (ROUNDS + 1) * EACH)))
            for number in range(ROUNDS + 1):
                alone = _median(web.port, [next(scans) for _ in range(EACH)])
                with ExitStack() as stack:
                    for stranger in range(STRANGERS):
                        half = socket.create_connection(("127.0.0.1", web.port))
                        stack.enter_context(closing(half))
                        half.sendall(HALVES[stranger % len(HALVES)])
                    held = _median(web.port, [next(scans) for _ in range(EACH)])
                # Round 0 warms both up and is not counted.
                if number:
                    pairs.append((alone, held))
    ratio = median(held / alone for alone, held in pairs)
    alone, held = (median(times) for times in zip(*pairs, strict=True))
    say(f"p50 of a scan {alone * 1000:.1f} ms alone, {held * 1000:.1f} ms beside {STRANGERS} half-sent requests")
    return [Figure("slow_senders_scan", ratio, "× p50 without", LIMIT, is_limit=True)]


def _median(port: int, scans: list[bytes]) -> float:
    took = []
    with closing(socket.create_connection(("127.0.0.1", port))) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for scan in scans:
            began = time.perf_counter()
            line.sendall(scan)
            said = _answer(line)
            took.append(time.perf_counter() - began)
            if not said.startswith(b"HTTP/1.1 201 "):
                raise RuntimeError(f"not a 201: {said[:60]!r}")
    return median(took)


def _answer(line: socket.socket) -> bytes:
    """A whole answer: its head and its body come in pieces."""
    said = b""
    while True:
        piece = line.recv(65_536)
        said += piece
        head, gap, body = said.partition(b"\r\n\r\n")
        if not piece or (
            gap and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        ):
            return said
