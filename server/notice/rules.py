"""What a message says, how long it is tried, and what stays of it."""

from datetime import datetime, timedelta
from typing import Any

from .models import Channel, Notice

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=30)
# While one worker sends, no other takes it; a worker that died leaves it to the next.
LEASE = timedelta(minutes=1)
ALERT_LIFE = timedelta(days=3)


def sms(to: str, text: str, *, at: datetime, life: timedelta) -> Notice:
    """A text to a phone, worth sending for so long."""
    return Notice(
        channel=Channel.SMS, recipient=to, body={"text": text}, written_at=at, due_at=at, until_at=at + life, tries=0
    )


def alert(kind: str, told: dict[str, Any], *, at: datetime) -> Notice:
    """Word to the supervisors' own system: which kind of alert, and the ids to look at; no personal data."""
    body = {"kind": kind, **told}
    return Notice(channel=Channel.ALERT, body=body, written_at=at, due_at=at, until_at=at + ALERT_LIFE, tries=0)


def take(notice: Notice, *, at: datetime) -> None:
    """Claim a message for one try."""
    notice.tries += 1
    notice.due_at = at + LEASE


def sent(notice: Notice, *, at: datetime) -> None:
    """It has left; of a text nothing stays but when, and to roughly whom (个人信息保护法: no longer than needed)."""
    notice.sent_at, notice.last_error = at, ""
    _forget(notice)


def failed(notice: Notice, error: str, *, at: datetime) -> None:
    """It has not left: again after a pause that doubles, until nobody needs it any more."""
    notice.last_error = error[:200]
    notice.due_at = at + min(FIRST_PAUSE * 2 ** (notice.tries - 1), LONGEST_PAUSE)
    if notice.due_at > notice.until_at:
        notice.given_up_at = at
        _forget(notice)


def lapse(notice: Notice, *, at: datetime) -> bool:
    """Give up what nobody needs any more, as when no worker ran for a while; False when it is still worth sending."""
    if notice.until_at >= at:
        return False
    notice.given_up_at, notice.last_error = at, notice.last_error or "too late"
    _forget(notice)
    return True


def masked(number: str) -> str:
    """A phone number as others may see it: 138****5678."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else "****"


def _forget(notice: Notice) -> None:
    if notice.channel is Channel.SMS:
        notice.recipient, notice.body = masked(notice.recipient), {}
