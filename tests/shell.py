"""`ruqi …` as a process of its own, without the seconds in which Python reads the whole house each time.

One process has read it and waits; each command is a fork of that, with the environment, folder and streams of the
caller. What starts the real program (`ruqi serve`, the Procfile) is tested apart.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[1]


def ruqi(env: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command as it is typed, in this environment alone."""
    waiting = _waiting()
    assert waiting.stdin is not None and waiting.stdout is not None
    with tempfile.TemporaryDirectory(prefix="ruqi-shell-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        asked = {"words": words, "env": dict(env), "out": str(out), "err": str(err)}
        waiting.stdin.write(json.dumps(asked) + "\n")
        waiting.stdin.flush()
        code = int(waiting.stdout.readline())
        return subprocess.CompletedProcess(["ruqi", *words], code, out.read_text("utf-8"), err.read_text("utf-8"))


@cache
def _waiting() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.shell"]
    process = subprocess.Popen(command, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


def _serve() -> None:
    """Fork for each line that comes in, and answer with the exit code; until nobody asks any more."""
    from server.commands.cli import main

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            # What goes on from here is a process like any other: it must end here, whatever happens.
            try:
                _become(asked)
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                code = 1
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _become(asked: dict[str, object]) -> None:
    """Take on the words, the environment and the streams of the command."""
    sys.argv = ["ruqi", *asked["words"]]  # type: ignore[misc]
    os.environ.clear()
    os.environ.update(asked["env"])  # type: ignore[call-overload]
    for number, path in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
        opened = os.open(str(path), os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)


if __name__ == "__main__":
    _serve()
