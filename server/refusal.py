"""The expected "no": a closed reason, one exception, one JSON shape (RFC 9457)."""

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why something was refused. Each package adds its own closed list beside its rules."""


class General(Reason):
    """Refusals that any call may meet."""

    NOT_SIGNED_IN = "not_signed_in"
    TOKEN_EXPIRED = "token_expired"
    NOT_PERMITTED = "not_permitted"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    INVALID_INPUT = "invalid_input"
    UNKNOWN_REFERENCE = "unknown_reference"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    ID_REUSED = "id_reused"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    TOLD_ONCE = "told_once"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_SLOW = "too_slow"
    BUSY = "busy"
    INTERNAL_ERROR = "internal_error"


class Fault(StrEnum):
    """What is wrong with one field of an input; the client has a sentence for each."""

    MISSING = "missing"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_CHOICE = "not_a_choice"
    UNHEARD_OF = "unheard_of"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    FORBIDDEN_CHARACTER = "forbidden_character"
    OUTSIDE_CALENDAR = "outside_calendar"


class Refusal(Exception):
    """An expected "no".

    `status` is the HTTP status; `keeps` says that what was added to the session before the refusal
    (a refused scan, a failed sign-in) is to be committed all the same; `extras` become members of
    the problem document.
    """

    def __init__(self, reason: Reason, status: int = 409, *, keeps: bool = False, **extras: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.status = status
        self.keeps = keeps
        self.extras = extras


def not_found() -> Refusal:
    """What lies outside the asker's scope answers as if it did not exist."""
    return Refusal(General.NOT_FOUND, 404)


def field_error(field: str, fault: Fault, message: str = "", *, limit: float | None = None) -> dict[str, Any]:
    """One member of a problem's `errors`: the fault for programs, the message for those who read logs."""
    return {"field": field, "fault": fault.value, "limit": limit, "message": message or fault.value.replace("_", " ")}


def problem(reason: str, status: int, *, request_id: str, **extras: Any) -> dict[str, Any]:
    """The body of an `application/problem+json` answer (RFC 9457 §3)."""
    return {
        "type": f"/api/problems#{reason}",
        "title": reason.replace("_", " "),
        "status": status,
        "reason": reason,
        "request_id": request_id,
        **extras,
    }
