"""Why a visit may not be registered, approved or lifted."""

from server.refusal import Reason
from server.visit.rules import CountReason


class RegistrationReason(Reason):
    """Why a visit may not be registered. Below the line: what the policy pack blocks, one reason a kind of clause."""

    MATTER_MISSING = "matter_missing"
    SERVICE_VISIT_HAS_MATTERS = "service_visit_has_matters"
    INSPECTOR_OF_OTHER_AGENCY = "inspector_of_other_agency"
    OVERDUE_RECORD = "overdue_record"
    BAD_WINDOW = "bad_window"
    REASON_MISSING = "reason_missing"
    UNKNOWN_CLAIM = "unknown_claim"
    # ---
    UNLISTED_MATTER = "unlisted_matter"
    NOT_AUTHORISED = "not_authorised"
    TOO_FEW_INSPECTORS = "too_few_inspectors"
    EXPIRED_CERTIFICATE = "expired_certificate"
    TOO_MANY_HELPERS = "too_many_helpers"
    OFF_SITE_POSSIBLE = "off_site_possible"
    NOT_DRAWN = "not_drawn"
    NOT_PLANNED = "not_planned"
    TOO_CLOSE_TOGETHER = "too_close_together"
    REPEATED = "repeated"
    RESULT_REUSABLE = "result_reusable"
    SAME_INSPECTOR = "same_inspector"
    NOT_ROTATED = "not_rotated"
    MERGEABLE = "mergeable"
    BUDGET_SPENT = "budget_spent"
    QUIET_DAY = "quiet_day"
    FILED_TOO_LATE = "filed_too_late"
    LATE_ENTRY = "late_entry"
    BLOCKED = "blocked"


# What a blocking clause of each kind says; the counter says the same of a cap.
BLOCKED_BY: dict[str, Reason] = {
    "listed_matter": RegistrationReason.UNLISTED_MATTER,
    "authorised_body": RegistrationReason.NOT_AUTHORISED,
    "inspectors": RegistrationReason.TOO_FEW_INSPECTORS,
    "certificate": RegistrationReason.EXPIRED_CERTIFICATE,
    "helpers": RegistrationReason.TOO_MANY_HELPERS,
    "off_site_first": RegistrationReason.OFF_SITE_POSSIBLE,
    "random_draw": RegistrationReason.NOT_DRAWN,
    "plan_published": RegistrationReason.NOT_PLANNED,
    "cap": CountReason.CAP_REACHED,
    "burst": RegistrationReason.TOO_CLOSE_TOGETHER,
    "repeat": RegistrationReason.REPEATED,
    "reuse": RegistrationReason.RESULT_REUSABLE,
    "same_inspector": RegistrationReason.SAME_INSPECTOR,
    "rotation": RegistrationReason.NOT_ROTATED,
    "merge": RegistrationReason.MERGEABLE,
    "budget": RegistrationReason.BUDGET_SPENT,
    "quiet_day": RegistrationReason.QUIET_DAY,
    "advance": RegistrationReason.FILED_TOO_LATE,
    "late_entry": RegistrationReason.LATE_ENTRY,
}


class ApprovalReason(Reason):
    """Why a head's decision, or a lift, is not taken."""

    ALREADY_DECIDED = "already_decided"
    BLOCK_STANDS = "block_stands"
    NOT_LIFTABLE = "not_liftable"
    OWN_REGISTRATION = "own_registration"
