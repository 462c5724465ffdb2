"""Portraits of inspectors: kept under their hash, loaded from a folder that a personnel office hands over."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from server import storage
from server.account.models import Inspector
from server.config import Config
from server.db import db
from server.ledger.rules import SYSTEM, Hand, event
from server.picture import UnreadablePicture, read_portrait

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def store_photo(body: bytes) -> str:
    """Store a portrait under its own hash, and give that."""
    config: Config = current_app.config["RUQI"]
    key = hashlib.sha256(body).hexdigest()
    storage.put(config.storage, key, body)
    return key


def note_photo(of: Inspector, *, by: Hand, at: datetime) -> None:
    """Leave the event that says whose portrait was replaced, and by which bytes."""
    told = {"inspector": of.name, "sha256": of.photo_key}
    db.session.add(event("photo_kept", subject=("inspector", of.id), by=by, at=at, after=told))


@dataclass
class Loaded:
    """How many portraits were kept, and which files were left, each with the reason."""

    kept: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def load_photos(folder: Path, *, at: datetime, progress: Callable[[int, int], None]) -> Loaded:
    """Keep each picture of a folder for the inspector whose certificate has the file's name; the caller commits."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    done = Loaded()
    for number, path in enumerate(files, 1):
        found = list(db.session.scalars(select(Inspector).where(Inspector.certificate_no == path.stem)))
        if len(found) != 1:
            done.left.append((path.name, "no such certificate" if not found else "two issuers have this number"))
        else:
            try:
                found[0].photo_key = store_photo(read_portrait(path.read_bytes()))
                note_photo(found[0], by=SYSTEM, at=at)
                done.kept += 1
            except UnreadablePicture:
                done.left.append((path.name, "cannot be read as a picture"))
        progress(number, len(files))
    return done
