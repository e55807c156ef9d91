"""Services outside that let their clients wait: real sockets, for any protocol."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Pieces = Callable[[], Iterable[bytes]]
"""What a client is sent, piece by piece; asked for once a connection."""

HEAD = b"HTTP/1.1 200 OK\r\n"


def endless_head() -> Iterable[bytes]:
    """A header that goes on for ever."""
    return itertools.chain([HEAD, b"X-Slow: "], itertools.repeat(b"a"))


def endless_body(kind: str = "application/json", first: bytes = b"{") -> Iterable[bytes]:
    """A whole head at once, and a body that goes on for ever."""
    head = HEAD + f"Content-Type: {kind}\r\nContent-Length: 1000000\r\n\r\n".encode()
    return itertools.chain([head + first], itertools.repeat(b" "))


def endless_welcome() -> Iterable[bytes]:
    """A mail server that welcomes for ever, a letter at a time."""
    return itertools.chain([b"220-"], itertools.repeat(b"w"))


class SlowService:
    """Takes every connection; then says nothing, or the next piece every now and then."""

    PAUSE = 0.05

    def __init__(self, pieces: Pieces | None = None, tls: ssl.SSLContext | None = None):
        self._pieces, self._tls = pieces, tls
        self._end = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._server.getsockname()[1]
        self.taken = threading.Semaphore(0)
        """Released once for each connection."""
        self.left = threading.Semaphore(0)
        """Released each time a client has given up."""
        self.holding = 0
        """How many clients wait at this moment."""
        self._threads = [threading.Thread(target=self._take, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def _take(self) -> None:
        while not self._end.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        self.holding += 1
        self.taken.release()
        with client, suppress(OSError):
            self._speak(client)
        self.holding -= 1
        self.left.release()

    def _speak(self, client: socket.socket) -> None:
        if self._tls is not None:
            client = self._tls.wrap_socket(client, server_side=True)
        pieces = iter(self._pieces()) if self._pieces is not None else iter(())
        client.settimeout(self.PAUSE)
        while not self._end.is_set():
            try:
                if not client.recv(65536):
                    return
                continue
            except TimeoutError:
                pass
            for piece in itertools.islice(pieces, 1):
                client.sendall(piece)

    def close(self) -> None:
        self._end.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(2)


@contextmanager
def slow(pieces: Pieces | None = None, tls: ssl.SSLContext | None = None) -> Iterator[SlowService]:
    """One that hangs, or trickles these pieces."""
    service = SlowService(pieces, tls)
    try:
        yield service
    finally:
        service.close()
