"""A city's numbers come from its pack, and a bad pack says where it is bad."""

from pathlib import Path

import pytest

from server.policy.pack import PACKS, PackError, load


class TestLoad:
    def test_reads_the_shipped_pack(self) -> None:
        pack = load("chenzhou")

        assert (pack.id, pack.registration.min_inspectors) == ("chenzhou", 2)

    def test_says_which_pack_is_not_there(self) -> None:
        with pytest.raises(PackError, match="atlantis: no such file"):
            load("atlantis")

    def test_names_the_entry_that_is_wrong(self, tmp_path: Path) -> None:
        text = (PACKS / "chenzhou.toml").read_text("utf-8").replace("min_inspectors = 2", "min_inspectors = 0")
        path = tmp_path / "bad.toml"
        path.write_text(text, "utf-8")

        with pytest.raises(PackError, match=r"bad\.toml: registration\.min_inspectors"):
            load(str(path))

    def test_refuses_an_entry_it_does_not_know(self, tmp_path: Path) -> None:
        path = tmp_path / "more.toml"
        path.write_text((PACKS / "chenzhou.toml").read_text("utf-8") + "\nfine = 3\n", "utf-8")

        with pytest.raises(PackError, match=r"evaluation\.fine"):
            load(str(path))

    def test_says_where_the_file_breaks(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.toml"
        path.write_text("id = ", "utf-8")

        with pytest.raises(PackError, match=r"broken\.toml: Invalid value"):
            load(str(path))
