"""纸质一次码: what is kept of a code that is on paper alone."""

from flask import current_app

import qr
from server.config import Config


def kept_of_slip(code: str) -> bytes:
    """What the database holds of a one-time code as it is printed."""
    config: Config = current_app.config["RUQI"]
    return qr.slip_hash(code, secret=config.token_secret.encode())
