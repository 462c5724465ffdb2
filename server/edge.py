"""The edge of HTTP: request id, log line, figures, headers, one error shape, health, and the client's files."""

import hmac
import mimetypes
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Request, Response, current_app, g, request, send_from_directory
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import PathConverter

from . import metrics
from .change import refusal_response
from .db import db
from .ids import new_id
from .incoming import FORBIDDEN, OUTSIDE, is_line, refuse_query, shown
from .refusal import Fault, General, Refusal, field_error
from .schema import is_current

log = structlog.get_logger()

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# On every answer, and nobody else sets them.
FIXED = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(self)"),
)
# On every answer whose view has not said better.
DEFAULTS = (("Content-Security-Policy", CSP), ("Cache-Control", "no-store"))
BY_STATUS = {
    404: General.NOT_FOUND,
    405: General.METHOD_NOT_ALLOWED,
    413: General.TOO_LARGE,
    422: General.INVALID_INPUT,
    400: General.INVALID_INPUT,
    415: General.UNSUPPORTED_TYPE,
}
FAULTS = {
    "missing": Fault.MISSING,
    "string_too_short": Fault.TOO_SHORT,
    "too_short": Fault.TOO_SHORT,
    "string_too_long": Fault.TOO_LONG,
    "too_long": Fault.TOO_LONG,
    "greater_than_equal": Fault.TOO_SMALL,
    "greater_than": Fault.TOO_SMALL,
    "less_than_equal": Fault.TOO_LARGE,
    "less_than": Fault.TOO_LARGE,
    "enum": Fault.NOT_A_CHOICE,
    "literal_error": Fault.NOT_A_CHOICE,
    "extra_forbidden": Fault.UNHEARD_OF,
    "string_unicode": Fault.FORBIDDEN_CHARACTER,
    FORBIDDEN: Fault.FORBIDDEN_CHARACTER,
    OUTSIDE: Fault.OUTSIDE_CALENDAR,
}
# Only files are larger: the longest record with a thousand answers takes a tenth of it.
MOST_JSON = 1_000_000
PAGE = "index.html"
COMPRESSED = {"br": ".br", "gzip": ".gz"}
# What the machine's own table may not know.
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("text/javascript", ".js")
LONGEST_NAME = 64
BOUNDS = ("min_length", "max_length", "ge", "gt", "le", "lt")


def prepare(app: APIFlask) -> None:
    """Attach everything that every request meets."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Refusal, refusal_response)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unexpected)
    # In this order: the first brings a handler of its own for what HTTP refuses, and ours is to hold.
    app.error_processor(_validation_error)
    app.register_error_handler(HTTPException, _http_error)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.add_url_rule("/metrics", view_func=figures)
    app.add_url_rule("/", view_func=client, defaults={"path": ""})
    app.url_map.converters["page"] = PagePath
    app.add_url_rule("/<page:path>", view_func=client)


def _itself(proxy: Any) -> Any:
    # Each look through Flask's proxies costs as much as what is looked for, and these are asked a dozen times.
    return proxy._get_current_object()


def _begin() -> None:
    asked, kept = _itself(request), _itself(g)
    if asked.mimetype != "multipart/form-data":
        asked.max_content_length = MOST_JSON
    kept.began = time.perf_counter()
    given = asked.headers.get("X-Request-Id", "")
    kept.request_id = given if 8 <= len(given) <= 64 and given.isascii() and given.isprintable() else str(new_id())
    if asked.path.startswith("/api/"):
        view = current_app.view_functions.get(asked.endpoint or "")
        if "args" in getattr(view, "_spec", {}):
            refuse_query(asked.query_string)
        _refuse_path(asked.view_args or {})
        _refuse_type(view, asked)


def _refuse_path(values: dict[str, Any]) -> None:
    """A name in the path is one short line; numbers and ids have forms of their own."""
    for name, value in values.items():
        if isinstance(value, str) and len(value) > LONGEST_NAME:
            fault = field_error(name, Fault.TOO_LONG, limit=LONGEST_NAME)
            raise Refusal(General.INVALID_INPUT, 422, errors=[fault])
        if isinstance(value, str) and not is_line(value):
            raise Refusal(General.INVALID_INPUT, 422, errors=[field_error(name, Fault.FORBIDDEN_CHARACTER)])


def _refuse_type(view: Any, asked: Request) -> None:
    """A body comes as what the view reads, or not at all."""
    spec = getattr(view, "_spec", {})
    if "body" in spec and asked.content_length and asked.mimetype != spec.get("content_type", "application/json"):
        raise Refusal(General.UNSUPPORTED_TYPE, 415)


def _finish(response: Response) -> Response:
    """Headers, figures, and one log line without personal data: routes, never paths or bodies."""
    asked, kept = _itself(request), _itself(g)
    headers = response.headers
    headers.add("X-Request-Id", kept.get("request_id", ""))
    headers.extend(FIXED)
    for name, value in DEFAULTS:
        if name not in headers:
            headers.add(name, value)
    if asked.is_secure:
        headers.add("Strict-Transport-Security", "max-age=31536000")
    if response.status_code == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    route = asked.url_rule.rule if asked.url_rule else "unknown"
    seconds = time.perf_counter() - kept.get("began", time.perf_counter())
    metrics.count_request(asked.method, route, response.status_code, seconds)
    if (reason := kept.get("refused")) is not None:
        metrics.REFUSALS.labels(reason=reason).inc()
    if route.startswith("/api/"):
        actor = kept.get("actor")
        log.info(
            "request",
            request_id=kept.get("request_id"),
            method=asked.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            role=actor.role.value if actor else None,
            reason=reason,
        )
    return response


# --- errors ------------------------------------------------------------------------------------


def _validation_error(error: HTTPError) -> Any:
    """What pydantic found wrong, field by field."""
    cause = error.__cause__
    errors = [_field_error(each) for each in cause.errors()] if isinstance(cause, ValidationError) else []
    reason = BY_STATUS.get(error.status_code, General.INVALID_INPUT)
    return _as_tuple(refusal_response(Refusal(reason, error.status_code, errors=errors, **_limit(error.status_code))))


def _limit(status: int) -> dict[str, Any]:
    """How much would have been taken, when it was too much."""
    return {"limit": request.max_content_length} if status == 413 else {}


def _field_error(found: ErrorDetails) -> dict[str, Any]:
    kind, bounds = found["type"], found.get("ctx", {})
    limit = next((bounds[name] for name in BOUNDS if name in bounds), None)
    field = shown(".".join(map(str, found["loc"])))
    return field_error(field, FAULTS.get(kind, Fault.MALFORMED), shown(found["msg"]), limit=limit)


def _as_tuple(response: Response) -> tuple[bytes, int, dict[str, str]]:
    return response.get_data(), response.status_code, {"Content-Type": response.content_type}


def _http_error(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect of the router
    status = error.code or 500
    if status >= 500:
        log.error("http_error", status=status, request_id=g.get("request_id"))
    response = refusal_response(Refusal(BY_STATUS.get(status, General.INTERNAL_ERROR), status, **_limit(status)))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _database_error(error: OperationalError) -> Response:
    """The database is busy or away: nothing was kept, and the same request may come again."""
    db.session.rollback()
    log.error("database_unavailable", request_id=g.get("request_id"), error=str(error.orig))
    return refusal_response(Refusal(General.BUSY, 503, retry_after=2))


def _too_deep(error: RecursionError) -> Response:
    """A body nested so deeply that it can only be rubbish."""
    return refusal_response(Refusal(General.INVALID_INPUT, 400))


def _unexpected(error: Exception) -> Response:
    """A bug: loud in the log, one honest sentence for the person."""
    if current_app.testing:
        raise error
    db.session.rollback()
    log.exception("bug", request_id=g.get("request_id"))
    return refusal_response(Refusal(General.INTERNAL_ERROR, 500))


# --- health and files --------------------------------------------------------------------------


def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


def readyz() -> tuple[dict[str, str], int]:
    """The database answers and its schema is the one this code knows."""
    try:
        db.session.execute(text("SELECT 1"))
        current = is_current()
    except OperationalError:
        return {"status": "database unavailable"}, 503
    return ({"status": "ok"}, 200) if current else ({"status": "schema is not current: run ruqi migrate"}, 503)


def figures() -> Response:
    """Prometheus exposition, for who has the token; for others it is not there."""
    token: str = current_app.config["RUQI"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    # Bytes, since compare_digest takes no text beyond ASCII.
    if not token or not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
        raise Refusal(General.NOT_FOUND, 404)
    body, media_type = metrics.exposition()
    return Response(body, content_type=media_type)


def client(path: str) -> Response:
    """The web client: its files by their exact names, its one page for every address that can be a page's.

    What a stranger asks for is compared with the names of the build and never becomes a path, so nobody learns what
    else lies on this machine; what looks like a file and is none is not found.
    """
    folder: Path = current_app.config["RUQI"].client_dir
    files = _files(folder)
    if PAGE not in files:
        return Response("the web client is not built: make client", 503, content_type="text/plain; charset=utf-8")
    name = path if path in files and not path.endswith(tuple(COMPRESSED.values())) else PAGE
    if name == PAGE and ("." in path.rsplit("/", 1)[-1] or path.startswith("assets/")) and path != PAGE:
        raise Refusal(General.NOT_FOUND, 404)
    response = _precompressed(folder, name, files)
    hashed = name.startswith("assets/")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
    return response


def _files(folder: Path) -> frozenset[str]:
    """The names of the build's files, with a slash between folders; none when it was not built."""
    try:
        return _listed(folder, (folder / PAGE).stat().st_mtime_ns)
    except OSError:
        return frozenset()


@lru_cache(maxsize=4)
def _listed(folder: Path, built_at: int) -> frozenset[str]:
    return frozenset(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


def _precompressed(folder: Path, name: str, files: frozenset[str]) -> Response:
    """The smallest form that the browser accepts; compressed once, when the client was built."""
    accepted = request.headers.get("Accept-Encoding", "")
    for encoding, ending in COMPRESSED.items():
        if encoding in accepted and name + ending in files:
            response = send_from_directory(folder, name + ending, mimetype=mimetypes.guess_type(name)[0])
            response.headers["Content-Encoding"] = encoding
            response.headers["Vary"] = "Accept-Encoding"
            return response
    return send_from_directory(folder, name)


class PagePath(PathConverter):
    """A path outside the API: below it what is not there is not there, and a wrong method is told which are right."""

    regex = r"(?!api(?:/|$))[^/].*?"
