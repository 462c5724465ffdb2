"""Who approves, who inspects, and who may only help."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from server.policy.calendar import Calendar
from server.policy.case import Case
from server.policy.clause import Clause, Hit, Outcome, Term


class Approval(Clause):
    """负责人批准: before the visit, or afterwards within a term, which makes it urgent and amber until then."""

    kind: Literal["approval"]
    standing: ClassVar[bool] = True
    when: Literal["before", "afterwards"]
    within: Term | None = None
    WORDS: ClassVar = ("须经执法单位负责人批准", "The agency head must approve")

    @model_validator(mode="after")
    def _term(self) -> "Approval":
        if (self.when == "afterwards") != (self.within is not None):
            raise ValueError("`within` belongs to `afterwards`, and only there")
        return self

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Always speaks: it says when the head's yes is due. Urgent visits need a written reason."""
        urgent = self.when == "afterwards"
        return Hit({"when": self.when}, Outcome.WARN if urgent else Outcome.RECORD)


class Inspectors(Clause):
    """执法人员人数: at least so many inspectors on site."""

    kind: Literal["inspectors"]
    at_least: int = Field(ge=1, le=10)
    WORDS: ClassVar = (
        "本次检查有{count}名执法人员，不得少于{at_least}名",
        "{count} inspectors are named; at least {at_least} are needed",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when too few different people are named."""
        count = len({each.id for each in case.inspectors})
        return Hit({"count": count, "at_least": self.at_least}) if count < self.at_least else None


class Certificate(Clause):
    """执法证: every inspector's certificate holds on every day of the window."""

    kind: Literal["certificate"]
    WORDS: ClassVar = ("{names}的执法证不在有效期内", "The certificate of {names} is not valid")

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when somebody's certificate does not hold."""
        names = [each.name for each in case.inspectors if not each.certified]
        return Hit({"names": "、".join(names)}) if names else None


class Helpers(Clause):
    """辅助人员: may come along in small number, and never instead of inspectors."""

    kind: Literal["helpers"]
    at_most: int = Field(ge=0)
    WORDS: ClassVar = (
        "辅助人员{count}名，超过{at_most}名；辅助人员不得实施检查",
        "{count} helpers, more than {at_most}; helpers may not inspect",
    )

    def check(self, case: Case, calendar: Calendar) -> Hit | None:
        """Speaks when there are too many helpers, or helpers without an inspector."""
        if case.helpers > self.at_most or (case.helpers and not case.inspectors):
            return Hit({"count": case.helpers, "at_most": self.at_most})
        return None
