"""`ruqi policy …`: check a pack, put it in force, and replay it over the past."""

import json
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import current_app
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from .account.models import Agency
from .clock import day_of
from .db import db
from .policy.checking import check
from .policy.clause import Clause
from .policy.current import forget_policy
from .policy.current import policy as in_force
from .policy.models import PackVersion, pack_in_force
from .policy.pack import Pack, compose, json_schema, read_layers
from .supervision.replay import Replay, replay_on_all_cores
from .visit.counting import recount

Advance = Callable[[int, int], None]


def show_check(console: Console, name: str) -> bool:
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


def apply(console: Console, name: str, *, because: str, dry_run: bool, at: datetime, progress: Advance) -> None:
    """Put a pack in force from now on, after saying what changes; a dry run only says. The caller commits."""
    layers = read_layers(name)
    new, old = compose(layers), in_force()
    _show_difference(console, old, new)
    if dry_run:
        console.print("dry run: nothing was changed")
        return
    keep_pack(layers, at=at, because=because)
    forget_policy()
    counted = recount(policy=new, since=date(day_of(at).year - 1, 1, 1), progress=progress)
    console.print(f"{new.name} is in force; {counted} visits counted anew. Running servers follow within seconds.")


def run_replay(console: Console, name: str, *, first: date, last: date, cores: int, progress: Advance) -> None:
    """Judge the visits of some days by a pack, and print what it would have done."""
    layers = read_layers(name)
    compose(layers)
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    result = replay_on_all_cores(layers, url=url, first=first, last=last, cores=cores, progress=progress)
    show_replay(console, compose(layers), result)


def show_replay(console: Console, pack: Pack, result: Replay) -> None:
    """The counts of a replay by clause, the heaviest first, with the agencies they fell on most."""
    names = {agency.id.hex: agency.name for agency in db.session.scalars(select(Agency))}
    console.print(
        f"{pack.name}: {result.judged} visits; would have blocked {result.blocked}, warned {result.warned}",
        highlight=False,
    )
    by_clause: dict[str, dict[str, int]] = {}
    agencies: dict[str, list[tuple[int, str]]] = {}
    for (clause, agency), counts in result.by_clause.items():
        total = by_clause.setdefault(clause, {"block": 0, "warn": 0})
        for outcome, count in counts.items():
            total[outcome] += count
        agencies.setdefault(clause, []).append((sum(counts.values()), names.get(agency.replace("-", ""), agency)))
    table = Table("clause", "block", "warn", "most at")
    for clause, total in sorted(by_clause.items(), key=lambda each: -sum(each[1].values())):
        count, most = max(agencies[clause])
        title = found.title if (found := pack.find(clause)) else clause
        table.add_row(f"{clause} {title}", str(total["block"]), str(total["warn"]), f"{most} ({count})")
    console.print(table)


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


def _show_difference(console: Console, old: Pack, new: Pack) -> None:
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
