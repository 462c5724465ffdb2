"""How much each audience waits for before its first page: gzip size of HTML, JavaScript and CSS."""

import json
import subprocess
import sys
from collections.abc import Callable

from server.config import HOUSE

from .figure import Figure

LIMITS_KB = {
    "inspector_first_load_kb": 80,
    "enterprise_first_load_kb": 75,
    "supervisor_first_load_kb": 85,
}


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Ask the client's own script, which knows its chunks; builds the client when that was not done."""
    if not (HOUSE / "webclient" / "dist" / "index.html").exists():
        say("building the client first")
        subprocess.run([sys.executable, "bin/setup"], cwd=HOUSE, check=True)
    done = subprocess.run(
        ["bin/npm", "run", "--silent", "first-load"], cwd=HOUSE, check=True, stdout=subprocess.PIPE, text=True
    )
    # What the set-up says while it fetches Node comes before.
    sizes = json.loads(done.stdout.strip().splitlines()[-1])
    if sizes.keys() != LIMITS_KB.keys():
        raise ValueError(f"first-load gave {sorted(sizes)}, not {sorted(LIMITS_KB)}")
    return [Figure(name, sizes[name], "KiB gzip", limit, is_limit=True) for name, limit in LIMITS_KB.items()]
