"""Portraits of inspectors: what an enterprise compares with the face at its door."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import ConfigDict
from sqlalchemy import ColumnElement, Select, or_, select

from server import storage
from server.account.models import Agency, Inspector, Role
from server.account.photos import note_photo, store_photo
from server.account.rules import Actor, PhotoReason, region_prefix
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.config import Config
from server.db import db, locked
from server.files import JPEG, file_of
from server.incoming import Upload
from server.paging import In
from server.picture import UnreadablePicture, read_portrait
from server.refusal import Refusal, not_found

from .models import VisitInspector, in_scope

bp = APIBlueprint("photo", __name__, tag="account")


class PhotoIn(In):
    """A portrait."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: Upload


def cut(inspector_id: UUID, files_data: PhotoIn, *, by: Actor) -> str:
    """Cut and store a portrait of one of my inspectors, before anything is held; gives the key it lies under."""
    if db.session.scalar(_one_of_mine(inspector_id, by)) is None:
        raise not_found()
    try:
        return store_photo(read_portrait(files_data.file.read()))
    except UnreadablePicture:
        raise Refusal(PhotoReason.UNREADABLE_PHOTO, 422) from None


@bp.put("/inspectors/<uuid:inspector_id>/photo")
@allow(Role.HEAD, Role.ADMINISTRATOR)
@bp.input(PhotoIn, location="files")
@changing(before=cut)
@bp.output({}, 204)
def keep(inspector_id: UUID, files_data: PhotoIn, ready: str) -> str:
    """Give one of my inspectors a portrait (JPEG, PNG, WebP); it is cut to 3 by 4 and replaces the one before."""
    found = db.session.scalar(locked(_one_of_mine(inspector_id, g.actor), of=Inspector))
    if found is None:
        raise not_found()
    found.photo_key = ready
    note_photo(found, by=g.actor.hand, at=now())
    return ""


@bp.get("/inspectors/<uuid:inspector_id>/photo")
@allow()
@bp.doc(responses=file_of("the portrait", JPEG))
def photo(inspector_id: UUID) -> Response:
    """The portrait of an inspector: for those who see one of their visits, and for the own desk."""
    seen = select(VisitInspector.inspector_id).join(VisitInspector.visit).where(in_scope(g.actor))
    statement = select(Inspector.photo_key).join(Inspector.agency).where(Inspector.id == inspector_id)
    named = VisitInspector.inspector_id == inspector_id
    key = db.session.scalar(statement.where(or_(_mine(g.actor), Inspector.id.in_(seen.where(named)))))
    if key is None:
        raise not_found()
    config: Config = current_app.config["RUQI"]
    response = Response(storage.get(config.storage, key), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _one_of_mine(inspector_id: UUID, by: Actor) -> Select[Inspector]:
    return select(Inspector).join(Inspector.agency).where(Inspector.id == inspector_id, _mine(by))


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Whether an inspector belongs to this desk: an agency's own people, a region's subtree, nobody for others."""
    if actor.agency_id is not None:
        return Inspector.agency_id == actor.agency_id
    if actor.region_code is not None:
        return Agency.region_code.startswith(region_prefix(actor.region_code))
    return Inspector.id.is_(None)
