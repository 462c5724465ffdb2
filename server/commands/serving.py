"""`ruqi serve`: gunicorn and the worker as two child processes that live and end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import click

from server.config import HOUSE, Config

GRACE_S = 25.0


def serve_all(config: Config) -> int:
    """Start both, print the address, wait; Ctrl-C or the end of one ends the other. Returns the exit code."""
    trouble = port_trouble(config)
    if trouble:
        click.echo(f"ruqi: {trouble}", err=True)
        return 2
    environment = {**os.environ, "PORT": str(config.port)}
    web = [sys.executable, "-m", "gunicorn", "-c", str(HOUSE / "server" / "gunicorn_conf.py"), "server.wsgi:app"]
    worker = [sys.executable, "-c", "from server.commands.cli import main; main()", "worker"]
    # Each in a group of its own, so that Ctrl-C reaches this process alone and the end is orderly.
    children = [
        subprocess.Popen(command, env=environment, cwd=HOUSE, start_new_session=True) for command in (web, worker)
    ]
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, stop)
    click.echo(f"入企码 {config.address}  (Ctrl-C ends it)")
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(0.2)
    return _end(children, asked=stopping)


def _end(children: list[subprocess.Popen[bytes]], *, asked: bool) -> int:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if asked else max(abs(child.returncode) for child in children) or 1


def port_trouble(config: Config) -> str:
    """Why nothing can listen on the port, in one sentence; empty when it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
        except OSError as error:
            return f"PORT: cannot listen on {config.bind}:{config.port}: {error.strerror}"
    return ""
