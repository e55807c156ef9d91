"""`doctor` shows the numbers that the carrier would not ring."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from routing import events
from routing.call import Stage
from service.bootstrap import now


@pytest.fixture
def rung(applied, board):
    """Somebody calls about level 1, so long ago; what becomes of sanne's phones in turn."""

    def call(ago, *fates):
        at = now() - ago
        desk = replace(board.call_service, clock=lambda: at)
        sid = f"CA{int(at.timestamp()):032}"
        call = desk.answer(sid, "+31201234567", "+31612345678").case.call
        call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
        if call.stage is Stage.ABOUT:
            call = desk.happen(events.Chose(call.id, call.turn, "2")).call
        for _ in range(2):
            matter = desk.happen(events.Chose(call.id, call.turn, "1"))
            call = matter.call
        for number, fate in enumerate(fates):
            leg = next(p for p in matter.incident.legs() if p.engineer == "sanne")
            if fate == "placed":
                matter = desk.happen(events.LegPlaced(leg.id, f"CB{sid[3:]}{number}"))
            else:
                matter = desk.happen(events.LegRefused(leg.id, fate))
        desk.happen(events.CallEnded(call.id))

    return call


@pytest.fixture
def said(type_in):
    def look():
        rows = map(json.loads, type_in("doctor", "--json").stdout.splitlines())
        return [(row["state"], row["message"]) for row in rows if row["check"] == "numbers refused"]

    return look


HOUR = dt.timedelta(hours=1)


def test_nothing_refused_is_well(rung, said):
    rung(HOUR, "placed")
    assert said() == [("ok", "none in the last 30 days")]


def test_a_refused_number_is_named_with_person_code_and_time(rung, said):
    rung(HOUR, "21211", "placed")
    ((state, message),) = said()
    assert state == "warn"
    assert message.startswith("+31612345601 of sanne was refused by the carrier with 21211 on 20")


def test_a_number_rung_since_then_is_well_again(rung, said):
    rung(3 * HOUR, "21215", "21215")
    assert len(said()) == 2
    rung(HOUR, "placed")
    ((_, message),) = said()
    assert message.startswith("+31208881101 of sanne")


def test_a_number_that_left_the_file_is_nobodys_worry(rung, said, type_in, paper):
    rung(HOUR, "21211")
    assert type_in("apply", paper('"+31612345601"', '"+31612345609"')).exit_code == 0
    assert said() == [("ok", "none in the last 30 days")]


def test_what_was_refused_long_ago_is_over(rung, said):
    rung(40 * 24 * HOUR, "21211")
    assert said() == [("ok", "none in the last 30 days")]
