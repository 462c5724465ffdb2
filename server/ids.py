"""Ids of rows."""

import os
import sys
import time
from threading import Lock
from uuid import UUID

if sys.version_info >= (3, 14):
    from uuid import uuid7
else:
    _made = Lock()
    _last = 0

    def uuid7() -> UUID:
        """A UUIDv7 (RFC 9562, 5.7 with 6.2's method 3), as Python 3.14 has it: rising within a process.

        48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 bits of chance. An id made in the
        same instant as the last, or after the clock was put back, is one instant later.
        """
        global _last
        with _made:
            ms, rest_ns = divmod(time.time_ns(), 1_000_000)
            _last = instant = max(ms << 12 | (rest_ns << 12) // 1_000_000, _last + 1)
        chance = int.from_bytes(os.urandom(8), "big") >> 2
        return UUID(int=(instant >> 12) << 80 | 7 << 76 | (instant & 0xFFF) << 64 | 1 << 63 | chance)


def new_id() -> UUID:
    """A UUIDv7: unique, and in order of time, so that index pages are filled one after the other."""
    return uuid7()
