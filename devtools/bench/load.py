"""The carrier in a hurry: signed requests over kept connections, as fast as they go."""

from __future__ import annotations

import html
import re
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from devtools.bench.cast import LINE

CONNECTIONS = 8
_ACTION = re.compile(r'action="([^"]+)"')
_ROOM = re.compile(r'waitUrl="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds."""

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
class Carrier:
    """Signs requests for one server."""

    port: int
    token: str

    @property
    def public_url(self) -> str:
        """The address that is signed."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, path: str, sid: str, caller: str, **more: str) -> bytes:
        """A webhook about a call, whole, as it goes over the wire."""
        form = _about(sid, caller) | more
        validator: Any = RequestValidator(self.token)
        signature = validator.compute_signature(self.public_url + path, form)
        body = urlencode(form)
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\nX-Twilio-Signature: {signature}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def fire(self, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Volley:
        """Send all of them over so many connections, and wait for the last answer."""
        waiting = iter(enumerate(requests))
        answers: list[Answer | None] = [None] * len(requests)
        with ThreadPoolExecutor(connections) as callers:
            lines = [self.connect() for _ in range(connections)]
            began = time.perf_counter()
            for done in [callers.submit(_talk, line, waiting, answers) for line in lines]:
                done.result()
            took = time.perf_counter() - began
        return Volley(took, [answer for answer in answers if answer is not None])

    def connect(self) -> socket.socket:
        """A new connection to the server."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line


@dataclass(frozen=True, slots=True)
class Volley:
    """What became of many requests."""

    seconds: float
    answers: Sequence[Answer]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds


def ask(line: socket.socket, request: bytes) -> Answer:
    """Send a request and wait for the whole answer."""
    began = time.perf_counter()
    line.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(line)
    head, _, body = received.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while len(body) < int(found[1] if found else 0):
        body += _more(line)
    return Answer(int(head.split(b" ", 2)[1]), body.decode(), time.perf_counter() - began)


def _more(line: socket.socket) -> bytes:
    received = line.recv(65536)
    if not received:
        raise ConnectionError("the server hung up")
    return received


def _talk(
    line: socket.socket, waiting: Iterator[tuple[int, bytes]], answers: list[Answer | None]
) -> None:
    with closing(line):
        for place, request in waiting:
            answers[place] = ask(line, request)


def _about(sid: str, caller: str) -> dict[str, str]:
    """The fields that the carrier sends with every request about a call."""
    whose = {"From": caller, "To": LINE, "Caller": caller, "Called": LINE}
    places = {f"{who}{what}": "" for who in whose for what in ("City", "State", "Zip")}
    lands = {f"{who}Country": "NL" for who in whose}
    call = {"CallSid": sid, "AccountSid": "AC" + "0" * 32, "CallStatus": "in-progress"}
    kind = {"Direction": "inbound", "ApiVersion": "2010-04-01", "StirVerstat": "", "CallToken": "x"}
    return call | whose | places | lands | kind
