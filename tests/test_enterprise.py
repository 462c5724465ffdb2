"""Enterprises: their codes, and who sees them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.enterprise.uscc import read_uscc

from .factories import Cast
from .test_loop import code_of


class TestReadUscc:
    # Real codes whose sums were computed by hand, and lawful early ones that fail (domain notes, d1).
    @pytest.mark.parametrize(
        "text",
        ["914403001922038216", "91440300708461136T", "91440300192317458F", "9144030071526726XG"],
    )
    def test_takes_a_right_code(self, text: str) -> None:
        assert read_uscc(text) is not None
        assert read_uscc(text).doubtful is False  # type: ignore[union-attr]

    @pytest.mark.parametrize("text", ["91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P"])
    def test_doubts_but_never_blocks_a_lawful_code_whose_sum_fails(self, text: str) -> None:
        assert read_uscc(text).doubtful is True  # type: ignore[union-attr]

    def test_reads_lower_case_full_width_and_gaps(self) -> None:
        found = read_uscc(" 9143 1002 yyyy 0001 25 ")

        assert found is not None
        assert found.text == "91431002YYYY000125"

    @pytest.mark.parametrize("text", ["", "91431002YYYY00012", "91431002YYYY0001255", "91431OO2YYYY000125"])
    def test_refuses_a_wrong_shape(self, text: str) -> None:
        assert read_uscc(text) is None

    @given(st.text(max_size=40))
    def test_never_breaks(self, text: str) -> None:
        read_uscc(text)


class TestEnterpriseEndpoint:
    def test_finds_by_name_and_by_part_of_the_code(self, as_: Any, cast: Cast) -> None:
        by_name = as_("li_na").get("/enterprises?q=糕点").json["items"]
        by_code = as_("li_na").get("/enterprises?q=91431003yyyy").json["items"]

        assert [row["name"] for row in by_name] == ["林邑糕点厂"]
        assert [row["name"] for row in by_code] == ["苏仙铸造厂"]

    def test_takes_a_percent_sign_as_a_letter(self, as_: Any, cast: Cast) -> None:
        assert as_("li_na").get("/enterprises?q=%25").json["items"] == []

    def test_shows_the_signed_address_only_to_those_who_print(self, as_: Any, cast: Cast) -> None:
        url = f"/enterprises/{cast.bakery.id}"

        assert as_("li_na").get(url).json["plaques"][0]["url"] is None
        assert as_("bakery").get(url).json["plaques"][0]["url"] == code_of(1001)
        assert as_("bakery").get(f"/enterprises/{cast.foundry.id}").status_code == 404

    def test_keeps_a_county_to_its_own(self, as_: Any, cast: Cast) -> None:
        assert as_("zhou_ping").get("/enterprises").json["items"] == []
