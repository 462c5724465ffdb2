"""The pack in force, for routes and the worker; rules receive it as `policy=`."""

from flask import current_app

from .pack import Pack, load


def policy() -> Pack:
    """The pack that POLICY_PACK names; read once."""
    return load(current_app.config["RUQI"].policy_pack)
