"""May this one-time code enrol a phone? Codes on paper, and six digits in a text: how often they are sent, how long
they hold, how often they may be mistaken."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from server.refusal import Reason, Refusal

from .models import Slip, SlipPurpose, SmsCode

LIFE = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
MOST_A_DAY = 5
MOST_TRIES = 5
_DOMAIN = b"ruqi/sms/1\0"


class ActivationReason(Reason):
    """Why a one-time code enrols nothing."""

    BAD_SLIP = "bad_slip"
    SLIP_USED = "slip_used"
    SMS_OFF = "sms_off"
    BAD_SMS_CODE = "bad_sms_code"


def refuse_slip(slip: Slip | None) -> Slip:
    """The slip when it enrols a phone; refuses one that nobody printed, one for visits, and one used already."""
    if slip is None or slip.purpose is not SlipPurpose.ACTIVATION:
        raise Refusal(ActivationReason.BAD_SLIP, 404)
    if slip.used_at is not None:
        raise Refusal(ActivationReason.SLIP_USED)
    return slip


def refuse_text(newest: SmsCode | None, digits: str, *, secret: bytes, at: datetime) -> SmsCode:
    """The text whose digits these are; a wrong guess is counted, whoever makes it, and the count is kept."""
    if newest is None or not holds(newest, digits, secret=secret, at=at):
        if newest is not None:
            newest.tries += 1
        raise Refusal(ActivationReason.BAD_SMS_CODE, 422, keeps=True)
    return newest


def text_of(digits: str) -> str:
    """What the phone shows; the only sentence that leaves the server as one."""
    minutes = int(LIFE.total_seconds() // 60)
    return f"【入企码】{digits} 是开通企业手机的验证码，{minutes} 分钟内有效。任何检查人员都不会向您索要。"


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
