"""The whole story through HTTP, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from qr import sign_plaque

from .factories import DAY, HOUR, KEY, MINUTE, NOW, Cast


def code_of(serial: int) -> str:
    """What the plaque with this serial says."""
    return sign_plaque(serial, key=KEY, prefix="HTTPS://RUQI.TEST/E/")


def a_registration(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The body of a registration for tomorrow."""
    body = {
        "enterprise_id": str(cast.bakery.id),
        "purpose": "inspection",
        "basis": "plan",
        "matter_ids": [str(cast.food.id)],
        "inspector_ids": [str(cast.li_na.id), str(cast.wang_jun.id)],
        "window_from_at": (NOW + DAY).isoformat(),
        "window_to_at": (NOW + DAY + 4 * HOUR).isoformat(),
        "reason": "年度计划,已与企业约定",
    }
    return {**body, **changes}


def a_scan_body(at: Any, *, serial: int = 1001, **changes: Any) -> dict[str, Any]:
    """The body of a scan with the camera in front of the bakery."""
    body = {
        "id": str(uuid4()),
        "code": code_of(serial),
        "method": "camera",
        "scanned_at": at.isoformat(),
        "place": {"latitude": 25.78, "longitude": 113.01, "accuracy_m": 12},
    }
    return {**body, **changes}


def a_record_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A clean record of the food matter."""
    answers = [{"matter_id": str(cast.food.id), "key": key, "answer": "yes"} for key in ("1", "2")]
    return {"answers": answers, "findings": [], "disposition": "none", "heads": 2, "minutes": 40, **changes}


class TestLoop:
    def test_goes_from_registration_to_evaluation(self, as_: Any, cast: Cast, clock: Any) -> None:
        li_na, wang_jun, zhao_min, bakery, sun_li = map(as_, ("li_na", "wang_jun", "zhao_min", "bakery", "sun_li"))

        registered = li_na.post("/visits", a_registration(cast))
        assert registered.status_code == 201, registered.json
        visit = f"/visits/{registered.json['id']}"
        assert li_na.get(visit).json["actions"] == ["cancel"]
        assert bakery.get(visit).status_code == 404

        assert zhao_min.post(f"{visit}/approvals", {"decision": "approve"}).json["stage"] == "approved"
        assert bakery.get(visit).json["inspectors"] == ["李娜", "王军"]

        clock["at"] = NOW + DAY + 10 * MINUTE
        wrong_door = li_na.post(f"{visit}/scans", a_scan_body(clock["at"], serial=1002))
        assert (wrong_door.status_code, wrong_door.json["reason"]) == (409, "other_enterprise")
        first = li_na.post(f"{visit}/scans", a_scan_body(clock["at"]))
        assert (first.status_code, first.json["stage"], first.json["scanned"]) == (201, "on_site", 1)
        assert first.json["scan"]["presence"] == "fair"
        too_early = li_na.post(f"{visit}/record", a_record_body(cast))
        assert too_early.json["reason"] == "too_few_scans"
        assert wang_jun.post(f"{visit}/scans", a_scan_body(clock["at"])).json["scanned"] == 2

        clock["at"] += HOUR
        assert li_na.post(f"{visit}/record", a_record_body(cast)).json["stage"] == "recorded"

        clock["at"] += timedelta(hours=20)
        rating = {"overall": 5, "conduct": 5, "lawfulness": 4, "beyond_list": False, "remark": "讲得清楚"}
        assert bakery.post(f"{visit}/evaluation", rating).json["stage"] == "evaluated"

        assert li_na.get(visit).json["evaluation"] is None
        assert sun_li.get(visit).json["evaluation"]["overall"] == 5
        assert [event["verb"] for event in sun_li.get(f"{visit}/events").json["items"]] == [
            "registered", "approved", "scan_refused", "on_site", "scanned", "recorded", "evaluated",
        ]  # fmt: skip
        top = sun_li.get("/frequency?from_on=2026-03-01&to_on=2026-03-31").json
        assert (top["items"][0]["enterprise"]["name"], top["items"][0]["visits"]) == ("林邑糕点厂", 1)

    def test_runs_as_a_service_visit_without_matters_or_findings(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = a_registration(cast, purpose="service", basis="service", matter_ids=[])

        visit = f"/visits/{as_('li_na').post('/visits', body).json['id']}"
        as_("zhao_min").post(f"{visit}/approvals", {"decision": "approve"})
        clock["at"] = NOW + DAY + MINUTE
        for who in ("li_na", "wang_jun"):
            as_(who).post(f"{visit}/scans", a_scan_body(clock["at"]))
        with_finding = a_record_body(cast, answers=[], findings=[{"text": "台账缺页"}])
        refused = as_("li_na").post(f"{visit}/record", with_finding)
        sealed = as_("li_na").post(f"{visit}/record", a_record_body(cast, answers=[], advice="介绍贷款贴息政策"))

        assert refused.json["reason"] == "service_visit_has_findings"
        assert sealed.json["stage"] == "recorded"
        counted = as_("sun_li").get("/frequency").json["totals"]
        assert (counted["inspections"], counted["services"]) == (0, 1)
