"""`ruqi policy …`: check a pack, put it in force, and replay it over the past."""

import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from rich.table import Table
from sqlalchemy import delete, select

from server.account.models import Agency
from server.clock import day_of, now
from server.db import db
from server.planning.draw import verify
from server.policy.checking import check
from server.policy.clause import Clause
from server.policy.current import forget_policy
from server.policy.current import policy as in_force
from server.policy.models import CalendarDay, PackVersion, calendar_edits, pack_in_force
from server.policy.pack import Pack, compose, json_schema, read_layers
from server.replay.running import Replay, replay_on_all_cores
from server.visit.counting import recount

from .terminal import app_of, console, progress, ready_config, stop, task

Advance = Callable[[int, int], None]
FRIDAY = 5


def show_check(name: str) -> bool:
    """Print what checking a pack found; whether it may be used."""
    report = check(name)
    for fault in report.faults:
        console.print(f"✗ {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
    for warning in report.warnings:
        console.print(f"! {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if report.pack is not None:
        verb = "✗" if report.faults else "✓"
        console.print(
            f"{verb} {report.pack.name} {report.pack.title}: {len(report.pack.clause)} clauses, "
            f"{report.examples} examples, {len(report.warnings)} warnings",
            highlight=False,
        )
    return not report.faults


def schema_text() -> str:
    """The published JSON Schema of a pack file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def adopt(*, at: datetime) -> None:
    """Keep the configured pack as the one in force when none was ever applied; the caller commits."""
    if pack_in_force() is None:
        keep_pack(read_layers(current_app.config["RUQI"].policy_pack), at=at, because="installed")


def apply(name: str, *, because: str, dry_run: bool, at: datetime, progress: Advance) -> None:
    """Put a pack in force from now on, after saying what changes; a dry run only says. The caller commits."""
    layers = read_layers(name)
    new, old = compose(layers), in_force()
    _show_difference(old, new)
    if dry_run:
        console.print("dry run: nothing was changed")
        return
    keep_pack(layers, at=at, because=because)
    forget_policy()
    counted = recount(policy=new, since=date(day_of(at).year - 1, 1, 1), progress=progress)
    console.print(f"{new.name} is in force; {counted} visits counted anew. Running servers follow within seconds.")


def run_replay(name: str, *, first: date, last: date, cores: int, progress: Advance) -> None:
    """Judge the visits of some days by a pack, and print what it would have done."""
    layers = read_layers(name)
    compose(layers)
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    result = replay_on_all_cores(layers, url=url, first=first, last=last, cores=cores, progress=progress)
    show_replay(compose(layers), result)


def show_replay(pack: Pack, result: Replay) -> None:
    """The counts of a replay by clause, the heaviest first, with the agencies they fell on most."""
    names = {agency.id.hex: agency.name for agency in db.session.scalars(select(Agency))}
    console.print(
        f"{pack.name}: {result.judged} visits; would have blocked {result.blocked}, warned {result.warned}",
        highlight=False,
    )
    totals: dict[str, tuple[int, int]] = {}
    most: dict[str, tuple[str, int]] = {}
    for clause, agency, blocked, warned in result.rows():
        so_far = totals.get(clause, (0, 0))
        totals[clause] = so_far[0] + blocked, so_far[1] + warned
        most.setdefault(clause, (names.get(agency.replace("-", ""), agency), blocked + warned))
    table = Table("clause", "block", "warn", "most at")
    for clause, (blocked, warned) in sorted(totals.items(), key=lambda each: -sum(each[1])):
        agency, count = most[clause]
        title = found.title if (found := pack.find(clause)) else clause
        table.add_row(f"{clause} {title}", str(blocked), str(warned), f"{agency} ({count})")
    console.print(table)


def show_calendar(year: int) -> None:
    """The days of a year that differ from a plain week, and where each comes from."""
    entered = calendar_edits()
    days = in_force().calendar
    if not days.is_known(year):
        console.print(f"{year}: nothing announced yet; weeks are plain but for what was entered")
    for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        day = date(year, 1, 1) + timedelta(days=number)
        plain = day.isoweekday() <= FRIDAY
        if days.is_workday(day) != plain or day in entered:
            what = "worked" if days.is_workday(day) else f"free {days.holiday(day) or ''}".strip()
            console.print(f"{day} {what}{' (entered here)' if day in entered else ''}", highlight=False)


def set_day(day: date, kind: str, name: str, *, at: datetime) -> None:
    """Enter a day as `free` or `worked`, or take an entry away (`announced`); the caller commits."""
    db.session.execute(delete(CalendarDay).where(CalendarDay.on == day))
    if kind != "announced":
        db.session.add(CalendarDay(on=day, worked=kind == "worked", name=name or "本地", entered_at=at))
    forget_policy()


def cores_here() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def a_year_until(today: date) -> tuple[date, date]:
    """The days of a replay when none are given."""
    return today - timedelta(days=365), today


def keep_pack(layers: list[tuple[str, str]], *, at: datetime, because: str) -> None:
    """Keep a pack as the one in force from a moment on; the caller commits."""
    pack = compose(layers)
    db.session.add(
        PackVersion(
            name=pack.name,
            digest=pack.digest,
            layers=[list(layer) for layer in layers],
            applied_at=at,
            because=because,
        )
    )


def _show_difference(old: Pack, new: Pack) -> None:
    """Clause by clause what another pack would change."""
    before, after = ({clause.id: clause for clause in pack.clause} for pack in (old, new))
    console.print(f"{old.name} → {new.name}", highlight=False)
    for clause_id in sorted(before.keys() | after.keys()):
        was, becomes = before.get(clause_id), after.get(clause_id)
        if was is None and becomes is not None:
            console.print(f"+ {clause_id}: {becomes.title} ({becomes.action.value})", highlight=False)
        elif becomes is None and was is not None:
            console.print(f"- {clause_id}: {was.title}", highlight=False)
        elif was is not None and becomes is not None and was != becomes:
            console.print(f"~ {clause_id}: {', '.join(_changed(was, becomes))}", highlight=False)


def _changed(was: Clause, becomes: Clause) -> list[str]:
    one, two = (clause.model_dump(mode="json", exclude={"example"}) for clause in (was, becomes))
    changed = []
    for key in two:
        old, new = one.get(key), two.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            changed += [f"{key}.{part} {old.get(part)!r} → {new[part]!r}" for part in new if old.get(part) != new[part]]
        elif old != new:
            changed.append(f"{key} {old!r} → {new!r}")
    return changed


# --- the commands themselves ---------------------------------------------------------------------


@click.group()
def policy() -> None:
    """A city's rules as data: check a pack, put it in force, replay it over the past."""


@policy.command(name="check")
@click.argument("pack")
def check_pack(pack: str) -> None:
    """Validate a pack (a file, or the name of a shipped one) and judge its own examples."""
    sys.exit(0 if show_check(pack) else 1)


@policy.command(name="schema")
def pack_schema() -> None:
    """Write the JSON Schema of a pack file to standard output."""
    click.echo(schema_text(), nl=False)


@policy.command(name="apply")
@click.argument("pack")
@click.option("--because", default="", help="why; kept with the pack")
@click.option("--dry-run", is_flag=True, help="only say what would change")
def apply_pack(pack: str, because: str, dry_run: bool) -> None:
    """Put a pack in force from now on, and count the caps anew."""
    with app_of(ready_config()).app_context(), progress() as bar:
        if not show_check(pack):
            sys.exit(1)
        advance = task(bar)("counting")
        apply(pack, because=because, dry_run=dry_run, at=now(), progress=advance)
        db.session.commit()


@policy.command(name="replay")
@click.argument("pack")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="first day of registration; a year ago")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="last day; today")
@click.option("--cores", default=cores_here, show_default="all", type=click.IntRange(1, 64))
def replay_pack(pack: str, first: datetime | None, last: datetime | None, cores: int) -> None:
    """Say what a pack would have blocked and warned of among past visits."""
    with app_of(ready_config()).app_context(), progress() as bar:
        year = a_year_until(day_of(now()))
        days = {"first": first.date() if first else year[0], "last": last.date() if last else year[1]}
        run_replay(pack, **days, cores=cores, progress=task(bar)("visits"))


@click.group()
def calendar() -> None:
    """Working days: what was announced, and what this city entered."""


@calendar.command(name="show")
@click.argument("year", type=click.IntRange(2004, 2100))
def print_calendar(year: int) -> None:
    """Print the days of a year on which offices work otherwise than Monday to Friday."""
    with app_of(ready_config()).app_context():
        show_calendar(year)


@calendar.command(name="set")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("kind", type=click.Choice(["free", "worked", "announced"]))
@click.argument("name", default="")
def set_calendar(day: datetime, kind: str, name: str) -> None:
    """Enter a day as free or worked, or go back to what was announced; terms begun before keep their ends."""
    with app_of(ready_config()).app_context():
        set_day(day.date(), kind, name, at=now())
        db.session.commit()


@click.group()
def draw() -> None:
    """双随机: random draws that anyone can repeat."""


@draw.command(name="verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_draw(file: Path) -> None:
    """Draw again from a published draw's seed and pools, and compare; needs no server."""
    try:
        published = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        stop(f"{file}: not a published draw: {error}")
    faults = verify(published) if isinstance(published, dict) else ["the file is not a published draw"]
    for fault in faults:
        console.print(f"✗ {fault}", markup=False, highlight=False, soft_wrap=True)
    if not faults:
        console.print(f"✓ {len(published['result'])} enterprises, as committed to: {published['commitment']}")
    sys.exit(1 if faults else 0)
