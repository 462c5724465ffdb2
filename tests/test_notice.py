"""通知: messages leave once, are tried again, and are forgotten."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.notice.adapters import PATIENCE_S, Undelivered, deliver
from server.notice.models import Notice
from server.notice.rules import LEASE, LONGEST_PAUSE, alert, failed, masked, sent, sms, take
from server.notice.sending import MOST, forget_sent, send_due
from server.phone.models import SmsCode, forget_texts

from .factories import DAY, MINUTE, NOW, Cast

LIFE = timedelta(minutes=10)


class TestRules:
    def test_forget_a_text_that_has_left(self) -> None:
        text = sms("13800138000", "123456 是验证码", at=NOW, life=LIFE)

        sent(text, at=NOW)

        assert (text.recipient, text.body, text.sent_at) == ("138****8000", {}, NOW)

    def test_try_again_after_pauses_that_double(self) -> None:
        word = alert("began_before", {"visit": "7"}, at=NOW)
        pauses = []
        for _ in range(12):
            take(word, at=NOW)
            failed(word, "connection refused", at=NOW)
            pauses.append((word.due_at - NOW).total_seconds())

        assert pauses[:4] == [5, 10, 20, 40]
        assert pauses[-1] == LONGEST_PAUSE.total_seconds()
        assert word.given_up_at is None

    def test_give_up_what_nobody_needs_any_more(self) -> None:
        text = sms("13800138000", "123456", at=NOW, life=LIFE)
        take(text, at=NOW + 9 * MINUTE)
        text.tries = 5

        failed(text, "busy", at=NOW + 9 * MINUTE)

        assert (text.given_up_at, text.body, text.recipient) == (NOW + 9 * MINUTE, {}, "138****8000")

    @pytest.mark.parametrize(
        ("number", "shown"),
        [("13800138000", "138****8000"), ("110", "****"), ("1234567", "****"), ("12345678", "123****5678")],
    )
    def test_mask_a_number(self, number: str, shown: str) -> None:
        assert masked(number) == shown


class Gateway:
    """A gateway on this machine that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers = 200
        keeper = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keeper.got.append((dict(self.headers), body))
                self.send_response(keeper.answers)
                if keeper.answers == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sms"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that says yes until it is told otherwise."""
    made = Gateway()
    yield made
    made.close()


@pytest.mark.outside
class TestDeliver:
    def test_signs_what_it_posts(self, gateway: Gateway) -> None:
        deliver(gateway.url, {"id": "1", "to": "138", "text": "你好"}, key="a key")

        headers, body = gateway.got[0]
        assert json.loads(body) == {"id": "1", "to": "138", "text": "你好"}
        said = hmac.new(b"a key", body, hashlib.sha256).hexdigest()
        assert headers["X-Ruqi-Signature"] == f"sha256={said}"

    @pytest.mark.parametrize("answer", [500, 404, 302])
    def test_takes_nothing_but_a_yes(self, gateway: Gateway, answer: int) -> None:
        gateway.answers = answer

        with pytest.raises(Undelivered):
            deliver(gateway.url, {"id": "1"}, key="k")

    def test_says_that_nobody_listens(self) -> None:
        with pytest.raises(Undelivered, match="refused"):
            deliver("http://127.0.0.1:9/", {"id": "1"}, key="k")

    def test_is_not_upset_by_one_that_speaks_no_http(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

            def babble() -> None:
                peer, _ = server.accept()
                with peer:
                    peer.recv(65_536)
                    peer.sendall(b"220 mail.example ESMTP\r\n\r\n")

            thread = threading.Thread(target=babble)
            thread.start()
            with pytest.raises(Undelivered, match="BadStatusLine"):
                deliver(f"http://127.0.0.1:{port}/", {"id": "1"}, key="k")
            thread.join()

    def test_writes_a_line_each_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "out" / "sms.jsonl"
        for number in range(2):
            deliver(f"file://{path}", {"id": str(number)}, key="k")

        assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == ["0", "1"]
        assert path.stat().st_mode & 0o777 == 0o600


class TestSendDue:
    @pytest.fixture(autouse=True)
    def no_outer_gate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The test's own transaction already holds the writer's place."""
        monkeypatch.setattr("server.notice.sending.writer_gate", lambda url: nullcontext())

    def keep(self, db: Any, notice: Notice) -> Any:
        db.session.add(notice)
        db.session.commit()
        return notice.id

    def test_sends_once(self, app: Any, cast: Cast, db: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(app.config["RUQI"], "sms_url", gateway.url)
        kept = self.keep(db, sms("13800138000", "123456", at=NOW, life=LIFE))

        left = [send_due(NOW), send_due(NOW + 2 * MINUTE)]

        assert left == [1, 0]
        assert [json.loads(body)["to"] for _, body in gateway.got] == ["13800138000"]
        found = db.session.get(Notice, kept)
        assert (found.recipient, found.body, found.tries) == ("138****8000", {}, 1)

    def test_comes_again_when_the_gateway_was_down(
        self, app: Any, cast: Cast, db: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app.config["RUQI"], "alert_url", gateway.url)
        self.keep(db, alert("more_people", {"visit": "7"}, at=NOW))
        gateway.answers = 503

        down, too_soon = send_due(NOW), send_due(NOW + timedelta(seconds=1))
        gateway.answers = 200
        up = send_due(NOW + MINUTE)

        assert (down, too_soon, up) == (0, 0, 1)
        first, second = (json.loads(body) for _, body in gateway.got)
        assert first == second and first["kind"] == "more_people"

    def test_leaves_what_another_worker_has_claimed(
        self, app: Any, cast: Cast, db: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app.config["RUQI"], "alert_url", gateway.url)
        claimed = alert("more_people", {}, at=NOW)
        take(claimed, at=NOW)
        self.keep(db, claimed)

        assert (send_due(NOW), gateway.got) == (0, [])
        # That worker died: after the lease somebody else sends it.
        assert send_due(NOW + 2 * MINUTE) == 1

    def test_gives_up_without_an_address(self, cast: Cast, db: Any) -> None:
        kept = self.keep(db, alert("more_people", {}, at=NOW - 3 * DAY))

        assert send_due(NOW) == 0
        found = db.session.get(Notice, kept)
        assert (found.given_up_at, found.last_error) == (NOW, "no address is configured")

    def test_forgets_what_expired_while_no_worker_ran(
        self, app: Any, cast: Cast, db: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app.config["RUQI"], "sms_url", gateway.url)
        kept = self.keep(db, sms("13800138000", "123456", at=NOW, life=LIFE))

        assert (send_due(NOW + 11 * MINUTE), gateway.got) == (0, [])
        found = db.session.get(Notice, kept)
        assert (found.given_up_at, found.body, found.recipient) == (NOW + 11 * MINUTE, {}, "138****8000")

    def test_takes_no_more_than_a_slow_gateway_takes_within_the_lease(
        self, app: Any, cast: Cast, db: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app.config["RUQI"], "alert_url", gateway.url)
        for _ in range(MOST + 1):
            self.keep(db, alert("more_people", {}, at=NOW))

        assert [send_due(NOW) for _ in range(3)] == [MOST, 1, 0]
        assert MOST * timedelta(seconds=PATIENCE_S) < LEASE


class TestForgetting:
    def test_drops_what_left_long_ago_and_keeps_what_waits(self, cast: Cast, db: Any) -> None:
        old, fresh, waiting = (alert(kind, {}, at=NOW) for kind in ("began_before", "more_people", "not_these_people"))
        sent(old, at=NOW - 31 * DAY)
        sent(fresh, at=NOW - 29 * DAY)
        db.session.add_all([old, fresh, waiting])
        for days in (6, 8):
            code = SmsCode(
                enterprise_id=cast.bakery.id, code_hash=b"h" * 32, sent_at=NOW - days * DAY, expires_at=NOW, tries=0
            )
            db.session.add(code)
        db.session.commit()

        forget_sent(NOW)
        forget_texts(NOW)
        db.session.commit()

        left = db.session.scalars(select(Notice.body)).all()
        assert sorted(each["kind"] for each in left) == ["more_people", "not_these_people"]
        assert db.session.scalars(select(SmsCode.sent_at)).all() == [NOW - 6 * DAY]
