"""Every clock there is: the last moment at which it still holds, and the first at which it does not."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.account.models import Account, Device, Role
from server.account.rules import count_failure, is_live, refuse_locked, rotate, token_hash
from server.change import RequestKey, forget_old_answers
from server.evaluation.rules import evaluate, may_evaluate
from server.ids import new_id
from server.joining.rules import refuse_proposal
from server.notice.models import Channel, Notice
from server.notice.rules import alert, failed, lapse, sms, take
from server.notice.sending import forget_sent
from server.phone.activation import LIFE, hash_of, holds, may_send
from server.phone.models import Phone, PhoneRole, PhoneStep, SmsCode, forget_steps, forget_texts
from server.policy.clause import Term
from server.refusal import Refusal
from server.registration.rules import refuse_shape
from server.scan.models import Scan
from server.scan.presence import is_late
from server.scan.rules import is_withdrawable, judge, withdraw
from server.standing.rules import Offer, refuse_day
from server.visit.conditions import NEVER_SCANNED, OVER, OVERDUE
from server.visit.models import Visit
from server.visit.rules import due
from server.visit.stages import Basis, Stage
from server.worker import tick

from .clauses import clause_of, pack_of, said
from .factories import DAY, HOUR, MINUTE, NOW, Cast, a_plan, a_scan, visit_at

SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
# Early 30 minutes, withdrawn within 10, offline 10 days, a clock 10 minutes ahead, prompt within 5; 72 hours, 90 days.
PACK = pack_of({"kind": "duty", "action": "record", "text": "亮证"})


def passes(act: Callable[[], object]) -> bool:
    """Whether nothing is refused."""
    try:
        act()
    except Refusal:
        return False
    return True


def scanned(at: timedelta, *, heard: timedelta = timedelta(0), together: bool = False) -> bool:
    """Whether Li Na's scan opens the visit whose window is from 20 minutes before NOW to 5 h 40 min after it."""
    cast = Cast()
    visit = visit_at(Stage.APPROVED, cast).visit
    part = next(part for part in visit.inspectors if part.inspector is cast.li_na)
    received = NOW + (at if together else heard)
    moments = {"scanned_at": NOW + at, "received_at": received}
    return judge(visit, scanned=cast.bakery, fault=None, part=part, **moments, policy=PACK) is None


def certified(after: timedelta) -> bool:
    """Whether a scan so long after NOW, 10:00 on the 10th in Shanghai, is within a certificate of that day."""
    cast = Cast()
    visit = visit_at(Stage.APPROVED, cast, window_from_at=NOW - DAY, window_to_at=NOW + DAY).visit
    cast.li_na.valid_from_on = cast.li_na.valid_to_on = date(2026, 3, 10)
    part = next(part for part in visit.inspectors if part.inspector is cast.li_na)
    at = NOW + after
    return judge(visit, scanned=cast.bakery, fault=None, part=part, scanned_at=at, received_at=at, policy=PACK) is None


def a_scan_heard(after: timedelta = timedelta(0)) -> tuple[Scan, Visit, Cast]:
    """An accepted scan at NOW, heard so much later."""
    cast = Cast()
    story = visit_at(Stage.ON_SITE, cast, at=NOW + 10 * MINUTE)
    story.scans[0].received_at = NOW + after
    return story.scans[0], story.visit, cast


def withdrawn(after: timedelta) -> bool:
    """Whether a scan is taken back so long after the server heard of it, whenever it was made."""
    scan, visit, cast = a_scan_heard(HOUR)
    at = NOW + HOUR + after
    taken = passes(lambda: withdraw(visit, scan, reason="误扫", policy=PACK, by=cast.actor("li_na"), at=at))
    assert taken is is_withdrawable(a_scan_heard(HOUR)[0], policy=PACK, at=at)
    return taken


def window(begins: timedelta, length: timedelta = HOUR) -> bool:
    """Whether a window can be planned at NOW."""
    opens = NOW + begins
    plan = a_plan(Cast(), window_from_at=opens, window_to_at=opens + length)
    return passes(lambda: refuse_shape(plan, policy=PACK, at=NOW))


def rated(after: timedelta) -> bool:
    """Whether the enterprise may still rate a visit whose rating is due at NOW."""
    cast = Cast()
    visit = visit_at(Stage.RECORDED, cast, at=NOW - DAY).visit
    visit.evaluation_due_at = NOW
    by, grades = cast.actor("bakery"), {"overall": 1, "conduct": 1, "lawfulness": 1}
    asked = may_evaluate(visit, by, at=NOW + after)
    taken = passes(lambda: evaluate(visit, **grades, beyond_list=False, remark="", by=by, at=NOW + after))
    assert asked is taken
    return taken


def joined(after: timedelta) -> bool:
    """Whether a visit whose window ends at NOW could still be joined."""
    cast = Cast()
    visit = visit_at(Stage.REGISTERED, cast, at=NOW - HOUR).visit
    visit.window_to_at = NOW
    people: dict[str, Any] = {"matters": [cast.food], "inspectors": [cast.li_na], "by_head": True}
    # The market's own matter and people for another office of the market: only the hour is asked about.
    office = Cast().market
    cast.li_na.agency_id = office.id
    return passes(lambda: refuse_proposal(visit, office, **people, at=NOW + after))


def overdue(condition: Any, **values: Any) -> Callable[[timedelta], bool]:
    """Whether a condition does not hold yet of a visit with these columns."""
    return lambda after: not condition.holds(Visit(**values), at=NOW + after)


def device(used: timedelta) -> bool:
    """Whether a device that was used at NOW may still refresh."""
    return is_live(Device(used_at=NOW, revoked_at=None), at=NOW + used)


def refreshed(after: timedelta) -> bool:
    """Whether the token before the last still gets an answer so long after the last was given."""
    phone = Device(token_hash=token_hash("first"), used_at=NOW - HOUR)
    assert rotate(phone, presented="first", fresh="second", at=NOW)
    kept = rotate(phone, presented="first", fresh="third", at=NOW + after)
    assert (phone.revoked_because, phone.token_hash == token_hash("third")) == (None if kept else "token_reused", kept)
    return kept


def locked(failures: int) -> Callable[[timedelta], bool]:
    """Whether an account is still locked so long after so many wrong passwords."""

    def holds_still(after: timedelta) -> bool:
        account = Account(failed_count=0, role=Role.HEAD)
        for _ in range(failures):
            count_failure(account, at=NOW)
        return not passes(lambda: refuse_locked(account, at=NOW + after))

    return holds_still


def text(after: timedelta, *, tries: int = 0) -> bool:
    """Whether texted digits still enrol."""
    firm, secret = new_id(), b"x" * 32
    digits = hash_of("123456", enterprise_id=firm, secret=secret)
    code = SmsCode(enterprise_id=firm, code_hash=digits, sent_at=NOW, expires_at=NOW + LIFE, tries=tries)
    return holds(code, "123456", secret=secret, at=NOW + after)


def waits(*sent: timedelta) -> Callable[[timedelta], bool]:
    """Whether no other text may go out yet, after those that went so long before NOW."""
    return lambda after: not may_send([SmsCode(sent_at=NOW - each) for each in sent], at=NOW + after)


def needed(after: timedelta) -> bool:
    """Whether a text that is worth sending until NOW is still sent."""
    return not lapse(sms("13800138000", "123456", at=NOW - HOUR, life=HOUR), at=NOW + after)


def tried_again(after: timedelta) -> bool:
    """Whether a text that failed at NOW is tried again when it is worth sending for so much longer."""
    notice = sms("13800138000", "123456", at=NOW, life=timedelta(seconds=5) - after)
    take(notice, at=NOW)
    failed(notice, "busy", at=NOW)
    return notice.given_up_at is None


# The clock, whether it holds so long after its beginning, and the last moment at which it does. A clock with a `-`
# runs towards its beginning: it holds at that moment and not before.
CLOCKS: dict[str, tuple[Callable[[timedelta], bool], timedelta]] = {
    "- the door opens early": (lambda t: scanned(t, together=True), -50 * MINUTE),
    "the window": (lambda t: scanned(t, together=True), 6 * HOUR - 20 * MINUTE),
    "a phone's clock ahead of the server's": (scanned, 10 * MINUTE),
    "days offline": (lambda t: scanned(timedelta(0), heard=t), 10 * DAY),
    "- a certificate's first day": (certified, -10 * HOUR),
    "a certificate's last day": (certified, 14 * HOUR - TICK),
    "a scan heard promptly": (lambda t: not is_late(a_scan_heard(t)[0], policy=PACK), 5 * MINUTE),
    "taking a scan back": (withdrawn, 10 * MINUTE),
    "- a window in the past": (lambda t: window(t), -10 * DAY),
    "registering ahead": (lambda t: window(t), 90 * DAY),
    "the length of a window": (lambda t: window(DAY, t), 72 * HOUR),
    "- the shortest window": (lambda t: window(DAY, t), TICK),
    "rating": (rated, timedelta(0)),
    "joining before the window ends": (joined, timedelta(0)),
    "a record before it is overdue": (overdue(OVERDUE, stage=Stage.ON_SITE, record_due_at=NOW), timedelta(0)),
    "a turned away visit's record": (overdue(OVERDUE, stage=Stage.TURNED_AWAY, record_due_at=NOW), timedelta(0)),
    "a window before it is over": (overdue(OVER, window_to_at=NOW), timedelta(0)),
    "waiting for a scan": (overdue(NEVER_SCANNED, stage=Stage.APPROVED, window_to_at=NOW), timedelta(0)),
    "a device that nobody uses": (device, 30 * DAY),
    "an answer to the last refresh that was lost": (refreshed, 60 * SECOND),
    "the first lock": (locked(5), 30 * SECOND - TICK),
    "the second lock": (locked(6), 60 * SECOND - TICK),
    "the seventh lock": (locked(11), 1920 * SECOND - TICK),
    "the longest lock": (locked(12), HOUR - TICK),
    "a lock after very many": (locked(40), HOUR - TICK),
    "texted digits": (text, 10 * MINUTE),
    "the pause between texts": (waits(timedelta(0)), MINUTE - TICK),
    "five texts a day": (waits(*(hours * HOUR for hours in (5, 4, 3, 2, 1))), 19 * HOUR - TICK),
    "a message that somebody needs": (needed, timedelta(0)),
    "another try that still comes in time": (tried_again, timedelta(0)),
    "a late entry's grace": (lambda t: late(t) == "pass", 30 * MINUTE),
    "a late entry's term": (lambda t: late(t) != "block", 2 * HOUR),
}  # fmt: skip


def late(after: timedelta) -> str:
    """What is said of an entry so long after the visit began."""
    hours = after / HOUR
    return said(clause_of("late_entry", within={"hours": 2}), late_hours=hours)


class TestClock:
    @pytest.mark.parametrize("name", CLOCKS)
    def test_holds_at_its_last_moment_and_not_at_the_next(self, name: str) -> None:
        still_holds, last = CLOCKS[name]
        step = -TICK if name.startswith("- ") else TICK

        assert (still_holds(last), still_holds(last + step)) == (True, False)

    def test_tells_the_seconds_of_a_lock(self) -> None:
        account = Account(failed_count=0, role=Role.HEAD)
        for _ in range(5):
            count_failure(account, at=NOW)

        with pytest.raises(Refusal) as refused:
            refuse_locked(account, at=NOW + 30 * SECOND - TICK)

        assert (refused.value.status, refused.value.extras) == (429, {"retry_after": 1})

    def test_of_four_failures_locks_nothing(self) -> None:
        account = Account(failed_count=0, role=Role.HEAD)
        for _ in range(4):
            count_failure(account, at=NOW)

        assert (account.failed_count, account.locked_until_at) == (4, None)

    @pytest.mark.parametrize(("tries", "held"), [(4, True), (5, False)])
    def test_of_a_text_ends_with_the_fifth_guess(self, tries: int, held: bool) -> None:
        assert text(timedelta(0), tries=tries) is held

    def test_of_four_texts_lets_a_fifth_go(self) -> None:
        assert not waits(*(hours * HOUR for hours in (4, 3, 2, 1)))(timedelta(0))

    @pytest.mark.parametrize(("day", "taken"), [(date(2026, 3, 13), True), (date(2026, 3, 12), False)])
    def test_of_a_quiet_days_notice_counts_whole_days(self, day: date, taken: bool) -> None:
        offer = Offer(a_month=2, notice_days=3)

        assert passes(lambda: refuse_day(day, chosen=[], offer=offer, today=date(2026, 3, 10))) is taken

    @pytest.mark.parametrize(
        ("clock", "terms", "expected"),
        [
            ("record", {"record": {"hours": 5}}, NOW + 5 * HOUR),
            ("record", {}, NOW + 72 * HOUR),
            ("rating", {"record": {"hours": 5}}, datetime.fromisoformat("2026-03-26T00:00+08:00")),
        ],
    )
    def test_is_that_of_the_visit_else_the_one_there_always_is(
        self, clock: str, terms: Any, expected: datetime
    ) -> None:
        assert due(Visit(clocks=terms), clock, NOW, policy=PACK) == expected
        assert PACK.due(Term(hours=1), NOW) == NOW + HOUR


class TestNotices:
    """What a message's clocks are set to."""

    def test_of_a_text_runs_for_its_life_and_of_an_alert_for_three_days(self) -> None:
        code, word = sms("13800138000", "123456", at=NOW, life=LIFE), alert("began_before", {"visit": "7"}, at=NOW)

        assert (code.channel, code.recipient, code.body) == (Channel.SMS, "13800138000", {"text": "123456"})
        assert (code.written_at, code.due_at, code.until_at, code.tries) == (NOW, NOW, NOW + 10 * MINUTE, 0)
        assert (word.channel, word.body) == (Channel.ALERT, {"kind": "began_before", "visit": "7"})
        assert (word.written_at, word.due_at, word.until_at, word.tries) == (NOW, NOW, NOW + 3 * DAY, 0)

    def test_are_leased_for_a_minute_and_tried_after_pauses_up_to_half_an_hour(self) -> None:
        word, pauses = alert("began_before", {}, at=NOW), []
        for number in range(1, 13):
            take(word, at=NOW)
            assert (word.tries, word.due_at) == (number, NOW + MINUTE)
            failed(word, "x" * 201, at=NOW)
            pauses.append((word.due_at - NOW).total_seconds())

        assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800]
        assert (word.last_error, word.given_up_at) == ("x" * 200, None)

    def test_that_nobody_needs_any_more_say_why_and_forget_whom(self) -> None:
        code, word = sms("13800138000", "123456", at=NOW, life=LIFE), alert("began_before", {"visit": "7"}, at=NOW)
        word.last_error = "busy"

        assert (lapse(code, at=NOW + DAY), lapse(word, at=NOW + 4 * DAY)) == (True, True)

        assert (code.given_up_at, code.last_error, code.recipient, code.body) == (
            NOW + DAY, "too late", "138****8000", {}
        )  # fmt: skip
        assert (word.given_up_at, word.last_error, word.body["visit"]) == (NOW + 4 * DAY, "busy", "7")
        punctual = sms("13800138000", "123456", at=NOW, life=LIFE)
        assert (lapse(punctual, at=NOW), punctual.given_up_at, punctual.body) == (False, None, {"text": "123456"})


class TestKept:
    """What is kept for a time: it is there at the last moment and gone a second later, on both databases."""

    def rows(self, cast: Cast, db: Any) -> None:
        phone = Phone(number=7, account_id=cast.accounts["bakery"].id, enterprise_id=cast.bakery.id, label="手机",
                      role=PhoneRole.OWNER, public_key=b"k" * 65, enrolled_at=NOW)  # fmt: skip
        db.session.add(phone)
        db.session.flush()
        db.session.add_all([
            PhoneStep(phone_number=7, step=1, used_at=NOW),
            SmsCode(enterprise_id=cast.bakery.id, code_hash=b"h", sent_at=NOW, expires_at=NOW + LIFE, tries=0),
            RequestKey(account_id=cast.accounts["li_na"].id, key="tapped-twice", request_hash=b"h", status=201,
                       media_type="application/json", body=b"{}", answered_at=NOW),
            Notice(channel=Channel.SMS, body={}, written_at=NOW, due_at=NOW, until_at=NOW, sent_at=NOW, tries=1),
        ])  # fmt: skip
        db.session.commit()

    @pytest.mark.parametrize(
        ("forget", "table", "kept"),
        [
            (forget_steps, PhoneStep, 60 * DAY),
            (forget_texts, SmsCode, 7 * DAY),
            (forget_old_answers, RequestKey, 30 * DAY),
            (forget_sent, Notice, 30 * DAY),
        ],
    )
    def test_is_forgotten_a_moment_after_its_time(
        self, db: Any, cast: Cast, forget: Callable[[datetime], None], table: Any, kept: timedelta
    ) -> None:
        self.rows(cast, db)

        forget(NOW + kept)
        there = db.session.scalars(select(table)).all()
        forget(NOW + kept + SECOND)

        assert (len(there), db.session.scalars(select(table)).all()) == (1, [])

    @pytest.mark.parametrize(
        ("stage", "last"),
        [
            (Stage.REGISTERED, 6 * HOUR - 20 * MINUTE),
            (Stage.APPROVED, 10 * DAY + 6 * HOUR - 20 * MINUTE),
            (Stage.RECORDED, datetime.fromisoformat("2026-03-26T00:00+08:00") - NOW),
        ],
    )
    def test_a_visit_waits_until_its_time_is_over(
        self, db: Any, cast: Cast, keep: Any, stage: Stage, last: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The test's own transaction is open on this database: the worker would wait for itself.
        monkeypatch.setattr("server.worker.writer_gate", nullcontext)
        keep(visit_at(stage, cast))

        assert [tick(NOW + last), tick(NOW + last + SECOND)] == [0, 1]

    def test_the_place_of_a_scan_goes_after_the_packs_days(
        self, db: Any, cast: Cast, keep: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("server.worker.writer_gate", nullcontext)
        story = visit_at(Stage.EVALUATED, cast, at=NOW + 10 * MINUTE, basis=Basis.PLAN)
        scan = story.scans[0]
        scan.latitude, scan.longitude, scan.accuracy_m = 25.78, 113.01, 10
        keep(story)
        places = []
        for late_by in (timedelta(0), SECOND):
            tick(NOW + 180 * DAY + late_by)
            db.session.refresh(scan)
            places.append((scan.latitude, scan.longitude, scan.accuracy_m))

        assert places == [(25.78, 113.01, 10), (None, None, None)]


def test_a_scan_of_the_factories_is_heard_at_once() -> None:
    cast = Cast()
    visit = visit_at(Stage.APPROVED, cast).visit

    scan = a_scan(visit, inspector=cast.li_na, account_id=new_id())

    assert (scan.received_at, is_late(scan, policy=PACK)) == (scan.scanned_at, False)
