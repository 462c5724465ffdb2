"""What the tests cost: the twenty slowest, and the seconds of the whole; pytest's own last line stays the last."""

import os
import resource
import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest

from .guard import may_leave

SHOWN = 20
# Where `bin/check` began, by the machine's steady clock: then the whole is what it did before as well.
BEGAN = float(os.environ.get("RUQI_CHECK_BEGAN") or time.monotonic())
_spent: dict[str, float] = defaultdict(float)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of long tests first; the short ones left at the end keep both halves of the machine busy to the last."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, not may_leave(item)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Set-up, call and tear-down are all the test's, whichever worker ran it."""
    _spent[report.nodeid] += report.duration


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The slowest first, with their share of all tests' seconds; then wall and CPU of the whole."""
    # Workers of xdist have no terminal. A handful of tests is somebody at work, who did not ask.
    if len(_spent) <= SHOWN:
        return
    wait_for_orphans()
    for line in report_of(_spent, wall=time.monotonic() - BEGAN, cpu=cpu_seconds()):
        terminalreporter.write_line(line)


def report_of(spent: dict[str, float], *, wall: float, cpu: float) -> list[str]:
    """The lines that are printed; a share is of the sum over all tests."""
    total = sum(spent.values()) or 1.0
    slowest = sorted(spent.items(), key=lambda each: (-each[1], each[0]))[:SHOWN]
    return [
        f"slowest {len(slowest)} of {len(spent)} tests, {total:.1f} s in all:",
        *(f"  {seconds:7.2f} s {100 * seconds / total:5.1f} %  {name}" for name, seconds in slowest),
        f"time: wall {wall:.1f} s, cpu {cpu:.1f} s, wall/cpu {wall / max(cpu, 0.1):.2f}",
    ]


def wait_for_orphans() -> None:
    """Processes that lost their parent, a browser's for one, came to us (`bin/check`) and count once waited for."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def cpu_seconds() -> float:
    """Seconds of processor of this process and of all that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
