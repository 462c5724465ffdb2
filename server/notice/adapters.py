"""How a message leaves: into a file, or as a signed POST to a gateway that the city names."""

import hashlib
import hmac
import http.client
import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE_S = 10


class Undelivered(Exception):
    """The message has not left; the text says why."""


def deliver(address: str, message: dict[str, Any], *, key: str) -> None:
    """Send one message to ``file:///…`` (a line of JSON each) or ``http(s)://…``; raises Undelivered.

    A POST carries ``X-Ruqi-Signature: sha256=HEX``, the HMAC-SHA-256 of its body under `key`, and the message's id,
    by which the gateway tells a repeat.
    """
    body = json.dumps(message, ensure_ascii=False, sort_keys=True).encode()
    try:
        if address.startswith("file://"):
            _append(Path(address.removeprefix("file://")), body)
        else:
            _post(address, body, key=key)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Undelivered(f"{type(error).__name__}: {error}") from None


def _append(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, body + b"\n")
    finally:
        os.close(file)


def _post(address: str, body: bytes, *, key: str) -> None:
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Ruqi-Signature": f"sha256={signature}"}
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")
    # A gateway's redirect is no delivery: the message would go to whom nobody named.
    with _OPENER.open(request, timeout=PATIENCE_S) as answer:
        if not 200 <= answer.status < 300:
            raise ValueError(f"the gateway answered {answer.status}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
