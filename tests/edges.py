"""Calls at the edge: each operation of the document with one value that no honest client sends.

The document says where values go in; each place gets what is worst for its kind. Everything else of the call is as it
should be, so that the bad value travels as far as it can.
"""

import copy
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zlib import crc32

from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

METHODS = ("get", "post", "put", "delete")
SOME_ID = str(UUID(int=7))
HUGE = 10**30
# What a text may never hold: NUL, half a character, an override of direction, a control, too much of it.
TEXTS = ("a\0b", "a\ud800b", "a\u202eb", "a\u2066b", "a\x1bb", "x" * 6_001)
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1999-12-31T00:00:00Z", "2026-13-01T00:00:00Z")
DAYS = ("0001-01-01", "9999-12-31", "2101-01-01", "2026-02-30")
NUMBERS = (HUGE, -HUGE, 2**31, 2**63, float("nan"), float("inf"))
SHAPES = (None, [], {})
IN_PATH = ("%00", "x" * 300, "%FF%FE", "%E2%80%AE", str(HUGE), "9999-12-31")
IN_QUERY = ("a%00", "%ff%fe", "%E2%80%AE", "x" * 500, str(HUGE), "0001-01-01", "9999-12-31", "a&{0}=b")
BODIES = (
    (b"", "application/json"), (b"{", "application/json"), (b"[]", "application/json"), (b"null", "application/json"),
    (b"\xff\xfe", "application/json"), (b"[" * 5000, "application/json"), (b'{"a":' * 5000, "application/json"),
    (b'{"reason":"a","reason":"b"}', "application/json"), (b"1" * 5000, "application/json"), (b"{}", "text/plain"),
    (b'{"\\ud800":1}', "application/json"), (b'{"\\u0000":1}', "application/json"),
    (b"{}", "application/json; charset=utf-7"), (b"{}", ""), (b"a=b", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=x"), (b"", "multipart/form-data"), (b"<a/>", "application/xml"),
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call: what is wrong with it, and how it is sent."""

    wrong: str
    method: str
    url: str
    kwargs: dict[str, Any] = field(default_factory=dict)


def calls(spec: Any, method: str, path: str, known: dict[str, Any], *, each: int = 2) -> Iterator[Call]:
    """The edge calls of one operation; `known` are values that name something, by the parameter's or field's name.

    Each place gets `each` of the values of its kind in turn, so that all of them are sent, though not all everywhere:
    what a shape refuses is tried with all of them in memory.
    """
    turn = crc32(f"{method} {path}".encode())
    operation = spec["paths"][path][method]
    url, names = _url(path, known), [part.split("}")[0] for part in path.split("{")[1:]]
    body, kind = _body(spec, operation, known)
    sent = {} if body is None else _sent(body, kind)
    for number, name in enumerate(names):
        for value in _some(IN_PATH, each, turn + number):
            yield Call(f"{name}={value[:20]}", method, _url(path, {**known, name: value}), sent)
    for number, parameter in enumerate(
        each_in for each_in in operation.get("parameters", ()) if each_in["in"] == "query"
    ):
        for value in _some(IN_QUERY, each, turn + number):
            name = parameter["name"]
            yield Call(f"{name}={value[:20]}", method, f"{url}?{name}={value.format(name)}", sent)
    yield Call("a query nobody has heard of", method, f"{url}?%00=%ff&nobody=1", sent)
    if body is None:
        return
    for number, (place, values) in enumerate(places(spec, _schema(spec, operation))):
        for value in _some(values, each, turn + number):
            wrong = f"{'.'.join(map(str, place))}={str(value)[:20]!r}"
            yield Call(wrong, method, url, _sent(put(body, place, value), kind))
    for raw, media_type in _some(BODIES, 2 * each, turn):
        yield Call(f"{media_type} {raw[:20]!r}", method, url, {"data": raw, "content_type": media_type or None})


def _some(values: tuple[Any, ...], number: int, turn: int) -> list[Any]:
    return [values[(turn + step) % len(values)] for step in range(min(number, len(values)))]


def _url(path: str, known: dict[str, Any]) -> str:
    parts = path.split("/")
    for name in [part.split("}")[0][1:] for part in parts if part.startswith("{")]:
        path = path.replace(f"{{{name}}}", str(known.get(name, SOME_ID)))
    return path


def _schema(spec: Any, operation: Any) -> Any:
    [content] = operation["requestBody"]["content"].values()
    return content["schema"]


def _body(spec: Any, operation: Any, known: dict[str, Any]) -> tuple[Any, str]:
    if "requestBody" not in operation:
        return None, ""
    [kind] = operation["requestBody"]["content"]
    return example(spec, _schema(spec, operation), known, ""), kind


def _sent(body: Any, kind: str) -> dict[str, Any]:
    if kind == "application/json":
        return {"data": json.dumps(body).encode(), "content_type": kind}
    form = {name.replace("\ud800", ""): _part(value) for name, value in body.items() if isinstance(value, str)}
    stream, _, boundary = stream_encode_multipart(form)
    return {"data": stream.read(), "content_type": f"{kind}; boundary={boundary}"}


def _part(value: str) -> Any:
    text = value.replace("\ud800", "")  # it cannot be sent in a form
    if not text.startswith("file:"):
        return text
    return FileStorage(io.BytesIO(b"%PDF-1.7"), text.removeprefix("file:"), content_type="application/pdf")


def _resolved(spec: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in schema:
        return _resolved(spec, next(each for each in schema["anyOf"] if each.get("type") != "null"))
    return schema


def example(spec: Any, schema: Any, known: dict[str, Any], name: str) -> Any:
    schema = _resolved(spec, schema)
    if name in known:
        return known[name]
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "object":
        inner = schema.get("properties", {})
        return {each: example(spec, inner[each], known, each) for each in inner}
    if schema.get("type") == "array":
        return [example(spec, schema["items"], known, name.removesuffix("s"))]
    if schema.get("type") in ("integer", "number"):
        return max(schema.get("minimum", 0), 1) if schema["type"] == "integer" else 1.5
    if schema.get("type") == "boolean":
        return False
    return _text(schema)


def _text(schema: Any) -> str:
    ready = {
        "uuid": SOME_ID, "date": "2026-04-01", "date-time": "2026-04-01T01:00:00Z", "binary": "file:a.pdf",
    }  # fmt: skip
    return ready.get(schema.get("format", ""), "x" * max(schema.get("minLength", 1), 1))


def places(spec: Any, schema: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Every place in a shape where a value goes, with what is worst for its kind."""
    schema = _resolved(spec, schema)
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from places(spec, inner, (*place, name))
        yield (*place, "nobody\ud800\u202e"), ("x",)
        return
    if kind == "array":
        yield from places(spec, schema["items"], (*place, 0))
    yield place, _worst(schema)


def _worst(schema: Any) -> tuple[Any, ...]:
    kind, form = schema.get("type"), schema.get("format", "")
    if form == "binary":
        return tuple(f"file:a{text}.pdf" for text in TEXTS)
    if kind in ("integer", "number"):
        return (*NUMBERS, *SHAPES)
    if kind == "string":
        return (*{"date": DAYS, "date-time": MOMENTS}.get(form, ()), *TEXTS, *SHAPES)
    if kind == "object":
        return ({"a\0\u202e\ud800": 1}, {"A": HUGE}, *SHAPES)
    return SHAPES


def put(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The same body with another value in one place."""
    fresh = copy.deepcopy(body)
    inside = fresh
    for part in place[:-1]:
        inside = inside[part]
    inside[place[-1]] = value
    return fresh
