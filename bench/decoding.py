"""The client's decoder against jsQR, in Node, on the frames of the corpus: how many it reads, and how fast."""

import json
import subprocess
from collections.abc import Callable
from statistics import median
from typing import Any

from PIL import Image

from server.config import HOUSE

from . import ground
from .figure import Figure

READS_FLOOR = 1.5
MS_LIMIT = 0.5
CORPUS = HOUSE / "tests" / "qr" / "corpus"


def measure(say: Callable[[str], None]) -> list[Figure]:
    """Each frame by both in turn; a read counts when it gives the truth."""
    frames = json.loads((CORPUS / "manifest.json").read_text("utf-8"))["frames"]
    results = _decoded(frames)
    both = list(zip(frames, results, strict=True))
    reads = {name: sum(result[name]["text"] == frame["text"] for frame, result in both) for name in ("jsqr", "ours")}
    wrong = [
        frame["file"]
        for frame, result in zip(frames, results, strict=True)
        if result["ours"]["text"] not in (None, frame["text"])
    ]
    times = {name: median(result[name]["ms"] for result in results) for name in ("jsqr", "ours")}
    say(f"jsQR {reads['jsqr']} of {len(frames)}, {times['jsqr']:.1f} ms; ours {reads['ours']}, {times['ours']:.1f} ms")
    if wrong:
        say(f"misread, which the signature betrays: {', '.join(wrong)}")
    return [
        Figure("decode_reads_vs_jsqr", reads["ours"] / reads["jsqr"], "× jsQR", READS_FLOOR),
        Figure("decode_ms_vs_jsqr", times["ours"] / times["jsqr"], "× jsQR", MS_LIMIT, is_limit=True),
    ]


def _decoded(frames: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What the client's own script says; it gets the frames as raw bytes, Node having no picture decoder."""
    with ground.folder() as folder:
        listed = []
        for number, frame in enumerate(frames):
            with Image.open(CORPUS / frame["file"]) as picture:
                grey = picture.convert("L")
            (folder / f"{number}.grey").write_bytes(grey.tobytes())
            listed.append({"file": f"{number}.grey", "width": grey.width, "height": grey.height})
        (folder / "frames.json").write_text(json.dumps(listed), "utf-8")
        done = subprocess.run(
            ["bin/npm", "run", "--silent", "decode-frames", "--", str(folder)],
            cwd=HOUSE,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    results: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return results
