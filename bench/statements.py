"""The scan's SQL (scan.sql) for those who send it bare: pgbench, and a loop over sqlite3."""

import hashlib
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from . import city
from .ground import CONNECTIONS

TEMPLATE = Path(__file__).with_name("scan.sql")
THREADS = 2
# An id from its number, as city.numbered makes it; inlined by PostgreSQL.
BENCH_ID = """
CREATE FUNCTION bench_id(kind bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT lpad(to_hex(kind << 40 | n), 32, '0')::uuid $$
"""
# What differs from scan to scan, in SQL over pgbench's counters: visit n, inspector who, firm which.
COUNTED = {
    "visit": f"bench_id({city.VISIT}, :n)",
    "scan": f"bench_id({city.SCAN}, :n)",
    "event": f"bench_id({city.EVENT}, :n)",
    "key": "md5(:n::text)",
    "inspector": f"bench_id({city.INSPECTOR}, :who)",
    "account": f"bench_id({city.ACCOUNT}, :who)",
    "device": f"bench_id({city.DEVICE}, :who)",
    "agency": f"bench_id({city.AGENCY}, :body_of)",
    "firm": f"bench_id({city.FIRM}, :which)",
    "serial": ":serial",
}
COUNTERS = f"""\\set n :first + :client_id * :each + :i
\\set i :i + 1
\\set who :n % {city.INSPECTORS}
\\set body_of :n % {city.AGENCIES}
\\set which :n % {city.FIRMS}
\\set serial :which + 1
"""


def constants(at: datetime) -> dict[str, Any]:
    """What is the same in every scan; sent as parameters all the same, as the server does."""
    return {
        "at": at, "on_site": "on_site", "subject": "visit", "role": "inspector", "address": "127.0.0.1",
        "region": city.REGION, "basis": "plan", "before": '{"stage": "approved"}',
        "after": f'{{"stage": "on_site", "scan": "{city.numbered(city.SCAN, 0)}", "presence": "fair"}}',
        "method": "camera", "latitude": city.SITE[0], "longitude": city.SITE[1], "accuracy": 12, "presence": "fair",
        "digest": hashlib.sha256().digest(), "status": 201, "media": "application/json", "body": b"." * 570,
    }  # fmt: skip


class Pgbench:
    """pgbench at as many clients as there are connections to the web server."""

    def __init__(self, program: Path, url: str, inside: Path, at: datetime) -> None:
        """Write the script; the database must have BENCH_ID."""
        self.script = inside / "scan.pgbench"
        self.script.write_text(COUNTERS + _bare(lambda name: COUNTED.get(name, f":c_{name}")))
        settings = {f"c_{name}": _as_text(value) for name, value in constants(at).items()}
        self.command = [str(program), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", str(THREADS)]
        self.command += ["-f", str(self.script), *(f"-D{name}={value}" for name, value in settings.items())]
        self.url = url

    def rate(self, numbers: range) -> float:
        """Scans per second over these visits, each once."""
        each = len(numbers) // CONNECTIONS
        counted = [f"-Dfirst={numbers.start}", f"-Deach={each}", "-Di=0", "-t", str(each), self.url]
        done = subprocess.run([*self.command, *counted], capture_output=True, text=True)
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode != 0 or found is None:
            raise RuntimeError(f"pgbench: {done.stderr[-1000:]}")
        return float(found[1])


def sqlite_statements() -> list[str]:
    """The statements one by one, for sqlite3."""
    text = _bare(lambda name: f":{name}").replace("\nFOR UPDATE OF visit", "")
    statements = [each.strip() for each in text.split(";") if each.strip()]
    return ["BEGIN IMMEDIATE" if each == "BEGIN" else each for each in statements]


def run_on_sqlite(connection: sqlite3.Connection, numbers: Sequence[int], at: datetime) -> None:
    """Send the statements for these visits, one after the other, and read what comes."""
    statements = sqlite_statements()
    same = {**constants(at), "at": at.isoformat(sep=" ").removesuffix("+00:00")}
    for n in numbers:
        who, which = n % city.INSPECTORS, n % city.FIRMS
        values = {
            "visit": city.numbered(city.VISIT, n).hex,
            "scan": city.numbered(city.SCAN, n).hex,
            "event": city.numbered(city.EVENT, n).hex,
            "key": hashlib.md5(str(n).encode()).hexdigest(),
            "inspector": city.numbered(city.INSPECTOR, who).hex,
            "account": city.numbered(city.ACCOUNT, who).hex,
            "device": city.numbered(city.DEVICE, who).hex,
            "agency": city.numbered(city.AGENCY, n % city.AGENCIES).hex,
            "firm": city.numbered(city.FIRM, which).hex,
            "serial": which + 1,
            **same,
        }
        for statement in statements:
            connection.execute(statement, values).fetchall()


# --- helpers, in calling order -----------------------------------------------------------------


def _bare(value: Any) -> str:
    """The template without its comments, each :name replaced by what `value` gives for it."""
    lines = [line for line in TEMPLATE.read_text().splitlines() if not line.startswith("--")]
    return re.sub(r":(\w+)", lambda found: value(found[1]), "\n".join(lines))


def _as_text(value: Any) -> str:
    """A parameter as PostgreSQL reads it from text."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)
