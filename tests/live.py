"""A server of our own as a separate process, and a plain HTTP hand to walk the loop against it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

from server.config import HOUSE

BIN = Path(sys.executable).parent
PATIENCE_S = 60
PASSWORD = "ruqi-demo-2026"


def free_port() -> int:
    """A port that is ours until this process ends, whoever else tests on this machine.

    It is below those that the system gives to whoever asks, and claimed under a name that our end gives back.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                claim.bind(f"\0ruqi-test-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
        claim.detach()
        return port


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """The environment of a separate installation: nothing of ours leaks in but the PATH."""
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "XDG_RUNTIME_DIR", "TZ")}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**kept, "PATH": path, "DATA_DIR": str(folder), "WEB_CONCURRENCY": "2", **changes}


def demo_city(folder: Path) -> dict[str, str]:
    """The environment of a demo city of 150 visits on SQLite, made in this folder."""
    env = environment(folder, PORT=str(free_port()))
    for command in (["ruqi", "migrate"], ["ruqi", "demo", "--visits", "150"]):
        subprocess.run(command, env=env, cwd=HOUSE, check=True, capture_output=True)
    return env


def copy_of(city: Mapping[str, str], folder: Path, **changes: str) -> dict[str, str]:
    """The same city in a folder of its own; its plaques lead to the same port unless that is changed."""
    shutil.copytree(city["DATA_DIR"], folder, dirs_exist_ok=True)
    return {**city, "DATA_DIR": str(folder), **changes}


@contextmanager
def running(command: list[str], env: Mapping[str, str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is asked to end, and ended when it does not."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, cwd=HOUSE, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(url: str, *, log: Path) -> None:
    """Poll /readyz; the log's end is the message when it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready after {PATIENCE_S} s: {log.read_text('utf-8', 'replace')[-2000:]}")


@dataclass
class Person:
    """Somebody signed in at a running server."""

    url: str
    token: str = ""

    @classmethod
    def signed_in(cls, url: str, username: str) -> "Person":
        """Sign in with the demo's password."""
        _, session = cls(url).call("POST", "/sessions", {"username": username, "password": PASSWORD, "device": "test"})
        return cls(url, session["access_token"])

    def call(self, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        """Status and JSON of one call."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4())}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            return error.code, json.loads(error.read() or b"null")


def walk_the_loop(url: str) -> str:
    """Register, approve, scan twice, record, evaluate at a demo city; the visit's id."""
    people = {name: Person.signed_in(url, name) for name in ("lina", "wangjun", "zhaomin", "bakery", "sunli")}
    lina = people["lina"]
    _, me = lina.call("GET", "/me")
    _, bakery = people["bakery"].call("GET", "/me")
    enterprise_id = bakery["enterprise"]["id"]
    _, before = people["sunli"].call("GET", f"/visits?enterprise_id={enterprise_id}&stage=evaluated&limit=200")
    _, detail = people["bakery"].call("GET", f"/enterprises/{enterprise_id}")
    code = next(plaque["url"] for plaque in detail["plaques"] if plaque["url"])
    _, colleagues = lina.call("GET", f"/inspectors?agency_id={me['agency']['id']}")
    valid = [each["id"] for each in colleagues["items"] if each["name"] in ("李娜", "王军")]
    _, matters = lina.call("GET", f"/matters?agency_id={me['agency']['id']}&limit=1")
    matter = matters["items"][0]
    opens = datetime.now(UTC) - timedelta(minutes=5)
    status, visit = lina.call(
        "POST",
        "/visits",
        {
            "enterprise_id": enterprise_id,
            "purpose": "inspection",
            "basis": "ordered",
            "matter_ids": [matter["id"]],
            "inspector_ids": valid,
            "window_from_at": opens.isoformat(),
            "window_to_at": (opens + timedelta(hours=4)).isoformat(),
            "reason": "上级部署的专项检查",
        },
    )
    assert status == 201, visit
    path = f"/visits/{visit['id']}"
    assert people["zhaomin"].call("POST", f"{path}/approvals", {"decision": "approve"})[0] == 201
    for name in ("lina", "wangjun"):
        scan = {"id": str(uuid4()), "code": code, "method": "camera", "scanned_at": datetime.now(UTC).isoformat()}
        status, answer = people[name].call("POST", f"{path}/scans", scan)
        assert status == 201, answer
    answers = [{"matter_id": matter["id"], "key": item["key"], "answer": "yes"} for item in matter["checklist"]]
    record = {"answers": answers, "disposition": "none", "heads": 2, "minutes": 30}
    assert lina.call("POST", f"{path}/record", record)[0] == 201
    rating = {"overall": 5, "conduct": 5, "lawfulness": 5, "beyond_list": False}
    assert people["bakery"].call("POST", f"{path}/evaluation", rating)[0] == 201
    _, after = people["sunli"].call("GET", f"/visits?enterprise_id={enterprise_id}&stage=evaluated&limit=200")
    assert len(after["items"]) == len(before["items"]) + 1
    return str(visit["id"])
