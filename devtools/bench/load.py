"""The carrier in a hurry: signed requests over kept connections, all from one thread.

The callers run on the cores of the server that they measure. Requests are signed before they are
due, and one loop sends and receives for all connections, so that the callers cost little.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import html
import re
import selectors
import socket
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from devtools.bench.cast import LINE

CONNECTIONS = 8
SILENCE = 30.0
"""Seconds without any answer after which the server has failed."""

_ACTION = re.compile(r'action="([^"]+)"')
_ROOM = re.compile(r'waitUrl="([^"]+)"')
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds after the request was due."""

    status: int
    body: str
    seconds: float

    @property
    def action(self) -> str:
        """The path that the document asks next."""
        return self._path(_ACTION)

    @property
    def waiting_room(self) -> str:
        """The path of the music, where the document lets the caller wait."""
        return self._path(_ROOM)

    def _path(self, where: re.Pattern[str]) -> str:
        found = where.search(self.body)
        if self.status != 200 or found is None:
            raise ValueError(f"{self.status} goes another way: {self.body[:200]}")
        return urlsplit(html.unescape(found[1])).path


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request of the carrier about one call; ``kind`` is the name of its row in the report."""

    kind: str
    path: str
    sid: str
    phone: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Carrier:
    """Signs requests for one server."""

    port: int
    token: str

    @property
    def public_url(self) -> str:
        """The address that is signed."""
        return f"http://127.0.0.1:{self.port}"

    def sign(self, webhook: Webhook) -> bytes:
        """The whole request, as it goes over the wire."""
        about, encoded = _encode(webhook.sid, webhook.phone)
        form = about | dict(webhook.fields)
        signed = f"{self.public_url}{webhook.path}{''.join(k + form[k] for k in sorted(form))}"
        digest = hmac.digest(self.token.encode(), signed.encode(), hashlib.sha1)
        body = f"{encoded}&{urlencode({'CallStatus': 'in-progress', **webhook.fields})}"
        return (
            f"POST {webhook.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            f"X-Twilio-Signature: {base64.b64encode(digest).decode()}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def fire(self, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Sequence[Answer]:
        """Send all of them over so many connections, as fast as they are answered."""
        waiting = iter(enumerate(requests))
        answers: dict[int, Answer] = {}
        talk(self.port, [_send_each(waiting, answers) for _ in range(connections)])
        return [answers[place] for place in range(len(requests))]


Speaker = Generator[tuple[float, bytes], Answer, None]
"""Yields when to send a request (of ``time.perf_counter``) and the request; receives its answer."""


def _send_each(waiting: Iterator[tuple[int, bytes]], answers: dict[int, Answer]) -> Speaker:
    for place, request in waiting:
        answers[place] = yield 0.0, request


def talk(port: int, speakers: Iterable[Speaker], until: float = float("inf")) -> None:
    """Give each speaker a connection of its own, and return when all have finished. Speakers that
    have not finished by ``until`` are left without an answer.

    A speaker whose connection fails gets the OSError.
    """
    with selectors.DefaultSelector() as selector:
        loop = _Loop(port, selector)
        try:
            for speaker in speakers:
                loop.go_on(_Line(speaker), None)
            loop.run(until)
        finally:
            loop.close()


class _Line:
    """A speaker, and the connection that it speaks over."""

    __slots__ = ("due", "received", "request", "socket", "speaker")

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.socket: socket.socket | None = None
        self.due, self.request, self.received = 0.0, b"", b""


class _Loop:
    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port, self._selector = port, selector
        self._due: list[tuple[float, int, _Line]] = []
        self._asking: dict[_Line, None] = {}
        self._order = 0

    def run(self, until: float) -> None:
        while self._due or self._asking:
            now = time.perf_counter()
            while self._due and self._due[0][0] <= now:
                self._ask(heapq.heappop(self._due)[2])
            if now > until:
                return
            self._hear(self._until_next(until, now))

    def go_on(self, line: _Line, answer: Answer | OSError | None) -> None:
        """Take a speaker's next request."""
        with suppress(StopIteration):
            if isinstance(answer, OSError):
                self._hang_up(line)
                line.due, line.request = line.speaker.throw(answer)
            elif answer is None:
                line.due, line.request = next(line.speaker)
            else:
                line.due, line.request = line.speaker.send(answer)
            self._order += 1
            heapq.heappush(self._due, (line.due, self._order, line))
            return
        self._hang_up(line)

    def close(self) -> None:
        for line in [*self._asking, *(line for _, _, line in self._due)]:
            line.speaker.close()
            self._hang_up(line)

    def _until_next(self, until: float, now: float) -> float:
        next_due = self._due[0][0] if self._due else now + SILENCE
        return max(0.0, min(next_due, until) - now)

    def _ask(self, line: _Line) -> None:
        try:
            if line.socket is None:
                line.socket = socket.create_connection(("127.0.0.1", self._port), SILENCE)
                line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._selector.register(line.socket, selectors.EVENT_READ, line)
            self._asking[line] = None
            line.socket.sendall(line.request)
        except OSError as error:
            self._asking.pop(line, None)
            self.go_on(line, error)

    def _hear(self, seconds: float) -> None:
        ready = self._selector.select(seconds)
        if not ready and not self._due and seconds >= SILENCE:
            raise TimeoutError("the server answers nobody")
        for key, _ in ready:
            self._receive(key.data)

    def _receive(self, line: Any) -> None:
        assert line.socket is not None  # noqa: S101  it is what was ready
        try:
            received = line.socket.recv(65536)
            if not received:
                raise ConnectionError("the server hung up")
        except OSError as error:
            self._asking.pop(line, None)
            self.go_on(line, error)
            return
        line.received += received
        answer = _read(line.received, line.due)
        if answer is not None:
            line.received = b""
            del self._asking[line]
            self.go_on(line, answer)

    def _hang_up(self, line: _Line) -> None:
        if line.socket is not None:
            self._selector.unregister(line.socket)
            line.socket.close()
            line.socket = None


def _read(received: bytes, due: float) -> Answer | None:
    """A whole answer, or None while more of it is to come."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return None
    found = _LENGTH.search(head)
    if len(body) < int(found[1] if found else 0):
        return None
    return Answer(int(head.split(b" ", 2)[1]), body.decode(), time.perf_counter() - due)


@lru_cache(maxsize=4096)
def _encode(sid: str, phone: str) -> tuple[dict[str, str], str]:
    """The fields of every request about a call, and the form of all but the state of the call."""
    about = _about(sid, phone)
    return about, urlencode({name: value for name, value in about.items() if name != "CallStatus"})


def _about(sid: str, caller: str) -> dict[str, str]:
    """The fields that the carrier sends with every request about a call."""
    whose = {"From": caller, "To": LINE, "Caller": caller, "Called": LINE}
    places = {f"{who}{what}": "" for who in whose for what in ("City", "State", "Zip")}
    lands = {f"{who}Country": "NL" for who in whose}
    call = {"CallSid": sid, "AccountSid": "AC" + "0" * 32, "CallStatus": "in-progress"}
    kind = {"Direction": "inbound", "ApiVersion": "2010-04-01", "StirVerstat": "", "CallToken": "x"}
    return call | whose | places | lands | kind
