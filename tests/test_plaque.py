"""企业码: issued, revoked, lost, found, and printed one by one; a firm added at the door."""

from typing import Any

import pypdfium2
import pytest

import qr
from server.account.models import Region
from server.enterprise.models import Enterprise
from server.ledger.models import Event
from server.ledger.rules import SYSTEM
from server.plaque.models import Plaque
from server.plaque.rules import issue, revoke
from server.refusal import Refusal

from .conftest import Hand
from .factories import HOUR, NOW, Cast
from .pocket import PREFIX, RING, texts_of
from .test_loop import a_scan_body, code_of


class TestIssue:
    def test_revokes_the_plaque_before(self) -> None:
        cast = Cast()
        events: list[Event] = []

        fresh = issue(cast.bakery, key_id=0, by=SYSTEM, at=NOW, reason="破损", record=events.append, flush=lambda: None)

        assert (cast.bakery_plaque.revoked_because, fresh.revoked_at) == ("破损", None)
        assert [event.verb for event in events] == ["plaque_revoked", "plaque_issued"]


class TestRevoke:
    def test_refuses_a_revoked_plaque(self) -> None:
        plaque = Plaque(serial=1, enterprise=Enterprise(region_code="431002"), revoked_at=NOW)

        with pytest.raises(Refusal) as refused:
            revoke(plaque, reason="x", by=SYSTEM, at=NOW, record=lambda event: None)

        assert refused.value.reason == "plaque_revoked"


class TestPlaqueEndpoint:
    def test_reissues_and_keeps_the_history(self, as_: Any, cast: Cast, clock: Any) -> None:
        answer = as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/plaques", {"reason": "污损"})

        assert answer.status_code == 201
        old, new = sorted(answer.json["plaques"], key=lambda plaque: plaque["revoked_at"] is None)
        assert (old["serial"], old["revoked_reason"], old["url"]) == (1001, "污损", None)
        assert qr.open_plaque(new["url"], keys=RING, prefix=PREFIX).serial == new["serial"]

    @pytest.mark.parametrize("form", ["png", "pdf", "svg"])
    def test_gives_files_to_the_enterprise_itself(self, as_: Any, cast: Cast, form: str) -> None:
        answer = as_("bakery").get(f"/plaques/1001.{form}")

        assert answer.status_code == 200
        if form == "png":
            assert qr.read(answer.data) == [code_of(1001)]

    def test_prints_sheets_for_many(self, as_: Any, cast: Cast) -> None:
        answer = as_("ma_lin").get("/plaque-sheets.pdf?region=431002")

        assert answer.data.startswith(b"%PDF-")
        with pypdfium2.PdfDocument(answer.data) as document:
            assert len(document) == 2

    def test_does_not_print_next_doors_or_a_revoked_one(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("ma_lin").post("/plaques/1001/revocations", {"reason": "丢失"})

        assert as_("foundry").get("/plaques/1001.png").status_code == 404
        assert as_("bakery").get("/plaques/1001.png").json["reason"] == "plaque_revoked"
        assert as_("ma_lin").post("/plaques/1001/revocations", {"reason": "丢失"}).json["reason"] == "plaque_revoked"

    def test_revoking_is_the_administrators(self, as_: Any, cast: Cast) -> None:
        assert as_("sun_li").post("/plaques/1001/revocations", {"reason": "x"}).status_code == 403


class TestSites:
    def test_have_a_plaque_each(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/plaques"

        second = as_("ma_lin").post(path, {"site": "东门店", "reason": "新开门店"}).json
        again = as_("ma_lin").post(path, {"site": "东门店", "reason": "破损"}).json

        live = sorted((each["site"], each["revoked_at"] is None) for each in again["plaques"])
        assert {each["site"] for each in second["plaques"]} == {"", "东门店"}
        assert live == [("", True), ("东门店", False), ("东门店", True)]

    def test_print_the_plaque_that_was_asked_for(self, as_: Any, cast: Cast, clock: Any) -> None:
        detail = as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/plaques", {"site": "东门店"}).json
        urls = {each["serial"]: each["url"] for each in detail["plaques"]}

        single = {serial: as_("ma_lin").get(f"/plaques/{serial}.pdf").data for serial in urls}
        sheets = as_("ma_lin").get(f"/plaque-sheets.pdf?enterprise_id={cast.bakery.id}").data

        assert len(urls) == 2
        assert {serial: texts_of(document) for serial, document in single.items()} == {
            serial: [url] for serial, url in urls.items()
        }
        assert sorted(texts_of(sheets)) == sorted(urls.values())


TEA = {"uscc": "91431081YYYY000550", "name": "资兴茶厂", "region_code": "431002", "address": "东江湖路8号"}


class TestAdding:
    def test_lets_the_inspector_at_the_door_add_an_unknown_firm(self, as_: Any, cast: Cast, clock: Any) -> None:
        li_na = as_("li_na")
        assert li_na.get("/codes?text=91431081YYYY000550").json["reason"] == "unknown_code"

        made = li_na.post("/enterprises", TEA)
        again = li_na.post("/enterprises", TEA)

        assert (made.status_code, made.json["uscc_doubtful"], made.json["kind"]) == (201, False, "company"), made.json
        assert (again.status_code, again.json["reason"], again.json["enterprise"]["name"]) == (
            409, "enterprise_exists", "资兴茶厂",
        )  # fmt: skip
        assert li_na.get("/codes?text=91431081YYYY000550").status_code == 200

    def test_keeps_a_doubt_and_refuses_a_wrong_shape(self, as_: Any, cast: Cast, clock: Any) -> None:
        doubtful = as_("li_na").post("/enterprises", {**TEA, "uscc": "91350100M0001TGQXM"})
        wrong = as_("li_na").post("/enterprises", {**TEA, "uscc": "9143108IYYYY000550"})
        nowhere = as_("li_na").post("/enterprises", {**TEA, "region_code": "999999"})

        assert (doubtful.status_code, doubtful.json["uscc_doubtful"]) == (201, True)
        assert (wrong.status_code, nowhere.status_code) == (422, 422)
        assert as_("bakery").post("/enterprises", TEA).status_code == 403

    def test_is_at_a_desk_only_of_what_lies_below_it(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        elsewhere = Region(code="430100", name="长沙市", parent_code="430000")
        db.session.add(elsewhere)
        db.session.commit()

        beyond = as_("ma_lin").post("/enterprises", {**TEA, "region_code": elsewhere.code})

        assert (beyond.status_code, beyond.json["reason"]) == (422, "unknown_reference")
        assert as_("ma_lin").post("/enterprises", TEA).status_code == 201


class TestLostPlaque:
    def test_is_ended_by_the_enterprise_itself(self, as_: Any, cast: Cast, clock: Any) -> None:
        stranger = as_("foundry").post("/plaques/1001/revocations", {"reason": "丢失", "lost": True})
        lost = as_("bakery").post("/plaques/1001/revocations", {"reason": "装修时丢失", "lost": True})

        assert (stranger.status_code, lost.status_code) == (404, 201)
        plaque = lost.json["plaques"][0]
        assert (plaque["revoked_reason"], plaque["lost"], plaque["found_at"]) == ("装修时丢失", True, None)
        waiting = as_("ma_lin").get("/enterprises?without_plaque=1").json["items"]
        assert [each["name"] for each in waiting] == ["林邑糕点厂"]

    def test_tells_its_finder_what_to_do_and_takes_the_word_of_the_first(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any
    ) -> None:
        code = a_scan_body(NOW)["code"]
        hanging = nobody.post("/plaque-finds", {"text": code})
        as_("bakery").post("/plaques/1001/revocations", {"reason": "被偷", "lost": True})
        shown = nobody.get("/codes", query_string={"text": code}).json
        clock["at"] = NOW + HOUR

        found = nobody.post("/plaque-finds", {"text": code, "note": "在河边捡到，已交派出所"})
        clock["at"] = NOW + 2 * HOUR
        again = nobody.post("/plaque-finds", {"text": code, "note": "恶作剧"})
        forged = nobody.post("/plaque-finds", {"text": code[:-1] + str((int(code[-1]) + 1) % 10)})

        assert (hanging.status_code, hanging.json["reason"]) == (409, "plaque_not_lost")
        assert (shown["reason"], shown["revoked_reason"], shown["lost"]) == ("revoked_code", "被偷", True)
        assert (found.status_code, again.json) == (201, found.json)
        assert forged.json["reason"] == "forged_code"
        history = as_("sun_li").get(f"/enterprises/{cast.bakery.id}").json["plaques"][0]
        assert (history["found_note"], history["revoked_at"] is None) == ("在河边捡到，已交派出所", False)
        assert nobody.get("/codes", query_string={"text": code}).json["lost"] is False

    def test_is_taken_back_at_the_desk(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("bakery").post("/plaques/1001/revocations", {"reason": "丢失", "lost": True})

        back = as_("ma_lin").post("/plaques/1001/finds", {"note": "已交回销毁"})

        assert back.json["plaques"][0]["found_note"] == "已交回销毁"
        assert as_("foundry").post("/plaques/1001/finds", {"note": ""}).status_code == 404
