"""Who was called out, and which numbers were refused, as the journal has it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import Engine

from routing.decision import Case, Decision
from routing.journal import JournalEntry, JournalEvent
from routing.page import LegState
from store.log.call_repository import SqlCallRepository
from store.log.callouts import CallOut, RefusedNumber, find_refused_numbers, list_call_outs
from tests.store.cast import NOW, incident, leg

MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE


class Told:
    """An incident with one leg of sanne, which is over; what happened to it is told."""

    def __init__(self, engine: Engine, number: int, sid: str | None = None) -> None:
        self.book = SqlCallRepository(engine)
        plain = leg(f"leg-{number}", at=NOW + number * HOUR)
        self.leg = replace(plain, sid=sid, state=LegState.ENDED)
        first = Case(incident=incident(number, pages=(self.leg,)))
        self.matter, _ = self.book.save(Case(), Decision(first), self.leg.at)

    def happens(self, minutes: float, *events: JournalEvent) -> None:
        notes = tuple(JournalEntry(event, f"why: {event}", self.leg.id) for event in events)
        at = self.leg.at + minutes * MINUTE
        self.matter, _ = self.book.save(self.matter, Decision(self.matter, notes), at)


def test_a_call_out_lasts_from_the_key_to_the_end_of_the_leg(engine: Engine) -> None:
    told = [Told(engine, number) for number in range(4)]
    told[0].happens(1, JournalEvent.PLACED)
    told[0].happens(2, JournalEvent.ACCEPTED, JournalEvent.BRIDGED)
    told[0].happens(12.5, JournalEvent.LEG_ENDED)
    told[1].happens(1, JournalEvent.LEG_ENDED)
    told[2].happens(1, JournalEvent.ACCEPTED)
    told[3].happens(5, JournalEvent.ACCEPTED)
    first = NOW + 2 * MINUTE
    assert list_call_outs(engine, "main", first, NOW + 3 * HOUR + 5 * MINUTE) == [
        CallOut("sanne", first, first + 10.5 * MINUTE),
        CallOut("sanne", NOW + 2 * HOUR + MINUTE, None),
    ]
    assert list_call_outs(engine, "another", first, first + HOUR) == []


def test_a_refused_number_is_well_once_it_has_been_rung_again(engine: Engine) -> None:
    Told(engine, 0, sid="CA0")
    Told(engine, 1).happens(1, JournalEvent.REFUSED)
    expected = (RefusedNumber("sanne", "+31612345601", "refused", NOW + HOUR + MINUTE),)
    assert find_refused_numbers(engine, "main", NOW) == expected
    assert find_refused_numbers(engine, "main", NOW + 2 * HOUR) == ()
    Told(engine, 2, sid="CA2")
    assert find_refused_numbers(engine, "main", NOW) == ()
