"""Who may do what at which stage: every person and relation, every stage there is, every `may_*` and what it guards."""

from collections.abc import Callable
from typing import Any

import pytest

from server.account.models import Role
from server.account.rules import Actor, refuse_outside_region
from server.evaluation.rules import evaluate, may_evaluate
from server.ids import new_id
from server.judging.plan import Claim
from server.judging.verdicts import lift, may_lift
from server.record.rules import (
    amend,
    may_amend,
    may_record,
    may_send_material,
    may_turn_away,
    refuse_material,
    refuse_unrecordable,
    turn_away,
)
from server.refusal import Refusal
from server.registration.rules import cancel, confirm, decide, may_cancel, may_confirm, may_decide, register
from server.scan.rules import may_scan, may_show_code
from server.visit.models import Visit
from server.visit.stages import Basis, Stage

from .clauses import pack_of
from .factories import DAY, HOUR, MINUTE, NOW, POLICY, Cast, Story, a_plan, events_of, let_in, verbs_of, visit_at

# Whoever has no row of the cast: an inspector and a head of an agency that has nothing to do with the visit.
STRANGERS = {
    "stranger": Actor(account_id=new_id(), role=Role.INSPECTOR, agency_id=new_id(), inspector_id=new_id()),
    "other_head": Actor(account_id=new_id(), role=Role.HEAD, agency_id=new_id()),
}
LETTERS: dict[str, Callable[[Visit, Actor], object]] = {
    "D": may_decide,
    "C": may_cancel,
    "L": may_lift,
    "S": may_scan,
    "K": may_show_code,
    "T": may_turn_away,
    "R": may_record,
    "M": may_send_material,
    "A": may_amend,
    "E": lambda visit, by: may_evaluate(visit, by, at=NOW),
    "F": may_confirm,
}

# D decide, C call off, S scan, K show a code, T turn away, R record, A amend, E evaluate. The market inspects, with
# the fire brigade: Li Na and Wang Jun are named, He Qiang is of their agency, Chen Bo of the joint one. At `half`
# Li Na alone has scanned.
AT_THE_DOOR = """
            registered approved half  on_site turned_away recorded evaluated unrated rejected cancelled expired
li_na       C          CSK      KT    KTR     R           A        A         A       -        -         -
wang_jun    C          CSK      SKT   KTR     R           A        A         A       -        -         -
he_qiang    C          C        -     -       -           -        -         -       -        -         -
chen_bo     -          -        -     -       -           -        -         -       -        -         -
stranger    -          -        -     -       -           -        -         -       -        -         -
zhao_min    DC         C        -     -       -           -        -         -       -        -         -
luo_gang    D          -        -     -       -           -        -         -       -        -         -
other_head  -          -        -     -       -           -        -         -       -        -         -
bakery      -          -        -     -       -           E        -         -       -        -         -
foundry     -          -        -     -       -           -        -         -       -        -         -
sun_li      -          -        -     -       -           -        -         -       -        -         -
zhou_ping   -          -        -     -       -           -        -         -       -        -         -
ma_lin      -          -        -     -       -           -        -         -       -        -         -
"""
# Off site nobody scans, and the enterprise sends its materials (M) before the record.
FROM_AFAR = """
            registered approved recorded evaluated unrated rejected cancelled expired
li_na       C          CR       A        A         A       -        -         -
wang_jun    C          CR       A        A         A       -        -         -
he_qiang    C          C        -        -         -       -        -         -
chen_bo     -          -        -        -         -       -        -         -
zhao_min    DC         C        -        -         -       -        -         -
luo_gang    D          -        -        -         -       -        -         -
bakery      -          M        E        -         -       -        -         -
foundry     -          -        -        -         -       -        -         -
sun_li      -          -        -        -         -       -        -         -
ma_lin      -          -        -        -         -       -        -         -
"""


def cells(table: str) -> list[tuple[str, str, str]]:
    """(row, column, text) of each cell."""
    columns, *rows = (line.split() for line in table.strip().splitlines())
    return [(row[0], column, cell.strip("-")) for row in rows for column, cell in zip(columns, row[1:], strict=True)]


def person(cast: Cast, who: str) -> Actor:
    """Whoever is meant."""
    return STRANGERS.get(who) or cast.actor(who)


def story_at(stage: str, cast: Cast, **changes: Any) -> Story:
    """A joint visit at this stage."""
    joint: dict[str, Any] = {"joint_agencies": [cast.fire], **changes}
    if stage == "half":
        story = visit_at(Stage.APPROVED, cast, **joint)
        let_in(story.visit, cast, place=0)
        return story
    return visit_at(Stage(stage), cast, **joint)


def may(visit: Visit, by: Actor) -> str:
    """The letters of all that this person may do."""
    return "".join(letter for letter, rule in LETTERS.items() if rule(visit, by))


def said(act: Callable[[], Any]) -> str:
    """What comes of trying: the reason, or `done`."""
    try:
        act()
    except Refusal as refusal:
        return str(refusal.reason)
    return "done"


class TestMay:
    @pytest.mark.parametrize(("who", "stage", "letters"), cells(AT_THE_DOOR))
    def test_be_done_at_the_door_as_the_table_says(self, who: str, stage: str, letters: str) -> None:
        cast = Cast()

        assert may(story_at(stage, cast).visit, person(cast, who)) == letters

    @pytest.mark.parametrize(("who", "stage", "letters"), cells(FROM_AFAR))
    def test_be_done_from_afar_as_the_table_says(self, who: str, stage: str, letters: str) -> None:
        cast = Cast()

        assert may(afar(stage, cast).visit, person(cast, who)) == letters

    def test_answers_with_plain_yes_and_no(self) -> None:
        cast = Cast()
        visit = story_at("approved", cast).visit
        rules = [rule for letter, rule in LETTERS.items() if letter != "L"]

        assert {type(rule(visit, cast.actor(who))) for rule in rules for who in ("li_na", "bakery")} == {bool}


def afar(stage: str, cast: Cast) -> Story:
    """A joint visit off site at this stage; it goes to its record without a door."""
    if stage in ("recorded", "evaluated", "unrated"):
        story = story_at(stage, cast)
        story.visit.off_site_means = "video"
        return story
    return story_at(stage, cast, off_site_means="video", asked_for="台账照片")


# What comes of trying, for each act: at which stage and by whom; the others are those of OTHERS.
ACTS = {
    "approve": """
                  zhao_min            luo_gang            others
    registered    done                done                not_found
    approved      already_decided     already_decided     not_found
    half          already_decided     already_decided     not_found
    on_site       already_decided     already_decided     not_found
    turned_away   already_decided     already_decided     not_found
    recorded      already_decided     already_decided     not_found
    evaluated     already_decided     already_decided     not_found
    unrated       already_decided     already_decided     not_found
    rejected      already_decided     wrong_stage         not_found
    cancelled     wrong_stage         wrong_stage         not_found
    expired       already_decided     already_decided     not_found
    """,
    "cancel": """
                  li_na               zhao_min            others
    registered    done                done                not_found
    approved      done                done                not_found
    half          wrong_stage         wrong_stage         not_found
    on_site       wrong_stage         wrong_stage         not_found
    turned_away   wrong_stage         wrong_stage         not_found
    recorded      wrong_stage         wrong_stage         not_found
    evaluated     wrong_stage         wrong_stage         not_found
    unrated       wrong_stage         wrong_stage         not_found
    rejected      wrong_stage         wrong_stage         not_found
    cancelled     wrong_stage         wrong_stage         not_found
    expired       wrong_stage         wrong_stage         not_found
    """,
    "record": """
                  li_na               wang_jun            others
    registered    not_on_site         not_on_site         not_found
    approved      not_on_site         not_on_site         not_found
    half          too_few_scans       too_few_scans       not_found
    on_site       done                done                not_found
    turned_away   done                done                not_found
    recorded      already_recorded    already_recorded    not_found
    evaluated     already_recorded    already_recorded    not_found
    unrated       already_recorded    already_recorded    not_found
    rejected      not_on_site         not_on_site         not_found
    cancelled     not_on_site         not_on_site         not_found
    expired       not_on_site         not_on_site         not_found
    """,
    "turn_away": """
                  li_na               wang_jun            others
    registered    wrong_stage         wrong_stage         not_found
    approved      wrong_stage         wrong_stage         not_found
    half          done                done                not_found
    on_site       done                done                not_found
    turned_away   wrong_stage         wrong_stage         not_found
    recorded      wrong_stage         wrong_stage         not_found
    evaluated     wrong_stage         wrong_stage         not_found
    unrated       wrong_stage         wrong_stage         not_found
    rejected      wrong_stage         wrong_stage         not_found
    cancelled     wrong_stage         wrong_stage         not_found
    expired       wrong_stage         wrong_stage         not_found
    """,
    "evaluate": """
                  bakery              foundry             others
    registered    not_recorded        not_found           enterprise_only
    approved      not_recorded        not_found           enterprise_only
    half          not_recorded        not_found           enterprise_only
    on_site       not_recorded        not_found           enterprise_only
    turned_away   not_recorded        not_found           enterprise_only
    recorded      done                not_found           enterprise_only
    evaluated     already_evaluated   not_found           enterprise_only
    unrated       evaluation_closed   not_found           enterprise_only
    rejected      not_recorded        not_found           enterprise_only
    cancelled     not_recorded        not_found           enterprise_only
    expired       not_recorded        not_found           enterprise_only
    """,
}  # fmt: skip
# Whoever is no head may not get as far as a head's decision: the view asks for the role, the rule for the agency.
OUTSIDE = ("stranger", "other_head", "bakery", "foundry", "sun_li", "zhou_ping", "ma_lin")
UNNAMED = ("he_qiang", "chen_bo", "zhao_min", "luo_gang", *OUTSIDE)
OTHERS = {
    "approve": OUTSIDE,
    "cancel": ("chen_bo", "luo_gang", *OUTSIDE),
    "record": UNNAMED,
    "turn_away": UNNAMED,
    "evaluate": ("li_na", "wang_jun", *(who for who in UNNAMED if who not in ("bakery", "foundry"))),
}
RATING: dict[str, Any] = {"overall": 3, "conduct": 3, "lawfulness": 3, "beyond_list": False, "remark": ""}
DO: dict[str, Callable[[Visit, Actor], Any]] = {
    "approve": lambda visit, by: decide(visit, "approve", reason="", by=by, at=NOW),
    "cancel": lambda visit, by: cancel(visit, reason="改期", by=by, at=NOW),
    "record": lambda visit, by: refuse_unrecordable(visit, by=by),
    "turn_away": lambda visit, by: turn_away(visit, ground="第五十五条", reason="未亮证", by=by, at=NOW),
    "evaluate": lambda visit, by: evaluate(visit, **RATING, by=by, at=NOW),
}


class TestActs:
    @pytest.mark.parametrize(
        ("act", "stage", "column", "expected"), [(act, *cell) for act, table in ACTS.items() for cell in cells(table)]
    )
    def test_end_as_the_tables_say(self, act: str, stage: str, column: str, expected: str) -> None:
        for who in OTHERS[act] if column == "others" else (column,):
            cast = Cast()
            visit = story_at(stage, cast).visit

            assert said(lambda: DO[act](visit, person(cast, who))) == expected, who  # noqa: B023 - asked at once

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("li_na", "done"), ("wang_jun", "done"), ("he_qiang", "not_found"), ("chen_bo", "not_found"),
            ("stranger", "not_found"), ("zhao_min", "not_found"), ("bakery", "not_found"), ("sun_li", "not_found"),
        ],
    )  # fmt: skip
    def test_of_amending_are_for_those_who_were_there(self, who: str, expected: str) -> None:
        cast = Cast()
        story = story_at("recorded", cast)
        record = story.record
        assert record is not None

        assert (
            said(lambda: amend(story.visit, record, text="补", reason="漏", by=person(cast, who), at=NOW)) == expected
        )
        assert len(record.amendments) == (expected == "done")

    def test_of_an_account_without_a_certificate_amend_nothing(self) -> None:
        cast = Cast()
        visit = story_at("recorded", cast).visit
        by = cast.actor("li_na")

        assert not may_amend(visit, Actor(account_id=by.account_id, role=Role.HEAD, inspector_id=by.inspector_id))

    @pytest.mark.parametrize(
        ("stage", "expected"),
        [
            ("registered", "not_approved_yet"), ("approved", "done"), ("recorded", "already_recorded"),
            ("rejected", "not_approved_yet"), ("cancelled", "not_approved_yet"), ("expired", "not_approved_yet"),
        ],
    )  # fmt: skip
    def test_of_recording_from_afar_need_the_approval_alone(self, stage: str, expected: str) -> None:
        cast = Cast()
        visit = afar(stage, cast).visit

        assert said(lambda: refuse_unrecordable(visit, by=cast.actor("li_na"))) == expected

    @pytest.mark.parametrize(
        ("stage", "expected"),
        [("registered", "no_materials_asked"), ("approved", "done"), ("recorded", "no_materials_asked"),
         ("cancelled", "no_materials_asked")],
    )  # fmt: skip
    def test_of_sending_materials_need_an_approved_visit_from_afar(self, stage: str, expected: str) -> None:
        cast = Cast()

        assert said(lambda: refuse_material(afar(stage, cast).visit)) == expected
        assert said(lambda: refuse_material(story_at("approved", cast).visit)) == "no_materials_asked"


class TestUrgent:
    """A visit that goes ahead of its head's approval: the head may follow as long as the visit stands."""

    @pytest.mark.parametrize(
        ("end", "letters", "expected"),
        [("approved", "DC", "done"), ("cancelled", "", "wrong_stage"), ("expired", "", "wrong_stage")],
    )
    def test_is_decided_while_it_stands_and_not_once_it_is_gone(self, end: str, letters: str, expected: str) -> None:
        cast = Cast()
        visit = register(
            a_plan(cast, basis=Basis.EMERGENCY, reason="燃气泄漏"), policy=POLICY, by=cast.actor("li_na"), at=NOW
        )
        if end == "cancelled":
            cancel(visit, reason="误报", by=cast.actor("li_na"), at=NOW)
        elif end == "expired":
            visit.stage = Stage.EXPIRED

        assert may(visit, cast.actor("zhao_min")) == letters
        assert said(lambda: decide(visit, "approve", reason="", by=cast.actor("zhao_min"), at=NOW)) == expected
        assert visit.stage is Stage(end)


CAP = {
    "kind": "cap", "action": "block", "per": "agency", "times": 0,
    "exception": [{"class": "life_safety", "title": "危及生命", "evidence": "检测报告", "approver": "supervisor"}],
}  # fmt: skip


def blocked(cast: Cast, *, registrant: str = "li_na", approver: str = "supervisor") -> Visit:
    """A registered visit whose block somebody claims an exception from."""
    exception = {**CAP["exception"][0], "approver": approver}  # type: ignore[dict-item]  # the one exception
    plan = a_plan(cast, claims=[Claim("c0", "life_safety", "检测编号7")])
    return register(plan, policy=pack_of({**CAP, "exception": [exception]}), by=cast.actor(registrant), at=NOW)


class TestLift:
    @pytest.mark.parametrize(
        ("approver", "who", "letter", "expected"),
        [
            ("supervisor", "sun_li", ["c0"], "done"),
            ("supervisor", "zhao_min", [], "not_liftable"),
            ("supervisor", "li_na", [], "not_liftable"),
            ("supervisor", "bakery", [], "not_liftable"),
            ("head", "zhao_min", ["c0"], "done"),
            ("head", "sun_li", [], "not_liftable"),
        ],
    )
    def test_is_for_the_role_that_the_exception_names(
        self, approver: str, who: str, letter: list[str], expected: str
    ) -> None:
        cast = Cast()
        visit = blocked(cast, approver=approver)

        assert may_lift(visit, cast.actor(who)) == letter
        assert lifted(visit, cast, who) == expected
        assert visit.is_blocked == (expected != "done")

    def test_is_not_for_whoever_registered_nor_a_second_time_nor_without_a_reason(self) -> None:
        cast = Cast()
        own, other = blocked(cast, registrant="zhao_min", approver="head"), blocked(cast)

        assert (may_lift(own, cast.actor("zhao_min")), lifted(own, cast, "zhao_min")) == ([], "own_registration")
        assert lifted(other, cast, "sun_li", reason="") == "reason_missing"
        assert lifted(other, cast, "sun_li", clause="c1") == "not_found"
        assert lifted(other, cast, "sun_li") == "done"
        assert (may_lift(other, cast.actor("sun_li")), lifted(other, cast, "sun_li")) == ([], "already_decided")

    def test_ends_with_the_visit(self) -> None:
        cast = Cast()
        visit = blocked(cast)
        cancel(visit, reason="改期", by=cast.actor("li_na"), at=NOW)

        assert (may_lift(visit, cast.actor("sun_li")), lifted(visit, cast, "sun_li")) == ([], "not_liftable")

    def test_that_is_refused_leaves_the_block_and_says_who_when_and_why(self) -> None:
        cast = Cast()
        visit = blocked(cast)

        verdict = lift(visit, "c0", lifted=False, reason="证据不足", by=cast.actor("sun_li"), at=NOW + HOUR)

        by = cast.actor("sun_li").account_id
        decided = (verdict.lifted, verdict.decided_at, verdict.decided_by, verdict.decision_reason)
        assert decided == (False, NOW + HOUR, by, "证据不足")
        assert said(lambda: decide(visit, "approve", reason="", by=cast.actor("zhao_min"), at=NOW)) == "block_stands"


def lifted(visit: Visit, cast: Cast, who: str, *, reason: str = "属实", clause: str = "c0") -> str:
    """What comes of lifting the block."""
    return said(lambda: lift(visit, clause, lifted=True, reason=reason, by=cast.actor(who), at=NOW))


class TestConfirm:
    @pytest.mark.parametrize(
        ("who", "letter", "expected"),
        [("bakery", True, "done"), ("foundry", False, "not_found"), ("li_na", False, "not_found"),
         ("zhao_min", False, "not_found"), ("sun_li", False, "not_found")],
    )  # fmt: skip
    def test_is_the_enterprises_own(self, who: str, letter: bool, expected: str) -> None:
        cast = Cast()
        visit = late(cast)

        assert may_confirm(visit, cast.actor(who)) is letter
        assert said(lambda: confirm(visit, took_place=True, by=cast.actor(who), at=NOW)) == expected

    def test_is_of_a_late_entry_alone_and_once(self) -> None:
        cast = Cast()
        bakery, punctual, visit = cast.actor("bakery"), story_at("approved", cast).visit, late(cast)

        assert not may_confirm(punctual, bakery)
        assert said(lambda: confirm(punctual, took_place=True, by=bakery, at=NOW)) == "not_found"
        confirm(visit, took_place=False, by=bakery, at=NOW)
        assert (visit.confirmed, visit.confirmed_at, visit.confirmed_by) == (False, NOW, bakery.account_id)
        assert (verbs_of(visit)[-1], events_of(visit)[-1].account_id) == ("late_entry_denied", bakery.account_id)
        assert not may_confirm(visit, bakery)
        assert said(lambda: confirm(visit, took_place=True, by=bakery, at=NOW)) == "already_decided"
        other = late(cast)
        confirm(other, took_place=True, by=bakery, at=NOW)
        assert (other.confirmed, verbs_of(other)[-1]) == (True, "late_entry_confirmed")


def late(cast: Cast) -> Visit:
    """A visit that was entered an hour after it began."""
    late_entry = {"kind": "late_entry", "action": "block", "within": {"days": 2}}
    plan = a_plan(cast, window_from_at=NOW - HOUR, window_to_at=NOW + HOUR)
    return register(plan, policy=pack_of(late_entry), by=cast.actor("li_na"), at=NOW)


class TestRegion:
    @pytest.mark.parametrize(
        ("who", "expected"), [("sun_li", "done"), ("zhou_ping", "not_found"), ("li_na", "not_found")]
    )
    def test_is_reached_from_above_alone(self, who: str, expected: str) -> None:
        assert said(lambda: refuse_outside_region(Cast().actor(who), "431002")) == expected


def test_story_reaches_every_stage_there_is() -> None:
    cast = Cast()

    assert {visit_at(stage, cast, at=NOW + DAY + MINUTE).visit.stage for stage in Stage} == set(Stage)
