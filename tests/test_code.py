"""Whose code a text is, and what may be wrong with it."""

import io
from typing import Any

import pytest
from PIL import Image

import qr
from server.code.rules import CodeReason, Token, fault_of, read_code
from server.enterprise.uscc import find_uscc

from .factories import NOW, Cast
from .pocket import PREFIX, RING
from .test_loop import a_scan_body, code_of


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


class TestLicence:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("http://www.gsxt.gov.cn/index.html?uniscid=91431002YYYY000125", "91431002YYYY000125"),
            ("统一社会信用代码:91431002YYYY000125;名称:林邑糕点厂", "91431002YYYY000125"),
            ("https://x.cn/9143100291431002YYYY000125", None),
            ("91431002YYYY000126 91431003YYYY00020E", "91431003YYYY00020E"),
            ("91431002YYYY000125 91431003YYYY00020E", None),
            ("nothing here", None),
        ],
    )
    def test_is_read_only_when_it_names_one_firm_for_certain(self, text: str, code: str | None) -> None:
        found = find_uscc(text)

        assert (found.text if found else None) == code

    def test_opens_a_visit_weakly(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        body = {**a_scan_body(NOW), "code": "http://www.gsxt.gov.cn/?uniscid=91431002YYYY000125"}

        scan = as_("li_na").post(f"/visits/{visit}/scans", body).json["scan"]

        assert (scan["presence"], scan["code_kind"]) == ("weak", "licence")
