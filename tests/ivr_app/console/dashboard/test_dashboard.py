"""The dashboard: callers, the people rung for them, open incidents, and people on call."""

import re

import pytest
from sqlalchemy import event

from ivr_app.console.dashboard import DOCTOR
from ivr_app.web.i18n import load_catalogue
from routing import events
from routing.call import Stage
from routing.page import LegState
from routing.phone_numbers import format_international
from store.log.reports import read_live_state

NUMBER, PIETER = "+31201234567", "+31612345678"


@pytest.fixture
def pieter(board):
    """Pieter has called, keyed his PIN, confirmed level 1, and says what is wrong."""
    desk = board.call_service
    call = desk.answer("CA" + "1" * 32, NUMBER, PIETER).case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        matter = desk.happen(events.Chose(call.id, call.turn, "1"))
        call = matter.call
    return matter


@pytest.fixture
def looks(board):
    """How often the line was looked at since this was asked last."""
    seen = []

    def count(connection, cursor, statement, parameters, context, executemany):
        seen.extend(re.findall("FROM incidents", statement))

    def since():
        found = len(seen)
        seen.clear()
        return found

    event.listen(board.engine, "after_cursor_execute", count)
    yield since
    event.remove(board.engine, "after_cursor_execute", count)


def words(answer):
    """What stands on the page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_caller_is_shown_with_level_wait_and_who_is_tried(signed_in, clock, pieter):
    clock.tick(75)
    seen = words(signed_in("viewer").get("/", headers={"Accept-Language": "nl"}))
    assert (
        "Bakkerij Jansen BV Niveau 1 geverifieerd zegt wat er aan de hand is gewacht 1 min 15 s"
        in seen
    )
    assert f"incident {pieter.incident.number} Sanne de Vries wordt gebeld 1 min 15 s" in seen


def test_a_caller_without_a_name_is_shown_by_the_number(signed_in, board):
    board.call_service.answer("CA" + "2" * 32, NUMBER, "+31687654321")
    seen = words(signed_in("viewer").get("/", headers={"Accept-Language": "en"}))
    assert "+31 6 87654321 – unverified" in seen


def test_whoever_has_hung_up_is_gone_and_the_incident_stays(signed_in, board, clock, pieter):
    board.call_service.happen(events.CallEnded(pieter.call.id))
    seen = words(signed_in("viewer").get("/", headers={"Accept-Language": "nl"}))
    assert "Er is niemand aan de lijn." in seen
    assert "Niveau 1 Bakkerij Jansen BV nog niemand" in seen


def test_the_clock_of_an_answer_counts_down_and_then_says_late(signed_in, board, clock, pieter):
    viewer = signed_in("viewer")
    assert " 4 u " in words(viewer.get("/", headers={"Accept-Language": "nl"}))
    clock.tick(3.5 * 3600)
    page = viewer.get("/", headers={"Accept-Language": "nl"})
    assert 'data-tone="warn"><span class="figures">30 min' in page.text
    clock.tick(3600)
    assert "te laat" in words(viewer.get("/", headers={"Accept-Language": "nl"}))


def test_what_is_answered_waits_no_more(signed_in, board, pieter):
    from routing.message import Via

    board.call_service.happen(events.CallEnded(pieter.call.id))
    board.call_service.happen(events.Responded(pieter.incident.key, "sanne", Via.COMMAND))
    seen = words(signed_in("viewer").get("/", headers={"Accept-Language": "en"}))
    assert "No incidents are waiting for a response." in seen


def test_each_step_says_who_is_rung_and_until_when(signed_in, clock):
    seen = words(signed_in("viewer").get("/", headers={"Accept-Language": "en"}))
    assert "Step 1 primary Sanne de Vries Step 2 night nobody until 18:00 Last resort" in seen


def test_nothing_is_sent_while_nothing_changes(signed_in, board, clock):
    viewer = signed_in("viewer")
    asked = re.search(r'hx-get="/console(/fresh\?[^"]+)"', viewer.get("/").text)[1]
    path = asked.replace("&amp;", "&")
    assert viewer.get(path).status_code == 204
    board.call_service.answer("CA" + "3" * 32, NUMBER, PIETER)
    clock.tick(1)
    answer = viewer.get(path)
    assert (answer.status_code, format_international(PIETER) in answer.text) == (200, True)


def test_who_looks_again_within_a_second_sees_what_was_seen_last(signed_in, board, clock, looks):
    one, other = signed_in("viewer"), signed_in("manager")
    for _ in range(3):
        clock.tick(0.25)
        assert [each.get("/fresh").status_code for each in (one, other)] == [200, 200]
    assert looks() == 1
    board.call_service.answer("CA" + "3" * 32, NUMBER, PIETER)
    assert format_international(PIETER) not in other.get("/fresh").text
    clock.tick(0.5)
    assert format_international(PIETER) in one.get("/fresh").text
    assert format_international(PIETER) in other.get("/fresh").text
    assert looks() == 1
    clock.tick(-3600)
    board.call_service.answer("CA" + "4" * 32, NUMBER, "+31687654321")
    assert "+31 6 87654321" in one.get("/fresh").text


def test_what_one_sees_is_not_shown_to_those_with_another_language_or_clock(signed_in, looks):
    one, other = signed_in("viewer"), signed_in("manager")
    assert "niemand" in words(one.get("/fresh", headers={"Accept-Language": "nl"}))
    assert "nobody" in words(other.get("/fresh", headers={"Accept-Language": "en"}))
    other.post("/profile/clock", zone="America/New_York")
    assert "12:00" in words(other.get("/fresh", headers={"Accept-Language": "en"}))
    assert looks() == 3


def test_only_one_round_of_the_doctor_at_a_time(signed_in):
    engineer = signed_in("engineer")
    with DOCTOR:
        assert "Er wordt al nagekeken" in engineer.get("/doctor", headers={}).text
    found = words(engineer.get("/doctor"))
    assert "database answers, and its schema is up to date" in found
    assert found.startswith("mis")  # nothing else runs here, and the worst stands first
    assert "mis" not in found[found.index("in orde") :]
    assert signed_in("viewer").get("/doctor").status_code == 403


@pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
def test_the_page_reads_no_more_than_what_is_alive(board, pieter):
    plans = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            rows = connection.connection.cursor().execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            plans.extend(row[3] for row in rows)

    event.listen(board.engine, "after_cursor_execute", explain)
    read_live_state(board.engine, "main")
    event.remove(board.engine, "after_cursor_execute", explain)
    searched = [plan for plan in plans if plan.startswith(("SCAN", "SEARCH"))]
    assert [re.search(r"INDEX (\w+)", plan)[1] for plan in searched] == [
        "ix_incidents_open",
        "ix_calls_live",
        "ix_pages_incident_at",
    ]


@pytest.mark.parametrize(("words_of", "kind"), [("stage", Stage), ("leg", LegState)])
def test_whatever_a_call_can_be_doing_has_words(words_of, kind):
    assert all(f"dashboard.{words_of}.{one.value}" in load_catalogue() for one in kind)
