"""Scans over HTTP on PostgreSQL, against pgbench sending the same statements to the same server."""

from collections.abc import Callable

from . import ground, processor
from .city import City
from .figure import Figure
from .rounds import compare, visits_for
from .statements import BENCH_ID, Pgbench

RATES, CPU = 0.28, 0.30
# Multiples of four times the connections: each client gets the same number, also in the short first round.
SCANS = {"rounds": 9, "bare_scans": 1_920, "web_scans": 960}


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Rates at eight connections each, everything durable, and what each costs all processes together."""
    with ground.folder() as folder, ground.postgres() as server:
        environment = ground.settings(folder, server.url)
        city = City(ground.config_of(environment), visits=visits_for(**SCANS))
        city.run(BENCH_ID)
        pgbench = Pgbench(server.programs / "pgbench", server.url, folder, city.at)
        with ground.web(environment) as web:
            meters = {
                "web": lambda: processor.of_tree(web.pid),
                "PostgreSQL": lambda: processor.of_tree(server.pid),
                # pgbench is a child of ours that ends, and so are those who send requests.
                "sender": processor.of_ended_children,
            }
            found = compare(say, city, port=web.port, bare=pgbench.rate, meters=meters, **SCANS)
    return [
        Figure("scan_pg_vs_pgbench", found.rates, "× pgbench", RATES),
        Figure("scan_pg_cpu_ratio", found.cpu, "× pgbench", CPU),
    ]
