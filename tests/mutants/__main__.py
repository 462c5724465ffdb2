"""`python -m tests.mutants`: draw faults, plant them, and say which of them no test noticed."""

import argparse
import fnmatch
import importlib
import os
import random
import secrets
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from .planting import Mutant, mutants_of, read
from .running import (
    HOUSE,
    Lane,
    chosen_tests,
    is_cold,
    known_calls,
    migrate_once,
    own_files,
    room_of,
    session,
    side_by_side,
    try_cold,
)

# Beside those that the import contract names: what decides how often a request is tried, and what is counted.
DECIDING = ("change", "condition", "visit.counting")
CACHE = HOUSE / ".mutants" / "calls.json"
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
MOST_EQUIVALENT = 0.03
# What sessions of pytest would import anew each; nothing of ours, or a fault could not be planted there.
WARM = (
    "alembic", "apiflask", "argon2", "chinese_calendar", "cryptography", "limits", "flask_migrate",
    "flask_sqlalchemy", "hypothesis.strategies", "jwt", "numpy", "obstore", "PIL.Image", "prometheus_client", "psycopg",
    "pydantic_settings", "pypdfium2", "python_calamine", "qr", "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite", "stdnum.cn.uscc", "structlog", "xlsxwriter",
)  # fmt: skip


def main() -> int:
    """Draw, try, report; 0 when enough of the faults were noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="paths of server/ to draw from; all that decide when left out")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="draw the same again")
    parser.add_argument("--draw", type=int, default=420, help="how many; 0 for every one there is")
    parser.add_argument("--at-least", type=float, default=92.0, help="per cent that must be noticed")
    parser.add_argument("--rules-only", action="store_true", help="tests in memory alone, faults in functions alone")
    parser.add_argument("--sample", action="store_true", help="a few, always the same, for `make check`")
    options = parser.parse_args()
    os.chdir(HOUSE)
    if options.sample:
        return sample(at_least=options.at_least)
    modules = [path for path in deciding() if not options.modules or path in options.modules]
    possible = [mutant for path in modules for mutant in mutants_of(path, read(HOUSE / path))]
    if options.rules_only:
        possible = [mutant for mutant in possible if mutant.function]
    drawn = draw(possible, options.draw, seed=options.seed)
    reasons = equivalents()
    wanted = [mutant for mutant in drawn if _key(mutant) not in reasons]
    print(f"{len(drawn)} of {len(possible)} faults in {len(modules)} modules, drawn by seed {options.seed}", flush=True)
    if len(drawn) - len(wanted) > MOST_EQUIVALENT * max(len(drawn), 100):
        print("too many of them are said to change nothing")
        return 1
    started = time.monotonic()
    noticed = try_all(wanted, modules, rules_only=options.rules_only)
    return report(drawn, wanted, noticed, at_least=options.at_least, took=time.monotonic() - started)


def sample(*, at_least: float) -> int:
    """A few faults in the functions of rules, shown to the tests in memory of the same room; nothing is looked up."""
    rules = [path for path in deciding() if path.endswith("/rules.py")]
    reasons = equivalents()
    possible = [mutant for path in rules for mutant in mutants_of(path, read(HOUSE / path))]
    possible = [mutant for mutant in possible if mutant.function and _key(mutant) not in reasons]
    drawn = draw(possible, 24, seed=24)
    print(f"{len(drawn)} of {len(possible)} faults in {len(rules)} modules, drawn by seed 24")
    noticed: set[Mutant] = set()
    started = time.monotonic()

    def tell(mutant: Mutant, killed: bool) -> None:
        if killed:
            noticed.add(mutant)

    work = [(mutant, None) for mutant in drawn]
    rooms = sorted({room_of(mutant) for mutant in drawn})
    files = {str(path) for room in rooms for path in own_files(room)}
    session(sorted(files), Lane(work, tell))
    return report(drawn, drawn, noticed, at_least=at_least, took=time.monotonic() - started)


def deciding() -> list[str]:
    """The modules that decide: as pyproject.toml names them for the import contract, and those beside."""
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rooms = next(contract for contract in contracts if contract["type"] == "rooms")
    patterns = (*rooms["rules"], *rooms["words"], *DECIDING)
    paths = (path.relative_to(HOUSE) for path in sorted((HOUSE / "server").rglob("*.py")))
    names = {str(path): ".".join(path.with_suffix("").parts[1:]).removesuffix(".__init__") for path in paths}
    return [path for path, name in names.items() if any(fnmatch.fnmatchcase(name, each) for each in patterns)]


def draw(possible: Sequence[Mutant], count: int, *, seed: int) -> list[Mutant]:
    """So many of them: five of every module where there are five, the rest from all alike."""
    if not 0 < count < len(possible):
        return list(possible)
    chance = random.Random(seed)
    shuffled = chance.sample(list(possible), len(possible))
    seen: Counter[str] = Counter()
    first, rest = [], []
    for mutant in shuffled:
        seen[mutant.path] += 1
        (first if seen[mutant.path] <= 5 and count >= 400 else rest).append(mutant)
    return sorted([*first, *rest][:count], key=lambda each: (each.path, each.number))


def equivalents() -> dict[tuple[str, str, str], str]:
    """Faults that change nothing anybody could see, each with its reason."""
    rows = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("equivalent", [])
    return {(row["in"], row["before"], row["after"]): row["because"] for row in rows}


def _key(mutant: Mutant) -> tuple[str, str, str]:
    return f"{mutant.path}:{mutant.function}", mutant.before, mutant.after


def try_all(wanted: Sequence[Mutant], modules: Sequence[str], *, rules_only: bool) -> set[Mutant]:
    """Those that a test noticed."""
    lanes = os.cpu_count() or 1
    for name in WARM:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="ruqi-mutants-") as folder:
        migrate_once(Path(folder))
        known = known_calls(deciding(), CACHE, lanes=lanes)
        work = [(mutant, chosen_tests(mutant, known, rules_only=rules_only)) for mutant in wanted]
        cold = [(m, nodes) for m, nodes in work if is_cold(m, known)]
        warm = [each for each in work if each not in cold]
        results = [Path(folder) / f"noticed.{lane}" for lane in range(lanes)]
        side_by_side([
            lambda lane=lane: _lane(cold[lane::lanes], warm[lane::lanes], results[lane]) for lane in range(lanes)
        ])  # fmt: skip
        told = [line.split() for result in results if result.exists() for line in result.read_text().splitlines()]
    by_key = {(mutant.path, mutant.number): mutant for mutant in wanted}
    if len(told) != len(wanted):
        raise SystemExit(f"{len(wanted) - len(told)} faults were not tried: a lane broke")
    return {by_key[path, int(number)] for path, number, noticed in told if noticed == "True"}


def _lane(cold: Sequence[tuple[Mutant, list[str]]], warm: Sequence[tuple[Mutant, list[str]]], result: Path) -> int:
    with result.open("w") as file:

        def tell(mutant: Mutant, noticed: bool) -> None:
            file.write(f"{mutant.path} {mutant.number} {noticed}\n")
            file.flush()
            print("." if noticed else "S", end="", file=sys.stderr, flush=True)

        for mutant, nodes in cold:
            tell(mutant, bool(nodes) and try_cold(mutant, nodes))
        for mutant, _ in (each for each in warm if not each[1]):
            tell(mutant, False)
        able = [each for each in warm if each[1]]
        if able:
            needed = sorted({node.split("::")[0] for _, nodes in able for node in nodes})
            session(needed, Lane(able, tell))
    return 0


def report(
    drawn: Sequence[Mutant], wanted: Sequence[Mutant], noticed: set[Mutant], *, at_least: float, took: float
) -> int:
    """The table, the survivors, and one line to end with."""
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for mutant in wanted:
        table[mutant.path][0] += mutant in noticed
        table[mutant.path][1] += 1
    print()
    for path, (killed, count) in table.items():
        print(f"{path:<42} {killed:>3} / {count}")
    survivors = [mutant for mutant in wanted if mutant not in noticed]
    print(f"\n{len(survivors)} survived, {len(drawn) - len(wanted)} change nothing ({EQUIVALENT.name}), {took:.0f} s")
    for mutant in survivors:
        print(mutant)
    print(f"killed {len(noticed)} of {len(wanted)}")
    return 0 if 100 * len(noticed) >= at_least * len(wanted) else 1


if __name__ == "__main__":
    raise SystemExit(main())
