"""Faults planted into the rules are noticed: a sample here, `make mutants` for some hundred of them."""

import ast
import importlib.util
import subprocess
import sys

import pytest

from server.config import HOUSE

from .mutants.__main__ import WARM
from .mutants.planting import mutants_of, planted

SOURCE = '''
LIMIT = 3

def may(visit, by=True):
    """Whether."""
    if visit.open and not visit.gone:
        return visit.count < LIMIT
    visit.note("no")
    raise ValueError("no")
'''


@pytest.mark.parametrize("name", [name.partition(".")[0] for name in WARM])
def test_warms_only_what_is_installed(name: str) -> None:
    """`make mutants` once asked for a package that had left, and nobody else did."""
    assert importlib.util.find_spec(name) is not None


class TestPlanting:
    def test_names_every_fault_of_a_module(self) -> None:
        told = [(each.line, each.kind, each.function, each.before, each.after) for each in mutants_of("x.py", SOURCE)]

        assert told == [
            (2, "constant", "", "3", "4"),
            (2, "constant", "", "3", "2"),
            (4, "constant", "", "True", "False"),
            (6, "branch", "may", "if visit.open and (not visit.gone)", "if not (visit.open and (not visit.gone))"),
            (6, "boolean", "may", "visit.open and (not visit.gone)", "visit.open or not visit.gone"),
            (6, "boolean", "may", "not visit.gone", "visit.gone"),
            (7, "returned", "may", "return visit.count < LIMIT", "return not visit.count < LIMIT"),
            (7, "comparison", "may", "visit.count < LIMIT", "visit.count <= LIMIT"),
            (8, "dropped", "may", "visit.note('no')", "pass"),
            (9, "dropped", "may", "raise ValueError('no')", "pass"),
        ]

    def test_plants_one_and_leaves_the_rest(self) -> None:
        sound, faulty = ast.unparse(ast.parse(SOURCE)), ast.unparse(planted(SOURCE, 7))

        assert faulty == sound.replace("count < LIMIT", "count <= LIMIT")


@pytest.mark.mutants
@pytest.mark.outside
class TestSample:
    def test_is_noticed_by_the_tests_of_the_rules(self) -> None:
        command = [sys.executable, "-m", "tests.mutants", "--sample"]

        run = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True)

        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.splitlines()[-1] in ("killed 23 of 24", "killed 24 of 24")
