"""Dispatches wait in SQL: in order, with one sender at a time, taken or given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.jobs import Lane, Lease, LeaseLostError
from routing.line import IncidentHappening
from routing.notify.webhook import WebhookEvent
from store.log.call_repository import SqlCallRepository
from store.log.retention import delete_incident, delete_traces
from store.work.jobs import RUNNING_FOR, JobQueue, correct_clock_rollback
from store.work.metrics import Counters
from store.work.webhooks import WebhookDelivery, WebhookLog
from tests.store.cast import NOW, incident

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def outbox(engine: Engine) -> WebhookLog:
    """Incident 1 was opened and acknowledged, then incident 2 was opened."""
    book = SqlCallRepository(engine)
    told(book, 1, "a", IncidentHappening.OPENED, "b", IncidentHappening.ACKNOWLEDGED)
    told(book, 2, "c", IncidentHappening.OPENED)
    return WebhookLog(engine)


def told(book: SqlCallRepository, number: int, *what: str) -> None:
    about = incident(number)
    sent = tuple(
        WebhookEvent(id_, "main", "tickets", about.key, IncidentHappening(happening), NOW)
        for id_, happening in zip(what[::2], what[1::2], strict=True)
    )
    book.save(Case(), Decision(Case(incident=about), webhook_events=sent), NOW)


class Sender:
    """What a worker does with the jobs of the lane, without sending anything."""

    def __init__(self, engine: Engine) -> None:
        self.outbox, self.jobs = WebhookLog(engine), JobQueue(engine)

    def claim(self, now: dt.datetime = NOW) -> dict[str, Lease]:
        """Begin what is due, but for what waits for the delivery before it."""
        begun = {}
        while claimed := self.jobs.claim(now, {Lane.WEBHOOKS: 9}):
            for job in claimed:
                delivery = self.find(job.lease)
                if delivery.after is None:
                    begun[delivery.id] = job.lease
                else:
                    self.jobs.put_back(job.lease, delivery.after)
        return begun

    def find(self, lease: Lease) -> WebhookDelivery:
        found = self.outbox.find(lease.job)
        assert found is not None
        return found

    def end(self, lease: Lease, now: dt.datetime = NOW, *, given_up: bool = False) -> None:
        how = self.outbox.end(self.find(lease), now, "HTTP 204", given_up=given_up)
        self.jobs.end(lease, now, how)


@pytest.fixture
def sender(outbox: WebhookLog, engine: Engine) -> Sender:
    return Sender(engine)


def test_of_one_incident_the_next_waits_until_the_one_before_was_taken(sender: Sender) -> None:
    begun = sender.claim()
    assert begun.keys() == {"a", "c"}
    body = sender.find(begun["a"]).body
    assert sender.jobs.retry(begun["a"], NOW + 10 * SECOND, "HTTP 500")
    sender.end(begun["c"])
    assert sender.claim(NOW + 9 * SECOND) == {}
    again = sender.claim(NOW + 10 * SECOND)
    assert again == {"a": Lease("a", 2)}
    assert sender.find(again["a"]).body == body
    sender.end(again["a"], NOW + 10 * SECOND)
    assert sender.claim(NOW + 10 * SECOND) == {"b": Lease("b", 1)}


def test_what_was_given_up_makes_way_for_the_next(sender: Sender) -> None:
    sender.end(sender.claim()["a"], given_up=True)
    assert sender.claim().keys() == {"b"}


def test_the_end_of_one_leaves_alone_what_failed_itself(sender: Sender) -> None:
    """A delivery that was sent again by hand comes after a later one, which has its own times."""
    sender.end(sender.claim()["a"], given_up=True)
    assert sender.jobs.retry(sender.claim()["b"], NOW + 60 * SECOND, "HTTP 500")
    sender.outbox.send_again("a", NOW)
    sender.end(sender.claim()["a"])
    assert sender.claim() == {}
    assert sender.claim(NOW + 60 * SECOND).keys() >= {"b"}


def test_a_sender_who_dies_leaves_it_to_another(sender: Sender) -> None:
    dead = sender.claim()["a"]
    later = sender.claim(NOW + RUNNING_FOR)["a"]
    assert later.attempt == 2
    with pytest.raises(LeaseLostError):
        sender.end(dead, given_up=True)
    sender.end(later)
    rows = {row["id"]: row["state"] for row in sender.outbox.list_all()}
    assert rows["a"] == "delivered"


def test_a_program_that_does_not_answer_is_left_alone_with_all_that_waits(
    sender: Sender,
) -> None:
    begun = sender.claim()
    sender.jobs.put_back(begun["c"], NOW)
    sender.outbox.pause_receiver("main/another", NOW + 99 * SECOND)
    sender.outbox.pause_receiver("main/tickets", NOW + 30 * SECOND)
    sender.end(begun["a"])  # it answers again, so what waited for this one need not wait longer
    assert sender.claim(NOW + 29 * SECOND).keys() == {"b"}
    assert sender.claim(NOW + 30 * SECOND).keys() == {"c"}


def test_one_program_that_is_away_holds_up_no_other(engine: Engine) -> None:
    about, book = incident(1), SqlCallRepository(engine)
    sent = tuple(
        WebhookEvent(f"{hook} {happening}", "main", hook, about.key, happening, NOW)
        for happening in (IncidentHappening.OPENED, IncidentHappening.ACKNOWLEDGED)
        for hook in ("tickets", "wall")
    )
    book.save(Case(), Decision(Case(incident=about), webhook_events=sent), NOW)
    sender = Sender(engine)
    begun = sender.claim()
    assert begun.keys() == {"tickets opened", "wall opened"}
    sender.outbox.pause_receiver("main/tickets", NOW + 30 * SECOND)
    sender.jobs.retry(begun["tickets opened"], NOW + 30 * SECOND, "ConnectTimeout")
    sender.end(begun["wall opened"])
    following = sender.claim()
    assert following.keys() == {"wall acknowledged"}
    sender.end(following["wall acknowledged"])
    assert sender.claim() == {}


def test_a_receiver_has_few_at_once_and_its_backlog_delays_no_other(engine: Engine) -> None:
    book, jobs = SqlCallRepository(engine), JobQueue(engine)
    for number in range(1, 8):
        told_by(book, number, "slow", NOW)
    told_by(book, 8, "quick", NOW + SECOND)
    later = NOW + SECOND
    begun = [job.lease for job in jobs.claim(later, {Lane.WEBHOOKS: 9})]
    names = [lease.job.partition(" ")[0] for lease in begun]
    assert sorted(names) == ["quick", "slow", "slow"]
    assert jobs.claim(later, {Lane.WEBHOOKS: 9}) == []
    slow = next(lease for lease in begun if lease.job.startswith("slow"))
    assert jobs.done(slow, later)
    (following,) = jobs.claim(later, {Lane.WEBHOOKS: 9})
    assert following.lease.job.startswith("slow")
    dead = jobs.claim(later + RUNNING_FOR, {Lane.WEBHOOKS: 9})
    assert len(dead) == 2 + 1, "leases that have ended hold no place"


def told_by(book: SqlCallRepository, number: int, hook: str, at: dt.datetime) -> None:
    about = incident(number)
    event = WebhookEvent(f"{hook} {number}", "main", hook, about.key, IncidentHappening.OPENED, at)
    book.save(Case(), Decision(Case(incident=about), webhook_events=(event,)), at)


def test_hours_until_a_retry_are_no_sign_of_a_clock_that_was_set_back(
    sender: Sender, engine: Engine
) -> None:
    for lease in sender.claim().values():
        sender.jobs.retry(lease, NOW + dt.timedelta(hours=8), "HTTP 500")
    assert correct_clock_rollback(engine, NOW + SECOND) == 0


def test_what_waits_makes_nothing_overdue(sender: Sender, engine: Engine) -> None:
    assert sender.jobs.oldest_due(NOW + dt.timedelta(hours=8)) is None
    assert Counters(engine).overdue(NOW + dt.timedelta(hours=8), SECOND) == 0


def test_the_list_says_how_each_stands(sender: Sender) -> None:
    outbox = sender.outbox
    assert outbox.find_oldest_waiting() == outbox.find_oldest_waiting("main") == NOW
    assert outbox.find_oldest_waiting("other") is None
    begun = sender.claim()
    sender.end(begun["a"], NOW + SECOND)
    sender.jobs.retry(begun["c"], NOW + SECOND, "ReadTimeout")
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
    assert (third["tries"], third["answer"]) == (1, "ReadTimeout")
    assert third["next_at"] == (NOW + SECOND).isoformat()
    assert [row["id"] for row in outbox.list_all(waiting=True)] == ["b", "c"]


def test_only_what_was_given_up_is_sent_anew(sender: Sender) -> None:
    outbox, begun = sender.outbox, sender.claim()
    assert outbox.send_again("a", NOW) == outbox.send_again(None, NOW) == 0
    sender.end(begun["a"], given_up=True)
    assert outbox.count_given_up("main", NOW) == 1
    assert outbox.count_given_up("main", NOW + SECOND) == outbox.count_given_up("x", NOW) == 0
    assert outbox.send_again("b", NOW) == 0
    assert outbox.send_again("a", NOW) == 1
    assert sender.claim()["a"].attempt == 1
    (first, *_) = outbox.list_all()
    assert (first["state"], first["done_at"]) == ("waiting", None)


def test_a_delivery_is_kept_for_thirty_days_other_jobs_for_seven(
    sender: Sender, engine: Engine
) -> None:
    for lease in sender.claim().values():
        sender.end(lease)
    day = dt.timedelta(days=1)
    delete_traces(engine, NOW + 29 * day)
    assert [row["id"] for row in sender.outbox.list_all()] == ["a", "b", "c"]
    delete_traces(engine, NOW + 31 * day)
    assert [row["id"] for row in sender.outbox.list_all()] == ["b"], "it was never sent"


def test_it_goes_with_its_incident(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    told(book, 1, "a", IncidentHappening.OPENED)
    matter = book.find_by_incident("incident-1")
    assert matter is not None
    assert matter.incident is not None
    closed = replace(matter.incident, state=IncidentState.CLOSED, closed_at=NOW)
    book.save(matter, Decision(Case(incident=closed)), NOW)
    delete_incident(engine, "incident-1")
    outbox = WebhookLog(engine)
    assert list(outbox.list_all()) == []
    assert outbox.find("a") is None
