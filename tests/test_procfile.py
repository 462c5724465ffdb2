"""The Procfile starts the whole system with gunicorn on PostgreSQL, and the loop runs against it."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest

from server.config import HOUSE

from .conftest import METRICS_TOKEN
from .live import Person, environment, free_port, running, wait_until_ready, walk_the_loop
from .shell import ruqi


def procfile() -> dict[str, list[str]]:
    """The processes that the Procfile names, as commands."""
    lines = (HOUSE / "Procfile").read_text("utf-8").splitlines()
    return {name: command.split() for name, command in (line.split(": ", 1) for line in lines if line)}


@pytest.fixture
def own_database(postgres_url: str) -> Any:
    """A PostgreSQL database for one deployment, as a host would hand it out."""
    name = f"deploy_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield postgres_url.replace("/postgres?", f"/{name}?", 1)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


class TestProcfile:
    def test_names_release_web_and_worker(self) -> None:
        assert set(procfile()) == {"release", "web", "worker"}

    def test_walks_the_loop_on_postgresql(self, own_database: str, tmp_path: Path) -> None:
        port = free_port()
        url = f"http://localhost:{port}"
        env = environment(tmp_path, DATABASE_URL=own_database, PORT=str(port), METRICS_TOKEN=METRICS_TOKEN)
        processes = procfile()

        subprocess.run(processes["release"], env=env, cwd=HOUSE, check=True, capture_output=True)
        assert ruqi(env, "demo", "--visits", "30").returncode == 0
        with (
            running(processes["web"], env, log=tmp_path / "web.log") as web,
            running(processes["worker"], env, log=tmp_path / "worker.log") as worker,
        ):
            wait_until_ready(url, log=tmp_path / "web.log")
            walk_the_loop(url)
            # Figures are right with several workers: whichever answers, it has counted every one of these.
            for _ in range(20):
                urlopen(f"{url}/api/v1/keys", timeout=10).close()
            counted = {_keys_served(url) for _ in range(6)}
            assert counted == {20.0}

            # A worker of gunicorn that is killed is replaced, and the answers go on.
            _kill_one_child(web.pid)
            time.sleep(0.2)
            assert [Person.signed_in(url, "lina").call("GET", "/me")[0] for _ in range(4)] == [200] * 4
            assert worker.poll() is None

        assert (web.returncode, worker.returncode) == (0, 0)


def _keys_served(url: str) -> float:
    asked = Request(f"{url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    with urlopen(asked, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    line = next(line for line in lines if line.startswith("ruqi_requests_total") and '"/api/v1/keys"' in line)
    return float(line.rsplit(" ", 1)[1])


def _kill_one_child(pid: int) -> None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
