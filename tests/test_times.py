"""The report of what the tests cost."""

import subprocess
import sys

import pytest

from .times import report_of

# A child that leaves at once, and its own child that works on for half a second of the processor.
ORPHAN = """
import contextlib, importlib.machinery, importlib.util, os, subprocess, sys
from tests.times import cpu_seconds, wait_for_orphans

loader = importlib.machinery.SourceFileLoader("check", "bin/check")
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
loader.exec_module(check)
if sys.argv[1] == "adopted":
    check.adopt_orphans()
work = "import time\\nwhile time.process_time() < 0.5: pass\\nprint('done')"
before = cpu_seconds()
child = subprocess.Popen(
    [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])"],
    stdout=subprocess.PIPE,
)
child.communicate()  # ends when the last one has closed it
with contextlib.suppress(ChildProcessError):  # until it has ended, if it is ours at all
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
wait_for_orphans()
print(cpu_seconds() - before)
"""


class TestReport:
    def test_shows_the_twenty_slowest_with_their_shares_and_the_whole(self) -> None:
        spent = {f"tests/test_a.py::test_{number:02}": float(number) for number in range(1, 25)}

        first, *slowest, last = report_of(spent, wall=60.0, cpu=100.0)

        assert first == "slowest 20 of 24 tests, 300.0 s in all:"
        assert slowest[0] == "    24.00 s   8.0 %  tests/test_a.py::test_24"
        assert len(slowest) == 20
        assert last == "time: wall 60.0 s, cpu 100.0 s, wall/cpu 0.60"


@pytest.mark.outside
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to somebody else than init")
@pytest.mark.parametrize("adopted", ["adopted", "left"])
def test_counts_the_processor_of_who_lost_its_parent(adopted: str) -> None:
    done = subprocess.run([sys.executable, "-c", ORPHAN, adopted], capture_output=True, text=True, check=True)

    # Half a second of work is the orphan's alone; without adoption it is nobody's.
    assert (float(done.stdout) >= 0.5) is (adopted == "adopted")
