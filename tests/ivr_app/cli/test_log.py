"""`calls`, `incidents` and `show` tell what the line has done, and why."""

import pytest

from routing.events import CallEnded, Chose, LegPlaced

SID = "CA" + "1" * 32
CALL = [
    *("sid", "line", "from", "contract", "contact", "verified", "language", "urgency"),
    *("outcome", "answered_by", "incident", "started_at", "answered_at", "ended_at", "waited_s"),
]
INCIDENT = [
    *("id", "line", "source", "contract", "contact", "kind", "urgency", "premium"),
    *("over_quota", "verified"),
    *("state", "acknowledged_by", "opened_at", "acknowledged_at", "respond_by"),
    *("clock", "respond_by_unpaused", "left_s", "breached_at"),
    *("waiting_since", "waiting_for", "waiting_by", "responded_at", "responded_by"),
    *("closed_at", "closed_by", "plan", "request", "calls", "pages"),
]


@pytest.fixture
def called(applied, board):
    """Pieter called about level 1, Sanne was rung, and he hung up."""
    desk = board.call_service
    call = desk.answer(SID, "+31201234567", "+31612345678").case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        matter = desk.happen(Chose(call.id, call.turn, "1"))
        call = matter.call
    desk.happen(LegPlaced(matter.incident.pages[0].id, "CA" + "2" * 32))
    desk.happen(CallEnded(call.id))


def test_a_call_has_the_fields_that_were_promised(objects, called):
    (call,) = objects("calls")
    assert list(call) == CALL
    assert (call["sid"], call["contract"], call["verified"]) == (SID, "100234", True)
    assert (call["urgency"], call["outcome"]) == (1, "abandoned")


def test_an_incident_has_the_fields_that_were_promised(objects, called):
    (incident,) = objects("incidents")
    assert objects("incidents", "--source", "phone", "--kind", "incident") == [incident]
    assert objects("incidents", "--source", "portal") == []
    assert list(incident) == INCIDENT
    assert (incident["state"], incident["calls"]) == ("open", [SID])
    assert list(incident["pages"][0]) == ["at", "engineer", "channel", "to", "result"]


def test_the_line_may_be_chosen_and_must_exist(objects, type_in, called):
    assert len(objects("calls", "--line", "main")) == 1
    result = type_in("incidents", "--line", "second")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no line second; --line may be: main\n"


def test_people_read_aligned_columns_in_the_lines_time(type_in, called):
    zone, head, row = type_in("calls").stdout.splitlines()
    assert zone == "Times are local to Europe/Amsterdam (line main)."
    assert row.index("+31612345678") == head.index("from")
    assert row.index("abandoned") == head.index("outcome")
    _, head, row = type_in("incidents").stdout.splitlines()
    assert row.index("open") == head.index("state")


def test_a_call_and_its_incident_show_the_same_story_with_reasons(objects, called):
    (incident,) = objects("incidents")
    story = objects("show", SID)
    assert story == objects("show", incident["id"])
    events = [row["event"] for row in story]
    wanted = ["answered", "identified", "urgency", "confirmed", "opened", "step", "ended"]
    assert [event for event in events if event in wanted] == wanted
    assert all(row["reason"] for row in story if row["event"] != "page")


def test_people_read_the_story_to_the_millisecond(type_in, called):
    zone, head, *rows = type_in("show", SID).stdout.splitlines()
    assert zone == "Times are local to Europe/Amsterdam."
    assert head.split() == ["at", "event", "engineer", "by", "to", "result", "reason"]
    placed = next(row for row in rows if "  placed" in row)
    assert "sanne     call" in placed
    assert len(placed.split()[1]) == len("12:00:00.000")


@pytest.mark.parametrize("which", ["1", "CA9", "", "99999999999999999999"])
def test_what_is_not_there_is_a_sentence(type_in, called, which):
    result = type_in("show", which)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"There is no incident {which} and no call {which}.\n"


def test_a_long_log_stays_aligned(type_in, called, board):
    for number in range(250):
        board.call_service.answer(f"CB{number}", "+31201234567", "anonymous")
    _, head, *rows = type_in("calls").stdout.splitlines()
    assert len(rows) == 251
    assert {row.index("CB") - head.index("sid") for row in rows[1:]} == {0}
