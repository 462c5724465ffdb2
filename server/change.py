"""One changing request: the writer's gate, one transaction, one commit, and the first answer kept.

Every changing call carries an `Idempotency-Key`. The key, a hash of the request and the whole answer are stored in the
transaction of the change itself, so a repeat (a double tap, a lost reply) gets the first answer word for word, also
when that answer was a refusal. An answer that is a secret is not stored: its repeat is told that it was given once
(`told_once`).
"""

import functools
import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from flask import Response, current_app, g, make_response, request
from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from .clock import now
from .config import Config
from .constraints import meaning_of
from .db import Base, begin_writing, db, writer_gate
from .refusal import Fault, General, Refusal, field_error, problem

TRIES = 3
SPARE_THREADS = 2  # of a worker process: never busy with a change
PATIENCE_S = 5.0  # for a place; as long as PostgreSQL waits for a lock
KEPT_FOR = timedelta(days=30)
# PostgreSQL: serialization failure, deadlock, lock not available, server shutting down.
RETRYABLE = {"40001", "40P01", "55P03", "57P01"}

View = Callable[..., Any]
log = structlog.get_logger()


class RequestKey(Base):
    """The first answer to one changing request of one account."""

    __tablename__ = "request_key"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime] = mapped_column(index=True)


def changing(view: View | None = None, *, before: View | None = None) -> Any:
    """Run a view that changes something, once per Idempotency-Key, and commit once.

    The transaction holds statements only. What is slow (reading, parsing, hashing, decoding, drawing, storing) is done
    by `before`, which is told what the view is told, and `by` whom; the view gets its answer as `ready`. Put `bp.input`
    above, so that a body has been read and judged before anything is held.
    """
    if view is None:
        return functools.partial(changing, before=before)

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Response:
        key, digest = request_key(), request_digest()
        told = {**kwargs, **_made_ready(before, args, kwargs)}
        return _in_transaction(functools.partial(_answer_once, view, args, told, key=key, digest=digest))

    # The document demands the key, and tells what getting ready refuses.
    wrapper.__dict__.update(_keyed=True, _before=before)
    return wrapper


def changing_without_key(view: View | None = None, *, before: View | None = None) -> Any:
    """The same for sign-in, where no account owns a key yet and a repeat is harmless."""
    if view is None:
        return functools.partial(changing_without_key, before=before)

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Response:
        told = {**kwargs, **_made_ready(before, args, kwargs)}
        return _in_transaction(lambda: _answer_or_undo(view, args, told))

    wrapper.__dict__["_before"] = before
    return wrapper


def request_key() -> str:
    """The key under which the request's first answer is kept; refuses one that is missing or too short to be one."""
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 64:
        raise Refusal(General.IDEMPOTENCY_KEY_MISSING, 400)
    if not (key.isascii() and key.isprintable()):
        fault = field_error("Idempotency-Key", Fault.FORBIDDEN_CHARACTER)
        raise Refusal(General.INVALID_INPUT, 422, errors=[fault])
    return key


def told_once(view: View) -> View:
    """Mark a view whose answer is a secret: of that answer the fact alone is stored, and a repeat is told so."""
    view.__dict__["_told_once"] = True
    return view


def forget_old_answers(at: datetime) -> None:
    """Drop answers nobody will ask for again; the caller commits."""
    db.session.execute(delete(RequestKey).where(RequestKey.answered_at < at - KEPT_FOR))


# --- helpers, in calling order -----------------------------------------------------------------


def _made_ready(before: View | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What the view gets beside its input; whatever was read for it is read again under the locks."""
    if before is None:
        return {}
    ready = before(*args, **kwargs, by=g.get("actor"))
    # Nothing stays held while we wait for our turn.
    db.session.rollback()
    return {"ready": ready}


def _in_transaction(answered: Callable[[], Response]) -> Response:
    """Wait for a place, then gate, begin, run, commit.

    There are fewer places than threads: while somebody forgotten holds a lock, those who wait for it leave threads for
    everybody who only reads.
    """
    config: Config = current_app.config["RUQI"]
    places: threading.BoundedSemaphore = current_app.extensions.setdefault(
        "ruqi_places", threading.BoundedSemaphore(max(1, config.web_threads - SPARE_THREADS))
    )
    if not places.acquire(timeout=PATIENCE_S):
        raise Refusal(General.BUSY, 503, retry_after=2)
    try:
        return _tried(answered)
    finally:
        places.release()


def _tried(answered: Callable[[], Response]) -> Response:
    """Gate, begin, run, commit; again when the database says that only the moment was bad."""
    for attempt in range(1, TRIES + 1):
        with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]):
            begin_writing()
            try:
                response = answered()
                db.session.commit()
                return response
            except DBAPIError as error:
                db.session.rollback()
                if not _worth_another_try(error) or attempt == TRIES:
                    raise
                log.warning("transaction_tried_again", attempt=attempt, error=type(error).__name__)
            except BaseException:
                db.session.rollback()
                raise
    raise AssertionError("unreachable")


def _answer_once(view: View, args: tuple[Any, ...], kwargs: dict[str, Any], *, key: str, digest: bytes) -> Response:
    """The stored answer when there is one, else the view's, stored beside its change."""
    account_id: UUID = g.actor.account_id
    earlier = db.session.execute(
        select(RequestKey.request_hash, RequestKey.status, RequestKey.media_type, RequestKey.body).where(
            RequestKey.account_id == account_id, RequestKey.key == key
        )
    ).one_or_none()
    if earlier is not None:
        if earlier.request_hash != digest:
            raise Refusal(General.IDEMPOTENCY_KEY_REUSED)
        replay = Response(earlier.body, earlier.status, content_type=earlier.media_type)
        replay.headers["Idempotent-Replay"] = "true"
        return replay
    response, keeps = _answer(view, args, kwargs)
    if not keeps:
        begin_writing()
    secret = getattr(view, "_told_once", False) and response.status_code < 400
    kept = refusal_response(Refusal(General.TOLD_ONCE)) if secret else response
    db.session.add(
        RequestKey(
            account_id=account_id,
            key=key,
            request_hash=digest,
            status=kept.status_code,
            media_type=kept.content_type,
            body=kept.get_data(),
            answered_at=now(),
        )
    )
    try:
        db.session.flush()
    except IntegrityError:
        # The same request came twice at once, and the other one was first: its answer is ours.
        begin_writing()
        return _answer_once(view, args, kwargs, key=key, digest=digest)
    return response


def _answer_or_undo(view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Response:
    """Run the view; of what a refusal does not keep, nothing reaches the commit."""
    response, keeps = _answer(view, args, kwargs)
    if not keeps:
        begin_writing()
    return response


def _answer(view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Response, bool]:
    """Run the view; a refusal becomes its problem document. Also says whether to keep what was added."""
    try:
        response = make_response(view(*args, **kwargs))
        db.session.flush()
        return response, True
    except Refusal as refusal:
        return refusal_response(refusal), refusal.keeps
    except IntegrityError as error:
        reason = meaning_of(error)
        if reason is None:
            raise  # nobody expects it to break: a bug, and it stays loud
        return refusal_response(Refusal(reason)), False


def refusal_response(refusal: Refusal) -> Response:
    """The problem document of a refusal."""
    body = problem(refusal.reason, refusal.status, request_id=g.get("request_id", ""), **refusal.extras)
    response = Response(current_app.json.dumps(body), refusal.status, content_type="application/problem+json")
    if "retry_after" in refusal.extras:
        response.headers["Retry-After"] = str(refusal.extras["retry_after"])
    g.refused = refusal.reason.value
    return response


def _worth_another_try(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in RETRYABLE:
        return True
    return isinstance(error, OperationalError) and (error.connection_invalidated or "locked" in str(error.orig))


def request_digest() -> bytes:
    """What makes two requests the same: method, path, body. Files count by their bytes."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    # A form is parsed only where there may be one.
    if request.mimetype == "multipart/form-data" and request.files:
        # The boundary of a multipart body differs between two sends of the same form.
        for name, value in sorted(request.form.items()):
            digest.update(f"{name}={value}\n".encode())
        for name, file in sorted(request.files.items()):
            digest.update(f"{name}:{file.filename}\n".encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    else:
        digest.update(request.get_data(cache=True))
    return digest.digest()
