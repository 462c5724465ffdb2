"""Keys: they come back from storage, show no secret, and live through a rotation."""

import pytest

from qr import DeviceKey, DevicePublicKey, KeyRing, KeyState, PlaqueKey, PublicKey

CITY = PlaqueKey.from_bytes(3, bytes(range(32)))
STRANGER = PlaqueKey.from_bytes(3, bytes(range(1, 33)))
PHONE = DeviceKey.from_int(0x5EED)
JUNE, JULY = 1_780_000_000, 1_782_600_000


class TestPlaqueKey:
    def test_comes_back_from_its_bytes(self) -> None:
        key = PlaqueKey.generate(15)

        again = PlaqueKey.from_bytes(15, key.to_bytes())

        assert again.public == key.public

    def test_does_not_show_its_secret(self) -> None:
        assert CITY.to_bytes().hex() not in repr(CITY)

    @pytest.mark.parametrize("key_id", [-1, 16])
    def test_refuses_an_id_out_of_range(self, key_id: int) -> None:
        with pytest.raises(ValueError, match="a key id is"):
            PlaqueKey.generate(key_id)


class TestKeyRing:
    def test_comes_back_from_hex(self) -> None:
        ring = KeyRing(CITY.public, PlaqueKey.generate(12).public)

        again = KeyRing.from_hex(ring.to_hex())

        assert again == ring
        assert list(ring.to_hex()) == ["3", "12"]

    def test_comes_back_from_json_with_its_history(self) -> None:
        ring = KeyRing(CITY.public).rotated(PlaqueKey.generate(4).public, at=JUNE).revoked(3, at=JULY)

        assert KeyRing.from_json(ring.to_json()) == ring

    def test_refuses_two_keys_under_one_id(self) -> None:
        with pytest.raises(ValueError, match="share one key id"):
            KeyRing(CITY.public, STRANGER.public)

    def test_refuses_a_key_of_another_length(self) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            PublicKey(0, bytes(31))

    def test_hands_over_from_key_to_key(self) -> None:
        fresh = PlaqueKey.generate(4).public

        ring = KeyRing(CITY.public).rotated(fresh, at=JULY)

        older, newer = ring.find(3), ring.find(4)
        assert older is not None and newer is not None
        assert [older.state(at) for at in (JUNE, JULY)] == [KeyState.SIGNING, KeyState.RETIRED]
        assert [newer.state(at) for at in (JUNE, JULY)] == [KeyState.COMING, KeyState.SIGNING]
        assert [ring.signing(at) for at in (JUNE, JULY)] == [older, newer]

    def test_gives_phones_only_what_counts(self) -> None:
        ring = KeyRing(CITY.public, PlaqueKey.generate(4).public).revoked(3, at=JUNE)

        assert list(ring.to_hex()) == ["4"]
        assert ring.signing(JULY) == ring.find(4)

    def test_never_uses_an_id_twice(self) -> None:
        ring = KeyRing(*(PlaqueKey.generate(key_id).public for key_id in range(15))).revoked(0, at=JUNE)

        assert ring.free_key_id() == 15
        with pytest.raises(ValueError, match="sixteen"):
            KeyRing(*(PlaqueKey.generate(key_id).public for key_id in range(16))).free_key_id()

    def test_has_no_signing_key_once_all_are_gone(self) -> None:
        assert KeyRing(CITY.public).revoked(3, at=JUNE).signing(JULY) is None


class TestDeviceKey:
    def test_signs_the_same_each_time(self) -> None:
        assert PHONE.sign(b"x") == PHONE.sign(b"x")
        assert PHONE.public.verifies(PHONE.sign(b"x"), b"x")

    def test_verifies_only_its_own(self) -> None:
        assert not DeviceKey.generate().public.verifies(PHONE.sign(b"x"), b"x")
        assert not PHONE.public.verifies(PHONE.sign(b"x"), b"y")
        assert not PHONE.public.verifies(bytes(64), b"x")

    @pytest.mark.parametrize("raw", [b"", bytes(64), bytes(65), b"\x04" + bytes(64)])
    def test_refuses_what_is_no_point_of_the_curve(self, raw: bytes) -> None:
        with pytest.raises(ValueError):
            DevicePublicKey(raw)

    def test_does_not_show_its_secret(self) -> None:
        assert "5eed" not in repr(PHONE).lower() and str(0x5EED) not in repr(PHONE)
