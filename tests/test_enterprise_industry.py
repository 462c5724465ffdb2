"""GB/T 4754-2017: which section a division belongs to, first and last division of each."""

import pytest

from server.enterprise.industry import sector_of

SECTIONS = {
    "A": ("01", "05"), "B": ("06", "12"), "C": ("13", "43"), "D": ("44", "46"), "E": ("47", "50"), "F": ("51", "52"),
    "G": ("53", "60"), "H": ("61", "62"), "I": ("63", "65"), "J": ("66", "69"), "K": ("70", "70"), "L": ("71", "72"),
    "M": ("73", "75"), "N": ("76", "79"), "O": ("80", "82"), "P": ("83", "83"), "Q": ("84", "85"), "R": ("86", "90"),
    "S": ("91", "96"), "T": ("97", "97"),
}  # fmt: skip


class TestSector:
    @pytest.mark.parametrize("letter", SECTIONS)
    def test_reaches_from_its_first_to_its_last_division(self, letter: str) -> None:
        first, last = SECTIONS[letter]

        assert [sector_of(first), sector_of(last), sector_of(f"{last}32")] == [
            f"{letter}{first}", f"{letter}{last}", f"{letter}{last}32",
        ]  # fmt: skip

    @pytest.mark.parametrize("code", [None, "", "00", "98", "99", "x1", "C14"])
    def test_is_none_for_what_names_no_division(self, code: str | None) -> None:
        assert sector_of(code) == ""
