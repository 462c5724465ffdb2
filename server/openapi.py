"""OpenAPI 3.1, generated from the code, and the pages that show it and the closed list of refusals."""

import json
import re
from collections import defaultdict
from functools import cache
from typing import Any, cast

from apiflask import APIFlask
from flask import Response, current_app, jsonify, render_template, request
from werkzeug.routing import Rule

from .account.models import Role
from .account.rules import SignInReason
from .config import HOUSE
from .reasons import refusals_of
from .refusal import General, Reason

REF = "#/components/schemas/"
ROOT = "/api/v1/"
MOST_SHARED = 3
METHODS = ("get", "post", "put", "patch", "delete")
# Tells its own kind, and is no attack on who may not read it.
SECONDS = {"description": "after how many seconds it may come again", "schema": {"type": "integer", "minimum": 1}}
HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "the methods that this address has", "schema": {"type": "string"}}},
    429: {"Retry-After": SECONDS},
    503: {"Retry-After": SECONDS},
}
SAYS = {
    400: "not readable", 401: "not signed in", 403: "not this role's", 404: "not there, or outside the own scope",
    405: "another method", 409: "refused", 413: "too large", 415: "another type", 422: "not valid, field by field",
    429: "too often", 500: "a bug", 503: "busy",
}  # fmt: skip
CONVERTED: dict[str, dict[str, Any]] = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "RowNumber": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "UnicodeConverter": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^/]+$"},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; further members depend on the reason",
    "required": ["type", "title", "status", "reason", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "its place in /api/problems"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "reason": {"$ref": REF + "Reason"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": REF + "FieldError"}},
        "retry_after": {"type": "integer"},
    },
    "additionalProperties": True,
}
FIELD_ERROR = {
    "type": "object",
    "description": "what is wrong with one field",
    "required": ["field", "fault", "limit", "message"],
    "properties": {
        "field": {"type": "string"},
        "fault": {"type": "string"},
        "limit": {"type": ["number", "null"]},
        "message": {"type": "string"},
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "printable ASCII; a repeat under the same key gets the first answer",
    "schema": {"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[ -~]+$"},
}


def prepare(app: APIFlask) -> None:
    """Describe security and errors once for all operations, and serve /api/docs and /api/problems."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["AUTO_OPERATION_ID"] = True
    app.config["INFO"] = {
        "description": "登记、扫码、留痕、评价: every changing call takes an Idempotency-Key.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    app.config["SERVERS"] = [{"url": "/"}]
    app.config["SECURITY_SCHEMES"] = {"Token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = app.config["AUTO_AUTH_ERROR_RESPONSE"] = False
    app.spec_processor(_tidy)
    app.add_url_rule("/api/docs", view_func=docs, endpoint="api_docs")
    app.add_url_rule("/api/problems", view_func=problems, endpoint="api_problems")


def docs() -> Response:
    """A page for people over the same document; no script, no foreign host."""
    app = cast(APIFlask, current_app)
    # Drawn once: it takes 150 ms, and anybody may ask.
    if "ruqi_docs" not in app.extensions:
        app.extensions["ruqi_docs"] = render_template("api_docs.html", spec=app.spec)
    return Response(app.extensions["ruqi_docs"], content_type="text/html; charset=utf-8")


def problems() -> Response:
    """Every closed reason with its sentences: where the `type` of a problem document leads, for people or as JSON."""
    said = sentences()
    rows = [{"reason": each, "meaning": meaning, **said.get(each, {})} for each, meaning in sorted(meanings().items())]
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(items=rows)
    return Response(render_template("api_problems.html", rows=rows), content_type="text/html; charset=utf-8")


def meanings() -> dict[str, str]:
    """All closed reasons, each with what its list is about."""
    return {reason.value: (words.__doc__ or "").split("\n")[0] for words in Reason.__subclasses__() for reason in words}


@cache
def sentences() -> dict[str, dict[str, str]]:
    """The client's sentences by reason (`make openapi` writes the file)."""
    kept: dict[str, dict[str, str]] = json.loads((HOUSE / "server" / "problems.json").read_text("utf-8"))
    return kept


# --- the document, in calling order --------------------------------------------------------------


def _tidy(spec: Any) -> Any:
    """Name shared shapes once (`EnterpriseRef`, not `Visit.EnterpriseRef`) and add what is true of all operations."""
    schemas: dict[str, Any] = spec.get("components", {}).get("schemas", {})
    spec = _renamed(spec, {name: _plain(name) for name in schemas})
    reasons = {"type": "string", "description": "why something was refused", "enum": sorted(meanings())}
    spec["components"]["schemas"] |= {"Problem": PROBLEM, "FieldError": FIELD_ERROR, "Reason": reasons}
    spec["tags"] = [{"name": name} for name in sorted({each["name"] for each in spec["tags"]})]
    spec["paths"] = {path: item for path, item in spec["paths"].items() if path.startswith(ROOT)}
    for rule in current_app.url_map.iter_rules():
        item = spec["paths"].get(re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), {})
        for method in METHODS:
            if method in item and method.upper() in (rule.methods or ()):
                _complete(item[method], rule, current_app.view_functions[rule.endpoint])
    spec["components"]["responses"] = _shared(spec["paths"])
    return spec


def _shared(paths: dict[str, Any]) -> dict[str, Any]:
    """What many operations answer, told once: "401.not_signed_in-token_expired"; a reference takes its place."""
    shared: dict[str, Any] = {}
    answers = [operation["responses"] for item in paths.values() for operation in item.values()]
    for responses in answers:
        for status, told in responses.items():
            reasons = told.get("x-reasons", ())
            if 0 < len(reasons) <= MOST_SHARED:
                name = f"{status}.{'-'.join(reasons)}"
                shared[name] = told
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def _complete(operation: dict[str, Any], rule: Rule, view: Any) -> None:
    """Roles, the key, the forms of the path's parts, the body that must come, and every refusal by its status."""
    operation["operationId"] = rule.endpoint.replace(".", "_")
    roles = view.__dict__.get("_roles", ())
    operation["x-roles"] = [role.value for role in roles]
    operation.setdefault("security", [])
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter["schema"] = _form_of(rule, parameter["name"])
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    keyed = view.__dict__.get("_keyed", False)
    if keyed:
        operation.setdefault("parameters", []).append(KEY)
    refused: dict[int, set[Reason]] = defaultdict(set)
    for status, reason in _refusals(rule, view, operation, keyed=keyed):
        refused[status].add(reason)
    operation["responses"].update({str(status): _refusal(status, refused[status]) for status in sorted(refused)})


def _form_of(rule: Rule, name: str) -> dict[str, Any]:
    if words := re.findall(r"<any\(([^)]*)\):" + name + ">", rule.rule):
        return {"type": "string", "enum": [word.strip() for word in words[0].split(",")]}
    return CONVERTED[type(rule._converters[name]).__name__]


def _refusals(rule: Rule, view: Any, operation: dict[str, Any], *, keyed: bool) -> set[tuple[int, Reason]]:
    """What the edge refuses of every operation of this kind, and what the code behind the view does."""
    code = refusals_of(view, changing="GET" not in (rule.methods or ()))
    said = {(405, General.METHOD_NOT_ALLOWED), (500, General.INTERNAL_ERROR), (503, General.BUSY), *code}
    roles, body = view.__dict__.get("_roles", ()), "requestBody" in operation
    signed_in = {(401, why) for why in (General.NOT_SIGNED_IN, General.TOKEN_EXPIRED, SignInReason.SESSION_REVOKED)}
    query = any(each["in"] == "query" for each in operation.get("parameters", []))
    for holds, refusals in (
        (bool(roles), signed_in),
        (bool(roles) and set(roles) != set(Role), {(403, General.NOT_PERMITTED)}),
        (bool(rule.arguments), {(404, General.NOT_FOUND)}),
        (body or query or keyed or bool(rule.arguments), {(422, General.INVALID_INPUT)}),
        (body or keyed, {(413, General.TOO_LARGE)}),
        (body, {(400, General.INVALID_INPUT), (415, General.UNSUPPORTED_TYPE)}),
        (keyed, {(400, General.IDEMPOTENCY_KEY_MISSING), (409, General.IDEMPOTENCY_KEY_REUSED)}),
        (keyed and view.__dict__.get("_told_once", False), {(409, General.TOLD_ONCE)}),
        ("_limited" in view.__dict__, {(429, General.TOO_MANY_REQUESTS)}),
    ):
        said |= refusals if holds else set()
    return said


def _refusal(status: int, reasons: set[Reason]) -> dict[str, Any]:
    names = sorted(reason.value for reason in reasons)
    told: dict[str, Any] = {
        "description": f"{SAYS[status]}: {', '.join(names)}",
        "content": {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}},
        "x-reasons": names,
    }
    return {**told, "headers": HEADERS[status]} if status in HEADERS else told


def _plain(name: str) -> str:
    """The class's own name: without the outer shape, and without the Out that tells it from a table's class."""
    inner = name.rsplit(".", 1)[-1]
    return inner.removesuffix("Out") if inner != "Out" else inner


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        fresh: dict[str, Any] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(REF):
                fresh[key] = REF + _plain(value.removeprefix(REF))
            elif key == "schemas" and set(value) == set(names):
                fresh[key] = {names[name]: _renamed(schema, names) for name, schema in value.items()}
            else:
                fresh[key] = _renamed(value, names)
        return fresh
    return [_renamed(each, names) for each in node] if isinstance(node, list) else node
