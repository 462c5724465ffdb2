"""Handing the city's key over, taking one back, and telling phones what no longer counts."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import qr
from server.config import Config
from server.scan.models import Scan
from server.visit.stages import Stage
from server.worker import tick

from . import shell
from .conftest import Hand
from .factories import NOW, Cast, visit_at
from .live import environment


def ruqi(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command on an installation of its own."""
    return shell.ruqi(environment(folder), *words)


def config_of(folder: Path) -> Config:
    """What a process that starts now reads."""
    return Config(data_dir=folder, public_url="https://ruqi.test")


@pytest.mark.outside
class TestRotate:
    def test_only_plans_until_told(self, tmp_path: Path) -> None:
        planned = ruqi(tmp_path, "keys", "rotate")

        assert (planned.returncode, "nothing was changed" in planned.stdout) == (0, True), planned
        assert "key 0 retires, key 1 signs" in planned.stdout
        assert not (tmp_path / "keys" / "ring.json").exists()

    def test_lets_old_plaques_verify_and_signs_new_ones_with_the_new_key(self, tmp_path: Path) -> None:
        before = config_of(tmp_path)
        old = qr.sign_plaque(1, key=before.plaque_signer, prefix=before.plaque_prefix)

        ruqi(tmp_path, "keys", "rotate", "--yes")

        after = config_of(tmp_path)
        new = qr.sign_plaque(2, key=after.plaque_signer, prefix=after.plaque_prefix)
        assert (after.signing_key_id, sorted(after.plaque_signers)) == (1, [0, 1])
        assert qr.open_plaque(old, keys=after.plaque_ring, prefix=after.plaque_prefix) == qr.Plaque(1, 0)
        assert qr.open_plaque(new, keys=after.plaque_ring, prefix=after.plaque_prefix) == qr.Plaque(2, 1)
        listed = ruqi(tmp_path, "keys", "list").stdout.split()
        assert (listed[1], listed[4]) == ("retired", "signing")

    def test_can_go_on_until_sixteen(self, tmp_path: Path) -> None:
        for _ in range(2):
            assert ruqi(tmp_path, "keys", "rotate", "--yes").returncode == 0

        assert config_of(tmp_path).signing_key_id == 2


@pytest.mark.outside
class TestRevoke:
    def test_refuses_everything_a_leaked_key_signed(self, tmp_path: Path) -> None:
        before = config_of(tmp_path)
        old = qr.sign_plaque(1, key=before.plaque_signer, prefix=before.plaque_prefix)
        first = ruqi(tmp_path, "keys", "revoke", "0", "--yes")
        ruqi(tmp_path, "keys", "rotate", "--yes")

        revoked = ruqi(tmp_path, "keys", "revoke", "0", "--yes")

        after = config_of(tmp_path)
        assert (first.returncode, revoked.returncode) == (2, 0), (first, revoked)
        with pytest.raises(qr.BadCode) as refused:
            qr.open_plaque(old, keys=after.plaque_ring, prefix=after.plaque_prefix)
        assert refused.value.reason is qr.CodeFault.REVOKED_KEY
        assert "0" not in after.plaque_ring.to_hex()

    def test_knows_no_key_that_never_was(self, tmp_path: Path) -> None:
        failed = ruqi(tmp_path, "keys", "revoke", "9", "--yes")

        assert (failed.returncode, "there is no key 9" in failed.stderr) == (2, True)

    def test_leaves_keys_of_the_environment_alone(self, tmp_path: Path) -> None:
        env = environment(tmp_path, PLAQUE_KEYS=f"3:{'11' * 32}", PLAQUE_KEY_ID="3")

        failed = shell.ruqi(env, "keys", "rotate")

        assert (failed.returncode, "PLAQUE_KEYS" in failed.stderr) == (2, True)


class TestRevocations:
    def test_are_one_signed_list_that_only_grows(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any, app: Any
    ) -> None:
        config: Config = app.config["RUQI"]

        def read() -> qr.Revocations:
            text = nobody.get("/revocations").json["list"]
            return qr.open_revocations(text, keys=config.plaque_ring, prefix=config.plaque_prefix)

        before = read()
        as_("ma_lin").post("/plaques/1001/revocations", {"reason": "丢失"})
        after = read()

        assert (before.serials, after.serials) == (frozenset(), {1001})
        assert after.sequence > before.sequence
        assert after.covers(qr.Plaque(1001, 0))


class TestForgetting:
    @pytest.fixture(autouse=True)
    def no_outer_gate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The test's own transaction already holds the writer's place."""
        from contextlib import nullcontext

        monkeypatch.setattr("server.worker.writer_gate", lambda url: nullcontext())

    def test_drops_places_after_the_packs_days_and_keeps_the_grade(self, cast: Cast, keep: Any, db: Any) -> None:
        story = visit_at(Stage.RECORDED, cast)
        for scan in story.scans:
            scan.latitude, scan.longitude, scan.accuracy_m = 25.78, 113.01, 9
        keep(story)

        tick(NOW + timedelta(days=179))
        kept = db.session.scalars(select(Scan.latitude)).all()
        db.session.commit()
        tick(NOW + timedelta(days=181))

        scans = db.session.execute(select(Scan.latitude, Scan.presence)).all()
        assert kept == [25.78, 25.78]
        assert [(row.latitude, row.presence.value) for row in scans] == [(None, "fair"), (None, "fair")]
