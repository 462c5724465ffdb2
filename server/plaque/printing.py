"""Plaques of very many enterprises, printed in runs that can be ended and gone on with."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import qr
from server.account.rules import region_prefix
from server.config import Config
from server.db import db
from server.enterprise.models import Enterprise

from .models import Plaque

_ROWS_AT_ONCE = 5000


def print_plaques(
    config: Config,
    *,
    out: Path,
    region: str | None,
    limit: int | None,
    on: qr.RunFormat,
    per_sheet: int,
    volume_size: int,
    progress: Callable[[int, int], None],
    seal: Callable[[Sequence[UUID]], list[str]],
) -> qr.Run:
    """Begin a run in the folder ``out``, or go on with the one it holds; gives the finished run.

    `seal` makes a one-time code for each enterprise of a sealed run. ForeignFolder when the folder holds a run for
    something else, ValueError when the run is impossible.
    """
    selection = f"region {region or 'all'}, limit {limit or 'none'}"
    job = qr.Job(config.plaque_prefix, config.plaque_design, on, per_sheet, volume_size, selection)
    run = qr.find_run(out)
    if run is None:
        sealed = seal if on is qr.RunFormat.SEALED else None
        run = qr.begin_run(out, _orders(region, limit, seal=sealed), job)
    elif run.job != job:
        raise qr.ForeignFolder(f"{out} holds a run with other options: repeat those, or choose another folder")
    return qr.print_run(run, config.plaque_signers, progress=progress)


def withdrawn(run: qr.Run) -> int:
    """Write down the plaques of a run that were revoked after it began, and must not be handed out; tells how many."""
    valid = set(db.session.scalars(select(Plaque.serial).where(Plaque.revoked_at.is_(None))))
    gone = [order for order in qr.orders_of(run) if order.serial not in valid]
    path = run.folder / "withdrawn.csv"
    path.unlink(missing_ok=True)
    if gone:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("serial", "uscc"), *((order.serial, order.uscc) for order in gone)])
    return len(gone)


def _orders(
    region: str | None, limit: int | None, *, seal: Callable[[Sequence[UUID]], list[str]] | None
) -> Iterator[qr.PlaqueOrder]:
    """The valid plaques, neighbours together, as a deliverer wants them; with `seal`, a code to seal for each."""
    statement = (
        select(Plaque.serial, Plaque.key_id, Enterprise.name, Enterprise.uscc, Plaque.site, Enterprise.id)
        .join(Plaque.enterprise)
        .where(Plaque.revoked_at.is_(None))
        .order_by(Enterprise.region_code, Enterprise.name, Plaque.serial)
        .limit(limit)
    )
    if region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(region)))
    rows = db.session.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    if seal is None:
        for row in rows:
            yield qr.PlaqueOrder(*row[:5])
        return
    # All of them first: a table is not written while it is read. The codes count before anything is printed, so that
    # no paper carries one that nobody knows.
    wanted = rows.all()
    codes = seal([row[5] for row in wanted])
    db.session.commit()
    yield from (qr.PlaqueOrder(*row[:5], code) for row, code in zip(wanted, codes, strict=True))
