"""Every whole run is a line of history.jsonl, and history.svg draws each figure's ratio over the runs."""

import json
import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path

from server.clock import as_moment, now

from .figure import Figure

WIDTH, ROW, LEFT, DOT = 720, 46, 230, 3


def keep(figures: Sequence[Figure], folder: Path) -> None:
    """Add a run to the history, and draw it anew."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    run = {
        "at": as_moment(now().replace(microsecond=0)),
        "commit": commit.stdout.strip(),
        "figures": {figure.name: round(figure.value, 3) for figure in figures},
    }
    path = folder / "history.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run, ensure_ascii=False) + "\n")
    runs = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (folder / "history.svg").write_text(drawn(runs), encoding="utf-8")


def drawn(runs: Sequence[dict[str, dict[str, float]]]) -> str:
    """One row a figure: its values from the first run to the last, between its own least and most (SVG)."""
    names = sorted({name for run in runs for name in run["figures"]})
    rows = [_row(name, [run["figures"].get(name) for run in runs], place) for place, name in enumerate(names)]
    height = ROW * len(names) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(rows)}</svg>\n'
    )


def _row(name: str, values: Sequence[float | None], place: int) -> str:
    known = [value for value in values if value is not None]
    least, most = min(known), max(known)
    span = (most - least) or 1
    step = (WIDTH - LEFT - 90) / max(len(values) - 1, 1)
    top = place * ROW + 12
    points = [
        (LEFT + number * step, top + (1 - (value - least) / span) * (ROW - 22))
        for number, value in enumerate(values)
        if value is not None
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}" fill="#1d5fd1"/>' for x, y in points)
    return (
        f'<text x="8" y="{top + 16}">{escape(name)}</text>'
        f'<polyline points="{line}" fill="none" stroke="#1d5fd1"/>{dots}'
        f'<text x="{WIDTH - 80}" y="{top + 16}">{known[-1]:.3g}</text>'
    )
