"""Structured logs: one JSON line an event on standard output."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_REPEATED = re.compile(r"^(DETAIL|CONTEXT|HINT|\[parameters):?.*$", re.MULTILINE)


def prepare(level: int = logging.INFO, *, pretty: bool = False) -> None:
    """Set up structlog once a process; `pretty` is for a person at a terminal."""
    renderer = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )


def without_values(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error's text without what the database repeats of a row: `DETAIL: Failing row contains (…)`."""
    for name in ("exception", "error"):
        if isinstance(event.get(name), str):
            event[name] = _REPEATED.sub("", event[name])
    return event
