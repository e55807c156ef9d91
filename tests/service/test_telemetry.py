"""Errors and traces leave the real processes, and nothing of a caller goes with them."""

import datetime as dt
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from twilio.request_validator import RequestValidator

from devtools.processes.tied import tied_to_us
from routing.contracts import Contact, Contract
from service import telemetry
from service.telemetry import strip_event
from store.db.engine import open_engine
from store.people.lines import apply_line
from tests.ivr_app.console.web_process import HOUSE, web_running
from tests.receiver import receiving
from tests.store.cast import LINE

pytestmark = pytest.mark.timeout(240)  # real processes, on a machine that may be busy
TOKEN, CALLER, PIN = "a token of the tests", "+31687654321", "482913"
PERSONAL = (CALLER, CALLER[1:], "%2B31687654321", PIN, "Pieter", "geheim", "hunter2", "203.0.113.9")
WRAPPER = Path(sys.executable).with_name("opentelemetry-instrument")


@pytest.fixture
def environment(migrated_file, tmp_path):
    """The settings of a line on SQLite."""
    file = tmp_path / "line.db"
    file.write_bytes(migrated_file.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    contact = Contact("Pieter Geheim", (CALLER,), "not asked here", "nl")
    contract = Contract("100234", "Geheim BV", "msa_plus", contacts=(contact,))
    apply_line(engine, LINE, [contract], dt.datetime.now(dt.UTC))
    engine.dispose()
    return {
        "DATABASE_URL": f"sqlite:///{file}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "SECRET_KEY": "a key of the tests that is long",
        "FALLBACK_FILE": str(tmp_path / "fallback.json"),
        "MEDIA_DIR": str(tmp_path / "media"),
        "PYTHONPATH": str(HOUSE),
    }


def post(url, path, **fields):
    """A webhook as the carrier signs it."""
    form = {"CallSid": "CA" + "1" * 32, "From": CALLER, "To": LINE.number, **fields}
    signature = RequestValidator(TOKEN).compute_signature(url + path, form)
    headers = {"X-Twilio-Signature": signature, "X-Forwarded-For": "203.0.113.9"}
    return requests.post(url + path, form, headers=headers, timeout=60)


def break_database(environment):
    """Take away a table that every call needs: the error has the statement and its values."""
    with sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        database.execute("DROP TABLE journal")


def read_report(body):
    """The event of an envelope, which has a header and an item."""
    lines = body.split(b"\n")
    return next(each for each in map(json.loads, filter(None, lines)) if "exception" in each)


def test_an_error_of_a_webhook_is_reported_without_the_caller_and_delays_no_answer(environment):
    with receiving() as receiver:
        receiver.answers.clear()  # the service of reports hangs
        dsn = {"SENTRY_DSN": f"http://public@127.0.0.1:{receiver.port}/7"}
        with web_running(environment | dsn) as web:
            assert "<Response>" in post(web.url, "/voice/incoming").text
            break_database(environment)
            answers = [
                post(web.url, "/voice/incoming", CallSid=f"CA{n}", Digits=PIN, CallerName="Pieter")
                for n in range(3)
            ]
            assert [answer.status_code for answer in answers] == [200] * 3
            path, body = receiver.next()  # and only now the service gets to answer
            receiver.answers.set()
        assert path == "/api/7/envelope/"
        event = read_report(body)
        kinds = [error["type"] for error in event["exception"]["values"]]
        assert "OperationalError" in kinds
        assert event["tags"] == {"place": "voice.incoming"}
        assert event["release"].startswith("priority-line@")
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        assert any(frame["function"] == "incoming" for frame in frames)
        assert find_personal(body) == []


@contextmanager
def running(module, environment, receiver):
    """A process that reports errors to this receiver."""
    told = environment | {"SENTRY_DSN": f"http://public@127.0.0.1:{receiver.port}/7"}
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=HOUSE,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", **told},
        preexec_fn=tied_to_us(),
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_errors_of_workers_and_clocks_are_reported(environment):
    """Each reports its own; they start at the same time, because that takes longest."""
    with sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        database.execute("ALTER TABLE jobs RENAME COLUMN lane TO hunter2")
    with receiving() as of_worker, receiving() as of_clock, ExitStack() as started:
        for kind, receiver in (("workers", of_worker), ("workers.clock", of_clock)):
            started.enter_context(running(kind, environment, receiver))
        for receiver in (of_worker, of_clock):
            body = receiver.next()[1]
            event = read_report(body)
            assert event["exception"]["values"][-1]["type"] == "OperationalError"
            assert find_personal(body) == []


def find_personal(body):
    """What of a caller is in bytes that left."""
    return [word for word in PERSONAL if word.lower().encode() in body.lower()]


def read_spans(receiver, enough):
    """All spans that arrive until these are there, and the bytes that they came in."""
    spans, bodies = [], b""
    while not enough <= {span.name for span in spans}:
        path, body = receiver.next()
        assert path == "/v1/traces"
        message = ExportTraceServiceRequest.FromString(body)
        for resource in message.resource_spans:
            spans += [span for scope in resource.scope_spans for span in scope.spans]
        bodies += body
    return spans, bodies


def trace_to(receiver):
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_SERVICE_NAME": "priority-line",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }


def test_traces_of_webhooks_arrive_without_the_caller(environment):
    """Through the processes that gunicorn forks after everything is built."""
    with (
        receiving() as receiver,
        web_running(environment | trace_to(receiver), wrapper=[WRAPPER, "--"]) as web,
    ):
        answer = post(web.url, "/voice/incoming").text
        action = re.search(r'action="([^"#]+)', answer)[1]
        post(web.url, action.removeprefix(web.url).replace("&amp;", "&"), Digits=PIN)
        for path in (f"/no/{CALLER}", "/ack/geheim", f"/console/?q={CALLER}", "/portal/geheim"):
            requests.get(web.url + path, headers={"User-Agent": "hunter2"}, timeout=60)
        post(web.url, f"/voice/call/{PIN}/key/x?sig=geheim")
        break_database(environment)
        post(web.url, "/voice/incoming", CallSid="CA2")
        post(web.url, "/voice/leg/geheim/status", CallSid="CA3")
        wanted = {"POST /voice/incoming", "GET /ack/<token>", "POST /voice/leg/<leg_id>/status"}
        spans, bodies = read_spans(receiver, wanted)
    names = {span.name for span in spans}
    assert any(name.startswith("POST /voice/call/<") for name in names)
    assert any(name.startswith(("SELECT", "INSERT", "UPDATE")) for name in names)
    incoming = [span for span in spans if span.name == "POST /voice/incoming"]
    inside = {span.trace_id for span in spans if span.name.startswith("INSERT")}
    assert {span.trace_id for span in incoming} & inside
    assert find_personal(bodies) == []
    assert all(not span.events and not span.status.message for span in spans)
    assert {each.key for span in spans for each in span.attributes} <= telemetry.SPAN_ATTRIBUTES


OUTGOING = f"""
import requests
from opentelemetry import trace
from service.telemetry import restrict_traces, trace_job

restrict_traces()
restrict_traces()
requests.post("http://127.0.0.1:%d/Lookups/{CALLER}.json?To={CALLER}", json=["{PIN}"])
try:
    with trace.get_tracer("ours").start_as_current_span("{CALLER}", attributes={{"who": "Pieter"}}):
        raise ValueError("Pieter {CALLER}")
except ValueError:
    pass
with trace_job("ring"):
    pass
trace.get_tracer_provider().shutdown()
"""


def test_an_exchange_with_a_service_is_traced_without_its_address():
    with receiving() as receiver:
        told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), **trace_to(receiver)}
        script = [WRAPPER, sys.executable, "-c", OUTGOING % receiver.port]
        subprocess.run(script, env=told, cwd=HOUSE, check=True)
        assert receiver.next()[0].startswith("/Lookups/")  # what was sent is not ours to hide
        spans, body = read_spans(receiver, {"POST", "ours", "job ring"})
    assert find_personal(body) == []
    assert len({span.trace_id for span in spans}) == 3


def test_reports_without_their_package_are_one_sentence(environment, tmp_path):
    (tmp_path / "sentry_sdk.py").write_text("raise ImportError")
    told = environment | {"SENTRY_DSN": "https://public@errors.example.org/7"}
    told |= {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path}:{HOUSE}", "ENV_FILE": ""}
    gunicorn = Path(sys.executable).with_name("gunicorn")
    web = [gunicorn, "--config", "gunicorn_conf.py", "ivr_app:create_app()"]
    commands = ([sys.executable, "-m", "workers.clock"], web)
    both = [
        subprocess.Popen(
            command,
            cwd=HOUSE,
            env=told,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=tied_to_us(),
        )
        for command in commands
    ]
    for process in both:
        _, written = process.communicate(timeout=120)
        assert process.returncode != 0
        assert "Traceback" not in written
        assert [row for row in written.splitlines() if "sentry-sdk" in row] == [
            "SENTRY_DSN is set and needs the package sentry-sdk: "
            "run pip install 'priority-line[errors]'."
        ]


def test_an_event_keeps_only_what_is_listed():
    event = {
        "event_id": "1",
        "message": CALLER,
        "logentry": {"params": [CALLER]},
        "request": {"url": f"https://line/ack/geheim?{CALLER}", "data": {"Digits": PIN}},
        "user": {"ip_address": "203.0.113.9"},
        "breadcrumbs": {"values": [{"message": CALLER}]},
        "extra": {"sys.argv": ["forget", CALLER]},
        "contexts": {"trace": {"data": CALLER}},
        "tags": {"place": "voice.incoming", "number": CALLER},
        "exception": {
            "values": [
                {
                    "type": "ValueError",
                    "value": f"no such number: {CALLER}",
                    "stacktrace": {
                        "frames": [
                            {"function": "f", "vars": {"pin": PIN}, "context_line": f"x = '{PIN}'"}
                        ]
                    },
                },
                {"type": "Other", "stacktrace": None},
            ]
        },
    }
    kept = strip_event(event, {})
    assert kept == {
        "event_id": "1",
        "tags": {"place": "voice.incoming"},
        "exception": {
            "values": [
                {"type": "ValueError", "stacktrace": {"frames": [{"function": "f"}]}},
                {"type": "Other", "stacktrace": {"frames": []}},
            ]
        },
    }
