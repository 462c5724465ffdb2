"""Phones at the same moment: a code counts once, a slip enrols one phone, an enterprise has five; on both databases.

Each race has a control with the lock taken out, and with a constraint that stands behind it: it must fail, else
the race would prove nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

import qr
from qr.tokens import Kind, read_token, write_token
from server.account.models import Account, Role
from server.account.sign_in import access_token
from server.clock import now
from server.db import db as database
from server.enterprise.models import Enterprise, EnterpriseKind
from server.ids import new_id
from server.ledger.models import Event
from server.meeting.models import DoorReport
from server.notice.models import Notice
from server.phone import activation
from server.phone.models import MOST_PHONES, Phone, PhoneRole, PhoneStep, Slip, SlipPurpose, SmsCode
from server.phone.slips import kept_of_slip
from server.plaque.models import Plaque
from server.scan.models import Scan
from server.visit.stages import Stage

from . import race
from .conftest import ENGINES, Hand
from .pocket import PREFIX, Pocket, public
from .race import World, statuses, unguarded
from .test_loop import a_scan_body, code_of

ROUNDS = 20
CONTROL_ROUNDS = 60
RUNNERS = 4
DIGITS = "482913"
# How many points P-256 has.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NUMBERS = count(10_000_000)

world = race.world


class Handset(Pocket):
    """A phone that was enrolled before the race, however many its holder has."""

    def __init__(self, world: World, who: str) -> None:
        self.hand, self.key = world.hands[who], qr.DeviceKey.generate()
        holder = world.cast.accounts[who]
        role = PhoneRole.OWNER if holder.enterprise_id else None
        self.number = add_phone(
            world, holder, key=self.key, role=role, enterprise_id=holder.enterprise_id, inspector_id=holder.inspector_id
        )


class Firm:
    """An enterprise of one race, with as many phones as it has before it."""

    def __init__(self, world: World, *, phones: int = 0) -> None:
        self.world, self.id = world, new_id()
        self.uscc = f"9143100{next(NUMBERS)}000"
        self.account = Account(
            id=new_id(), username=self.uscc, name="老板", role=Role.ENTERPRISE, enterprise_id=self.id, failed_count=0
        )
        with world.session() as session:
            session.add(
                Enterprise(
                    id=self.id, uscc=self.uscc, uscc_doubtful=True, name="资兴茶厂", kind=EnterpriseKind.COMPANY,
                    region_code="431002", address="东江湖路8号", contact_mobile="13800138000",
                )
            )  # fmt: skip
            session.flush()
            session.add(self.account)
            session.flush()
            self.hand = Hand(world.app.test_client(), access_token(self.account, device_id=new_id(), at=now()))
        self.numbers = [
            add_phone(world, self.account, role=PhoneRole.OWNER, enterprise_id=self.id) for _ in range(phones)
        ]

    def slips(self, many: int) -> list[str]:
        """Sealed codes that enrol a phone, as they lie in the envelopes."""
        codes = [qr.make_slip() for _ in range(many)]
        with self.world.session() as session:
            session.add_all(
                Slip(
                    code_hash=kept_of_slip(code),
                    enterprise_id=self.id,
                    purpose=SlipPurpose.ACTIVATION,
                    issued_at=now(),
                )
                for code in codes
            )
        return codes

    def text(self) -> None:
        """Text DIGITS to it."""
        with self.world.session() as session:
            secret = self.world.app.config["RUQI"].token_secret.encode()
            kept = activation.hash_of(DIGITS, enterprise_id=self.id, secret=secret)
            at = now()
            session.add(
                SmsCode(enterprise_id=self.id, code_hash=kept, sent_at=at, expires_at=at + activation.LIFE, tries=0)
            )

    def enrolment(self, **proof: str) -> Callable[[], Any]:
        """A stranger's new phone, about to be enrolled by what it was given."""
        body = {**proof, "public_key": public(qr.DeviceKey.generate()), "label": "新手机"}
        return partial(Hand(self.world.app.test_client()).post, "/enrolments", body)

    def phones(self, *where: Any) -> int:
        """How many of its phones are enrolled."""
        return self.world.count(Phone, Phone.enterprise_id == self.id, Phone.revoked_at.is_(None), *where)

    def owners(self) -> int:
        """How many of them are the owner's."""
        return self.phones(Phone.role == PhoneRole.OWNER)

    def newcomers(self) -> int:
        """Accounts of its own phones, made by enrolling them."""
        return self.world.count(Account, Account.enterprise_id == self.id, Account.id != self.account.id)


def add_phone(
    world: World, holder: Account, *, role: PhoneRole | None, key: qr.DeviceKey | None = None, **side: UUID | None
) -> int:
    """An enrolled phone, without a request; its number."""
    raw = (key or qr.DeviceKey.generate()).public.raw
    with world.session() as session:
        phone = Phone(account_id=holder.id, role=role, public_key=raw, label="前台手机", enrolled_at=now(), **side)
        session.add(phone)
        session.flush()
        return phone.number


def twin(code: str) -> str:
    """The same living code as another text: of an ECDSA signature (r, s), (r, n - s) is as good."""
    body = read_token(code, Kind.LIVING, prefix=PREFIX)
    s = int.from_bytes(body[-32:], "big")
    return write_token(Kind.LIVING, body[:-32] + (ORDER - s).to_bytes(32, "big"), prefix=PREFIX)


# --- the races -------------------------------------------------------------------------------------


def living_race(world: World) -> tuple[list[Any], int]:
    """Two inspectors each scan one living code, as both of its texts, for two visits; and how many are in."""
    visits = [world.fresh_visit(Stage.APPROVED) for _ in range(2)]
    phone, at = Handset(world, "bakery"), now()
    code = phone.living(at)
    codes = [code, twin(code), twin(code), code]
    people = ["li_na", "wang_jun", "li_na", "wang_jun"]
    answers = world.at_once(
        *(
            partial(world.hands[who].post, f"/visits/{visits[place // 2]}/scans", a_scan_body(at, code=each))
            for place, (who, each) in enumerate(zip(people, codes, strict=True))
        )
    )
    return answers, world.count(Scan, Scan.phone_number == phone.number, Scan.reason.is_(None))


def door_race(world: World) -> tuple[list[Any], int]:
    """Two inspectors of one visit scan one living code, as both of its texts; and how many are in."""
    visit, phone, at = world.fresh_visit(Stage.APPROVED), Handset(world, "bakery"), now()
    code = phone.living(at)
    answers = world.at_once(
        *(
            partial(world.hands[who].post, f"/visits/{visit}/scans", a_scan_body(at, code=each))
            for who, each in (("li_na", code), ("wang_jun", twin(code)))
        )
    )
    return answers, world.count(Scan, Scan.phone_number == phone.number, Scan.reason.is_(None))


def meeting_race(world: World) -> tuple[list[Any], int]:
    """Two of the enterprise's phones read one visit code; and how many heard that they have met."""
    visit, theirs = world.fresh_visit(Stage.APPROVED), Handset(world, "li_na")
    ours = [Handset(world, "bakery") for _ in range(2)]
    code = theirs.visit_code(visit, now())
    answers = world.at_once(
        *(partial(phone.hand.post, "/handshakes", {"code": code, "phone": phone.number}) for phone in ours)
    )
    met = world.count(Event, Event.subject_id == visit, Event.verb == "handshake")
    return answers, met


def slip_race(world: World) -> tuple[list[Any], Firm]:
    """Several phones send one sealed code."""
    firm = Firm(world)
    [slip] = firm.slips(1)
    return world.at_once(*(firm.enrolment(slip=slip) for _ in range(RUNNERS))), firm


def fifth_race(world: World) -> tuple[list[Any], Firm]:
    """An enterprise with four phones enrols several more, each with a sealed code of its own."""
    firm = Firm(world, phones=MOST_PHONES - 1)
    return world.at_once(*(firm.enrolment(slip=slip) for slip in firm.slips(RUNNERS))), firm


def owner_race(world: World) -> tuple[list[Any], Firm]:
    """An enterprise without phones enrols several, each signed in with the password."""
    firm = Firm(world)
    bodies = [{"public_key": public(qr.DeviceKey.generate()), "label": f"手机{place}"} for place in range(RUNNERS)]
    return world.at_once(*(partial(firm.hand.post, "/phones", body) for body in bodies)), firm


def last_owner_race(world: World) -> tuple[list[Any], Firm]:
    """Both owners hand their part over."""
    firm = Firm(world, phones=2)
    calls = (partial(firm.hand.post, f"/phones/{number}/role", {"role": "clerk"}) for number in firm.numbers)
    return world.at_once(*calls), firm


def text_race(world: World) -> tuple[list[Any], Firm]:
    """Several phones send the digits of one text."""
    firm = Firm(world)
    firm.text()
    return world.at_once(*(firm.enrolment(uscc=firm.uscc, sms_code=DIGITS) for _ in range(RUNNERS))), firm


def guess_race(world: World) -> tuple[list[Any], int]:
    """Several guesses at the digits of one text; and how many were counted."""
    firm = Firm(world)
    firm.text()
    answers = world.at_once(*(firm.enrolment(uscc=firm.uscc, sms_code=f"00000{place}") for place in range(RUNNERS)))
    with world.session() as session:
        return answers, session.scalars(select(SmsCode.tries).where(SmsCode.enterprise_id == firm.id)).one()


def asking_race(world: World) -> tuple[list[Any], int]:
    """Several requests for a text; and how many are sent."""
    firm = Firm(world)
    before = world.count(Notice)
    ask = partial(Hand(world.app.test_client()).post, "/activations", {"uscc": firm.uscc})
    answers = world.at_once(*[ask] * RUNNERS)
    codes = world.count(SmsCode, SmsCode.enterprise_id == firm.id)
    assert world.count(Notice) - before == codes
    return answers, codes


def outcome_race(world: World) -> tuple[list[Any], int]:
    """Supervisors say what came of one report at the door; and how often something did."""
    visit = world.fresh_visit(Stage.APPROVED)
    said = world.hands["bakery"].post(f"/visits/{visit}/door-reports", {"kind": "began_before"})
    assert said.status_code == 201, said.json
    with world.session() as session:
        report = session.scalars(select(DoorReport.id).where(DoorReport.visit_id == visit)).one()
    see_to = partial(world.hands["sun_li"].post, f"/door-reports/{report}/outcome", {"outcome": "已约谈该单位"})
    answers = world.at_once(*[see_to] * 2)
    return answers, world.count(Event, Event.subject_id == visit, Event.verb == "door_report_seen")


def finding_race(world: World) -> tuple[list[Any], int]:
    """Several people say that they have found a lost plaque; and how many are believed."""
    firm, at = Firm(world), now()
    with world.session() as session:
        ended = {"revoked_at": at, "revoked_by": firm.account.id, "revoked_because": "被偷", "lost": True}
        lost = Plaque(enterprise_id=firm.id, key_id=0, issued_at=at, **ended)
        session.add(lost)
        session.flush()
        code = code_of(lost.serial)
    nobody = Hand(world.app.test_client())
    calls = (partial(nobody.post, "/plaque-finds", {"text": code, "note": f"在{place}号"}) for place in range(RUNNERS))
    return world.at_once(*calls), world.count(Event, Event.subject_id == firm.id, Event.verb == "plaque_found")


# --- what holds, and the controls --------------------------------------------------------------------


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], World]:
    """Texts are on."""

    def on(world: World) -> World:
        monkeypatch.setattr(world.app.config["RUQI"], "sms_url", "file:///dev/null")
        return world

    return on


@pytest.fixture(params=ENGINES, scope="class")
def keyless(request: pytest.FixtureRequest, make_config: Any) -> Iterator[World]:
    """A world that looks whether a step was used, then writes it down, with neither lock nor key behind it.

    Without the key alone, ON CONFLICT finds nothing and lets everybody in, also one after the other: that would
    show nothing of the race.
    """
    modules = ("server.visit.models", "server.scan.door")
    with pytest.MonkeyPatch.context() as patch, unguarded(request, make_config, *modules) as app:
        patch.setattr("server.phone.models.use_step", look_then_use)
        with app.app_context(), database.engine.begin() as connection:
            for table in ("phone_step", "handshake"):
                connection.execute(text(f"CREATE TABLE bare AS SELECT * FROM {table}"))
                connection.execute(text(f"DROP TABLE {table}"))
                connection.execute(text(f"ALTER TABLE bare RENAME TO {table}"))
        yield World(app)


@pytest.fixture(params=ENGINES, scope="class")
def unlocked(request: pytest.FixtureRequest, make_config: Any) -> Iterator[World]:
    """A world in which enrolling locks nothing; no constraint stands behind these locks."""
    rooms = ("phone.activation_routes", "phone.routes", "phone.enrolling", "code.routes", "meeting.routes")
    with unguarded(request, make_config, *(f"server.{room}" for room in rooms)) as app:
        yield World(app)


def look_then_use(number: int, step: int, *, at: datetime) -> bool:
    """What `use_step` would be without its key."""
    same = (PhoneStep.phone_number == number, PhoneStep.step == step)
    if database.session.scalar(select(PhoneStep.step).where(*same).limit(1)) is not None:
        return False
    database.session.add(PhoneStep(phone_number=number, step=step, used_at=at))
    database.session.flush()
    return True


def ever(world: World, race: Callable[[World], tuple[list[Any], Any]], is_wrong: Callable[[Any], bool]) -> bool:
    """Whether some round of a control went wrong."""
    return any(is_wrong(race(world)[1]) for _ in range(CONTROL_ROUNDS))


def reasons(answers: list[Any]) -> set[str]:
    """Why the losers lost."""
    return {answer.json["reason"] for answer in answers if answer.status_code >= 400}


@pytest.mark.race
class TestLivingCode:
    @pytest.mark.parametrize(("run", "runners"), [(living_race, 4), (door_race, 2)])
    def test_lets_exactly_one_in(self, world: World, run: Any, runners: int) -> None:
        for _ in range(ROUNDS):
            answers, inside = run(world)

            assert statuses(answers) == [201] + [409] * (runners - 1), [answer.json for answer in answers]
            assert (inside, reasons(answers)) == (1, {"used_code"})


@pytest.mark.race
class TestVisitCode:
    def test_is_one_handshake(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, met = meeting_race(world)

            assert statuses(answers) == [201, 409], [answer.json for answer in answers]
            assert (met, reasons(answers)) == (1, {"used_code"})


@pytest.mark.race
class TestEnrolment:
    def test_by_one_sealed_code_is_of_exactly_one_phone(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, firm = slip_race(world)

            assert statuses(answers) == [201] + [409] * (RUNNERS - 1), [answer.json for answer in answers]
            assert (firm.phones(), firm.newcomers(), reasons(answers)) == (1, 1, {"slip_used"})

    def test_ends_at_five(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, firm = fifth_race(world)

            assert statuses(answers) == [201] + [409] * (RUNNERS - 1), [answer.json for answer in answers]
            assert (firm.phones(), firm.newcomers(), reasons(answers)) == (MOST_PHONES, 1, {"phones_full"})

    def test_makes_exactly_one_owner(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, firm = owner_race(world)

            assert statuses(answers) == [201] * RUNNERS, [answer.json for answer in answers]
            assert (firm.phones(), firm.owners()) == (RUNNERS, 1)

    def test_leaves_an_owner_when_both_hand_over(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, firm = last_owner_race(world)

            assert statuses(answers) == [201, 409], [answer.json for answer in answers]
            assert (firm.owners(), reasons(answers)) == (1, {"last_owner"})


@pytest.mark.race
class TestText:
    def test_enrols_exactly_one_phone(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, firm = text_race(world)

            assert statuses(answers) == [201] + [422] * (RUNNERS - 1), [answer.json for answer in answers]
            assert (firm.phones(), firm.newcomers(), reasons(answers)) == (1, 1, {"bad_sms_code"})

    def test_counts_every_guess(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, tries = guess_race(world)

            assert statuses(answers) == [422] * RUNNERS, [answer.json for answer in answers]
            assert (tries, reasons(answers)) == (RUNNERS, {"bad_sms_code"})

    def test_is_sent_once(self, world: World, gateway: Any) -> None:
        gateway(world)
        for _ in range(ROUNDS):
            answers, sent = asking_race(world)

            assert (statuses(answers), sent) == ([202] * RUNNERS, 1), [answer.json for answer in answers]


@pytest.mark.race
class TestWord:
    def test_of_what_came_of_a_report_is_taken_once(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, seen = outcome_race(world)

            assert statuses(answers) == [201, 409], [answer.json for answer in answers]
            assert (seen, reasons(answers)) == (1, {"already_seen"})

    def test_of_a_found_plaque_is_the_first_ones(self, world: World) -> None:
        for _ in range(ROUNDS):
            answers, found = finding_race(world)

            assert statuses(answers) == [201] * RUNNERS, [answer.json for answer in answers]
            assert (found, len({answer.json["found_at"] for answer in answers})) == (1, 1)


@pytest.mark.race
class TestWithoutTheKey:
    @pytest.mark.parametrize("run", [living_race, door_race])
    def test_a_living_code_would_let_two_in(self, keyless: World, run: Any) -> None:
        assert ever(keyless, run, lambda inside: inside > 1)

    def test_a_visit_code_would_be_two_handshakes(self, keyless: World) -> None:
        assert ever(keyless, meeting_race, lambda met: met > 1)


@pytest.mark.race
class TestWithoutTheLock:
    def test_a_sealed_code_would_enrol_two(self, unlocked: World) -> None:
        assert ever(unlocked, slip_race, lambda firm: firm.phones() > 1)

    # On PostgreSQL alone: a sealed code's account is written before the phones are counted, and whoever has written
    # is SQLite's only writer until the commit.
    @pytest.mark.parametrize("unlocked", ["postgresql"], indirect=True)
    def test_an_enterprise_would_go_beyond_five(self, unlocked: World) -> None:
        assert ever(unlocked, fifth_race, lambda firm: firm.phones() > MOST_PHONES)

    def test_an_enterprise_would_have_two_owners(self, unlocked: World) -> None:
        assert ever(unlocked, owner_race, lambda firm: firm.owners() > 1)

    def test_an_enterprise_would_have_no_owner_left(self, unlocked: World) -> None:
        assert ever(unlocked, last_owner_race, lambda firm: firm.owners() == 0)

    def test_a_text_would_enrol_two(self, unlocked: World) -> None:
        assert ever(unlocked, text_race, lambda firm: firm.phones() > 1)

    def test_a_guess_would_be_lost(self, unlocked: World) -> None:
        assert ever(unlocked, guess_race, lambda tries: tries < RUNNERS)

    def test_two_texts_would_be_sent(self, unlocked: World, gateway: Any) -> None:
        assert ever(gateway(unlocked), asking_race, lambda sent: sent > 1)

    def test_two_outcomes_would_be_noted(self, unlocked: World) -> None:
        assert ever(unlocked, outcome_race, lambda seen: seen > 1)

    def test_two_finders_would_be_believed(self, unlocked: World) -> None:
        assert ever(unlocked, finding_race, lambda found: found > 1)
