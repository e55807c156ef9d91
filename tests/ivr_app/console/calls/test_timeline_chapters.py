"""An incident is drawn in chapters, with the quiet between left out."""

import datetime as dt

import pytest

from ivr_app.console.calls.timeline import MOST, QUIET, split_chapters
from routing import events
from store.log.timeline import read_incident_timeline
from tests.ivr_app.console.calls.conftest import NUMBER, PIETER, talked

FIRST = 1001


@pytest.fixture
def told(board, clock):
    """The chapters of the first incident now, with their steps numbered."""

    def tell():
        return split_chapters(read_incident_timeline(board.engine, FIRST), clock.now)

    return tell


@pytest.fixture
def call_again(board, clock):
    """Pieter calls about the same incident once more, and talks with Sanne again."""

    def again(name):
        call = board.call_service.answer(f"CA{name:>032}", NUMBER, PIETER).case.call
        clock.tick(5)
        call = board.call_service.pin_keyed(call.id, call.turn, "482913#").case.call
        clock.tick(5)
        talked(
            board.call_service,
            clock,
            board.call_service.happen(events.Chose(call.id, call.turn, "1")),
        )
        return call.sid

    return again


def parties(chapter):
    return [row.lane.who for row in chapter.timeline.rows]


def test_one_call_is_one_chapter_with_whoever_was_rung(told, level_1):
    (only,) = told()
    assert [call.sid for call in only.calls] == [level_1]
    assert parties(only) == [None, "sanne"]
    assert [mark.channel for _, mark in only.timeline.marks] == ["sms"]
    assert only.timeline.ticks[0].first == 1


def test_soon_after_is_the_same_chapter_and_long_after_the_next(told, clock, level_1, call_again):
    clock.tick(QUIET.total_seconds() - 60)
    call_again("2")
    (only,) = told()
    assert parties(only) == [None, None, "sanne"]
    clock.tick(dt.timedelta(days=3).total_seconds())
    later = call_again("3")
    first, second = told()
    assert first.timeline.scale == only.timeline.scale
    assert [call.sid for call in second.calls] == [later]
    assert parties(second) == [None, "sanne"]
    assert second.timeline.scale.seconds == pytest.approx(90, abs=1)


def test_the_numbers_go_on_through_all_chapters(told, clock, level_1, call_again):
    clock.tick(QUIET.total_seconds() * 2)
    call_again("2")
    first, second = told()
    assert second.timeline.ticks[0].first == first.timeline.ticks[-1].last + 1


def test_a_week_of_chapters_is_not_drawn_to_its_end(told, clock, level_1, call_again):
    for day in range(MOST + 2):
        clock.tick(dt.timedelta(days=1).total_seconds())
        call_again(str(day))
    assert len(told()) == MOST
