"""监督: who is visited how often, and the shares of a year."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from server.clock import SHANGHAI
from server.frequency.sheets import csv_file
from server.visit.stages import Stage

from .factories import NOW, Cast, visit_at
from .test_loop import a_record_body

MARCH = "from_on=2026-03-01&to_on=2026-03-31"


class TestFrequency:
    def test_lists_the_most_visited_first_and_services_apart(self, as_: Any, busy_bakery: Cast, clock: Any) -> None:
        answer = as_("sun_li").get("/frequency").json

        rows = [(r["enterprise"]["name"], r["visits"], r["inspections"], r["services"]) for r in answer["items"]]
        assert rows == [("林邑糕点厂", 3, 2, 1), ("苏仙铸造厂", 1, 1, 0)]
        assert answer["totals"] == {"enterprises": 2, "visits": 4, "inspections": 3, "services": 1}
        assert (answer["items"][0]["heads"], answer["items"][0]["minutes"]) == (6, 120)

    def test_keeps_to_the_period_in_shanghai_days(self, as_: Any, cast: Cast, keep: Any) -> None:
        # Half past midnight on 1 March in Shanghai is still February in UTC.
        keep(visit_at(Stage.ON_SITE, cast, at=datetime(2026, 3, 1, 0, 30, tzinfo=SHANGHAI)))

        march = as_("sun_li").get(f"/frequency?{MARCH}").json["totals"]["visits"]
        february = as_("sun_li").get("/frequency?from_on=2026-02-01&to_on=2026-02-28").json["totals"]["visits"]
        months = as_("sun_li").get("/frequency/months").json["items"]

        assert (march, february) == (1, 0)
        assert months == [{"month": "2026-03", "inspections": 1, "services": 0}]

    @pytest.mark.parametrize(
        ("asked", "visits"),
        [
            ("basis=plan", 3),
            ("basis=tip", 0),
            ("purpose=service", 1),
            ("region=431022", 0),
            ("region=431002", 4),
            ("q=铸造", 1),
        ],
    )
    def test_filters(self, as_: Any, busy_bakery: Cast, asked: str, visits: int) -> None:
        assert as_("sun_li").get(f"/frequency?{asked}").json["totals"]["visits"] == visits

    def test_counts_a_joint_visit_once_for_each_partner_and_in_all(self, as_: Any, cast: Cast, keep: Any) -> None:
        story = visit_at(
            Stage.REGISTERED, cast, joint_agencies=[cast.fire], inspectors=[cast.li_na, cast.wang_jun, cast.chen_bo]
        )
        for who in ("zhao_min", "luo_gang"):
            from server.registration.rules import decide

            decide(story.visit, "approve", reason="", by=cast.actor(who), at=NOW)
        from .factories import let_in

        story.scans = [let_in(story.visit, cast, place=0)]
        keep(story)

        for agency in (cast.market, cast.fire):
            counted = as_("sun_li").get(f"/frequency?agency_id={agency.id}").json["totals"]
            assert counted["visits"] == 1
        assert as_("sun_li").get("/frequency").json["totals"]["visits"] == 1

    def test_pages_without_losing_or_repeating_a_row(self, as_: Any, busy_bakery: Cast) -> None:
        first = as_("sun_li").get("/frequency?limit=1").json
        second = as_("sun_li").get(f"/frequency?limit=1&cursor={first['next_cursor']}").json

        assert [row["enterprise"]["name"] for row in first["items"] + second["items"]] == ["林邑糕点厂", "苏仙铸造厂"]
        assert second["next_cursor"] is None

    def test_shows_empty_months_as_zero(self, as_: Any, busy_bakery: Cast) -> None:
        assert as_("sun_li").get("/frequency/months").json["items"] == [
            {"month": "2026-01", "inspections": 1, "services": 0},
            {"month": "2026-02", "inspections": 0, "services": 0},
            {"month": "2026-03", "inspections": 2, "services": 1},
        ]

    def test_shows_nothing_of_another_county(self, as_: Any, busy_bakery: Cast) -> None:
        assert as_("zhou_ping").get("/frequency").json["items"] == []

    @pytest.mark.parametrize("who", ["li_na", "bakery"])
    def test_is_not_for_everybody(self, as_: Any, who: str) -> None:
        assert as_(who).get("/frequency").status_code == 403


class TestExport:
    def test_writes_csv_that_spreadsheets_read(self, as_: Any, busy_bakery: Cast) -> None:
        answer = as_("sun_li").get("/frequency.csv")

        assert answer.data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert rows[0][:4] == ["统一社会信用代码", "企业名称", "行政区划", "入企次数"]
        assert rows[1][:4] == ["91431002YYYY000125", "林邑糕点厂", "北湖区", "3"]

    def test_writes_xlsx(self, as_: Any, busy_bakery: Cast) -> None:
        answer = as_("sun_li").get("/frequency.xlsx")

        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        assert rows[1][:4] == ["91431002YYYY000125", "林邑糕点厂", "北湖区", 3.0]

    def test_keeps_a_name_that_looks_like_a_formula_a_text(self) -> None:
        cast = Cast()
        cast.bakery.name = "=HYPERLINK(1)"
        row = {
            "enterprise": cast.bakery,
            "last_on": NOW.date(),
            **dict.fromkeys(("visits", "inspections", "services", "agencies", "heads", "minutes", "findings"), 1),
        }

        body, _ = csv_file([row])

        assert ",'=HYPERLINK(1)," in body.decode("utf-8-sig")


class TestShares:
    def test_counts_an_agencys_year_against_the_pack(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.RECORDED, cast))

        answer = as_("sun_li").get("/shares?year=2026").json

        row = answer["items"][0]
        assert (row["service"], row["guidance"], row["penalty"], row["outcome"]) == (0, 0, 0, "pass")

    def test_warns_where_penalty_prevails(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit.id
        body = a_record_body(cast, findings=[{"text": "无证经营"}], disposition="case_opened")
        as_("li_na").post(f"/visits/{visit}/record", body)

        row = as_("zhao_min").get("/shares?year=2026").json["items"][0]

        assert (row["penalty"], row["outcome"]) == (1, "warn")
        assert "70%" in row["sentence"]
