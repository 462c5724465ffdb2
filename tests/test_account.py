"""Sign-in, devices, and who sees what."""

from datetime import timedelta
from typing import Any

import jwt
import pytest

from server.account.models import Account, Device, Role
from server.account.rules import (
    count_failure,
    covers,
    is_live,
    refuse_locked,
    refuse_weak,
    region_prefix,
    revoke,
    rotate,
    token_hash,
    welcome,
)
from server.account.sign_in import hash_password, password_matches
from server.ids import new_id
from server.refusal import Refusal
from server.visit.stages import Stage

from .factories import DAY, HOUR, NOW, Cast, visit_at

PASSWORD = "林邑 bakery 2026"


def an_account() -> Account:
    """Sun Li's, in memory."""
    return Account(
        id=new_id(), username="sunli", name="孙立", role=Role.SUPERVISOR, region_code="431000", failed_count=0
    )


def a_device() -> Device:
    """A phone with a token that was never exchanged."""
    return Device(id=new_id(), label="手机", token_hash=token_hash("first"), created_at=NOW, used_at=NOW)


class TestRegionPrefix:
    @pytest.mark.parametrize(("code", "prefix"), [("430000", "43"), ("431000", "4310"), ("431002", "431002")])
    def test_is_what_all_divisions_below_share(self, code: str, prefix: str) -> None:
        assert region_prefix(code) == prefix

    def test_decides_who_covers_whom(self) -> None:
        assert covers("430000", "431022")
        assert covers("431000", "431022")
        assert not covers("431022", "431002")
        assert not covers(None, "431002")


class TestLockOut:
    def test_lets_four_slips_pass(self) -> None:
        account = an_account()
        for _ in range(4):
            count_failure(account, at=NOW)

        refuse_locked(account, at=NOW)

    def test_doubles_the_wait_from_the_fifth_on(self) -> None:
        account = an_account()
        waits = []
        for _ in range(20):
            count_failure(account, at=NOW)
            waits.append(account.locked_until_at - NOW if account.locked_until_at else None)

        assert waits[3:8] == [None, *(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240))]
        assert waits[-1] == HOUR

    def test_says_how_long(self) -> None:
        account = an_account()
        for _ in range(5):
            count_failure(account, at=NOW)

        with pytest.raises(Refusal) as refused:
            refuse_locked(account, at=NOW + timedelta(seconds=10))

        assert (refused.value.reason, refused.value.status) == ("locked_out", 429)
        assert refused.value.extras == {"retry_after": 21}

    def test_forgets_after_the_right_password(self) -> None:
        account = an_account()
        for _ in range(6):
            count_failure(account, at=NOW)

        welcome(account)

        refuse_locked(account, at=NOW)
        assert account.failed_count == 0


class TestPassword:
    def test_is_stored_as_argon2(self) -> None:
        account = an_account()
        account.password_hash = hash_password(PASSWORD)

        assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert password_matches(account, PASSWORD)
        assert not password_matches(account, PASSWORD + "!")

    def test_matches_nobody_without_one(self) -> None:
        account = an_account()
        account.password_hash = ""

        assert not password_matches(account, "")
        assert not password_matches(None, "")

    @pytest.mark.parametrize("weak", ["short1!", "onlyletters", "1234567890", "sunli-2026-x"])
    def test_refuses_a_weak_one(self, weak: str) -> None:
        with pytest.raises(Refusal) as refused:
            refuse_weak(weak, username="sunli")

        assert refused.value.reason == "password_too_weak"

    def test_takes_a_long_phrase(self) -> None:
        refuse_weak(PASSWORD, username="sunli")


class TestRotate:
    def test_exchanges_the_token(self) -> None:
        device = a_device()

        assert rotate(device, presented="first", fresh="second", at=NOW + HOUR)
        assert rotate(device, presented="second", fresh="third", at=NOW + 2 * HOUR)

    def test_takes_the_last_token_again_when_the_answer_was_lost(self) -> None:
        device = a_device()
        rotate(device, presented="first", fresh="second", at=NOW)

        assert rotate(device, presented="first", fresh="third", at=NOW + timedelta(seconds=30))
        assert device.token_hash == token_hash("third")

    def test_revokes_the_device_when_an_old_token_comes_back(self) -> None:
        device = a_device()
        rotate(device, presented="first", fresh="second", at=NOW)

        assert not rotate(device, presented="first", fresh="third", at=NOW + timedelta(minutes=2))
        assert (device.revoked_because, is_live(device, at=NOW)) == ("token_reused", False)

    def test_keeps_the_first_reason_of_a_revocation(self) -> None:
        device = a_device()
        revoke(device, because="signed_out", at=NOW)

        revoke(device, because="password_reset", at=NOW + HOUR)

        assert (device.revoked_because, device.revoked_at) == ("signed_out", NOW)

    def test_ends_a_device_that_was_not_used_for_a_month(self) -> None:
        assert is_live(a_device(), at=NOW + 30 * DAY)
        assert not is_live(a_device(), at=NOW + 31 * DAY)


@pytest.fixture
def sun_li(cast: Cast, db: Any) -> Account:
    """Sun Li with a password."""
    account = cast.accounts["sun_li"]
    account.password_hash = hash_password(PASSWORD)
    db.session.commit()
    return account


def sign_in(nobody: Any, password: str = PASSWORD, username: str = "sunli") -> Any:
    """Try to sign in."""
    return nobody.post("/sessions", {"username": username, "password": password, "device": "Chrome"})


class TestSessionEndpoint:
    def test_signs_in_with_the_scope_in_the_token(self, nobody: Any, sun_li: Account) -> None:
        answer = sign_in(nobody)

        assert (answer.status_code, answer.json["expires_in"]) == (201, 900)
        assert answer.json["me"]["region"]["name"] == "郴州市"
        claims = jwt.decode(answer.json["access_token"], options={"verify_signature": False})
        assert (claims["role"], claims["reg"]) == ("supervisor", "431000")

    def test_refuses_a_wrong_password_and_an_unknown_name_alike(self, nobody: Any, sun_li: Account) -> None:
        wrong, unknown = sign_in(nobody, "wrong"), sign_in(nobody, username="nobody")

        assert (wrong.status_code, wrong.json["reason"]) == (401, "bad_credentials")
        assert unknown.json["reason"] == "bad_credentials"

    def test_locks_out_after_five_failures_even_for_the_right_password(
        self, nobody: Any, sun_li: Account, clock: Any
    ) -> None:
        for _ in range(5):
            sign_in(nobody, "wrong")

        answer = sign_in(nobody)

        assert (answer.status_code, answer.json["reason"]) == (429, "locked_out")
        assert answer.headers["Retry-After"] == "31"
        clock["at"] = NOW + timedelta(seconds=31)
        assert sign_in(nobody).status_code == 201

    def test_rotates_the_refresh_token(self, nobody: Any, sun_li: Account, clock: Any) -> None:
        first = sign_in(nobody).json["refresh_token"]

        second = nobody.post("/sessions/refresh", {"refresh_token": first})
        clock["at"] = NOW + HOUR
        stolen = nobody.post("/sessions/refresh", {"refresh_token": first})
        owner = nobody.post("/sessions/refresh", {"refresh_token": second.json["refresh_token"]})

        assert second.status_code == 200
        assert (stolen.status_code, stolen.json["reason"]) == (401, "session_revoked")
        assert owner.json["reason"] == "session_revoked"

    @pytest.mark.parametrize(
        "token", ["x" * 60, "0" * 36 + "." + "y" * 43, "01933a16-8496-7e49-b6a3-bca2f708e438." + "z" * 43]
    )
    def test_refuses_an_invented_refresh_token(self, nobody: Any, sun_li: Account, token: str) -> None:
        assert nobody.post("/sessions/refresh", {"refresh_token": token}).json["reason"] == "session_revoked"

    def test_lists_and_ends_devices(self, nobody: Any, sun_li: Account) -> None:
        phone, desk = sign_in(nobody).json, sign_in(nobody).json
        nobody.token = desk["access_token"]

        devices = nobody.get("/sessions").json["items"]
        other = next(device for device in devices if not device["current"])
        ended = nobody.delete(f"/sessions/{other['id']}")

        assert (len(devices), ended.status_code) == (2, 204)
        assert nobody.post("/sessions/refresh", {"refresh_token": phone["refresh_token"]}).status_code == 401
        assert nobody.delete("/sessions/current").status_code == 204
        assert nobody.get("/sessions").json["reason"] == "session_revoked"

    def test_changes_the_password_and_signs_out_the_others(self, nobody: Any, sun_li: Account) -> None:
        phone, desk = sign_in(nobody).json, sign_in(nobody).json
        nobody.token = desk["access_token"]

        wrong = nobody.post("/me/password", {"current": "wrong", "new": "a new phrase 26"})
        changed = nobody.post("/me/password", {"current": PASSWORD, "new": "a new phrase 26"})

        assert (wrong.status_code, changed.status_code) == (401, 204)
        assert sign_in(nobody).status_code == 401
        assert sign_in(nobody, "a new phrase 26").status_code == 201
        assert nobody.post("/sessions/refresh", {"refresh_token": phone["refresh_token"]}).status_code == 401


class TestAccessToken:
    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            ("", "not_signed_in"),
            ("Basic abc", "not_signed_in"),
            ("Bearer rubbish", "not_signed_in"),
            ("Bearer " + jwt.encode({"sub": "x"}, "another secret of thirty-two bytes!!"), "not_signed_in"),
        ],
    )
    def test_proves_somebody_or_is_refused(self, nobody: Any, header: str, reason: str) -> None:
        answer = nobody.get("/me", headers={"Authorization": header} if header else {})

        assert (answer.status_code, answer.json["reason"]) == (401, reason)

    def test_says_when_it_has_run_out(self, app: Any, nobody: Any, cast: Cast) -> None:
        from server.account.sign_in import access_token

        with app.app_context():
            old = access_token(cast.accounts["li_na"], device_id=new_id(), at=NOW - 3000 * DAY)
        answer = nobody.get("/me", headers={"Authorization": f"Bearer {old}"})

        assert (answer.status_code, answer.json["reason"]) == (401, "token_expired")


class TestScope:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("li_na", True),
            ("he_qiang", True),
            ("zhao_min", True),
            ("bakery", True),
            ("sun_li", True),
            ("ma_lin", True),
            ("chen_bo", False),
            ("luo_gang", False),
            ("foundry", False),
            ("zhou_ping", False),
        ],
    )
    def test_hides_what_lies_outside(self, as_: Any, cast: Cast, keep: Any, who: str, sees: bool) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        listed = [row["id"] for row in as_(who).get("/visits").json["items"]]

        assert as_(who).get(f"/visits/{visit.id}").status_code == (200 if sees else 404)
        assert as_(who).get(f"/visits/{visit.id}/events").status_code == (200 if sees else 404)
        assert listed == ([str(visit.id)] if sees else [])

    def test_does_not_tell_the_enterprise_of_a_visit_that_is_not_approved(
        self, as_: Any, cast: Cast, keep: Any
    ) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        assert as_("bakery").get(f"/visits/{visit.id}").status_code == 404


class TestAdministration:
    def test_finds_accounts_and_gives_a_one_time_password(self, as_: Any, nobody: Any, cast: Cast) -> None:
        found = as_("ma_lin").get("/accounts?q=sunli").json["items"]

        password = as_("ma_lin").post(f"/accounts/{found[0]['id']}/passwords").json["password"]

        assert sign_in(nobody, password).status_code == 201

    def test_lists_enterprises_accounts_of_the_region(self, as_: Any, cast: Cast) -> None:
        found = as_("ma_lin").get("/accounts?role=enterprise").json["items"]

        assert {row["enterprise"]["name"] for row in found} == {"林邑糕点厂", "苏仙铸造厂"}

    @pytest.mark.parametrize("who", ["li_na", "zhao_min", "bakery", "sun_li"])
    def test_is_the_administrators_alone(self, as_: Any, who: str) -> None:
        assert as_(who).get("/accounts").json["reason"] == "not_permitted"


class TestReference:
    def test_lists_regions_agencies_and_inspectors(self, as_: Any, cast: Cast) -> None:
        li_na = as_("li_na")

        assert len(li_na.get("/regions").json["items"]) == 4
        assert [row["level"] for row in li_na.get("/agencies?region=431000").json["items"]] == ["city", "city"]
        names = li_na.get(f"/inspectors?agency_id={cast.market.id}").json["items"]
        assert {(row["name"], row["expired"]) for row in names} == {("李娜", False), ("王军", False), ("何强", True)}

    def test_pages_by_cursor_and_refuses_a_broken_one(self, as_: Any, cast: Cast) -> None:
        first = as_("li_na").get("/inspectors?limit=2").json
        second = as_("li_na").get(f"/inspectors?limit=2&cursor={first['next_cursor']}").json
        third = as_("li_na").get(f"/inspectors?limit=2&cursor={second['next_cursor']}").json
        broken = as_("li_na").get("/inspectors?cursor=rubbish")

        pages = [first, second, third]
        assert [len(page["items"]) for page in pages] == [2, 2, 1]
        assert third["next_cursor"] is None
        assert len({row["id"] for page in pages for row in page["items"]}) == 5
        assert (broken.status_code, broken.json["errors"][0]["field"]) == (422, "cursor")

    def test_lists_matters_of_an_agencys_department(self, as_: Any, cast: Cast) -> None:
        own = as_("li_na").get(f"/matters?agency_id={cast.market.id}").json["items"]
        others = as_("li_na").get(f"/matters?agency_id={cast.fire.id}").json["items"]

        assert [matter["name"] for matter in own] == ["食品生产企业日常监督检查"]
        assert others == []
        assert as_("li_na").get(f"/matters/{cast.old_food.id}").status_code == 200
        assert as_("li_na").get(f"/matters/{new_id()}").status_code == 404
