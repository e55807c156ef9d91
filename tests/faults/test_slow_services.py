"""Services outside that hang, or send a byte now and then: telephones ring all the same.

Each service here goes on for ever, so that without a deadline, or with hands that telephones and
the rest share, a test of this file would wait for ever.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from carrier.client import CALLS
from carrier.outbound import BREAKERS
from routing import events
from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import CheckCall, FetchRecording, Job, Lane
from routing.line import Channel
from routing.message import Message
from routing.recording import Purpose, Recording
from settings import Settings
from tests.faults.conftest import SANNE, FaultyLine
from tests.slow_services import Pieces, endless_welcome, slow
from tests.store.cast import LINE
from workers.clock import choose_rule
from workers.context import WorkerContext
from workers.job_pool import (
    CLOCK_THREADS,
    WITH_BELL,
    WORKER_THREADS,
    Dispatcher,
    LookRule,
    start_pool,
)
from workers.listener import Bell

LONG = 20.0
"""Seconds in which even a busy machine gets there."""


class Carrier(ThreadingHTTPServer):
    """Places calls; whatever ``holds`` names is held, or answered a byte at a time for ever."""

    daemon_threads = True

    def __init__(self, holds: Callable[[str, str], bool], trickles: bool) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.holds, self.trickles = holds, trickles
        self.end = threading.Event()
        self.rung: list[str] = []
        self.rang = threading.Condition()
        self.held = threading.Semaphore(0)

    def until_rung(self, number: str) -> None:
        """Wait until this telephone was rung."""
        with self.rang:
            assert self.rang.wait_for(lambda: number in self.rung, LONG), f"{number} is not rung"

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody has hung up."""


class Asked(BaseHTTPRequestHandler):
    server: Carrier
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        if self.server.holds(self.path, body):
            self.server.held.release()
            self.hold()
            return
        if self.path.endswith("/Calls.json") and self.command == "POST":
            with self.server.rang:
                self.server.rung.append("+" + body.partition("To=%2B")[2].partition("&")[0])
                self.server.rang.notify_all()
        placed = {"sid": f"CA{len(self.server.rung):032}", "status": "queued"}
        told = json.dumps(placed if self.command == "POST" else {"calls": []}).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def hold(self) -> None:
        if self.server.trickles:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.end.wait(0.05):
            if self.server.trickles:
                self.wfile.write(b"a")
        self.close_connection = True

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def carrier_that(holds: Callable[[str, str], bool], trickles: bool) -> Iterator[Carrier]:
    server = Carrier(holds, trickles)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.end.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def clock_of(context: WorkerContext) -> Iterator[None]:
    """A clock process, in a thread."""
    with dispatching(context, CLOCK_THREADS, partial(choose_rule, context)):
        yield


@contextmanager
def worker_of(context: WorkerContext) -> Iterator[None]:
    """A worker process, in threads, with no clock beside it."""
    with dispatching(context, WORKER_THREADS, lambda: WITH_BELL):
        yield


@contextmanager
def dispatching(
    context: WorkerContext, counts: Mapping[Lane, int], rule: Callable[[], LookRule]
) -> Iterator[None]:
    end = threading.Event()
    with start_pool(context, counts, lambda lane: None) as hands:
        dispatcher = Dispatcher(context, hands)
        bell = Bell(context.services.settings, end, dispatcher.wake)
        bell.start()
        thread = threading.Thread(target=dispatcher.run, args=(hands, end, rule))
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()
            bell.join()


Crew = Callable[[WorkerContext], AbstractContextManager[None]]


@pytest.fixture(params=[clock_of, worker_of])
def crew(request: pytest.FixtureRequest, redis_url: str) -> Crew:
    """A clock without workers, or a worker without a clock."""
    works: Crew = request.param
    return works


@contextmanager
def line_with(settings: Settings, **changes: str) -> Iterator[FaultyLine]:
    line = FaultyLine(settings.model_copy(update=changes))
    line.open()
    try:
        yield line
    finally:
        line.close()


def level_1(line: FaultyLine) -> None:
    """A stranger calls, and Sanne is to be rung."""
    desk = line.services.call_service
    call = desk.answer("CA1", LINE.number, "anonymous").case.call
    assert call is not None
    for key in ("1", "0#", "0#", "1", "1"):
        now = desk.call(call.id).call
        assert now is not None
        if key == "0#":
            desk.contract_keyed(call.id, now.turn, key)
        else:
            desk.happen(events.Chose(call.id, now.turn, key))


def letters(line: FaultyLine, channel: Channel) -> None:
    """More letters than there are hands for them."""
    now, to = line.context.clock(), {Channel.EMAIL: "sanne@example.org"}
    written = [
        Message(f"l{n}", "main", now, "sanne", channel, to.get(channel, SANNE), "nl", "daily_cap",
               (("name", "Sanne"), ("cap", 40)))
        for n in range(12)
    ]  # fmt: skip
    line.services.call_service.notifier.notify(
        line.services.call_service.calls.messages.send(written, now)
    )


def recordings(line: FaultyLine) -> None:
    """More recordings than there are hands for them."""
    now, api = line.context.clock(), line.settings.twilio_api_url
    matter = Case(Call("spoken", "CA-spoken", "main", "", None, "nl", now))
    spoken = tuple(
        Recording(f"r{n}", "main", "an incident", now, Purpose.MESSAGE, f"{api}/Recordings/RE{n}")
        for n in range(12)
    )
    due = tuple(Job(now, FetchRecording(one.id)) for one in spoken)
    decision = Decision(matter, jobs=due, recordings=spoken)
    _, told = line.services.call_service.calls.save(Case(), decision, now)
    line.services.call_service.notifier.notify(told)


def callers(line: FaultyLine) -> None:
    """More callers to be asked after than there are hands."""
    now = line.context.clock()
    for n in range(20):
        call = Call(f"c{n}", f"CA{n:032}", "main", "", None, "nl", now)
        due = (Job(now, CheckCall(call.id)),)
        _, told = line.services.call_service.calls.save(Case(), Decision(Case(call), jobs=due), now)
        line.services.call_service.notifier.notify(told)


@pytest.mark.parametrize("pieces", [None, endless_welcome])
def test_an_engineer_is_rung_while_the_mail_server_lets_us_wait(
    line_settings: Settings, crew: Crew, pieces: Pieces | None
) -> None:
    with slow(pieces) as server, carrier_that(lambda *_: False, trickles=False) as carrier:
        mail = {"mail_url": f"smtp://127.0.0.1:{server.port}", "mail_from": "line@example.org"}
        api = f"http://127.0.0.1:{carrier.server_port}"
        with line_with(line_settings, twilio_api_url=api, **mail) as line:
            letters(line, Channel.EMAIL)
            with crew(line.context):
                assert server.taken.acquire(timeout=LONG)
                level_1(line)
                carrier.until_rung(SANNE)
                assert server.holding, "the mail server was not waited for any more"
                assert server.left.acquire(timeout=LONG), "a mail holds a hand for ever"


SLOW_PARTS = {
    "texts": (lambda line: letters(line, Channel.SMS), "/Messages.json"),
    "recordings": (recordings, "/Recordings/"),
    "calls asked after": (callers, "/Calls/"),
}
"""What is to be asked of the carrier, and the part of its interface that never answers."""


@pytest.mark.parametrize("trickles", [False, True])
@pytest.mark.parametrize("part", SLOW_PARTS)
def test_an_engineer_is_rung_while_another_part_of_the_carrier_lets_us_wait(
    line_settings: Settings, crew: Crew, part: str, trickles: bool
) -> None:
    asks, path = SLOW_PARTS[part]
    with carrier_that(lambda asked, _: path in asked, trickles) as carrier:
        api = f"http://127.0.0.1:{carrier.server_port}"
        with line_with(line_settings, twilio_api_url=api) as line, crew(line.context):
            asks(line)
            assert carrier.held.acquire(timeout=LONG)
            level_1(line)
            carrier.until_rung(SANNE)
            assert CALLS not in BREAKERS.opened()
