"""What a measurement stands on: a folder, a database and a web server of its own, gone at the end."""

import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from server.config import HOUSE, Config
from tests.postgres import Server, running_postgres

WORKERS = 2
CONNECTIONS = 8
READY_WITHIN_S = 30
STOP_WITHIN_S = 25
PUBLIC_URL = "https://ruqi.test"


@dataclass(frozen=True)
class Web:
    """A web server that answers: its port, and the process that all its workers come from."""

    port: int
    pid: int


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder."""
    made = Path(tempfile.mkdtemp(prefix="ruqi-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[Server]:
    """The PostgreSQL that the tests use, as durable as it comes."""
    with running_postgres(durable=True) as server:
        with psycopg.connect(server.url) as asked:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if asked.execute(f"SHOW {setting}").fetchone() != ("on",):
                    raise RuntimeError(f"{setting} is off: not a fair measurement")
        yield server


def settings(inside: Path, database_url: str) -> dict[str, str]:
    """The environment of a server with keys of its own; everything not named here is the default."""
    return {
        "DATA_DIR": str(inside),
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(32),
        "PLAQUE_KEY_ID": "0",
        "PLAQUE_KEYS": f"0:{secrets.token_hex(32)}",
        "PUBLIC_URL": PUBLIC_URL,
        "POLICY_PACK": "chenzhou",
        "BIND": "127.0.0.1",
        "PORT": str(_free_port()),
        "WEB_CONCURRENCY": str(WORKERS),
        "PROMETHEUS_MULTIPROC_DIR": str(inside / "figures"),
        # Whatever the server puts aside goes away with our folder.
        "TMPDIR": str(inside),
    }


def config_of(environment: dict[str, str]) -> Config:
    """The same settings for an application in this process."""
    names = Config.model_fields
    return Config(**{name.lower(): value for name, value in environment.items() if name.lower() in names})


@contextmanager
def web(environment: dict[str, str]) -> Iterator[Web]:
    """gunicorn as production runs it, once it is ready."""
    inside = Path(environment["DATA_DIR"])
    Path(environment["PROMETHEUS_MULTIPROC_DIR"]).mkdir(exist_ok=True)
    log = inside / "web.log"
    command = [sys.executable, "-m", "gunicorn", "-c", str(HOUSE / "server" / "gunicorn_conf.py"), "server.wsgi:app"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            cwd=HOUSE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        port = int(environment["PORT"])
        _wait_until_ready(server, port, log)
        yield Web(port, server.pid)
    finally:
        _end(server)


# --- helpers, in calling order -----------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asking.request("GET", "/readyz")
            if asking.getresponse().status == 200:
                return
        except OSError:
            pass  # not listening yet
        finally:
            asking.close()
        time.sleep(0.1)
    raise RuntimeError(f"the web server did not become ready:\n{log.read_text()[-2000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
    try:
        server.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        # The group is the server and its workers: it was started in a session of its own.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
