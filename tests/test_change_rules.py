"""One changing request without a database: what makes two requests the same, and how often a bad moment is tried."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, g, jsonify
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from structlog.testing import capture_logs

from server import change
from server.change import (
    TRIES,
    RequestKey,
    _tried,
    changing,
    changing_without_key,
    refusal_response,
    request_digest,
)
from server.refusal import General, Refusal

PLAIN: dict[str, Any] = {"path": "/api/v1/imports", "method": "POST", "data": b'{"a":1}'}


def digest(**changes: Any) -> bytes:
    """The digest of a request."""
    with Flask("quiet").test_request_context(**{**PLAIN, **changes}):
        return request_digest()


def form(**changes: Any) -> bytes:
    """The digest of a form with a file; each request has a boundary of its own."""
    values = {"kind": "tiers", "name": "a.csv", "body": b"1,2", "field": "file", **changes}
    file = (io.BytesIO(values["body"]), values["name"])
    return digest(data={"kind": values["kind"], values["field"]: file}, content_type="multipart/form-data")


class TestDigest:
    def test_is_the_same_of_the_same(self) -> None:
        assert digest() == digest()
        assert form() == form()

    @pytest.mark.parametrize(
        "other", [{"path": "/api/v1/visits"}, {"method": "PUT"}, {"data": b'{"a":2}'}, {"data": b""}]
    )
    def test_is_another_of_another_path_method_or_body(self, other: dict[str, Any]) -> None:
        assert digest(**other) != digest()

    @pytest.mark.parametrize("other", [{"kind": "matters"}, {"name": "b.csv"}, {"body": b"1,3"}, {"field": "upload"}])
    def test_is_another_of_another_value_file_name_content_or_field(self, other: dict[str, Any]) -> None:
        assert form(**other) != form()

    def test_leaves_the_file_to_be_read(self) -> None:
        data = {"kind": "tiers", "file": (io.BytesIO(b"1,2"), "a.csv")}
        with Flask("quiet").test_request_context(
            path="/", method="POST", data=data, content_type="multipart/form-data"
        ) as context:
            request_digest()
            assert context.request.files["file"].read() == b"1,2"

    def test_keeps_the_body_to_be_read(self) -> None:
        with Flask("quiet").test_request_context(**PLAIN) as context:
            request_digest()
            assert context.request.get_data() == b'{"a":1}'


class Ledger:
    """A session that keeps what was done to it."""

    def __init__(self, *breaks: Exception) -> None:
        self.done: list[str] = []
        self.breaks = list(breaks)

    def commit(self) -> None:
        self.done.append("commit")
        if self.breaks:
            raise self.breaks.pop(0)

    def rollback(self) -> None:
        self.done.append("rollback")

    def flush(self) -> None:
        self.done.append("flush")


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module with a session of a few lines and no gate; gives the function that sets the session."""

    @contextmanager
    def gate(url: str) -> Iterator[None]:
        yield

    app = Flask("quiet")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["RUQI"] = SimpleNamespace(web_threads=8)

    def use(ledger: Ledger) -> Ledger:
        monkeypatch.setattr(change, "db", SimpleNamespace(session=ledger))
        monkeypatch.setattr(change, "writer_gate", gate)
        monkeypatch.setattr(change, "begin_writing", lambda: ledger.done.append("begin"))
        return ledger

    with app.test_request_context(**PLAIN):
        yield use


def busy(code: str | None = "40001") -> DBAPIError:
    """What the driver says when the moment was bad: a code of PostgreSQL."""
    return DBAPIError("UPDATE", {}, SimpleNamespace(sqlstate=code))  # type: ignore[arg-type]  # as psycopg says it


def answer() -> Response:
    """What the view gives."""
    return Response("ok")


TRY = ["begin", "commit", "rollback"]


class TestTries:
    def test_are_one_when_all_is_well(self, quiet: Any) -> None:
        ledger = quiet(Ledger())

        assert _tried(answer).data == b"ok"
        assert (ledger.done, TRIES) == (["begin", "commit"], 3)

    @pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57P01"])
    def test_are_repeated_when_only_the_moment_was_bad(self, quiet: Any, code: str) -> None:
        ledger = quiet(Ledger(busy(code), busy(code)))

        with capture_logs() as told:
            assert _tried(answer).data == b"ok"
        again = {"event": "transaction_tried_again", "log_level": "warning", "error": "DBAPIError"}
        assert told == [{**again, "attempt": 1}, {**again, "attempt": 2}]
        assert ledger.done == [*TRY, *TRY, "begin", "commit"]

    def test_end_with_the_third(self, quiet: Any) -> None:
        ledger = quiet(Ledger(*[busy()] * 4))

        with pytest.raises(DBAPIError):
            _tried(answer)

        assert ledger.done == TRY * 3

    @pytest.mark.parametrize(
        "error",
        [busy("23505"), busy(None), OperationalError("UPDATE", {}, Exception("disk full"))],
        ids=["unique", "unknown", "disk"],
    )
    def test_are_one_when_another_would_help_nobody(self, quiet: Any, error: Exception) -> None:
        ledger = quiet(Ledger(error))

        with pytest.raises(DBAPIError):
            _tried(answer)

        assert ledger.done == TRY

    @pytest.mark.parametrize(
        "error",
        [OperationalError("BEGIN", {}, Exception("database is locked")),
         OperationalError("BEGIN", {}, Exception("gone"), connection_invalidated=True)],
        ids=["locked", "gone"],
    )  # fmt: skip
    def test_are_repeated_when_the_database_was_locked_or_away(self, quiet: Any, error: Exception) -> None:
        ledger = quiet(Ledger(error))

        assert _tried(answer).data == b"ok"
        assert ledger.done == [*TRY, "begin", "commit"]

    def test_leave_nothing_of_a_view_that_breaks(self, quiet: Any) -> None:
        ledger = quiet(Ledger())

        with pytest.raises(ZeroDivisionError):
            _tried(lambda: 1 // 0)  # type: ignore[arg-type, return-value]  # it breaks before it answers

        assert ledger.done == ["begin", "rollback"]


class TestKey:
    @pytest.mark.parametrize(("length", "taken"), [(0, False), (7, False), (8, True), (64, True), (65, False)])
    def test_has_eight_to_sixty_four_characters(
        self, quiet: Any, monkeypatch: pytest.MonkeyPatch, length: int, taken: bool
    ) -> None:
        seen = []
        monkeypatch.setattr(change, "_in_transaction", lambda answered: seen.append(answered) or answer())

        with Flask("quiet").test_request_context(**PLAIN, headers={"Idempotency-Key": "k" * length}):
            if taken:
                assert changing(answer)().data == b"ok"
                assert seen[0].keywords == {"key": "k" * length, "digest": request_digest()}
            else:
                with pytest.raises(Refusal) as refused:
                    changing(answer)()
                assert (refused.value.reason, refused.value.status) == (General.IDEMPOTENCY_KEY_MISSING, 400)

        assert len(seen) == taken

    def test_and_its_answer_are_kept_in_a_row_of_one_account(self) -> None:
        columns = RequestKey.__table__.columns

        assert {
            each.name: (str(each.type), each.primary_key, bool(each.index), bool(each.nullable)) for each in columns
        } == {
            "account_id": ("CHAR(32)", True, False, False),
            "key": ("VARCHAR(64)", True, False, False),
            "request_hash": ("BLOB", False, False, False),
            "status": ("INTEGER", False, False, False),
            "media_type": ("VARCHAR(64)", False, False, False),
            "body": ("BLOB", False, False, False),
            "answered_at": ("DATETIME", False, True, False),
        }
        assert columns["request_hash"].type.length == 32  # type: ignore[attr-defined]  # bytes have one


class TestWithoutKey:
    def view(self, refusal: Exception | None) -> Any:
        def change_something() -> Any:
            if refusal is not None:
                raise refusal
            return jsonify(done=True)

        return changing_without_key(change_something)

    @pytest.mark.parametrize(
        ("refusal", "status", "done"),
        [
            (None, 200, ["begin", "flush", "commit"]),
            (Refusal(General.BUSY, 503), 503, ["begin", "begin", "commit"]),
            (Refusal(General.BUSY, 503, keeps=True), 503, ["begin", "commit"]),
        ],
        ids=["well", "refused", "refused and kept"],
    )
    def test_keeps_of_a_refusal_only_what_it_says(
        self, quiet: Any, refusal: Exception | None, status: int, done: list[str]
    ) -> None:
        ledger = quiet(Ledger())

        assert self.view(refusal)().status_code == status
        # A second beginning throws away what the first had begun.
        assert ledger.done == done

    def test_stays_loud_when_a_constraint_breaks_that_nobody_expects(self, quiet: Any) -> None:
        quiet(Ledger())

        with pytest.raises(IntegrityError):
            self.view(IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: nothing.known")))()


class TestRefusalResponse:
    def test_is_a_problem_document_and_says_when_to_come_again(self, quiet: Any) -> None:
        plain = refusal_response(Refusal(General.NOT_FOUND, 404, id="7"))
        later = refusal_response(Refusal(General.BUSY, 429, retry_after=9))

        assert (plain.status_code, plain.content_type, plain.headers.get("Retry-After")) == (
            404, "application/problem+json", None
        )  # fmt: skip
        assert plain.json == {
            "type": "/api/problems#not_found", "title": "not found", "status": 404, "reason": "not_found",
            "request_id": "", "id": "7",
        }  # fmt: skip
        assert (later.headers["Retry-After"], g.refused) == ("9", "busy")
