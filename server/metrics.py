"""Figures for Prometheus; correct with several gunicorn workers (PROMETHEUS_MULTIPROC_DIR)."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import get_value_class

REQUESTS = Counter("ruqi_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("ruqi_request_seconds", "Time to answer a request", ["method", "route"])
REFUSALS = Counter("ruqi_refusals_total", "Refusals by reason", ["reason"])
SCANS = Counter("ruqi_scans_total", "Scan attempts by outcome", ["outcome"])


def exposition() -> tuple[bytes, str]:
    """The figures of all worker processes, and their content type."""
    if get_value_class().__name__ == "MmapedValue":
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
