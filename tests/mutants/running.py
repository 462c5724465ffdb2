"""Whether a test notices a fault: tests run in forks of a session that has collected them all already."""

import ast
import contextlib
import gc
import hashlib
import importlib.abc
import importlib.machinery
import json
import os
import signal
import sqlite3
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from .planting import Mutant, planted, read

HOUSE = Path(__file__).resolve().parents[2]
# Not these: they start servers, race, or look at the house as a whole.
LEFT_OUT = (
    "test_architecture.py", "test_commands", "test_demo.py", "test_migrations.py", "test_mutants.py",
    "test_phone_race.py", "test_plaque_sheets.py", "test_procfile.py", "test_race.py",
)  # fmt: skip
OPTIONS = ("-q", "--assert=plain", "-p", "no:playwright", "-p", "no:faulthandler", "-W", "ignore")
# A fault that hangs is noticed as well: so many seconds of work, or on the clock.
WORK_S, CLOCK_S = 90, 900
# Of tests for one fault: in a function, and where a module is read.
MOST_SECONDS, MOST_SECONDS_COLD = 12.0, 40.0


def test_files() -> list[Path]:
    """The files whose tests may be run."""
    return [path for path in sorted((HOUSE / "tests").glob("test_*.py")) if not path.name.startswith(LEFT_OUT)]


def room_of(mutant: Mutant) -> str:
    """The package that a fault lies in, or the module beside the packages."""
    return mutant.path.removeprefix("server/").split("/")[0].removesuffix(".py")


def own_files(room: str) -> list[Path]:
    """The files that hold the tests of a room, by their names."""
    own = (f"test_{room}.", f"test_{room}_", "test_who_may.", "test_clocks.")
    return [path for path in test_files() if path.name.startswith(own)]


def in_a_fork(work: Callable[[], int], *, quiet: bool = True) -> int:
    """What the work returns in a process of its own; a signal or a fault of its own counts as 1."""
    pid = os.fork()
    if pid == 0:
        code = 1
        with contextlib.suppress(BaseException):
            if quiet:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                os.dup2(null, 2)
                signal.setitimer(signal.ITIMER_PROF, WORK_S)
                signal.setitimer(signal.ITIMER_REAL, CLOCK_S)
            code = work()
        os._exit(code)
    return min(abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])), 1)


def session(arguments: Sequence[str], plugin: object) -> int:
    """One run of pytest, on SQLite alone."""
    return int(pytest.main([*OPTIONS, *arguments], plugins=[plugin, Light()]))


class Light:
    """Leave out PostgreSQL, browsers and races; examples of hypothesis are always the same."""

    def pytest_configure(self, config: pytest.Config) -> None:
        from hypothesis import HealthCheck, Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants", database=None, derandomize=True, deadline=None, phases=phases,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [
            item for item in items
            if "postgresql" not in item.nodeid and not any(map(item.get_closest_marker, ("race", "browser", "mutants")))
        ]  # fmt: skip


# --- which tests call which function --------------------------------------------------------------


class Mapping:
    """Run tests once and write down which functions of the modules that decide each of them calls."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.paths = {str(HOUSE / path): path for path in modules}
        self.calls: set[str] = set()
        self.tests: dict[str, dict[str, Any]] = {}
        self.early: set[str] = set()
        self.failed: list[str] = []
        sys.setprofile(self._note)

    def _note(self, frame: types.FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in self.paths:
            self.calls.add(f"{self.paths[code.co_filename]}:{code.co_qualname.split('.<locals>')[0]}")

    def pytest_collection_finish(self) -> None:
        self.early |= self.calls

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.calls.clear()
        sys.setprofile(self._note)
        start = time.process_time()
        yield
        took = time.process_time() - start
        sys.setprofile(None)
        fixtures = getattr(item, "fixturenames", ())
        self.tests[item.nodeid] = {"took": round(took, 4), "rule": "app" not in fixtures, "calls": sorted(self.calls)}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def known_calls(modules: Sequence[str], cache: Path, *, lanes: int) -> dict[str, Any]:
    """Test file → what its tests call; only what has changed since is run again."""
    known: dict[str, Any] = json.loads(cache.read_text()) if cache.exists() else {}
    shared = [*(HOUSE / "server").rglob("*.py"), *(HOUSE / "server").rglob("*.toml")]
    shared += [path for path in (HOUSE / "tests").glob("*.py") if not path.name.startswith("test_")]
    base = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(shared)))
    wanted = {}
    for path in test_files():
        digest = base.copy()
        digest.update(path.read_bytes())
        wanted[path.name] = digest.hexdigest()
    stale = [name for name, digest in wanted.items() if known.get(name, {}).get("digest") != digest]
    stale.sort(key=lambda name: -(HOUSE / "tests" / name).stat().st_size)
    results = [cache.with_suffix(f".{lane}") for lane in range(lanes)]

    def look(names: list[str], result: Path) -> int:
        mapping = Mapping(modules)
        session([f"tests/{name}" for name in names], mapping)
        result.write_text(json.dumps({"tests": mapping.tests, "early": sorted(mapping.early), "bad": mapping.failed}))
        return 0

    if stale:
        print(f"looking what the tests of {len(stale)} files call", flush=True)
        cache.parent.mkdir(exist_ok=True)
        split = [stale[lane::lanes] for lane in range(lanes)]
        side_by_side(
            [
                lambda names=names, result=result: look(names, result)
                for names, result in zip(split, results, strict=True)
                if names
            ]
        )
    found: dict[str, Any] = {"tests": {}, "early": [], "bad": []}
    for result in results:
        if stale and result.exists():
            part = json.loads(result.read_text())
            found["tests"] |= part["tests"]
            found["early"] += part["early"]
            found["bad"] += part["bad"]
            result.unlink()
    if found["bad"]:
        raise SystemExit(f"these fail without any fault: {', '.join(found['bad'])}")
    for name in stale:
        tests = {node: told for node, told in found["tests"].items() if node.startswith(f"tests/{name}::")}
        known[name] = {"digest": wanted[name], "tests": tests}
    known = {name: known[name] for name in wanted} | {"early": sorted({*known.get("early", []), *found["early"]})}
    cache.write_text(json.dumps(known))
    return known


def side_by_side(works: Sequence[Callable[[], int]]) -> None:
    """Run each in a process of its own, all at once."""
    pids = []
    for work in works:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                code = work()
            finally:
                os._exit(code)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


def is_cold(mutant: Mutant, known: dict[str, Any]) -> bool:
    """Whether a fault must be there when modules are imported: outside of any function, or in one that runs then."""
    return not mutant.function or f"{mutant.path}:{mutant.function}" in known["early"]


def chosen_tests(mutant: Mutant, known: dict[str, Any], *, rules_only: bool = False) -> list[str]:
    """The tests that call the function at fault: in memory before the database, the own room's first, quick ones first.

    A fault that works when its module is read is shown to whatever calls a function of the module, or is of its room.
    """
    cold = is_cold(mutant, known)
    most = MOST_SECONDS_COLD if cold else MOST_SECONDS
    own_names = {path.name for path in own_files(room_of(mutant))}
    rows = []
    for name, file in known.items():
        if name == "early":
            continue
        own = name in own_names
        for node, told in file["tests"].items():
            if rules_only and not told["rule"]:
                continue
            if not cold:
                calls = f"{mutant.path}:{mutant.function}" in told["calls"]
            else:
                calls = own or any(call.startswith(f"{mutant.path}:") for call in told["calls"])
            if calls:
                rows.append((not told["rule"], not own, told["took"], node))
    chosen, seconds = [], 0.0
    for _, _, took, node in sorted(rows):
        seconds += took + 0.001
        if seconds > most and chosen:
            break
        chosen.append(node)
    return chosen


# --- planting ---------------------------------------------------------------------------------------


def migrate_once(folder: Path) -> None:
    """Let every process after the first copy its migrated database."""
    import flask_migrate
    from flask import current_app

    migrate, made = flask_migrate.upgrade, folder / "migrated.db"

    def upgrade(*args: Any, **kwargs: Any) -> None:
        path = Path(current_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
        source, target = (made, path) if made.exists() else (path, folder / f"{os.getpid()}.db")
        if source is path:
            migrate(*args, **kwargs)
        with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
            old.backup(new)
        if source is path:
            target.rename(made)

    flask_migrate.upgrade = upgrade


class Lane:
    """A session that has collected everything; each fault is planted into a fork of it, and the tests run there.

    Where no tests are named for a fault, those in memory of its room are meant.
    """

    def __init__(self, work: Sequence[tuple[Mutant, list[str] | None]], tell: Callable[[Mutant, bool], None]) -> None:
        self.work, self.tell = work, tell

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        session.config.pluginmanager.unregister(name="terminalreporter")  # a test that fails is what we want to see
        items = {item.nodeid: item for item in session.items}
        functions = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)]
        for mutant, nodes in self.work:
            tests = [items[node] for node in nodes if node in items] if nodes else self._in_memory(mutant, items)
            self.tell(mutant, bool(in_a_fork(lambda m=mutant, t=tests: self._try(m, t, functions))))
        return True

    def _in_memory(self, mutant: Mutant, items: dict[str, pytest.Item]) -> list[pytest.Item]:
        own = set(own_files(room_of(mutant)))
        return [item for item in items.values() if item.path in own and "app" not in getattr(item, "fixturenames", ())]

    def _try(self, mutant: Mutant, tests: list[pytest.Item], functions: list[types.FunctionType]) -> int:
        plant(mutant, functions)
        for item, following in zip(tests, [*tests[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(1)


def plant(mutant: Mutant, functions: Sequence[types.FunctionType]) -> None:
    """Give every living function that the fault is in its faulty code: whoever holds the function has it too."""
    path = str(HOUSE / mutant.path)
    codes = {
        (code.co_qualname, code.co_firstlineno): code
        for code in _codes(compile(planted(read(HOUSE / mutant.path), mutant.number), path, "exec"))
    }
    hit = 0
    for function in functions:
        code = function.__code__
        if code.co_filename == path and code.co_qualname == mutant.function:
            function.__code__ = codes[code.co_qualname, code.co_firstlineno]
            hit += 1
    if not hit:
        raise SystemExit(f"nobody holds {mutant.path}:{mutant.function}")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield each
            yield from _codes(each)


class Planting(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Import one module with its fault: for what is worked out when a module is read."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=self.get_filename(name))

    def get_filename(self, name: str) -> str:
        return str(HOUSE / self.mutant.path)

    def get_data(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def exec_module(self, module: types.ModuleType) -> None:
        path = self.get_filename(self.name)
        module.__file__ = path
        tree: ast.Module = planted(read(Path(path)), self.mutant.number)
        exec(compile(tree, path, "exec"), module.__dict__)


class Stop:
    """The first test that fails is enough."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(1)


def try_cold(mutant: Mutant, nodes: list[str]) -> bool:
    """Whether a test notices a fault that must be there when modules are imported."""

    def work() -> int:
        sys.meta_path.insert(0, Planting(mutant))
        return int(session(nodes, Stop())) not in (0, 5)

    return bool(in_a_fork(work))
