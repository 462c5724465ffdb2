"""The guard itself: what a rule test cannot do, whatever name it is done under."""

import os
import socket
import sqlite3
import subprocess
import sys
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from sqlalchemy import create_engine

from server.clock import now

from .factories import NOW
from .guard import LeftMemory, may_leave

REACHES = {
    "a database file": lambda: sqlite3.connect(":memory:"),
    "a database by SQLAlchemy": lambda: create_engine("sqlite://").connect(),
    "PostgreSQL": lambda: psycopg.connect("host=/nowhere"),
    "PostgreSQL by SQLAlchemy": lambda: create_engine("postgresql+psycopg://@/x?host=/nowhere").connect(),
    "a server": lambda: urlopen("http://127.0.0.1:9/"),
    "a name": lambda: socket.getaddrinfo("ruqi.test", 80),
    "a port": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "a process": lambda: subprocess.run([sys.executable, "--version"], check=True),
    "a shell": lambda: os.system("true"),
    "the clock": now,
}


class TestRuleTest:
    @pytest.mark.parametrize("reach", REACHES.values(), ids=REACHES.keys())
    @pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
    def test_cannot_reach_for(self, reach: Any) -> None:
        with pytest.raises(LeftMemory):
            reach()

    def test_reads_the_clock_that_it_asked_for_and_nothing_else(self, clock: Any) -> None:
        assert now() == NOW
        with pytest.raises(LeftMemory):
            sqlite3.connect(":memory:")


class TestOtherTest:
    def test_says_so_by_a_fixture(self, app: Any, request: pytest.FixtureRequest) -> None:
        assert may_leave(request.node)

        sqlite3.connect(":memory:").close()

    @pytest.mark.outside
    def test_says_so_by_a_mark(self) -> None:
        sqlite3.connect(":memory:").close()
        assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0
        assert now() > NOW
