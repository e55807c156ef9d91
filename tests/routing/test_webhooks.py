"""Programs outside hear what happens to an incident: each thing once, in order, and no more."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from routing import events
from routing.drill import make_drill_line
from routing.line import IncidentHappening, Webhook
from routing.message import Via
from routing.notify.webhook import WebhookEvent
from store.work.webhooks import write_body
from tests.routing.floor import LINE, NOW, PIETER, PIN, SANNE, Floor

TICKETS = Webhook("tickets", "https://tickets.example.org/", "WEBHOOK_TICKETS")


@pytest.fixture
def floor():
    return Floor(webhooks=(TICKETS,))


def told(floor):
    return [dispatch.happening.value for dispatch in floor.book.rows.webhook_events]


def say(floor, call, kind, *more):
    floor.desk.happen(kind(floor.incident(call).key, "sanne", Via.CONSOLE, *more))


def test_the_whole_course_is_told_step_by_step(floor):
    call = floor.critical()
    assert told(floor) == ["opened"]
    floor.hang_up(call)
    floor.take(SANNE)
    assert told(floor) == ["opened", "acknowledged"]
    say(floor, call, events.Responded)
    say(floor, call, events.Closed)
    assert told(floor) == ["opened", "acknowledged", "responded", "closed"]
    assert {d.incident for d in floor.book.rows.webhook_events} == {floor.incident(call).key}
    assert len({d.id for d in floor.book.rows.webhook_events}) == 4


def test_who_responds_to_what_nobody_had_has_taken_it_first(floor):
    call = floor.critical()
    floor.hang_up(call)
    say(floor, call, events.Responded)
    assert told(floor) == ["opened", "acknowledged", "responded"]


def test_a_reassignment_is_told_as_taken_by_somebody_else(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.take(SANNE)
    incident = floor.incident(call).key
    floor.desk.happen(events.Reassigned(incident, "joris", "sanne", Via.CONSOLE))
    assert told(floor) == ["opened", "acknowledged", "acknowledged"]


def test_what_whoever_has_it_does_not_reach_is_told_as_open_again(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    floor.advance(20 * 60)
    assert told(floor) == ["opened", "acknowledged", "reopened"]


def test_a_broken_promise_is_told_once(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    say(floor, call, events.Noted, "called", "memo-1")
    floor.now += dt.timedelta(days=2)
    say(floor, call, events.Responded)
    assert told(floor) == ["opened", "acknowledged", "breached", "responded"]


def test_a_matter_that_becomes_level_1_is_told(floor):
    floor.now += dt.timedelta(hours=12)
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    for key in ("3", "3", "1"):
        floor.press(call, key)
    assert told(floor) == ["opened", "raised"]


def test_a_program_hears_only_what_it_asked_for(floor):
    quiet = Webhook(
        "quiet", "https://quiet.example.org/", "WEBHOOK_QUIET", (IncidentHappening.CLOSED,)
    )
    floor.apply(webhooks=(quiet, TICKETS))
    call = floor.critical()
    floor.hang_up(call)
    say(floor, call, events.Responded)
    say(floor, call, events.Closed)
    heard = [(d.hook, d.happening.value) for d in floor.book.rows.webhook_events]
    assert [what for hook, what in heard if hook == "quiet"] == ["closed"]
    assert len(heard) == 5


def test_what_changes_nothing_of_these_tells_nothing(floor):
    call = floor.critical()
    floor.hang_up(call)
    say(floor, call, events.Noted, "the key is under the mat", "memo-1")
    floor.advance(60)
    assert told(floor) == ["opened"]


def test_a_line_without_programs_tells_nobody():
    floor = Floor()
    floor.critical()
    assert floor.book.rows.webhook_events == []


def test_a_drill_is_told_to_no_program():
    assert make_drill_line(Floor(webhooks=(TICKETS,)).line).webhooks == ()
    assert LINE.webhooks == ()


def test_a_body_names_no_contact_no_telephone_and_no_words(floor):
    call = floor.critical()
    floor.hang_up(call)
    say(floor, call, events.WaitsForCustomer, "the log of Anna", "memo-1")
    incident = floor.incident(call)
    sent = write_body(
        WebhookEvent("id", "main", "tickets", incident.key, IncidentHappening.OPENED, NOW), incident
    )
    for secret in ("Pieter", "Anna", "+31", "Bakkerij", incident.key):
        assert secret not in sent
    data = json.loads(sent)["data"]
    assert (data["id"], data["contract"], data["urgency"]) == (incident.number, "100234", 1)
    assert (data["state"], data["acknowledged_by"]) == ("acknowledged", "sanne")
    assert data["waiting_since"] == NOW.isoformat()


def write(floor, call, id_="m1", words="Anna's log is attached"):
    floor.desk.happen(
        events.CustomerWrote(floor.incident(call).key, id_, "Pieter Jansen", Via.PORTAL, words)
    )


def test_each_message_is_told_once_and_before_what_follows_from_it(floor):
    call = floor.critical()
    floor.hang_up(call)
    write(floor, call)
    write(floor, call)
    write(floor, call, "m2")
    assert told(floor) == ["opened", "message", "message"]
    assert len({d.id for d in floor.book.rows.webhook_events}) == 3


def test_words_of_a_message_are_for_programs_that_get_content(floor):
    floor.apply(webhooks=(TICKETS, replace(TICKETS, id="crm", content=True)))
    call = floor.critical()
    floor.hang_up(call)
    write(floor, call)
    bodies = {
        event.hook: write_body(event, floor.incident(call))
        for event in floor.book.rows.webhook_events
        if event.happening is IncidentHappening.MESSAGE
    }
    for secret in ("Anna", "Pieter"):
        assert secret not in bodies["tickets"]
        assert secret in bodies["crm"]
    message = json.loads(bodies["tickets"])["message"]
    assert message == {
        "id": "m1",
        "at": message["at"],
        "author": "customer",
        "door": "portal",
        "verified": True,
        "files": [],
    }
