"""How a verdict is kept, which shares of a year are spoken of, and the one function that makes an event: in memory."""

from typing import Any
from uuid import uuid4

import pytest

from server.judging.plan import Claim
from server.judging.verdicts import is_row, keep_verdict
from server.ledger.rules import PUBLIC, SYSTEM, Hand, event
from server.policy.clause import Outcome, Verdict

from .clauses import clause_of, pack_of
from .factories import NOW

EXCEPTION = {"class": "life_safety", "title": "危及生命", "evidence": "检测报告", "approver": "head"}


class TestKept:
    @pytest.mark.parametrize(
        ("kind", "values", "outcome", "expected"),
        [
            ("random_draw", {}, Outcome.PASS, False),
            ("random_draw", {}, Outcome.RECORD, True),
            ("random_draw", {}, Outcome.WARN, True),
            ("random_draw", {}, Outcome.BLOCK, True),
            ("duty", {"text": "亮证"}, Outcome.RECORD, False),
            ("approval", {"when": "before"}, Outcome.WARN, True),
        ],
    )
    def test_is_a_row_what_speaks_of_this_visit(self, kind: str, values: Any, outcome: Outcome, expected: bool) -> None:
        assert is_row(Verdict(clause_of(kind, **values), outcome)) is expected

    @pytest.mark.parametrize("moment", ["registration", "record"])
    def test_holds_what_was_said_and_claimed(self, moment: str) -> None:
        policy = pack_of({"kind": "helpers", "action": "block", "at_most": 1, "exception": [EXCEPTION]})
        verdict = Verdict(policy.clause[0], Outcome.BLOCK, {"count": 2, "at_most": 1})
        claims = [Claim("c0", "life_safety", "编号7")]

        row = keep_verdict(verdict, policy=policy, at=NOW, claims=claims, moment=moment)
        bare = keep_verdict(verdict, policy=policy, at=NOW)

        assert (row.clause_id, row.kind, row.pack, row.outcome, row.moment) == (
            "c0", "helpers", "test@1", Outcome.BLOCK, moment
        )  # fmt: skip
        assert (row.numbers, row.sentence, row.sentence_en, row.source, row.judged_at) == (
            {"count": 2, "at_most": 1}, "辅助人员2名，超过1名；辅助人员不得实施检查",
            "2 helpers, more than 1; helpers may not inspect", "试验", NOW,
        )  # fmt: skip
        assert (row.claim_class, row.claim_evidence, row.approver) == ("life_safety", "编号7", "head")
        assert (bare.claim_class, bare.claim_evidence, bare.approver, bare.moment) == (None, None, None, "registration")


class TestEvent:
    def test_holds_who_where_when_and_what(self) -> None:
        account, device, subject, agency, firm = (uuid4() for _ in range(5))
        scope: dict[str, Any] = {"region_code": "431002", "agency_id": agency, "enterprise_id": firm, "basis": "plan"}

        told = event("moved", subject=("visit", subject), by=Hand(account, "inspector", device, "10.0.0.1"), at=NOW,
                     before={"stage": "a"}, after={"stage": "b"}, **scope)  # fmt: skip

        assert (told.verb, told.subject_kind, told.subject_id, told.at) == ("moved", "visit", subject, NOW)
        assert (told.account_id, told.role, told.device_id, told.address) == (account, "inspector", device, "10.0.0.1")
        assert (told.before, told.after) == ({"stage": "a"}, {"stage": "b"})
        assert {name: getattr(told, name) for name in scope} == scope

    def test_holds_nothing_that_nobody_said(self) -> None:
        told = event("ticked", subject=("visit", uuid4()), by=SYSTEM, at=NOW)

        assert (told.before, told.after, told.account_id, told.role, told.address) == ({}, {}, None, "system", "")
        assert (told.region_code, told.agency_id, told.enterprise_id, told.basis) == (None, None, None, None)
        assert PUBLIC.role == "public"
