"""What is printed of a plaque."""

from collections.abc import Callable, Iterable

from flask import Response, current_app

import qr
from server.config import Config
from server.enterprise.models import Enterprise
from server.refusal import Refusal

from .models import Plaque
from .rules import PlaqueReason


def plaque_url(plaque: Plaque) -> str:
    """The signed address inside the symbol, made anew from the serial: only keys are secret."""
    config: Config = current_app.config["RUQI"]
    return qr.sign_plaque(plaque.serial, key=config.plaque_signers[plaque.key_id], prefix=config.plaque_prefix)


def valid_plaques(enterprises: Iterable[Enterprise]) -> list[Plaque]:
    """The plaques of these enterprises that are not revoked, one for each site."""
    return [plaque for each in enterprises for plaque in each.plaques if plaque.revoked_at is None]


def pdf_response(drawn: Callable[[], bytes], name: str) -> Response:
    """A PDF to take away; a letter that no font has is refused by name."""
    try:
        body = drawn()
    except qr.MissingGlyph as missing:
        raise Refusal(PlaqueReason.GLYPH_MISSING, glyphs=missing.glyphs) from None
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type="application/pdf", headers=headers)


def plaque_pages(plaques: Iterable[Plaque]) -> bytes:
    """One A5 page for each plaque (PDF bytes)."""
    config: Config = current_app.config["RUQI"]
    return qr.plaque_pdf([sheet_of(plaque) for plaque in plaques], design=config.plaque_design)


def sheet_of(plaque: Plaque, *, activation: str = "") -> qr.PlaqueSheet:
    """What is printed of a plaque; `activation` is for a sealed sheet."""
    firm = plaque.enterprise
    return qr.PlaqueSheet(
        plaque_url(plaque), firm.name, firm.uscc, plaque.serial, site=plaque.site, activation=activation
    )
