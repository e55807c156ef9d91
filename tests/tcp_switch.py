"""One address before servers that come and go: a balancer, or an address after a failover."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

LOOPBACK = "127.0.0.1"


class TcpSwitch:
    """Leads each new connection to a port; connections that are open stay where they lead."""

    def __init__(self, leads_to: int) -> None:
        """Listens at once."""
        self.leads_to = leads_to
        self._server = socket.create_server((LOOPBACK, 0), backlog=128)
        self.port = int(self._server.getsockname()[1])
        self._wires: list[socket.socket] = []
        self._seen: dict[bytes, int] = {}
        self._news = threading.Condition()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Break off every connection there is."""
        for wire in self._wires:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def until_asked(self, line: bytes, times: int, patience: float = 60.0) -> None:
        """Return once so many requests have begun with this line."""
        with self._news:
            enough = self._news.wait_for(lambda: self._seen.get(line, 0) >= times, patience)
        assert enough, f"nobody said {line!r} {times} times, but {sorted(self._seen)}"

    def close(self) -> None:
        """Listen no more."""
        self._server.close()
        self.cut()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((LOOPBACK, self.leads_to), 10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        self._wires += [near, far]
        threading.Thread(target=_carry, args=(far, near), daemon=True).start()
        _carry(near, far, self._note)

    def _note(self, data: bytes) -> None:
        line = data.partition(b"\r\n")[0]
        with self._news:
            self._seen[line] = self._seen.get(line, 0) + 1
            self._news.notify_all()


def _carry(
    from_: socket.socket, to: socket.socket, note: Callable[[bytes], None] = lambda _: None
) -> None:
    with suppress(OSError):
        while data := from_.recv(65536):
            note(data)
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)


@contextmanager
def tcp_switch(leads_to: int) -> Iterator[TcpSwitch]:
    """A switch for as long as this lasts."""
    switch = TcpSwitch(leads_to)
    try:
        yield switch
    finally:
        switch.close()
