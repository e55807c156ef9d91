"""`incident ID confirm` and `incident ID release`: how far a signature request has come."""

import pytest

from routing import events

SID = "CA" + "2" * 32
LAB = "signature_desk: {ring: [joris], samples_to: samples@example.org}\ncontracts:"


@pytest.fixture
def number(type_in, paper, board):
    """Pieter called with a request, and hung up at the second question."""
    assert type_in("apply", paper("contracts:", LAB)).exit_code == 0
    desk = board.call_service
    call = desk.answer(SID, "+31201234567", "+31612345678").case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for key in ("5", "2"):
        call = desk.happen(events.Chose(call.id, call.turn, key)).call
    return desk.happen(events.CallEnded(call.id)).incident.number


@pytest.fixture
def say(type_in, number):
    """Type a verb about the incident; gives back what was printed."""

    def run(*words, by="joris"):
        result = type_in("incident", number, *words, "--by", by)
        return result.stdout.strip() or result.stderr.strip()

    return run


def test_a_request_is_confirmed_and_released_and_the_log_says_by_whom(objects, say, number):
    assert say("confirm") == f"Request {number} is confirmed, and the customer is told."
    released = f"Request {number}: the update is released, and subscribers are being told."
    assert say("release", "--reason", "in database 4711", by="sanne") == released
    (row,) = objects("incidents")
    assert (row["kind"], row["premium"], row["state"]) == ("signature_request", False, "responded")
    request = row["request"]
    assert (request["verdict"], request["databases"]) == ("false_negative", "unknown")
    assert (request["progress"], request["confirmed_by"]) == ("released", "joris")
    assert (request["released_by"], request["released_at"] is None) == ("sanne", False)
    told = {each["event"]: each["reason"] for each in objects("show", number)}
    assert told["request_released"] == "sanne by command line: in database 4711"
    assert told["request"] == "false_negative, databases: unknown"


def test_it_never_goes_back_and_is_told_once(say, number, board):
    say("release")
    released = f"Request {number}: the update is released, and subscribers are being told."
    assert released in say("confirm")
    assert released in say("release")


def test_another_incident_is_no_request(type_in, say, board):
    call = board.call_service.answer("CA" + "3" * 32, "+31201234567", "+31612345678").case.call
    call = board.call_service.pin_keyed(call.id, call.turn, "482913#").case.call
    for key in ("2", "2"):
        matter = board.call_service.happen(events.Chose(call.id, call.turn, key))
        call = matter.call
    number = matter.incident.number
    result = type_in("incident", number, "release", "--by", "joris")
    assert (result.exit_code, "not a request about virus" in result.stderr) == (1, True)
