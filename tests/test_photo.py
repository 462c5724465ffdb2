"""Portraits of inspectors."""

import io
from typing import Any

import pytest
from PIL import Image

from server.picture import PORTRAIT
from server.visit.models import Stage

from .factories import Cast, visit_at


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
