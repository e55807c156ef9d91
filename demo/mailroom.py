"""A post office that keeps every e-mail of the line, so that the page can show it."""

from __future__ import annotations

import asyncio
import datetime as dt
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from works import LOOPBACK

Json = dict[str, Any]

_REPLIES = {"QUIT": "221 goodbye", "DATA": "354 go on"}


class Mailroom:
    """Speaks as much SMTP as one sender needs."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.letters: list[Json] = []

    async def open(self, port: int) -> asyncio.Server:
        """Take letters on this port of loopback until the server is closed."""
        return await asyncio.start_server(self._serve, LOOPBACK, port)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # who only looks in
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        await _say(writer, "220 mailroom")
        while line := await reader.readline():
            verb = line[:4].decode("latin-1").upper()
            await _say(writer, _REPLIES.get(verb, "250 yes"))
            if verb == "DATA":
                text = await reader.readuntil(b"\r\n.\r\n")
                self._keep(message_from_bytes(text.removesuffix(b".\r\n"), policy=default))
                await _say(writer, "250 kept")
            if verb == "QUIT":
                break

    def _keep(self, letter: EmailMessage) -> None:
        self.letters.append(
            {
                "id": f"letter-{len(self.letters) + 1}",
                "to": str(letter["To"]),
                "subject": str(letter["Subject"]),
                "at": dt.datetime.now(dt.UTC).isoformat(),
            }
        )


async def _say(writer: StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()
