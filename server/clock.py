"""The one place that reads the clock; routes, the worker and the command line ask it, rules are told."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return read()


def read() -> datetime:
    """What the machine's clock says; tests put another in its place, for every reader at once."""
    return datetime.now(UTC)


def as_moment(at: datetime) -> str:
    """A moment as it leaves the server: UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_of(at: datetime) -> date:
    """The calendar day in Asia/Shanghai that holds this moment."""
    return at.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment (UTC) of a day in Asia/Shanghai."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first moment (UTC) after a day in Asia/Shanghai."""
    return start_of(day + timedelta(days=1))
