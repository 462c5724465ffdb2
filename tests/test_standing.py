"""Quiet days that an enterprise chooses, and what the pack offers."""

from datetime import date
from typing import Any

import pytest

from server.clock import day_of
from server.policy.pack import Pack, compose, read_layers
from server.refusal import Refusal
from server.standing.models import QuietChoice
from server.standing.rules import Offer, offer_of, refuse_day

from .factories import NOW, Cast
from .law import FREE, at
from .test_loop import a_registration

TODAY = date(2026, 3, 10)
OFFER = Offer(a_month=2, notice_days=3)


def a_pack(*clauses: str) -> Pack:
    """The national pack with these clauses as its only quiet days."""
    texts = [
        f'[[clause]]\nid = "q{number}"\nkind = "quiet_day"\ntitle = "无扰日"\naction = "block"\n'
        f'source = {{ title = "草案" }}\n{clause}\n'
        for number, clause in enumerate(clauses)
    ]
    head = 'id = "local"\nversion = "1"\ntitle = "本地"\nextends = "national"\n'
    return compose(read_layers("local", text=head + "".join(texts)))


class TestOffer:
    def test_is_nothing_without_a_clause(self) -> None:
        assert offer_of(a_pack("days_of_month = [1]")) == Offer(0, 0) == Offer()

    def test_is_the_most_generous_number_and_the_longest_notice(self) -> None:
        pack = a_pack("floating = 1\nnotice_days = 5", "floating = 3\nnotice_days = 2", "days_of_month = [1]")

        assert offer_of(pack) == Offer(a_month=3, notice_days=5)


class TestRefuseDay:
    def test_takes_the_first_day_that_is_far_enough_ahead(self) -> None:
        refuse_day(date(2026, 3, 13), chosen=[], offer=OFFER, today=TODAY)  # nothing is raised

    def test_refuses_the_day_before_it(self) -> None:
        with pytest.raises(Refusal) as refused:
            refuse_day(date(2026, 3, 12), chosen=[], offer=OFFER, today=TODAY)

        assert (refused.value.reason, refused.value.status, refused.value.extras) == (
            "quiet_day_too_soon", 422, {"days": 3}
        )  # fmt: skip

    def test_refuses_one_too_many_in_its_month(self) -> None:
        chosen = [date(2026, 4, 1), date(2026, 4, 2)]

        with pytest.raises(Refusal) as refused:
            refuse_day(date(2026, 4, 3), chosen=chosen, offer=OFFER, today=TODAY)

        assert (refused.value.reason, refused.value.extras) == ("quiet_days_spent", {"a_month": 2})

    @pytest.mark.parametrize(
        "day",
        [
            date(2026, 5, 3),  # another month
            date(2027, 4, 3),  # the same month of another year
            date(2026, 4, 2),  # chosen already
        ],
    )
    def test_counts_the_month_alone_and_no_day_twice(self, day: date) -> None:
        refuse_day(day, chosen=[date(2026, 4, 1), date(2026, 4, 2)], offer=OFFER, today=TODAY)  # nothing is raised


FIVE_DAYS_AHEAD = """
extends = "national"
[[clause]]
id = "chosen"
kind = "quiet_day"
title = "自选"
action = "block"
floating = 1
notice_days = 5
source = { title = "本地办法" }
"""


class TestQuietDays:
    def test_are_chosen_as_many_a_month_as_the_pack_allows(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/quiet-days"
        bakery = as_("bakery")

        chosen = [bakery.post(path, {"on": f"2026-03-2{day}"}).status_code for day in (3, 4, 5)]
        spent = bakery.post(path, {"on": "2026-03-26"})
        april = bakery.post(path, {"on": "2026-04-01"})

        assert (chosen, spent.json["reason"], april.status_code) == ([201] * 3, "quiet_days_spent", 201)
        assert april.json["a_month"] == 3
        assert bakery.delete(f"{path}/2026-03-25").status_code == 200
        assert bakery.post(path, {"on": "2026-03-26"}).status_code == 201

    def test_are_not_chosen_for_tomorrow_or_by_others(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/quiet-days"

        assert as_("bakery").post(path, {"on": "2026-03-11"}).json["reason"] == "quiet_day_too_soon"
        assert as_("foundry").post(path, {"on": "2026-03-24"}).status_code == 404
        assert as_("bakery").delete(f"{path}/someday").status_code == 404

    def test_are_chosen_as_far_ahead_as_the_pack_says(self, as_: Any, cast: Cast, clock: Any, in_force: Any) -> None:
        in_force(FIVE_DAYS_AHEAD)
        path = f"/enterprises/{cast.bakery.id}/quiet-days"

        near = as_("bakery").post(path, {"on": "2026-03-14"})
        far = as_("bakery").post(path, {"on": "2026-03-15"})

        assert (near.status_code, near.json["days"], far.status_code) == (422, 5, 201)
        assert (far.json["a_month"], far.json["notice_days"]) == (1, 5)

    def test_block_a_planned_visit(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        db.session.add(QuietChoice(enterprise_id=cast.bakery.id, on=day_of(FREE), chosen_at=NOW))
        db.session.commit()

        refused = as_("li_na").post("/visits", a_registration(cast, **at(FREE)))

        assert (refused.status_code, refused.json["reason"]) == (409, "quiet_day")
