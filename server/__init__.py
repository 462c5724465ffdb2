"""入企码: the server."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apiflask import APIFlask

    from .config import Config


def create_app(config: "Config | None" = None, **overrides: Any) -> "APIFlask":
    """Build the WSGI application; `overrides` go into Flask's own configuration (tests use it)."""
    # Not above: a process that reads one rule, or replays visits, would first read the whole server.
    from .application import build

    return build(config, **overrides)
