"""May this enterprise be added, and how its code is read: in memory."""

from typing import Any

import pytest

from server.account.models import Region, Role
from server.account.rules import Actor
from server.enterprise.models import EnterpriseKind
from server.enterprise.rules import add
from server.enterprise.uscc import Uscc, find_uscc, read_uscc
from server.ids import new_id

from .factories import Cast, refused

CODE = "91431081YYYY000550"


def added(cast: Cast, by: Actor, **changes: Any) -> Any:
    """The tea factory, added by somebody."""
    values = {"uscc": CODE, "name": "资兴茶厂", "address": "东江湖路8号", "region": cast.beihu, "there": None}
    return add(**{**values, **changes}, by=by)


def desk(region: str | None) -> Actor:
    """Somebody whose desk is of this region."""
    return Actor(account_id=new_id(), role=Role.ADMINISTRATOR, region_code=region)


class TestAdd:
    def test_keeps_what_was_typed_and_what_the_code_says(self) -> None:
        cast = Cast()

        firm = added(cast, desk("431000"), uscc=" 92431081yyyy00055x ")

        assert (firm.uscc, firm.name, firm.address) == ("92431081YYYY00055X", "资兴茶厂", "东江湖路8号")
        assert (firm.region, firm.region_code, firm.kind) == (cast.beihu, "431002", EnterpriseKind.SOLE_TRADER)
        assert (firm.uscc_doubtful, added(cast, desk("431000")).uscc_doubtful) == (True, False)
        assert added(cast, desk("431000")).kind is EnterpriseKind.COMPANY

    @pytest.mark.parametrize(
        ("region", "taken"), [("431000", True), ("431002", True), ("431022", False), ("440000", False), (None, True)]
    )
    def test_is_for_a_desk_above_or_for_an_inspector_anywhere(self, region: str | None, taken: bool) -> None:
        cast = Cast()
        unknown = {"errors": [{"field": "region_code", "fault": "unknown", "limit": None, "message": "unknown"}]}

        if taken:
            assert added(cast, desk(region)).region_code == "431002"
        else:
            assert refused(lambda: added(cast, desk(region))) == ("unknown_reference", 422, unknown)
        assert refused(lambda: added(cast, desk(region), region=None)) == ("unknown_reference", 422, unknown)

    def test_names_whoever_has_the_code_already_and_a_code_that_is_none(self) -> None:
        cast = Cast()
        there = {"enterprise": {"id": str(cast.bakery.id), "name": "林邑糕点厂"}}
        malformed = {"errors": [{"field": "uscc", "fault": "malformed", "limit": None, "message": "malformed"}]}

        assert refused(lambda: added(cast, desk("431000"), there=cast.bakery)) == ("enterprise_exists", 409, there)
        assert refused(lambda: added(cast, desk("431000"), uscc="123")) == ("invalid_input", 422, malformed)

    def test_needs_no_region_of_an_inspector_but_one_that_exists(self) -> None:
        region = Region(code="431022", name="宜章县", parent_code="431000")

        assert added(Cast(), desk(None), region=region).region is region


class TestUscc:
    @pytest.mark.parametrize(
        ("text", "doubtful"),
        [("91431081YYYY000550", False), ("91431081YYYY000551", True), ("91431002YYYY000125", False)],
    )
    def test_is_doubted_by_its_last_character_alone(self, text: str, doubtful: bool) -> None:
        assert read_uscc(text) == Uscc(text, doubtful)

    @pytest.mark.parametrize(
        "text", ["９１４３１０８１ＹＹＹＹ０００５５０", "9143-1081 yyyy000550", " 91431081YYYY000550 "]
    )
    def test_is_read_however_it_is_written(self, text: str) -> None:
        assert read_uscc(text) == Uscc(CODE, doubtful=False)

    @pytest.mark.parametrize("text", ["", CODE[:-1], CODE + "0", "9143108OYYYY000550", "91431081IYYY000550"])
    def test_is_none_of_another_shape(self, text: str) -> None:
        assert read_uscc(text) is None

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (f"https://x.cn/?uniscid={CODE.lower()}&a=1", CODE),
            (f"{CODE}\n{CODE}", CODE),
            (f"{CODE} 91431002YYYY000125", None),
            (f"{CODE[:-1]}1", None),
            (f"{CODE[:-1]}1 {CODE}", CODE),
            (f"1{CODE}", None),
            ("没有代码", None),
        ],
    )
    def test_is_found_when_it_stands_alone_and_its_sum_agrees(self, text: str, found: str | None) -> None:
        assert find_uscc(text) == (Uscc(found, doubtful=False) if found else None)
