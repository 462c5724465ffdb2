"""Sessions that have ended, and who is told so."""

from typing import Any

import pytest
from sqlalchemy import update

from server.account.models import Account
from server.account.sign_in import hash_password
from server.ids import new_id

from .conftest import Hand
from .factories import NOW, Cast
from .test_loop import a_scan_body

PASSWORD = "a good password 1"


class TestDeadSession:
    """A token outlives nothing: what ended is refused at once, on every request, not after a quarter of an hour."""

    def signed_in(self, nobody: Hand, cast: Cast, db: Any) -> Any:
        cast.accounts["li_na"].password_hash = hash_password(PASSWORD)
        db.session.commit()
        return nobody.post("/sessions", {"username": "lina", "password": PASSWORD, "device": "x"}).json

    @pytest.mark.parametrize("how", ["signed out", "password changed elsewhere", "disabled"])
    def test_is_refused_at_once(self, app: Any, nobody: Hand, cast: Cast, db: Any, clock: Any, how: str) -> None:
        first, second = (Hand(app.test_client(), self.signed_in(nobody, cast, db)["access_token"]) for _ in range(2))
        assert first.get("/me").status_code == 200

        if how == "signed out":
            first.delete("/sessions/current")
        elif how == "password changed elsewhere":
            assert second.post("/me/password", {"current": PASSWORD, "new": "another good one 3"}).status_code == 204
        else:
            db.session.execute(
                update(Account).where(Account.username == "lina").values(disabled_at=NOW, disabled_by=new_id())
            )
            db.session.commit()

        scan = first.post(f"/visits/{new_id()}/scans", a_scan_body(NOW))
        for answer in (first.get("/me"), first.get("/visits"), scan):
            assert (answer.status_code, answer.json["reason"]) == (401, "session_revoked")
        assert second.get("/me").status_code == (401 if how == "disabled" else 200)
