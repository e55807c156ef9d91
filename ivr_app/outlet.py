"""A socket whose writer never waits for its reader."""

from __future__ import annotations

import select
import socket
import time

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
