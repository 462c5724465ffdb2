"""Messages that are due leave; the worker calls this every few seconds."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import delete, or_, select

from server.config import Config
from server.db import begin_writing, db, writer_gate

from . import rules
from .adapters import Undelivered, deliver
from .models import Channel, Notice

# So few that a gateway which takes its time over each of them is done before the lease is.
MOST = 5
KEPT = timedelta(days=30)
log = structlog.get_logger()


def send_due(at: datetime) -> int:
    """Send what is due; gives how many left. Nothing is locked while a gateway takes its time."""
    config: Config = current_app.config["RUQI"]
    addresses = {Channel.SMS: config.sms_url, Channel.ALERT: config.alert_url}
    left = 0
    for notice_id, channel, message in _claimed(at):
        error = ""
        try:
            if not addresses[channel]:
                raise Undelivered("no address is configured")
            deliver(addresses[channel], message, key=config.notice_key or config.token_secret)
        except Undelivered as undelivered:
            error = str(undelivered)
            log.warning("notice_not_sent", channel=channel.value, error=error)
        _settle(notice_id, error, at=at)
        left += not error
    return left


def forget_sent(at: datetime) -> None:
    """Drop messages that left, or were given up, long ago; the caller commits."""
    old = at - KEPT
    db.session.execute(delete(Notice).where(or_(Notice.sent_at < old, Notice.given_up_at < old)))


def _claimed(at: datetime) -> list[tuple[UUID, Channel, dict[str, Any]]]:
    """Messages that this worker alone may send for now, in the order in which they were written."""
    # Most of the time there is nothing: then nobody waits for the gate.
    due = select(Notice).where(Notice.sent_at.is_(None), Notice.given_up_at.is_(None), Notice.due_at <= at)
    if db.session.scalar(due.limit(1)) is None:
        db.session.rollback()
        return []
    claimed = []
    with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]):
        begin_writing()
        statement = due.order_by(Notice.written_at).limit(MOST).with_for_update(skip_locked=True)
        for notice in db.session.scalars(statement):
            if rules.lapse(notice, at=at):
                continue
            rules.take(notice, at=at)
            message = {"id": str(notice.id), "channel": notice.channel.value, **notice.body}
            if notice.channel is Channel.SMS:
                message["to"] = notice.recipient
            claimed.append((notice.id, notice.channel, message))
        db.session.commit()
    return claimed


def _settle(notice_id: UUID, error: str, *, at: datetime) -> None:
    with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]):
        begin_writing()
        notice = db.session.get_one(Notice, notice_id)
        if error:
            rules.failed(notice, error, at=at)
        else:
            rules.sent(notice, at=at)
        db.session.commit()
