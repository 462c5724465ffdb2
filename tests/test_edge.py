"""The edge of HTTP: one error shape, health, headers, figures, the client's files."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder

from server import create_app
from server.config import Config, ConfigError
from server.schema import head

from .conftest import METRICS_TOKEN, Hand


@pytest.fixture
def site(make_config: Any, tmp_path: Path) -> Any:
    """An application with a small built client, and the way it answers in production."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>入企码</title>", "utf-8")
    (tmp_path / "assets" / "app-1.js").write_text("1")
    (tmp_path / "assets" / "app-1.js.br").write_bytes(b"brotli")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    return create_app(make_config("", client_dir=tmp_path), PROPAGATE_EXCEPTIONS=False)


class TestErrors:
    def test_have_one_shape(self, nobody: Hand) -> None:
        answer = nobody.get("/nowhere")

        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
        assert set(answer.json) == {"type", "title", "status", "reason", "request_id"}
        assert answer.json["request_id"] == answer.headers["X-Request-Id"]

    def test_name_the_method_that_is_not_allowed(self, nobody: Hand) -> None:
        answer = nobody.delete("/keys")

        assert (answer.json["reason"], answer.headers["Allow"]) == ("method_not_allowed", "GET, HEAD, OPTIONS")

    def test_name_the_method_that_is_allowed_instead(self, nobody: Hand) -> None:
        assert nobody.get("/sessions/refresh").headers["Allow"] == "OPTIONS, POST"

    def test_say_how_to_sign_in(self, nobody: Hand) -> None:
        assert nobody.get("/me").headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "application/jsonx"])
    def test_take_a_body_only_as_what_it_is(self, nobody: Hand, kind: str) -> None:
        answer = nobody.post("/sessions", data=b'{"username":"a"}', content_type=kind)

        assert (answer.status_code, answer.json["reason"]) == (415, "unsupported_type")

    @pytest.mark.parametrize("key", ["12345678\x7f", "\xe9" * 10, "1234567\t8"])
    def test_want_a_key_of_plain_letters(self, as_: Any, key: str) -> None:
        answer = as_("bakery").post("/phones/1/revocation", {"reason": "lost"}, key=key)

        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000])
    def test_say_that_a_body_is_unreadable(self, nobody: Hand, body: bytes) -> None:
        answer = nobody.post("/sessions", data=body, content_type="application/json")

        assert (answer.json["reason"], answer.status_code in (400, 422)) == ("invalid_input", True)

    def test_say_that_a_body_is_too_large(self, nobody: Hand) -> None:
        answer = nobody.post("/sessions", data=b"x" * 20_000_001, content_type="application/json")

        assert (answer.status_code, answer.json["reason"]) == (413, "too_large")

    def test_tell_each_field_s_fault_by_a_closed_word(self, as_: Any) -> None:
        body = {"overall": 9, "conduct": "much", "lawfulness": 1, "remark": "x" * 301, "stars": 5}

        answer = as_("bakery").post(f"/visits/{uuid4()}/evaluation", json=body)

        faults = {(each["field"], each["fault"], each["limit"]) for each in answer.json["errors"]}
        assert (answer.status_code, answer.json["reason"]) == (422, "invalid_input")
        assert faults == {
            ("overall", "too_large", 5),
            ("conduct", "malformed", None),
            ("beyond_list", "missing", None),
            ("remark", "too_long", 300),
            ("stars", "unheard_of", None),
        }

    def test_keep_a_bug_loud_in_the_log_and_quiet_on_the_wire(
        self, site: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def broken(response: Any) -> Any:
            raise ZeroDivisionError("a secret")

        monkeypatch.setitem(site.view_functions, "healthz", lambda: broken(None))

        answer = site.test_client().get("/healthz")

        assert (answer.status_code, answer.json["reason"]) == (500, "internal_error")
        assert "a secret" not in answer.text
        assert "ZeroDivisionError" in capsys.readouterr().out

    def test_ask_to_come_again_when_the_database_is_away(self, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def away() -> Any:
            raise OperationalError("SELECT 1", {}, Exception("connection refused"))

        monkeypatch.setitem(site.view_functions, "healthz", away)

        answer = site.test_client().get("/healthz")

        assert (answer.status_code, answer.json["reason"]) == (503, "busy")
        assert answer.headers["Retry-After"] == "2"


class TestHealth:
    def test_answers_while_the_process_lives(self, nobody: Hand) -> None:
        assert nobody.get("/healthz").json == {"status": "ok"}

    def test_is_ready_with_a_current_schema(self, nobody: Hand) -> None:
        assert nobody.get("/readyz").status_code == 200

    def test_is_not_ready_with_another_schema(self, site: Any) -> None:
        answer = site.test_client().get("/readyz")

        assert (answer.status_code, "ruqi migrate" in answer.json["status"]) == (503, True)
        assert head() == "007"


class TestHeaders:
    def test_keep_pages_to_themselves(self, nobody: Hand) -> None:
        headers = nobody.get("/keys").headers

        assert "script-src 'self' 'wasm-unsafe-eval'" in headers["Content-Security-Policy"]
        assert headers["Permissions-Policy"] == "camera=(self), geolocation=(self)"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(("given", "kept"), [("trace-12345678", True), ("short", False), ("x" * 80, False)])
    def test_carry_the_request_id_of_a_proxy_that_gives_a_sane_one(self, nobody: Hand, given: str, kept: bool) -> None:
        answer = nobody.get("/keys", headers={"X-Request-Id": given})

        assert (answer.headers["X-Request-Id"] == given) is kept


class TestLogLine:
    def test_names_the_route_and_never_a_person(self, as_: Any, capsys: pytest.CaptureFixture[str]) -> None:
        as_("li_na").get("/enterprises?q=林邑糕点厂")

        line = capsys.readouterr().out
        assert "/api/v1/enterprises" in line
        assert "林邑" not in line
        assert "lina" not in line


class TestMetrics:
    def test_count_requests_and_refusals(self, nobody: Hand, as_: Any) -> None:
        as_("li_na").get("/accounts")

        text = nobody.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text

        assert 'ruqi_requests_total{method="GET",route="/api/v1/accounts",status="403"}' in text
        assert 'ruqi_refusals_total{reason="not_permitted"}' in text

    @pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {METRICS_TOKEN}x", "Bearer \xe9", "Basic YTpi"])
    def test_are_not_there_for_strangers(self, nobody: Hand, given: str) -> None:
        answer = nobody.get("/metrics", headers={"Authorization": given})

        assert (answer.status_code, "ruqi_" in answer.text) == (404, False)

    def test_are_not_there_without_a_token_of_ours(self, make_config: Any) -> None:
        bare = create_app(make_config("", metrics_token=""))

        assert bare.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    def test_want_a_token_that_nobody_guesses(self) -> None:
        with pytest.raises(ConfigError, match="METRICS_TOKEN"):
            Config.load(metrics_token="short")


class TestClient:
    def test_serves_its_one_page_for_every_address_of_the_app(self, site: Any) -> None:
        for path in ("/", "/today", "/E/123", "/visits/1/scan"):
            answer = site.test_client().get(path, buffered=True)

            assert (answer.status_code, answer.text) == (200, "<title>入企码</title>")
            assert answer.headers["Cache-Control"] == "no-cache"

    def test_serves_hashed_files_for_a_year_in_their_smallest_form(self, site: Any) -> None:
        plain = site.test_client().get("/assets/app-1.js", buffered=True)
        small = site.test_client().get("/assets/app-1.js", headers={"Accept-Encoding": "gzip, br"}, buffered=True)

        assert (plain.text, plain.headers["Cache-Control"]) == ("1", "public, max-age=31536000, immutable")
        assert (small.data, small.headers["Content-Encoding"]) == (b"brotli", "br")
        assert small.content_type.startswith("text/javascript")

    @pytest.mark.parametrize(
        "path",
        [
            "/../server/config.py", "/..%2fpyproject.toml", "/../../../etc/passwd.db", "/assets/../../x", "/assets/",
            "/assets/gone", "/assets/app-2.js", "/assets/app-1.js.br", "/robots.txt", "/a%00.js", "/visits/1.php",
            "/assets/" + "x" * 300, "/" + "x" * 5000 + ".js", "/.env", "/assets%5capp-1.js.map",
        ],
        ids=lambda path: path[:24],
    )  # fmt: skip
    def test_finds_no_file_that_was_not_built(self, site: Any, path: str) -> None:
        answer = site.test_client().get(path)

        assert (answer.status_code, answer.json["reason"]) == (404, "not_found")
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("there", "gone"), [("/../../etc/passwd", "/../../etc/nothing"), ("/../index.html", "/../nothing.html")]
    )
    def test_says_nothing_of_what_else_lies_on_the_machine(self, site: Any, there: str, gone: str) -> None:
        answers = []
        for path in (there, gone):
            # The client of the tests tidies paths; a server hands them on as they were sent.
            environ = EnvironBuilder(path="/").get_environ()
            environ["PATH_INFO"] = path
            answers.append(site.test_client().open(environ, buffered=True))

        assert answers[0].status_code == answers[1].status_code
        assert answers[0].headers["Content-Type"] == answers[1].headers["Content-Type"]

    def test_shows_the_page_at_a_long_address_too(self, site: Any) -> None:
        answer = site.test_client().get("/e/" + "1" * 500, buffered=True)

        assert (answer.status_code, "入企码" in answer.text) == (200, True)

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/", "text/html; charset=utf-8"), ("/assets/app-1.js", "text/javascript; charset=utf-8"),
            ("/manifest.webmanifest", "application/manifest+json"),
        ],
    )  # fmt: skip
    def test_says_what_each_file_is_and_how_long_it_holds(self, site: Any, path: str, kind: str) -> None:
        answer = site.test_client().get(path, buffered=True)

        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] in ("no-cache", "public, max-age=31536000, immutable")

    def test_says_when_it_was_not_built(self, make_config: Any, tmp_path: Path) -> None:
        bare = create_app(make_config("", client_dir=tmp_path / "none"))

        answer = bare.test_client().get("/")

        assert (answer.status_code, "make client" in answer.text) == (503, True)


# Where no account owns a key yet, where nothing changes, or where a stored answer would hold secrets.
WITHOUT_KEY = {
    "/api/v1/sessions", "/api/v1/sessions/refresh", "/api/v1/code-images", "/api/v1/enrolments",
    "/api/v1/activations", "/api/v1/plaque-finds", "/api/v1/plaques/{serial}/sealed-sheet",
    "/api/v1/enterprises/{enterprise_id}/slips", "/api/v1/registrations/preview", "/api/v1/policy/replays",
}  # fmt: skip


class TestOpenapi:
    def test_is_version_3_1_and_describes_every_operation(self, nobody: Hand) -> None:
        spec = json.loads(nobody.get("/api/openapi.json").text)

        operations = [each for path in spec["paths"].values() for each in path.values() if isinstance(each, dict)]
        assert spec["openapi"] == "3.1.0"
        assert len(operations) > 40
        assert all(each.get("summary") and {"405", "500", "503"} <= set(each["responses"]) for each in operations)
        assert len({each["operationId"] for each in operations}) == len(operations)
        assert all(each["requestBody"]["required"] for each in operations if "requestBody" in each)

    def test_names_shared_shapes_once_and_leaves_no_reference_open(self, nobody: Hand) -> None:
        text = nobody.get("/api/openapi.json").text
        spec = json.loads(text)

        named = set(spec["components"]["schemas"])
        used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
        assert used <= named
        assert not [name for name in named if "." in name]
        assert {"Visit", "VisitRow", "VisitState", "ScanAnswer", "Problem", "EnterpriseRef"} <= named

    def test_demands_the_idempotency_key_of_every_change(self, nobody: Hand) -> None:
        spec = json.loads(nobody.get("/api/openapi.json").text)

        for path, item in spec["paths"].items():
            if "post" in item and path not in WITHOUT_KEY:
                names = [parameter["name"] for parameter in item["post"].get("parameters", [])]
                assert "Idempotency-Key" in names, path

    def test_is_drawn_for_people_once(self, nobody: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        """It takes 150 ms, and a stranger may ask as often as he likes."""
        drawn = nobody.get("/api/docs").data

        def again(*args: Any, **more: Any) -> str:
            raise AssertionError("drawn again")

        monkeypatch.setattr("server.openapi.render_template", again)
        assert nobody.get("/api/docs").data == drawn

    def test_is_browsable_without_a_foreign_host(self, nobody: Hand) -> None:
        page = nobody.get("/api/docs")

        assert page.status_code == 200
        assert "/api/v1/visits/{visit_id}/scans" in page.text
        assert "<script" not in page.text
        assert "https://" not in page.text
