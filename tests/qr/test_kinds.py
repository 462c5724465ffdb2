"""No token of one kind passes as another, and the published vectors hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qr
from qr import BadCode, CodeFault, Kind, kind_of
from tests.qr import vectors

SAID = json.loads((Path(qr.__file__).parent / "vectors.json").read_text("utf-8"))
PREFIX = SAID["prefix"]
CITY, PHONE = vectors.CITY, vectors.PHONE
AT = float(SAID["at"])

OPENED: dict[Kind, Callable[[str], Any]] = {
    Kind.PLAQUE: lambda text: qr.open_plaque(text, keys=qr.KeyRing(CITY.public), prefix=PREFIX),
    Kind.LIVING: lambda text: qr.open_living(text, key_of=lambda device: PHONE.public, at=AT, prefix=PREFIX),
    Kind.VISIT: lambda text: qr.open_visit(text, key_of=lambda device: PHONE.public, at=AT, prefix=PREFIX),
    Kind.SLIP: lambda text: qr.read_slip(text, prefix=PREFIX),
}
SIGNED: dict[Kind, Callable[[int, UUID], str]] = {
    Kind.PLAQUE: lambda number, visit: qr.sign_plaque(number, key=CITY, prefix=PREFIX),
    Kind.LIVING: lambda number, visit: qr.sign_living(number, at=AT, key=PHONE, prefix=PREFIX),
    Kind.VISIT: lambda number, visit: qr.sign_visit(number, visit, at=AT, key=PHONE, prefix=PREFIX),
    Kind.SLIP: lambda number, visit: qr.slip_token(qr.make_slip(), prefix=PREFIX),
}
PAIRS = [(made, asked) for made in Kind for asked in Kind]


class TestKinds:
    @pytest.mark.parametrize(("made", "asked"), PAIRS, ids=[f"{a.name}-as-{b.name}".lower() for a, b in PAIRS])
    @settings(deadline=None, max_examples=8)
    @given(number=st.integers(0, 2**26 - 1), visit=st.uuids())
    def test_pass_only_as_themselves(self, made: Kind, asked: Kind, number: int, visit: UUID) -> None:
        text = SIGNED[made](number, visit)

        assert kind_of(text, prefix=PREFIX) is made
        if made is asked:
            OPENED[asked](text)
        else:
            with pytest.raises(BadCode) as refused:
                OPENED[asked](text)
            assert refused.value.reason is CodeFault.WRONG_KIND

    @pytest.mark.parametrize("made", [Kind.PLAQUE, Kind.LIVING])
    def test_do_not_pass_with_their_first_bits_changed(self, made: Kind) -> None:
        other = Kind.LIVING if made is Kind.PLAQUE else Kind.PLAQUE
        # A phone whose number, read as a plaque's first bits, names the city's key.
        number = int(SIGNED[made](3 << 22 | 77, UUID(int=0)).removeprefix(PREFIX))
        disguised = f"{PREFIX}{number ^ (made ^ other) << 556:0168d}"

        with pytest.raises(BadCode) as refused:
            OPENED[other](disguised)
        assert refused.value.reason is CodeFault.FORGED


class TestVectors:
    def test_are_what_this_code_writes(self) -> None:
        assert vectors.make() == SAID, "run python -m tests.qr.vectors > qr/vectors.json"

    @pytest.mark.parametrize("kind", Kind)
    def test_open(self, kind: Kind) -> None:
        OPENED[kind](SAID[kind.name.lower()]["text"])

    @pytest.mark.parametrize("entry", SAID["refused"], ids=lambda entry: entry["what"])
    def test_are_refused_for_their_reason(self, entry: dict[str, Any]) -> None:
        with pytest.raises(BadCode) as refused:
            OPENED[Kind[entry["as"].upper()]](entry["text"])

        assert refused.value.reason == entry["reason"]
