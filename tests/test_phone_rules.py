"""Who may enrol a phone, hand one over or end one: on objects in memory."""

import base64
from typing import Any

import pytest

import qr
from server.account.models import Account, Role
from server.account.rules import Actor
from server.ids import new_id
from server.phone.activation import refuse_slip, refuse_text, text_of
from server.phone.models import MOST_PHONES, Phone, PhoneRole, Slip, SlipPurpose, SmsCode
from server.phone.rules import end, enrol, hand_over, is_owner, read_key, told
from server.refusal import Refusal

from .factories import MINUTE, NOW

FIRM, OWNER, CLERK, STRANGER = new_id(), new_id(), new_id(), new_id()
SECRET = b"x" * 32


def a_phone(number: int, account_id: Any = OWNER, role: PhoneRole | None = PhoneRole.OWNER, **more: Any) -> Phone:
    return Phone(number=number, account_id=account_id, enterprise_id=FIRM, role=role, label="手机", **more)


def by(account_id: Any = OWNER, role: Role = Role.ENTERPRISE) -> Actor:
    return Actor(account_id=account_id, role=role, enterprise_id=FIRM if role is Role.ENTERPRISE else None)


def reason(call: Any) -> tuple[str, int]:
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.reason.value, refused.value.status


class TestReadKey:
    def test_takes_what_webcrypto_exports(self) -> None:
        raw = qr.DeviceKey.generate().public.raw

        assert read_key(base64.urlsafe_b64encode(raw).decode().rstrip("=")) == raw

    @pytest.mark.parametrize("text", ["", "!" * 87, "A" * 87, base64.urlsafe_b64encode(b"\x04" + b"\1" * 64).decode()])
    def test_refuses_what_is_no_point_of_the_curve(self, text: str) -> None:
        assert reason(lambda: read_key(text)) == ("bad_phone_key", 422)


class TestEnrol:
    def enrolled(self, live: list[Phone], **account: Any) -> Phone:
        account = {"id": OWNER, "enterprise_id": FIRM, "inspector_id": None, **account}
        return enrol(Account(**account), public_key=b"k", label="柜台", live=live, at=NOW)

    def test_makes_the_first_the_owners(self) -> None:
        phone = self.enrolled([])

        assert (phone.role, phone.enterprise_id, phone.label, phone.enrolled_at) == (PhoneRole.OWNER, FIRM, "柜台", NOW)

    def test_makes_those_after_an_owner_clerks(self) -> None:
        assert self.enrolled([a_phone(1)]).role is PhoneRole.CLERK

    def test_makes_an_owner_again_where_only_clerks_are_left(self) -> None:
        assert self.enrolled([a_phone(1, CLERK, PhoneRole.CLERK)]).role is PhoneRole.OWNER

    def test_gives_an_inspectors_no_role(self) -> None:
        phone = self.enrolled([], enterprise_id=None, inspector_id=STRANGER)

        assert (phone.role, phone.inspector_id) == (None, STRANGER)

    @pytest.mark.parametrize("enterprise_id", [FIRM, None])
    def test_ends_at_five(self, enterprise_id: Any) -> None:
        live = [a_phone(number) for number in range(MOST_PHONES)]

        self.enrolled(live[:-1], enterprise_id=enterprise_id)  # the fifth is taken
        assert reason(lambda: self.enrolled(live, enterprise_id=enterprise_id)) == ("phones_full", 409)


class TestHandOver:
    def test_makes_a_clerk_an_owner(self) -> None:
        live = [a_phone(1), a_phone(2, CLERK, PhoneRole.CLERK)]

        phone, changed = hand_over(2, PhoneRole.OWNER, live=live, by=by())

        assert (phone.number, phone.role, changed) == (2, PhoneRole.OWNER, True)

    def test_of_the_same_role_again_changes_nothing(self) -> None:
        assert hand_over(1, PhoneRole.OWNER, live=[a_phone(1)], by=by())[1] is False

    def test_leaves_an_owner(self) -> None:
        live = [a_phone(1), a_phone(2, CLERK, PhoneRole.CLERK)]

        assert reason(lambda: hand_over(1, PhoneRole.CLERK, live=live, by=by())) == ("last_owner", 409)
        assert live[0].role is PhoneRole.OWNER

    def test_may_give_up_the_own_part_where_another_has_it(self) -> None:
        live = [a_phone(1), a_phone(2, CLERK)]

        assert hand_over(1, PhoneRole.CLERK, live=live, by=by())[0].role is PhoneRole.CLERK

    def test_is_an_owners(self) -> None:
        live = [a_phone(1), a_phone(2, CLERK, PhoneRole.CLERK)]

        assert reason(lambda: hand_over(2, PhoneRole.OWNER, live=live, by=by(CLERK))) == ("owner_only", 403)

    def test_is_of_a_phone_of_the_own_enterprise(self) -> None:
        assert reason(lambda: hand_over(9, PhoneRole.OWNER, live=[a_phone(1)], by=by())) == ("not_found", 404)


class TestEnd:
    @pytest.mark.parametrize(
        ("holder", "who"),
        [
            (CLERK, by(CLERK)),  # the own
            (CLERK, by(OWNER)),  # as an owner another's
            (OWNER, by(OWNER)),  # as the last owner the own: a thief holds it
            (OWNER, by(STRANGER, Role.ADMINISTRATOR)),
        ],
    )
    def test_is_by_the_holder_an_owner_or_the_desk(self, holder: Any, who: Actor) -> None:
        phone = a_phone(2, holder, PhoneRole.CLERK)

        assert end(phone, because="丢失", live=[a_phone(1)], by=who, at=NOW)
        assert (phone.revoked_at, phone.revoked_by, phone.revoked_because) == (NOW, who.account_id, "丢失")

    def test_is_not_by_a_clerk_of_anothers(self) -> None:
        phone = a_phone(1)

        assert reason(
            lambda: end(phone, because="x", live=[phone, a_phone(2, CLERK, PhoneRole.CLERK)], by=by(CLERK), at=NOW)
        ) == ("owner_only", 403)
        assert phone.revoked_at is None

    def test_twice_keeps_the_first_reason(self) -> None:
        phone = a_phone(1, revoked_at=NOW, revoked_by=OWNER, revoked_because="丢失")

        assert not end(phone, because="换机", live=[], by=by(), at=NOW + MINUTE)
        assert (phone.revoked_at, phone.revoked_because) == (NOW, "丢失")


class TestIsOwner:
    def test_holds_of_an_owners_phone_alone(self) -> None:
        live = [a_phone(1), a_phone(2, CLERK, PhoneRole.CLERK)]

        assert [is_owner(by(who), live) for who in (OWNER, CLERK, STRANGER)] == [True, False, False]


class TestTold:
    def test_is_of_the_enterprise_or_of_an_inspectors_account(self) -> None:
        firms = told("phone_enrolled", a_phone(1), by=by().hand, at=NOW, role="clerk")
        own = Phone(number=2, account_id=OWNER, inspector_id=STRANGER, label="手机")

        assert (firms.subject_kind, firms.subject_id, firms.enterprise_id) == ("enterprise", FIRM, FIRM)
        assert firms.after == {"phone": 1, "label": "手机", "role": "clerk"}
        other = told("phone_enrolled", own, by=by().hand, at=NOW)
        assert (other.subject_kind, other.subject_id) == ("account", OWNER)


class TestSlip:
    def test_of_nobody_of_visits_or_used_enrols_nothing(self) -> None:
        fresh = Slip(purpose=SlipPurpose.ACTIVATION)

        assert refuse_slip(fresh) is fresh
        assert reason(lambda: refuse_slip(None)) == ("bad_slip", 404)
        assert reason(lambda: refuse_slip(Slip(purpose=SlipPurpose.VISIT))) == ("bad_slip", 404)
        assert reason(lambda: refuse_slip(Slip(purpose=SlipPurpose.ACTIVATION, used_at=NOW))) == ("slip_used", 409)


class TestText:
    def test_counts_a_wrong_guess_and_keeps_the_count(self) -> None:
        text = SmsCode(enterprise_id=FIRM, code_hash=b"-", expires_at=NOW + MINUTE, tries=0)

        with pytest.raises(Refusal) as refused:
            refuse_text(text, "123456", secret=SECRET, at=NOW)

        assert (refused.value.reason, refused.value.status, refused.value.keeps, text.tries) == (
            "bad_sms_code", 422, True, 1
        )  # fmt: skip

    def test_that_nobody_sent_is_refused_in_the_same_words(self) -> None:
        assert reason(lambda: refuse_text(None, "123456", secret=SECRET, at=NOW)) == ("bad_sms_code", 422)

    def test_says_how_long_it_holds(self) -> None:
        assert "012345" in text_of("012345")
        assert "10 分钟" in text_of("012345")
