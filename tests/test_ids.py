"""Ids: in order of time, and never the same."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace
from uuid import RFC_4122

import pytest

from server import ids
from server.ids import new_id


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class TestNewId:
    def test_is_a_uuid_of_version_seven(self) -> None:
        made = new_id()

        assert (made.version, made.variant) == (7, RFC_4122)

    def test_begins_with_the_moment_in_milliseconds(self) -> None:
        before, made, after = milliseconds(), new_id(), milliseconds()

        # Many ids at once may run a little ahead of the clock.
        assert before <= made.int >> 80 <= after + 5

    def test_rises_within_a_process(self) -> None:
        made = [new_id() for _ in range(20_000)]

        assert all(one < next_one for one, next_one in pairwise(made))

    def test_is_never_given_twice_and_rises_in_each_of_several_threads(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(4)))

        assert len({each for part in made for each in part}) == 8_000
        assert all(part == sorted(part) for part in made)

    @pytest.mark.skipif(sys.version_info >= (3, 14), reason="there the standard library makes them")
    def test_rises_also_when_the_clock_stands_or_is_put_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, instants = new_id(), iter([0, 0, 1_000_000])
        monkeypatch.setattr(ids, "time", SimpleNamespace(time_ns=lambda: next(instants)))

        later = [new_id() for _ in range(3)]

        assert [first, *later] == sorted([first, *later])
        assert len({each.int >> 64 for each in later}) == 3
