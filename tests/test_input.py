"""What comes in: no input breaks the server, on either database; what is refused names its field."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from apiflask import APIFlask
from pydantic import ValidationError

from server import create_app
from server.edge import _field_error
from server.incoming import Day, Line, Number, Prose, shown
from server.paging import In, PageQuery
from server.visit.stages import Stage

from .conftest import Hand
from .edges import METHODS, TEXTS, calls, example, places, put
from .factories import Cast, visit_at

# Who calls what a role may; nobody calls what anyone may.
WHO = {
    "inspector": "li_na", "head": "zhao_min", "supervisor": "sun_li", "enterprise": "bakery", "administrator": "ma_lin",
}  # fmt: skip


def shapes(base: type[In] = In) -> Iterator[type[In]]:
    """Everything that comes in as a body or a query."""
    assert create_app  # all routes are loaded with it
    for each in base.__subclasses__():
        yield each
        yield from shapes(each)


BODIES = [
    each
    for each in shapes()
    if each.__module__.startswith("server.") and not each.model_config.get("arbitrary_types_allowed")
]


class TestShapes:
    @pytest.mark.parametrize("shape", BODIES, ids=lambda each: each.__name__)
    def test_refuse_what_no_database_holds_in_every_place(self, shape: type[In]) -> None:
        schema = shape.model_json_schema()
        spec = {"components": {"schemas": schema.get("$defs", {})}}
        body = example(spec, schema, {}, "")
        taken = []

        for place, values in places(spec, schema):
            for value in values:
                try:
                    shape.model_validate(put(body, place, value))
                except ValidationError as refused:
                    json.dumps([_field_error(each) for each in refused.errors()], ensure_ascii=False).encode()
                else:
                    taken.append((place, value))

        # Lists, maps and what may be left out are there to be empty; only texts of a longer kind hold so many letters.
        assert [each for each in taken if each[1] not in (None, [], {}, TEXTS[-1])] == []

    @pytest.mark.parametrize(
        "kind",
        [
            str,
            str | None,
            list[str],
            dict[str, bool],
            int,
            Annotated[int, "le"],
            __import__("datetime").date,
            float,
            dict,
            Any,
        ],
    )
    def test_do_not_load_with_a_field_that_takes_anything(self, kind: Any) -> None:
        with pytest.raises(TypeError, match="planted"):
            type("Planted", (In,), {"__annotations__": {"planted": kind}})

    def test_load_with_ours(self) -> None:
        names = {"line": Line, "prose": Prose | None, "days": list[Day], "counts": dict[Line, Number]}
        type("Fine", (PageQuery,), {"__annotations__": names})

    def test_keep_lines_where_a_text_may_have_them(self) -> None:
        fine: Any = type("Fine", (In,), {"__annotations__": {"line": Line, "prose": Prose}})

        taken = fine.model_validate({"line": " 一行 ", "prose": "一\r\n二\t三"})
        with pytest.raises(ValidationError):
            fine.model_validate({"line": "一\n行", "prose": ""})

        assert (taken.line, taken.prose) == ("一行", "一\n二\t三")

    def test_repeat_a_stranger_s_text_only_where_it_does_no_harm(self) -> None:
        assert shown("a\0\ud800\u202e" + "b" * 500, longest=6) == "a\ufffd\ufffd\ufffdbb"


def operations(app: APIFlask) -> dict[tuple[str, str], tuple[str, ...]]:
    """The operations of the document, with the roles that may call them; none for anyone's."""
    return {
        (method, path): tuple(item[method].get("x-roles", ()))
        for path, item in app.spec["paths"].items()
        for method in METHODS
        if method in item
    }


class TestEdgeEndpoint:
    @pytest.mark.parametrize("role", ["nobody", *WHO])
    def test_no_call_breaks_the_server(
        self, honest: APIFlask, as_: Any, nobody: Hand, cast: Cast, clock: Any, keep: Any, role: str
    ) -> None:
        known = {
            "enterprise_id": str(cast.bakery.id), "serial": 1001, "matter_id": str(cast.food.id),
            "inspector_id": str(cast.li_na.id), "account_id": str(cast.accounts["bakery"].id), "region": "431002",
            "region_code": "431002", "day": "2026-04-01", "form": "csv", "clause_id": "x", "number": 1,
            "agency_id": str(cast.market.id), "visit_id": str(keep(visit_at(Stage.ON_SITE, cast)).visit.id),
        }  # fmt: skip
        hand = as_(WHO[role]) if role in WHO else nobody
        sent, odd = 0, []

        for (method, path), roles in operations(honest).items():
            if (roles[0] if roles else "nobody") != role:
                continue
            for call in calls(honest.spec, method, path, known):
                answer = hand._send(method.upper(), call.url, **call.kwargs)
                sent += 1
                if answer.status_code >= 500 or (answer.status_code >= 400 and "reason" not in answer.json):
                    odd.append((method, path, call.wrong, answer.status_code))

        assert (odd, sent > 20) == ([], True)
