"""Scans over HTTP on PostgreSQL, against pgbench sending the same statements to the same server."""

from collections.abc import Callable

from . import ground
from .city import City
from .figure import Figure
from .rounds import compare, visits_for
from .statements import BENCH_ID, Pgbench

FLOOR = 0.06
# Multiples of four times the connections: each client gets the same number, also in the short first round.
SCANS = {"rounds": 9, "bare_scans": 1_920, "web_scans": 480}


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Rates at eight connections each, everything durable."""
    with ground.folder() as folder, ground.postgres() as server:
        environment = ground.settings(folder, server.url)
        city = City(ground.config_of(environment), visits=visits_for(**SCANS))
        city.run(BENCH_ID)
        pgbench = Pgbench(server.programs / "pgbench", server.url, folder, city.at)
        with ground.web(environment) as port:
            ratio = compare(say, city, port=port, bare=pgbench.rate, **SCANS)
    return [Figure("scan_pg_vs_pgbench", ratio, "× pgbench", FLOOR)]
