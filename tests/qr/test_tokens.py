"""The plaque token: what was signed opens, and nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qr import (
    MAX_SERIAL,
    BadCode,
    CodeFault,
    KeyRing,
    Plaque,
    PlaqueKey,
    open_plaque,
    plaque_prefix,
    sign_plaque,
)

PREFIX = "HTTPS://QY.GOV.CN/E/"
CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
STRANGER = PlaqueKey.from_bytes(3, bytes(range(1, 33)))
KEYS = KeyRing(CITY.public)
BAKERY = sign_plaque(1234567, key=CITY, prefix=PREFIX)

REFUSED = {CodeFault.MALFORMED, CodeFault.WRONG_KIND, CodeFault.UNKNOWN_KEY, CodeFault.FORGED}

serials = st.integers(min_value=0, max_value=MAX_SERIAL)
hosts = st.from_regex(r"[a-z0-9]{1,12}(\.[a-z]{2,6}){1,2}", fullmatch=True)


def fault_of(text: str, *, keys: KeyRing = KEYS, prefix: str = PREFIX) -> CodeFault:
    with pytest.raises(BadCode) as refused:
        open_plaque(text, keys=keys, prefix=prefix)
    return refused.value.reason


def full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


def with_number(change: int) -> str:
    return f"{PREFIX}{int(BAKERY.removeprefix(PREFIX)) + change:0168d}"


class TestSignPlaque:
    @settings(deadline=None)
    @given(serial=serials, key_id=st.integers(0, 15), host=hosts)
    def test_makes_what_open_plaque_accepts(self, serial: int, key_id: int, host: str) -> None:
        key = PlaqueKey.generate(key_id)
        prefix = plaque_prefix(f"https://{host}")

        text = sign_plaque(serial, key=key, prefix=prefix)

        assert open_plaque(text, keys=KeyRing(key.public), prefix=prefix) == Plaque(serial, key_id)

    @settings(deadline=None)
    @given(serial=serials)
    def test_writes_the_prefix_and_168_digits(self, serial: int) -> None:
        text = sign_plaque(serial, key=CITY, prefix=PREFIX)

        digits = text.removeprefix(PREFIX)
        assert len(digits) == 168
        assert digits.isascii() and digits.isdigit()

    def test_keeps_to_the_published_layout(self) -> None:
        number = int(BAKERY.removeprefix(PREFIX))

        assert number >> 556 == 0
        assert number >> 552 == 3
        assert (number >> 512) & (2**40 - 1) == 1234567
        assert number.bit_length() <= 558

    @pytest.mark.parametrize("serial", [-1, MAX_SERIAL + 1])
    def test_refuses_a_serial_out_of_range(self, serial: int) -> None:
        with pytest.raises(ValueError, match="a serial is"):
            sign_plaque(serial, key=CITY, prefix=PREFIX)


class TestOpenPlaque:
    @settings(deadline=None)
    @given(position=st.integers(0, 167), other=st.integers(1, 9))
    def test_refuses_a_changed_digit(self, position: int, other: int) -> None:
        at = len(PREFIX) + position
        changed = BAKERY[:at] + str((int(BAKERY[at]) + other) % 10) + BAKERY[at + 1 :]

        assert fault_of(changed) in REFUSED

    @settings(deadline=None)
    @given(position=st.integers(0, len(BAKERY) - 1), other=st.characters())
    def test_refuses_any_other_character_anywhere(self, position: int, other: str) -> None:
        changed = BAKERY[:position] + other + BAKERY[position + 1 :]
        wide = full_width(BAKERY[position])
        alike = {BAKERY[position], BAKERY[position].lower(), wide, wide.lower()}
        alike |= {"。"} if BAKERY[position] == "." else set()

        if other in alike:
            assert open_plaque(changed, keys=KEYS, prefix=PREFIX).serial == 1234567
        else:
            fault_of(changed)

    @settings(deadline=None)
    @given(bit=st.integers(0, 557))
    def test_refuses_a_flipped_bit(self, bit: int) -> None:
        number = int(BAKERY.removeprefix(PREFIX)) ^ (1 << bit)

        assert fault_of(f"{PREFIX}{number:0168d}") in REFUSED

    @settings(deadline=None)
    @given(text=st.text(max_size=200))
    def test_refuses_whatever_else_is_scanned(self, text: str) -> None:
        assert fault_of(text) is CodeFault.NOT_A_CODE

    @settings(deadline=None)
    @given(digits=st.text("0123456789", min_size=168, max_size=168))
    def test_refuses_made_up_digits(self, digits: str) -> None:
        assert fault_of(PREFIX + digits) is not CodeFault.NOT_A_CODE

    @settings(deadline=None)
    @given(host=hosts)
    def test_refuses_a_plaque_of_another_host(self, host: str) -> None:
        elsewhere = sign_plaque(1234567, key=CITY, prefix=f"https://{host}.example")

        assert fault_of(elsewhere) is CodeFault.WRONG_HOST

    def test_refuses_a_plaque_moved_to_our_host(self) -> None:
        elsewhere = plaque_prefix("https://qy.example.cn")
        moved = sign_plaque(1234567, key=CITY, prefix=elsewhere).replace(elsewhere, PREFIX)

        assert fault_of(moved) is CodeFault.FORGED

    def test_refuses_another_scheme(self) -> None:
        assert fault_of(BAKERY.replace("HTTPS", "HTTP")) is CodeFault.WRONG_HOST

    def test_refuses_a_stranger_with_our_key_id(self) -> None:
        assert fault_of(sign_plaque(1234567, key=STRANGER, prefix=PREFIX)) is CodeFault.FORGED

    def test_refuses_a_key_that_is_not_on_the_ring(self) -> None:
        assert fault_of(BAKERY, keys=KeyRing()) is CodeFault.UNKNOWN_KEY

    def test_refuses_a_verified_plaque_once_its_key_is_gone(self) -> None:
        open_plaque(BAKERY, keys=KEYS, prefix=PREFIX)

        assert fault_of(BAKERY, keys=KeyRing()) is CodeFault.UNKNOWN_KEY
        assert fault_of(BAKERY, keys=KeyRing(STRANGER.public)) is CodeFault.FORGED

    def test_refuses_what_a_leaked_key_signed(self) -> None:
        assert fault_of(BAKERY, keys=KEYS.revoked(3, at=0)) is CodeFault.REVOKED_KEY

    def test_accepts_what_a_retired_key_signed(self) -> None:
        keys = KEYS.rotated(PlaqueKey.generate(KEYS.free_key_id()).public, at=1_800_000_000)

        assert open_plaque(BAKERY, keys=keys, prefix=PREFIX).serial == 1234567

    @pytest.mark.parametrize(
        ("kind", "fault"), [(1, CodeFault.WRONG_KIND), (2, CodeFault.MALFORMED), (3, CodeFault.MALFORMED)]
    )
    def test_refuses_a_kind_that_is_not_a_plaque(self, kind: int, fault: CodeFault) -> None:
        assert fault_of(with_number(kind << 556)) is fault

    def test_refuses_a_second_spelling_of_a_number(self) -> None:
        largest = 10**168 - 1

        assert fault_of(f"{PREFIX}{largest}") is CodeFault.MALFORMED

    @pytest.mark.parametrize("text", [BAKERY[:-1], BAKERY + "0", PREFIX, BAKERY + "?A=1", PREFIX + "-" + BAKERY[-167:]])
    def test_refuses_another_shape(self, text: str) -> None:
        assert fault_of(text) is CodeFault.MALFORMED

    @pytest.mark.parametrize("text", ["", "91330106MA2B1C3D4E", "https://example.com/", BAKERY * 3, "٣" * 168])
    def test_refuses_what_is_no_plaque_at_all(self, text: str) -> None:
        assert fault_of(text, prefix="https://other.gov.cn") is CodeFault.NOT_A_CODE

    @pytest.mark.parametrize(
        "typed",
        [
            BAKERY.lower(),
            f"  \n{BAKERY}\t\u3000",
            f"\ufeff{BAKERY}\u200b",
            full_width(BAKERY),
            full_width(BAKERY).lower(),
            BAKERY.replace(".", "。"),
        ],
    )
    def test_accepts_what_hands_and_keyboards_do_to_it(self, typed: str) -> None:
        assert open_plaque(typed, keys=KEYS, prefix=PREFIX) == Plaque(1234567, 3)

    def test_accepts_an_older_key_on_the_ring(self) -> None:
        newer = PlaqueKey.generate(4)

        assert open_plaque(BAKERY, keys=KeyRing(newer.public, CITY.public), prefix="https://qy.gov.cn").key_id == 3


class TestPlaquePrefix:
    @pytest.mark.parametrize(
        ("origin", "prefix"),
        [
            ("https://qy.gov.cn", PREFIX),
            ("https://qy.gov.cn/", PREFIX),
            ("https://qy.gov.cn/e", PREFIX),
            (PREFIX, PREFIX),
            ("https://e", "HTTPS://E/E/"),
            ("https://qy.gov.cn:8443", "HTTPS://QY.GOV.CN:8443/E/"),
            ("http://localhost:8000", "HTTP://LOCALHOST:8000/E/"),
            ("http://192.168.1.20:8000", "HTTP://192.168.1.20:8000/E/"),
        ],
    )
    def test_gives_capitals(self, origin: str, prefix: str) -> None:
        assert plaque_prefix(origin) == prefix

    @pytest.mark.parametrize("origin", ["http://qy.gov.cn", "http://8.8.8.8", "http://localhost.example.com"])
    def test_refuses_plain_http_on_the_open_network(self, origin: str) -> None:
        with pytest.raises(ValueError, match="plain http"):
            plaque_prefix(origin)

    @pytest.mark.parametrize("origin", ["", "qy.gov.cn", "ftp://qy.gov.cn", "https://qy.gov.cn/a/", "https://入企.cn"])
    def test_refuses_what_a_plaque_cannot_carry(self, origin: str) -> None:
        with pytest.raises(ValueError, match="not an address"):
            plaque_prefix(origin)
