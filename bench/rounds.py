"""Two rates measured in turn, so that what else runs on the machine meets both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from .city import City
from .ground import CONNECTIONS
from .load import rate


@dataclass(frozen=True, slots=True)
class Compared:
    """HTTP against the bare statements, each the median over the rounds: of their rates, and of their processor."""

    rates: float
    cpu: float


def compare(
    say: Callable[[str], None],
    city: City,
    *,
    port: int,
    bare: Callable[[range], float],
    meters: dict[str, Callable[[], float]],
    rounds: int,
    bare_scans: int,
    web_scans: int,
) -> Compared:
    """HTTP right after the bare statements, in rounds; each visit is scanned once.

    `meters` tell the seconds of processor that each taker has used so far: what a scan costs bare is held against what
    it costs over HTTP, with whoever sends it.
    """
    pairs: list[tuple[_Round, _Round]] = []
    first = 0
    for number in range(rounds + 1):
        # The first round warms both up and is not counted: a quarter is enough for that.
        share = 1 if number else 4
        reference = _metered(bare, range(first, first + bare_scans // share), meters)
        first += bare_scans // share
        numbers = range(first, first + web_scans // share)
        requests = _dealt(city.scans(numbers))
        over_http = _metered(partial(_sent, port, requests), numbers, meters)
        first += web_scans // share
        if number:
            pairs.append((reference, over_http))
    city.check(opened=first)
    for name, rounds_of in zip(("bare", "over HTTP"), zip(*pairs, strict=True), strict=True):
        costs = ", ".join(f"{taker} {median(each.cost[taker] for each in rounds_of) * 1e6:,.0f} µs" for taker in meters)
        say(f"{name}: {median(each.rate for each in rounds_of):,.0f} /s; processor a scan: {costs}")
    rates = [over_http.rate / reference.rate for reference, over_http in pairs]
    cpu = [sum(reference.cost.values()) / sum(over_http.cost.values()) for reference, over_http in pairs]
    say(f"rates {_spread(rates)}, processor {_spread(cpu)} in {rounds} rounds")
    return Compared(median(rates), median(cpu))


def in_turns(
    say: Callable[[str], None],
    *,
    reference: Callable[[int], int],
    ours: Callable[[int], int],
    rounds: int,
    unit: str,
) -> float:
    """The median over the rounds of our rate against the reference's; both are told the round and tell their count."""
    pairs = []
    # Round 0 warms both up and is not counted.
    for number in range(rounds + 1):
        pair = [_rate(work, number) for work in (reference, ours)]
        if number:
            pairs.append(pair)
    bare_rate, our_rate = (median(rates) for rates in zip(*pairs, strict=True))
    ratios = [our / bare for bare, our in pairs]
    say(f"{bare_rate:,.0f} {unit}/s the reference, {our_rate:,.0f} ours; {_spread(ratios)} in {rounds} rounds")
    return median(ratios)


def visits_for(*, rounds: int, bare_scans: int, web_scans: int) -> int:
    """How many visits that takes."""
    return (rounds + 1) * (bare_scans + web_scans)


# --- helpers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Round:
    """Scans a second, and seconds of processor a scan by who used them."""

    rate: float
    cost: dict[str, float]


def _metered(work: Callable[[range], float], numbers: range, meters: dict[str, Callable[[], float]]) -> _Round:
    before = {name: meter() for name, meter in meters.items()}
    scans_a_second = work(numbers)
    return _Round(scans_a_second, {name: (meter() - before[name]) / len(numbers) for name, meter in meters.items()})


def _sent(port: int, requests: list[list[bytes]], _: range) -> float:
    return rate(port, requests)


def _rate(work: Callable[[int], int], number: int) -> float:
    began = time.perf_counter()
    count = work(number)
    return count / (time.perf_counter() - began)


def _dealt(requests: list[bytes]) -> list[list[bytes]]:
    """As many lists as connections, consecutive visits together, as pgbench's clients take them."""
    each = len(requests) // CONNECTIONS
    return [requests[start : start + each] for start in range(0, each * CONNECTIONS, each)]


def _spread(ratios: list[float]) -> str:
    return f"ratio {min(ratios):.3f} to {max(ratios):.3f}"
