"""What tests of the law at the desk say: a window, the fire brigade's matter, verdicts by clause."""

from typing import Any

from server.catalogue.models import Matter
from server.ids import new_id

from .factories import DAY, HOUR, NOW

FREE = NOW + 14 * DAY  # Tuesday 24 March: no quiet day of the month


def at(moment: Any, **changes: Any) -> dict[str, Any]:
    """The window of a registration."""
    return {"window_from_at": moment.isoformat(), "window_to_at": (moment + 4 * HOUR).isoformat(), **changes}


def fire_matter() -> Matter:
    """A matter of the fire brigade."""
    return Matter(
        id=new_id(), code="431004001", version=1, name="消防监督抽查", department="消防救援支队", legal_basis="",
        method="现场检查", checklist=[{"key": "1", "text": "通道畅通"}], listed_at=NOW - 300 * DAY,
    )  # fmt: skip


def outcomes(verdicts: list[dict[str, Any]]) -> dict[str, str]:
    """Clause → outcome."""
    return {each["clause"]: each["outcome"] for each in verdicts}
