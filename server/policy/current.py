"""The pack in force, for routes and the worker; rules receive it as `policy=`."""

import time
from datetime import date, datetime
from functools import lru_cache

from flask import current_app

from .models import calendar_edits, pack_in_force
from .pack import Pack, compose, load

# A pack changes once in months: a process may be this much behind, and says so when one is applied.
KEPT_S = 5.0


def policy() -> Pack:
    """The pack in force now, on the city's calendar; the configured one before any was applied."""
    kept: tuple[float, Pack] | None = current_app.extensions.get("ruqi_policy")
    if kept is not None and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    version = pack_in_force()
    pack = load(current_app.config["RUQI"].policy_pack) if version is None else _composed(_frozen(version.layers))
    edits = calendar_edits()
    if edits:
        pack = _on(pack, edits)
    current_app.extensions["ruqi_policy"] = (time.monotonic(), pack)
    return pack


def policy_at(at: datetime) -> Pack:
    """The pack that was in force at a moment, on the announced calendar; the configured one before any was applied."""
    version = pack_in_force(at)
    return load(current_app.config["RUQI"].policy_pack) if version is None else _composed(_frozen(version.layers))


def forget_policy() -> None:
    """Read the pack anew at the next question: one was just applied, or a day edited."""
    current_app.extensions.pop("ruqi_policy", None)


def _frozen(layers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((file, text) for file, text in layers)


@lru_cache(maxsize=4)
def _composed(layers: tuple[tuple[str, str], ...]) -> Pack:
    return compose(layers)


def _on(pack: Pack, edits: dict[date, tuple[bool, str]]) -> Pack:
    """The pack on the edited calendar; the same object while neither has changed, since it remembers what it judged."""
    kept: tuple[Pack, dict[date, tuple[bool, str]], Pack] | None = current_app.extensions.get("ruqi_edited_policy")
    if kept is None or kept[0] is not pack or kept[1] != edits:
        kept = (pack, edits, pack.with_calendar(pack.calendar.edited(edits)))
        current_app.extensions["ruqi_edited_policy"] = kept
    return kept[2]
