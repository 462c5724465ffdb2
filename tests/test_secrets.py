"""A whole journey, and where its names, numbers, passwords, tokens and codes have come to lie."""

import io
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
import structlog
from apiflask import APIFlask
from PIL import Image, PngImagePlugin
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qr import DeviceKey
from server import create_app
from server.account.models import Account
from server.account.sign_in import hash_password
from server.change import RequestKey
from server.ids import new_id
from server.ledger.models import Event
from server.logs import without_values
from server.notice.models import Notice
from server.notice.sending import send_due
from server.phone.models import SmsCode

from .conftest import METRICS_TOKEN, Hand
from .factories import DAY, HOUR, MINUTE, NOW, Cast
from .pocket import public
from .test_loop import a_record_body, a_registration, a_scan_body
from .test_record import send_photo

MOBILE = "13907355678"
PASSWORD = "correct-horse-2026"
REMARK = "讲得清楚，谢谢李科长"
HIDDEN = "taken by 13900001111"
# Whoever may read an answer finds these in it, and so does the copy that answers a repeat; nothing else lies there.
MAY_LIE = {
    "stored answers": {"an inspector's name", "an enterprise's name"},
    "exports": {"an enterprise's name"},
}


def a_photo_that_talks(form: str) -> bytes:
    """A picture with a comment, and texts beside it."""
    body = io.BytesIO()
    image = Image.new("RGB", (60, 40), "green")
    if form == "JPEG":
        image.save(body, form, comment=HIDDEN.encode())
        return body.getvalue()
    texts = PngImagePlugin.PngInfo()
    for key in ("comment", "Comment", "Author", "XML:com.adobe.xmp"):
        texts.add_text(key, HIDDEN)
        texts.add_itxt(key, HIDDEN)
    image.save(body, form, pnginfo=texts)
    return body.getvalue()


class Journey:
    """Registration, scan with position, record with photos, rating, report from the door, new password, enrolment."""

    def __init__(self, as_: Any, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        self.as_, self.nobody, self.cast, self.clock, self.db = as_, nobody, cast, clock, db
        self.secrets: dict[str, str] = {
            "an inspector's name": "李娜",
            "an enterprise's name": "林邑糕点厂",
            "a mobile number": MOBILE,
            "a password": PASSWORD,
            "a rating in words": REMARK,
            "a place to the metre": "25.781234",
            "what a picture says": HIDDEN,
        }

    def walk(self) -> None:
        """All of it, in order."""
        li_na, bakery = self.as_("li_na"), self.as_("bakery")
        self._sign_in()
        visit = f"/visits/{li_na.post('/visits', a_registration(self.cast)).json['id']}"
        self.as_("zhao_min").post(f"{visit}/approvals", {"decision": "approve"})
        self.clock["at"] = NOW + DAY + 10 * MINUTE
        place = {"latitude": 25.781234, "longitude": 113.012345, "accuracy_m": 5}
        for who in ("li_na", "wang_jun"):
            scanned = a_scan_body(self.clock["at"], place=place)
            self.secrets["a plaque's code"] = scanned["code"]
            assert self.as_(who).post(f"{visit}/scans", scanned).status_code == 201
        bakery.post(f"{visit}/door-reports", {"kind": "began_before", "note": REMARK})
        self._record(visit)
        self.clock["at"] += HOUR
        rating = {"overall": 5, "conduct": 5, "lawfulness": 4, "beyond_list": False, "remark": REMARK}
        assert bakery.post(f"{visit}/evaluation", rating).status_code == 201
        self._new_password()
        self._enrol()

    def _sign_in(self) -> None:
        account = self.db.session.get_one(Account, self.cast.accounts["li_na"].id)
        account.password_hash = hash_password(PASSWORD)
        self.cast.bakery.contact_mobile = MOBILE
        self.db.session.commit()
        signed_in = self.nobody.post("/sessions", {"username": "lina", "password": PASSWORD}).json
        self.secrets |= {"an access token": signed_in["access_token"], "a refresh token": signed_in["refresh_token"]}
        self.nobody.post("/sessions", {"username": "lina", "password": PASSWORD + "x"})

    def _record(self, visit: str) -> None:
        photos = [
            send_photo(self.as_("li_na"), type("V", (), {"id": visit.rsplit("/", 1)[1]}), a_photo_that_talks(form))
            for form in ("JPEG", "PNG")
        ]
        body = a_record_body(self.cast, evidence_ids=[each.json["id"] for each in photos])
        assert self.as_("li_na").post(f"{visit}/record", body).status_code == 201

    def _new_password(self) -> None:
        path = f"/accounts/{self.cast.accounts['wang_jun'].id}/passwords"
        first, again = (self.as_("ma_lin").post(path, key="once-and-once-only") for _ in range(2))
        assert (first.status_code, again.status_code, again.json["reason"]) == (201, 409, "told_once")
        self.secrets["a one-time password"] = first.json["password"]

    def _enrol(self) -> None:
        self.nobody.post("/activations", {"uscc": self.cast.bakery.uscc})
        [digits] = re.findall(r"\d{6}", self.db.session.scalars(select(Notice)).one().body["text"])
        self.db.session.commit()  # or what requests have written would go with what was read here
        assert send_due(self.clock["at"]) == 1
        body = {
            "uscc": self.cast.bakery.uscc,
            "sms_code": digits,
            "public_key": public(DeviceKey.generate()),
            "label": "老板",
        }
        enrolled = self.nobody.post("/enrolments", body)
        assert enrolled.status_code == 201, enrolled.json
        self.secrets |= {"a texted code": digits, "a phone's refresh token": enrolled.json["refresh_token"]}


@pytest.fixture
def journey(
    app: APIFlask,
    as_: Any,
    nobody: Hand,
    cast: Cast,
    clock: Any,
    db: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Journey:
    """Somebody's day, not yet lived."""
    monkeypatch.setattr(app.config["RUQI"], "sms_url", f"file://{tmp_path}/texts.jsonl")
    return Journey(as_, nobody, cast, clock, db)


class TestJourneyEndpoint:
    def test_leaves_nothing_where_it_does_not_belong(
        self, app: APIFlask, journey: Journey, db: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as lines:
            journey.walk()

        lies = {
            "logs": json.dumps(lines, default=str, ensure_ascii=False) + caplog.text,
            "metrics": journey.nobody.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text,
            "stored answers": _texts(RequestKey.body, db),
            "stored files": _files(app),
            "exports": _exports(journey.as_("sun_li")),
            "sent messages": "".join(str((each.recipient, each.body)) for each in db.session.scalars(select(Notice))),
            "events": "".join(str((each.before, each.after)) for each in db.session.scalars(select(Event))),
            "texted codes": _texts(SmsCode.code_hash, db),
            "passwords": _texts(Account.password_hash, db),
        }

        assert len(lines) > 12 and all(lies.values())
        found = {
            where: {what for what, secret in journey.secrets.items() if secret in text} for where, text in lies.items()
        }
        assert {where: what for where, what in found.items() if what} == MAY_LIE

    def test_would_find_a_secret_that_lies_about(
        self, journey: Journey, db: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("server.change.getattr", lambda *_: False, raising=False)
        path = f"/accounts/{journey.cast.accounts['wang_jun'].id}/passwords"

        password = journey.as_("ma_lin").post(path).json["password"]

        assert password in _texts(RequestKey.body, db)


class TestErrors:
    def test_keep_a_row_s_values_out_of_the_log(self, db: Any, cast: Cast) -> None:
        db.session.add(Account(id=new_id(), username="lina", name="老板", role="inspector", failed_count=0))

        with pytest.raises(IntegrityError) as broken:
            db.session.flush()
        db.session.rollback()

        line = without_values(None, "error", {"exception": str(broken.value)})["exception"]
        assert ("lina" in line, "老板" in line, "INSERT INTO account" in line) == (False, False, True)

    @pytest.mark.parametrize("url", ["", "postgresql://nobody@localhost/none"])
    def test_hide_parameters_on_every_engine(self, make_config: Any, url: str) -> None:
        options = create_app(make_config(url)).config["SQLALCHEMY_ENGINE_OPTIONS"]

        assert options["hide_parameters"] is True


def _texts(column: Any, db: Any) -> str:
    return "\n".join(_text(value) for value in db.session.scalars(select(column)))


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _files(app: APIFlask) -> str:
    folder = Path(app.config["RUQI"].storage)
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def _exports(hand: Hand) -> str:
    table = hand.get("/frequency.xlsx").data
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(table)).get_sheet_by_index(0).to_python()
    return hand.get("/frequency.csv").text + str(sheet)
