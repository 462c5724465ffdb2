"""Whose code a text is, the keys and revocations that phones hold, and codes in photos."""

from apiflask import APIBlueprint
from flask import current_app
from pydantic import ConfigDict, Field
from sqlalchemy import select

import qr
from server.account.schemas import EnterpriseRef, RegionRef
from server.account.sign_in import allow, public
from server.change import changing_without_key
from server.clock import now
from server.config import Config
from server.db import db, locked
from server.incoming import Prose, Upload
from server.ledger.rules import PUBLIC
from server.paging import In, Moment, Out
from server.phone import models as phones
from server.picture import decoding
from server.plaque import rules as plaque_rules
from server.plaque.models import Plaque
from server.refusal import Refusal

from . import rules
from .looking import code_refusal, look_up
from .rules import CodeReason, ImageReason

bp = APIBlueprint("code", __name__, tag="enterprise")


class CodeQuery(In):
    """A text as it was scanned or typed."""

    text: Prose = Field(min_length=1, max_length=600)


class EnterpriseAtPlace(EnterpriseRef):
    """An enterprise with its address, for whoever stands before its plaque."""

    address: str
    region: RegionRef


class CodeAnswer(Out):
    """Whose code it is; `kind` says what was read."""

    kind: str
    enterprise: EnterpriseAtPlace
    serial: int | None
    issued_at: Moment | None


class FindIn(In):
    """The code of a plaque that somebody holds in their hands."""

    text: Prose = Field(min_length=1, max_length=600)
    note: Prose = Field("", max_length=200)


class FindAnswer(Out):
    """When the plaque was first said to be found."""

    found_at: Moment


class Keys(Out):
    """The address that every plaque begins with, and the public keys by number."""

    prefix: str
    keys: dict[str, str]


class RevocationList(Out):
    """The signed list, in its compact form."""

    list: str


class ImageIn(In):
    """A photo of one or more codes."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: Upload


class ImageTexts(Out):
    """The texts of the codes in a photo."""

    texts: list[str]


@bp.get("/codes")
@public
@bp.input(CodeQuery, location="query")
@bp.output(CodeAnswer)
def code(query_data: CodeQuery) -> CodeAnswer:
    """Whose code this text is: anyone may ask, since anyone may find a plaque on a wall."""
    token, plaque, found = look_up(query_data.text, at=now())
    fault = rules.fault_of(token, plaque=plaque, enterprise=found)
    if fault is not None or found is None:
        raise code_refusal(fault or CodeReason.UNKNOWN_CODE, plaque)
    return CodeAnswer(
        kind=_kind(token),
        enterprise=EnterpriseAtPlace.model_validate(found),
        serial=token.serial,
        issued_at=plaque.issued_at if plaque else None,
    )


@bp.post("/plaque-finds")
@public
@bp.input(FindIn)
@changing_without_key
@bp.output(FindAnswer, 201)
def find(json_data: FindIn) -> FindAnswer:
    """捡到码牌: somebody has found a lost plaque and read its code; no name is asked for."""
    at = now()
    token, plaque, _ = look_up(json_data.text, at=at)
    if token.fault is not None or plaque is None:
        raise code_refusal(token.fault or CodeReason.UNKNOWN_CODE, plaque)
    # Read again with its row locked: of two finders at once the first counts.
    same = select(Plaque).where(Plaque.serial == plaque.serial)
    plaque = db.session.scalars(locked(same, of=Plaque).execution_options(populate_existing=True)).one()
    plaque_rules.find(plaque, note=json_data.note, by=PUBLIC, at=at, record=db.session.add)
    assert plaque.found_at is not None  # it has just been, or was before
    return FindAnswer(found_at=plaque.found_at)


@bp.get("/keys")
@public
@bp.output(Keys)
def keys() -> Keys:
    """The public plaque keys, so that a forged code dies on the phone without a network."""
    config: Config = current_app.config["RUQI"]
    return Keys(prefix=config.plaque_prefix, keys=config.plaque_ring.to_hex())


@bp.get("/revocations")
@public
@bp.output(RevocationList)
def revocations() -> RevocationList:
    """The signed list of plaques and keys that no longer count, for phones that will be without a network.

    Its sequence number is the count of all revocations there ever were, so a newer list has a higher one.
    """
    config: Config = current_app.config["RUQI"]
    serials = db.session.scalars(select(Plaque.serial).where(Plaque.revoked_at.is_not(None))).all()
    dead = [entry["key_id"] for entry in config.plaque_ring.to_json() if entry["revoked_at"] is not None]
    revoked = qr.Revocations(
        sequence=len(serials) + len(dead),
        issued_at=int(now().timestamp()),
        serials=frozenset(serials),
        key_ids=frozenset(dead),
    )
    return RevocationList(list=qr.sign_revocations(revoked, key=config.plaque_signer, prefix=config.plaque_prefix))


@bp.post("/code-images")
@allow()
@bp.input(ImageIn, location="files")
@bp.output(ImageTexts)
def read_image(files_data: ImageIn) -> ImageTexts:
    """The QR codes in a photo, for a phone whose own decoder failed; changes nothing."""
    body = files_data.file.read()
    try:
        with decoding():
            texts = qr.read(body, counts=_is_ours)
    except qr.UnreadableImage:
        raise Refusal(ImageReason.UNREADABLE_IMAGE, 422) from None
    if not texts:
        raise Refusal(ImageReason.NO_CODE_IN_IMAGE, 422)
    return ImageTexts(texts=texts)


# --- helpers, in calling order -----------------------------------------------------------------


def _kind(token: rules.Token) -> str:
    """What was read, for the one who asks."""
    if token.serial is not None:
        return "plaque"
    return "living" if token.phone is not None else "slip" if token.slip is not None else "uscc"


def _is_ours(text: str) -> bool:
    """Whether what was read proves itself, so that no further pass over the picture is needed."""
    config: Config = current_app.config["RUQI"]
    token = rules.read_code(
        text, keys=config.plaque_ring, prefix=config.plaque_prefix, key_of=phones.key_of_phone, at=now()
    )
    return token.fault is None
