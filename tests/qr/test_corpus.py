"""The corpus: true to its manifest, small, and read as often as each class's floor demands."""

import json
from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from PIL import Image

from qr import BadCode, KeyRing, open_plaque, read
from tests.qr.corpus.generate import CLASSES, EACH, HERE, SIZE

MANIFEST = json.loads((HERE / "manifest.json").read_text("utf-8"))
KEYS = KeyRing.from_hex(MANIFEST["keys"])
LARGEST_BYTES = 6_000_000
# Of 11 frames each, from easy to hard; the hardest of some are beyond any decoder we know.
FLOORS = {
    "clean": 11,
    "rotation": 11,
    "perspective": 9,
    "blur": 8,
    "low-contrast": 10,
    "glare": 7,
    "dirt": 10,
    "distance": 11,
    "curved": 6,
    "dim": 10,
    "rescan": 10,
    "everything": 8,
}


def verifies(text: str) -> bool:
    """Whether a text is a plaque of one of the corpus' two hosts."""
    for prefix in MANIFEST["prefixes"]:
        try:
            open_plaque(text, keys=KEYS, prefix=prefix)
        except BadCode:
            continue
        return True
    return False


@cache
def frames() -> dict[str, list[dict[str, Any]]]:
    by_class = defaultdict(list)
    for frame in MANIFEST["frames"]:
        by_class[frame["class"]].append(frame)
    return by_class


class TestCorpus:
    def test_is_what_its_manifest_says(self) -> None:
        files = {path.name for path in HERE.glob("*.jpg")}

        assert {frame["file"] for frame in MANIFEST["frames"]} == files
        assert {name: len(each) for name, each in frames().items()} == dict.fromkeys(CLASSES, EACH)
        assert all(verifies(frame["text"]) for frame in MANIFEST["frames"])
        assert len({frame["text"] for frame in MANIFEST["frames"]}) == len(files)

    def test_stays_small_and_of_one_size(self) -> None:
        paths = list(HERE.glob("*.jpg"))

        assert sum(path.stat().st_size for path in paths) < LARGEST_BYTES
        sizes = set()
        for path in paths:
            with Image.open(path) as picture:
                sizes.add(picture.size)
        assert sizes == {SIZE}


class TestDecoder:
    @pytest.mark.parametrize("name", CLASSES)
    def test_reads_each_class_as_often_as_it_must(self, name: str) -> None:
        read_right = 0
        for frame in frames()[name]:
            accepted = [text for text in read((HERE / frame["file"]).read_bytes(), counts=verifies) if verifies(text)]
            # Never another plaque's token: what verifies is the truth.
            assert accepted in ([], [frame["text"]])
            read_right += bool(accepted)

        assert read_right >= FLOORS[name]
