"""How clauses see a plan: on objects in memory."""

from typing import Any

import pytest

from server.judging.plan import as_case, matter_fact
from server.policy.case import MatterFact

from .factories import DAY, HOUR, NOW, Cast, a_plan


class TestCase:
    def test_is_the_plan_as_clauses_see_it(self) -> None:
        cast = Cast()
        cast.bakery.industry_code, cast.bakery.zone = "1411", "高新区"
        plan = a_plan(cast, joint_agencies=[cast.fire], inspectors=[cast.li_na, cast.he_qiang], helpers=[("张", "")],
                      off_site_means="video")  # fmt: skip

        case = as_case(plan, at=NOW)

        assert (case.at, case.opens_at, case.closes_at) == (NOW, NOW + DAY, NOW + DAY + 4 * HOUR)
        assert (case.agency, case.agency_kind, case.joint) == (
            str(cast.market.id), "市场监督管理局", (str(cast.fire.id),)
        )  # fmt: skip
        assert (case.sector, case.zone, case.tier, case.region) == ("C1411", "高新区", "", "431002")
        assert (case.basis, case.purpose, case.off_site, case.helpers) == ("plan", "inspection", True, 1)
        assert [(each.name, each.certified) for each in case.inspectors] == [("李娜", True), ("何强", False)]
        assert case.matters == (
            MatterFact("431001001", "食品生产企业日常监督检查", yearly=cast.food.yearly_frequency, off_site=False),
        )
        plain = as_case(a_plan(cast), at=NOW)
        assert (plain.off_site, plain.planned, plain.drawn, plain.plan_published_on) == (False, False, False, None)

    @pytest.mark.parametrize(("first", "last"), [(1, 2), (0, 1)])
    def test_wants_certificates_on_the_first_and_on_the_last_day(self, first: int, last: int) -> None:
        cast = Cast()
        day = (NOW + DAY).date()
        cast.li_na.valid_from_on, cast.li_na.valid_to_on = day + first * DAY, day + last * DAY
        plan = a_plan(cast, window_from_at=NOW + DAY, window_to_at=NOW + 3 * DAY)

        assert as_case(plan, at=NOW).inspectors[0].certified is False

    def test_matter_is_the_duty_of_its_department_in_the_place_or_delegated(self) -> None:
        cast = Cast()

        def authorised(*agencies: Any, region: str = "431002", delegated: Any = frozenset()) -> bool:
            return matter_fact(cast.food, agencies, region=region, delegated=delegated).authorised

        given = frozenset({(cast.fire.id, cast.food.code)})
        assert (authorised(cast.market), authorised(cast.fire), authorised(cast.fire, cast.market)) == (
            True,
            False,
            True,
        )
        assert (authorised(cast.market, region="440000"), authorised()) == (False, False)
        assert (authorised(cast.fire, delegated=given), authorised(cast.market, region="440000", delegated=given)) == (
            True, False
        )  # fmt: skip
