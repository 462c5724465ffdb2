"""双随机: a draw that anyone can repeat. No database, no clock, no randomness but the seed's.

Before the draw the pools and a commitment are public; with the result the seed is. Every enterprise
has as many tickets as its weight; a ticket's number is HMAC-SHA256(seed, text), and the smallest
numbers win. That is sampling without replacement in proportion to the weights, in whole numbers, so
that any program on any machine draws the same names.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_WEIGHT = 100


class BadDraw(ValueError):
    """A draw that does not hold; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One enterprise that was drawn and the inspectors who go there."""

    enterprise: str
    inspectors: tuple[str, ...]


def commitment_of(seed: str, pools: Mapping[str, Any]) -> str:
    """SHA-256 over the seed and the pools: published before, it binds both."""
    return hashlib.sha256(f"{seed}\n{canonical(pools)}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys, no blanks and no escapes: one text for one value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def draw(seed: str, pools: Mapping[str, Any]) -> list[Drawn]:
    """Draw `take` enterprises by weight and `team` inspectors for each, avoiding whom an enterprise must not meet.

    `pools` holds enterprises [{id, weight, avoid: [inspector ids]}], inspectors [{id}], take and team.
    Raises BadDraw when an enterprise is left with too few inspectors.
    """
    enterprises, inspectors = pools["enterprises"], pools["inspectors"]
    first = sorted(enterprises, key=lambda each: (_best_ticket(seed, each), each["id"]))[: pools["take"]]
    return [Drawn(each["id"], _team(seed, each, inspectors, size=pools["team"])) for each in first]


def verify(published: Mapping[str, Any]) -> list[str]:
    """Everything wrong with a published draw, as sentences; empty when it holds."""
    try:
        seed, pools, result = published["seed"], published["pools"], published["result"]
        if commitment_of(seed, pools) != published["commitment"]:
            return ["the seed and the pools are not those that were committed to"]
        again = as_result(draw(seed, pools))
    except (KeyError, TypeError, AttributeError) as error:
        return [f"the file lacks {error}"]
    except BadDraw as bad:
        return [str(bad)]
    if again == result:
        return []
    given = {each["enterprise"] for each in result} if isinstance(result, list) else set()
    ours = {each["enterprise"] for each in again}
    wrong = [f"{each} was drawn but is not in the result" for each in sorted(ours - given)]
    wrong += [f"{each} is in the result but was not drawn" for each in sorted(given - ours)]
    return wrong or ["the inspectors or the order are not those that were drawn"]


def as_result(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """A result as it is published."""
    return [{"enterprise": each.enterprise, "inspectors": list(each.inspectors)} for each in drawn]


def _best_ticket(seed: str, enterprise: Mapping[str, Any]) -> bytes:
    weight = enterprise["weight"]
    if not isinstance(weight, int) or not 1 <= weight <= MAX_WEIGHT:
        raise BadDraw(f"the weight of {enterprise['id']} is not a whole number from 1 to {MAX_WEIGHT}")
    return min(_number(seed, f"enterprise|{enterprise['id']}|{ticket}") for ticket in range(weight))


def _team(
    seed: str, enterprise: Mapping[str, Any], inspectors: Sequence[Mapping[str, Any]], *, size: int
) -> tuple[str, ...]:
    avoid = set(enterprise.get("avoid", ()))
    able = [each["id"] for each in inspectors if each["id"] not in avoid]
    if len(able) < size:
        raise BadDraw(f"{enterprise['id']} is left with {len(able)} of {size} inspectors")
    return tuple(sorted(able, key=lambda each: _number(seed, f"inspector|{enterprise['id']}|{each}"))[:size])


def _number(seed: str, text: str) -> bytes:
    return hmac.new(bytes.fromhex(seed), text.encode(), hashlib.sha256).digest()
