"""`ruqi plaques`: a folder to hand to the print shop, and what must not be handed out."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import qr

from .live import copy_of
from .shell import ruqi

RICE_SHOP = "米粉店🍜"
COMMAND = ("plaques", "--volume", "20", "--out")

# Commands run as processes of their own.
pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def city(demo: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A small demo city of which one firm has a name that no font prints."""
    env = copy_of(demo, tmp_path_factory.mktemp("printing"), CITY_COLOUR="#0b5d4e")
    with closing(sqlite3.connect(Path(env["DATA_DIR"]) / "ruqi.db")) as connection:
        connection.execute("UPDATE enterprise SET name = ? WHERE id = (SELECT min(id) FROM enterprise)", [RICE_SHOP])
        connection.commit()
    return env


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def pages_of(document: Path) -> list[list[str]]:
    pdf = pypdfium2.PdfDocument(document.read_bytes())
    texts = [qr.read(page.render(scale=2).to_pil()) for page in pdf]
    pdf.close()
    return texts


@pytest.fixture(scope="module")
def printed(city: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run over the whole city."""
    out = tmp_path_factory.mktemp("printed")
    done = ruqi(city, *COMMAND, str(out))
    assert done.returncode == 0, done.stderr
    assert "1 cannot be printed" in done.stdout
    return out


class TestPlaques:
    def test_prints_every_plaque_in_the_citys_colour(self, printed: Path) -> None:
        said = manifest(printed)

        texts = [text for volume in said["volumes"] for page in pages_of(printed / volume["file"]) for text in page]
        assert len(set(texts)) == said["plaques"] > 20
        assert said["job"]["design"]["colour"] == "#0b5d4e"

    def test_names_what_it_cannot_print(self, printed: Path) -> None:
        rejected = (printed / "rejected.csv").read_text("utf-8-sig")

        assert RICE_SHOP in rejected and "missing_glyph" in rejected

    def test_goes_on_and_names_what_was_revoked_since(self, city: dict[str, str], printed: Path) -> None:
        before = manifest(printed)
        serial = before["volumes"][0]["first"]
        (printed / before["volumes"][1]["file"]).unlink()
        with closing(sqlite3.connect(Path(city["DATA_DIR"]) / "ruqi.db")) as connection:
            connection.execute(
                "UPDATE plaque SET revoked_at = issued_at, revoked_because = 'lost', revoked_by = enterprise_id"
                " WHERE serial = ?",
                [serial],
            )
            connection.commit()

        again = ruqi(city, *COMMAND, str(printed))

        assert again.returncode == 0, again.stderr
        assert manifest(printed) == before
        assert "1 were revoked since" in again.stdout
        assert str(serial) in (printed / "withdrawn.csv").read_text("utf-8-sig")

    def test_refuses_a_folder_of_another_run(self, city: dict[str, str], printed: Path) -> None:
        other = ruqi(city, "plaques", "--limit", "4", "--out", str(printed))

        assert (other.returncode, "with other options" in other.stderr) == (1, True)

    def test_prints_one_district(self, city: dict[str, str], tmp_path: Path) -> None:
        done = ruqi(city, "plaques", "--region", "431027", "--format", "a5", "--out", str(tmp_path))

        assert done.returncode == 0, done.stderr
        assert 0 < manifest(tmp_path)["plaques"] == len(pages_of(tmp_path / "plaques-0001.pdf")) < 30

    def test_refuses_what_fits_no_sheet(self, city: dict[str, str], tmp_path: Path) -> None:
        failed = ruqi(city, "plaques", "--per-sheet", "7", "--out", str(tmp_path))

        assert (failed.returncode, "4, 6, 8, 10 labels" in failed.stderr) == (1, True)


class TestSealed:
    def test_puts_codes_into_sheets_that_the_database_knows(self, city: dict[str, str], tmp_path: Path) -> None:
        out = tmp_path / "sealed"

        done = ruqi(city, *COMMAND, str(out), "--format", "sealed", "--limit", "5")

        assert done.returncode == 0, done.stderr
        assert "delete it once everything is printed" in " ".join(done.stdout.split())
        slips = [text for page in pages_of(out / "plaques-0001.pdf") for text in page if len(text) < 80]
        secret = (Path(city["DATA_DIR"]) / "keys" / "secret").read_text().strip().encode()
        hashes = {qr.slip_hash(qr.read_slip(slip, prefix=slip.rstrip("0123456789")), secret=secret) for slip in slips}
        with closing(sqlite3.connect(Path(city["DATA_DIR"]) / "ruqi.db")) as connection:
            kept = connection.execute("SELECT code_hash, purpose, used_at FROM slip").fetchall()
        assert len(hashes) == manifest(out)["plaques"]
        assert hashes <= {code_hash for code_hash, _, _ in kept}
        assert {(purpose, used_at) for _, purpose, used_at in kept} == {("activation", None)}
