"""The API's document, read by strangers: two validators, a generator of clients, and a thrower of random input."""

import contextlib
import contextvars
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.transport.wsgi import WSGI_TRANSPORT
from sqlalchemy import select

from server.account import routes as account_routes
from server.account.models import Account
from server.account.sign_in import hash_password
from server.config import HOUSE
from server.openapi import sentences
from server.reasons import refusals_of
from server.scan import routes as scan_routes
from server.scan.rules import ScanReason

from .conftest import Hand
from .factories import DAY, MINUTE, NOW, Cast
from .test_architecture import all_reasons
from .test_input import WHO
from .test_loop import a_record_body, a_registration, a_scan_body

DOCUMENT = HOUSE / "webclient" / "openapi.json"
PASSWORD = "correct-horse-2026"
PASSWORD_HASH = hash_password(PASSWORD)
# The generator reads JSON, text and bytes; these are what it calls bytes.
FILES = (
    "application/pdf", "image/svg+xml", "image/png", "image/jpeg", "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A Python client that a foreign generator makes of the document, without one warning."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    types = {"application/problem+json": "application/json", **dict.fromkeys(FILES, "application/octet-stream")}
    config.write_text(json.dumps({"post_hooks": [], "content_type_overrides": types}))
    command = [
        str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--fail-on-warning", "--meta", "none",
        "--path", str(DOCUMENT), "--config", str(config), "--output-path", str(folder / "ruqi_foreign"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("ruqi_foreign")
    sys.path.remove(str(folder))


class Foreign:
    """Somebody at the generated client: calls and shapes by their names in the document."""

    def __init__(self, generated: ModuleType, app: APIFlask, token: str = "") -> None:
        self.generated, self.app = generated, app
        args = {"transport": httpx.WSGITransport(app=app)}
        kind = generated.AuthenticatedClient if token else generated.Client
        more = {"token": token} if token else {}
        self.client = kind("http://localhost", raise_on_unexpected_status=True, httpx_args=args, **more)

    def call(self, tag: str, operation: str, *args: Any, body: Any = None, shape: str = "", keyed: bool = True) -> Any:
        """What the operation answers, as the generator's own class."""
        module = importlib.import_module(f"{self.generated.__name__}.api.{tag}.{operation}")
        more: dict[str, Any] = {"idempotency_key": str(uuid4())} if keyed else {}
        if shape:
            models = importlib.import_module(f"{self.generated.__name__}.models")
            more["body"] = getattr(models, shape).from_dict(body)
        sync: Callable[..., Any] = module.sync
        return contextvars.Context().run(sync, *args, client=self.client, **more)


def all_signed_in(generated: ModuleType, app: APIFlask) -> dict[str, Foreign]:
    """Everybody of the loop, by password."""
    hands = {}
    for who in ("li_na", "wang_jun", "zhao_min", "bakery"):
        body = {"username": who.replace("_", ""), "password": PASSWORD}
        session = Foreign(generated, app).call("account", "account_sign_in", body=body, shape="SessionIn", keyed=False)
        hands[who] = Foreign(generated, app, session.access_token)
    return hands


@pytest.mark.outside
class TestForeignClientEndpoint:
    def test_walks_the_loop(self, generated: ModuleType, app: APIFlask, cast: Cast, clock: Any, db: Any) -> None:
        for account in db.session.scalars(select(Account)):
            account.password_hash = PASSWORD_HASH
        db.session.commit()
        hands = all_signed_in(generated, app)
        registered = hands["li_na"].call("visit", "registration_register", body=a_registration(cast), shape="VisitIn")
        visit_id: UUID = registered.id

        def step(who: str, operation: str, shape: str, body: Any) -> Any:
            return hands[who].call("visit", operation, visit_id, body=body, shape=shape)

        step("zhao_min", "registration_decide", "ApprovalIn", {"decision": "approve"})
        clock["at"] = NOW + DAY + 10 * MINUTE
        # The access tokens of yesterday have expired: the closed reason comes as the generator's own class.
        expired = step("li_na", "scan_create", "ScanIn", a_scan_body(clock["at"]))
        hands = all_signed_in(generated, app)
        scans = [step(who, "scan_create", "ScanIn", a_scan_body(clock["at"])) for who in ("li_na", "wang_jun")]
        clock["at"] += MINUTE
        recorded = step("li_na", "record_seal", "RecordIn", a_record_body(cast))
        rating = {"overall": 5, "conduct": 5, "lawfulness": 4, "beyond_list": False, "remark": "讲得清楚"}
        evaluated = step("bakery", "evaluation_evaluate", "EvaluationIn", rating)
        again = step("bakery", "evaluation_evaluate", "EvaluationIn", rating)

        assert (type(expired).__name__, str(expired.reason)) == ("Problem", "token_expired")
        assert [each.scanned for each in scans] == [1, 2]
        assert [str(each.stage) for each in (registered, recorded, evaluated)] == [
            "registered",
            "recorded",
            "evaluated",
        ]
        assert (again.status, str(again.reason)) == (409, "already_evaluated")
        seen = hands["bakery"].call("visit", "dossier_visit", visit_id, keyed=False)
        assert (seen.enterprise.name, seen.evaluation.overall) == ("林邑糕点厂", 5)


@pytest.fixture(scope="module")
def thrown() -> list[Any]:
    """Random input for each operation, four of each: what its document allows, and what it forbids; always the same."""
    cases: list[Any] = []
    bounded = settings(
        max_examples=2, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for found in schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text("utf-8"))).get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:

            @bounded
            @given(case=operation.as_strategy(generation_mode=mode))
            def throw(case: Any) -> None:
                cases.append(case)

            with contextlib.suppress(Unsatisfiable):  # nothing is forbidden where nothing goes in
                throw()
    return cases


@pytest.mark.outside
class TestRandomInputEndpoint:
    @pytest.mark.parametrize("role", ["nobody", *WHO])
    def test_meets_only_what_the_document_tells(
        self, honest: APIFlask, as_: Any, nobody: Hand, cast: Cast, clock: Any, thrown: Any, role: str
    ) -> None:
        hand = as_(WHO[role]) if role in WHO else nobody
        turn = ["nobody", *WHO].index(role)
        broken = []

        # `Hand` itself refuses a status, a type or a reason that is not in the document.
        for case in thrown[turn % 2 :: 2]:
            sent = WSGI_TRANSPORT.serialize_case(case)  # anew, since a file is read once
            rest = {name: value for name, value in sent.items() if name not in ("method", "path", "headers")}
            own = {name: value for name, value in sent["headers"].items() if name != "Authorization"}
            answer = hand._send(sent["method"], sent["path"], headers={**own, **hand.headers}, **rest)
            broken += [(case.operation.label, sent)] if answer.status_code in (500, 503) else []

        assert (broken, len(thrown) > 300) == ([], True)


class TestProblems:
    def test_are_listed_for_people_and_programs(self, nobody: Hand) -> None:
        page = nobody.get("/api/problems", headers={"Accept": "text/html"})
        listed = nobody.get("/api/problems", headers={"Accept": "application/json"}).json["items"]

        assert {each["reason"] for each in listed} == all_reasons()
        assert all(each["zh"] and each["en"] and each["zh_next"] and each["en_next"] for each in listed)
        assert all(f'<section id="{each["reason"]}">' in page.text for each in listed)

    def test_are_where_the_type_of_a_refusal_leads(self, nobody: Hand) -> None:
        place, _, reason = nobody.get("/me").json["type"].partition("#")

        assert f'id="{reason}"' in nobody.get(place).text

    def test_are_said_in_the_very_words_of_the_client(self) -> None:
        folder = HOUSE / "webclient" / "src" / "words"
        words = {"zh": _words(folder / "reasons.ts"), "en": _words(folder / "reasons.en.ts")}

        stale = [
            reason for reason, said in sentences().items() for name, text in said.items() if text not in words[name[:2]]
        ]
        assert (stale, set(sentences()) >= all_reasons()) == ([], True), "run make openapi"


class TestValidators:
    def test_find_no_fault(self) -> None:
        assert list(OpenAPIV31SpecValidator(json.loads(DOCUMENT.read_text("utf-8"))).iter_errors()) == []

    def test_would_find_one(self) -> None:
        spec = json.loads(DOCUMENT.read_text("utf-8"))
        spec["paths"]["/api/v1/me"]["get"]["operationId"] = spec["paths"]["/api/v1/keys"]["get"]["operationId"]

        assert len(list(OpenAPIV31SpecValidator(spec).iter_errors())) == 1


class TestReasons:
    """What is derived from the code is what stands in it."""

    def test_are_those_of_the_rules_behind_a_view(self) -> None:
        said = {reason.value for status, reason in refusals_of(scan_routes.create, changing=True) if status == 409}

        taking_back = {"withdrawal_too_late", "not_your_scan", "already_withdrawn"}
        assert {reason.value for reason in ScanReason} - taking_back <= said
        assert {"already_scanned", "id_reused", "revoked_code"} <= said
        assert not {"already_evaluated", "bad_credentials", "plan_exists"} & said

    def test_have_the_status_that_the_code_gives(self) -> None:
        said = {(status, reason.value) for status, reason in refusals_of(account_routes.sign_in, changing=True)}

        assert said == {(401, "bad_credentials"), (429, "locked_out")}


def _words(path: Path) -> str:
    return path.read_text("utf-8").replace("\\'", "'")
