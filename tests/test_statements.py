"""How many statements an answer takes: as many of many rows as of few."""

from datetime import timedelta
from typing import Any

import pytest

from server.visit.stages import Stage

from .factories import NOW, Cast, visit_at

pytestmark = pytest.mark.outside
FEW, MORE = 2, 6
STAGES = (
    Stage.REGISTERED, Stage.APPROVED, Stage.ON_SITE, Stage.RECORDED, Stage.EVALUATED, Stage.UNRATED, Stage.EXPIRED,
    Stage.TURNED_AWAY, Stage.CANCELLED, Stage.REJECTED,
)  # fmt: skip
# Asked by whom; {…} is filled in. Every GET that shows rows stands here, or in ELSEWHERE with the reason.
ASKED: dict[str, tuple[str, str]] = {
    "dossier.visits": ("sun_li", "/visits?limit=200"),
    "dossier.overview": ("sun_li", "/overview"),
    "dossier.visit": ("li_na", "/visits/{visit}"),
    "dossier.events": ("li_na", "/visits/{visit}/events"),
    "dossier.enterprise_year": ("li_na", "/enterprises/{enterprise}/year"),
    "enterprise.enterprises": ("li_na", "/enterprises"),
    "plaque.enterprise": ("li_na", "/enterprises/{enterprise}"),
    "phones.phones": ("li_na", "/phones"),
    "phones.phones_of": ("ma_lin", "/enterprises/{enterprise}/phones"),
    "standing.tiers": ("li_na", "/enterprises/{enterprise}/tiers"),
    "standing.quiet_days": ("li_na", "/enterprises/{enterprise}/quiet-days"),
    "catalogue.matters": ("li_na", "/matters"),
    "catalogue.matter": ("li_na", "/matters/{matter}"),
    "catalogue.first_offences": ("li_na", "/first-offences"),
    "supervision.by_enterprise": ("sun_li", "/frequency"),
    "supervision.export": ("sun_li", "/frequency.csv"),
    "supervision.by_month": ("sun_li", "/frequency/months"),
    "account.me": ("li_na", "/me"),
    "account.agencies": ("li_na", "/agencies"),
    "account.inspectors": ("li_na", "/inspectors"),
    "account.regions": ("li_na", "/regions"),
    "account.accounts": ("ma_lin", "/accounts"),
    "account.devices": ("li_na", "/sessions"),
    "door.reports": ("sun_li", "/door-reports"),
    "door.my_meetings": ("bakery", "/meetings"),
    "door.words": ("li_na", "/visits/{visit}/words"),
    "joining.proposals": ("li_na", "/proposals"),
    "judging.lifts": ("sun_li", "/lifts"),
    "judging.pack_in_force": ("li_na", "/policy"),
    "planning.plans": ("li_na", "/plans"),
    "drawing.draws": ("li_na", "/draws"),
    "importing.imports": ("ma_lin", "/imports"),
    "shares.shares": ("sun_li", "/shares"),
    "code.code": ("", "/codes?text=91431002YYYY000125"),
    "code.keys": ("", "/keys"),
    "code.revocations": ("", "/revocations"),
}
ELSEWHERE = {
    "planning.plan": "one plan, one page: its items are read as one list",
    "drawing.draw": "one draw, the same",
    "record.evidence": "a file", "photo.photo": "a file", "plaque.plaque_file": "a file",
    "plaque.plaque_sheets": "a file for each number of plaques, printed in volumes (tests/test_plaque_sheets.py)",
    "importing.template": "a file", "importing.rejected": "a file",
}  # fmt: skip


def test_every_list_is_asked(app: Any) -> None:
    """A new GET is counted as well, or says why not."""
    asked = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "GET" in (rule.methods or ())
    }

    assert asked == set(ASKED) | set(ELSEWHERE)


class TestStatements:
    def test_are_as_many_for_many_rows_as_for_few(
        self, app: Any, as_: Any, cast: Cast, keep: Any, statements: Any, clock: Any
    ) -> None:
        visits = [self._one_of_each(cast, keep, day) for day in range(FEW)]
        words = {"visit": visits[0], "enterprise": cast.bakery.id, "matter": cast.food.id}
        few = self._counted(app, as_, statements, words)
        for day in range(FEW, FEW + MORE):
            self._one_of_each(cast, keep, day)
        many = self._counted(app, as_, statements, words)

        assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}
        assert few["dossier.visits"] >= 4  # or nothing was counted

    def _one_of_each(self, cast: Cast, keep: Any, day: int) -> Any:
        """A visit at each stage, on a day of its own; the id of one under way."""
        made = {stage: keep(visit_at(stage, cast, at=NOW - timedelta(days=day))).visit.id for stage in STAGES}
        return made[Stage.ON_SITE]

    def _counted(self, app: Any, as_: Any, statements: Any, words: dict[str, Any]) -> dict[str, int]:
        counted = {}
        for name, (who, path) in ASKED.items():
            hand = as_(who) if who else None
            where = path.format(**words)

            def ask(hand: Any = hand, where: str = where) -> Any:
                return hand.get(where) if hand else app.test_client().get(f"/api/v1{where}")

            ask()  # what is remembered is read once
            with statements() as seen:
                answer = ask()
            assert answer.status_code == 200, (name, answer.json)
            counted[name] = len(seen)
        return counted
