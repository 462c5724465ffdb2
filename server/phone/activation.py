"""May these six digits enrol a phone? How often they are texted, how long they hold, how often they may be mistaken."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from .models import SmsCode

LIFE = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
MOST_A_DAY = 5
MOST_TRIES = 5
_DOMAIN = b"ruqi/sms/1\0"


def make_digits() -> str:
    """Six digits that nobody can foretell."""
    return f"{secrets.randbelow(10**6):06d}"


def hash_of(digits: str, *, enterprise_id: UUID, secret: bytes) -> bytes:
    """What is kept of them: under the server's secret, and worth nothing for another enterprise."""
    return hmac.digest(secret, _DOMAIN + enterprise_id.bytes + digits.encode(), "sha256")


def may_send(earlier: Sequence[SmsCode], *, at: datetime) -> bool:
    """Whether another text may go to this enterprise: one a minute, five a day."""
    today = [code.sent_at for code in earlier if at - code.sent_at < timedelta(days=1)]
    return len(today) < MOST_A_DAY and all(at - sent_at >= PAUSE for sent_at in today)


def holds(code: SmsCode | None, digits: str, *, secret: bytes, at: datetime) -> bool:
    """Whether these digits are the newest that were texted, in time, unused, and not guessed at too often."""
    if code is None or code.used_at is not None or at > code.expires_at or code.tries >= MOST_TRIES:
        return False
    given = hash_of(digits, enterprise_id=code.enterprise_id, secret=secret)
    return hmac.compare_digest(given, code.code_hash)
