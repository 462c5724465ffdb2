"""`ruqi policy …`: check, apply with a dry run, and replay, as an operator types them."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.commands.policy import adopt, apply
from server.policy.current import forget_policy, policy, policy_at
from server.policy.models import CalendarDay, PackVersion
from server.policy.pack import PACKS, load
from server.visit.stages import Stage
from server.visit.verdicts import VisitCounter

from . import shell
from .factories import DAY, NOW, Cast, visit_at
from .live import copy_of, environment

STRICT = """
id = "strict"
version = "2"
title = "从严"
extends = "chenzhou"
[[clause]]
id = "cap-agency"
kind = "cap"
title = "一年一次"
action = "block"
per = "agency"
times = 1
source = { title = "草案" }
[[clause.example]]
case = { past = [{ day = "2026-02-02" }] }
expect = "block"
"""

# Commands run as processes of their own.
pytestmark = pytest.mark.outside


def ruqi(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One command, as it is typed."""
    return shell.ruqi(env if env is not None else dict(os.environ), *words)


class Console:
    """Keeps what was printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def print(self, text: Any = "", **_: Any) -> None:
        self.lines.append(str(text))


class TestCheck:
    def test_accepts_a_shipped_pack_and_names_the_faults_of_another(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.toml"
        bad.write_text(STRICT.replace("times = 1", "times = -1"), "utf-8")

        good, failed = ruqi("policy", "check", "chenzhou"), ruqi("policy", "check", str(bad))

        assert (good.returncode, "✓ chenzhou@" in good.stdout) == (0, True), good
        assert (failed.returncode, "bad.toml:12: [cap-agency] times:" in failed.stdout) == (1, True), failed.stdout

    def test_writes_the_published_schema(self) -> None:
        assert ruqi("policy", "schema").stdout == (PACKS / "schema.json").read_text("utf-8")


class TestApply:
    @pytest.fixture(autouse=True)
    def fresh(self, app: Any, db: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        """What a process remembers of the pack belongs to one test; so does what it prints."""
        self.console = Console()
        monkeypatch.setattr("server.commands.policy.console", self.console)
        forget_policy()
        yield
        forget_policy()

    def applied(self, db: Any, folder: Path, *, dry_run: bool = False) -> list[str]:
        """Apply the strict pack; what was printed."""
        path = folder / "strict.toml"
        path.write_text(STRICT, "utf-8")
        apply(str(path), because="市政府会议", dry_run=dry_run, at=NOW, progress=lambda done, total: None)
        db.session.commit()
        return self.console.lines

    def test_says_what_would_change_and_changes_nothing_dry(self, cast: Cast, db: Any, tmp_path: Path) -> None:
        lines = self.applied(db, tmp_path, dry_run=True)

        assert any("~ cap-agency" in line and "'warn' → 'block'" in line for line in lines), lines
        assert policy().name == "chenzhou@2026.11"
        assert db.session.scalars(select(PackVersion)).all() == []

    def test_puts_a_pack_in_force_and_counts_by_it(self, cast: Cast, db: Any, keep: Any, tmp_path: Path) -> None:
        for weeks in (2, 4, 6):
            keep(visit_at(Stage.RECORDED, cast, at=NOW - weeks * 7 * DAY))

        self.applied(db, tmp_path)

        assert policy().name == "strict@2"
        counter = db.session.scalars(select(VisitCounter).where(VisitCounter.clause_id == "cap-agency")).one()
        # Three were there before the cap of one: they stay, as passed, and a fourth is blocked.
        assert (counter.used, counter.most, counter.lifted) == (3, 1, 2)

    def test_lets_the_pack_of_any_day_be_read_again(self, cast: Cast, db: Any, tmp_path: Path) -> None:
        adopt(at=NOW - 30 * DAY)
        self.applied(db, tmp_path)

        assert policy_at(NOW - DAY).name == "chenzhou@2026.11"
        assert policy_at(NOW + DAY).name == "strict@2"
        assert policy_at(NOW - DAY).digest == load("chenzhou").digest

    def test_follows_an_edited_calendar(self, cast: Cast, db: Any) -> None:
        day = datetime(2026, 3, 24, tzinfo=UTC).date()
        assert policy().calendar.is_workday(day)

        db.session.add(CalendarDay(on=day, worked=False, name="地方节日", entered_at=NOW))
        db.session.commit()
        forget_policy()

        assert not policy().calendar.is_workday(day)
        assert policy() is policy()


class TestCalendar:
    def test_shows_a_year_and_takes_a_days_entry(self, tmp_path: Path) -> None:
        env = environment(tmp_path)
        ruqi("migrate", env=env)

        before = ruqi("calendar", "show", "2026", env=env).stdout
        ruqi("calendar", "set", "2026-03-24", "free", "地方节日", env=env)
        entered = ruqi("calendar", "show", "2026", env=env).stdout
        ruqi("calendar", "set", "2026-03-24", "announced", env=env)

        assert "2026-10-10 worked" in before
        assert "2026-03-24" not in before
        assert "2026-03-24 free 地方节日 (entered here)" in entered
        assert ruqi("calendar", "show", "2026", env=env).stdout == before
        assert "nothing announced" in ruqi("calendar", "show", "2031", env=env).stdout


class TestReplay:
    def test_prints_what_a_pack_would_have_done(self, demo: dict[str, str], tmp_path: Path) -> None:
        env = copy_of(demo, tmp_path / "city")

        one = ruqi("policy", "replay", "chengdu", "--from", "2020-01-01", "--cores", "1", env=env)
        two = ruqi("policy", "replay", "chengdu", "--from", "2020-01-01", "--cores", "2", env=env)

        first = next(line for line in one.stdout.splitlines() if line.startswith("chengdu@"))
        assert "would have blocked" in first
        assert int(first.split()[1]) > 125
        assert first in two.stdout, (one.stdout, two.stdout)

    def test_keeps_the_configured_pack_as_the_first_one_in_force(self, tmp_path: Path) -> None:
        env = environment(tmp_path, POLICY_PACK="shenzhen")

        ruqi("migrate", env=env)
        applied = ruqi("policy", "apply", "shanghai", "--dry-run", env=env)

        assert "shenzhen@2026.11 → shanghai@2026.11" in applied.stdout, applied
