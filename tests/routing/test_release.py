"""A request is confirmed and released: told to its customer, and to all who asked to hear of it."""

import datetime as dt
from contextlib import suppress
from dataclasses import replace

import pytest

from routing import events
from routing.call import RequestProgress
from routing.contracts import Contact
from routing.incident import IncidentState
from routing.incidents.lifecycle import why_no_progress
from routing.jobs import SendMessage, SendReleaseMessages
from routing.line import Channel
from routing.message import Via
from tests.routing.floor import BAKERY, PIETER, STRANGER, contract
from tests.routing.test_signature import LOTTE, own_floor, requests, waits
from workers.jobs import JOB_HANDLERS

CONFIRMED, RELEASED = RequestProgress.CONFIRMED, RequestProgress.RELEASED
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def floor():
    return own_floor()


def hearer(number, **changes):
    """A contract whose contact asked to hear of releases."""
    name, phone = f"Contact {number}", f"+316123457{number}"
    found = contract(str(number), name, phone, **changes)
    return replace(found, contacts=(replace(found.contacts[0], hears_of_releases=True),))


def know(floor, *contracts):
    """These contracts are there too."""
    floor.people.contracts |= {("main", each.number): each for each in contracts}


def asked(floor, shown=PIETER):
    """A request whose caller has hung up."""
    call = requests(floor, shown)
    floor.hang_up(call)
    return call


def comes(floor, call, to, by="lotte", how=Via.TEXT):
    floor.desk.happen(events.RequestCame(floor.incident(call).key, to, by, how))


def words(floor, to=PIETER):
    return [each.words for each in floor.book.rows.messages.values() if each.to == to]


def news(floor):
    """To whom the release was told, in the order of the sending."""
    letters = floor.book.rows.messages.values()
    return {each.to: each for each in letters if each.words == "release_news"}


# How far it has come


def test_each_step_is_told_to_the_customer_once_and_says_who(floor):
    call = asked(floor)
    for to in (CONFIRMED, CONFIRMED, RELEASED, RELEASED, CONFIRMED):
        comes(floor, call, to)
        floor.now += dt.timedelta(hours=1)
    assert words(floor) == ["request_received_send", "request_confirmed", "request_released"]
    request = floor.incident(call).request
    assert (request.progress, request.confirmed_by, request.released_by) == (
        RELEASED,
        "lotte",
        "lotte",
    )
    assert request.released_at - request.confirmed_at == dt.timedelta(hours=2)
    assert floor.notes().count("request_confirmed") == floor.notes().count("request_released") == 1


def test_a_release_needs_no_confirmation_before_it(floor):
    call = asked(floor)
    comes(floor, call, RELEASED)
    comes(floor, call, CONFIRMED)
    assert words(floor) == ["request_received_send", "request_released"]


def test_whoever_confirms_what_nobody_has_has_it_and_the_telling_ends(floor):
    call = asked(floor)
    comes(floor, call, CONFIRMED)
    incident = floor.incident(call)
    assert (incident.state, incident.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "lotte")
    texts = floor.exchange.texts.count(LOTTE)
    floor.advance(48 * 3600)
    assert floor.exchange.texts.count(LOTTE) == texts


def test_a_confirmation_leaves_it_in_the_name_of_whoever_has_it(floor):
    call = asked(floor)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    comes(floor, call, CONFIRMED)
    assert floor.incident(call).acknowledged_by == "joris"
    assert "acknowledged_again" not in floor.notes()


def test_a_release_is_a_response(floor):
    call = asked(floor)
    comes(floor, call, RELEASED, how=Via.COMMAND)
    incident = floor.incident(call)
    assert (incident.state, incident.responded_by) == (IncidentState.RESPONDED, "lotte")


def test_what_was_responded_to_or_closed_may_still_be_released(floor):
    call = asked(floor)
    key = floor.incident(call).key
    floor.desk.happen(events.Responded(key, "lotte", Via.TEXT))
    floor.desk.happen(events.Closed(key, "lotte", Via.TEXT))
    comes(floor, call, RELEASED)
    assert floor.incident(call).state is IncidentState.CLOSED
    assert words(floor)[-1] == "request_released"


def test_a_release_sends_no_waiting_caller_away(floor):
    call = waits(floor)
    comes(floor, call, RELEASED)
    assert floor.incident(call).state is IncidentState.OPEN
    assert floor.ringing() == [LOTTE]
    floor.talk(call, LOTTE)
    assert floor.call(call).answered_by == "lotte"


def test_other_incidents_come_to_nothing_of_the_kind(floor):
    call = floor.critical()
    comes(floor, call, RELEASED)
    assert words(floor) == []
    assert why_no_progress(floor.incident(call), RELEASED) == "no_request"
    assert "request_released" not in floor.notes()


def test_who_is_not_identified_cannot_be_written_to(floor):
    call = asked(floor, STRANGER)
    comes(floor, call, CONFIRMED)
    assert words(floor, STRANGER) == []
    assert floor.notes().count("not_told") == 2


# Everybody who asked


def test_the_release_is_told_to_those_who_asked_and_to_nobody_else(floor):
    ended = Contact(
        "Gone", ("+31612345799",), "1", hears_of_releases=True, ends=dt.date(2026, 3, 1)
    )
    know(floor, hearer(10), replace(hearer(11), contacts=(ended,)))
    know(
        floor,
        hearer(12, valid_until=dt.date(2026, 3, 1)),
        hearer(13, valid_from=dt.date(2026, 3, 3)),
    )
    know(
        floor,
        hearer(14, valid_until=TODAY, valid_from=TODAY),
        contract("15", "Calm", "+31612345715"),
    )
    call = asked(floor)
    comes(floor, call, RELEASED)
    floor.work()
    assert sorted(news(floor)) == ["+31612345710", "+31612345714"]
    assert {each.incident for each in news(floor).values()} == {floor.incident(call).key}


def test_the_customer_hears_of_it_once(floor):
    pieter = replace(BAKERY.contacts[0], hears_of_releases=True)
    emma = Contact("Emma Jansen", ("+31612345679",), "1", "en", hears_of_releases=True)
    know(floor, replace(BAKERY, contacts=(pieter, emma)))
    comes(floor, asked(floor), RELEASED)
    floor.work()
    assert words(floor)[-1] == "request_released"
    assert [(to, each.language) for to, each in news(floor).items()] == [("+31612345679", "en")]


def test_who_takes_no_texts_gets_a_mail(floor):
    contact = Contact("Fax", ("+31201112233",), "1", email="f@x.nl", hears_of_releases=True)
    silent = Contact("Nothing", ("+31201112234",), "1", hears_of_releases=True)
    know(floor, replace(hearer(10), contacts=(contact, silent)))
    comes(floor, asked(floor), RELEASED)
    floor.work()
    assert [(to, each.channel) for to, each in news(floor).items()] == [("f@x.nl", Channel.EMAIL)]


def test_standard_is_told_once_msa_plus_has_been_sent(floor):
    know(floor, hearer(10), hearer(11), hearer(20, plan="standard"))
    comes(floor, asked(floor), RELEASED)
    floor.work()
    sent = floor.exchange.texts[-3:]
    assert sent == ["+31612345710", "+31612345711", "+31612345720"]


def held_back(floor):
    """A release whose letters to MSA Plus do not go out."""
    know(floor, hearer(10), hearer(20, plan="standard"))
    comes(floor, asked(floor), RELEASED)
    key = next(k for k, e in floor.pending().items() if isinstance(e.command, SendReleaseMessages))
    floor.do(key)
    for key, errand in floor.pending().items():
        if isinstance(errand.command, SendMessage):
            floor.done.add(key)
    floor.work()


def test_standard_waits_while_a_letter_to_msa_plus_has_not_gone_out(floor):
    held_back(floor)
    floor.advance(14 * 60)
    assert list(news(floor)) == ["+31612345710"]
    for letter in list(floor.book.rows.messages):
        floor.book.messages.record_result(letter, "sent")
    floor.advance(10)
    assert list(news(floor)) == ["+31612345710", "+31612345720"]


def test_standard_is_told_after_a_quarter_of_an_hour_at_the_latest(floor):
    held_back(floor)
    floor.advance(15 * 60)
    assert list(news(floor)) == ["+31612345710", "+31612345720"]


def test_told_again_by_another_worker_nobody_hears_it_twice(floor):
    know(floor, hearer(10), hearer(20, plan="standard"))
    call = asked(floor)
    comes(floor, call, RELEASED)
    floor.work()
    texts = list(floor.exchange.texts)
    for plan in floor.line.plans:
        deed = SendReleaseMessages(floor.incident(call).key, plan.rank)
        JOB_HANDLERS[SendReleaseMessages](deed, floor.job_context, 2)
    floor.work()
    assert floor.exchange.texts == texts


def test_a_worker_that_is_killed_in_the_middle_leaves_nobody_out(floor):
    know(floor, *(hearer(n) for n in range(10, 20)))
    call = asked(floor)
    comes(floor, call, RELEASED)
    subscribers = floor.people.find_subscribers

    def some(line, plan, today, after=0):
        return subscribers(line, plan, today, after)[:4]

    floor.people.find_subscribers = some
    held = iter([True, False])

    def hold_on():
        if not next(held):
            raise RuntimeError("killed")

    deed = SendReleaseMessages(floor.incident(call).key)
    with suppress(RuntimeError):
        JOB_HANDLERS[SendReleaseMessages](deed, replace(floor.job_context, check_lease=hold_on), 1)
    assert len(news(floor)) == 4
    floor.work()
    assert len(news(floor)) == 10
    assert sorted(floor.exchange.texts[-10:]) == sorted(news(floor))
