"""Figures for Prometheus; correct with several gunicorn workers (PROMETHEUS_MULTIPROC_DIR)."""

from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import get_value_class

REQUESTS = Counter("ruqi_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("ruqi_request_seconds", "Time to answer a request", ["method", "route"])
REFUSALS = Counter("ruqi_refusals_total", "Refusals by reason", ["reason"])
SCANS = Counter("ruqi_scans_total", "Scan attempts by outcome", ["outcome"])


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request more, and how long it took."""
    counter, histogram = _of(method, route, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=2_048)
def _of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    # Finding them by their labels costs more than counting.
    labels = {"method": method, "route": route}
    return REQUESTS.labels(**labels, status=status), SECONDS.labels(**labels)


def exposition() -> tuple[bytes, str]:
    """The figures of all worker processes, and their content type."""
    if get_value_class().__name__ == "MmapedValue":
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
