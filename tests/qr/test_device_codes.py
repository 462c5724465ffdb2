"""Living codes and visit codes: good for a minute, from one phone, for one thing."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qr import (
    BadCode,
    CodeFault,
    DeviceKey,
    DevicePublicKey,
    LivingCode,
    VisitCode,
    encode,
    open_living,
    open_visit,
    sign_living,
    sign_visit,
    step_at,
)
from qr.device_codes import MAX_DEVICE
from tests.qr.decoders import decoded, painted, surrounded

PREFIX = "HTTPS://Q.SZ.CN/E/"
PHONE, OTHER = DeviceKey.from_int(0x5EED), DeviceKey.from_int(0xBEAD)
VISIT = UUID("0190a3a0-7c1e-7000-8000-00000000beef")
NOON = 1_780_000_020.0
LIVING = sign_living(77, at=NOON, key=PHONE, prefix=PREFIX)
VISITING = sign_visit(77, VISIT, at=NOON, key=PHONE, prefix=PREFIX)

devices = st.integers(0, MAX_DEVICE)
times = st.floats(0, 2**40)


def phones(*numbers: int, key: DeviceKey = PHONE) -> dict[int, DevicePublicKey]:
    return dict.fromkeys(numbers or (77,), key.public)


def open_both(text: str, *, keys: dict[int, DevicePublicKey], at: float = NOON, prefix: str = PREFIX) -> set[CodeFault]:
    """Why each of the two refuses; fewer than two when one accepts."""
    faults = set()
    for opened in (open_living, open_visit):
        try:
            opened(text, key_of=keys.get, at=at, prefix=prefix)
        except BadCode as bad:
            faults.add(bad.reason)
        else:
            return set()
    return faults


def fault_of(text: str = LIVING, *, at: float = NOON, prefix: str = PREFIX, drift: int = 1) -> CodeFault:
    with pytest.raises(BadCode) as refused:
        open_living(text, key_of=phones().get, at=at, prefix=prefix, drift=drift)
    return refused.value.reason


class TestLivingCode:
    @settings(deadline=None)
    @given(device=devices, at=times)
    def test_opens_what_the_phone_signed(self, device: int, at: float) -> None:
        text = sign_living(device, at=at, key=PHONE, prefix=PREFIX)

        opened = open_living(text, key_of=phones(device).get, at=at, prefix=PREFIX)

        assert opened == LivingCode(device, step_at(at))

    @pytest.mark.parametrize("late", [-30, 0, 29, 30, 59])
    def test_holds_for_a_step_on_either_side(self, late: float) -> None:
        start = NOON // 30 * 30
        text = sign_living(77, at=start, key=PHONE, prefix=PREFIX)

        assert open_living(text, key_of=phones().get, at=start + late, prefix=PREFIX).step == step_at(start)

    @pytest.mark.parametrize(
        ("late", "fault"),
        [(60, CodeFault.EXPIRED), (-31, CodeFault.NOT_YET), (86400 * 40, CodeFault.EXPIRED), (86400 * 91.1, "forged")],
    )
    def test_does_not_hold_at_other_times(self, late: float, fault: CodeFault) -> None:
        start = NOON // 30 * 30
        text = sign_living(77, at=start, key=PHONE, prefix=PREFIX)

        assert fault_of(text, at=start + late) == fault

    def test_does_not_come_round_again(self) -> None:
        assert fault_of(at=NOON + 30 * 2**18) is CodeFault.FORGED

    def test_needs_no_network_for_an_hour(self) -> None:
        for minute in range(60):
            at = NOON + 60 * minute
            text = sign_living(77, at=at, key=PHONE, prefix=PREFIX)
            assert open_living(text, key_of=phones().get, at=at + 20, prefix=PREFIX).device == 77

    @settings(deadline=None, max_examples=200)
    @given(position=st.integers(0, len(LIVING) - len(PREFIX) - 1), other=st.integers(1, 9))
    def test_refuses_a_changed_digit(self, position: int, other: int) -> None:
        at = len(PREFIX) + position
        changed = LIVING[:at] + str((int(LIVING[at]) + other) % 10) + LIVING[at + 1 :]

        assert open_both(changed, keys=phones())

    @settings(deadline=None)
    @given(text=st.text(max_size=230))
    def test_refuses_rubbish(self, text: str) -> None:
        assert fault_of(text) is CodeFault.NOT_A_CODE
        assert fault_of(PREFIX + text) is not None

    def test_refuses_another_phone(self) -> None:
        with pytest.raises(BadCode, match="forged"):
            open_living(LIVING, key_of=phones(77, key=OTHER).get, at=NOON, prefix=PREFIX)
        with pytest.raises(BadCode, match="unknown_key"):
            open_living(LIVING, key_of=phones(78).get, at=NOON, prefix=PREFIX)

    def test_refuses_another_host(self) -> None:
        elsewhere = LIVING.replace("Q.SZ.CN", "Q.SZ.CX")

        assert fault_of(elsewhere) is CodeFault.WRONG_HOST
        assert fault_of(elsewhere, prefix="https://q.sz.cx") is CodeFault.FORGED

    def test_refuses_a_device_out_of_range(self) -> None:
        with pytest.raises(ValueError, match="a device is"):
            sign_living(MAX_DEVICE + 1, at=NOON, key=PHONE, prefix=PREFIX)
        with pytest.raises(ValueError, match="before 1970"):
            sign_living(1, at=-1, key=PHONE, prefix=PREFIX)

    def test_fits_the_symbol_of_a_plaque(self) -> None:
        [symbol] = encode([LIVING])

        assert len(symbol) == 37
        assert decoded(painted(surrounded(symbol))) == {LIVING}


class TestVisitCode:
    @settings(deadline=None)
    @given(device=devices, at=times, visit=st.uuids())
    def test_opens_what_the_phone_signed(self, device: int, at: float, visit: UUID) -> None:
        text = sign_visit(device, visit, at=at, key=PHONE, prefix=PREFIX)

        opened = open_visit(text, key_of=phones(device).get, at=at, prefix=PREFIX)

        assert opened == VisitCode(device, visit, step_at(at))

    @settings(deadline=None, max_examples=200)
    @given(position=st.integers(0, len(VISITING) - len(PREFIX) - 1), other=st.integers(1, 9))
    def test_refuses_a_changed_digit(self, position: int, other: int) -> None:
        at = len(PREFIX) + position
        changed = VISITING[:at] + str((int(VISITING[at]) + other) % 10) + VISITING[at + 1 :]

        assert open_both(changed, keys=phones())

    def test_expires(self) -> None:
        with pytest.raises(BadCode, match="expired"):
            open_visit(VISITING, key_of=phones().get, at=NOON + 90, prefix=PREFIX)

    def test_says_the_token_again(self) -> None:
        [symbol] = encode([VISITING])

        assert decoded(painted(surrounded(symbol))) == {VISITING}
