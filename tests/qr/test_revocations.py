"""The signed list: small, whole or refused, and never older than what is known."""

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
    Revocations,
    open_revocations,
    sign_revocations,
)

PREFIX = "HTTPS://Q.SZ.CN/E/"
CITY, OTHER = PlaqueKey.from_bytes(3, bytes(range(32))), PlaqueKey.from_bytes(4, bytes(range(1, 33)))
RING = KeyRing(CITY.public, OTHER.public)
LIST = Revocations(7, 1_780_000_000, frozenset({5, 1_234_567, MAX_SERIAL}), frozenset({0, 9}))
SIGNED = sign_revocations(LIST, key=CITY, prefix=PREFIX)

lists = st.builds(
    Revocations,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**40 - 1),
    st.frozensets(st.integers(0, MAX_SERIAL), max_size=40),
    st.frozensets(st.sampled_from([key_id for key_id in range(16) if key_id != 3])),
)


def fault_of(text: str, *, keys: KeyRing = RING, prefix: str = PREFIX, known: int = -1) -> CodeFault:
    with pytest.raises(BadCode) as refused:
        open_revocations(text, keys=keys, prefix=prefix, known=known)
    return refused.value.reason


class TestRevocations:
    @settings(deadline=None)
    @given(revoked=lists)
    def test_come_back_as_signed(self, revoked: Revocations) -> None:
        text = sign_revocations(revoked, key=CITY, prefix=PREFIX)

        assert open_revocations(text, keys=RING, prefix=PREFIX) == revoked

    @settings(deadline=None)
    @given(place=st.integers(0, len(SIGNED) - 1), other=st.characters())
    def test_are_refused_with_any_character_changed(self, place: int, other: str) -> None:
        if other != SIGNED[place]:
            fault_of(SIGNED[:place] + other + SIGNED[place + 1 :])

    @settings(deadline=None)
    @given(text=st.text(max_size=200))
    def test_are_not_read_out_of_rubbish(self, text: str) -> None:
        assert fault_of(text) in {CodeFault.NOT_A_CODE, CodeFault.MALFORMED, CodeFault.UNKNOWN_KEY, CodeFault.FORGED}

    def test_cover_serials_and_key_epochs(self) -> None:
        assert [LIST.covers(Plaque(serial, key_id)) for serial, key_id in ((5, 3), (6, 3), (6, 9))] == [
            True,
            False,
            True,
        ]

    def test_stay_small(self) -> None:
        revoked = Revocations(1, 0, frozenset(range(0, 100_000, 100)))

        assert len(sign_revocations(revoked, key=CITY, prefix=PREFIX)) < 1500

    def test_are_refused_when_older_than_the_known_one(self) -> None:
        assert fault_of(SIGNED, known=8) is CodeFault.EXPIRED
        assert open_revocations(SIGNED, keys=RING, prefix=PREFIX, known=7) == LIST

    def test_are_refused_from_others(self) -> None:
        assert fault_of(SIGNED, keys=KeyRing(OTHER.public)) is CodeFault.UNKNOWN_KEY
        assert fault_of(SIGNED, keys=RING.revoked(3, at=0)) is CodeFault.REVOKED_KEY
        assert fault_of(SIGNED, prefix="https://q.sz.cx") is CodeFault.FORGED

    def test_are_not_signed_by_a_key_they_revoke(self) -> None:
        with pytest.raises(ValueError, match="cannot sign"):
            sign_revocations(Revocations(1, 0, key_ids=frozenset({3})), key=CITY, prefix=PREFIX)

    @pytest.mark.parametrize(
        "fields", [{"sequence": -1}, {"issued_at": 2**40}, {"serials": frozenset({-1})}, {"key_ids": frozenset({16})}]
    )
    def test_refuse_numbers_out_of_range(self, fields: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="out of range"):
            Revocations(**{"sequence": 1, "issued_at": 0, **fields})
