"""Dispatches wait in SQL: in order, with one sender at a time, taken or given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.line import IncidentHappening
from routing.notify.webhook import WebhookEvent
from store.log.call_repository import SqlCallRepository
from store.log.retention import delete_incident
from store.work.webhooks import LEASE, WebhookAttempt, WebhookLog, WebhookQueue
from tests.store.cast import NOW, incident

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def waiting(engine: Engine) -> WebhookQueue:
    """Incident 1 was opened and acknowledged, then incident 2 was opened."""
    book = SqlCallRepository(engine)
    told(book, 1, "a", IncidentHappening.OPENED, "b", IncidentHappening.ACKNOWLEDGED)
    told(book, 2, "c", IncidentHappening.OPENED)
    return WebhookQueue(engine)


def told(book: SqlCallRepository, number: int, *what: str) -> None:
    about = incident(number)
    sent = tuple(
        WebhookEvent(id_, "main", "tickets", about.key, IncidentHappening(happening), NOW)
        for id_, happening in zip(what[::2], what[1::2], strict=True)
    )
    book.save(Case(), Decision(Case(incident=about), webhook_events=sent), NOW)


def leased(waiting: WebhookQueue, now: dt.datetime = NOW) -> WebhookAttempt:
    parcel = waiting.lease(now)
    assert parcel is not None
    return parcel


def test_of_one_incident_the_next_waits_until_the_one_before_was_taken(
    waiting: WebhookQueue,
) -> None:
    first, other = leased(waiting), leased(waiting)
    assert (first.id, other.id) == ("a", "c")
    assert waiting.lease(NOW) is None
    waiting.put_off(first, NOW + 10 * SECOND, "HTTP 500")
    assert waiting.lease(NOW + 9 * SECOND) is None
    again = leased(waiting, NOW + 10 * SECOND)
    assert (again.id, again.attempts, again.body) == ("a", 2, first.body)
    waiting.mark_delivered(again, NOW, "HTTP 204")
    assert leased(waiting).id == "b"


def test_what_was_given_up_makes_way_for_the_next(waiting: WebhookQueue) -> None:
    waiting.give_up(leased(waiting), NOW, "HTTP 500")
    assert {leased(waiting).id, leased(waiting).id} == {"b", "c"}


def test_a_sender_who_dies_leaves_it_to_another(waiting: WebhookQueue) -> None:
    dead = leased(waiting)
    leased(waiting)
    later = leased(waiting, NOW + LEASE)
    assert (later.id, later.attempts) == ("a", 2)
    waiting.give_up(dead, NOW, "too late to say anything")
    waiting.mark_delivered(later, NOW, "HTTP 200")
    rows = {row["id"]: row["state"] for row in WebhookLog(waiting._engine).list_all()}
    assert rows["a"] == "delivered"


def test_a_program_that_does_not_answer_is_left_alone_with_all_that_waits(
    waiting: WebhookQueue,
) -> None:
    waiting.pause_webhook(leased(waiting), NOW + 30 * SECOND)
    assert waiting.lease(NOW + 29 * SECOND) is None
    assert waiting.lease(NOW + 30 * SECOND) is not None


def test_one_program_that_is_away_holds_up_no_other(engine: Engine) -> None:
    about, book = incident(1), SqlCallRepository(engine)
    sent = tuple(
        WebhookEvent(f"{hook} {happening}", "main", hook, about.key, happening, NOW)
        for happening in (IncidentHappening.OPENED, IncidentHappening.ACKNOWLEDGED)
        for hook in ("tickets", "wall")
    )
    book.save(Case(), Decision(Case(incident=about), webhook_events=sent), NOW)
    waiting = WebhookQueue(engine)
    away = leased(waiting)
    waiting.pause_webhook(away, NOW + 30 * SECOND)
    waiting.put_off(away, NOW + 30 * SECOND, "ConnectTimeout")
    for name in ("wall opened", "wall acknowledged"):
        parcel = leased(waiting)
        assert parcel.id == name
        waiting.mark_delivered(parcel, NOW, "HTTP 204")
    assert waiting.lease(NOW) is None


def test_the_list_says_how_each_stands(waiting: WebhookQueue) -> None:
    outbox = WebhookLog(waiting._engine)
    assert outbox.find_oldest_waiting() == outbox.find_oldest_waiting("main") == NOW
    assert outbox.find_oldest_waiting("other") is None
    waiting.mark_delivered(leased(waiting), NOW + SECOND, "HTTP 204")
    waiting.put_off(leased(waiting), NOW + SECOND, "ReadTimeout")
    first, second, third = outbox.list_all()
    assert first == {
        "id": "a",
        "line": "main",
        "webhook": "tickets",
        "incident": 1001,
        "type": "incident.opened",
        "at": NOW.isoformat(),
        "state": "delivered",
        "tries": 1,
        "answer": "HTTP 204",
        "next_at": None,
        "done_at": (NOW + SECOND).isoformat(),
    }
    assert [row["state"] for row in (second, third)] == ["waiting", "waiting"]
    assert [row["id"] for row in outbox.list_all(waiting=True)] == ["b", "c"]


def test_only_what_was_given_up_is_sent_anew(waiting: WebhookQueue) -> None:
    outbox = WebhookLog(waiting._engine)
    given_up = leased(waiting)
    assert outbox.send_again("a", NOW) == outbox.send_again(None, NOW) == 0
    waiting.give_up(given_up, NOW, "HTTP 500")
    assert outbox.count_given_up("main", NOW) == 1
    assert outbox.count_given_up("main", NOW + SECOND) == outbox.count_given_up("x", NOW) == 0
    assert outbox.send_again("b", NOW) == 0
    assert outbox.send_again("a", NOW) == 1
    second = leased(waiting)
    assert (second.id, second.attempts) == ("a", 1)


def test_it_goes_with_its_incident(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    told(book, 1, "a", IncidentHappening.OPENED)
    matter = book.find_by_incident("incident-1")
    assert matter is not None
    assert matter.incident is not None
    closed = replace(matter.incident, state=IncidentState.CLOSED, closed_at=NOW)
    book.save(matter, Decision(Case(incident=closed)), NOW)
    delete_incident(engine, "incident-1")
    assert list(WebhookLog(engine).list_all()) == []
