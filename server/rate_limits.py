"""How often anybody may ask for what costs: coarse limits, counted for all workers together.

What is counted exactly (tries to sign in, texts a day, phones) is counted by its own room. Here a stranger's cheap
request is kept from costing the server's time, and one account's from taking everybody else's. The counters lie beside
the database: on PostgreSQL in a table without a log, on SQLite in a file of its own, so that nobody who is counted ever
waits for somebody who writes; or in Redis, when LIMITS_URL says so.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

import limits
import structlog
from flask import Flask, current_app, request
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from .account.sign_in import actor_of_request
from .clock import now
from .config import Config, ConfigError
from .db import BESIDE, BESIDE_TABLE, db
from .refusal import General, Refusal

View = Callable[..., Any]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rate:
    """So often from one network address, or from one account."""

    often: str
    by_account: bool = False


# A market of three hundred shops, or an office, may stand behind one address: limits by address leave them room.
LIMITS = {
    # Argon2 takes 20 ms: two seconds of a minute at most.
    "account.sign_in": Rate("120/minute"),
    # Each quarter of an hour from every phone behind the address.
    "account.refresh": Rate("600/minute"),
    # Whoever tries codes in a row learns nothing, and a street of shoppers may look at one plaque.
    "code.code": Rate("240/minute"),
    "code.find": Rate("60/minute"),
    "code.keys": Rate("240/minute"),
    "code.revocations": Rate("240/minute"),
    "activation.ask_for_text": Rate("60/minute"),
    "activation.enrol": Rate("60/minute"),
    # Argon2 again.
    "account.change_password": Rate("20/minute", by_account=True),
    "account.reset_password": Rate("60/minute", by_account=True),
    # Pictures are decoded: sixty photos of a day without signal come at once.
    "record.add_evidence": Rate("240/minute", by_account=True),
    "record.send_material": Rate("120/minute", by_account=True),
    "code.read_image": Rate("60/minute", by_account=True),
    "photo.keep": Rate("60/minute", by_account=True),
    # Sheets are drawn, tables written, files read.
    "plaque.plaque_file": Rate("120/minute", by_account=True),
    "plaque.plaque_sheets": Rate("10/minute", by_account=True),
    "slip.make_slips": Rate("60/minute", by_account=True),
    "slip.sealed_sheet": Rate("60/minute", by_account=True),
    "supervision.export": Rate("20/minute", by_account=True),
    "importing.create": Rate("20/minute", by_account=True),
    "importing.rejected": Rate("60/minute", by_account=True),
    "importing.template": Rate("60/minute", by_account=True),
    # A past year is judged anew.
    "policy.replays": Rate("10/minute", by_account=True),
    # The desk asks at each change of the form.
    "registration.preview": Rate("240/minute", by_account=True),
}
# Not among the models: only PostgreSQL has it beside them.
WINDOWS = Table(
    BESIDE_TABLE,
    MetaData(),
    Column("key", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", Float, nullable=False),  # seconds since 1970
)
# The same on both databases, and one statement: the row begins a window, goes on with it, or begins the next.
_COUNT = text("""
    INSERT INTO limit_window AS kept (key, count, ends_at) VALUES (:key, :amount, :ends_at)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN kept.ends_at <= :at THEN excluded.count ELSE kept.count + excluded.count END,
      ends_at = CASE WHEN kept.ends_at <= :at THEN excluded.ends_at ELSE kept.ends_at END
    RETURNING count
""")
_ON_SQLITE = text("CREATE TABLE IF NOT EXISTS limit_window (key TEXT PRIMARY KEY, count INTEGER, ends_at REAL)")
QUIET = timedelta(minutes=1)  # between two complaints that the counters are away


class BesideDatabase(Storage):
    """Counters in the bind BESIDE, whose connections commit each statement by itself."""

    STORAGE_SCHEME = None  # it is made here, never from an address

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.execute(_ON_SQLITE)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database throws."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in the window that runs or a new one of so many seconds; how many there are in it."""
        at = now().timestamp()
        values = {"key": _short(key), "amount": amount, "at": at, "ends_at": at + expiry}
        with self._engine.connect() as connection:
            return int(connection.execute(_COUNT, values).scalar_one())

    def get(self, key: str) -> int:
        """How many there are in the window that runs."""
        return int(self._of(key, WINDOWS.c.count) or 0)

    def get_expiry(self, key: str) -> float:
        """When the window ends (seconds since 1970)."""
        return float(self._of(key, WINDOWS.c.ends_at) or now().timestamp())

    def check(self) -> bool:
        """Whether the counters can be reached."""
        try:
            self.get("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        with self._engine.connect() as connection:
            return connection.execute(delete(WINDOWS)).rowcount

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._engine.connect() as connection:
            connection.execute(delete(WINDOWS).where(WINDOWS.c.key == _short(key)))

    def forget(self, at: float) -> None:
        """Drop the windows that have ended."""
        with self._engine.connect() as connection:
            connection.execute(delete(WINDOWS).where(WINDOWS.c.ends_at <= at))

    def _of(self, key: str, column: Any) -> Any:
        running = (WINDOWS.c.key == _short(key), WINDOWS.c.ends_at > now().timestamp())
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(column)).where(*running)).scalar()


def prepare(app: Flask, config: Config) -> None:
    """Count the requests of `LIMITS`; without RATE_LIMITS nobody is counted."""
    for name, rate in LIMITS.items():
        view = app.view_functions[name]
        view.__dict__["_limited"] = True  # and the document says so
        if config.rate_limits:
            app.view_functions[name] = _limited(name, view, rate)
    if config.rate_limits:
        app.extensions["ruqi_limits"] = FixedWindowRateLimiter(_storage(app, config))


def forget_old_windows() -> None:
    """Drop the counters of windows that have ended; Redis does so by itself."""
    limiter = current_app.extensions.get("ruqi_limits")
    if limiter is not None and isinstance(limiter.storage, BesideDatabase):
        limiter.storage.forget(now().timestamp())


# --- helpers, in calling order -----------------------------------------------------------------


def _storage(app: Flask, config: Config) -> Storage:
    if not config.limits_url:
        with app.app_context():
            return BesideDatabase(db.engines[BESIDE])
    try:
        return storage_from_string(config.limits_url, wrap_exceptions=True)  # type: ignore[return-value]  # not an asynchronous one
    except ConfigurationError as error:
        raise ConfigError(f"LIMITS_URL: {error}") from None


def _limited(name: str, view: View, rate: Rate) -> View:
    item = limits.parse(rate.often)

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        whose = str(actor_of_request().account_id) if rate.by_account else neighbourhood(request.remote_addr or "")
        wait_s = _wait_s(item, name, whose)
        if wait_s:
            raise Refusal(General.TOO_MANY_REQUESTS, 429, retry_after=wait_s)
        return view(*args, **kwargs)

    return wrapper


def neighbourhood(address: str) -> str:
    """Whom an address stands for: itself, or of IPv6 the /64 that one line is given (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _wait_s(item: limits.RateLimitItem, *who: str) -> int:
    """0 for whoever may go on, else the seconds until the window ends.

    Counters that are away stop nobody: a limit protects the others, and they are better served without it than not.
    """
    limiter: FixedWindowRateLimiter = current_app.extensions["ruqi_limits"]
    try:
        if limiter.hit(item, *who):
            return 0
        return max(1, ceil(limiter.get_window_stats(item, *who).reset_time - now().timestamp()))
    except (StorageError, SQLAlchemyError, OSError) as error:
        _complain(error)
        return 0


def _complain(error: Exception) -> None:
    quiet_until: datetime | None = current_app.extensions.get("ruqi_limits_away")
    if quiet_until is None or now() > quiet_until:
        current_app.extensions["ruqi_limits_away"] = now() + QUIET
        log.error("limits_away", error=str(error))


def _short(key: str) -> str:
    """A key of fixed length that repeats nobody's address."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
