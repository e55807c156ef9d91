"""`webhooks`: what programs were told, what waits, and what doctor says of it."""

import datetime as dt

import pytest

from routing.decision import Case, Decision
from routing.jobs import Lane
from routing.line import IncidentHappening
from routing.notify.webhook import WebhookEvent
from service.bootstrap import now
from service.doctor.system import check_webhooks
from service.doctor.verdict import CheckState
from store.people.lines import SqlLineRepository
from store.work.jobs import JobQueue
from store.work.webhooks import WebhookLog
from tests.store.cast import incident

HOOK = "webhooks: [{id: tickets, url: 'https://tickets.example.org/', secret: WEBHOOK_TICKETS}]\n"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def given_up(board, type_in, paper):
    """The ticket system was told of nothing: one dispatch was given up, one waits."""
    file = paper()
    file.write_text(file.read_text() + HOOK)
    assert type_in("apply", file).exit_code == 0
    at, about = now() - 10 * MINUTE, incident(1)
    sent = [
        WebhookEvent(i, "main", "tickets", about.key, IncidentHappening.OPENED, at) for i in "ab"
    ]
    decision = Decision(Case(incident=about), webhook_events=tuple(sent))
    board.call_service.calls.save(Case(), decision, at)
    end_first(board.engine, "HTTP 500", given_up=True)


def end_first(engine, answer, **how):
    (job,) = JobQueue(engine).claim(now(), {Lane.WEBHOOKS: 1})
    log = WebhookLog(engine)
    end = log.end(log.find(job.lease.job), now(), answer, **how)
    JobQueue(engine).end(job.lease, now(), end)


def test_the_list_says_what_became_of_each(given_up, objects, type_in):
    lost, waits = objects("webhooks")
    assert (lost["id"], lost["state"], lost["answer"]) == ("a", "given_up", "HTTP 500")
    assert (waits["state"], waits["incident"]) == ("waiting", 1001)
    assert [row["id"] for row in objects("webhooks", "--waiting")] == ["b"]
    assert "incident.opened" in type_in("webhooks").stdout


def test_what_was_given_up_is_sent_anew(given_up, objects, type_in):
    refused = type_in("webhooks", "again", "b")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "No delivery b was given up: see webhooks.\n",
    )
    assert type_in("webhooks", "again").stdout == "Deliveries to retry: 1.\n"
    assert {row["state"] for row in objects("webhooks")} == {"waiting"}


def test_the_doctor_names_what_is_missing_and_what_is_late(given_up, board, monkeypatch):
    lines = SqlLineRepository(board.engine).list_lines()
    found = list(check_webhooks(board.engine, lines, now()))
    assert {verdict.state for verdict in found} == {CheckState.WARN}
    assert "WEBHOOK_TICKETS is not set" in found[0].message
    assert "1 given up" in found[1].message
    assert "a delivery waits since" in found[2].message
    monkeypatch.setenv("WEBHOOK_TICKETS", "whsec_" + "A" * 40)
    assert len(list(check_webhooks(board.engine, lines, now()))) == 2
    ahead = now() + dt.timedelta(days=2)
    end_first(board.engine, "HTTP 200")
    (fine,) = check_webhooks(board.engine, lines, ahead)
    assert fine.state is CheckState.OK
