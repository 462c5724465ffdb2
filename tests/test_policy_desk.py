"""规则 at the desk: the pack in force, and a draft tried on the past."""

import json
from typing import Any

from server.visit.stages import Stage

from .factories import DAY, HOUR, NOW, Cast, visit_at
from .law import at
from .test_loop import a_record_body, a_registration, a_scan_body


class TestPolicyDesk:
    def test_shows_the_pack_in_force_with_its_sources(self, as_: Any, cast: Cast, clock: Any) -> None:
        pack = as_("bakery").get("/policy").json["pack"]

        quiet = next(each for each in pack["clauses"] if each["id"] == "quiet-days")
        assert (quiet["action"], quiet["status"], quiet["numbers"]) == ("warn", "preset", {"days_of_month": ["1-20"]})

    def test_replays_a_draft_line_by_line(self, as_: Any, capped: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.RECORDED, capped, at=NOW - 5 * DAY))
        draft = (
            'id = "draft"\nversion = "1"\ntitle = "草案"\nextends = "chenzhou"\n'
            '[[clause]]\nid = "cap-agency"\nkind = "cap"\ntitle = "一年一次"\naction = "block"\nper = "agency"\n'
            'times = 1\nsource = { title = "草案" }\n'
            '[[clause.example]]\ncase = { past = [{ day = "2026-02-02" }] }\nexpect = "block"\n'
        )
        days = {"from_on": "2026-01-01", "to_on": "2026-12-31"}

        answer = as_("sun_li").post("/policy/replays", {"text": draft, **days})

        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.content_type == "application/x-ndjson"
        assert lines[0] == {"done": 0, "total": 2}
        result = lines[-1]["result"]
        assert (result["pack"], result["judged"], result["blocked"]) == ("draft@1", 2, 1)
        by_clause = {row["clause"]: row for row in result["rows"]}
        assert (by_clause["cap-agency"]["agency"], by_clause["cap-agency"]["blocked"]) == ("郴州市市场监督管理局", 1)
        assert result["then"]["quiet-days"] == {"warn": 2}

    def test_judges_as_registration_did(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        """Visits that went through registration are said to be what they were said to be then."""
        for place, weeks in enumerate((9, 7, 5, 3, 1)):
            clock["at"] = NOW - weeks * 7 * DAY
            opens = clock["at"] + 2 * DAY
            body = a_registration(cast, basis=("plan", "random_draw")[place % 2], **at(opens))
            visit = as_("li_na").post("/visits", body).json["id"]
            as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})
            clock["at"] = opens + HOUR
            for who in ("li_na", "wang_jun"):
                as_(who).post(f"/visits/{visit}/scans", a_scan_body(clock["at"]))
            assert as_("li_na").post(f"/visits/{visit}/record", a_record_body(cast)).status_code == 201
        clock["at"] = NOW

        answer = as_("sun_li").post("/policy/replays", {"from_on": "2025-12-01", "to_on": "2026-03-31"})

        result = json.loads(answer.text.splitlines()[-1])["result"]
        replayed: dict[str, dict[str, int]] = {}
        for row in result["rows"]:
            counts = {"warn": row["warned"], "block": row["blocked"]}
            replayed[row["clause"]] = {outcome: count for outcome, count in counts.items() if count}
        assert replayed == result["then"]
        assert len(replayed) >= 4

    def test_names_the_faults_of_a_draft(self, as_: Any, cast: Cast, clock: Any) -> None:
        draft = 'id = "x"\nversion = "1"\ntitle = "t"\n'

        answer = as_("sun_li").post("/policy/replays", {"text": draft, "from_on": "2026-01-01", "to_on": "2026-02-01"})

        assert (answer.status_code, answer.json["reason"]) == (422, "bad_pack")
        assert any("desk" in fault for fault in answer.json["faults"])

    def test_reads_no_file_for_a_draft(self, as_: Any, cast: Cast, clock: Any) -> None:
        draft = 'id = "x"\nversion = "1"\ntitle = "t"\nextends = "/etc/passwd.toml"\n'

        answer = as_("sun_li").post("/policy/replays", {"text": draft, "from_on": "2026-01-01", "to_on": "2026-02-01"})

        assert "shipped pack only" in answer.json["faults"][0]

    def test_is_not_for_inspectors(self, as_: Any, cast: Cast, clock: Any) -> None:
        asked = {"from_on": "2026-01-01", "to_on": "2026-02-01"}

        assert as_("li_na").post("/policy/replays", asked).status_code == 403
