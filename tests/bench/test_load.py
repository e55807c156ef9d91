"""The callers of the benchmarks: they sign as the carrier does, and ask as fast as it answers."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from devtools.bench import cast
from devtools.bench.callers import WAITING_CALL, WEIGHTS, Customer, Exchange
from devtools.bench.load import Answer, Carrier, Speaker, Webhook, talk
from routing.line import Channel
from routing.page import Page

TOKEN = "t0ken"
AT = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


class Echo(BaseHTTPRequestHandler):
    """Answers with the path; hangs up, or never answers, where it is asked to."""

    protocol_version = "HTTP/1.1"
    over = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/silence":
            self.over.wait(30)
        if self.path in ("/silence", "/hang_up"):
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.path)))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Echo.over.clear()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Carrier(server.server_port, TOKEN)
        Echo.over.set()
        server.shutdown()
        thread.join()


def ask(path: str) -> Webhook:
    return Webhook("incoming", path, "CA1", cast.phone(0), {"Digits": "482913#"})


def test_a_request_is_signed_as_the_carrier_signs_it() -> None:
    carrier = Carrier(5000, TOKEN)
    head, _, body = carrier.sign(ask("/voice/incoming")).decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    form = dict(parse_qsl(body, keep_blank_values=True))
    address = "http://127.0.0.1:5000/voice/incoming"
    assert RequestValidator(TOKEN).validate(address, form, headers["X-Twilio-Signature"])
    assert (form["Digits"], form["CallStatus"], form["From"]) == (
        "482913#",
        "in-progress",
        cast.phone(0),
    )
    assert int(headers["Content-Length"]) == len(body)


def test_each_answer_is_found_at_the_place_of_its_request(carrier: Carrier) -> None:
    paths = [f"/{place}" for place in range(40)]
    answers = carrier.fire([carrier.sign(ask(path)) for path in paths], connections=4)
    assert [answer.body for answer in answers] == paths


def test_a_speaker_without_an_answer_is_left_at_the_deadline(carrier: Carrier) -> None:
    ended = []

    def wait_for_ever() -> Speaker:
        try:
            yield 0.0, carrier.sign(ask("/silence"))
        finally:
            ended.append("left")

    talk(carrier.port, [wait_for_ever()], until=time.perf_counter())
    assert ended == ["left"]


def test_a_speaker_hears_that_its_connection_failed(carrier: Carrier) -> None:
    heard = []

    def speak() -> Speaker:
        try:
            yield 0.0, carrier.sign(ask("/hang_up"))
        except OSError as error:
            heard.append(error)
        answer = yield 0.0, carrier.sign(ask("/once_more"))
        heard.append(answer.body)

    talk(carrier.port, [speak()])
    assert isinstance(heard[0], ConnectionError)
    assert heard[1] == "/once_more"


def test_a_whole_call_asks_each_webhook_that_is_weighed() -> None:
    leg = Page("leg", AT, "sanne0", Channel.CALL, cast.engineer_phone(0), take_key="7")
    assert set(WEIGHTS) == set(kinds_of(Customer(cast.phone(0)).be_helped(lambda sid: leg)))


def test_a_call_in_vain_asks_ten_webhooks() -> None:
    assert kinds_of(Customer(cast.phone(0)).wait_in_vain()) == list(WAITING_CALL)


def kinds_of(call: Exchange) -> list[str]:
    document = Answer(200, '<Enqueue action="/next" waitUrl="/wait"/>', 0.0)
    kinds = [next(call).kind]
    try:
        while True:
            kinds.append(call.send(document).kind)
    except StopIteration:
        return kinds
