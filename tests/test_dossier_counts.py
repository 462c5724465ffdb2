"""One truth for every question: lists, tiles, the preview and the frequency table count the same visits."""

from typing import Any

import pytest

from server.visit.stages import Purpose, Stage

from .factories import DAY, NOW, Cast, a_plan, visit_at


@pytest.fixture
def year(cast: Cast, keep: Any, db: Any) -> list[Any]:
    """Two at the door, one of them turned away; one off site with its record; one expected, one that nobody came to."""
    stories = [
        keep(visit_at(Stage.RECORDED, cast, at=NOW - 40 * DAY)),
        keep(visit_at(Stage.TURNED_AWAY, cast, at=NOW - 20 * DAY)),
        keep(visit_at(Stage.APPROVED, cast, at=NOW + 2 * DAY)),
        keep(visit_at(Stage.APPROVED, cast, at=NOW - 10 * DAY)),
        keep(visit_at(Stage.APPROVED, cast, at=NOW - 15 * DAY, off_site_means="materials")),
    ]
    off_site, nobody_came = stories[4].visit, stories[3].visit
    off_site.stage, off_site.recorded_at = Stage.RECORDED, NOW - 15 * DAY
    nobody_came.stage = Stage.EXPIRED
    db.session.commit()
    return [story.visit for story in stories]


class TestArrived:
    PERIOD = "from_on=2026-01-01&to_on=2026-12-31"

    def test_is_counted_alike_everywhere(self, as_: Any, cast: Cast, clock: Any, year: list[Any]) -> None:
        sun_li, li_na = as_("sun_li"), as_("li_na")
        plan = a_plan(cast)
        asked = {
            "enterprise_id": str(cast.bakery.id), "purpose": "inspection", "basis": "plan",
            "window_from_at": plan.window_from_at.isoformat(), "window_to_at": plan.window_to_at.isoformat(),
        }  # fmt: skip

        table = sun_li.get(f"/frequency?{self.PERIOD}").json
        months = sun_li.get(f"/frequency/months?{self.PERIOD}").json["items"]
        overview = sun_li.get(f"/overview?{self.PERIOD}").json
        listed = sun_li.get(f"/visits?arrived=1&{self.PERIOD}").json["items"]
        dossier = li_na.get(f"/enterprises/{cast.bakery.id}/year").json
        preview = li_na.post("/registrations/preview", asked).json["year"]

        assert (table["totals"]["visits"], table["items"][0]["visits"], overview["visits"]) == (2, 2, 2)
        assert (sum(month["inspections"] for month in months), dossier["visits"], preview["visits"]) == (2, 2, 2)
        assert {visit["id"] for visit in listed} == {str(visit.id) for visit in year[:2]}

    def test_is_of_the_day_of_arrival(self, as_: Any, cast: Cast, clock: Any, year: list[Any], db: Any) -> None:
        year[0].on_site_at = NOW - 5 * DAY  # the window was in January, somebody came in March
        db.session.commit()
        sun_li = as_("sun_li")
        march = "from_on=2026-03-01&to_on=2026-03-31"

        counts = [
            sun_li.get(f"/frequency?{march}").json["totals"]["visits"],
            sun_li.get(f"/overview?{march}").json["visits"],
            len(sun_li.get(f"/visits?arrived=1&{march}").json["items"]),
        ]

        assert counts == [1, 1, 1]


class TestOverview:
    def test_counts_what_the_list_behind_each_tile_shows(
        self, as_: Any, cast: Cast, clock: Any, year: list[Any]
    ) -> None:
        sun_li = as_("sun_li")
        tiles = {
            "visits": "arrived=1",
            "on_site": "stage=on_site",
            "unscanned": "unscanned=1",
            "refused_scans": "refused_scans=1",
            "overdue_records": "overdue=1",
            "evaluated": "stage=evaluated",
            "unrated": "stage=unrated",
            "amber": "amber=1",
        }

        overview = sun_li.get("/overview").json

        lists = {tile: len(sun_li.get(f"/visits?{words}").json["items"]) for tile, words in tiles.items()}
        assert overview == lists
        assert (overview["unscanned"], overview["overdue_records"]) == (1, 1)

    def test_keeps_to_the_filter(self, as_: Any, cast: Cast, clock: Any, year: list[Any]) -> None:
        fire = as_("sun_li").get(f"/overview?agency_id={cast.fire.id}").json

        assert set(fire.values()) == {0}
        assert as_("sun_li").get(f"/overview?purpose={Purpose.SERVICE}").json["visits"] == 0
