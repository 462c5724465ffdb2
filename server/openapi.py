"""OpenAPI 3.1, generated from the code, and the page that shows it."""

from typing import Any, cast

from apiflask import APIFlask
from flask import Response, current_app, render_template

REF = "#/components/schemas/"


def prepare(app: APIFlask) -> None:
    """Describe security and errors once for all operations, and serve /api/docs."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["INFO"] = {"description": "登记、扫码、留痕、评价: every changing call takes an Idempotency-Key."}
    app.config["SECURITY_SCHEMES"] = {"Token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = app.config["AUTO_AUTH_ERROR_RESPONSE"] = False
    app.spec_processor(_tidy)
    app.add_url_rule("/api/docs", view_func=docs, endpoint="api_docs")


def docs() -> Response:
    """A page for people over the same document; no script, no foreign host."""
    app = cast(APIFlask, current_app)
    return Response(render_template("api_docs.html", spec=app.spec), content_type="text/html; charset=utf-8")


def _tidy(spec: Any) -> Any:
    """Name shared shapes once (`EnterpriseRef`, not `Visit.EnterpriseRef`) and add what is true of all operations."""
    schemas: dict[str, Any] = spec.get("components", {}).get("schemas", {})
    names = {name: _plain(name) for name in schemas}
    spec = _renamed(spec, names)
    schemas = spec["components"]["schemas"]
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457; `reason` is from a closed list, further members depend on it",
        "required": ["type", "title", "status", "reason", "request_id"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "reason": {"type": "string"},
            "request_id": {"type": "string"},
        },
        "additionalProperties": True,
    }
    problem = {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}}
    for path in spec["paths"].values():
        for method, operation in path.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            operation["responses"]["default"] = {"description": "refused, with its reason", "content": problem}
            if method != "get" and operation.get("security") and "sessions" not in operation.get("operationId", ""):
                key = {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": True,
                    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
                }
                operation.setdefault("parameters", []).append(key)
    return spec


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
