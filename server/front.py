"""Requests are read before a thread takes them: whoever sends slowly holds a socket, never a thread.

gunicorn's threads read a request themselves, so that sixty half-sent bodies from nobody were the end of the site. Here
the worker's own loop, which waits for all sockets at once, gathers a request until it is whole, and only then hands it
to a thread, which reads it from memory or from a temporary file. A sender that falls silent, or slower than any line
that a photo would come over, is told so (408) and let go. Over TLS (`make run LAN=1`, a first look) threads read as
before.
"""

import io
import json
import selectors
import socket
import tempfile
import time
from contextlib import suppress
from functools import partial
from typing import IO, Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from server.config import Config
from server.refusal import General, problem

MOST_HEAD = 64_000  # bytes of a request line with its headers
MOST_DIGITS = 18  # of a length: Python reads no number of thousands of them
IN_MEMORY = 256_000  # what a request may take there; the rest lies in a temporary file
AT_ONCE = 65_536
TURNS = 32  # so many pieces of one sender, then the others'
# A photo over a thin line comes at 8 kB/s; silence, or a byte now and then, is neither a photo nor a person.
LEAST_RATE = 1_000  # bytes a second, seen over a whole window
LINGER_S = 2.0  # while stopping, for the request that is already on its way
CROWDED = 0.8  # of all connections: from here on, whoever has sent least makes room


class Unfit(Exception):
    """What comes in can never be a request; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Incoming:
    """One request as it comes in: gathered, counted, and whole at some point."""

    def __init__(self, window_s: float, now: float, *, idle_s: float | None = None) -> None:
        self.kept: IO[bytes] = io.BytesIO()
        self.size = 0
        self.wanted: int | None = None  # of bytes in all; None while the headers are not whole
        self.expects_word = False
        self.is_watched = False
        self._head = b""
        self._chunks: _Chunks | None = None
        self._window_s = window_s
        self._due_at = now + (window_s if idle_s is None else idle_s)
        # Headers are short: one window is for all of them.
        self._due_size = MOST_HEAD + 1

    def begin(self, now: float) -> None:
        """The first bytes have come: from now on they must go on coming."""
        self._due_at = now + self._window_s

    def hurry(self, until: float) -> None:
        """Whoever has not begun by then need not begin."""
        if not self.size:
            self._due_at = min(self._due_at, until)

    def take(self, piece: bytes) -> bool:
        """Take what has come; True once the request is whole. Unfit when it can never be one."""
        self._keep(piece)
        if self.wanted is None:
            self._head += piece
            if not self._read_head():
                return False
            piece = self._head[self._body_at :]
        if self._chunks is not None:
            return self._chunks.take(piece)
        assert self.wanted is not None  # the headers have just told it
        return self.size >= self.wanted

    def _keep(self, piece: bytes) -> None:
        if self.size <= IN_MEMORY < self.size + len(piece):
            gathered = self.kept
            self.kept = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the request
            gathered.seek(0)
            self.kept.write(gathered.read())
        self.kept.write(piece)
        self.size += len(piece)

    def is_late(self, now: float) -> bool:
        """Whether less came in the window that has just passed than an honest line brings."""
        if now < self._due_at:
            return False
        if self.size < self._due_size:
            return True
        self._due_at = now + self._window_s
        self._ask_for_more(self.size)
        return False

    def _ask_for_more(self, here: int) -> None:
        """By the end of the window what the thinnest line brings on top of this, or whatever is still to come."""
        assert self.wanted is not None  # the headers are whole
        due = here + int(LEAST_RATE * self._window_s)
        self._due_size = due if self._chunks is not None else min(due, self.wanted)

    def _read_head(self) -> bool:
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            if len(self._head) > MOST_HEAD:
                raise Unfit(431)
            return False
        self._body_at = end + 4
        length = 0
        for line in self._head[:end].split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name, value = name.strip().lower(), value.strip()
            if name == b"content-length":
                if not value.isdigit() or len(value) > MOST_DIGITS:
                    raise Unfit(400)
                length = int(value)
            elif name == b"transfer-encoding" and value.lower() != b"identity":
                self._chunks = _Chunks()
            elif name == b"expect" and value.lower() == b"100-continue":
                self.expects_word = True
        self.wanted = self._body_at + length
        self._ask_for_more(self._body_at)
        return True  # `take` goes on with what came of the body


class _Chunks:
    """A chunked body (RFC 9112 §7.1), followed only to know where it ends; the parser judges it later."""

    def __init__(self) -> None:
        self._line = b""
        self._left = -1  # bytes of the chunk that runs, with its line end; -1 between chunks
        self._ending = False

    def take(self, piece: bytes) -> bool:
        """True once the last chunk and its trailer have come."""
        while piece:
            if self._left > 0:
                taken = piece[: self._left]
                self._left -= len(taken)
                piece = piece[len(taken) :]
                continue
            self._left = -1
            before, found, piece = piece.partition(b"\n")
            self._line += before
            if not found:
                if len(self._line) > MOST_HEAD:
                    raise Unfit(400)
                return False
            line, self._line = self._line.strip(), b""
            if self._ending:
                if not line:
                    return True
            elif line:
                try:
                    size = int(line.partition(b";")[0], 16)
                except ValueError:
                    raise Unfit(400) from None
                self._ending = size == 0
                self._left = size + 2 if size else -1
        return False


class Replay:
    """What a thread reads instead of the socket: the whole request first; behind it, nothing that would block."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept
        kept.seek(0)

    def recv(self, size: int) -> bytes:
        """The next bytes that have come; none when all are read."""
        piece: bytes = self._kept.read(size)
        return piece

    def close(self) -> bytes:
        """Be done with the request; what was read ahead of the next one is handed back."""
        rest: bytes = self._kept.read()
        self._kept.close()
        return rest


class BufferingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's threads behind a loop that gathers requests."""

    def init_process(self) -> None:
        """Ready to gather before the loop runs."""
        self.window_s = Config.load().slow_window_s
        self.most_bytes = (Config.load().max_upload_mb + 1) * 1_000_000
        self.incoming: dict[TConn, Incoming] = {}
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """A new connection waits in the loop, not in a thread."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError:
            return  # another worker was quicker, or whoever came has left
        self.nr_conns += 1
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.parser = http.get_parser(self.cfg, client, address)
        connection.initialized = True
        self.enqueue_req(connection)

    def enqueue_req(self, conn: TConn) -> None:
        """Gather the connection's next request; a thread gets it when it is whole."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        self._gather(conn, idle_s=self.window_s)

    def _gather(self, conn: TConn, *, idle_s: float) -> None:
        self._make_room()
        if conn.sock.getblocking():
            conn.sock.setblocking(False)
        coming = self.incoming[conn] = Incoming(self.window_s, time.monotonic(), idle_s=idle_s)
        # A request may lie behind the one before, read ahead with its body.
        ahead = conn.parser.unreader.take_buffered()
        # Nearly always it is here as a whole: the loop watches only what is not.
        if (ahead and self._took(conn, coming, ahead)) or self._on_bytes(conn, conn.sock):
            return
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_bytes, conn))
        coming.is_watched = True

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """The request is answered: what came behind it is the beginning of the next."""
        unreader = conn.parser.unreader if conn.parser is not None else None
        if unreader is not None and isinstance(unreader.sock, Replay):
            rest = unreader.sock.close()
            unreader.sock = conn.sock
            if rest:
                unreader.unread(unreader.take_buffered() + rest)
        if self.alive and not self.cfg.is_ssl and not fs.cancelled() and not fs.exception() and fs.result() is True:
            # Straight back to the loop: gunicorn's own rest for kept connections would only hand it on to us.
            self._gather(conn, idle_s=self.cfg.keepalive)
            return
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Once a second: let those go who have fallen silent; when stopping, all that are not whole."""
        super().murder_pending()
        now = time.monotonic()
        for conn, coming in list(self.incoming.items()):
            if not self.alive:
                coming.hurry(now + LINGER_S)
            if coming.is_late(now):
                self._refuse(conn, 408 if coming.size else 0)

    def _on_bytes(self, conn: TConn, _: Any) -> bool:
        """Take what is there; True when the connection is no longer ours, whatever became of it."""
        coming = self.incoming[conn]
        for _turn in range(TURNS):
            try:
                piece = conn.sock.recv(AT_ONCE)
            except (BlockingIOError, InterruptedError):
                return False
            except OSError:
                self._let_go(conn)
                return True
            if not piece:
                self._let_go(conn)
                return True
            if self._took(conn, coming, piece):
                return True
            if len(piece) < AT_ONCE:
                return False  # more has not come yet
        return False

    def _took(self, conn: TConn, coming: Incoming, piece: bytes) -> bool:
        """Take a piece; True when the connection is no longer ours, whatever became of it."""
        if not coming.size:
            coming.begin(time.monotonic())
        try:
            whole = coming.take(piece)
        except Unfit as error:
            self._refuse(conn, error.status)
            return True
        except OSError:  # a full disk, or no file left to open: this request's trouble, not the worker's
            self._refuse(conn, 503)
            return True
        if coming.size > self.most_bytes or (coming.wanted or 0) > self.most_bytes:
            self._refuse(conn, 413)
            return True
        if not whole:
            if coming.expects_word:
                coming.expects_word = False
                with suppress(OSError):
                    conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return False
        self._forget(conn)
        conn.data_ready = True
        conn.parser.unreader.sock = Replay(coming.kept)
        super().enqueue_req(conn)
        return True

    def _make_room(self) -> None:
        if len(self.incoming) < self.worker_connections * CROWDED:
            return
        slowest = min(self.incoming, key=lambda conn: self.incoming[conn].size)
        self._refuse(slowest, 408)

    def _refuse(self, conn: TConn, status: int) -> None:
        """Say in our own words why, as far as the socket takes it at once, and let go; nothing is said to silence."""
        if status:
            with suppress(OSError):
                conn.sock.send(_answer(status))
        self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        coming = self._forget(conn)
        coming.kept.close()
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: TConn) -> Incoming:
        coming = self.incoming.pop(conn)
        if coming.is_watched:
            with suppress(KeyError, ValueError, OSError):
                self.poller.unregister(conn.sock)
        return coming


_REASONS = {
    400: (General.INVALID_INPUT, "Bad Request"),
    408: (General.TOO_SLOW, "Request Timeout"),
    413: (General.TOO_LARGE, "Content Too Large"),
    431: (General.TOO_LARGE, "Request Header Fields Too Large"),
    503: (General.BUSY, "Service Unavailable"),
}


def _answer(status: int) -> bytes:
    """A problem document, as the application would give it."""
    reason, phrase = _REASONS[status]
    body = json.dumps(problem(reason.value, status, request_id="")).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
