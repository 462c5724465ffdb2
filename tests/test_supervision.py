"""监督: figures, files, and the lists behind them."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from server.clock import SHANGHAI
from server.frequency.sheets import csv_file
from server.visit.stages import Basis, Purpose, Stage

from .factories import DAY, NOW, Cast, a_scan, visit_at

MARCH = "from_on=2026-03-01&to_on=2026-03-31"


@pytest.fixture
def busy_bakery(cast: Cast, keep: Any) -> Cast:
    """The bakery had two inspections and a service visit, the foundry one inspection; one visit never came."""
    keep(visit_at(Stage.EVALUATED, cast, at=NOW - 5 * DAY))
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 40 * DAY))
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 3 * DAY, purpose=Purpose.SERVICE, basis=Basis.SERVICE, matters=[]))
    keep(visit_at(Stage.ON_SITE, cast, at=NOW - 6 * DAY, enterprise=cast.foundry))
    keep(visit_at(Stage.APPROVED, cast, at=NOW - 2 * DAY))
    return cast


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
