"""Paper slips: typed by hand, mistyped, read out, scanned, and never stored."""

import re

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qr import (
    BadCode,
    CodeFault,
    MissingGlyph,
    PlaqueDesign,
    SlipSheet,
    is_slip,
    make_slip,
    matrix,
    read,
    read_slip,
    slip_hash,
    slip_pdf,
    slip_token,
)
from qr.slips import ALPHABET, complete
from tests.qr.decoders import decoded, painted, surrounded

PREFIX = "HTTPS://Q.SZ.CN/E/"
DESIGN = PlaqueDesign(city="海河市")
SECRET = bytes(range(32))

codes = st.text(ALPHABET, min_size=14, max_size=14).map(complete)


def fault_of(text: str) -> CodeFault:
    with pytest.raises(BadCode) as refused:
        read_slip(text, prefix=PREFIX)
    return refused.value.reason


class TestSlip:
    def test_is_made_at_random_in_four_groups(self) -> None:
        made = {make_slip() for _ in range(500)}

        assert len(made) == 500
        assert all(re.fullmatch(rf"([{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]{{4}}", each) for each in made)
        assert all(read_slip(each, prefix=PREFIX) == each for each in made)

    @given(code=codes)
    def test_says_the_same_typed_and_scanned(self, code: str) -> None:
        token = slip_token(code, prefix=PREFIX)

        assert re.fullmatch(r"[0-9]{26}", token.removeprefix(PREFIX))
        assert read_slip(token, prefix=PREFIX) == read_slip(code, prefix=PREFIX) == code

    @given(code=codes, place=st.integers(0, 15), other=st.sampled_from(ALPHABET))
    def test_betrays_any_wrong_character(self, code: str, place: int, other: str) -> None:
        letters = list(code.replace("-", ""))
        if letters[place] == other:
            return
        letters[place] = other

        assert fault_of("".join(letters)) is CodeFault.MALFORMED

    @given(code=codes, wrong=st.lists(st.tuples(st.integers(0, 15), st.sampled_from(ALPHABET)), min_size=2, max_size=2))
    def test_betrays_any_two_wrong_characters(self, code: str, wrong: list[tuple[int, str]]) -> None:
        letters = list(code.replace("-", ""))
        changed = letters.copy()
        for place, other in wrong:
            changed[place] = other
        if changed == letters:
            return

        assert fault_of("".join(changed)) is CodeFault.MALFORMED

    @settings(deadline=None)
    @given(place=st.integers(0, 25), other=st.integers(1, 9))
    def test_betrays_a_changed_digit_of_the_token(self, place: int, other: int) -> None:
        token = slip_token(complete("K7QM3XWF9ZPA5D"), prefix=PREFIX)
        at = len(PREFIX) + place
        changed = token[:at] + str((int(token[at]) + other) % 10) + token[at + 1 :]

        try:
            read = read_slip(changed, prefix=PREFIX)
        except BadCode:
            return
        # A digit spreads over many characters: what still agrees by chance is another code, which nobody has.
        assert read != complete("K7QM3XWF9ZPA5D")

    @pytest.mark.parametrize(
        "change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')}\n",
                   lambda code: code.replace("1", "I").replace("0", "o"), lambda code: code.replace("-", "－")],
    )  # fmt: skip
    def test_is_read_as_hands_type_it(self, change) -> None:  # type: ignore[no-untyped-def]
        code = complete("10V7QM3XWF9ZP0")

        assert read_slip(change(code), prefix=PREFIX) == code

    @pytest.mark.parametrize("text", ["", "K7QM", "K7QM-3XWF-9ZPA-5D!A", "企业" * 8, "K7QM" * 5])
    def test_refuses_other_text(self, text: str) -> None:
        assert fault_of(text) is CodeFault.NOT_A_CODE

    def test_refuses_a_token_with_the_spare_bits_set(self) -> None:
        token = slip_token(make_slip(), prefix=PREFIX)

        assert fault_of(f"{PREFIX}{int(token.removeprefix(PREFIX)) + 2**80:026d}") is CodeFault.MALFORMED

    def test_says_the_token_again(self) -> None:
        token = slip_token(make_slip(), prefix=PREFIX)

        assert decoded(painted(surrounded(matrix(token)))) == {token}


class TestSlipHash:
    def test_knows_its_code_however_typed(self) -> None:
        code = make_slip()

        kept = slip_hash(code, secret=SECRET)

        assert is_slip(code.lower().replace("-", ""), kept, secret=SECRET)
        assert not is_slip(make_slip(), kept, secret=SECRET)

    def test_says_nothing_without_the_secret(self) -> None:
        code = make_slip()

        assert slip_hash(code, secret=SECRET) != slip_hash(code, secret=bytes(32))
        assert len(slip_hash(code, secret=SECRET)) == 32


class TestSlipPdf:
    def test_prints_code_and_symbol_eight_a_page(self) -> None:
        slips = [SlipSheet(make_slip(), "䶮记𠮷祥㛃面包坊") for _ in range(9)]

        document = pypdfium2.PdfDocument(slip_pdf(slips, design=DESIGN, prefix=PREFIX, call_back="0735-12345"))

        texts = [page.get_textpage().get_text_range() for page in document]
        codes = [read(page.render(scale=150 / 72).to_pil()) for page in document]
        document.close()
        assert [len(each) for each in codes] == [8, 1]
        assert {read_slip(code, prefix=PREFIX) for page in codes for code in page} == {slip.code for slip in slips}
        assert all(slip.code[:9] in "".join(texts) and slip.code[10:] in "".join(texts) for slip in slips)
        assert texts[0].replace("\r\n", "").count("䶮记𠮷祥㛃面包坊") == 8
        assert "回访电话 0735-12345" in texts[0] and "认准网址 q.sz.cn" in texts[0]

    def test_refuses_what_cannot_be_printed(self) -> None:
        with pytest.raises(MissingGlyph):
            slip_pdf([SlipSheet(make_slip(), "🥖")], design=DESIGN, prefix=PREFIX)
        with pytest.raises(BadCode):
            slip_pdf([SlipSheet("K7QM", "面包坊")], design=DESIGN, prefix=PREFIX)
        with pytest.raises(ValueError, match="no slips"):
            slip_pdf([], design=DESIGN, prefix=PREFIX)
