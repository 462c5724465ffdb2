"""Ids of rows."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7: unique, and in order of time, so that index pages are filled one after the other."""
    return uuid_utils.compat.uuid7()
