"""监督: the overview, and the lists behind its numbers."""

from typing import Any

import pytest

from server.visit.stages import Stage

from .factories import DAY, NOW, Cast, a_scan, visit_at

MARCH = "from_on=2026-03-01&to_on=2026-03-31"


class TestOverview:
    def test_counts_what_waits(self, as_: Any, busy_bakery: Cast, clock: Any, keep: Any) -> None:
        story = visit_at(Stage.APPROVED, busy_bakery)
        refused = a_scan(
            story.visit, inspector=busy_bakery.li_na, account_id=busy_bakery.accounts["li_na"].id, reason="forged_code"
        )
        story.scans = [refused]
        keep(story)

        answer = as_("sun_li").get("/overview").json

        assert answer == {
            "visits": 4,
            "on_site": 1,
            "unscanned": 1,
            "refused_scans": 1,
            "overdue_records": 1,
            "evaluated": 1,
            "unrated": 0,
            "amber": 0,
        }

    @pytest.mark.parametrize(
        ("asked", "found"),
        [("unscanned=1", 1), ("overdue=1", 1), ("amber=1", 0), ("open=1", 2), ("refused_scans=1", 0)],
    )
    def test_has_the_list_behind_each_count(
        self, as_: Any, busy_bakery: Cast, clock: Any, asked: str, found: int
    ) -> None:
        assert len(as_("sun_li").get(f"/visits?{asked}").json["items"]) == found


class TestVisitList:
    def test_finds_visits_with_refused_scans_each_once(self, as_: Any, busy_bakery: Cast, keep: Any) -> None:
        story = visit_at(Stage.APPROVED, busy_bakery)
        who = {"inspector": busy_bakery.li_na, "account_id": busy_bakery.accounts["li_na"].id}
        story.scans = [a_scan(story.visit, **who, reason=reason) for reason in ("forged_code", "other_enterprise")]
        keep(story)
        sun_li = as_("sun_li")

        listed = sun_li.get("/visits?refused_scans=1").json["items"]

        assert [row["id"] for row in listed] == [str(story.visit.id)]
        assert sun_li.get("/overview").json["refused_scans"] == 1
        assert len(sun_li.get("/visits?refused_scans=0").json["items"]) == 6

    def test_filters_by_stage_period_and_enterprise(self, as_: Any, busy_bakery: Cast) -> None:
        sun_li = as_("sun_li")

        assert len(sun_li.get("/visits?stage=recorded,evaluated").json["items"]) == 3
        assert len(sun_li.get(f"/visits?enterprise_id={busy_bakery.foundry.id}").json["items"]) == 1
        assert len(sun_li.get(f"/visits?{MARCH}").json["items"]) == 4
        assert len(sun_li.get("/visits?q=铸造").json["items"]) == 1
        assert sun_li.get("/visits?stage=nowhere").status_code == 422

    def test_shows_inspectors_their_own_and_heads_what_awaits_them(
        self, as_: Any, busy_bakery: Cast, keep: Any
    ) -> None:
        waiting = keep(visit_at(Stage.REGISTERED, busy_bakery, at=NOW + DAY)).visit

        assert len(as_("li_na").get("/visits?mine=1").json["items"]) == 6
        assert as_("he_qiang").get("/visits?mine=1").json["items"] == []
        listed = as_("zhao_min").get("/visits?awaiting=approval").json["items"]
        assert [row["id"] for row in listed] == [str(waiting.id)]
        awaited = as_("bakery").get("/visits?awaiting=evaluation").json["items"]
        assert len(awaited) == 2
        assert awaited[0]["window_from_at"] < awaited[1]["window_from_at"]

    def test_pages_by_cursor(self, as_: Any, busy_bakery: Cast) -> None:
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            page = as_("sun_li").get(f"/visits?limit=2{cursor}").json
            seen += [row["window_from_at"] for row in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"

        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)
