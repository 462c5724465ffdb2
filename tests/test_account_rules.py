"""Who is signed in, and when a password is too weak: in memory, at the edges."""

from typing import Any

import pytest

from server.account.models import Account, Device
from server.account.rules import (
    covers,
    is_live,
    refuse_sign_in,
    refuse_weak,
    region_prefix,
    revoke,
    rotate,
    token_hash,
)

from .factories import DAY, HOUR, NOW, refused


class TestPassword:
    @pytest.mark.parametrize(
        "password", ["abcdefghi1", "ABCDEFGHI1", "abcdefghiJ", "1234567890!", "密码密码密码密码密1"]
    )
    def test_of_ten_characters_of_two_kinds_is_taken(self, password: str) -> None:
        assert refuse_weak(password, username="sunli") is None  # nothing is raised

    @pytest.mark.parametrize(
        "password",
        ["abcdefgh1", "abcdefghij", "ABCDEFGHIJ", "1234567890", "!!!!!!!!!!", "sunli12345", "xxSunLi12345", ""],
    )
    def test_that_is_short_plain_or_the_name_is_refused(self, password: str) -> None:
        assert refused(lambda: refuse_weak(password, username="sunLi")) == ("password_too_weak", 422, {})


class TestSignIn:
    def test_lets_in_and_forgets_the_failures(self) -> None:
        account = Account(failed_count=3, locked_until_at=NOW - HOUR)

        assert refuse_sign_in(account, matches=True, at=NOW) is account
        assert (account.failed_count, account.locked_until_at) == (0, None)

    @pytest.mark.parametrize(("matches", "disabled_at"), [(False, None), (True, NOW - HOUR), (False, NOW - HOUR)])
    def test_counts_what_it_refuses(self, matches: bool, disabled_at: Any) -> None:
        account = Account(failed_count=0, disabled_at=disabled_at)

        assert refused(lambda: refuse_sign_in(account, matches=matches, at=NOW)) == ("bad_credentials", 401, {})
        assert account.failed_count == 1

    def test_tells_a_name_that_nobody_has_the_same(self) -> None:
        assert refused(lambda: refuse_sign_in(None, matches=True, at=NOW)) == ("bad_credentials", 401, {})

    def test_counts_nothing_while_it_is_locked(self) -> None:
        account = Account(failed_count=5, locked_until_at=NOW + HOUR)

        assert refused(lambda: refuse_sign_in(account, matches=True, at=NOW))[:2] == ("locked_out", 429)
        assert account.failed_count == 5


class TestRegion:
    @pytest.mark.parametrize(
        ("code", "prefix"), [("430000", "43"), ("431000", "4310"), ("431002", "431002"), ("430100", "4301"),
         ("000000", "00")]
    )  # fmt: skip
    def test_is_named_by_its_leading_digits(self, code: str, prefix: str) -> None:
        assert region_prefix(code) == prefix

    @pytest.mark.parametrize(
        ("mine", "other", "covered"),
        [("430000", "431022", True), ("431000", "431022", True), ("431022", "431022", True),
         ("431022", "431002", False),
         ("440000", "431022", False), (None, "431022", False)],
    )  # fmt: skip
    def test_covers_what_lies_below(self, mine: str | None, other: str, covered: bool) -> None:
        assert covers(mine, other) is covered


def a_device() -> Device:
    """A phone with a token that was never exchanged."""
    return Device(label="手机", token_hash=token_hash("first"), created_at=NOW, used_at=NOW)


class TestToken:
    def test_is_exchanged_for_the_next(self) -> None:
        device = a_device()

        assert rotate(device, presented="first", fresh="second", at=NOW + DAY) is True

        assert (device.token_hash, device.previous_hash, device.used_at) == (
            token_hash("second"), token_hash("first"), NOW + DAY
        )  # fmt: skip
        assert (device.revoked_at, device.revoked_because) == (None, None)

    @pytest.mark.parametrize("presented", ["first", "guessed", ""])
    def test_that_somebody_else_has_too_ends_the_device(self, presented: str) -> None:
        device = a_device()
        rotate(device, presented="first", fresh="second", at=NOW)

        assert rotate(device, presented=presented, fresh="third", at=NOW + HOUR) is False

        assert (device.revoked_at, device.revoked_because) == (NOW + HOUR, "token_reused")
        assert (device.token_hash, device.used_at) == (token_hash("second"), NOW)

    def test_keeps_the_one_before_while_its_answer_may_have_been_lost(self) -> None:
        device = a_device()
        rotate(device, presented="first", fresh="second", at=NOW)

        assert rotate(device, presented="first", fresh="third", at=NOW) is True

        assert (device.previous_hash, device.token_hash) == (token_hash("first"), token_hash("third"))

    def test_of_an_ended_device_is_worth_nothing_and_the_first_reason_stays(self) -> None:
        device = a_device()

        assert is_live(device, at=NOW)
        revoke(device, because="lost", at=NOW)
        revoke(device, because="again", at=NOW + DAY)

        assert (is_live(device, at=NOW), device.revoked_at, device.revoked_because) == (False, NOW, "lost")
