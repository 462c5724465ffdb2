"""What visits look like on the wire, as rows and as a whole."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from server.account.schemas import AgencyRef, EnterpriseRef, RegionRef
from server.catalogue.schemas import MatterOut
from server.incoming import Day, Line, RegionCode
from server.paging import Moment, Out, PageQuery
from server.policy.clause import Outcome
from server.record.models import Answer, Disposition
from server.record.schemas import EvidenceOut
from server.scan.schemas import ScanOut
from server.visit.stages import Basis, Purpose, Stage

VisitAction = Literal[
    "approve", "send_material", "lift", "confirm", "cancel", "scan", "show_code", "turn_away", "record", "amend",
    "evaluate",
]  # fmt: skip


class VisitedEnterprise(EnterpriseRef):
    """An enterprise with where it is."""

    address: str
    region: RegionRef


class VisitRow(Out):
    """A visit as a line of a list."""

    id: UUID
    enterprise: VisitedEnterprise
    agency: AgencyRef
    purpose: Purpose
    basis: Basis
    stage: Stage
    amber: bool
    window_from_at: Moment
    window_to_at: Moment
    on_site_at: Moment | None
    recorded_at: Moment | None
    record_due_at: Moment | None
    overdue: bool
    inspectors: list[str]
    matters: list[str]


class Visits(Out):
    """One page of visits."""

    items: list[VisitRow]
    next_cursor: str | None


class VisitInspectorOut(Out):
    """An inspector named for a visit, when this person scanned and when the two phones met."""

    id: UUID
    name: str
    has_photo: bool
    agency: AgencyRef
    certificate_no: str
    valid_to_on: date
    scanned_at: Moment | None
    met_at: Moment | None


class HelperOut(Out):
    """A helper by name."""

    name: str
    organisation: str


class ApprovalOut(Out):
    """One agency's part in a visit, and its head's word."""

    agency: AgencyRef
    decision: Literal["approve", "reject"] | None
    reason: str
    decided_at: Moment | None
    decided_by: str | None


class RecordAnswerOut(Out):
    """One answered item of a checklist."""

    matter_id: UUID
    key: str
    answer: Answer
    note: str


class FindingOut(Out):
    """One defect."""

    matter_id: UUID | None
    text: str
    first_offence: bool


class AmendmentOut(Out):
    """A later change of a sealed record."""

    id: UUID
    text: str
    reason: str
    by: str
    at: Moment


class RecordOut(Out):
    """A sealed record with its evidence and what was added since."""

    answers: list[RecordAnswerOut]
    findings: list[FindingOut]
    disposition: Disposition
    advice: str
    heads: int
    minutes: int
    evidence: list[EvidenceOut]
    sealed_at: Moment
    sealed_by: str
    amendments: list[AmendmentOut]


class EvaluationOut(Out):
    """An enterprise's rating of a visit, for those who may read a single one."""

    overall: int
    conduct: int
    lawfulness: int
    beyond_list: bool
    remark: str
    evaluated_at: Moment


class MaterialOut(Out):
    """What an enterprise answered to an inspection off site."""

    id: UUID
    text: str
    by: str
    sent_at: Moment


class KeptVerdict(Out):
    """What one clause said of a visit, in the words of that day, and what became of a claim against it."""

    clause: str
    kind: str
    outcome: Outcome
    moment: str
    title: str
    title_en: str
    sentence: str
    sentence_en: str
    source: str
    claim_class: str | None
    claim_title: str | None
    claim_title_en: str | None
    claim_evidence: str | None
    approver: str | None
    lifted: bool | None
    decided_at: Moment | None
    decided_by: str | None
    decision_reason: str


class RefusalGround(Out):
    """A ground on which the enterprise may refuse entry, and where that is written."""

    when: str
    ground: str
    ground_en: str
    source: str


class VisitOut(VisitRow):
    """A visit as a whole, as far as its reader may see it; `actions` is what the reader may do now."""

    reason: str
    joint_agencies: list[AgencyRef]
    inspector_list: list[VisitInspectorOut]
    helpers: list[HelperOut]
    matter_list: list[MatterOut]
    approvals: list[ApprovalOut]
    approval_due_at: Moment | None
    scans: list[ScanOut]
    record: RecordOut | None
    evaluation: EvaluationOut | None
    evaluation_due_at: Moment | None
    inspectors_needed: int
    policy_version: str
    verdicts: list[KeptVerdict]
    refusal_grounds: list[RefusalGround]
    presence_demanded: str | None
    presence_short: bool
    tier: str
    off_site_means: str | None
    asked_for: str
    materials: list[MaterialOut]
    is_late: bool
    confirmed: bool | None
    liftable: list[str]
    actions: list[VisitAction]


class EnterpriseYear(Out):
    """How often an enterprise was visited this year (Asia/Shanghai), by whomever."""

    year: int
    visits: int
    inspections: int
    services: int
    agencies: int


class EventOut(Out):
    """One thing that happened, who did it, and what was before and after."""

    id: UUID
    at: Moment
    verb: str
    by: str
    role: str
    before: dict[str, Any]
    after: dict[str, Any]


class Events(Out):
    """Everything that happened, in order."""

    items: list[EventOut]


class Overview(Out):
    """How many visits stand behind each tile; the list of the same filter shows exactly those."""

    visits: int
    on_site: int
    unscanned: int
    refused_scans: int
    overdue_records: int
    evaluated: int
    unrated: int
    amber: int


class VisitQuery(PageQuery):
    """Which visits; the period is that of the window, with `arrived` that of arrival."""

    mine: bool = False
    open: bool = False
    overdue: bool = False
    amber: bool = False
    unscanned: bool = False
    arrived: bool = False
    refused_scans: bool = False
    awaiting: Literal["approval", "record", "evaluation"] | None = None
    stage: Line | None = Field(None, max_length=200)
    agency_id: UUID | None = None
    enterprise_id: UUID | None = None
    region: RegionCode | None = Field(None, max_length=6)
    basis: Basis | None = None
    purpose: Purpose | None = None
    from_on: Day | None = None
    to_on: Day | None = None
    q: Line | None = Field(None, max_length=50)

    @field_validator("stage")
    @classmethod
    def known_stages(cls, text: str | None) -> str | None:
        """Stages, separated by commas."""
        for word in (text or "").split(","):
            if word:
                Stage(word)
        return text
