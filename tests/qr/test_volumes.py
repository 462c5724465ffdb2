"""Runs of very many plaques: right whatever ends them, and going on where they were."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest
from PIL import Image

from qr import (
    ForeignFolder,
    Job,
    KeyRing,
    PlaqueDesign,
    PlaqueKey,
    PlaqueOrder,
    Run,
    RunFormat,
    begin_run,
    find_run,
    make_slip,
    open_plaque,
    orders_of,
    print_run,
    read,
    read_slip,
)

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
OLDER = PlaqueKey.from_bytes(2, bytes(range(1, 33)))
KEYS = {3: CITY, 2: OLDER}
RING = KeyRing(CITY.public, OLDER.public)
PREFIX = "HTTPS://Q.SZ.CN/E/"
DESIGN = PlaqueDesign(city="海河市")
ORDERS = [PlaqueOrder(serial, 3 - serial % 2, f"面包坊{serial}号", "91330106MA2B1C3D4E") for serial in range(40)]


def job(on: RunFormat = RunFormat.A4, volume_size: int = 16) -> Job:
    return Job(PREFIX, DESIGN, on, volume_size=volume_size)


def printed(run: Run, keys: dict[int, PlaqueKey] = KEYS) -> Run:
    return print_run(run, keys, progress=lambda done, total: None, processes=1)


def serials_in(document: bytes) -> list[int]:
    pdf = pypdfium2.PdfDocument(document)
    texts = [text for page in pdf for text in read(page.render(scale=150 / 72).to_pil())]
    pdf.close()
    return sorted(open_plaque(text, keys=RING, prefix=PREFIX).serial for text in texts)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that nothing disturbed."""
    return printed(begin_run(tmp_path_factory.mktemp("whole"), ORDERS, job()))


class TestPrintRun:
    def test_prints_every_plaque_once_in_order(self, whole: Run) -> None:
        assert [(volume.file, volume.first, volume.last) for volume in whole.volumes] == [
            ("plaques-0001.pdf", 0, 15),
            ("plaques-0002.pdf", 16, 31),
            ("plaques-0003.pdf", 32, 39),
        ]
        assert serials_in((whole.folder / "plaques-0003.pdf").read_bytes()) == list(range(32, 40))

    def test_says_how_far_it_is(self, tmp_path: Path) -> None:
        told: list[tuple[int, int]] = []

        print_run(begin_run(tmp_path, ORDERS, job()), KEYS, progress=lambda *at: told.append(at), processes=1)

        assert (told[0], told[-1]) == ((0, 40), (40, 40))
        assert told == sorted(told)

    def test_goes_on_after_a_lost_volume_and_makes_the_same(self, whole: Run, tmp_path: Path) -> None:
        run = printed(begin_run(tmp_path, ORDERS, job()))
        (tmp_path / "plaques-0002.pdf").unlink()
        half = find_run(tmp_path)
        assert half is not None

        again = printed(half)

        assert half.printed == 24
        assert again.volumes == run.volumes == whole.volumes

    def test_remakes_a_volume_that_was_cut_short(self, whole: Run, tmp_path: Path) -> None:
        printed(begin_run(tmp_path, ORDERS, job()))
        with (tmp_path / "plaques-0001.pdf").open("r+b") as file:
            file.truncate(100)

        half = find_run(tmp_path)

        assert half is not None and half.printed == 24
        assert printed(half).volumes == whole.volumes

    @pytest.mark.parametrize("on", [RunFormat.SVG, RunFormat.PNG])
    def test_writes_a_picture_for_each(self, on: RunFormat, tmp_path: Path) -> None:
        run = printed(begin_run(tmp_path, ORDERS[:3], job(on)))

        with ZipFile(tmp_path / run.volumes[0].file) as file:
            assert file.namelist() == [f"0000000{serial}-91330106MA2B1C3D4E.{on}" for serial in range(3)]
            picture = file.read(file.namelist()[2])
        if on is RunFormat.PNG:
            image = Image.open(io.BytesIO(picture))
            assert open_plaque(read(image)[0], keys=RING, prefix=PREFIX).serial == 2
            assert image.width / image.info["dpi"][0] * 25.4 == pytest.approx(50, abs=0.1)
        else:
            assert b'width="50mm"' in picture and "面包坊2号".encode() in picture

    def test_refuses_before_it_begins_without_a_key(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no key 2"):
            printed(begin_run(tmp_path, ORDERS, job()), {3: CITY})

        assert not list(tmp_path.glob("*.pdf"))

    @pytest.mark.outside
    def test_goes_on_where_it_was_killed(self, tmp_path: Path) -> None:
        orders = [PlaqueOrder(serial, 3, f"面包坊{serial}号", "91330106MA2B1C3D4E") for serial in range(2400)]
        begin_run(tmp_path, orders, job(volume_size=400))
        with _printing(tmp_path) as process:
            _wait_for(tmp_path / "plaques-0002.pdf", process)
            process.send_signal(signal.SIGKILL)
            process.wait()
        _wait_until_alone(tmp_path)

        half = find_run(tmp_path)
        assert half is not None and 0 < half.printed < 2400
        kept = {volume.file: (tmp_path / volume.file).stat().st_mtime_ns for volume in half.volumes}
        done = print_run(half, KEYS, progress=lambda *at: None)

        assert [volume.plaques for volume in done.volumes] == [400] * 6
        assert {file: (tmp_path / file).stat().st_mtime_ns for file in kept} == kept
        assert not list(tmp_path.glob("*.part"))
        assert find_run(tmp_path) == done
        assert serials_in((tmp_path / "plaques-0006.pdf").read_bytes()) == list(range(2000, 2400))


class TestSealedRun:
    def test_seals_a_code_of_its_own_into_each_sheet_for_its_owner_alone(self, tmp_path: Path) -> None:
        codes = [make_slip() for _ in range(6)]
        orders = [
            PlaqueOrder(serial, 3, f"面包坊{serial}号", "91330106MA2B1C3D4E", "东门店", code)
            for serial, code in enumerate(codes)
        ]
        folder = tmp_path / "run"

        run = begin_run(folder, [*orders, PlaqueOrder(9, 3, " ", "C", "", make_slip())], job(RunFormat.SEALED))
        done = printed(run)

        with pypdfium2.PdfDocument((folder / done.volumes[0].file).read_bytes()) as document:
            texts = [text for page in document for text in read(page.render(scale=2).to_pil())]
        slips = {read_slip(text, prefix=text.rstrip("0123456789")) for text in texts if len(text) < 60}
        assert (slips, len(texts)) == (set(codes), 12)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(orders_of(done)) == orders
        assert (folder / "rejected.csv").read_text("utf-8-sig").splitlines()[1].split(",")[5] == ""


class TestBeginRun:
    def test_sets_apart_what_cannot_be_printed(self, tmp_path: Path) -> None:
        odd = [
            PlaqueOrder(7, 3, "=张记🥖面包坊", "A"),
            PlaqueOrder(8, 3, "企" * 2000, "B"),
            PlaqueOrder(9, 3, " ", "C"),
        ]

        run = begin_run(tmp_path, [ORDERS[0], *odd, ORDERS[1]], job())

        rows = list(csv.reader((tmp_path / "rejected.csv").read_text("utf-8-sig").splitlines()))
        assert (run.plaques, run.rejected) == (2, 3)
        assert [(row[0], row[2][:3], row[6]) for row in rows[1:]] == [
            ("7", "'=张", "missing_glyph"),
            ("8", "企企企", "name_too_long"),
            ("9", " ", "no_name"),
        ]
        assert rows[1][7] == "🥖"
        assert list(orders_of(run)) == ORDERS[:2]

    def test_refuses_a_job_that_nothing_fits(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="at least one"):
            begin_run(tmp_path, ORDERS, job(volume_size=0))
        with pytest.raises(ValueError, match="4, 6, 8, 10"):
            begin_run(tmp_path, ORDERS, Job(PREFIX, DESIGN, per_sheet=3))
        with pytest.raises(ValueError, match=r"U\+1F956"):
            begin_run(tmp_path, ORDERS, Job(PREFIX, PlaqueDesign(city="🥖市")))


class TestFindRun:
    def test_comes_back_as_it_was(self, whole: Run) -> None:
        assert find_run(whole.folder) == whole

    def test_finds_none_in_a_new_folder(self, tmp_path: Path) -> None:
        assert find_run(tmp_path / "none") is None

    def test_refuses_orders_that_were_changed(self, tmp_path: Path) -> None:
        begin_run(tmp_path, ORDERS, job())
        with (tmp_path / "orders.csv").open("a") as file:
            file.write("99,3,one more,X\n")

        with pytest.raises(ForeignFolder, match="changed since"):
            find_run(tmp_path)

    def test_refuses_another_version(self, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text('{"version": 99}')

        with pytest.raises(ForeignFolder, match="another version"):
            find_run(tmp_path)


# --- a run in a process of its own -------------------------------------------------------------

_SCRIPT = """
import sys
from pathlib import Path
from tests.qr.test_volumes import KEYS
from qr import find_run, print_run
if __name__ == "__main__":
    print_run(find_run(Path(sys.argv[1])), KEYS, progress=lambda *at: None, processes=1)
"""


def _printing(folder: Path) -> subprocess.Popen[bytes]:
    script = folder / "script.py"
    script.write_text(_SCRIPT)
    house = Path(__file__).resolve().parents[2]
    return subprocess.Popen([sys.executable, str(script), str(folder)], env={**os.environ, "PYTHONPATH": str(house)})


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)


def _wait_until_alone(folder: Path) -> None:
    """Until the killed run's worker has noticed; only then nothing is written any more."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        mentions = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists()]
        if not any(str(folder).encode() in each for each in mentions):
            break
        time.sleep(0.05)
    time.sleep(0.3)
