"""Scans over HTTP on SQLite, against a bare loop over sqlite3 that writes the same, as durably."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from . import ground, processor
from .city import City
from .figure import Figure
from .rounds import compare, visits_for
from .statements import run_on_sqlite

FLOOR = 0.33
SCANS = {"rounds": 9, "bare_scans": 960, "web_scans": 480}


def measure(say: Callable[[str], None]) -> list[Figure]:
    """One writer without HTTP, then eight connections that queue for the same file."""
    with ground.folder() as folder:
        path = folder / "ruqi.db"
        environment = ground.settings(folder, f"sqlite:///{path}")
        city = City(ground.config_of(environment), visits=visits_for(**SCANS))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection, ground.web(environment) as web:
            # As server/db.py sets them.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

            def loop(numbers: range) -> float:
                began = time.monotonic()
                run_on_sqlite(connection, numbers, city.at)
                return len(numbers) / (time.monotonic() - began)

            meters = {
                "web": lambda: processor.of_tree(web.pid),
                "loop": time.process_time,
                "sender": processor.of_ended_children,
            }
            found = compare(say, city, port=web.port, bare=loop, meters=meters, **SCANS)
    return [Figure("scan_sqlite_vs_loop", found.rates, "× loop", FLOOR)]
