"""How often somebody may ask, counted for all workers together."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from server import create_app
from server.clock import now
from server.config import HOUSE, Config, ConfigError
from server.db import BESIDE
from server.db import db as database
from server.rate_limits import LIMITS, WINDOWS, BesideDatabase, forget_old_windows, neighbourhood

from .conftest import ENGINES
from .race import World, own_database


class TestNeighbourhood:
    @pytest.mark.parametrize(
        ("address", "whom"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::"),
            ("2001:db8:1:2::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("", ""),
            ("unix:", "unix:"),
        ],
    )
    def test_is_one_line(self, address: str, whom: str) -> None:
        assert neighbourhood(address) == whom


@pytest.fixture(params=ENGINES, scope="module")
def workers(request: pytest.FixtureRequest, make_config: Any) -> Iterator[list[Any]]:
    """Two workers on one database, each an application of its own."""
    with own_database(request, make_config) as config:
        limited = Config(**{**config.model_dump(), "rate_limits": True})
        apps = [create_app(limited), create_app(limited)]
        with apps[0].app_context():
            upgrade()
        yield apps
        for app in apps:
            with app.app_context():
                database.session.remove()
                for engine in database.engines.values():
                    engine.dispose()


def asked(app: Any, *, address: str, times: int = 1) -> list[int]:
    """The statuses of so many requests from an address."""
    client = app.test_client()
    return [client.get("/api/v1/codes?text=x", environ_base={"REMOTE_ADDR": address}).status_code for _ in range(times)]


@pytest.mark.outside
class TestLimit:
    def test_is_shared_by_the_workers(self, workers: list[Any]) -> None:
        """As many as one worker would let through, in all; then 429 with the seconds that are left."""
        here = f"198.51.100.{uuid4().int % 250}"
        half = 120

        passed = asked(workers[0], address=here, times=half) + asked(workers[1], address=here, times=half)
        answer = workers[0].test_client().get("/api/v1/codes?text=x", environ_base={"REMOTE_ADDR": here})

        assert set(passed) == {404}
        assert (answer.status_code, answer.json["reason"]) == (429, "too_many_requests")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert answer.json["retry_after"] == int(answer.headers["Retry-After"])
        assert asked(workers[1], address=here) == [429]
        assert asked(workers[1], address="198.51.100.251") == [404]

    def test_begins_anew_when_its_window_has_ended(self, workers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        with workers[0].app_context():
            storage = workers[0].extensions["ruqi_limits"].storage
            assert [storage.incr("anew", 60) for _ in range(3)] == [1, 2, 3]
            began = now()
            monkeypatch.setattr("server.clock.read", lambda: began + timedelta(seconds=61))
            assert (storage.get("anew"), storage.incr("anew", 60)) == (0, 1)

            monkeypatch.setattr("server.clock.read", lambda: began + timedelta(seconds=200))
            forget_old_windows()
            with database.engines[BESIDE].connect() as connection:
                assert connection.execute(select(WINDOWS)).all() == []

    def test_counts_everybody_who_comes_at_once(self, workers: list[Any]) -> None:
        counted = at_once([app.extensions["ruqi_limits"].storage for app in workers])

        assert counted == list(range(1, len(counted) + 1))

    def test_would_miscount_if_it_read_before_it_wrote(self, workers: list[Any]) -> None:
        class TwoSteps:
            """What a counter would do without the one statement."""

            def __init__(self, storage: BesideDatabase) -> None:
                self.storage = storage

            def incr(self, key: str, expiry: float) -> int:
                count = self.storage.get(key) + 1
                self.storage.clear(key)
                self.storage.incr(key, expiry, count)
                return count

        miscounted = [at_once([TwoSteps(app.extensions["ruqi_limits"].storage) for app in workers]) for _ in range(3)]

        assert any(counted != list(range(1, len(counted) + 1)) for counted in miscounted)

    def test_lets_everybody_in_when_nobody_counts(self, workers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*args: Any, **more: Any) -> int:
            raise OperationalError("count", {}, Exception("away"))

        monkeypatch.setattr(BesideDatabase, "incr", away)

        assert set(asked(workers[0], address="198.51.100.252", times=300)) == {404}

    def test_is_by_account_where_somebody_is_signed_in(self, workers: list[Any]) -> None:
        """Two who sit behind one address do not pay for each other, and no account is as many as it has addresses."""
        world = World(workers[0])
        often = int(LIMITS["registration.preview"].often.split("/")[0])

        mine = [world.hands["li_na"].post("/registrations/preview", {}).status_code for _ in range(often + 1)]

        assert (mine[-1], 429 in mine[:-1]) == (429, False)
        assert world.hands["wang_jun"].post("/registrations/preview", {}).status_code != 429


def at_once(storages: list[Any], *, threads: int = 8, each: int = 25) -> list[int]:
    """What many threads were told, in order; all of them count under one new key."""
    key = uuid4().hex
    barrier = threading.Barrier(threads)

    def count(number: int) -> list[int]:
        barrier.wait()
        return [storages[number % len(storages)].incr(key, 600) for _ in range(each)]

    with ThreadPoolExecutor(threads) as pool:
        return sorted(told for each_told in pool.map(count, range(threads)) for told in each_told)


class TestConfiguration:
    @pytest.mark.parametrize("url", ["nonsense://x", "redis://127.0.0.1:1/0"])
    def test_says_which_setting_is_wrong(self, make_config: Any, url: str) -> None:
        config = Config(**{**make_config("").model_dump(), "rate_limits": True, "limits_url": url})

        with pytest.raises(ConfigError, match=r"^LIMITS_URL: "):
            create_app(config)


class TestWhatIsCounted:
    # What was stored is sent as it lies.
    AS_STORED = ("get /api/v1/evidence/{evidence_id}", "get /api/v1/inspectors/{inspector_id}/photo")

    def test_is_all_that_nobody_signs_in_for_and_all_that_reads_or_makes_a_file(self) -> None:
        spec = json.loads((HOUSE / "webclient" / "openapi.json").read_text())
        asked = {
            f"{method} {path}": operation
            for path, item in spec["paths"].items()
            for method, operation in item.items()
            if method in ("get", "post", "put", "patch", "delete")
        }
        costly = {name for name, operation in asked.items() if _is_open(operation) or _has_file(operation)}

        assert len(costly) > 15
        assert {name for name in costly if "429" not in asked[name]["responses"]} == set(self.AS_STORED)


def _is_open(operation: dict[str, Any]) -> bool:
    return not operation["security"]


def _has_file(operation: dict[str, Any]) -> bool:
    taken = operation.get("requestBody", {}).get("content", {})
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    given = [form for answer in good for form in answer.get("content", {})]
    return "multipart/form-data" in taken or any(form != "application/json" for form in given)
