"""A pack out of its layers, where its lines are, and clauses that cannot be meant: in memory."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.policy.checking import check, check_layers
from server.policy.kinds.frequency import Cap
from server.policy.kinds.times import Advance
from server.policy.pack import Fault, Lines, Pack, PackError, compose, json_schema, read_layers

from .clauses import clause_of, pack_of

HEAD = """id = "local"
version = "1"
title = "试验"
[desk]
window_max_hours = 72
register_ahead_days = 90
[scan]
early_minutes = 30
withdraw_minutes = 10
offline_days = 10
clock_skew_minutes = 10
site_radius_m = 500
"""


def entry(name: str, text: str) -> str:
    """One clause of a file."""
    return f'[[clause]]\nid = "{name}"\ntitle = "t"\nsource = {{ title = "s" }}\n{text}\n'


ADVANCE = 'kind = "advance"\naction = "warn"\nworking_days = 2\n[[clause.example]]\ncase = {}\nexpect = "pass"'


def faults(*layers: str) -> list[str]:
    """What is wrong with a pack of these files."""
    with pytest.raises(PackError) as failed:
        compose([(f"{number}.toml", text) for number, text in enumerate(layers)])
    assert str(failed.value) == "\n".join(map(str, failed.value.faults))
    return [str(fault) for fault in failed.value.faults]


class TestCompose:
    def test_takes_later_over_earlier_and_adds_to_tables(self) -> None:
        first = HEAD + entry("a", ADVANCE) + entry("b", ADVANCE) + entry("c", ADVANCE)
        second = (
            'id = "mine"\nversion = "2"\ntitle = "本地"\ndrop = ["b"]\n[scan]\nearly_minutes = 5\n'
            + entry("c", ADVANCE.replace("= 2", "= 4")) + entry("d", ADVANCE)
        )  # fmt: skip

        pack = compose([("first.toml", first), ("second.toml", second)])

        assert (pack.name, pack.title, [clause.id for clause in pack.clause]) == ("mine@2", "本地", ["a", "c", "d"])
        assert (pack.scan.early_minutes, pack.scan.withdraw_minutes, pack.desk.window_max_hours) == (5, 10, 72)
        assert [clause.working_days for clause in pack.of_kind(Advance)] == [2, 4, 2]
        assert list(pack.of_kind(Cap)) == []
        found = pack.find("d")
        assert (found.id if found else None, pack.find("b")) == ("d", None)

    def test_names_every_fault_with_its_place(self) -> None:
        text = (
            HEAD + entry("a", 'kind = "advance"\naction = "warn"') + entry("a", ADVANCE) + entry("x", 'kind = "duty"')
        )

        assert faults(HEAD + entry("b", ADVANCE), 'drop = ["z"]\n' + text) == [
            "1.toml:1: drop: no inherited clause is called z",
            "1.toml:14: [a] working_days: Field required",
            "1.toml:20: [a] this id is used twice in the file",
            "1.toml:30: [x] action: Field required",
            "1.toml:30: [x] text: Field required",
        ]

    def test_names_a_clause_without_an_id_by_its_place(self) -> None:
        assert faults(HEAD + '[[clause]]\nkind = "duty"\n')[0] == "0.toml:13: [clause 1] id: Field required"

    def test_needs_its_desks_and_some_clause(self) -> None:
        assert faults('id = "x"\nversion = "1"\ntitle = "t"\n') == [
            "0.toml: desk: Field required", "0.toml: scan: Field required",
            "0.toml: clause: Tuple should have at least 1 item after validation, not 0",
        ]  # fmt: skip

    def test_says_in_which_line_a_file_breaks(self) -> None:
        assert faults(HEAD + "a = = 1\n")[0].startswith("0.toml:13: ")

    def test_never_holds_two_clauses_of_one_name(self) -> None:
        one = pack_of({"kind": "duty", "action": "record", "text": "亮证"})
        clause = one.clause[0]

        with pytest.raises(ValueError, match="two clauses are called c0"):
            Pack.model_validate({**dict(one), "clause": [clause, clause]})

    def test_says_a_fault_as_editors_read_it(self) -> None:
        assert str(Fault("a.toml", None, None, "is not UTF-8")) == "a.toml: is not UTF-8"
        assert str(Fault("a.toml", 7, "x", "no")) == "a.toml:7: [x] no"


class TestRead:
    def test_puts_the_base_first_and_looks_beside_the_file_that_extends(self, tmp_path: Path) -> None:
        (tmp_path / "base.toml").write_text('id = "base"\n', "utf-8")
        (tmp_path / "mine.toml").write_text('extends = "base"\n', "utf-8")

        assert read_layers(str(tmp_path / "mine.toml")) == [
            ("base.toml", 'id = "base"\n'), ("mine.toml", 'extends = "base"\n'),
        ]  # fmt: skip

    @pytest.mark.parametrize(("deep", "taken"), [(5, True), (6, False)])
    def test_goes_five_packs_deep(self, tmp_path: Path, deep: int, taken: bool) -> None:
        for number in range(deep):
            text = f'extends = "p{number + 1}"\n' if number < deep - 1 else ""
            (tmp_path / f"p{number}.toml").write_text(text, "utf-8")

        if taken:
            assert len(read_layers(str(tmp_path / "p0.toml"))) == deep
        else:
            with pytest.raises(PackError, match="extends itself, or more than five packs deep"):
                read_layers(str(tmp_path / "p0.toml"))

    def test_lets_a_draft_extend_a_shipped_pack_by_its_name(self) -> None:
        layers = read_layers("draft", text='extends = "national"\n')

        assert [name for name, _ in layers] == ["national.toml", "draft"]
        with pytest.raises(PackError, match="draft:1: a draft may extend a shipped pack only"):
            read_layers("draft", text='extends = "../national"\n')
        with pytest.raises(PackError, match="draft:1: extends must name one pack"):
            read_layers("draft", text='extends = ["national"]\n')

    def test_says_what_is_not_there_and_what_is_no_text(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.toml"
        bad.write_bytes(b"\xff\xfe")

        with pytest.raises(PackError, match=r"bad\.toml: is not UTF-8"):
            read_layers(str(bad))
        with pytest.raises(PackError, match=r"no such file \("):
            read_layers(str(tmp_path / "none.toml"))

    def test_publishes_what_a_file_must_hold(self) -> None:
        schema = json_schema()

        assert (schema["required"], schema["$schema"]) == (
            ["id", "version", "title"], "https://json-schema.org/draft/2020-12/schema"
        )  # fmt: skip


class TestLines:
    def test_are_those_of_top_entries_tables_and_clauses(self) -> None:
        lines = Lines(
            'id = "x"\n\n[desk]\nhours = 1\n[[clause]]\nid = "a"\n[clause.scope]\ntier = 1\n[[clause]]\nid = "b"\n'
            "[scan]\nearly = 2\n"
        )

        assert [lines.of(key) for key in ("id", "desk", "hours", "scan", "early", "none")] == [1, 3, 4, 11, 12, None]
        first = [lines.of("clause", 0, each) for each in (None, "id", "scope", "tier", "none")]
        assert first == [5, 6, 7, 8, 5]
        assert (lines.of("clause", 1, "id"), lines.of("clause", 2)) == (10, None)


class TestPack:
    def test_makes_a_tier_of_risk_and_credit_else_the_credit_itself(self) -> None:
        pack = pack_of({"kind": "duty", "action": "record", "text": "x"}).model_copy(
            update={"tier_matrix": {"high": {"A": "C"}}}
        )

        assert [pack.tier_of(*each) for each in (("high", "A"), ("high", "B"), ("low", "A"))] == ["C", "B", "A"]

    def test_knows_on_which_days_what_is_in_force_changes(self) -> None:
        duty = {"kind": "duty", "action": "record", "text": "x"}
        pack = pack_of(
            {**duty, "valid_from": "2026-03-01", "valid_to": "2026-03-31"}, {**duty, "valid_from": "2026-03-01"}, duty
        )

        assert pack.boundaries == [date(2026, 3, 1), date(2026, 4, 1)]
        assert (pack.by_matter, pack_of({**duty, "scope": {"matter": ["M1"]}}).by_matter) == (False, True)

    @pytest.mark.parametrize(
        ("day", "held"), [("2026-02-28", False), ("2026-03-01", True), ("2026-03-31", True), ("2026-04-01", False)]
    )
    def test_clause_is_in_force_on_its_first_and_last_day(self, day: str, held: bool) -> None:
        clause = clause_of("duty", action="record", text="x", valid_from="2026-03-01", valid_to="2026-03-31")

        assert clause.is_valid_on(date.fromisoformat(day)) is held
        assert clause_of("duty", action="record", text="x").is_valid_on(date.fromisoformat(day))


def warned(*clauses: str) -> list[str]:
    """The warnings of a pack with these clauses, without those about examples."""
    layers = [("mine.toml", HEAD + "".join(entry(f"x{n}", text) for n, text in enumerate(clauses)))]
    report = check_layers(layers)
    assert report.faults == []
    return [str(each).split(": ", 1)[1] for each in report.warnings if "has no example" not in each.message]


CAP = 'kind = "cap"\naction = "warn"\nper = "agency"\ntimes = 2\n'
BEFORE = 'kind = "approval"\naction = "record"\nwhen = "before"\n'
AFTER = 'kind = "approval"\naction = "warn"\nwhen = "afterwards"\nwithin = { hours = 24 }\n'


class TestNever:
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ('valid_from = 2026-03-02\nvalid_to = 2026-03-01', "can never fire: it ends before it begins"),
            ('valid_from = 2026-03-01\nvalid_to = 2026-03-01', None),
            ('valid_from = 2026-03-01', None),
            ('valid_to = 2026-03-01', None),
            ("scope = { purpose = [] }", "can never fire: no purpose is in scope"),
            ('scope = { basis = ["tip"], except_basis = ["tip"] }', "can never fire: every basis in scope is excepted"),
            ('scope = { basis = ["tip", "plan"], except_basis = ["tip"] }', None),
            ('scope = { purpose = ["service"], basis = ["plan"] }',
             "can never fire: service visits have the basis `service`"),
            ('scope = { purpose = ["service"], basis = ["service"] }', None),
            ('scope = { purpose = ["service"] }', None),
            ('scope = { basis = ["service"] }', "can never fire: no inspection has the basis `service`"),
            ('scope = { basis = ["service", "plan"] }', None),
            ('scope = { tier = ["A"], except_tier = ["A", "B"] }',
             "can never fire: everything in scope is excepted"),
            ('scope = { tier = ["A", "C"], except_tier = ["A", "B"] }', None),
            ('scope = { agency_kind = ["x"], except_agency_kind = ["x"] }',
             "can never fire: everything in scope is excepted"),
            ('scope = { sector = ["C14"], except_sector = ["C"] }',
             "can never fire: every sector in scope is excepted"),
            ('scope = { sector = ["C14", "D"], except_sector = ["C"] }', None),
            ('exception = [{ class = "a", title = "t", evidence = "e", approver = "head" }]',
             "exceptions are for blocks; this clause never blocks"),
        ],
    )  # fmt: skip
    def test_speaks_of_a_clause_that_cannot(self, more: str, said: str | None) -> None:
        assert warned(CAP + more) == ([f"[x0] {said}"] if said else [])

    @pytest.mark.parametrize(("days", "said"), [("1-31", True), ("1-30", False), ("2-31", False)])
    def test_speaks_of_a_month_without_a_day_for_visits(self, days: str, said: bool) -> None:
        clause = f'kind = "quiet_day"\naction = "block"\ndays_of_month = ["{days}"]'

        assert bool(warned(clause)) is said
        assert len(warned(CAP.replace("warn", "block") + "exception = []")) == 0


class TestContradictions:
    @pytest.mark.parametrize(
        ("first", "second", "said"),
        [
            (BEFORE, AFTER, True),
            (BEFORE, BEFORE, False),
            (BEFORE, AFTER + 'scope = { basis = ["emergency"] }', True),
            (BEFORE + 'scope = { except_basis = ["emergency"] }', AFTER + 'scope = { basis = ["emergency"] }', False),
            (BEFORE + 'scope = { basis = ["plan"] }', AFTER + 'scope = { basis = ["tip"] }', False),
            (BEFORE + 'scope = { tier = ["A"] }', AFTER + 'scope = { tier = ["B"] }', False),
            (BEFORE + 'scope = { tier = ["A"] }', AFTER, True),
            (BEFORE + 'scope = { zone = ["a"] }', AFTER + 'scope = { zone = ["b"] }', False),
            (BEFORE + 'scope = { agency_kind = ["a"] }', AFTER + 'scope = { agency_kind = ["b"] }', False),
            (BEFORE + 'scope = { purpose = ["service"] }', AFTER, False),
            (BEFORE + "valid_to = 2026-03-01", AFTER + "valid_from = 2026-03-02", False),
            (BEFORE + "valid_to = 2026-03-01", AFTER + "valid_from = 2026-03-01", True),
            (BEFORE + "valid_from = 2026-03-02", AFTER + "valid_to = 2026-03-01", False),
            (BEFORE + "valid_from = 2026-03-01", AFTER + "valid_to = 2026-03-01", True),
            (BEFORE + "valid_from = 2026-03-02", AFTER + "valid_from = 2026-03-01", True),
            (CAP, CAP, True),
            (CAP, CAP.replace("agency", "total"), False),
            (CAP, CAP.replace("warn", "block"), False),
            (CAP, CAP.replace("= 2", "= 3"), True),
            (CAP, CAP + 'scope = { tier = ["A"] }', False),
            (CAP, BEFORE, False),
        ],
    )
    def test_are_two_clauses_that_speak_of_the_same_visits(self, first: str, second: str, said: bool) -> None:
        assert [line.split(": ")[0] for line in warned(first, second)] == (["[x1] contradicts x0"] if said else [])


class TestReport:
    def test_tells_examples_that_are_judged_otherwise_or_cannot_be(self) -> None:
        text = (
            'kind = "advance"\naction = "block"\nworking_days = 9\n'
            '[[clause.example]]\nsays = "周三"\ncase = {}\nexpect = "pass"\n'
            '[[clause.example]]\ncase = {}\nexpect = "block"\nnumbers = { count = 7, working_days = 9 }\n'
            '[[clause.example]]\ncase = { colour = 1 }\nexpect = "block"\n'
            '[[clause.example]]\ncase = {}\nexpect = "block"\nnumbers = { count = 8 }\n'
        )

        report = check_layers([("mine.toml", HEAD + entry("x", text))])

        assert [str(fault) for fault in report.faults] == [
            "mine.toml:13: [x] example 1 (周三): expected pass, judged block",
            "mine.toml:13: [x] example 2: expected numbers {'count': 7}, found {'working_days': 9, 'count': 8}",
            "mine.toml:13: [x] example 3: an example's case has no colour",
        ]
        assert (report.examples, report.warnings, report.pack is not None) == (4, [], True)

    def test_wants_an_example_of_every_clause(self) -> None:
        report = check_layers([("mine.toml", HEAD + entry("x", CAP))])

        assert ([str(each) for each in report.warnings], report.examples) == (["mine.toml:13: [x] has no example"], 0)

    def test_of_what_is_no_pack_has_the_faults_alone(self) -> None:
        for report in (check_layers([("mine.toml", "id = ")]), check("atlantis")):
            assert (report.pack, len(report.faults), report.warnings, report.examples) == (None, 1, [], 0)


def test_helper_makes_clauses_with_what_is_given() -> None:
    values: Any = clause_of("advance", working_days=3)

    assert (values.working_days, values.id) == (3, "c0")
