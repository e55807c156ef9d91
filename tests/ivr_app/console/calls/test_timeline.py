"""Who was doing what, read from the journal of whole calls."""

import datetime as dt

from ivr_app.console.calls.timeline import draw_timeline
from store.log.timeline import read_call_timeline
from tests.ivr_app.console.calls.conftest import NUMBER, PIETER

START = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def drawn(told):
    """Each lane as its parts with the seconds from the beginning to which they lasted."""
    return {
        row.lane.who: [(bar.span.kind, (bar.span.end - START).total_seconds()) for bar in row.bars]
        for row in told.rows
    }


def test_a_call_is_drawn_as_it_went(board, clock, level_1):
    told = draw_timeline(read_call_timeline(board.engine, level_1), clock.now)
    assert drawn(told) == {
        None: [("menu", 10.25), ("waiting", 26.001), ("talking", 86.501)],
        "sanne": [
            ("ringing", 19),
            ("listening", 25.001),
            ("connecting", 26.001),
            ("talking", 86.001),
            ("closing", 90.501),
        ],
    }
    assert [(mark.who, mark.channel) for _, mark in told.marks] == [("sanne", "sms")]


def test_a_call_that_lives_is_drawn_until_now(board, clock):
    call = board.call_service.answer("CA" + "7" * 32, NUMBER, PIETER).case.call
    clock.tick(5)
    told = draw_timeline(read_call_timeline(board.engine, call.sid), clock.now)
    assert drawn(told) == {None: [("menu", 5)]}
