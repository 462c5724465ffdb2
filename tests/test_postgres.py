"""The tests' PostgreSQL: which one is taken, what is said when none can be had, and that each kind starts."""

import os
from pathlib import Path

import psycopg
import pytest

from .postgres import (
    SPARE_WHEEL,
    WHEEL,
    NoPostgres,
    Server,
    candidates,
    first_that_starts,
    running_postgres,
)


def programs(folder: Path, *names: str) -> Path:
    """A folder of programs that do nothing."""
    folder.mkdir(parents=True)
    for name in names or ("initdb", "postgres"):
        (folder / name).touch(mode=0o755)
    return folder


class TestCandidates:
    def test_are_the_wheel_then_what_is_installed_then_the_other_wheel(self, tmp_path: Path) -> None:
        wheel, spare = programs(tmp_path / "wheel"), programs(tmp_path / "spare")
        on_path = programs(tmp_path / "somewhere")
        old, new = programs(tmp_path / "installed/9/bin"), programs(tmp_path / "installed/17/bin")

        found = candidates(
            path=str(on_path), installed=tmp_path / "installed", wheel={WHEEL: wheel, SPARE_WHEEL: spare}.get
        )

        assert [each for _, each in found] == [wheel, on_path, new, old, spare]

    def test_leave_out_what_has_not_all_programs(self, tmp_path: Path) -> None:
        client_only = programs(tmp_path / "installed/15/bin", "initdb", "psql")

        assert client_only.exists()
        assert list(candidates(path="", installed=tmp_path / "installed", wheel=lambda package: None)) == []

    def test_follow_a_link_to_where_the_rest_is(self, tmp_path: Path) -> None:
        real, linked = programs(tmp_path / "real"), tmp_path / "linked"
        linked.mkdir()
        (linked / "initdb").symlink_to(real / "initdb")

        [(_, found)] = candidates(path=str(linked), installed=tmp_path / "none", wheel=lambda package: None)

        assert found == real


class TestFirstThatStarts:
    def test_goes_on_to_the_next_when_one_does_not_start(self, tmp_path: Path) -> None:
        def start(place: Path) -> Server:
            if place.name != "third":
                raise OSError("broken")
            return Server("postgresql://", place)

        started = first_that_starts([(name, tmp_path / name) for name in ("first", "second", "third", "last")], start)

        assert started.programs.name == "third"

    def test_says_in_one_sentence_what_was_tried(self, tmp_path: Path) -> None:
        def start(place: Path) -> Server:
            raise OSError("exec format error")

        with pytest.raises(NoPostgres, match=r"apt-get install postgresql\); tried the wheel \(exec format error\)$"):
            first_that_starts([("the wheel", tmp_path)], start)

    def test_says_in_one_sentence_that_there_is_none(self) -> None:
        with pytest.raises(NoPostgres, match=r"run bin/setup --dev.*; neither a wheel nor an installed one was found$"):
            first_that_starts([], lambda place: Server("", place))


@pytest.mark.outside
class TestRunningPostgres:
    @pytest.mark.parametrize("name", [name for name, _ in candidates()])
    def test_serves_from_every_place_that_has_one(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        places = dict(candidates())
        monkeypatch.setattr("tests.postgres.candidates", lambda: [(name, places[name])])

        with running_postgres() as server, psycopg.connect(server.url) as connection:
            owner = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()

        assert owner == (True,)
        assert not Path(server.url.partition("host=")[2]).exists()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that are closed to others")
    def test_serves_from_a_folder_that_is_closed_to_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        name, place = next(iter(candidates()))
        package = place.parents[1]
        for part in (package, *package.parent.glob(f"{package.name}*.libs")):
            (closed / part.name).symlink_to(part)
        within = closed / place.relative_to(package.parent)
        monkeypatch.setattr("tests.postgres.candidates", lambda: [(name, within)])

        with running_postgres() as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
