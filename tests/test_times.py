"""The report of what the tests cost."""

from .times import report_of


class TestReport:
    def test_shows_the_twenty_slowest_with_their_shares_and_the_whole(self) -> None:
        spent = {f"tests/test_a.py::test_{number:02}": float(number) for number in range(1, 25)}

        first, *slowest, last = report_of(spent, wall=60.0, cpu=100.0)

        assert first == "slowest 20 of 24 tests, 300.0 s in all:"
        assert slowest[0] == "    24.00 s   8.0 %  tests/test_a.py::test_24"
        assert len(slowest) == 20
        assert last == "time: wall 60.0 s, cpu 100.0 s, wall/cpu 0.60"
