"""May this agency join, and what becomes of the visit: on objects in memory."""

from datetime import date, timedelta
from typing import Any

import pytest

from server.ids import new_id
from server.joining.models import JoinProposal
from server.joining.rules import decide, join, refuse_proposal
from server.visit.models import Visit
from server.visit.stages import Basis, Purpose, Stage

from .factories import HOUR, NOW, Cast, events_of, refused, visit_at
from .law import fire_matter


def proposed(cast: Cast, visit: Visit, **changes: Any) -> Any:
    """The fire brigade would join with its own matter and Chen Bo."""
    values = {"matters": [fire_matter()], "inspectors": [cast.chen_bo], "by_head": True, "at": NOW, **changes}
    return refuse_proposal(
        visit, changes.pop("agency", cast.fire), **{k: v for k, v in values.items() if k != "agency"}
    )


def planned(cast: Cast, stage: Stage = Stage.REGISTERED, **changes: Any) -> Visit:
    """A visit of the market regulators."""
    return visit_at(stage, cast, **changes).visit


class TestRefuseProposal:
    @pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.APPROVED])
    def test_lets_the_head_of_another_agency_join_what_nobody_has_begun(self, stage: Stage) -> None:
        cast = Cast()

        assert proposed(cast, planned(cast, stage)) is None  # nothing is raised

    def test_lets_an_inspector_join_what_the_heads_will_still_decide(self) -> None:
        cast = Cast()

        assert proposed(cast, planned(cast), by_head=False) is None  # nothing is raised
        told = refused(lambda: proposed(cast, planned(cast, Stage.APPROVED), by_head=False))
        assert told == ("head_must_propose", 409, {})

    @pytest.mark.parametrize("stage", [each for each in Stage if each not in (Stage.REGISTERED, Stage.APPROVED)])
    def test_refuses_what_has_begun_or_is_gone(self, stage: Stage) -> None:
        cast = Cast()

        told = refused(lambda: proposed(cast, planned(cast, stage)))

        assert told == ("not_joinable", 409, {"stage": stage.value})

    def test_refuses_a_service_visit(self) -> None:
        cast = Cast()
        service = planned(cast, purpose=Purpose.SERVICE, basis=Basis.SERVICE, matters=[])

        assert refused(lambda: proposed(cast, service)) == ("not_joinable", 409, {"stage": "registered"})

    def test_refuses_when_the_window_has_passed(self) -> None:
        cast = Cast()
        visit = planned(cast)

        told = refused(lambda: proposed(cast, visit, at=visit.window_to_at + timedelta(microseconds=1)))

        assert told == ("not_joinable", 409, {"stage": "window_passed"})

    def test_refuses_whoever_is_on_it(self) -> None:
        cast = Cast()

        told = refused(lambda: proposed(cast, planned(cast), agency=cast.market))

        assert told == ("already_joined", 409, {})

    @pytest.mark.parametrize("case", ["matters", "unlisted", "authority", "strangers", "people", "expired", "not_yet"])
    def test_refuses_what_a_registration_would(self, case: str) -> None:
        cast = Cast()
        foreign, gone = cast.food, fire_matter()
        gone.withdrawn_at = NOW
        late, early = Cast().chen_bo, Cast().chen_bo
        late.agency_id = early.agency_id = cast.fire.id
        late.valid_to_on, early.valid_from_on = date(2026, 3, 9), date(2026, 3, 11)
        changes, expected = {
            "matters": ({"matters": []}, ("matter_missing", 409, {})),
            "unlisted": ({"matters": [fire_matter(), gone]}, ("unlisted_matter", 409, {"matters": ["消防监督抽查"]})),
            "authority": ({"matters": [fire_matter(), foreign]}, ("not_authorised", 409, {"verdicts": []})),
            "strangers": (
                {"inspectors": [cast.chen_bo, cast.li_na]}, ("inspector_of_other_agency", 409, {"inspectors": ["李娜"]})
            ),
            "people": ({"inspectors": []}, ("too_few_inspectors", 409, {"needed": 1})),
            "expired": ({"inspectors": [late]}, ("expired_certificate", 409, {"inspectors": ["陈波"]})),
            "not_yet": ({"inspectors": [early]}, ("expired_certificate", 409, {"inspectors": ["陈波"]})),
        }[case]  # fmt: skip

        assert refused(lambda: proposed(cast, planned(cast), **changes)) == expected


def a_proposal(cast: Cast, visit: Visit, *, by_head: bool) -> JoinProposal:
    """What the fire brigade proposed."""
    head = cast.accounts["luo_gang"].id
    return JoinProposal(
        id=new_id(), visit_id=visit.id, agency_id=cast.fire.id, agency=cast.fire, by_head=by_head,
        proposed_at=NOW - HOUR, proposed_by=head,
    )  # fmt: skip


class TestDecide:
    @pytest.mark.parametrize(("accepted", "reason"), [(True, ""), (True, "好"), (False, "时间不合")])
    def test_is_the_lead_agencys_and_says_who_when_and_why(self, accepted: bool, reason: str) -> None:
        cast = Cast()
        visit = planned(cast)
        proposal, by = a_proposal(cast, visit, by_head=True), cast.actor("zhao_min")

        decide(proposal, visit, accepted=accepted, reason=reason, by=by, at=NOW)

        decided = (proposal.accepted, proposal.decided_at, proposal.decided_by, proposal.decision_reason)
        assert decided == (accepted, NOW, by.account_id, reason)
        told = refused(lambda: decide(proposal, visit, accepted=True, reason="", by=by, at=NOW))
        assert told == ("already_decided", 409, {})

    def test_is_nobody_elses_and_a_no_has_a_reason(self) -> None:
        cast = Cast()
        visit = planned(cast)
        proposal = a_proposal(cast, visit, by_head=True)

        def by(who: str) -> Any:
            actor = cast.actor(who)
            return refused(lambda: decide(proposal, visit, accepted=False, reason="", by=actor, at=NOW))

        assert (by("luo_gang"), by("zhao_min")) == (("not_found", 404, {}), ("reason_missing", 409, {}))
        assert proposal.decided_at is None


class TestJoin:
    @pytest.mark.parametrize("by_head", [True, False])
    def test_makes_one_visit_of_two(self, by_head: bool) -> None:
        cast = Cast()
        visit, extra = planned(cast), fire_matter()
        proposal, by = a_proposal(cast, visit, by_head=by_head), cast.actor("zhao_min")

        join(visit, proposal, matters=[extra, cast.food], inspectors=[cast.chen_bo], by=by, at=NOW)

        market, fire = visit.agencies
        assert (market.agency, fire.agency, fire.agency_id) == (cast.market, cast.fire, cast.fire.id)
        yes = ("approve", NOW, cast.accounts["luo_gang"].id)
        assert (fire.decision, fire.decided_at, fire.decided_by) == (yes if by_head else (None, None, None))
        assert list(visit.matters) == [cast.food, extra]
        assert [(part.inspector, part.certificate_no) for part in visit.inspectors][2:] == [(cast.chen_bo, "18100004")]
        event = events_of(visit)[-1]
        assert (event.verb, event.account_id, event.at) == ("joined", by.account_id, NOW)
        assert event.after == {
            "agency": str(cast.fire.id), "matters": ["431004001@1", "431001001@1"],
            "inspectors": [str(cast.chen_bo.id)],
        }  # fmt: skip
