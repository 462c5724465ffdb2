"""How gunicorn runs the server: threads for waiting, one process a core, figures shared over a folder."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Each worker writes its figures here and /metrics adds them up. It must be set before the first import
# of the server, since the figures' kind of storage is chosen when they are made.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="ruqi-figures-")
_figures = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

from server.config import Config  # noqa: E402  # after the folder, see above

loaded = Config.load()

bind = f"{loaded.bind}:{loaded.port}"
# Threads for waiting, behind a loop that gathers requests: whoever sends slowly holds no thread.
worker_class = "server.front.BufferingWorker"
workers = loaded.web_concurrency
threads = loaded.web_threads
timeout = 60
graceful_timeout = 20
keepalive = 75
accesslog = None
loglevel = "warning"
control_socket_disable = True
certfile = loaded.tls_certificate or None
keyfile = loaded.tls_key or None


def on_starting(server: Any) -> None:
    """Begin without the figures of an earlier run, which would count twice."""
    for old in _figures.glob("*.db"):
        old.unlink()


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(_figures, ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays: the collector, whose rounds took a fifth of a scan, need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def child_exit(server: Any, worker: Any) -> None:
    """Drop the gauges of a worker that is gone."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
