"""Seconds of processor that processes have used, from Linux's /proc: steadier than rates, which wait for others."""

import os
import resource
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of proc(5)'s stat behind the name: utime, stime, and those of children that were waited for.
_SPENT = slice(11, 15)


def of_tree(pid: int) -> float:
    """Of a process and everything below it, also of what has ended and was waited for."""
    total, waiting = 0.0, [pid]
    while waiting:
        each = Path(f"/proc/{waiting.pop()}")
        try:
            stat = (each / "stat").read_text()
            waiting += [int(child) for task in each.glob("task/*/children") for child in task.read_text().split()]
        except OSError:
            continue  # it has ended meanwhile; its parent has its seconds
        total += sum(map(int, stat.rpartition(")")[2].split()[_SPENT])) / _TICKS
    return total


def of_ended_children() -> float:
    """Of all that this process has started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
