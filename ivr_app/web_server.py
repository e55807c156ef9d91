"""The gunicorn worker: how connections reach threads.

A thread never waits for a client: the main thread receives a request before a thread sees it, and
sends the response after the thread has finished. Slow clients and strangers hold no thread that a
telephone needs. Telephones have threads of their own, and so have the files that customers send and
fetch, which take minutes; console, API, calendars and the other pages share the rest.
"""

from __future__ import annotations

import errno
import re
import select
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from gunicorn.workers import gthread

from service import logging

OTHERS = 4
"""Threads of a process for all requests that are not a telephone's."""

QUEUE = 16
"""Requests that can wait for one of these threads; any more get a 503."""

TELEPHONES = re.compile(
    rb"[A-Z]+ /(?:voice/|sms/|sound/|ack/|healthz|readyz|metrics)[^ ]* HTTP/1\.[01]\r\n"
)
"""Requests that may use the threads of telephones: the carrier, an engineer's link, and probes.
Only plain spellings match; the other threads serve other spellings."""

INDEPENDENTS = 2
"""Threads of a process for requests that need no database: they never wait for one that hangs."""

INDEPENDENT = re.compile(
    rb"(?:POST /voice/fallback|(?:GET|HEAD) /(?:voice/(?:music\.wav|sounds/[^ /?]+)|healthz))"
    rb"(?:\?[^ ]*)? HTTP/1\.[01]"
)

TRANSFERS = 8
"""Threads of a process for files; the telephone has no need of them, and they wait for clients."""

WAITING_TRANSFERS = 32
"""Files that can wait for one of these threads; their clients send no further meanwhile."""

FILES = re.compile(
    rb"(?:POST /(?:portal|mail)/|POST /api/v1/files|POST /console/incidents/[0-9]+/answer"
    rb"|GET /(?:portal|api/v1|console/incidents)/files/|GET /console/tasks/[^ /]+/file)"
    rb"[^ ]* HTTP/1\.[01]\r\n"
)
"""Requests that may carry a file. A short form is here at once and needs no such thread."""

RECEIVE_WITHIN = 30.0
"""Seconds for a whole request, from its first byte."""

SEND_WITHIN = 30.0
SLOWEST = 50_000
"""A client has ``SEND_WITHIN`` seconds for the rest of a response, and one more for each
``SLOWEST`` bytes of it. The same holds for a file that a client sends."""

LINGER = 2.0
"""Seconds for the client to close, so that the end of a response is not lost (RFC 9112, 9.6)."""

READ_AHEAD = 64 * 1024
"""Bytes of a body that are read before a thread gets the request; the carrier's are smaller."""

LONGEST_HEAD = 64 * 1024
MOST_PENDING = 64 * 1024 * 1024
"""Bytes of all responses that wait for slow clients; above it the slowest clients are dropped."""

BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 20\r\n\r\nbusy: ask once more\n"
)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*(?=\r\n)", re.IGNORECASE)
_TRANSFER_ENCODING = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECT_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r\n]*\r\n")


class Connection(gthread.TConn):  # type: ignore[misc]
    """A connection, the bytes received so far, and its deadline."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        """Start without a request."""
        super().__init__(cfg, BufferedSocket(sock, SEND_WITHIN), client, server)
        self.received = bytearray()
        self.deadline = 0.0
        self.sending = False
        self.transfer_within = 0.0

    def check_request(self) -> tuple[bool, bool]:
        """Return whether a thread can have the request, and whether it must wait for the rest."""
        head, end, body = bytes(self.received).partition(b"\r\n\r\n")
        if not end:
            return len(self.received) > LONGEST_HEAD, True
        if _TRANSFER_ENCODING.search(head):
            missing = not has_all_chunks(body)
        else:
            length = _CONTENT_LENGTH.search(head + end)
            missing = length is not None and int(length[1]) > len(body)
        return not missing or len(body) > READ_AHEAD, missing

    def allow_transfer(self) -> None:
        """Allow a time for the body that depends on its length, and buffer little of a response."""
        length = _CONTENT_LENGTH.search(self.received.partition(b"\r\n\r\n")[0] + b"\r\n")
        self.transfer_within = RECEIVE_WITHIN
        if length is not None:
            self.transfer_within += int(length[1]) / SLOWEST
        self.sock.most = MOST_OF_A_FILE

    def send_continue(self) -> None:
        """Answer a client that expects ``100 Continue`` before it sends the body."""
        if expects := _EXPECT_CONTINUE.search(self.received):
            del self.received[expects.start() : expects.end()]
            self.sock.sendall(CONTINUE)
            self.sock.flush()


def has_all_chunks(body: bytes) -> bool:
    """Return True if a chunked body is complete, or if it is not a chunked body."""
    at = 0
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        at = chunk.end() + size + 2
        if size == 0:
            return body.find(b"\r\n\r\n", chunk.end() - 2) >= 0
    return at < len(body) and b"\r\n" in body[at:]


class ThreadGroup:
    """Threads for one kind of request, and a limited number of requests that wait for them."""

    def __init__(self, name: str, threads: int, waiting: float) -> None:
        """Start no thread yet."""
        self._name, self._threads, self._most = name, threads, threads + waiting
        self._requests: SimpleQueue[Connection] = SimpleQueue()
        self._lock, self._busy, self._started = Lock(), 0, 0

    def submit(self, answer: Callable[[Connection], Any], conn: Connection) -> bool:
        """Give a request to a thread; False if too many wait already. The main thread calls it."""
        with self._lock:
            if self._busy >= self._most:
                return False
            self._busy += 1
        if self._started < self._threads:
            self._started += 1
            Thread(target=self._work, args=(answer,), name=self._name, daemon=True).start()
        self._requests.put(conn)
        return True

    def _work(self, answer: Callable[[Connection], Any]) -> None:
        while True:
            answer(self._requests.get())
            with self._lock:
                self._busy -= 1


class LineWorker(gthread.ThreadWorker):  # type: ignore[misc]
    """A web process. Its main thread receives and sends; the other threads run the views."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start no thread yet."""
        super().__init__(*args, **kwargs)
        self.telephones = ThreadGroup("telephones", self.cfg.threads, float("inf"))
        self.independents = ThreadGroup("independents", INDEPENDENTS, float("inf"))
        self.others = ThreadGroup("others", OTHERS, QUEUE)
        self.transfers = ThreadGroup("transfers", TRANSFERS, WAITING_TRANSFERS)
        self.watched: dict[Connection, None] = {}
        self.checked_at = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection. At the limit, the connections that wait longest are dropped."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        while self.nr_conns >= self.worker_connections and self.watched:
            self.drop(next(iter(self.watched)))
        self.await_request(Connection(self.cfg, sock, client, listener.getsockname()))

    def await_request(self, conn: Connection) -> None:
        """Wait for a request, or for the rest of one."""
        seconds = self.cfg.keepalive
        if conn.received:
            seconds = RECEIVE_WITHIN
        if not self.alive:  # a kept-alive connection may have a request on its way
            seconds = LINGER
        self.watch(conn, selectors.EVENT_READ, self.receive, seconds)

    def receive(self, conn: Connection, _: Any) -> None:
        """Read what has come; a complete request goes to a thread."""
        first = not conn.received
        try:
            data = conn.sock.read_now()
        except BlockingIOError:
            return None
        except OSError:
            return self.drop(conn)
        conn.received += data
        if not data and not conn.received:
            return self.drop(conn)
        conn.send_continue()
        complete, waits = conn.check_request()
        if complete or not data:  # the thread answers a request that ends early
            self.unwatch(conn)
            return self.dispatch(conn, waits=waits)
        if first:
            conn.deadline = time.monotonic() + RECEIVE_WITHIN
        return None

    def dispatch(self, conn: Connection, *, waits: bool) -> None:
        """Give a request to its threads. ``waits`` is True if its rest is still to come, which no
        telephone needs."""
        group, read_within = self.others, RECEIVE_WITHIN
        if not waits and TELEPHONES.match(conn.received):
            group, read_within = self.telephones, 0.0
            if INDEPENDENT.match(conn.received):
                group = self.independents
        elif FILES.match(conn.received) and (waits or conn.received.startswith(b"GET")):
            group = self.transfers
            conn.allow_transfer()
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received.clear()
        conn.sock.limit_reading(read_within)
        conn.sock.asked_at = time.monotonic()
        if not group.submit(self.answer, conn):
            conn.sock.sendall(BUSY)
            self.finish(conn, keep=False)

    def answer(self, conn: Connection) -> None:
        """Answer a request, on its thread. The main thread is woken only for what else there is
        to do: to send the rest, to serve what has come already, or to close."""
        try:
            keep = bool(self.handle(conn))
            conn.sock.flush()
        except BaseException:  # also SystemExit ends only the request, never its thread
            keep = False
        if keep and self.alive and not conn.sock.pending:
            conn.received += conn.parser.unreader.take_buffered()
            if not conn.received:
                self.await_request(conn)
                return
        self.method_queue.defer(partial(self.finish, conn, keep=keep))

    def handle(self, conn: Connection) -> Any:
        """Run the view; log lines do not carry the ids of an earlier request."""
        logging.bind_ids()
        if conn.transfer_within:  # the time it waited for a thread is not the client's
            conn.sock.limit_reading(conn.transfer_within, RECEIVE_WITHIN)
        try:
            return super().handle(conn)
        finally:
            conn.transfer_within = 0.0
            conn.sock.most = None
            logging.bind_ids()

    def finish(self, conn: Connection, *, keep: bool) -> None:
        """Send the rest of the response, then wait for the next request or close."""
        conn.keep = keep
        if not conn.sock.pending:
            return self.end_response(conn)
        conn.sending = True
        seconds = SEND_WITHIN + len(conn.sock.pending) / SLOWEST
        self.watch(conn, selectors.EVENT_WRITE, self.send, seconds)
        return self.drop_slow_clients()

    def send(self, conn: Connection, _: Any) -> None:
        """Send as much as the client accepts."""
        try:
            conn.sock.flush()
        except OSError:
            return self.drop(conn)
        if not conn.sock.pending:
            self.unwatch(conn)
            self.end_response(conn)
        return None

    def end_response(self, conn: Connection) -> None:
        """Serve the next request, which may already be here, or close the connection."""
        conn.sending = False
        if not conn.keep:
            return self.shut_down(conn)
        conn.received += conn.parser.unreader.take_buffered()
        complete, waits = False, False
        if conn.received:
            complete, waits = conn.check_request()
        if complete:
            return self.dispatch(conn, waits=waits)
        return self.await_request(conn)

    def shut_down(self, conn: Connection) -> None:
        """Say that nothing more follows, and give the client a moment to close."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
        else:
            self.watch(conn, selectors.EVENT_READ, self.linger, LINGER)

    def linger(self, conn: Connection, _: Any) -> None:
        """Discard everything that still comes."""
        try:
            data = conn.sock.read_now()
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(conn)

    def watch(self, conn: Connection, event: int, then: Any, seconds: float) -> None:
        """Let the main thread wait for an event, with a deadline. Any thread may call it."""
        conn.deadline = time.monotonic() + seconds
        self.watched[conn] = None
        self.poller.register(conn.sock, event, partial(then, conn))

    def unwatch(self, conn: Connection) -> None:
        """Stop waiting for an event."""
        del self.watched[conn]
        self.poller.unregister(conn.sock)

    def drop(self, conn: Connection) -> None:
        """Close a connection that waits for an event."""
        self.unwatch(conn)
        self.nr_conns -= 1
        conn.close()

    def drop_slow_clients(self) -> None:
        """Drop the slowest clients while too many bytes wait for them."""
        slow = [conn for conn in list(self.watched) if conn.sending]
        pending = sum(len(conn.sock.pending) for conn in slow)
        for conn in slow:
            if pending <= MOST_PENDING:
                return
            pending -= len(conn.sock.pending)
            self.drop(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Drop connections that are past their deadline; runs at most once a second."""
        now = time.monotonic()
        if not force and self.alive and now - self.checked_at < 1:
            return
        self.checked_at = now
        for conn in [one for one in list(self.watched) if force or one.deadline <= now]:
            self.drop(conn)

    def murder_pending(self) -> None:
        """Do nothing: ``murder_keepalived`` covers all connections."""

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in list(self.watched):
            if not conn.received and not conn.sending:
                conn.deadline = min(conn.deadline, deadline)


CHUNK = 64 * 1024
MOST = 32 * 1024 * 1024
"""Bytes that are kept for one client: more than any response but a download, whose thread waits."""
MOST_OF_A_FILE = 2 * 1024 * 1024
"""Bytes that are kept of a file on its way to a client: its thread waits for nobody else."""


class BufferedSocket:
    """A socket whose writer does not wait for the client: it keeps what cannot be sent at once.

    The socket underneath never blocks. A reader waits until the request is late.
    """

    def __init__(self, sock: socket.socket, send_within: float) -> None:
        """``send_within`` is the longest wait of a writer for a full buffer, in seconds."""
        sock.setblocking(False)
        self._sock, self._send_within = sock, send_within
        self._read_until, self._timeout = float("inf"), float("inf")
        self._silent_for = float("inf")
        self.pending = bytearray()
        self.most: int | None = None
        self.asked_at = time.monotonic()

    def limit_reading(self, seconds: float, silent_for: float = float("inf")) -> None:
        """Fail reads that need data later than so many seconds from now, or for which nothing comes
        for so many."""
        self._read_until = time.monotonic() + seconds
        self._silent_for = silent_for

    def read_now(self) -> bytes:
        """Return what has come; raises BlockingIOError if nothing has."""
        return self._sock.recv(CHUNK)

    def recv(self, size: int) -> bytes:
        """Return what has come or comes in time; raises TimeoutError."""
        while True:
            try:
                return self._sock.recv(size)
            except BlockingIOError:
                left = self._read_until - time.monotonic()
                left = min(left, self._timeout, self._silent_for)
                if left <= 0 or not _is_ready(self._sock, select.POLLIN, left):
                    raise TimeoutError(f"nothing came for {left:.0f} s") from None

    def sendall(self, data: bytes) -> None:
        """Keep, and send what fills a packet; ``flush`` sends the rest, so that the head and the
        body of a short answer go together. Waits only while the buffer is full, and then raises
        TimeoutError."""
        self.pending += data
        if len(self.pending) < CHUNK:
            return
        self.flush()
        until = time.monotonic() + self._send_within
        while len(self.pending) > (self.most or MOST):
            left = until - time.monotonic()
            if left <= 0 or not _is_ready(self._sock, select.POLLOUT, left):
                raise TimeoutError("the client accepts too little of a response")
            self.flush()

    def send(self, data: bytes) -> int:
        """As ``sendall``; all bytes count as sent."""
        self.sendall(data)
        return len(data)

    def flush(self) -> None:
        """Send as much as possible at once; raises OSError if the client is gone."""
        while self.pending:
            try:
                del self.pending[: self._sock.send(self.pending[:CHUNK])]
            except BlockingIOError:
                return

    def fileno(self) -> int:
        """Return the file number of the socket."""
        return self._sock.fileno()

    def shutdown(self, how: int) -> None:
        """Shut down the socket."""
        self._sock.shutdown(how)

    def close(self) -> None:
        """Close the socket and discard the buffer."""
        self.pending.clear()
        self._sock.close()

    def setblocking(self, _: bool) -> None:
        """Do nothing: the socket underneath never blocks."""

    def settimeout(self, seconds: float | None) -> None:
        """Set the longest wait of one read; None for no limit but that of the request."""
        if seconds is None:
            seconds = float("inf")
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        """Return the longest wait of one read; None for no limit but that of the request."""
        if self._timeout == float("inf"):
            return None
        return self._timeout


def limit_transfer(environ: Mapping[str, Any], most: int) -> None:
    """Allow a request the time of a body of so many bytes, whatever length it says that it has."""
    sock = environ.get("gunicorn.socket")
    if isinstance(sock, BufferedSocket):
        sock.limit_reading(RECEIVE_WITHIN + most / SLOWEST, RECEIVE_WITHIN)


def _is_ready(sock: socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(sock, event)
    if seconds == float("inf"):
        return bool(poll.poll())
    return bool(poll.poll(max(seconds, 0) * 1000))
