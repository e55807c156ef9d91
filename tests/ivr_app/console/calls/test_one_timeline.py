"""`show`, the API and the console show the same timeline, notes and messages included."""

from __future__ import annotations

import html
import json

import pytest

from routing.decision import Decision
from routing.line import Channel
from routing.message import IncidentNote, Message, Via
from routing.page import PageResult
from store.people.api_tokens import TokenRight
from tests.ivr_app.api.conftest import Program, let_in
from tests.ivr_app.console.dashboard.test_dashboard import words

WHY = "the carrier says: error 30005"


@pytest.fixture
def number(board, clock, level_1):
    """An incident with a note, and with a message to Sanne that failed."""
    book = board.call_service.calls
    case = book.find_by_sid(level_1)
    key, at = case.incident.key, clock()
    note = IncidentNote("n", key, at, "sanne", Via.CONSOLE, "the oven is cold")
    book.save(case, Decision(case, incident_notes=(note,)), at)
    to = "+31612345601"
    message = Message("m", "main", at, "sanne", Channel.SMS, to, "nl", "swap_given", (), key)
    book.messages.send([message], at)
    book.messages.record_result("m", PageResult.FAILED, reason=WHY)
    return case.incident.number


@pytest.fixture
def show(app):
    """The rows that the command line prints of a call or an incident."""

    def run(which):
        printed = app.test_cli_runner().invoke(args=["show", str(which), "--json"])
        return [json.loads(line) for line in printed.stdout.splitlines()]

    return run


@pytest.mark.parametrize("kind", ["calls", "incidents"])
def test_all_three_show_the_note_and_why_the_message_failed(
    app, board, show, signed_in, number, level_1, kind
):
    which = level_1 if kind == "calls" else number
    rows = show(which)
    found = {(row["event"], row["reason"], row["result"]) for row in rows}
    assert ("note", "the oven is cold", None) in found
    assert ("notification", f"swap_given: {WHY}", "failed") in found
    program = Program(app.test_client(), let_in(board, "a wallboard", TokenRight.READ))
    assert program.get(f"/{kind}/{which}/timeline").json["items"] == rows
    page = html.unescape(words(signed_in("viewer").get(f"/{kind}/{which}")))
    shown = 0
    for reason in [row["reason"] for row in rows if row["reason"]]:
        shown = page.index(reason, shown)
