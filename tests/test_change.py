"""One changing request: the key, the first answer, one commit."""

from typing import Any

import pytest
from sqlalchemy import func, insert, inspect, literal, select
from sqlalchemy.exc import IntegrityError

from server.account.models import Account
from server.change import KEPT_FOR, RequestKey, forget_old_answers
from server.clock import now
from server.constraints import MEANINGS, broken_constraint, constraint_names, meaning_of
from server.db import Base
from server.ids import new_id
from server.visit.models import Visit, VisitAgency
from server.visit.stages import Stage
from server.visit.verdicts import VisitCounter

from .factories import NOW, Cast, visit_at
from .test_loop import a_registration, a_scan_body


class TestIdempotencyKey:
    @pytest.mark.parametrize("key", ["", "short", "x" * 65])
    def test_is_demanded_of_every_change(self, as_: Any, cast: Cast, key: str) -> None:
        answer = as_("li_na").post("/visits", a_registration(cast), headers={"Idempotency-Key": key})

        assert (answer.status_code, answer.json["reason"]) == (400, "idempotency_key_missing")

    def test_answers_a_repeat_word_for_word_and_changes_nothing(
        self, as_: Any, cast: Cast, clock: Any, db: Any
    ) -> None:
        body = a_registration(cast)

        first = as_("li_na").post("/visits", body, key="tapped-twice")
        second = as_("li_na").post("/visits", body, key="tapped-twice")

        assert (second.status_code, second.data) == (first.status_code, first.data)
        assert (first.headers.get("Idempotent-Replay"), second.headers["Idempotent-Replay"]) == (None, "true")
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 1

    def test_refuses_another_body_under_the_same_key(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("li_na").post("/visits", a_registration(cast), key="tapped-twice")

        answer = as_("li_na").post("/visits", a_registration(cast, reason="另一件事"), key="tapped-twice")

        assert (answer.status_code, answer.json["reason"]) == (409, "idempotency_key_reused")

    def test_belongs_to_one_account(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = a_registration(cast)

        first = as_("li_na").post("/visits", body, key="the-same-key")
        second = as_("wang_jun").post("/visits", body, key="the-same-key")

        assert first.json["id"] != second.json["id"]

    def test_keeps_a_refusal_as_the_first_answer(self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit
        body = a_scan_body(NOW)

        first = as_("li_na").post(f"/visits/{visit.id}/scans", body, key="at-the-door")
        as_("zhao_min").post(f"/visits/{visit.id}/approvals", {"decision": "approve"})
        second = as_("li_na").post(f"/visits/{visit.id}/scans", body, key="at-the-door")

        assert first.json["reason"] == "not_approved"
        assert (second.status_code, second.data) == (409, first.data)

    def test_keeps_no_answer_to_a_body_that_could_not_be_read(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("li_na").post("/visits", {"purpose": "raid"}, key="mended-later")

        assert as_("li_na").post("/visits", a_registration(cast), key="mended-later").status_code == 201


class TestTransaction:
    def test_loses_what_a_refused_change_had_begun(self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit

        as_("li_na").post(f"/visits/{visit.id}/cancellations", {"reason": "改期"})

        db.session.expire_all()
        assert db.session.get(Visit, visit.id).stage is Stage.ON_SITE
        verbs = [event["verb"] for event in as_("sun_li").get(f"/visits/{visit.id}/events").json["items"]]
        assert verbs == ["registered", "approved", "on_site", "scanned"]

    def test_commits_nothing_when_the_view_breaks(
        self, as_: Any, cast: Cast, clock: Any, db: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(visit: Visit) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("server.registration.routes.state_of", broken)

        with pytest.raises(ZeroDivisionError):
            as_("li_na").post("/visits", a_registration(cast))

        assert db.session.scalar(select(func.count()).select_from(Visit)) == 0
        assert db.session.scalar(select(func.count()).select_from(RequestKey)) == 0


class TestMeanings:
    def test_name_constraints_that_the_database_has(self, db: Any) -> None:
        names = {name for table in Base.metadata.tables.values() for name in constraint_names(table)}
        look = inspect(db.engine)
        kept = set()
        for table in Base.metadata.tables:
            kept |= {each["name"] for each in look.get_unique_constraints(table)}
            kept |= {each["name"] for each in look.get_check_constraints(table)}
            kept |= {each["name"] for each in look.get_indexes(table) if each["unique"]}
            kept |= {look.get_pk_constraint(table)["name"]}

        assert (MEANINGS.keys() - names, MEANINGS.keys() - kept) == (set(), set())

    @pytest.mark.parametrize("broken", ["pk_visit_agency", "pk_visit", "uq_account_username", "ck_visit_counter_cap"])
    def test_are_of_the_constraint_that_broke_and_of_no_other(
        self, db: Any, cast: Cast, keep: Any, broken: str
    ) -> None:
        """pk_visit was once found inside pk_visit_agency, and a bug was told as a repeat."""
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit
        rows = {
            "pk_visit_agency": insert(VisitAgency).values(visit_id=visit.id, agency_id=visit.agency_id),
            "pk_visit": insert(Visit).from_select([c.name for c in Visit.__table__.c], select(Visit.__table__)),
            "uq_account_username": insert(Account).from_select(
                [c.name for c in Account.__table__.c if c.name != "inspector_id"],
                select(*(literal(new_id(), c.type) if c.name == "id" else c for c in Account.__table__.c
                         if c.name != "inspector_id")).where(Account.role == "supervisor"),
            ),
            "ck_visit_counter_cap": insert(VisitCounter).values(
                enterprise_id=cast.bakery.id, clause_id="c", subject="", year=2026, used=2, most=1, lifted=0
            ),
        }  # fmt: skip

        with pytest.raises(IntegrityError) as caught:
            db.session.execute(rows[broken])
        db.session.rollback()

        assert broken_constraint(caught.value) == broken
        assert (meaning_of(caught.value) is None) == (broken in ("pk_visit_agency", "uq_account_username"))


class TestForgetOldAnswers:
    def test_drops_what_nobody_will_ask_for(self, as_: Any, cast: Cast, db: Any) -> None:
        as_("li_na").post("/visits", a_registration(cast))

        forget_old_answers(now())
        assert db.session.scalar(select(func.count()).select_from(RequestKey)) == 1
        forget_old_answers(now() + 2 * KEPT_FOR)

        assert db.session.scalar(select(func.count()).select_from(RequestKey)) == 0
