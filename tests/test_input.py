"""What comes in: no input breaks the server, on either database; what is refused names its field."""

import io
import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from uuid import UUID

import pytest
from apiflask import APIFlask
from flask import Flask
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import ValidationError

from server import create_app
from server.account.models import Inspector
from server.edge import _field_error
from server.enterprise.models import Enterprise
from server.incoming import Day, Line, Number, Prose, shown
from server.paging import In, PageQuery, _read_cursor, _write_cursor
from server.picture import read_evidence, read_portrait
from server.refusal import Refusal
from server.visit.stages import Stage

from .conftest import Hand
from .edges import METHODS, TEXTS, calls, example, places, put
from .factories import Cast, visit_at
from .test_importing import MATTERS
from .test_record import a_photo, send_photo

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


class TestBytes:
    @pytest.mark.parametrize(
        ("query", "field"),
        [("q=%C3%28", "q"), ("q=%e6%9e", "q"), ("region=431002&q=%ff", "q"), ("%ff=1", "\ufffd")],
    )
    def test_of_a_query_that_are_no_text_are_refused(self, as_: Any, query: str, field: str) -> None:
        answer = as_("li_na")._send("GET", "/visits", environ_overrides={"QUERY_STRING": _on_the_wire(query)})

        assert (answer.status_code, answer.json["reason"]) == (422, "invalid_input")
        assert [(each["field"], each["fault"]) for each in answer.json["errors"]] == [(field, "forbidden_character")]

    @pytest.mark.parametrize("query", ["q=%E6%9E%97%E9%82%91", "q=林邑", "q=a%20b+c", "q=100%"])
    def test_of_a_query_in_utf_8_are_read(self, as_: Any, query: str) -> None:
        asked = {"QUERY_STRING": _on_the_wire(query)}

        assert as_("li_na")._send("GET", "/visits", environ_overrides=asked).status_code == 200

    def test_of_a_body_name_a_field_once(self, nobody: Hand) -> None:
        body = '{"username": "li_na", "password": "a", "password": "b", "more": {"x": 1, "x": 2}}'
        answer = nobody._send("POST", "/sessions", data=body, content_type="application/json")

        assert (answer.status_code, answer.json["reason"]) == (422, "invalid_input")
        assert [(each["field"], each["fault"]) for each in answer.json["errors"]] == [("x", "malformed")]


def _on_the_wire(query: str) -> str:
    """A query as WSGI gives it: bytes, each as the letter of that number (PEP 3333)."""
    return query.encode().decode("latin-1")


class TestCursor:
    """Opaque and signed: only the list that gave it takes it back, as it was."""

    KEYS: ClassVar[list[Any]] = [Inspector.name, Inspector.id]
    VALUES: ClassVar[list[Any]] = ["李娜", UUID(int=7)]

    @pytest.fixture
    def cursor(self, bare: Any) -> str:
        return _write_cursor(self.VALUES, self.KEYS)

    @pytest.fixture
    def bare(self) -> Iterator[None]:
        app = Flask("bare")
        app.config["TOKEN_SECRET"] = "a secret of the tests"
        with app.app_context():
            yield

    def test_comes_back_as_it_went(self, cursor: str) -> None:
        assert [each.value for each in _read_cursor(cursor, self.KEYS)] == self.VALUES

    def test_is_refused_with_any_letter_changed(self, cursor: str) -> None:
        for place in range(len(cursor) - 1):
            letter = "A" if cursor[place] != "A" else "B"
            with pytest.raises(Refusal) as refused:
                _read_cursor(cursor[:place] + letter + cursor[place + 1 :], self.KEYS)
            assert (refused.value.status, refused.value.extras["errors"][0]["field"]) == (422, "cursor")

    @pytest.mark.parametrize("rubbish", ["", "A", "!!!!", "é" * 9, "A" * 800, "W10"])
    def test_is_refused_when_it_is_none(self, bare: Any, rubbish: str) -> None:
        with pytest.raises(Refusal):
            _read_cursor(rubbish, self.KEYS)

    def test_is_refused_by_another_list(self, cursor: str) -> None:
        with pytest.raises(Refusal):
            _read_cursor(cursor, [Enterprise.name, Enterprise.id])


class TestPictures:
    @pytest.mark.parametrize(
        "told",
        [
            "0000:00:00 00:00:00", "2026:13:10 10:05:00", "0001:01:01 00:00:00", "9999:12:31 23:59:59",
            "1999:12:31 23:59:59", "2026:02:30 10:05:00", "    :  :     :  :  ", "x" * 4000, "",
            "2026:03:10 10:05:00\0\0",
        ],
    )  # fmt: skip
    def test_are_kept_without_a_day_that_no_calendar_knows(self, told: str) -> None:
        body, image = io.BytesIO(), Image.new("RGB", (8, 8))
        exif = image.getexif()
        exif.get_ifd(0x8769)[0x9003] = told
        image.save(body, "JPEG", exif=exif)

        _, media_type, taken_at = read_evidence(body.getvalue())

        assert (media_type, taken_at is None) == ("image/jpeg", "2026:03:10" not in told)

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_lose_comments_and_texts(self, form: str) -> None:
        body, image, texts = io.BytesIO(), Image.new("RGB", (8, 8)), PngInfo()
        for key in ("comment", "Author"):
            texts.add_text(key, "a secret")
        image.save(body, form, comment=b"a secret", pnginfo=texts, xmp=b"a secret")

        kept = [read_evidence(body.getvalue())[0], read_portrait(body.getvalue())]

        assert b"a secret" in body.getvalue() or form == "WEBP"
        assert [b"a secret" in each for each in kept] == [False, False]


class TestFilesEndpoint:
    def test_say_what_they_are_and_how_long_they_hold(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        sent = send_photo(as_("li_na"), visit, a_photo())
        picture = (io.BytesIO(a_photo()), "a.jpg")
        as_("zhao_min").put(f"/inspectors/{cast.li_na.id}/photo", data={"file": picture})
        imported = as_("ma_lin").post(
            "/imports", data={"kind": "matters", "file": (io.BytesIO(MATTERS.encode()), "a.csv")}
        )
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        served = {
            ("li_na", sent.json["url"]): ("image/jpeg", "private, max-age=86400, immutable"),
            ("li_na", f"/inspectors/{cast.li_na.id}/photo"): ("image/jpeg", "private, max-age=3600"),
            ("ma_lin", "/plaques/1001.pdf"): ("application/pdf", "no-store"),
            ("ma_lin", "/plaques/1001.svg"): ("image/svg+xml", "no-store"),
            ("ma_lin", "/plaques/1001.png"): ("image/png", "no-store"),
            ("ma_lin", "/plaque-sheets.pdf?region=431002"): ("application/pdf", "no-store"),
            ("sun_li", "/frequency.csv"): ("text/csv", "no-store"),
            ("sun_li", "/frequency.xlsx"): (sheet, "no-store"),
            ("ma_lin", "/import-templates/matters.xlsx"): (sheet, "no-store"),
            ("ma_lin", f"/imports/{imported.json['id']}/rejected.csv"): ("text/csv", "no-store"),
        }

        answers = {each: as_(each[0]).get(each[1]) for each in served}

        assert {each: (answer.mimetype, answer.headers["Cache-Control"]) for each, answer in answers.items()} == served
        for answer in answers.values():
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
