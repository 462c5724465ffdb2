"""Prints very many plaques into volumes that a print shop can handle; a run that was ended goes on where it was.

A run lives in a folder:

    orders.csv            what is printed, in order, frozen when the run began
    rejected.csv          what cannot be printed, with reasons
    manifest.json         what the run is, and the volumes that are finished, with their SHA-256
    plaques-0001.pdf …    the volumes (.zip of one file a plaque for SVG and PNG)

Volumes and manifest appear whole or not at all, so whatever ends the run, the folder is right.
"""

import csv
import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from io import StringIO
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from .batch import encode
from .glyphs import missing_glyphs
from .keys import PlaqueKey
from .layouts import PlaqueDesign, PlaqueFormat, PlaqueSheet, at_site, symbol_side_mm
from .plaques import PrintFault, check_glyphs, plaque_modules, print_fault, write_plaques
from .symbols import draw_png, draw_svg
from .tokens import sign_plaque

VOLUME_SIZE = 10_000

_VERSION = 2
# So often the bar moves, and so many plaques a worker makes before it tells.
_POLL_S = 0.2
_TOLD_EVERY = 100
# A module of 14 pixels: 590 pixels and more for 50 mm, what a printer of 300 dots to the inch resolves.
_PIXELS_A_MODULE = 14
_COLUMNS = ("serial", "key_id", "name", "uscc", "site", "activation")


class RunFormat(StrEnum):
    """What a run makes: PDF on paper of a size, or one picture for each plaque."""

    A5 = PlaqueFormat.A5.value
    A4 = PlaqueFormat.A4.value
    LABEL = PlaqueFormat.LABEL.value
    SEALED = PlaqueFormat.SEALED.value
    SVG = "svg"
    PNG = "png"

    @property
    def is_picture(self) -> bool:
        return self in (RunFormat.SVG, RunFormat.PNG)


class PlaqueOrder(NamedTuple):
    """A plaque to be printed: its serial and the key that signs it, the enterprise's name, code and site.

    ``activation`` is the one-time code of a sealed sheet: whoever reads the orders of such a run can enrol phones.
    """

    serial: int
    key_id: int
    name: str
    uscc: str
    site: str = ""
    activation: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What all volumes of a run have in common."""

    prefix: str
    design: PlaqueDesign
    on: RunFormat = RunFormat.A4
    per_sheet: int = 8
    volume_size: int = VOLUME_SIZE
    # Whose plaques these are, in words: runs for others are other runs.
    selection: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """A finished volume: its file, its first and last serial, how many plaques, its bytes."""

    file: str
    first: int
    last: int
    plaques: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder says: its job, how many plaques it prints and cannot print, the finished volumes."""

    folder: Path
    job: Job
    plaques: int
    rejected: int
    orders_sha256: str
    volumes: tuple[Volume, ...] = ()

    @property
    def printed(self) -> int:
        """How many plaques stand in finished volumes."""
        return sum(volume.plaques for volume in self.volumes)


class ForeignFolder(Exception):
    """The folder holds something that this run cannot go on with; the text says what."""


def begin_run(folder: Path, orders: Iterable[PlaqueOrder], job: Job) -> Run:
    """Freeze the orders of a new run in its folder, those that cannot be printed apart; nothing is drawn yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if job.on is RunFormat.SEALED:
        # Codes lie in the orders and in the volumes, for their owner's eyes only.
        folder.chmod(0o700)
    accepted, rejected = StringIO(), StringIO()
    to_print, to_reject = csv.writer(accepted), csv.writer(rejected)
    to_print.writerow(_COLUMNS)
    to_reject.writerow((*_COLUMNS, "reason", "characters"))
    printed = refused = 0
    is_fit = _printable(job)
    for order in orders:
        fault = is_fit(at_site(order.name, order.site))
        if fault is None:
            to_print.writerow(order)
            printed += 1
        else:
            # Spreadsheets run a cell that begins like a formula.
            name = f"'{order.name}" if order.name[:1] in "=+-@" else order.name
            told = order._replace(name=name, activation="")
            missing = missing_glyphs(at_site(order.name, order.site))
            to_reject.writerow((*told, fault.value, " ".join(missing)))
            refused += 1
    with _whole(folder / "rejected.csv") as file:
        # The mark at the beginning tells spreadsheets that it is UTF-8.
        file.write(rejected.getvalue().encode("utf-8-sig"))
    with _whole(folder / "orders.csv") as file:
        file.write(accepted.getvalue().encode("utf-8"))
    run = Run(folder, job, printed, refused, _sha256(folder / "orders.csv"))
    _save(run)
    return run


def find_run(folder: Path) -> Run | None:
    """Read the run that a folder holds, None when it holds none; ForeignFolder when it cannot go on."""
    path = folder / "manifest.json"
    if not path.exists():
        return None
    said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if said.pop("version", None) != _VERSION:
        raise ForeignFolder(f"{path}: written by another version of this program")
    if said["orders_sha256"] != _sha256(folder / "orders.csv"):
        raise ForeignFolder(f"{folder / 'orders.csv'}: changed since the run began")
    job, volumes = said.pop("job"), said.pop("volumes")
    design = PlaqueDesign(**{**job["design"], "steps": tuple(job["design"]["steps"])})
    return Run(
        folder=folder,
        job=Job(**{**job, "design": design, "on": RunFormat(job["on"])}),
        volumes=tuple(volume for volume in (Volume(**each) for each in volumes) if _is_there(folder, volume)),
        **said,
    )


def orders_of(run: Run) -> Iterator[PlaqueOrder]:
    """Read what a run prints, in order."""
    return _orders_in(run.folder)


def print_run(
    run: Run,
    keys: dict[int, PlaqueKey],
    *,
    progress: Callable[[int, int], None],
    processes: int | None = None,
) -> Run:
    """Print the volumes that are not finished, on all processors; gives the finished run.

    ``keys`` sign, by key id; ``progress`` is told how many plaques of how many are done. ValueError
    when a key is missing, before anything is printed.
    """
    missing = {order.key_id for order in orders_of(run)} - keys.keys()
    if missing:
        raise ValueError(f"no key {', '.join(map(str, sorted(missing)))} to sign with")
    for leftover in run.folder.glob("*.part"):
        leftover.unlink()
    finished = {volume.file for volume in run.volumes}
    names = (_file_name(run.job, number) for number in range(1, -(-run.plaques // run.job.volume_size) + 1))
    waiting = [(number, name) for number, name in enumerate(names) if name not in finished]
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", run.printed)
    progress(run.printed, run.plaques)
    seeds = {key_id: key.to_bytes() for key_id, key in keys.items()}
    at_once = max(1, min(processes or os.cpu_count() or 1, len(waiting)))
    pool = ProcessPoolExecutor(at_once, context, _become_worker, (counter, seeds))
    try:
        tasks = {pool.submit(_print_volume, run.folder / name, number, run.job) for number, name in waiting}
        while tasks:
            done, tasks = wait(tasks, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for task in done:
                volumes = sorted((*run.volumes, task.result()), key=lambda volume: volume.file)
                run = replace(run, volumes=tuple(volumes))
                _save(run)
            progress(counter.value, run.plaques)
    except BaseException:
        # Nobody waits for volumes that will not be listed.
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return run


# --- in the workers ----------------------------------------------------------------------------


class _Worker:
    """What a worker process is given once."""

    counter: Any
    keys: dict[int, PlaqueKey]


def _become_worker(counter: Any, seeds: dict[int, bytes]) -> None:
    _Worker.counter = counter
    _Worker.keys = {key_id: PlaqueKey.from_bytes(key_id, seed) for key_id, seed in seeds.items()}
    parent = multiprocessing.parent_process()
    # A worker whose parent was killed would wait for work for ever.
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _print_volume(path: Path, number: int, job: Job) -> Volume:
    # Read here: with the whole run in the parent, memory would grow with its length.
    start = number * job.volume_size
    orders = list(islice(_orders_in(path.parent), start, start + job.volume_size))
    with _whole(path) as out:
        if job.on.is_picture:
            _write_pictures(out, orders, job)
        else:
            on = PlaqueFormat(job.on.value)
            write_plaques(out, _sheets(orders, job), design=job.design, on=on, per_sheet=job.per_sheet)
    first, last = orders[0].serial, orders[-1].serial
    return Volume(path.name, first, last, len(orders), path.stat().st_size, _sha256(path))


def _sheets(orders: list[PlaqueOrder], job: Job) -> Iterator[PlaqueSheet]:
    """Sign the tokens as they are asked for, and tell how many."""
    for number, order in enumerate(orders, 1):
        url = sign_plaque(order.serial, key=_Worker.keys[order.key_id], prefix=job.prefix)
        yield PlaqueSheet(url, order.name, order.uscc, order.serial, site=order.site, activation=order.activation)
        if number % _TOLD_EVERY == 0 or number == len(orders):
            with _Worker.counter.get_lock():
                _Worker.counter.value += number % _TOLD_EVERY or _TOLD_EVERY


def _write_pictures(out: BinaryIO, orders: list[PlaqueOrder], job: Job) -> None:
    """Write one picture for each plaque into a ZIP, at the size it is to be printed."""
    sheets = list(_sheets(orders, job))
    is_svg = job.on is RunFormat.SVG
    with ZipFile(out, "w", ZIP_DEFLATED if is_svg else ZIP_STORED) as file:
        for sheet, symbol in zip(sheets, encode([sheet.url for sheet in sheets]), strict=True):
            side_mm = symbol_side_mm(len(symbol), on=PlaqueFormat.LABEL)
            picture: str | bytes
            if is_svg:
                picture = draw_svg(symbol, title=f"{sheet.shown} {sheet.uscc}", side_mm=side_mm)
            else:
                picture = draw_png(symbol, module_px=_PIXELS_A_MODULE, side_mm=side_mm)
            # ZipInfo's own date, 1980: the same plaques give the same bytes.
            file.writestr(ZipInfo(f"{sheet.serial:08d}-{sheet.uscc}.{job.on.value}"), picture, file.compression)


# --- helpers -----------------------------------------------------------------------------------


def _printable(job: Job) -> Callable[[str], PrintFault | None]:
    """Give the question whether a name can be printed; ValueError when nothing can, by this job."""
    if job.volume_size < 1:
        raise ValueError(f"a volume holds at least one plaque, not {job.volume_size}")
    modules = plaque_modules(job.prefix)
    if job.on.is_picture:
        symbol_side_mm(modules, on=PlaqueFormat.LABEL)
        return lambda name: None
    on = PlaqueFormat(job.on.value)
    check_glyphs(job.design)
    print_fault("入企码", on=on, modules=modules, per_sheet=job.per_sheet)
    return lambda name: print_fault(name, on=on, modules=modules, per_sheet=job.per_sheet)


def _orders_in(folder: Path) -> Iterator[PlaqueOrder]:
    with (folder / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for serial, key_id, *rest in rows:
            yield PlaqueOrder(int(serial), int(key_id), *rest)


def _file_name(job: Job, number: int) -> str:
    return f"plaques-{number:04d}.{'zip' if job.on.is_picture else 'pdf'}"


def _is_there(folder: Path, volume: Volume) -> bool:
    path = folder / volume.file
    return path.is_file() and path.stat().st_size == volume.size


def _save(run: Run) -> None:
    said = {"version": _VERSION, **asdict(run)}
    del said["folder"]
    with _whole(run.folder / "manifest.json") as file:
        file.write(json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8"))


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is complete and on the disk."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
