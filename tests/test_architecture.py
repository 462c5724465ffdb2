"""What imports cannot see: where commits and clocks are, which reasons have sentences, what the README shows."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from grimp import ImportGraph, build_graph
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

import server
from server.config import HOUSE
from server.refusal import Fault, Reason
from server.visit.rules import NEXT
from server.visit.stages import Stage

from .rooms import RoomsContract

SOURCES = [path for path in (HOUSE / "server").rglob("*.py") if "migrations" not in path.parts]
CLIENT = HOUSE / "webclient" / "src"
# One place commits a request; the worker, the messages it sends, print runs, the demo and the shell have their own.
MAY_COMMIT = {
    "server/change.py", "server/worker.py", "server/notice/sending.py", "server/plaque/printing.py",
    "server/commands/cli.py", "server/commands/policy.py",
    "server/demo/fill.py",
}  # fmt: skip
MAY_READ_THE_CLOCK = {
    "routes.py",
    "cli.py",
    "worker.py",
    "change.py",
    "clock.py",
    "sign_in.py",  # asks how old a token is
    "straight.py",  # when the server heard
    "rate_limits.py",  # whose window still runs
    "lan_address.py",
    "serving.py",
    "keys.py",
    "policy.py",
}
# What says what time it is, by whatever name it was imported. Counting seconds (perf_counter) is no clock.
CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.localtime", "time.gmtime", "time.ctime",
    "time.strftime", "time.clock_gettime", "time.clock_gettime_ns",
    "sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlalchemy.func.current_date",
    "sqlalchemy.func.localtimestamp",
}  # fmt: skip
CLOCKS_BY_REASON = {
    "server/clock.py": "the one place",
    "server/ids.py": "an id begins with the moment it was made; nothing decides by it",
    "server/front.py": "how long a sender may fall silent",
    "server/policy/current.py": "how long a process may remember the pack",
    "server/db.py": "how long a connection has rested",
    "server/commands/serving.py": "how long a child may take to end",
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_VIEW = 30


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as Python reads it, once."""
    return ast.parse(path.read_text("utf-8"))


def calls_in(path: Path) -> Iterator[tuple[str, int]]:
    """The names of all calls in a file, with their lines."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def offences(paths: list[Path]) -> list[str]:
    """Commits, clock calls and identities where they do not belong."""
    found = []
    for path in paths:
        name = str(path.relative_to(HOUSE)) if path.is_relative_to(HOUSE) else path.name
        for call, line in calls_in(path):
            if call.endswith(".commit") and name not in MAY_COMMIT:
                found.append(f"{name}:{line} commits")
            clock = call in ("now", "clock.now", "time.time", "date.today") or call.endswith((".utcnow", ".today"))
            edge = path.name in MAY_READ_THE_CLOCK or path.name.endswith("_routes.py")
            if call == "id":
                found.append(f"{name}:{line} remembers by identity")  # the next object at that address gets the answer
            if (clock or call == "datetime.now") and not edge:
                found.append(f"{name}:{line} reads the clock")
    return found


def clocks_in(path: Path) -> list[str]:
    """Where a file reads a clock, called or handed on, whatever it calls it."""
    tree = tree_of(path)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {each.asname or each.name.split(".")[0]: each.name if each.asname else each.name.split(".")[0]
                      for each in node.names}  # fmt: skip
        if isinstance(node, ast.ImportFrom) and not node.level:
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if f"{known.get(first, first)}{'.' if rest else ''}{rest}" in CLOCKS:
                found.add(f"{path.name}:{node.lineno} reads a clock")
    return sorted(found)


def all_reasons() -> set[str]:
    """Every reason that the server can give."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if "migrations" not in module.name and "gunicorn" not in module.name and "wsgi" not in module.name:
            importlib.import_module(module.name)
    return {member.value for words in Reason.__subclasses__() for member in words}


class TestHouse:
    def test_commits_and_reads_the_clock_only_at_the_edge(self) -> None:
        assert offences(SOURCES) == []

    @pytest.mark.parametrize(
        "fault", ["db.session.commit()", "now()", "datetime.now(UTC)", "date.today()", "id(calendar)"]
    )
    def test_would_see_a_planted_fault(self, tmp_path: Path, fault: str) -> None:
        planted = tmp_path / "rules.py"
        planted.write_text(f"def judge():\n    return {fault}\n")

        assert len(offences([planted])) == 1

    def test_has_one_clock_whatever_a_file_is_called(self) -> None:
        houses = [*SOURCES, *(HOUSE / "qr").glob("*.py")]

        reading = {str(path.relative_to(HOUSE)) for path in houses if clocks_in(path)}

        assert reading == set(CLOCKS_BY_REASON)

    @pytest.mark.parametrize(
        "fault",
        [
            "from datetime import datetime\ndatetime.now()", "import datetime as d\nd.datetime.utcnow()",
            "from datetime import date as day\nday.today()", "from time import time\ntime()",
            "import time as t\nt.monotonic()", "from datetime import datetime\nColumn(default=datetime.now)",
            "from sqlalchemy import func\nfunc.now()", "import sqlalchemy\nsqlalchemy.func.now()",
        ],
    )  # fmt: skip
    def test_would_see_another_clock(self, tmp_path: Path, fault: str) -> None:
        planted = tmp_path / "routes.py"
        planted.write_text(fault)

        assert len(clocks_in(planted)) == 1

    def test_keeps_files_and_functions_readable(self) -> None:
        long_files = [str(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE]
        long_functions = [
            f"{path.name}:{node.name}"
            for path in SOURCES
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > LONGEST_FUNCTION
        ]

        assert (long_files, long_functions) == ([], [])

    def test_keeps_views_short_since_they_decide_nothing(self) -> None:
        views = [path for path in SOURCES if path.name == "routes.py" or path.name.endswith("_routes.py")]
        long_views = [
            f"{path.relative_to(HOUSE)}:{node.name}"
            for path in views
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_VIEW
        ]

        assert (len(views) > 20, long_views) == (True, [])

    def test_answers_with_shapes_that_the_type_checker_sees(self) -> None:
        """A view whose answer the API document describes returns that very class, never a dict."""
        loose = [
            f"{path.relative_to(HOUSE)}:{function.name}"
            for path in SOURCES
            for function in ast.walk(tree_of(path))
            if isinstance(function, ast.FunctionDef)
            and any("bp.output" in ast.unparse(decorator) for decorator in function.decorator_list)
            and "dict" in ast.unparse(function.returns or ast.Constant(None))
        ]

        assert loose == []

    def test_tells_helpers_who_asks(self) -> None:
        """Only a view, and the edge, may read who sent the request: everything below is told `by`."""
        edge = {"edge.py", "change.py", "straight.py", "sign_in.py", "rate_limits.py"}
        readers = [
            f"{path.relative_to(HOUSE)}:{function.name}"
            for path in SOURCES
            if path.name not in edge
            for function in ast.walk(tree_of(path))
            if isinstance(function, ast.FunctionDef)
            and not any("bp." in ast.unparse(decorator) for decorator in function.decorator_list)
            and any(ast.unparse(node) == "g.actor" for node in ast.walk(function))
        ]

        assert readers == []

    def test_describes_every_public_function_and_class(self) -> None:
        nameless = [
            f"{path.name}:{node.name}"
            for path in [*SOURCES, *(HOUSE / "qr").glob("*.py")]
            for node in tree_of(path).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]

        assert nameless == []

    def test_imports_inside_functions_nowhere(self) -> None:
        inside = [
            f"{path.name}:{node.lineno}"
            for path in SOURCES
            # The second is the door of the package: whoever imports one rule comes through it.
            if path not in (HOUSE / "server" / "gunicorn_conf.py", HOUSE / "server" / "__init__.py")
            for function in ast.walk(tree_of(path))
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]

        assert inside == []


TOP_DOWN, ROOMS, QR = (
    "The loop reads top-down",
    "Every module has its place in its room",
    "qr knows nothing of the server",
)
# What is planted where, and which contract is meant to catch it.
FAULTS = {
    "a stage imports frequency": ("server/scan/rules.py", "from server.frequency import figures", TOP_DOWN),
    "a stage imports a stage": ("server/scan/rules.py", "from server.record.models import Record", TOP_DOWN),
    "accounts import enterprises": (
        "server/account/rules.py",
        "from server.enterprise.models import Enterprise",
        TOP_DOWN,
    ),
    "enterprises import plaques": ("server/enterprise/rules.py", "from server.plaque.models import Plaque", TOP_DOWN),
    "a package nobody placed": ("server/stray/__init__.py", "STRAY = 1", TOP_DOWN),
    "a module nobody placed": ("server/scan/helpers.py", "HELPERS = 1", ROOMS),
    "rules import their view": ("server/scan/rules.py", "from server.scan.routes import bp", ROOMS),
    "a view imports the view next door": ("server/dossier/routes.py", "from server.scan.routes import bp as x", ROOMS),
    "a view imports a view of its own room": (
        "server/phone/slip_routes.py",
        "from server.phone.routes import bp as x",
        ROOMS,
    ),
    "rules ask the database's questions": ("server/visit/rules.py", "from server.visit.counting import settle", ROOMS),
    "rules import flask": ("server/record/rules.py", "import flask", ROOMS),
    "rules import sqlalchemy": ("server/visit/rules.py", "import sqlalchemy", ROOMS),
    "rules import the session": ("server/evaluation/rules.py", "from server.db import db", ROOMS),
    "the sequence of a scan imports the session": ("server/scan/sequence.py", "from server.db import db", ROOMS),
    "a plan imports sqlalchemy": ("server/judging/plan.py", "import sqlalchemy", ROOMS),
    "words import sqlalchemy": ("server/enterprise/uscc.py", "import sqlalchemy", ROOMS),
    "models import flask": ("server/visit/models.py", "import flask", ROOMS),
    "qr imports the server": ("qr/tokens.py", "import server.refusal", QR),
}


CONTRACTS = {"layers": LayersContract, "forbidden": ForbiddenContract, "rooms": RoomsContract}


def broken(graph: ImportGraph) -> set[str]:
    """The contracts of ours that these imports break, as `lint-imports` judges them."""
    said = read_configuration(str(HOUSE / "pyproject.toml"))
    contracts = [
        CONTRACTS[each["type"]](each["name"], said["session_options"], each) for each in said["contracts_options"]
    ]
    return {each.name for each in contracts if not each.check(deepcopy(graph), verbose=False).kept}


def plant(graph: ImportGraph, name: str, line: str) -> None:
    """Add to the graph what this line would add to this file."""
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    graph.add_module(module)
    for node in ast.walk(ast.parse(line)):
        names = [each.name for each in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        for each in names:
            inner = f"{node.module}.{each}" if isinstance(node, ast.ImportFrom) else each
            to = inner if inner in graph.modules or isinstance(node, ast.Import) else node.module
            # Nothing is proven by an import of something that is not there.
            assert to in graph.modules, to
            graph.add_import(importer=module, imported=to, line_number=1, line_contents=line)


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    """All imports of the house, read once."""
    return build_graph("server", "qr", include_external_packages=True, cache_dir=None)


class TestImportContracts:
    def test_hold(self, graph: ImportGraph) -> None:
        assert broken(graph) == set()

    @pytest.mark.parametrize(("name", "line", "contract"), FAULTS.values(), ids=FAULTS.keys())
    def test_catch_a_planted_fault(self, graph: ImportGraph, name: str, line: str, contract: str) -> None:
        planted = deepcopy(graph)

        plant(planted, name, line)

        assert contract in broken(planted)


class TestReasons:
    def test_stand_beside_the_rules(self) -> None:
        """A closed list is part of the decision: it is in a file that decides, or in the one that all share."""
        all_reasons()
        homes = {words.__module__ for words in Reason.__subclasses__()}

        elsewhere = {home for home in homes if not home.endswith(("rules", ".reasons", ".activation", ".refusal"))}
        assert elsewhere == set()

    @pytest.mark.parametrize("language", ["reasons.ts", "reasons.en.ts"])
    def test_have_a_sentence_in_the_client(self, language: str) -> None:
        text = (CLIENT / "words" / language).read_text("utf-8")
        sentences = set(re.findall(r"^  ([a-z_]+): say", text, re.MULTILINE))

        assert all_reasons() - sentences == set()

    def test_of_single_fields_have_a_sentence_in_the_client(self) -> None:
        text = (CLIENT / "words" / "faults.ts").read_text("utf-8")
        sentences = set(re.findall(r"^  ([a-z_]+): say", text, re.MULTILINE))

        assert sentences == {fault.value for fault in Fault}

    def test_are_said_of_two_things_only_on_purpose(self) -> None:
        all_reasons()
        said = [member.value for words in Reason.__subclasses__() for member in words]

        twice = {reason for reason in said if said.count(reason) > 1}
        assert twice == {"unreadable_file", "expired_certificate"}


class TestDocuments:
    def test_show_the_loop_as_the_table_has_it(self) -> None:
        readme = (HOUSE / "README.md").read_text("utf-8")
        arrows = re.findall(r"^\s+(\w+) --> (\w+)", readme, re.MULTILINE)

        stages = {stage.value for stage in Stage}
        assert {(a, b) for a, b in arrows if {a, b} <= stages} == {
            (stage.value, to.value) for stage, next_ones in NEXT.items() for to in next_ones
        }

    @pytest.mark.parametrize(
        "name", ["README.md", "CONTRIBUTING.md", "docs/doors.md", "docs/policy-packs.md", "bench/README.md"]
    )
    def test_name_folders_and_files_that_exist(self, name: str) -> None:
        text = (HOUSE / name).read_text("utf-8")
        paths = re.findall(r"`((?:server|qr|webclient|tests|bench|bin|docs)/[\w./-]*)`", text)

        assert paths
        assert [path for path in paths if not (HOUSE / path).exists()] == []

    def test_draw_every_room(self) -> None:
        drawn = (HOUSE / "README.md").read_text("utf-8").split("## Where every rule lives", 1)[1].split("```")[1]
        rooms = {path.parent.name for path in (HOUSE / "server").glob("*/__init__.py")} - {"migrations"}

        assert {room for room in rooms if f"\n  {room}/ " not in drawn} == set()
        assert len(rooms) > 20

    def test_send_whoever_adds_something_to_what_is_there(self) -> None:
        """Every row of "To add": its files exist, and what is named beside a file is defined in it."""
        table = (HOUSE / "README.md").read_text("utf-8").split("## To add", 1)[1].split("\n## ", 1)[0]
        named = re.findall(r"`((?:server|webclient|tests|docs|bench)/[\w./-]+)`(?: \(([^)]*)\))?", table)

        missing = [
            f"{path}: {word}"
            for path, words in named
            for word in ["", *re.findall(r"`(\w+)`", words)]
            if not (HOUSE / path).exists() or (word and word not in _read(HOUSE / path))
        ]

        assert (len(named) > 12, missing) == (True, [])

    def test_list_every_decision(self) -> None:
        folder = HOUSE / "docs" / "decisions"
        pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
        index = (folder / "README.md").read_text("utf-8")

        assert len(pages) > 10
        assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == pages

    def test_decide_with_context_consequences_and_a_figure(self) -> None:
        for page in (HOUSE / "docs" / "decisions").glob("[!R]*.md"):
            text = page.read_text("utf-8")
            headings = re.findall(r"^## (\w+)", text, re.MULTILINE)

            assert headings == ["Context", "Decision", "Consequences", "Figure"], page.name
            assert len(text.splitlines()) <= 40, page.name


def _read(path: Path) -> str:
    files = path.rglob("*.*") if path.is_dir() else [path]
    return "\n".join(each.read_text("utf-8") for each in files if each.suffix in (".py", ".ts", ".md", ".toml"))


@pytest.mark.outside
class TestGeneratedTypes:
    def test_of_the_client_are_what_the_server_says(self) -> None:
        said = subprocess.run(
            [str(Path(sys.executable).with_name("ruqi")), "openapi"],
            capture_output=True, text=True, check=True, cwd=HOUSE,
        )  # fmt: skip

        assert said.stdout == (HOUSE / "webclient" / "openapi.json").read_text("utf-8"), "run make openapi"
