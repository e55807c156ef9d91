"""A stranger learns nothing: every address, every method, every way for a request to break."""

from __future__ import annotations

import io
import itertools
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from tests.faults.conftest import FaultyLine, RealWeb
from tests.store.cast import LINE, PIETER

CARRIERS = ("/voice/", "/sms/")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
FORM = {"CallSid": "CA1", "To": LINE.number, "From": PIETER, "Body": "1001", "Digits": "1"}
MUSIC = "/voice/music.wav"
SECRETS = (
    *LINE.last_resort,
    *(phone for engineer in LINE.engineers for phone in engineer.phones),
    *(engineer.name for engineer in LINE.engineers),
)
FILLED = {"<int:number>": "1001", "<int:place>": "1", "<int:turn>": "1"}


class Broken(io.RawIOBase):
    """A body that breaks off while it is read, as a connection does."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise OSError("the connection broke")


@dataclass(frozen=True)
class Body:
    """What is sent with a request, and the headers that go with it."""

    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    environ: dict[str, Any] = field(default_factory=dict)


def bodies() -> Iterator[tuple[str, Body]]:
    """Requests as nobody should send them; made anew because a stream is read once."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    yield "plain", Body(FORM)
    yield "forged", Body(FORM, {"X-Twilio-Signature": "Zm9yZ2Vk"})
    yield "not ASCII", Body(FORM, {"X-Twilio-Signature": "é" * 14})
    yield (
        "sha256",
        Body(
            FORM,
            {
                "X-Twilio-Signature": "Zm9yZ2Vk",
                "X-Twilio-Webhooks-Signature-Settings": "key=x,algorithm=HMAC_SHA256",
            },
        ),
    )
    yield "range", Body(None, {"Range": "bytes=99999999-"})
    yield "no range", Body(None, {"Range": "lines=a-b"})
    yield "json", Body(b'{"CallSid": "CA1"', {"Content-Type": "application/json"})
    yield "no boundary", Body(b"--x\r\n", {"Content-Type": "multipart/form-data"})
    yield "no parts", Body(b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"})
    yield "oversized", Body(b"Body=" + b"x" * 300_000, form)
    yield "short", Body(b"Body=1", form, {"CONTENT_LENGTH": "4000"})
    yield "no length", Body(b"Body=1", form, {"CONTENT_LENGTH": "many"})
    yield "negative", Body(b"Body=1", form, {"CONTENT_LENGTH": "-1"})
    yield "not text", Body(b"Body=%ff%fe\xff&%00=\x00", form)
    broken = io.BufferedReader(Broken())
    stream = {"wsgi.input": broken, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    yield "broken", Body(None, form, stream)


def addresses(app: Flask, below: str = "") -> list[str]:
    """Every address of an application with something in each blank, and one that it has not."""
    found = {"/nothing/here"}
    for rule in app.url_map.iter_rules():
        filled = rule.rule
        for blank, value in FILLED.items():
            filled = filled.replace(blank, value)
        found.add(re.sub(r"<[^>]*>", "a", filled))
    return sorted(f"{below}{one}" for one in found)


def ask(line: FaultyLine, path: str, method: str, body: Body) -> tuple[int, str]:
    answer = line.http.open(
        path,
        method=method,
        data=body.data,
        headers=body.headers,
        environ_overrides=body.environ,
        buffered=True,
    )
    with answer:
        return answer.status_code, answer.data.decode(errors="replace")


@pytest.mark.parametrize("method", METHODS)
def test_an_unproven_request_is_told_nothing_whatever_breaks(line: FaultyLine, method: str) -> None:
    paths = [
        *addresses(line.app),
        *("/voice/nothing", "/sms/nothing", "/voice/", "/voice//incoming", "//voice/incoming"),
    ]
    assert sum(path.startswith(CARRIERS) for path in paths) > 30
    told, answered = [], []
    for turn, path in enumerate(paths):
        for name, body in some_bodies(method, turn):
            status, text = ask(line, path, method, body)
            if path.startswith(CARRIERS) and (path, method) not in (
                (MUSIC, "GET"),
                (MUSIC, "HEAD"),
            ):
                answered += [(path, name, status)] if status != 403 else []
            if "<Response" in text or any(secret in text for secret in SECRETS):
                told.append((path, name))
    assert (told, answered) == ([], [])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("annex", ["console", "api", "portal"])
def test_nor_is_a_stranger_at_the_console_or_the_api(
    line: FaultyLine, annex: str, method: str
) -> None:
    below = {"console": "/console", "api": "/api/v1", "portal": "/portal"}[annex]
    told = []
    for turn, path in enumerate(addresses(line.app.extensions[annex].app, below)):
        for name, body in some_bodies(method, turn):
            status, text = ask(line, path, method, body)
            if status >= 500 or any(secret in text for secret in SECRETS):
                told.append((path, name, status))
    assert told == []


def some_bodies(method: str, turn: int) -> Iterator[tuple[str, Body]]:
    """Every body with POST, which reads one; with other methods every fifth, so that five
    addresses in a row meet all of them."""
    for place, named in enumerate(bodies()):
        if method == "POST" or (place + turn) % 5 == 0:
            yield named


def test_the_music_needs_no_signature_and_its_failure_says_nothing(line: FaultyLine) -> None:
    whole, part = ask(line, MUSIC, "GET", Body()), Body(None, {"Range": "bytes=0-3"})
    assert (whole[0], ask(line, MUSIC, "GET", part)) == (200, (206, "RIFF"))
    beyond = Body(None, {"Range": "bytes=99999999-"})
    assert ask(line, MUSIC, "GET", beyond) == (403, "the signature does not hold\n")


def test_a_proven_request_that_fails_still_reaches_a_human(line: FaultyLine) -> None:
    assert LINE.engineers[0].phones[0] in line.ask("/voice/nowhere").text


RAW = {
    "a chunk of no size": ("Transfer-Encoding: chunked", b"zz\r\nCallSid=CA1\r\n0\r\n\r\n"),
    "a chunk too long": ("Transfer-Encoding: chunked", b"4\r\nCallSid=CA1\r\n0\r\n\r\n"),
    "a chunk that ends early": ("Transfer-Encoding: chunked", b"ff\r\nCallSid=CA1"),
    "a broken trailer": ("Transfer-Encoding: chunked", b"b\r\nCallSid=CA1\r\n0\r\n\x00: 1\r\n\r\n"),
    "a form that ends early": ("Content-Length: 400", b"CallSid=CA1"),
    "a form of no length": ("Content-Length: -4", b"CallSid=CA1"),
    "two lengths": ("Content-Length: 4\r\nContent-Length: 5", b"CallSid=CA1"),
    "an unknown coding": ("Transfer-Encoding: br", b"CallSid=CA1"),
    "a form too large": ("Content-Length: 300000", b"Body=" + b"x" * 299_995),
    "an expectation": ("Expect: 100-continue\r\nContent-Length: 11", b"CallSid=CA1"),
    "a range": ("Range: bytes=99999999-\r\nContent-Length: 0", b""),
}


def test_nor_does_the_real_server_tell_what_its_client_broke(real_web: RealWeb) -> None:
    paths = [path for path in addresses(real_web.line.app) if path.startswith(CARRIERS)]
    form = "Content-Type: application/x-www-form-urlencoded"
    told = []
    for turn, (path, method, broken) in enumerate(itertools.product(paths, METHODS, RAW)):
        if method != "POST" and turn % 4:
            continue  # every fourth, so that four addresses in a row meet all of them
        header, body = RAW[broken]
        head = f"{method} {path} HTTP/1.1\r\nHost: line.test\r\nConnection: close"
        text = spoken(real_web.port, f"{head}\r\n{header}\r\n{form}\r\n\r\n".encode() + body)
        last = text.removeprefix("HTTP/1.1 100 Continue\r\n\r\n")
        if "<Response" in text or any(secret in text for secret in SECRETS):
            told.append((method, path, broken))
        if path != MUSIC and not re.match(r"HTTP/1.1 (4|501)", last):
            told.append((method, path, broken))
    assert told == []


def spoken(port: int, request: bytes) -> str:
    """All that the server says to this, its headers too."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            parts = iter(lambda: connection.recv(65536), b"")
            return b"".join(parts).decode(errors="replace")
        except OSError:  # the server did not wait for the rest, and says nothing
            return "HTTP/1.1 400 reset"
