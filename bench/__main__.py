"""Run every benchmark, or those named; print a table, write latest.json, fail when one is below its floor."""

import importlib
import json
import pkgutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table

from . import history
from .figure import Figure

HERE = Path(__file__).resolve().parent
console = Console()


def main(names: list[str]) -> int:
    """Measure one file after the other, so that none disturbs another."""
    # Asked to end, we still end what we started.
    signal.signal(signal.SIGTERM, _stop)
    found = _benchmarks()
    unknown = [name for name in names if name not in found]
    if unknown:
        console.print(f"bench: no {', '.join(unknown)}; there are {', '.join(found)}")
        return 2
    figures = [figure for name in names or found for figure in found[name](_teller(name))]
    console.print(_table(figures))
    if not names:
        latest = json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False)
        (HERE / "latest.json").write_text(latest + "\n", encoding="utf-8")
        history.keep(figures, HERE)
    return 0 if all(figure.holds for figure in figures) else 1


# --- helpers, in calling order -----------------------------------------------------------------


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _benchmarks() -> dict[str, Callable[[Callable[[str], None]], list[Figure]]]:
    """Every module here that has a `measure`."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module.measure for name, module in modules.items() if hasattr(module, "measure")}


def _teller(name: str) -> Callable[[str], None]:
    return lambda sentence: console.print(f"{name}: {sentence}", highlight=False, markup=False)


def _table(figures: list[Figure]) -> Table:
    table = Table("figure", "unit")
    for heading in ("value", "held to", "ratio"):
        table.add_column(heading, justify="right")
    for figure in figures:
        bound = "shown" if figure.floor is None else f"{'≤' if figure.is_limit else '≥'} {figure.floor:g}"
        colour = "green" if figure.holds else "red"
        ratio = "" if figure.ratio is None else f"[{colour}]{figure.ratio:.2f}[/{colour}]"
        table.add_row(figure.name, figure.unit, f"{figure.value:.3g}", bound, ratio)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
