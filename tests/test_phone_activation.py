"""May this text or this slip enrol a phone: on objects in memory."""

from typing import Any

import pytest

from server.account.models import Account, Role
from server.account.rules import Actor
from server.ids import new_id
from server.phone.activation import hash_of, holds, make_digits, may_send, refuse_text, text_of
from server.phone.models import Phone, PhoneRole, SmsCode
from server.phone.rules import end, enrol, hand_over, read_key

from .factories import HOUR, MINUTE, NOW, refused

FIRM, OTHER, OWNER, CLERK = new_id(), new_id(), new_id(), new_id()
SECRET = b"x" * 32


def a_text(**changes: Any) -> SmsCode:
    """123456, texted a moment ago."""
    digits = hash_of("123456", enterprise_id=FIRM, secret=SECRET)
    values = {"enterprise_id": FIRM, "code_hash": digits, "sent_at": NOW, "expires_at": NOW + 10 * MINUTE, "tries": 0}
    return SmsCode(**{**values, **changes})


class TestText:
    @pytest.mark.parametrize(
        ("changes", "digits", "secret", "expected"),
        [
            ({}, "123456", SECRET, True),
            ({}, "123457", SECRET, False),
            ({}, "123456", b"y" * 32, False),
            ({"enterprise_id": OTHER}, "123456", SECRET, False),
            ({"used_at": NOW}, "123456", SECRET, False),
            ({"tries": 4}, "123456", SECRET, True),
            ({"tries": 5}, "123456", SECRET, False),
            ({"tries": 6}, "123456", SECRET, False),
            ({"expires_at": NOW}, "123456", SECRET, True),
        ],
    )
    def test_enrols_with_its_own_digits(self, changes: Any, digits: str, secret: bytes, expected: bool) -> None:
        assert holds(a_text(**changes), digits, secret=secret, at=NOW) is expected

    def test_that_nobody_sent_holds_nothing(self) -> None:
        assert holds(None, "123456", secret=SECRET, at=NOW) is False

    def test_is_given_when_its_digits_are_right_and_counted_when_not(self) -> None:
        code = a_text()

        assert refuse_text(code, "123456", secret=SECRET, at=NOW) is code
        assert code.tries == 0
        for tries in (1, 2):
            wrong = refused(lambda: refuse_text(code, "000000", secret=SECRET, at=NOW))
            assert (wrong, code.tries) == (("bad_sms_code", 422, {}), tries)

    def test_has_six_digits_and_says_so_in_one_sentence(self) -> None:
        many = [make_digits() for _ in range(200)]

        assert {len(digits) for digits in many} == {6}
        assert all(digits.isdecimal() for digits in many)
        assert text_of("012345") == (
            "【入企码】012345 是开通企业手机的验证码，10 分钟内有效。任何检查人员都不会向您索要。"
        )

    @pytest.mark.parametrize(
        ("ago", "expected"),
        [
            ([], True),
            ([MINUTE], True),
            ([MINUTE / 2], False),
            ([HOUR, MINUTE / 2], False),
            ([HOUR] * 4, True),
            ([HOUR] * 5, False),
            ([HOUR] * 4 + [24 * HOUR], True),
        ],
    )
    def test_goes_out_once_a_minute_and_five_times_a_day(self, ago: Any, expected: bool) -> None:
        assert may_send([a_text(sent_at=NOW - each) for each in ago], at=NOW) is expected


def by(account_id: Any, role: Role = Role.ENTERPRISE) -> Actor:
    """Somebody of the firm."""
    return Actor(account_id=account_id, role=role, enterprise_id=FIRM)


def a_phone(number: int, account_id: Any, role: PhoneRole | None) -> Phone:
    """A phone of the firm."""
    return Phone(number=number, account_id=account_id, enterprise_id=FIRM, role=role, label="手机")


class TestPhone:
    @pytest.mark.parametrize("text", ["", "a", "ab", "abc", "!!!!", "A" * 87, "汉字"])
    def test_key_that_is_none_is_refused(self, text: str) -> None:
        assert refused(lambda: read_key(text)) == ("bad_phone_key", 422, {})

    def test_is_enrolled_as_what_it_is(self) -> None:
        firm, person = Account(id=OWNER, enterprise_id=FIRM), Account(id=CLERK, inspector_id=OTHER)

        first = enrol(firm, public_key=b"k", label="前台", live=[], at=NOW)
        later = enrol(firm, public_key=b"k", label="前台", live=[first], at=NOW)
        own = enrol(person, public_key=b"k", label="手机", live=[], at=NOW)

        assert (first.role, later.role, own.role) == (PhoneRole.OWNER, PhoneRole.CLERK, None)
        assert (first.account_id, first.enterprise_id, first.public_key, first.label, first.enrolled_at) == (
            OWNER, FIRM, b"k", "前台", NOW
        )  # fmt: skip
        assert (own.account_id, own.enterprise_id, own.inspector_id) == (CLERK, None, OTHER)

    @pytest.mark.parametrize(("live", "expected"), [(4, None), (5, ("phones_full", 409, {"most": 5}))])
    def test_is_one_of_five_at_most(self, live: int, expected: Any) -> None:
        account = Account(id=OWNER, enterprise_id=FIRM)
        phones = [a_phone(number, OWNER, PhoneRole.OWNER) for number in range(live)]

        def enrolled() -> Phone:
            return enrol(account, public_key=b"k", label="前台", live=phones, at=NOW)

        if expected is None:
            assert enrolled().role is PhoneRole.CLERK
        else:
            assert refused(enrolled) == expected

    def test_changes_hands_by_an_owner_and_leaves_one(self) -> None:
        owner, clerk = a_phone(1, OWNER, PhoneRole.OWNER), a_phone(2, CLERK, PhoneRole.CLERK)
        live = [owner, clerk]

        assert refused(lambda: hand_over(9, PhoneRole.OWNER, live=live, by=by(OWNER))) == ("not_found", 404, {})
        assert refused(lambda: hand_over(2, PhoneRole.OWNER, live=live, by=by(CLERK))) == ("owner_only", 403, {})
        assert refused(lambda: hand_over(1, PhoneRole.CLERK, live=live, by=by(OWNER))) == ("last_owner", 409, {})
        assert hand_over(1, PhoneRole.OWNER, live=live, by=by(OWNER)) == (owner, False)
        assert hand_over(2, PhoneRole.OWNER, live=live, by=by(OWNER)) == (clerk, True)
        assert hand_over(1, PhoneRole.CLERK, live=live, by=by(OWNER)) == (owner, True)
        assert (owner.role, clerk.role) == (PhoneRole.CLERK, PhoneRole.OWNER)

    @pytest.mark.parametrize(
        ("who", "role", "expected"),
        [
            (OWNER, Role.ENTERPRISE, "ended"), (CLERK, Role.ENTERPRISE, "ended"),
            (OTHER, Role.ENTERPRISE, "owner_only"),
            (OTHER, Role.ADMINISTRATOR, "ended"), (OTHER, Role.SUPERVISOR, "owner_only"),
        ],
    )  # fmt: skip
    def test_is_ended_by_its_holder_an_owner_or_the_desk_once(self, who: Any, role: Role, expected: str) -> None:
        clerk = a_phone(2, CLERK, PhoneRole.CLERK)
        live = [a_phone(1, OWNER, PhoneRole.OWNER), clerk]

        if expected == "ended":
            assert end(clerk, because="丢失", live=live, by=by(who, role), at=NOW) is True
            assert end(clerk, because="又丢", live=live, by=by(who, role), at=NOW + HOUR) is False
            assert (clerk.revoked_at, clerk.revoked_by, clerk.revoked_because) == (NOW, who, "丢失")
        else:
            told = refused(lambda: end(clerk, because="丢失", live=live, by=by(who, role), at=NOW))
            assert (told, clerk.revoked_at) == (("owner_only", 403, {}), None)
