"""Where photos and files lie: a local folder by default, S3-compatible in production; one small face."""

from functools import lru_cache
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url


def put(place: str, key: str, body: bytes) -> None:
    """Store bytes under their own hash; the same bytes twice are stored once."""
    try:
        obstore.put(_store(place), key, body, mode="create")
    except AlreadyExistsError:
        return


def get(place: str, key: str) -> bytes:
    """The bytes behind a key; raises FileNotFoundError when storage has lost them."""
    return bytes(obstore.get(_store(place), key).bytes())


@lru_cache(maxsize=4)
def _store(place: str) -> ObjectStore:
    if "://" in place and not place.startswith("file://"):
        return from_url(place)
    folder = Path(place.removeprefix("file://"))
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(prefix=folder)
