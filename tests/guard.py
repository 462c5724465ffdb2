"""A rule test stays in memory: no database, no network, no other process, no real clock.

The interpreter itself reports each of these (PEP 578), so it does not matter by which library or under which name
they are reached. libpq alone connects beneath it, and gets a stand-in.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import psycopg
import pytest

FORBIDDEN = {
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen",
    "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system",
}  # fmt: skip
# Whoever asks for one of these says so: it needs a database, a server or a browser.
OUTSIDE = {"apps", "make_config", "postgres_url", "world", "site", "playwright", "chromium"}
_watch = {"on": False}


class LeftMemory(AssertionError):
    """A rule test reached for the world."""


def may_leave(item: pytest.Item) -> bool:
    """Whether this test says that it needs more than memory: by a fixture, or by the mark `outside`."""
    return bool(OUTSIDE & set(getattr(item, "fixturenames", ()))) or item.get_closest_marker("outside") is not None


@contextmanager
def in_memory(*, clock: bool) -> Iterator[None]:
    """Forbid everything but memory; the clock is asked for by its own fixture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg, "connect", _no_postgres)
        patch.setattr(psycopg.Connection, "connect", _no_postgres)
        if not clock:
            patch.setattr("server.clock.read", _no_clock)
        _watch["on"] = True
        try:
            yield
        finally:
            _watch["on"] = False


def _refuse(what: str) -> NoReturn:
    raise LeftMemory(f"a rule test reached for {what}: ask for a fixture that has it, or mark the test `outside`")


def _no_postgres(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("PostgreSQL")


def _no_clock() -> datetime:
    _refuse("the real clock")


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if _watch["on"] and event in FORBIDDEN:
        _refuse(event)


sys.addaudithook(_hear)
