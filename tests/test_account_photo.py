"""Portraits of inspectors."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.account.photos import load_photos
from server.picture import PORTRAIT
from server.visit.stages import Stage

from .factories import NOW, Cast, visit_at


def a_photo(size: tuple[int, int] = (900, 1200), form: str = "PNG") -> io.BytesIO:
    """A picture as a phone takes it."""
    kept = io.BytesIO()
    Image.new("RGB", size, "#5577aa").save(kept, form)
    kept.seek(0)
    return kept


def give(hand: Any, inspector: Any, body: io.BytesIO) -> Any:
    """Upload a portrait."""
    return hand.put(f"/inspectors/{inspector.id}/photo", data={"file": (body, "face.png")})


class TestPhoto:
    def test_is_cut_and_shown_to_whoever_they_visit(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.APPROVED, cast))
        path = f"/inspectors/{cast.li_na.id}/photo"
        before = as_("bakery").get(path)

        kept = give(as_("zhao_min"), cast.li_na, a_photo())

        shown = as_("bakery").get(path)
        assert (before.status_code, kept.status_code, shown.status_code) == (404, 204, 200)
        with Image.open(io.BytesIO(shown.data)) as face:
            assert (face.size, face.format, len(face.getexif())) == (PORTRAIT, "JPEG", 0)
        assert as_("foundry").get(path).status_code == 404
        assert {as_(who).get(path).status_code for who in ("sun_li", "wang_jun", "ma_lin")} == {200}
        assert as_("luo_gang").get(path).status_code == 404

    def test_is_told_with_the_visit(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        give(as_("ma_lin"), cast.li_na, a_photo())

        people = as_("bakery").get(f"/visits/{visit.id}").json["inspector_list"]

        assert {each["name"]: each["has_photo"] for each in people} == {"李娜": True, "王军": False}

    def test_is_given_by_the_own_desk_alone(self, as_: Any, cast: Cast, clock: Any) -> None:
        statuses = {who: give(as_(who), cast.li_na, a_photo()).status_code for who in ("luo_gang", "li_na", "bakery")}

        assert statuses == {"luo_gang": 404, "li_na": 403, "bakery": 403}

    @pytest.mark.parametrize("body", [b"", b"no picture", b"%PDF-1.7"])
    def test_refuses_what_is_no_picture(self, as_: Any, cast: Cast, clock: Any, body: bytes) -> None:
        answer = give(as_("zhao_min"), cast.li_na, io.BytesIO(body))

        assert (answer.status_code, answer.json["reason"]) == (422, "unreadable_photo")


class TestFolder:
    def test_gives_each_certificate_its_face_and_says_what_was_left(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, tmp_path: Path, db: Any
    ) -> None:
        keep(visit_at(Stage.APPROVED, cast))
        for name in ("18100001.png", "99999999.png"):
            (tmp_path / name).write_bytes(a_photo().getvalue())
        (tmp_path / "18100002.jpg").write_bytes(b"no picture")
        (tmp_path / "notes.txt").write_text("not looked at")
        told: list[tuple[int, int]] = []

        done = load_photos(tmp_path, at=NOW, progress=lambda *at: told.append(at))
        db.session.commit()

        assert (done.kept, done.left) == (
            1, [("18100002.jpg", "cannot be read as a picture"), ("99999999.png", "no such certificate")],
        )  # fmt: skip
        assert told[-1] == (3, 3)
        assert as_("bakery").get(f"/inspectors/{cast.li_na.id}/photo").status_code == 200
