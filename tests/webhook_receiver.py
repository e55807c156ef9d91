"""A program that receives webhooks, over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()


class Program(ThreadingHTTPServer):
    """A ticket system: answers what it is told to, then 204."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hears)
        self.answers: list[int | threading.Event] = []
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.come = threading.Event()

    def hang(self) -> threading.Event:
        """Answer the next request only after this event."""
        hangs = threading.Event()
        self.answers = [hangs]
        return hangs

    @property
    def types(self) -> list[str]:
        """What the deliveries were about, in the order in which they came."""
        return [json.loads(body)["type"].removeprefix("incident.") for _, body in self.heard]


class _Hears(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)
        self.server.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.server.come.set()
        answer = self.server.answers.pop(0) if self.server.answers else 204
        if isinstance(answer, threading.Event):
            answer.wait(5)
            answer = 204
        self.send_response(answer)
        if answer == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def at_work() -> Iterator[Program]:
    """A program that listens, and ends with the context."""
    with serving(Program()) as server:
        yield server


Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """A server that answers until the context ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
