"""The batch encoder: module for module what `qrcode` draws, and read by both decoders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qr import MAX_SERIAL, Level, PlaqueKey, encode, matrix, sign_plaque
from tests.qr.decoders import decoded, painted, surrounded

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
HOSTS = {"version 5": "q.sz.cn", "version 6": "ruqi.haihe-demo.gov.cn"}
# Digits that fill every version at every level, up to the largest of the batch.
VERSIONS = [(level, digits) for level in ("L", "M", "Q", "H") for digits in range(13, 300, 41)]


def tokens(count: int, host: str = "q.sz.cn") -> list[str]:
    return [sign_plaque(number * 7919, key=CITY, prefix=f"https://{host}") for number in range(count)]


class TestEncode:
    @pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
    def test_draws_plaques_as_qrcode_does(self, host: str) -> None:
        texts = tokens(24, host)

        symbols = encode(texts)

        assert all(np.array_equal(symbol, matrix(text)) for symbol, text in zip(symbols, texts, strict=True))

    @pytest.mark.parametrize(("level", "digits"), VERSIONS)
    def test_draws_every_version_and_level_as_qrcode_does(self, level: Level, digits: int) -> None:
        text = "HTTPS://A/" + "0123456789" * (digits // 10) + "7" * (digits % 10)

        [symbol] = encode([text], level=level)

        assert np.array_equal(symbol, matrix(text, level))

    @settings(max_examples=25, deadline=None)
    @given(capitals=st.text("ABZ $%*+-./:", max_size=9), digits=st.text("0123456789", min_size=13, max_size=60))
    def test_draws_any_capitals_and_digits_as_qrcode_does(self, capitals: str, digits: str) -> None:
        [symbol] = encode([capitals + digits])

        assert np.array_equal(symbol, matrix(capitals + digits))

    @settings(max_examples=20, deadline=None)
    @given(serial=st.integers(0, MAX_SERIAL))
    def test_says_every_token_again(self, serial: int) -> None:
        text = sign_plaque(serial, key=CITY, prefix="https://q.sz.cn")

        [symbol] = encode([text])

        assert decoded(painted(surrounded(symbol))) == {text}

    def test_keeps_the_order_over_its_working_parts(self) -> None:
        digits = [f"{number:020d}" for number in range(1030)]

        symbols = encode(digits)

        assert symbols.shape == (1030, 21, 21)
        assert all(np.array_equal(symbols[at], matrix(digits[at])) for at in (0, 511, 512, 1024, 1029))

    @pytest.mark.parametrize(
        ("texts", "sentence"),
        [
            ([], "no texts"),
            ([""], "not capitals"),
            (["入企码"], "not capitals"),
            (["A" * 30, "A" * 10 + "0" * 20], "different layouts"),
            (["A", "AB"], "different layouts"),
            (["0" * 900], "too many"),
        ],
    )
    def test_refuses_what_has_no_common_layout(self, texts: list[str], sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence):
            encode(texts)
