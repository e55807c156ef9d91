"""Calls: found by what is known of them, each with its story, and saved as a file."""

import csv
import io
import json
import re

import pytest

from ivr_app.console.calls.timeline import KINDS
from ivr_app.web.i18n import load_catalogue
from routing import events
from routing.call import CallOutcome
from routing.line import Channel
from routing.page import PageResult
from store.people.audit import AuditLog
from tests.ivr_app.console.calls.conftest import NUMBER

ENGLISH = {"Accept-Language": "en"}


def words(answer):
    """What stands on the page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def stranger(board, level_1):
    """Somebody who hung up at the first question, after Pieter's call: the sid."""
    sid = "CA" + "2" * 32
    call = board.call_service.answer(sid, NUMBER, "+31687654321").case.call
    board.call_service.happen(events.CallEnded(call.id))
    return sid


def test_the_page_says_that_the_line_called_a_contact_who_had_asked_for_it(
    signed_in, board, clock, level_1
):
    desk = board.call_service
    key = desk.calls.find_by_sid(level_1).incident.key
    sid = "CL" + "1" * 32
    for wait, event in (
        (60, events.CustomerCallWanted(key, "Pieter Jansen")),
        (1, events.CustomerLegHeard(key, 1, events.Heard.RINGING, sid)),
        (5, events.CustomerListens(key, 1, sid)),
        (4, events.CustomerKeyed(key, 1, 2, "1", sid)),
    ):
        clock.tick(wait)
        case = desk.happen(event)
    desk.happen(events.CallEnded(case.call.id))
    seen = words(signed_in("viewer").get(f"/calls/{sid}", headers=ENGLISH))
    assert "The line called this contact, who had asked for it in the portal" in seen
    assert "Customer joins" in seen
    before = words(signed_in("viewer").get(f"/calls/{level_1}", headers=ENGLISH))
    assert "The line called this contact" not in before
    assert "Asks to be called" in before


FOUND_BY = [
    "number=06 1234 5678",
    "number=%2B31612345678",
    "company=bakkerij",
    "company=jansen",
    "company=100234",
    "engineer=sanne",
    "level=1",
    "outcome=connected",
    "verified=yes",
    "since=2026-03-02T11:00&until=2026-03-02T11:00",
    "number=0612345678&company=Bakkerij Jansen BV&engineer=sanne&level=1",
    "company=100234&outcome=connected&verified=yes&level=1",
]
NOT_FOUND_BY = [
    "number=0687654320",
    "company=Bakkerij Pietersen",
    "company=%25",
    "engineer=joris",
    "engineer=last_resort",
    "level=2",
    "outcome=failed",
    "since=2026-03-02T11:02",
    "until=2026-03-02T10:59",
    "engineer=sanne&outcome=abandoned",
]


@pytest.mark.parametrize("asked", FOUND_BY)
def test_a_call_is_found_by_anything_known_of_it_and_no_other_is(
    signed_in, level_1, stranger, asked
):
    seen = signed_in("viewer").get(f"/calls?{asked}").text
    assert level_1 in seen
    assert stranger not in seen


@pytest.mark.parametrize("asked", NOT_FOUND_BY)
def test_a_call_that_differs_in_anything_is_not_found(signed_in, level_1, asked):
    seen = signed_in("viewer").get(f"/calls?{asked}", headers=ENGLISH)
    assert level_1 not in seen.text
    assert "No calls match." in words(seen)


def test_whoever_hung_up_before_the_pin_is_found_as_not_verified(signed_in, level_1, stranger):
    seen = signed_in("viewer").get("/calls?verified=no").text
    assert stranger in seen
    assert level_1 not in seen


@pytest.mark.parametrize("asked", ["level=5", "outcome=won", "engineer=nobody", "since=yesterday"])
def test_what_cannot_be_meant_is_said_beside_its_field(signed_in, level_1, asked):
    answer = signed_in("viewer").get(f"/calls?{asked}", headers=ENGLISH)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    assert "This value is not valid." in words(answer)
    assert level_1 not in answer.text


@pytest.mark.parametrize("place", ["", "x", "2026-03-02T10:00_abc", "2026-03-02T10:00:00+00:00_"])
def test_a_place_that_nobody_wrote_is_none(signed_in, level_1, place):
    assert level_1 in signed_in("viewer").get("/calls", query_string={"before": place}).text


def test_older_calls_stand_on_the_next_page(signed_in, board, clock, level_1):
    for count in range(50):
        clock.tick(1)
        board.call_service.answer(f"CA{count:032}", NUMBER, "+31687654321")
    viewer = signed_in("viewer")
    first = viewer.get("/calls?verified=")
    assert level_1 not in first.text
    older = re.search(r'rel="next" href="/console([^"]+)"', first.text)[1].replace("&amp;", "&")
    seen = viewer.get(older)
    assert level_1 in seen.text
    assert 'rel="next"' not in seen.text


def test_a_call_tells_its_story_in_both_languages_to_the_millisecond(signed_in, level_1):
    viewer = signed_in("viewer")
    dutch = words(viewer.get(f"/calls/{level_1}", headers={"Accept-Language": "nl"}))
    assert "Oproep van Bakkerij Jansen BV" in dutch
    assert "11:00:25.001 +25.001 Aangenomen sanne pressed the key first" in dutch
    assert "Sanne de Vries, telefoon aangenomen" in dutch  # what became of the page
    viewer = signed_in("manager")
    english = words(viewer.get(f"/calls/{level_1}", headers=ENGLISH))
    assert "3 11:00:07.250 +7.250 Chose the level chose level 1, critical" in english
    assert "Sanne de Vries talking 11:00:26.001 11:01:26.001 1 min" in english


def test_what_was_keyed_as_a_pin_stands_nowhere(signed_in, level_1):
    assert "482913" not in signed_in("admin").get(f"/calls/{level_1}").text


def test_a_call_that_is_not_there_is_missing(signed_in):
    assert signed_in("viewer").get("/calls/CA0").status_code == 404


def test_every_number_of_the_drawing_leads_to_its_step(signed_in, level_1):
    page = signed_in("viewer").get(f"/calls/{level_1}").text
    targets = re.findall(r'href="#(step-\d+)"', page)
    assert len(targets) > 5
    assert all(f'id="{target}"' in page for target in targets)


def test_what_is_filtered_is_saved_and_the_audit_log_says_so(signed_in, board, level_1, stranger):
    sheet = _export(signed_in("manager"), kind="csv", outcome="connected")
    assert sheet.startswith("\ufeffsid,line,from,")
    (row,) = csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff")))
    assert (row["sid"], row["answered_by"], row["verified"]) == (level_1, "sanne", "yes")
    assert row["from"] == "'+31612345678"  # or a spreadsheet would work it out
    deed = AuditLog(board.engine).page()[0].entry
    assert (deed.action, deed.after) == ("calls.export", {"as": "csv", "asked": "outcome"})


def test_lines_of_json_say_what_the_command_line_says(signed_in, level_1, stranger):
    manager = signed_in("manager")
    rows = [json.loads(line) for line in _export(manager, kind="jsonl").splitlines()]
    assert [row["sid"] for row in rows] == [stranger, level_1]
    assert (rows[1]["from"], rows[1]["incident"]) == ("+31612345678", 1001)
    found = _export(manager, kind="jsonl", number="0687654321")
    assert [json.loads(line)["sid"] for line in found.splitlines()] == [stranger]


def test_a_download_is_only_for_those_who_may(signed_in, level_1):
    manager = signed_in("manager")
    assert _export(manager, kind="csv")
    assert manager.post("/calls/export", kind="exe").status_code == 400
    assert manager.post("/calls/export", kind="csv", level="9").status_code == 400
    assert signed_in("engineer").post("/calls/export", kind="csv").status_code == 403


def _export(somebody, **fields):
    answer = somebody.post("/calls/export", **fields)
    text = answer.text
    answer.close()
    return text


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("calls.outcome", [one.value for one in CallOutcome]),
        ("calls.result", [one.value for one in PageResult]),
        ("console.channel", [one.value for one in Channel]),
        ("calls.part", KINDS),
    ],
)
def test_whatever_can_be_drawn_has_words(prefix, names):
    assert all(f"{prefix}.{name}" in load_catalogue() for name in names)
