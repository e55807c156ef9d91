"""How connections reach threads: strangers and slow clients hold none that a telephone needs.

A request is read whole before a thread sees it, and an answer is kept for its reader, so that only
work holds a thread. Telephones have threads of their own; console, API and calendars have others.
"""

from __future__ import annotations

import errno
import re
import select
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.workers import gthread

from service import logging

OTHERS = 4
"""Threads of a process for all that is not a telephone."""

QUEUE = 16
"""Requests that may wait for one of them; what comes then is told to come again."""

TELEPHONES = re.compile(
    rb"[A-Z]+ /(?:voice/|sms/|sound/|ack/|healthz|readyz|metrics)[^ ]* HTTP/1\.[01]\r\n"
)
"""What may use the threads of telephones: the carrier, an engineer's link, and probes. Only plain
spellings: what is spelled otherwise is served too, by the other threads."""

RECEIVE_WITHIN = 30.0
"""Seconds for a whole request, from its first byte."""

SEND_WITHIN = 30.0
SLOWEST = 50_000
"""A reader has so many seconds for what is left of an answer, and one more for so many bytes."""

LINGER = 2.0
"""Seconds for the other side to close, so that the end of an answer is not lost (RFC 9112, 9.6)."""

AT_THE_DOOR = 64 * 1024
"""Bytes of a body that are read ahead; the carrier's are smaller."""

HEAD = 64 * 1024
KEPT = 64 * 1024 * 1024
"""Bytes of answers that wait for slow readers, in all; beyond it the slowest reader is let go."""

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
    """A connection, what it has said so far, and until when it may stay as it is."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        """Waits for its first request."""
        super().__init__(cfg, Outlet(sock, SEND_WITHIN), client, server)
        self.heard = bytearray()
        self.until = 0.0
        self.sending = False

    def extent(self) -> tuple[bool, bool]:
        """Whether a thread may have it, and whether that thread must wait for its rest."""
        head, end, body = bytes(self.heard).partition(b"\r\n\r\n")
        if not end:
            return len(self.heard) > HEAD, True
        if _TRANSFER_ENCODING.search(head):
            missing = not has_all_chunks(body)
        else:
            length = _CONTENT_LENGTH.search(head + end)
            missing = length is not None and int(length[1]) > len(body)
        return not missing or len(body) > AT_THE_DOOR, missing

    def encourage(self) -> None:
        """Say that the body may come, to those who wait for that word."""
        if expects := _EXPECT_CONTINUE.search(self.heard):
            del self.heard[expects.start() : expects.end()]
            self.sock.sendall(CONTINUE)


def has_all_chunks(body: bytes) -> bool:
    """True when no more of a chunked body is to come, or when what came is no such body."""
    at = 0
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        at = chunk.end() + size + 2
        if size == 0:
            return body.find(b"\r\n\r\n", chunk.end() - 2) >= 0
    return at < len(body) and b"\r\n" in body[at:]


class LineWorker(gthread.ThreadWorker):  # type: ignore[misc]
    """A web process. Its main thread receives and sends; the others work."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Starts no thread."""
        super().__init__(*given, **named)
        self.others: ThreadPoolExecutor | None = None
        self.busy = 0
        self.watched: dict[Connection, None] = {}
        self.looked = 0.0

    def init_process(self) -> None:
        """Run until told to stop."""
        self.others = ThreadPoolExecutor(OTHERS, "others")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Let somebody in; when it is full, those who waited longest without a word must go."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        while self.nr_conns >= self.worker_connections and self.watched:
            self.drop(next(iter(self.watched)))
        self.hear(Connection(self.cfg, sock, client, listener.getsockname()))

    def hear(self, conn: Connection) -> None:
        """Wait for a request, or for the rest of one."""
        seconds = RECEIVE_WITHIN if conn.heard else self.cfg.keepalive
        if not self.alive:  # a promised connection stays for a request that is on its way already
            seconds = LINGER
        self.watch(conn, selectors.EVENT_READ, self.receive, seconds)

    def receive(self, conn: Connection, _: Any) -> None:
        """Something came: a request that is whole goes to a thread."""
        began = not conn.heard
        try:
            came = conn.sock.take()
        except BlockingIOError:
            return None
        except OSError:
            return self.drop(conn)
        conn.heard += came
        if not came and not conn.heard:
            return self.drop(conn)
        conn.encourage()
        whole, waits = conn.extent()
        if whole or not came:  # what ends early is answered by whoever reads it
            self.unwatch(conn)
            return self.hand_over(conn, waits=waits)
        if began:
            conn.until = time.monotonic() + RECEIVE_WITHIN
        return None

    def hand_over(self, conn: Connection, *, waits: bool) -> None:
        """Give a request to the threads that it is for. ``waits`` is one whose rest is to come: no
        telephone needs that."""
        telephone = not waits and TELEPHONES.match(conn.heard) is not None
        conn.init()
        conn.parser.unreader.unread(bytes(conn.heard))
        conn.heard.clear()
        conn.sock.hurry(0 if telephone else RECEIVE_WITHIN)
        if telephone:
            self.enqueue_req(conn)
        elif self.busy >= OTHERS + QUEUE or self.others is None:
            conn.sock.sendall(BUSY)
            self.finish(conn, keep=False)
        else:
            self.busy += 1
            future = self.others.submit(self.handle, conn)
            future.add_done_callback(lambda done: self.method_queue.defer(self.freed, conn, done))

    def handle(self, conn: Connection) -> Any:
        """Answer a request; nothing that is logged then is about the one before."""
        logging.bind_ids()
        try:
            return super().handle(conn)
        finally:
            logging.bind_ids()

    def freed(self, conn: Connection, done: Future[Any]) -> None:
        """One of the other threads is free again."""
        self.busy -= 1
        self.finish_request(conn, done)

    def finish_request(self, conn: Connection, done: Future[Any]) -> None:
        """A thread has answered; what its reader has not taken yet is sent from here."""
        try:
            keep = bool(done.result()) and not done.cancelled()
        except Exception:
            keep = False
        self.finish(conn, keep=keep)

    def finish(self, conn: Connection, *, keep: bool) -> None:
        """Send what is kept, and go on with the connection or end it."""
        conn.keep = keep
        if not conn.sock.kept:
            return self.sent(conn)
        conn.sending = True
        seconds = SEND_WITHIN + len(conn.sock.kept) / SLOWEST
        self.watch(conn, selectors.EVENT_WRITE, self.send, seconds)
        return self.spare_memory()

    def send(self, conn: Connection, _: Any) -> None:
        """Its reader takes more."""
        try:
            conn.sock.push()
        except OSError:
            return self.drop(conn)
        if not conn.sock.kept:
            self.unwatch(conn)
            self.sent(conn)
        return None

    def sent(self, conn: Connection) -> None:
        """All is sent: the next request, which may have come already, or the end."""
        conn.sending = False
        if not conn.keep:
            return self.part(conn)
        conn.heard += conn.parser.unreader.take_buffered()
        whole, waits = conn.extent() if conn.heard else (False, False)
        if whole:
            return self.hand_over(conn, waits=waits)
        return self.hear(conn)

    def part(self, conn: Connection) -> None:
        """Say that nothing more follows, and leave the other side a moment to close."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
        else:
            self.watch(conn, selectors.EVENT_READ, self.linger, LINGER)

    def linger(self, conn: Connection, _: Any) -> None:
        """What still comes is for nobody."""
        try:
            came = conn.sock.take()
        except BlockingIOError:
            return
        except OSError:
            came = b""
        if not came:
            self.drop(conn)

    def watch(self, conn: Connection, event: int, then: Any, seconds: float) -> None:
        """Wait on the main thread, for so long at most."""
        conn.until = time.monotonic() + seconds
        self.watched[conn] = None
        self.poller.register(conn.sock, event, partial(then, conn))

    def unwatch(self, conn: Connection) -> None:
        """Wait no longer."""
        del self.watched[conn]
        self.poller.unregister(conn.sock)

    def drop(self, conn: Connection) -> None:
        """End a connection that is waited for."""
        self.unwatch(conn)
        self.nr_conns -= 1
        conn.close()

    def spare_memory(self) -> None:
        """Let the slowest readers go while too much is kept for them."""
        slow = [conn for conn in self.watched if conn.sending]
        kept = sum(len(conn.sock.kept) for conn in slow)
        for conn in slow:
            if kept <= KEPT:
                return
            kept -= len(conn.sock.kept)
            self.drop(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """End what waited for too long; looked at once a second."""
        now = time.monotonic()
        if not force and self.alive and now - self.looked < 1:
            return
        self.looked = now
        for conn in [conn for conn in self.watched if force or conn.until <= now]:
            self.drop(conn)

    def murder_pending(self) -> None:
        """There is one list of those who wait."""

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self.watched:
            if not conn.heard and not conn.sending:
                conn.until = min(conn.until, deadline)


# A socket whose writer never waits for its reader.


CHUNK = 64 * 1024
MOST = 32 * 1024 * 1024
"""Bytes that are kept for one reader: more than any answer but an export, whose thread waits."""


class Outlet:
    """Takes what gunicorn writes at once, and keeps what does not leave at once.

    The socket underneath never blocks. Whoever reads from it waits, until the request is late.
    """

    def __init__(self, sock: socket.socket, send_within: float) -> None:
        """``send_within`` is how long a full outlet may take to have room again, in seconds."""
        sock.setblocking(False)
        self._sock, self._send_within = sock, send_within
        self._until, self._timeout = float("inf"), float("inf")
        self.kept = bytearray()

    def hurry(self, seconds: float) -> None:
        """What is read from now on must have come by then."""
        self._until = time.monotonic() + seconds

    def take(self) -> bytes:
        """What has come; raises BlockingIOError when nothing has."""
        return self._sock.recv(CHUNK)

    def recv(self, size: int) -> bytes:
        """What has come or comes in time; raises TimeoutError."""
        while True:
            try:
                return self._sock.recv(size)
            except BlockingIOError:
                left = min(self._until - time.monotonic(), self._timeout)
                if left <= 0 or not _ready(self._sock, select.POLLIN, left):
                    raise TimeoutError(f"nothing came for {left:.0f} s") from None

    def sendall(self, data: bytes) -> None:
        """Send or keep; waits only while far too much is kept, and then raises TimeoutError."""
        self.kept += data
        self.push()
        until = time.monotonic() + self._send_within
        while len(self.kept) > MOST:
            left = until - time.monotonic()
            if left <= 0 or not _ready(self._sock, select.POLLOUT, left):
                raise TimeoutError("too little of an answer was taken")
            self.push()

    def send(self, data: bytes) -> int:
        """As ``sendall``: all of it counts as sent."""
        self.sendall(data)
        return len(data)

    def push(self) -> None:
        """Send as much as leaves at once; raises OSError when the reader is gone."""
        while self.kept:
            try:
                del self.kept[: self._sock.send(self.kept[:CHUNK])]
            except BlockingIOError:
                return

    def fileno(self) -> int:
        """Of the socket."""
        return self._sock.fileno()

    def shutdown(self, how: int) -> None:
        """Of the socket."""
        self._sock.shutdown(how)

    def close(self) -> None:
        """Of the socket; what is kept is lost."""
        self.kept.clear()
        self._sock.close()

    def setblocking(self, _: bool) -> None:
        """Reading always waits in time, writing never."""

    def settimeout(self, seconds: float | None) -> None:
        """For how long one reading may wait."""
        self._timeout = float("inf") if seconds is None else seconds

    def gettimeout(self) -> float | None:
        """For how long one reading may wait; None for as long as the request has."""
        return None if self._timeout == float("inf") else self._timeout


def _ready(sock: socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(max(seconds, 0) * 1000 if seconds != float("inf") else None))
