"""Requests gathered before a thread takes them: whole, late, or none at all."""

import errno
import http.client
import json
import selectors
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import psycopg
import pytest

from server.config import HOUSE
from server.front import IN_MEMORY, LEAST_RATE, MOST_HEAD, BufferingWorker, Incoming, Replay, Unfit

from .live import environment, free_port, running, wait_until_ready, walk_the_loop
from .shell import ruqi

HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: ruqi\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def fed(*pieces: bytes) -> bool:
    """Whether the request is whole after the last of these pieces, and not before."""
    coming = Incoming(15, now=0)
    *first, last = pieces
    for piece in first:
        assert not coming.take(piece)
    return coming.take(last)


class TestIncoming:
    @pytest.mark.parametrize(
        "pieces",
        [
            [b"GET / HTTP/1.1\r\n\r\n"],
            [HEAD + b"0123456789"],
            [HEAD[:20], HEAD[20:-2], HEAD[-2:], b"01234", b"56789"],
            [CHUNKED + b"3\r\nabc\r\n0\r\n\r\n"],
            [CHUNKED, b"3\r", b"\nab", b"c\r\n", b"A;x=y\r\n0123456789\r\n0", b"\r\nTrailer: 1\r\n", b"\r\n"],
        ],
    )
    def test_is_whole_with_its_last_byte(self, pieces: list[bytes]) -> None:
        assert fed(*pieces)

    @pytest.mark.parametrize("body", [b"", b"012345678", b"0"])
    def test_waits_for_all_of_the_body(self, body: bytes) -> None:
        assert not fed(HEAD + body)

    @pytest.mark.parametrize("body", [b"3\r\nabc\r\n", b"3\r\nabc\r\n0\r\n", b"0", b"", b"5\r\n0\r\n\r\n"])
    def test_waits_for_the_last_chunk(self, body: bytes) -> None:
        assert not fed(CHUNKED + body)

    def test_of_a_byte_at_a_time_is_read_all_the_same(self) -> None:
        for whole in (HEAD + b"0123456789", CHUNKED + b"2\r\nab\r\n0\r\n\r\n"):
            assert fed(*(whole[place : place + 1] for place in range(len(whole))))

    @pytest.mark.parametrize(
        ("piece", "status"),
        [
            (b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD, "431"),
            (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
            (b"POST / HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n", "400"),
            (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", "400"),
            (CHUNKED + b"xyz\r\n", "400"),
        ],
    )
    def test_of_rubbish_is_never_whole(self, piece: bytes, status: str) -> None:
        with pytest.raises(Unfit, match=f"^{status}$"):
            Incoming(15, now=0).take(piece)

    def test_notes_who_waits_for_a_word(self) -> None:
        coming = Incoming(15, now=0)
        coming.take(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n")

        assert coming.expects_word

    def test_is_handed_on_as_it_came(self) -> None:
        coming = Incoming(15, now=0)
        body = bytes(range(256)) * (IN_MEMORY // 128)
        head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        assert coming.take(head + body + b"GET /next")

        replay = Replay(coming.kept)

        assert replay.recv(len(head) + len(body)) == head + body
        assert replay.close() == b"GET /next"


class TestIsLate:
    def test_of_headers_that_take_longer_than_a_window(self) -> None:
        coming = Incoming(15, now=0)
        coming.take(HEAD[:-2])

        assert [coming.is_late(at) for at in (14.9, 15)] == [False, True]

    def test_of_a_kept_connection_only_after_its_own_rest(self) -> None:
        coming = Incoming(15, now=0, idle_s=75)

        assert (coming.is_late(74), coming.is_late(75)) == (False, True)

    def test_counts_from_the_first_byte_that_comes_after_a_rest(self) -> None:
        coming = Incoming(15, now=0, idle_s=75)
        coming.begin(70)
        coming.take(b"GET / HTTP/1.1\r\n")

        assert (coming.is_late(84), coming.is_late(85)) == (False, True)

    def test_of_who_has_not_begun_when_the_server_stops(self) -> None:
        idle, begun = Incoming(15, now=0, idle_s=75), Incoming(15, now=0)
        begun.take(b"GET / HTTP/1.1\r\n")
        for tick in (0, 1, 2):  # the first word counts
            idle.hurry(tick + 2)
            begun.hurry(tick + 2)

        assert (idle.is_late(1), idle.is_late(2), begun.is_late(14)) == (False, True, False)

    def test_of_silence(self) -> None:
        coming = Incoming(15, now=0)
        coming.take(HEAD + b"01234")

        assert coming.is_late(15)

    def test_of_a_byte_now_and_then(self) -> None:
        coming = Incoming(15, now=0)
        coming.take(b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n")
        for _ in range(14):
            coming.take(b"x")

        assert coming.is_late(15)

    @pytest.mark.parametrize("rate", [LEAST_RATE, 8_000])
    def test_never_of_an_honest_photo_on_a_thin_line(self, rate: int) -> None:
        coming = Incoming(15, now=0)
        size = rate * 100
        coming.take(f"POST / HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode())

        late = []
        for second in range(1, 101):
            whole = coming.take(b"x" * rate)
            late.append(coming.is_late(second))

        coming.kept.close()
        assert (whole, any(late)) == (True, False)

    def test_never_of_the_last_bytes_of_a_body(self) -> None:
        coming = Incoming(15, now=0)
        coming.take(HEAD + b"01234")
        coming.take(b"5678")
        assert coming.is_late(15)  # one byte is missing, and a window has passed

        coming = Incoming(15, now=0)
        coming.take(b"POST / HTTP/1.1\r\nContent-Length: 15010\r\n\r\n" + b"x" * 15_000)
        assert not coming.is_late(15)


# --- the whole server, held by strangers -----------------------------------------------------------


@pytest.mark.outside
class TestFullDisk:
    def test_ends_the_request_that_met_it_and_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*args: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("server.front.tempfile.TemporaryFile", full)
        here, there = socket.socketpair()
        worker: Any = object.__new__(BufferingWorker)
        worker.__dict__.update(incoming={}, poller=selectors.DefaultSelector(), nr_conns=2, most_bytes=10_000_000)
        one = Mock(sock=here, close=here.close)
        with closing(there):
            coming = worker.incoming[one] = Incoming(15, now=0)
            head = b"POST /api/v1/photos HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n"

            assert worker._took(one, coming, head) is False
            assert worker._took(one, coming, b"x" * IN_MEMORY) is True

            head, _, body = there.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert json.loads(body)["reason"] == "busy"
        assert (worker.incoming, worker.nr_conns, here.fileno()) == ({}, 1, -1)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """gunicorn as the Procfile starts it, on a small demo city; half a second is a window here."""
    folder = tmp_path_factory.mktemp("front")
    port = free_port()
    with ExitStack() as stack:
        changes = {"PORT": str(port), "SLOW_WINDOW_S": "600", "RATE_LIMITS": "false"}
        if request.param == "postgresql":
            url = request.getfixturevalue("postgres_url")
            name = f"front_{uuid4().hex[:8]}"
            admin = stack.enter_context(psycopg.connect(url, autocommit=True))
            admin.execute(f"CREATE DATABASE {name}")
            stack.callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
            changes["DATABASE_URL"] = url.replace("/postgres?", f"/{name}?", 1)
        env = environment(folder, **changes)
        subprocess.run(["ruqi", "migrate"], env=env, cwd=HOUSE, check=True, capture_output=True)
        assert ruqi(env, "demo", "--visits", "30").returncode == 0
        command = ["gunicorn", "-c", str(HOUSE / "server" / "gunicorn_conf.py"), "server.wsgi:app"]
        stack.enter_context(running(command, env, log=folder / "web.log"))
        wait_until_ready(f"http://localhost:{port}", log=folder / "web.log")
        yield f"http://localhost:{port}", port, folder


def a_stranger(port: int, sent: bytes, *, address: str = "127.0.0.1") -> socket.socket:
    """A connection that has sent this and says no more."""
    stranger = socket.create_connection(("127.0.0.1", port), source_address=(address, 0))
    stranger.sendall(sent)
    return stranger


@pytest.mark.outside
class TestHeld:
    HALVES = (
        b"",
        b"GET /healthz HTTP/1.1\r\nHost:",
        HEAD + b'{"use',
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST /api/v1/activations HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * 400_000,
    )

    def test_by_three_hundred_half_sent_requests_answers_everybody(self, held: tuple[str, int, Path]) -> None:
        """From one address and from many; the person who works comes from the address of the strangers."""
        url, port, _ = held
        with ExitStack() as stack:
            for number in range(300):
                address = "127.0.0.1" if number % 2 else f"127.0.{number // 250}.{2 + number % 250}"
                half = self.HALVES[number % len(self.HALVES)]
                stack.enter_context(closing(a_stranger(port, half, address=address)))

            walk_the_loop(url)

            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as health:
                health.request("GET", "/healthz")
                assert health.getresponse().status == 200

    def test_on_one_line_answers_requests_one_behind_the_other(self, held: tuple[str, int, Path]) -> None:
        _, port, _ = held
        body = json.dumps({"username": "nobody", "password": "no", "device": ""}).encode()
        ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        sign_in = (
            b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        with closing(a_stranger(port, ask + sign_in + ask + sign_in[:40])) as line:
            line.settimeout(30)
            said = b""
            while said.count(b"HTTP/1.1 ") < 3 or not said.rstrip().endswith(b"}"):
                said += line.recv(65_536)
            line.sendall(sign_in[40:])
            while said.count(b"HTTP/1.1 ") < 4 or not said.rstrip().endswith(b"}"):
                said += line.recv(65_536)

        statuses = [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200", b"401", b"200", b"401"]

    def test_says_that_a_body_is_too_large_before_it_has_come(self, held: tuple[str, int, Path]) -> None:
        _, port, _ = held
        with closing(a_stranger(port, b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 99000000\r\n\r\n")) as line:
            line.settimeout(30)
            said = line.recv(4_096)

        assert said.startswith(b"HTTP/1.1 413 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["reason"] == "too_large"

    def test_outlives_a_length_that_no_number_holds(self, held: tuple[str, int, Path]) -> None:
        _, port, folder = held
        head = b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n"
        with closing(a_stranger(port, head)) as line:
            line.settimeout(30)
            assert line.recv(4_096).startswith(b"HTTP/1.1 400 ")
        assert "Exception in worker process" not in (folder / "web.log").read_text("utf-8")

    def test_lets_a_photo_wait_for_the_word_to_go_on(self, held: tuple[str, int, Path]) -> None:
        _, port, _ = held
        head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        with closing(a_stranger(port, head)) as line:
            line.settimeout(30)
            assert line.recv(4_096).startswith(b"HTTP/1.1 100 ")
            line.sendall(b"{}")
            said = b""
            while b"HTTP/1.1 4" not in said:
                said += line.recv(4_096)


@pytest.mark.outside
class TestLate:
    def test_is_told_and_gives_everything_back(self, tmp_path: Path) -> None:
        port = free_port()
        env = environment(tmp_path, PORT=str(port), SLOW_WINDOW_S="0.5")
        subprocess.run(["ruqi", "migrate"], env=env, cwd=HOUSE, check=True, capture_output=True)
        command = ["gunicorn", "-c", str(HOUSE / "server" / "gunicorn_conf.py"), "server.wsgi:app"]
        with running(command, env, log=tmp_path / "web.log"):
            wait_until_ready(f"http://localhost:{port}", log=tmp_path / "web.log")
            with closing(a_stranger(port, HEAD + b"01")) as slow, closing(a_stranger(port, b"")) as silent:
                slow.settimeout(30)
                silent.settimeout(30)
                said = slow.recv(4_096)

                assert said.startswith(b"HTTP/1.1 408 ")
                assert json.loads(said.partition(b"\r\n\r\n")[2])["reason"] == "too_slow"
                assert (slow.recv(1), silent.recv(1)) == (b"", b"")
