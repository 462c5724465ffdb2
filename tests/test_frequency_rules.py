"""What the pack says of an agency's shares, in memory."""

from typing import Any

from server.frequency.rules import Said, judge_shares
from server.policy.clause import Outcome

from .clauses import clause_of


class TestShares:
    CLAUSE: Any = clause_of("shares", action="warn", service_at_least=70, guidance_at_least=20, penalty_at_most=10)

    def test_say_nothing_without_a_clause_or_where_all_is_well(self) -> None:
        nothing = Said(Outcome.PASS, None, None)

        assert judge_shares(None, service=0, guidance=0, penalty=9) == nothing
        assert judge_shares(self.CLAUSE, service=7, guidance=2, penalty=1) == nothing

    def test_say_it_in_both_languages(self) -> None:
        assert judge_shares(self.CLAUSE, service=0, guidance=0, penalty=9) == Said(
            Outcome.WARN,
            "服务不少于70%，指导不少于20%，处罚不多于10%",
            "Service at least 70 %, guidance 20 %, penalty at most 10 %",
        )
