"""What starts a clock, is shown to both sides, or is counted over a year."""

from typing import ClassVar, Literal

from pydantic import Field

from server.policy.calendar import Calendar
from server.policy.case import Case, Numbers
from server.policy.clause import Clause, Hit, Outcome, Term


class Deadline(Clause):
    """时限: a term that starts when something happens (the door, the sealing, the correction order)."""

    kind: Literal["deadline"]
    standing: ClassVar[bool] = True
    what: Literal["record", "result_notice", "publication", "correction", "filing"]
    within: Term
    WORDS: ClassVar = ("{what_zh}应在{term_zh}内完成", "{what_en} is due within {term_en}")

    def always(self) -> Numbers:
        """What is due, and within which term."""
        zh, en = WHAT[self.what]
        return {"what": self.what, "what_zh": zh, "what_en": en, **spoken(self.within)}

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks: it names the clock."""
        return Hit(self.always(), Outcome.RECORD)


class Rating(Clause):
    """评价: how long the enterprise may rate, and how fast a bad rating must be answered."""

    kind: Literal["rating"]
    standing: ClassVar[bool] = True
    within: Term
    contact: Term
    fix_simple: Term
    fix_complex: Term
    WORDS: ClassVar = ("企业可在{term_zh}内评价", "The enterprise may rate within {term_en}")

    def always(self) -> Numbers:
        """The term."""
        return spoken(self.within)

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks: it names the clock."""
        return Hit(self.always(), Outcome.RECORD)


class Presence(Clause):
    """到场强度: how strongly the scan must prove presence; a weaker one is kept and flagged, never refused."""

    kind: Literal["presence"]
    standing: ClassVar[bool] = True
    at_least: Literal["fair", "strong"]
    WORDS: ClassVar = ("扫码的到场强度应不低于“{grade_zh}”", "The scan should prove presence at least {at_least}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks where there is a door: its scans are measured against it."""
        return None if case.off_site else Hit(self.always(), Outcome.RECORD)

    def always(self) -> Numbers:
        """The grade."""
        return {"at_least": self.at_least, "grade_zh": GRADES[self.at_least]}


class RefusalRight(Clause):
    """拒绝权: on which ground the enterprise may refuse entry, so that no screen talks it into an unlawful refusal."""

    kind: Literal["refusal_right"]
    standing: ClassVar[bool] = True
    ground: str = Field(min_length=1)
    ground_en: str = ""
    when: Literal["no_certificate", "no_scan", "no_registration"]
    WORDS: ClassVar = ("{ground}", "{ground_en}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks: the enterprise is shown it."""
        return Hit(self.always(), Outcome.RECORD)

    def always(self) -> Numbers:
        """The ground, in both languages."""
        return {"ground": self.ground, "ground_en": self.ground_en or self.ground, "when": self.when}


class Duty(Clause):
    """A duty that software can only remind of: what to show, tell, hand over or leave undone."""

    kind: Literal["duty"]
    standing: ClassVar[bool] = True
    text: str = Field(min_length=1)
    text_en: str = ""
    WORDS: ClassVar = ("{text}", "{text_en}")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks: it is a reminder."""
        return Hit(self.always(), Outcome.RECORD)

    def always(self) -> Numbers:
        """The duty, in both languages."""
        return {"text": self.text, "text_en": self.text_en or self.text}


class Shares(Clause):
    """721工作法: least share of service and of guidance, most of penalty, among an agency's records, in percent."""

    kind: Literal["shares"]
    service_at_least: int = Field(ge=0, le=100)
    guidance_at_least: int = Field(ge=0, le=100)
    penalty_at_most: int = Field(ge=0, le=100)
    moment: ClassVar[str] = "year"
    WORDS: ClassVar = (
        "服务不少于{service_at_least}%，指导不少于{guidance_at_least}%，处罚不多于{penalty_at_most}%",
        "Service at least {service_at_least} %, guidance {guidance_at_least} %, penalty at most {penalty_at_most} %",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks of a year of records, never of a plan."""
        return None

    def check_shares(self, *, service: int, guidance: int, penalty: int) -> Hit | None:
        """Speaks when the counts of an agency's year miss the shares; silent without any record."""
        total = service + guidance + penalty
        if not total:
            return None
        shares = {name: round(100 * value / total, 1) for name, value in
                  (("service", service), ("guidance", guidance), ("penalty", penalty))}  # fmt: skip
        missed = (
            shares["service"] < self.service_at_least
            or shares["guidance"] < self.guidance_at_least
            or shares["penalty"] > self.penalty_at_most
        )
        limits = self.model_dump(include={"service_at_least", "guidance_at_least", "penalty_at_most"})
        return Hit({**shares, **limits}) if missed else None


WHAT = {
    "record": ("检查记录", "The record"),
    "result_notice": ("检查结果告知", "Telling the enterprise the result"),
    "publication": ("检查结果公示", "Publishing the result"),
    "correction": ("责令改正", "The correction"),
    "filing": ("备案", "Filing"),
}
GRADES = {"fair": "中", "strong": "强"}


def spoken(term: Term) -> dict[str, object]:
    """A term in words, for the sentence of its clause."""
    if term.hours is not None:
        return {"term_zh": f"{term.hours}小时", "term_en": f"{term.hours} hours"}
    if term.days is not None:
        return {"term_zh": f"{term.days}日", "term_en": f"{term.days} days"}
    return {"term_zh": f"{term.working_days}个工作日", "term_en": f"{term.working_days} working days"}
