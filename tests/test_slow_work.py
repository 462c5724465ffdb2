"""The transaction holds statements only: nothing that takes long happens while a row or the writer's gate is held."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

import qr
from server import change
from server.account import sign_in
from server.account.models import Account
from server.account.sign_in import hash_password
from server.change import PATIENCE_S, SPARE_THREADS
from server.ids import new_id
from server.picture import MOST_PER_BYTE, UnreadablePicture, read_evidence
from server.visit.stages import Stage

from .factories import Cast, visit_at

PASSWORD = "a good password 1"
FRESH = "a better password 2"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(body, kind, **more)
    return body.getvalue()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which slow work was done, in order; doing any of it inside the transaction fails the test."""
    inside = threading.local()
    done: list[str] = []
    tried = change._tried

    def entered(answered: Callable[[], Any]) -> Any:
        inside.held = True
        try:
            return tried(answered)
        finally:
            inside.held = False

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*args: Any, **kwargs: Any) -> Any:
            assert not getattr(inside, "held", False), f"{name} inside the transaction"
            done.append(name)
            return work(*args, **kwargs)

        return watch

    class Hasher:
        verify = staticmethod(watched("argon2", sign_in.HASHER.verify))
        hash = staticmethod(watched("argon2", sign_in.HASHER.hash))

    monkeypatch.setattr(change, "_tried", entered)
    monkeypatch.setattr(sign_in, "HASHER", Hasher)
    for name, place in {
        "decode": "PIL.Image.open", "store": "obstore.put", "slips": "qr.slip_pdf", "plaque": "qr.plaque_pdf",
        "sheet": "server.importing.load.read_rows",
    }.items():  # fmt: skip
        module, _, function = place.rpartition(".")
        owner = __import__(module, fromlist=[function])
        monkeypatch.setattr(place, watched(name, getattr(owner, function)))
    return done


class TestChanges:
    def test_compare_passwords_before_they_hold_anything(
        self, nobody: Any, cast: Cast, db: Any, clock: Any, slow: list[str]
    ) -> None:
        cast.accounts["li_na"].password_hash = hash_password(PASSWORD)
        db.session.commit()
        slow.clear()

        answer = nobody.post("/sessions", {"username": "lina", "password": PASSWORD, "device": "x"})
        wrong = nobody.post("/sessions", {"username": "lina", "password": "another", "device": "x"})

        assert (answer.status_code, wrong.status_code, slow) == (201, 401, ["argon2", "argon2"])

    def test_hash_new_passwords_before(self, as_: Any, cast: Cast, db: Any, clock: Any, slow: list[str]) -> None:
        cast.accounts["li_na"].password_hash = hash_password(PASSWORD)
        db.session.commit()
        slow.clear()

        mine = as_("li_na").post("/me/password", {"current": PASSWORD, "new": FRESH})
        desk = as_("ma_lin").post(f"/accounts/{cast.accounts['wang_jun'].id}/passwords")

        assert (mine.status_code, desk.status_code, slow) == (204, 201, ["argon2"] * 3)

    def test_decode_and_store_pictures_before(
        self, as_: Any, cast: Cast, keep: Any, clock: Any, slow: list[str]
    ) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        photo = {"file": (io.BytesIO(a_picture()), "a.jpg")}

        evidence = as_("li_na").post(f"/visits/{visit.id}/evidence", data={"id": str(new_id()), **photo})
        photo = {"file": (io.BytesIO(a_picture()), "a.jpg")}
        portrait = as_("zhao_min").put(f"/inspectors/{cast.li_na.id}/photo", data=photo)

        assert (evidence.status_code, portrait.status_code) == (201, 204)
        assert slow == ["decode", "store", "decode", "store"]

    def test_store_nothing_of_a_visit_that_is_not_theirs(
        self, as_: Any, cast: Cast, keep: Any, clock: Any, slow: list[str]
    ) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        photo = {"id": str(new_id()), "file": (io.BytesIO(a_picture()), "a.jpg")}

        answer = as_("chen_bo").post(f"/visits/{visit.id}/evidence", data=photo)

        assert (answer.status_code, slow) == (404, [])

    def test_read_spreadsheets_before(self, as_: Any, cast: Cast, clock: Any, slow: list[str]) -> None:
        sheet = io.BytesIO("统一社会信用代码,企业名称,行政区划\n91431002YYYY00024A,新厂,431002\n".encode())

        answer = as_("ma_lin").post("/imports", data={"kind": "enterprises", "file": (sheet, "a.csv")})

        assert (answer.status_code, slow) == (201, ["sheet"])

    def test_draw_sheets_before(self, as_: Any, cast: Cast, clock: Any, slow: list[str]) -> None:
        slips = as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "visit", "count": 2})
        sealed = as_("ma_lin").post("/plaques/1001/sealed-sheet")

        assert (slips.status_code, sealed.status_code) == (200, 200)
        assert slow == ["slips", "plaque"]
        assert qr.PlaqueFormat.SEALED


class TestPassword:
    def test_that_was_changed_meanwhile_lets_nobody_in(
        self, nobody: Any, cast: Cast, db: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Compared before, asked again under the lock."""
        account = cast.accounts["li_na"]
        account.password_hash = hash_password(PASSWORD)
        db.session.commit()
        real, fresh = change._tried, hash_password(FRESH)

        def changed_first(answered: Callable[[], Any]) -> Any:
            db.session.execute(update(Account).where(Account.username == "lina").values(password_hash=fresh))
            db.session.commit()
            return real(answered)

        monkeypatch.setattr(change, "_tried", changed_first)
        answer = nobody.post("/sessions", {"username": "lina", "password": PASSWORD, "device": "x"})

        assert (answer.status_code, answer.json["reason"]) == (401, "bad_credentials")


class TestPlaces:
    def test_for_changes_are_fewer_than_threads(
        self, app: Any, as_: Any, nobody: Any, cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All places are taken by those who wait for a forgotten lock: a change is told so, reading goes on."""
        monkeypatch.setattr(change, "PATIENCE_S", 0.01)
        threads = app.config["RUQI"].web_threads
        taken = threading.BoundedSemaphore(threads - SPARE_THREADS)
        for _ in range(threads - SPARE_THREADS):
            taken.acquire()
        monkeypatch.setitem(app.extensions, "ruqi_places", taken)

        held = nobody.post("/sessions", {"username": "lina", "password": PASSWORD, "device": "x"})
        read = as_("li_na").get("/visits")

        assert (held.status_code, held.json["reason"], held.headers["Retry-After"]) == (503, "busy", "2")
        assert (read.status_code, threads - SPARE_THREADS >= 1, PATIENCE_S >= 1) == (200, True, True)

    def test_are_given_back_whatever_happens(self, app: Any, as_: Any, cast: Cast, clock: Any) -> None:
        threads = app.config["RUQI"].web_threads
        for _ in range(3 * threads):
            as_("li_na").post("/visits", {"nonsense": True})

        assert as_("zhao_min").post(f"/visits/{new_id()}/approvals", {"decision": "approve"}).status_code == 404


class TestTooMuch:
    def test_json_is_told_the_limit_and_keeps_nothing(self, nobody: Any) -> None:
        answer = nobody.post("/sessions", {"username": "x" * 1_000_001, "password": "y", "device": ""})

        assert (answer.status_code, answer.json["reason"], answer.json["limit"]) == (413, "too_large", 1_000_000)

    def test_pixels_for_so_few_bytes_are_no_picture(self) -> None:
        bomb = a_picture("PNG", (7_000, 7_000))
        assert MOST_PER_BYTE * len(bomb) < 49_000_000 or len(bomb) > 49_000

        small = Image.new("1", (7_000, 7_000))
        body = io.BytesIO()
        small.save(body, "PNG")
        assert len(body.getvalue()) < 49_000
        with pytest.raises(UnreadablePicture):
            read_evidence(body.getvalue())

    def test_a_photo_of_forty_eight_megapixels_passes(self) -> None:
        body, media_type, _ = read_evidence(a_picture("JPEG", (8_000, 6_000)))

        assert media_type == "image/jpeg"
        with Image.open(io.BytesIO(body)) as kept:
            assert max(kept.size) == 4_000 or max(kept.size) == 4_096

    def test_a_white_page_of_a_scanner_passes(self) -> None:
        page = io.BytesIO()
        Image.new("L", (2_480, 3_508), 255).save(page, "PNG")

        assert read_evidence(page.getvalue())[1] == "image/jpeg"
