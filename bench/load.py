"""Sends prepared requests over keep-alive connections and counts the answers; costs little beside the server."""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

PROCESSES = 2
PATIENCE_S = 30.0
EXPECTED = b"HTTP/1.1 201 "
# Forked, so that the children find the prepared requests in their memory and import nothing.
_fork = multiprocessing.get_context("fork")


def rate(port: int, requests: Sequence[Sequence[bytes]]) -> float:
    """Answers per second, one connection for each list of requests; raises unless every answer is a 201."""
    ready = _fork.Barrier(PROCESSES)
    pipes, children = [], []
    try:
        for number in range(PROCESSES):
            here, there = _fork.Pipe(duplex=False)
            child = _fork.Process(target=_child, args=(port, requests[number::PROCESSES], ready, there), daemon=True)
            child.start()
            there.close()
            pipes.append(here)
            children.append(child)
        heard = [pipe.recv() for pipe in pipes]
    except EOFError:
        raise RuntimeError("a load process ended before it had counted") from None
    finally:
        for child in children:
            child.join(1)
            if child.is_alive():
                child.kill()
                child.join()
    troubles = [each for each in heard if isinstance(each, str)]
    if troubles:
        raise RuntimeError(troubles[0])
    began, ended = min(each[0] for each in heard), max(each[1] for each in heard)
    return sum(map(len, requests)) / (ended - began)


# --- one process -------------------------------------------------------------------------------


def _child(port: int, requests: Sequence[Sequence[bytes]], ready: Barrier, say: Connection) -> None:
    """Report when it began and ended, or in one sentence what went wrong."""
    try:
        lines = [_Line(port, each) for each in requests]
        ready.wait(PATIENCE_S)
        began = time.monotonic()
        _drive(lines)
        say.send((began, time.monotonic()))
    except Exception as error:
        say.send(f"load: {error!r}")


def _drive(lines: list["_Line"]) -> None:
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send_next()
        left = len(lines)
        while left:
            events = selector.select(PATIENCE_S)
            if not events:
                raise TimeoutError(f"no answer for {PATIENCE_S:g} s")
            for key, _ in events:
                line = key.data
                if line.has_answer() and not line.send_next():
                    selector.unregister(line.socket)
                    line.socket.close()
                    left -= 1


class _Line:
    """One connection and what it still has to send."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = iter(requests)
        self.heard = b""

    def send_next(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.socket.sendall(request)
        return True

    def has_answer(self) -> bool:
        """Take what has come; True when it is a whole answer, which must be the expected one."""
        piece = self.socket.recv(65_536)
        if not piece:
            raise ConnectionError(f"closed after {self.heard!r}")
        self.heard += piece
        head, gap, body = self.heard.partition(b"\r\n\r\n")
        if not gap:
            return False
        if len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return False
        if not head.startswith(EXPECTED):
            raise ValueError(f"not a 201: {head[:40]!r} {body.decode()}")
        self.heard = b""
        return True
