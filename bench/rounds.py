"""Two rates measured in turn, so that what else runs on the machine meets both."""

import time
from collections.abc import Callable
from statistics import median

from .city import City
from .ground import CONNECTIONS
from .load import rate


def compare(
    say: Callable[[str], None],
    city: City,
    *,
    port: int,
    bare: Callable[[range], float],
    rounds: int,
    bare_scans: int,
    web_scans: int,
) -> float:
    """The median over the rounds of HTTP's rate against the bare rate just before; each visit is scanned once."""
    pairs = []
    first = 0
    for number in range(rounds + 1):
        # The first round warms both up and is not counted: a quarter is enough for that.
        share = 1 if number else 4
        reference = bare(range(first, first + bare_scans // share))
        first += bare_scans // share
        over_http = rate(port, _dealt(city.scans(range(first, first + web_scans // share))))
        first += web_scans // share
        if number:
            pairs.append((reference, over_http))
    city.check(opened=first)
    bare_rate, web_rate = (median(rates) for rates in zip(*pairs, strict=True))
    ratios = [web / reference for reference, web in pairs]
    say(f"{bare_rate:,.0f} /s bare, {web_rate:,.0f} /s over HTTP; {_spread(ratios)} in {rounds} rounds")
    return median(ratios)


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
