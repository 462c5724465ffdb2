"""A city's numbers come from its pack: shipped packs judge their own examples, and broken ones say where."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import SHANGHAI
from server.config import HOUSE
from server.policy.calendar import statutory
from server.policy.checking import check
from server.policy.clause import Outcome
from server.policy.examples import case_of
from server.policy.judging import clauses_for, judge, speaking
from server.policy.kinds import KINDS
from server.policy.kinds.frequency import Cap
from server.policy.kinds.times import due_at
from server.policy.pack import PACKS, PackError, compose, json_schema, load

from .clauses import clause_of, pack_of

SHIPPED = sorted(path.stem for path in PACKS.glob("*.toml"))
HEAD = """
id = "local"
version = "1"
title = "试验"
extends = "national"
"""


class TestExamples:
    def test_may_set_the_hour_of_a_visit(self) -> None:
        late = case_of({"hour": 22.5, "hours": 2})

        assert (late.opens_at.hour, late.opens_at.minute, late.last_day - late.day) == (22, 30, timedelta(days=1))
        assert case_of({}).opens_at.hour == 10


class TestKinds:
    NEW = """

class Night(Clause):
    \"\"\"夜间: no visit that begins in the night.\"\"\"

    kind: Literal["night"]
    from_hour: int = Field(22, ge=0, le=23)
    WORDS: ClassVar = ("夜间{from_hour}时以后不检查", "no visits after {from_hour}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        hour = case.opens_at.astimezone(SHANGHAI).hour
        return Hit({"from_hour": self.from_hour}) if hour >= self.from_hour else None
"""
    PACK = """
id = "night"
version = "1"
title = "夜间"
extends = "national"
[[clause]]
id = "night"
kind = "night"
title = "夜间不检查"
action = "block"
source = { title = "草案" }
[[clause.example]]
case = { hour = 22 }
expect = "block"
[[clause.example]]
case = { hour = 21 }
expect = "pass"
"""

    @pytest.mark.outside
    def test_are_found_by_the_class_alone(self, tmp_path: Path) -> None:
        """The README's way to add one, walked: a class in a file, an example in a pack, and nothing else."""
        shutil.copytree(HOUSE / "server", tmp_path / "server", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(HOUSE / "qr", tmp_path / "qr", ignore=shutil.ignore_patterns("__pycache__"))
        times = tmp_path / "server" / "policy" / "kinds" / "times.py"
        imports = "from server.clock import SHANGHAI\n"
        times.write_text(
            times.read_text("utf-8").replace("from server.clock", imports + "from server.clock", 1) + self.NEW
        )
        (tmp_path / "night.toml").write_text(self.PACK, "utf-8")
        walk = "from server.policy.checking import check; r = check('night.toml'); print(r.faults, len(r.pack.clause))"

        said = subprocess.run(
            [sys.executable, "-c", walk], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert said.stdout.startswith("[] "), said.stderr

    def test_each_has_a_row_in_the_document(self) -> None:
        rows = (HOUSE / "docs" / "policy-packs.md").read_text("utf-8")

        assert [kind for kind in (each.model_fields["kind"].annotation.__args__[0] for each in KINDS)
                if f"`{kind}`" not in rows] == []  # fmt: skip


class TestShippedPacks:
    def test_are_the_six_that_are_documented(self) -> None:
        assert SHIPPED == ["chengdu", "chenzhou", "chongqing", "national", "shanghai", "shenzhen"]

    @pytest.mark.parametrize("name", SHIPPED)
    def test_judge_their_own_examples_and_leave_no_warning(self, name: str) -> None:
        report = check(name)

        assert ([str(fault) for fault in report.faults], [str(each) for each in report.warnings]) == ([], [])

    @pytest.mark.parametrize("name", SHIPPED)
    def test_have_an_example_and_a_source_for_every_clause(self, name: str) -> None:
        pack = load(name)

        assert [clause.id for clause in pack.clause if not clause.example or not clause.source.title] == []

    @pytest.mark.parametrize("name", [name for name in SHIPPED if name != "national"])
    def test_hold_the_national_duties(self, name: str) -> None:
        inherited = {clause.id for clause in load("national").clause}

        assert inherited <= {clause.id for clause in load(name).clause}

    def test_say_which_numbers_nobody_has_confirmed(self) -> None:
        quiet = load("chenzhou").find("quiet-days")

        assert quiet is not None
        assert (quiet.source.status, quiet.action) == ("preset", "warn")

    def test_use_every_kind_that_the_code_knows(self) -> None:
        used = {type(clause) for name in SHIPPED for clause in load(name).clause}

        assert set(KINDS) - used == set()

    def test_follow_the_published_schema(self) -> None:
        published = (PACKS / "schema.json").read_text("utf-8")

        assert json.loads(published) == json.loads(json.dumps(json_schema())), "ruqi policy schema > …/schema.json"

    @pytest.mark.parametrize("name", SHIPPED)
    def test_say_every_sentence_with_its_numbers(self, name: str) -> None:
        pack = load(name)
        for clause in pack.clause:
            for example in clause.example:
                if example.expect is Outcome.PASS or clause.moment != "registration":
                    continue
                hit = clause.check(case_of(example.case), pack.calendar)
                assert hit is not None
                for english in (False, True):
                    sentence = clause.sentence(hit.numbers, english=english)
                    assert sentence, clause.id
                    assert "—" not in sentence, (clause.id, sentence)
                    assert "{" not in sentence, (clause.id, sentence)


class TestLoad:
    def test_says_which_pack_is_not_there(self) -> None:
        with pytest.raises(PackError, match="atlantis: no such file"):
            load("atlantis")

    def test_names_file_line_clause_and_entry_of_each_fault(self) -> None:
        text = HEAD + (
            '[[clause]]\nid = "a"\nkind = "cap"\ntitle = "x"\naction = "block"\nper = "agency"\ntimes = -1\n'
            'source = { title = "y" }\n[[clause]]\nid = "b"\nkind = "quiet_day"\ntitle = "x"\naction = "blok"\n'
            'weekdays = [1]\nsource = { title = "y" }\n'
        )

        with pytest.raises(PackError) as failed:
            compose([("national.toml", (PACKS / "national.toml").read_text("utf-8")), ("mine.toml", text)])

        first, second = failed.value.faults
        assert (first.file, first.line, first.clause) == ("mine.toml", 12, "a")
        assert "times" in first.message
        assert (second.line, second.clause) == (18, "b")
        assert "action" in second.message

    def test_refuses_a_kind_and_an_entry_it_does_not_know(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + '[[clause]]\nid = "a"\nkind = "curfew"\n', "utf-8")
        with pytest.raises(PackError, match="curfew"):
            load(str(path))

        other = tmp_path / "other.toml"
        other.write_text(HEAD + "colour = 3\n", "utf-8")
        with pytest.raises(PackError, match=r"other\.toml:6: colour"):
            load(str(other))

    def test_says_where_the_file_breaks(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.toml"
        path.write_text('id = "x"\nversion = = 1\n', "utf-8")

        with pytest.raises(PackError, match=r"broken\.toml:2"):
            load(str(path))

    def test_refuses_a_pack_that_extends_itself(self, tmp_path: Path) -> None:
        path = tmp_path / "loop.toml"
        path.write_text('id = "loop"\nversion = "1"\ntitle = "x"\nextends = "loop"\n', "utf-8")

        with pytest.raises(PackError, match="extends itself"):
            load(str(path))

    def test_lets_a_later_pack_replace_and_drop_clauses(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(
            HEAD + 'drop = ["merge"]\n[[clause]]\nid = "two-inspectors"\nkind = "inspectors"\ntitle = "三人"\n'
            'action = "block"\nat_least = 3\nsource = { title = "本地" }\n',
            "utf-8",
        )

        pack = load(str(path))

        assert pack.find("merge") is None
        assert pack.find("two-inspectors").at_least == 3  # type: ignore[union-attr]  # it is there
        assert len(pack.clause) == len(load("national").clause) - 1

    def test_refuses_to_drop_what_was_not_inherited(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + 'drop = ["nothing"]\n', "utf-8")

        with pytest.raises(PackError, match="no inherited clause is called nothing"):
            load(str(path))

    def test_gives_two_packs_that_judge_alike_the_same_digest(self) -> None:
        clause = {"kind": "advance", "action": "warn", "working_days": 2}

        assert pack_of(clause).digest == pack_of(dict(clause)).digest
        assert pack_of(clause).digest != pack_of({**clause, "working_days": 3}).digest


class TestCheck:
    def checked(self, folder: Path, *clauses: str) -> tuple[list[str], list[str]]:
        """Faults and warnings of a pack with these clauses."""
        path = folder / "mine.toml"
        body = "".join(
            f'[[clause]]\nid = "x{n}"\ntitle = "t"\nsource = {{ title = "s" }}\n{text}\n'
            for n, text in enumerate(clauses)
        )
        path.write_text(HEAD + body, "utf-8")
        report = check(str(path))
        return [str(each) for each in report.faults], [str(each) for each in report.warnings]

    def test_names_an_example_that_is_judged_otherwise(self, tmp_path: Path) -> None:
        text = 'kind = "advance"\naction = "block"\nworking_days = 3\n[[clause.example]]\ncase = {}\nexpect = "block"'

        faults, _ = self.checked(tmp_path, text)

        assert faults == ["mine.toml:6: [x0] example 1: expected block, judged pass"]

    def test_names_an_example_that_a_case_cannot_have(self, tmp_path: Path) -> None:
        text = (
            'kind = "advance"\naction = "block"\nworking_days = 3\n'
            '[[clause.example]]\ncase = { weather = "rain" }\nexpect = "pass"'
        )

        faults, _ = self.checked(tmp_path, text)

        assert faults == ["mine.toml:6: [x0] example 1: an example's case has no weather"]

    @pytest.mark.parametrize(
        ("text", "warning"),
        [
            ('[clause.scope]\nbasis = ["plan"]\nexcept_basis = ["plan"]', "every basis in scope is excepted"),
            ('valid_from = 2027-01-01\nvalid_to = 2026-01-01', "it ends before it begins"),
            ('[clause.scope]\ntier = ["A"]\nexcept_tier = ["A", "B"]', "everything in scope is excepted"),
            ('[clause.scope]\nbasis = ["service"]', "no inspection has the basis"),
            ('[clause.scope]\nsector = ["C14"]\nexcept_sector = ["C"]', "every sector in scope is excepted"),
        ],
    )  # fmt: skip
    def test_warns_of_a_clause_that_can_never_fire(self, tmp_path: Path, text: str, warning: str) -> None:
        _, warnings = self.checked(tmp_path, f'kind = "advance"\naction = "block"\nworking_days = 3\n{text}')

        assert any(warning in each for each in warnings), warnings

    def test_warns_of_clauses_that_contradict_each_other(self, tmp_path: Path) -> None:
        before = 'kind = "approval"\naction = "record"\nwhen = "before"\n[clause.scope]\nbasis = ["plan", "tip"]'
        after = (
            'kind = "approval"\naction = "warn"\nwhen = "afterwards"\nwithin = { hours = 2 }\n'
            '[clause.scope]\nbasis = ["plan"]'
        )

        _, warnings = self.checked(tmp_path, before, after)

        assert any("[x1] contradicts x0" in each for each in warnings), warnings

    def test_warns_of_a_month_without_a_free_day(self, tmp_path: Path) -> None:
        _, warnings = self.checked(tmp_path, 'kind = "quiet_day"\naction = "block"\ndays_of_month = ["1-31"]')

        assert any("no visit could ever be" in each for each in warnings)


class TestCalendar:
    def test_works_on_a_make_up_day_and_rests_in_a_moved_holiday(self) -> None:
        calendar = statutory()

        # 2026: Saturday 10 October is worked for National Day; Monday 5 October is free.
        assert calendar.is_workday(date(2026, 10, 10))
        assert not calendar.is_workday(date(2026, 10, 5))
        assert calendar.holiday(date(2026, 10, 1)) is not None

    def test_counts_working_days_over_a_long_holiday(self) -> None:
        # Wednesday 30 September; 1–7 October free; 8, 9 and Saturday 10 worked.
        assert statutory().add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
        assert statutory().workdays_between(date(2026, 9, 30), date(2026, 10, 10)) == 2

    def test_takes_a_year_nobody_has_announced_as_plain_weeks(self) -> None:
        calendar = statutory()

        assert not calendar.is_known(2031)
        assert calendar.is_workday(date(2031, 10, 1))
        assert not calendar.is_workday(date(2031, 10, 4))

    def test_lets_an_administrator_overlay_days(self) -> None:
        edited = statutory().edited({date(2031, 10, 1): (False, "国庆节"), date(2026, 10, 10): (False, "放假")})

        assert not edited.is_workday(date(2031, 10, 1))
        assert not edited.is_workday(date(2026, 10, 10))
        assert edited.edited({date(2031, 10, 1): (True, "")}).is_workday(date(2031, 10, 1))

    @given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 30))
    def test_agrees_with_itself(self, day: date, count: int) -> None:
        calendar = statutory()
        due = calendar.add_workdays(day, count)

        assert calendar.is_workday(due)
        assert calendar.workdays_between(day, due) == count - 1

    @pytest.mark.parametrize(
        ("term", "due"),
        [
            ({"hours": 24}, datetime(2026, 10, 1, 15, 30, tzinfo=SHANGHAI)),
            ({"days": 1}, datetime(2026, 10, 2, 0, 0, tzinfo=SHANGHAI)),
            ({"working_days": 1}, datetime(2026, 10, 9, 0, 0, tzinfo=SHANGHAI)),
        ],
    )
    def test_ends_a_term_of_days_with_the_day_in_shanghai(self, term: dict[str, int], due: datetime) -> None:
        clause: Any = clause_of("deadline", action="record", what="record", within=term)

        assert due_at(clause.within, datetime(2026, 9, 30, 15, 30, tzinfo=SHANGHAI), statutory()) == due


class TestScopeAndDates:
    @pytest.mark.parametrize(
        ("scope", "changes", "speaks"),
        [
            ({"region": ["431000"]}, {"region": "431002"}, True),
            ({"region": ["431003"]}, {"region": "431002"}, False),
            ({"region": ["430000"]}, {"region": "431081"}, True),
            ({"sector": ["C"]}, {"sector": "C1432"}, True),
            ({"sector": ["C14"]}, {"sector": "C1532"}, False),
            ({"except_sector": ["C14"]}, {"sector": "C1432"}, False),
            ({"matter": ["M7"]}, {}, False),
            ({"matter": ["M1"]}, {}, True),
            ({"agency_kind": ["应急管理局"]}, {}, False),
            ({"zone": ["高新区"]}, {"zone": "高新区"}, True),
            ({"purpose": ["service"]}, {}, False),
            ({"off_site": True}, {}, False),
        ],
    )
    def test_decide_whether_a_clause_speaks(self, scope: dict[str, Any], changes: dict[str, Any], speaks: bool) -> None:
        pack = pack_of({"kind": "advance", "action": "warn", "working_days": 1, "scope": scope})

        assert bool(clauses_for(pack, case_of(changes))) is speaks

    def test_hold_from_one_day_to_another(self) -> None:
        dates = {"valid_from": "2026-05-26", "valid_to": "2026-05-27"}
        pack = pack_of({"kind": "inspectors", "action": "block", "at_least": 9, **dates})

        spoken = [bool(judge(pack, case_of({"day": f"2026-05-{day}"}))) for day in (25, 26, 27, 28)]
        assert spoken == [False, True, True, False]

    def test_count_what_spoke_of_this_visit_alone_like_the_judge_does(self) -> None:
        pack = load("chenzhou")
        case = case_of({"day": "2026-05-20", "past": [{"day": "2026-02-02"}, {"day": "2026-03-02"}]})

        judged = {(v.clause.id, v.outcome) for v in judge(pack, case) if v.outcome is not Outcome.PASS}
        spoke = {(clause.id, outcome) for clause, outcome in speaking(pack, case)}
        assert spoke == {(name, outcome) for name, outcome in judged if not pack.find(name).standing}  # type: ignore[union-attr]  # it is there
        assert ("quiet-days", Outcome.WARN) in spoke

    def test_cap_of_a_pack_is_found_by_kind(self) -> None:
        assert {clause.id for clause in load("chenzhou").of_kind(Cap)} == {"cap-matter", "cap-agency"}
