"""What an operator puts before several hosts: one address, and only those that live are asked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress

Place = tuple[str, int]

LOOK_EVERY, TOO_LONG = 0.5, 1.0
"""Seconds: between two looks at a backend, and until no answer means that it is gone."""

ALIVE = b"GET /healthz HTTP/1.0\r\n\r\n"


class Backend:
    """One web server; connections to it are broken off when it is gone."""

    def __init__(self, place: Place) -> None:
        """Not seen yet."""
        self.place, self.alive = place, False
        self.wires: set[asyncio.StreamWriter] = set()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            self.alive = await self._answers()
            if not self.alive:
                for wire in tuple(self.wires):
                    wire.transport.abort()
            await asyncio.sleep(LOOK_EVERY)

    async def _answers(self) -> bool:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(TOO_LONG):
                reader, writer = await asyncio.open_connection(*self.place)
                try:
                    writer.write(ALIVE)
                    return b" 200 " in await reader.readline()
                finally:
                    writer.transport.abort()
        return False


class Balancer:
    """Joins each connection with the next backend that is alive."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Listens nowhere yet."""
        self.backends = [Backend(place) for place in places]
        self._next = itertools.cycle(self.backends)
        self._watching: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def open(self, address: str) -> str:
        """Listen on a free port, and give back the address."""
        self._watching = [asyncio.create_task(backend.watch()) for backend in self.backends]
        self._server = await asyncio.start_server(self._serve, address, 0)
        return f"http://{address}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Break off everything."""
        if self._server is not None:
            self._server.close()
        for task in self._watching:
            task.cancel()
        for backend in self.backends:
            for wire in tuple(backend.wires):
                wire.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self.backends:
            backend = next(self._next)
            if backend.alive and await self._joined(backend, reader, writer):
                return
        writer.transport.abort()

    async def _joined(
        self, backend: Backend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        try:
            async with asyncio.timeout(TOO_LONG):
                back, out = await asyncio.open_connection(*backend.place)
        except (OSError, TimeoutError):
            return False
        backend.wires |= {writer, out}
        try:
            await asyncio.gather(_carry(reader, out), _carry(back, writer))
        finally:
            backend.wires -= {writer, out}
        return True


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
