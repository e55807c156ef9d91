"""The courier and a real program over real HTTP: signed, tried again, given up."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from carrier.outbound import BREAKERS
from config.reader import SPOKEN
from routing import events
from routing.decision import Case, Decision
from routing.jobs import Job, Lane, Ring
from routing.line import IncidentHappening, Webhook, WebhookFormat
from routing.notify.webhook import WebhookEvent
from service.bootstrap import Services, build_services
from service.webhook_requests import CARD, read_words
from settings import Settings
from store.db.engine import writing
from store.people.lines import apply_line
from store.work.jobs import RECEIVER_AT_ONCE, JobQueue, write_jobs
from store.work.metrics import Heartbeats
from store.work.redis_client import NoJobNotifier, RqJobNotifier, connect_fail_fast
from store.work.webhooks import WebhookLog
from tests.conftest import Clock
from tests.slow_services import Pieces, endless_head, slow
from tests.store.cast import BAKERY, LINE, PIETER, incident
from tests.webhook_receiver import OLD, SECRET, Program, at_work
from workers import webhooks as road
from workers.context import WorkerContext, make_context
from workers.job_pool import WORKER_THREADS, Dispatcher, start_pool
from workers.jobs import JOB_HANDLERS, run_job
from workers.webhooks import PAUSE_AFTER_SILENCE, RETRY_DELAYS

OPENED = IncidentHappening.OPENED
LONG = 60.0
SILENT = ("ReadTimeout", "ConnectTimeout", "ConnectionError")
"""What no answer in time is called, by what was under way."""

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def program() -> Iterator[Program]:
    with at_work() as server:
        yield server


@pytest.fixture
def board(settings: Settings, program: Program, clock: Clock) -> Iterator[Services]:
    """A line whose ticket system is the program."""
    made = build_services(settings, NoJobNotifier(), clock)
    hook = Webhook("tickets", f"http://127.0.0.1:{program.server_port}/line", "WEBHOOK_TICKETS")
    apply_line(made.engine, replace(LINE, webhooks=(hook,)), [BAKERY], clock())
    yield made
    made.engine.dispose()


class Courier:
    """A worker with nothing but the lane of webhooks."""

    def __init__(self, services: Services) -> None:
        notifier = RqJobNotifier(connect_fail_fast(services.settings.redis_url), "test")
        self.queue = JobQueue(services.engine)
        self.context = WorkerContext(services, notifier, self.queue, Heartbeats(services.engine))

    def deliver_due(self) -> int:
        """Make one attempt of each job that is due; returns how many there were."""
        claimed = self.queue.claim(self.context.clock(), {Lane.WEBHOOKS: 9})
        for job in claimed:
            run_job(job, self.context)
        return len(claimed)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WEBHOOK_TICKETS", SECRET)
    yield
    BREAKERS.forget()


@pytest.fixture
def courier(board: Services) -> Courier:
    return Courier(board)


def call_and_take(board: Services) -> None:
    """A stranger's level 1, which Sanne takes by text."""
    desk = board.call_service
    call = desk.answer("CA1", LINE.number, "anonymous").case.call
    assert call is not None
    for key in ("1", "0#", "0#", "1", "1"):
        now = desk.call(call.id).call
        assert now is not None
        if key == "0#":
            desk.contract_keyed(call.id, now.turn, key)
        else:
            desk.happen(events.Chose(call.id, now.turn, key))
    incident = desk.call(call.id).incident
    assert incident is not None
    desk.happen(events.CallEnded(call.id))
    desk.happen(events.AcknowledgedWithoutKey(incident.key, "sanne"))


def bring_all(courier: Courier) -> None:
    while courier.deliver_due():
        pass


def documented() -> Callable[[Any, bytes, str], bool]:
    """The check that docs/integrate/webhooks.md gives to whoever writes a receiver."""
    text = (HOUSE / "docs" / "integrate" / "webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(import base64.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {"base64": base64, "hmac": hmac, "time": time}
    exec(code, names)  # noqa: S102 - our own words
    check: Callable[[Any, bytes, str], bool] = names["ours"]
    return check


def test_a_program_is_told_in_order_and_can_check_that_it_is_us(
    board: Services,
    courier: Courier,
    program: Program,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.now = dt.datetime.now(dt.UTC)
    call_and_take(board)
    monkeypatch.setenv("WEBHOOK_TICKETS_PREVIOUS", OLD)
    bring_all(courier)
    assert program.types == ["opened", "acknowledged"]
    ours = documented()
    for headers, body in program.heard:
        assert headers["content-type"] == "application/json"
        assert ours(headers, body, SECRET)
        assert ours(headers, body, OLD)
        assert not ours(headers, body + b" ", SECRET)
        assert not ours(headers, body, "whsec_" + base64.b64encode(bytes(32)).decode())
        assert not ours(headers | {"webhook-id": "another"}, body, SECRET)
        assert not ours(headers | {"webhook-timestamp": "1"}, body, SECRET)
    assert json.loads(program.heard[0][1])["data"]["id"] == 1001


def test_a_program_that_fails_once_gets_the_very_same_again_before_what_came_later(
    board: Services, courier: Courier, program: Program, clock: Clock
) -> None:
    program.answers = [500]
    call_and_take(board)
    bring_all(courier)
    assert program.types == ["opened"]
    clock.tick(RETRY_DELAYS[0].total_seconds() - 0.001)
    assert courier.deliver_due() == 0
    clock.tick(0.001)
    bring_all(courier)
    assert program.types == ["opened", "opened", "acknowledged"]
    (first, body), (second, again) = program.heard[:2]
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert first["webhook-timestamp"] != second["webhook-timestamp"]


@pytest.mark.parametrize("answer", [302, 400, 410])
def test_anything_but_2xx_is_not_taken_and_no_redirect_is_followed(
    board: Services, courier: Courier, program: Program, answer: int
) -> None:
    program.answers = [answer]
    call_and_take(board)
    bring_all(courier)
    assert len(program.heard) == 1
    (waits, _) = WebhookLog(board.engine).list_all()
    assert (waits["state"], waits["answer"]) == ("waiting", f"HTTP {answer}")


def test_a_program_that_is_slow_is_left_alone_for_a_while(
    board: Services,
    courier: Courier,
    program: Program,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(road, "TIMEOUT", 0.05)
    slow = threading.Event()
    program.answers = [slow]
    call_and_take(board)
    tell(board, 77, "tickets")
    bring_all(courier)
    slow.set()
    opened, acknowledged, another = WebhookLog(board.engine).list_all()
    assert opened["answer"] in SILENT
    assert opened["next_at"] == (clock() + RETRY_DELAYS[0]).isoformat()
    assert acknowledged["next_at"] == opened["next_at"]
    assert another["next_at"] == (clock() + PAUSE_AFTER_SILENCE).isoformat()
    monkeypatch.setattr(road, "TIMEOUT", 3.0)
    clock.tick(PAUSE_AFTER_SILENCE.total_seconds())
    bring_all(courier)
    assert sorted(program.types[-3:]) == ["acknowledged", "opened", "opened"]


@pytest.mark.parametrize("pieces", [None, endless_head])
def test_a_program_that_lets_us_wait_for_ever_keeps_no_other_from_hearing(
    settings: Settings,
    program: Program,
    clock: Clock,
    pieces: Pieces | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(road, "TIMEOUT", 0.3)
    with slow(pieces) as service:
        made = build_services(settings, NoJobNotifier(), clock)
        hooks = (
            Webhook("endless", f"{service.url}/line", "WEBHOOK_TICKETS"),
            Webhook("tickets", f"http://127.0.0.1:{program.server_port}/line", "WEBHOOK_TICKETS"),
        )
        apply_line(made.engine, replace(LINE, webhooks=hooks), [BAKERY], clock())
        call_and_take(made)
        bring_all(Courier(made))
        assert service.left.acquire(timeout=10)
        made.engine.dispose()
    assert program.types == ["opened", "acknowledged"]


def test_after_almost_a_day_it_is_given_up_aloud_and_can_be_sent_anew(
    board: Services,
    courier: Courier,
    program: Program,
    clock: Clock,
) -> None:
    program.answers = [500] * (len(RETRY_DELAYS) + 1)
    call_and_take(board)
    began = clock()
    for pause in RETRY_DELAYS:
        bring_all(courier)
        clock.tick(pause.total_seconds())
    assert program.types == ["opened"] * len(RETRY_DELAYS)
    assert dt.timedelta(hours=20) < clock() - began < dt.timedelta(days=1)
    with capture_logs() as logs:
        bring_all(courier)
    assert program.types[-2:] == ["opened", "acknowledged"]
    outbox = WebhookLog(board.engine)
    assert [row["state"] for row in outbox.list_all()] == ["given_up", "delivered"]
    (alarm,) = [row for row in logs if row["log_level"] == "error"]
    assert alarm["event"] == "webhook given up"
    assert "127.0.0.1" not in str(alarm)
    assert outbox.send_again(None, clock()) == 1
    bring_all(courier)
    assert program.types[-1] == "opened"
    assert [row["state"] for row in outbox.list_all()] == ["delivered", "delivered"]


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "is not set"),
        ({"WEBHOOK_TICKETS": "tickets, please"}, "in base64"),
        ({"WEBHOOK_TICKETS": "whsec_c2hvcnQ="}, "24 to 64 bytes"),
        ({"WEBHOOK_TICKETS_FILE": "/nowhere/at/all"}, "cannot be read"),
    ],
)
def test_without_a_good_secret_nothing_is_sent(
    board: Services,
    courier: Courier,
    program: Program,
    environment: dict[str, str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WEBHOOK_TICKETS")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    call_and_take(board)
    bring_all(courier)
    assert program.heard == []
    answer = next(WebhookLog(board.engine).list_all())["answer"]
    assert why in answer
    assert "please" not in answer


def test_a_program_that_the_file_names_no_more_hears_nothing(
    board: Services, courier: Courier, program: Program, clock: Clock
) -> None:
    call_and_take(board)
    apply_line(board.engine, LINE, [BAKERY], clock())
    bring_all(courier)
    assert program.heard == []
    assert {row["state"] for row in WebhookLog(board.engine).list_all()} == {"given_up"}


def test_the_cast_is_not_told(board: Services, courier: Courier, program: Program) -> None:
    call_and_take(board)
    bring_all(courier)
    assert all(PIETER.encode() not in body for _, body in program.heard)


@pytest.fixture
def chats(
    board: Services, program: Program, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, Any]]:
    """What each chat got about a level 1 that Sanne takes, by format: address, headers, JSON."""
    url = f"http://127.0.0.1:{program.server_port}"
    monkeypatch.setenv("WEBHOOK_SLACK", f"{url}/services/T0/B0/secret")
    monkeypatch.setenv("WEBHOOK_TEAMS", f"{url}/workflows/secret")
    monkeypatch.setenv("WEBHOOK_NTFY", "tk_secret")
    hooks = [
        Webhook(form.value, where, f"WEBHOOK_{form.name}", format=form)
        for form, where in (
            (WebhookFormat.SLACK, url),
            (WebhookFormat.TEAMS, f"{url}/"),
            (WebhookFormat.NTFY, f"{url}/priority-line"),
        )
    ]
    apply_line(board.engine, replace(LINE, webhooks=tuple(hooks)), [BAKERY], clock())
    call_and_take(board)
    bring_all(Courier(board))
    found: dict[str, dict[str, Any]] = {}
    for path, (headers, body) in zip(program.paths, program.heard, strict=True):
        found.setdefault(path, headers | {"sent": []})["sent"].append(json.loads(body))
    return found


def test_slack_gets_one_line_of_text(chats: dict[str, Any]) -> None:
    slack = chats["/services/T0/B0/secret"]
    assert slack["content-type"] == "application/json"
    title = "<http://line.test/console/incidents/1001|Incident 1001, niveau 1, geen contract>"
    assert slack["sent"] == [
        {"text": f"{title}: Gemeld."},
        {"text": f"{title}: Aangenomen door Sanne de Vries."},
    ]
    assert "webhook-signature" not in slack


def test_teams_gets_a_card(chats: dict[str, Any]) -> None:
    opened, _ = chats["/workflows/secret"]["sent"]
    (attached,) = opened["attachments"]
    assert (opened["type"], attached["contentType"]) == ("message", CARD)
    card = attached["content"]
    assert [block["text"] for block in card["body"]] == [
        "Incident 1001, niveau 1, geen contract",
        "Gemeld.",
    ]
    assert card["actions"][0]["url"] == "http://line.test/console/incidents/1001"


def test_ntfy_gets_a_title_a_priority_and_our_token(chats: dict[str, Any]) -> None:
    ntfy = chats["/"]
    assert ntfy["authorization"] == "Bearer tk_secret"
    opened, acknowledged = ntfy["sent"]
    assert (opened["topic"], opened["priority"]) == ("priority-line", 5)
    assert opened["title"] == "Incident 1001, niveau 1, geen contract"
    assert (acknowledged["message"], acknowledged["priority"]) == (
        "Aangenomen door Sanne de Vries.",
        3,
    )


def test_a_secret_address_is_only_used_on_the_host_of_the_file(
    board: Services, program: Program, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Webhook("chat", "https://hooks.slack.com", "WEBHOOK_SLACK", format=WebhookFormat.SLACK)
    apply_line(board.engine, replace(LINE, webhooks=(hook,)), [BAKERY], clock())
    monkeypatch.setenv("WEBHOOK_SLACK", f"http://127.0.0.1:{program.server_port}/services/secret")
    call_and_take(board)
    with capture_logs() as logs:
        bring_all(Courier(board))
    assert program.heard == []
    answer = next(WebhookLog(board.engine).list_all())["answer"]
    assert answer == "WEBHOOK_SLACK must be an address that begins with https://hooks.slack.com/"
    assert "secret" not in str(logs).replace("WEBHOOK_SLACK", "")


def test_every_language_has_the_same_words_for_chats() -> None:
    words = read_words()
    assert words.keys() == set(SPOKEN)
    for language, found in words.items():
        assert found.keys() == words["en"].keys(), language
        assert set(IncidentHappening) <= found.keys()
        for name, text in found.items():
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", words["en"][name]), text


def test_a_receiver_that_never_answers_keeps_neither_a_ring_nor_another_receiver_waiting(
    settings: Settings, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of a worker: twenty deliveries to a dead receiver come first."""
    monkeypatch.setattr(road, "TIMEOUT", 60.0)
    rang = threading.Event()
    monkeypatch.setitem(JOB_HANDLERS, Ring, lambda *_: rang.set())
    with slow(None) as service:
        context = make_context(settings)
        board = context.services
        hooks = (
            Webhook("dead", f"{service.url}/line", "WEBHOOK_TICKETS"),
            Webhook("tickets", f"http://127.0.0.1:{program.server_port}/line", "WEBHOOK_TICKETS"),
        )
        apply_line(board.engine, replace(LINE, webhooks=hooks), [BAKERY], context.clock())
        for number in range(1, 21):
            tell(board, number, "dead")
        with start_pool(context, WORKER_THREADS, lambda lane: None) as pool:
            dispatcher = Dispatcher(context, pool)
            dispatcher.look()
            assert service.taken.acquire(timeout=LONG)
            tell(board, 21, "tickets")
            with writing(board.engine) as connection:
                write_jobs(connection, [Job(context.clock(), Ring("leg"))], context.clock())
            dispatcher.look()
            assert rang.wait(LONG)
            assert program.come.wait(LONG)
            assert pool.free(Lane.WEBHOOKS) >= WORKER_THREADS[Lane.WEBHOOKS] - RECEIVER_AT_ONCE - 1
            service.close()
        board.engine.dispose()


def tell(board: Services, number: int, hook: str) -> None:
    about, at = incident(number), board.call_service.clock()
    event = WebhookEvent(f"{hook} {number}", "main", hook, about.key, OPENED, at)
    board.call_service.save(Case(), Decision(Case(incident=about), webhook_events=(event,)))


@pytest.mark.parametrize(
    "secret",
    ["whsec_" + "A" * 44, "https://hooks.slack.com/services/T0/B0/hunter2", "tk_a\r\nX: y"],
)
def test_the_secret_of_another_webhook_is_no_token(
    board: Services,
    program: Program,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
) -> None:
    """A token is sent as it is: whoever writes line.yaml must not get the others by it."""
    address = f"http://127.0.0.1:{program.server_port}/topic"
    hook = Webhook("chat", address, "WEBHOOK_TICKETS", format=WebhookFormat.NTFY)
    apply_line(board.engine, replace(LINE, webhooks=(hook,)), [BAKERY], clock())
    monkeypatch.setenv("WEBHOOK_TICKETS", secret)
    call_and_take(board)
    bring_all(Courier(board))
    assert program.heard == []
    answer = next(WebhookLog(board.engine).list_all())["answer"]
    assert "WEBHOOK_TICKETS must be an access token of ntfy" in answer
    assert secret not in answer
