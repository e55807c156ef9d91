"""Nothing that is for staff only is on a page of the portal: a canary is in each such field."""

from __future__ import annotations

import pytest

from routing import events
from routing.decision import Decision
from routing.jobs import FetchRecording, Job
from routing.message import Via
from routing.recording import Purpose, Recording
from tests.ivr_app.portal.test_new_report import REPORT
from tests.store.test_media_files import spoken

CANARY = "kanarie-{}"
ANSWER = "Installeer versie 12.1 opnieuw."
QUESTION = "Welke versie draait er?"
STAFF = ("sanne", "joris", "Sanne de Vries", "Joris Bakker", "duty_manager")
PHONES = ("612345601", "612345602", "208881101", "207654321", "61 234 5601", "61 234 5602")


def say(name):
    return CANARY.format(name)


@pytest.fixture
def number(karin, board):
    """An incident about which staff have written everywhere they can."""
    desk = board.call_service
    karin.post("/new", **(REPORT | {"level": "1"}), token="a" * 32, step="send")
    (incident,) = desk.calls.find_open("main")
    key = incident.key
    for event in (
        events.AcknowledgedWithoutKey(key, "sanne", Via.CONSOLE),
        events.Noted(key, "sanne", Via.CONSOLE, say("note"), "1" * 32),
        events.Reassigned(key, "joris", "duty_manager", Via.CONSOLE, say("handover")),
        events.PremiumSet(key, False, "duty_manager", say("premium")),
        events.WaitsForCustomer(key, "joris", Via.CONSOLE, QUESTION, "2" * 32, say("reason")),
        events.AnsweredCustomer(key, "3" * 32, "joris", Via.CONSOLE, ANSWER),
        events.CustomerReplied(key, "joris", Via.CONSOLE, say("reply")),
    ):
        desk.happen(event)
    memo = Recording(
        "4" * 32, "main", key, desk.clock(), Purpose.NOTE, "http://c/RE-kanarie-url", by="sanne"
    )
    case = desk.calls.find_by_incident(key)
    jobs = (Job(desk.clock(), FetchRecording(memo.id)),)
    desk.save(case, Decision(case, recordings=(memo,), jobs=jobs))
    return incident.number


@pytest.mark.parametrize("ended", ["open", "responded", "closed"])
def test_no_page_shows_what_is_for_staff(karin, board, number, ended):
    desk = board.call_service
    key = desk.calls.find_by_number(number).incident.key
    if ended != "open":
        desk.happen(events.Responded(key, "joris", Via.CONSOLE, say("response")))
    if ended == "closed":
        desk.happen(events.Closed(key, "sanne", Via.CONSOLE, say("closing")))
    paths = ("/", f"/incidents/{number}", f"/incidents/{number}/progress")
    shown = "".join(karin.get(path).text for path in (*paths, f"/incidents/{number}/write"))
    assert ANSWER in shown
    assert QUESTION in shown
    assert "kanarie" not in shown
    assert [word for word in (*STAFF, *PHONES) if word in shown] == []


def test_what_an_engineer_said_is_played_to_nobody(karin, number):
    assert karin.get(f"/incidents/{number}/sound/{'4' * 32}").status_code == 404


def test_a_colleague_hears_nothing_that_the_contact_said(customer, board, number, karin):
    """What somebody said is for the telephone; only they hear it again."""
    desk = board.call_service
    call = desk.answer("CA" + "1" * 32, "+31201234567", "+31612345682").case.call
    call = desk.pin_keyed(call.id, call.turn, "508316#").case.call
    case = desk.happen(events.Chose(call.id, call.turn, "1"))
    key = desk.calls.find_by_number(number).incident.key
    said = Recording(
        "5" * 32, "main", key, desk.clock(), Purpose.MESSAGE, "http://c/RE1", case.call.id
    )
    jobs = (Job(desk.clock(), FetchRecording(said.id)),)
    desk.save(case, Decision(case, recordings=(said,), jobs=jobs))
    board.recordings.keep(said, [spoken(4)], "audio/x-wav", desk.clock())
    path = f"/incidents/{number}/sound/{said.id}"
    assert karin.get(path).status_code == 200
    alice = customer("en").come_in(board, "100252", "Alice Noord")
    assert alice.get(path).status_code == 404
    page = alice.get(f"/incidents/{number}").text
    assert "Karin Noord called" in page or "Karin Noord talked" in page
    assert "<audio" not in page
    assert "<audio" in karin.get(f"/incidents/{number}").text
