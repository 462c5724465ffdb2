"""Quiet days that an enterprise chooses, and what the pack offers."""

from datetime import date

import pytest

from server.policy.pack import Pack, compose, read_layers
from server.refusal import Refusal
from server.standing.rules import Offer, offer_of, refuse_day

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
        assert offer_of(a_pack("days_of_month = [1]")) == Offer(0, 0)

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
