"""Enterprises, whose code a text is, and their plaques."""

import io
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import qr
from server.code.rules import CodeReason, Token, fault_of, read_code
from server.enterprise.models import Enterprise
from server.enterprise.uscc import read_uscc
from server.ledger.models import Event
from server.ledger.rules import SYSTEM
from server.plaque.models import Plaque
from server.plaque.rules import issue, revoke
from server.refusal import Refusal

from .factories import KEY, NOW, Cast
from .test_loop import code_of

PREFIX = "HTTPS://RUQI.TEST/E/"
RING = qr.KeyRing(KEY.public)


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


def opened(text: str) -> Token:
    """What a text says where no phone is enrolled."""
    return read_code(text, keys=RING, prefix=PREFIX, key_of=lambda number: None, at=NOW)


class TestReadCode:
    def test_opens_a_plaque(self) -> None:
        assert opened(code_of(1001)) == Token(serial=1001)

    def test_opens_a_plaque_in_lower_case_as_cameras_write_it(self) -> None:
        assert opened(code_of(1001).lower()) == Token(serial=1001)

    def test_reads_a_typed_code(self) -> None:
        assert opened("91431002YYYY000125") == Token(uscc="91431002YYYY000125")

    def test_tells_a_forgery_from_a_stranger(self) -> None:
        other = qr.PlaqueKey.generate(0)
        forged = qr.sign_plaque(1001, key=other, prefix=PREFIX)

        assert opened(forged).fault is CodeReason.FORGED_CODE
        assert opened("https://example.org/").fault is CodeReason.UNKNOWN_CODE


class TestFaultOf:
    def test_finds_none_in_a_valid_plaque(self) -> None:
        cast = Cast()

        assert fault_of(Token(serial=1001), plaque=cast.bakery_plaque, enterprise=cast.bakery) is None

    def test_tells_a_revoked_plaque(self) -> None:
        cast = Cast()
        cast.bakery_plaque.revoked_at = NOW

        assert fault_of(Token(serial=1001), plaque=cast.bakery_plaque, enterprise=cast.bakery) == "revoked_code"

    def test_tells_a_serial_that_was_never_issued(self) -> None:
        assert fault_of(Token(serial=1), plaque=None, enterprise=None) == "unknown_code"


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


class TestCodeEndpoint:
    def test_tells_anyone_whose_plaque_it_is(self, nobody: Any, cast: Cast) -> None:
        answer = nobody.get("/codes", query_string={"text": code_of(1001)})

        assert (answer.status_code, answer.json["kind"], answer.json["serial"]) == (200, "plaque", 1001)
        assert answer.json["enterprise"]["name"] == "林邑糕点厂"

    def test_finds_a_typed_code(self, nobody: Any, cast: Cast) -> None:
        assert nobody.get("/codes?text=91431003YYYY00020E").json["enterprise"]["name"] == "苏仙铸造厂"

    @pytest.mark.parametrize(
        ("text", "status"), [("hello", 404), (code_of(77), 404), (code_of(1001)[:-3] + "999", 409)]
    )
    def test_refuses_what_is_no_code_of_ours(self, nobody: Any, cast: Cast, text: str, status: int) -> None:
        assert nobody.get("/codes", query_string={"text": text}).status_code == status

    def test_gives_the_public_keys_to_phones(self, nobody: Any, cast: Cast) -> None:
        answer = nobody.get("/keys").json

        assert answer["prefix"] == PREFIX
        assert qr.open_plaque(code_of(5), keys=qr.KeyRing.from_hex(answer["keys"]), prefix=answer["prefix"]).serial == 5

    def test_reads_a_photo(self, as_: Any, cast: Cast) -> None:
        photo = io.BytesIO(qr.png(code_of(1001)))

        answer = as_("li_na").post("/code-images", data={"file": (photo, "a.png")}, content_type="multipart/form-data")

        assert answer.json["texts"] == [code_of(1001)]

    def test_says_when_a_photo_holds_no_code_or_is_none(self, as_: Any, cast: Cast) -> None:
        blank = io.BytesIO()
        Image.new("RGB", (50, 50)).save(blank, "PNG")
        blank.seek(0)
        send = {"content_type": "multipart/form-data"}

        empty = as_("li_na").post("/code-images", data={"file": (blank, "a.png")}, **send)
        rubbish = as_("li_na").post("/code-images", data={"file": (io.BytesIO(b"?"), "a.png")}, **send)

        assert (empty.json["reason"], rubbish.json["reason"]) == ("no_code_in_image", "unreadable_image")


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
