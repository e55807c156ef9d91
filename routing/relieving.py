"""Handovers at the desk: planned ahead, told when due, confirmed by text, looked after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from routing.desk import Desk, won
from routing.errands import HandoverDue
from routing.incident import State
from routing.letter import Phrase, Told
from routing.line import Line
from routing.relief import Relief, Standing
from routing.roster import Telling
from routing.written import confirming, relief_letters
from routing.written import relief as reliefs


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engineer hears back: the key of a sentence, and what fills it in."""

    words: str
    values: tuple[tuple[str, Told], ...]


def plan(desk: Desk, line: Line, since: dt.datetime) -> None:
    """Plan what is near, and what was missed; whoever else plans the same adds nothing."""
    facts = desk.facts(line)
    desk.bell.ring(desk.book.plan(list(reliefs.planned(facts, since)), facts.now))


def come_on(desk: Desk, due: HandoverDue) -> Relief | None:
    """A handover is due: whoever comes on is told; gives back what is now kept of it."""
    line = desk.people.line(due.line)

    def tell() -> Relief | None:
        telling = reliefs.comes_on(desk.facts(line), due) if line is not None else None
        if telling is None:
            return None
        desk.bell.ring(desk.book.relieve(telling, desk.clock()))
        return desk.book.relief(telling.relief.id)

    return won(tell, "a handover")


def check(desk: Desk, relief_id: str) -> Relief | None:
    """Look after a relief; gives back what became of it, or None when nothing did."""

    def look() -> Relief | None:
        relief = desk.book.relief(relief_id)
        line = desk.people.line(relief.line) if relief is not None else None
        if relief is None or line is None:
            return None
        text = desk.book.letter(relief_letters.text_of(relief))
        telling = reliefs.checked(desk.facts(line), relief, text)
        return _became(desk, telling) if telling is not None else None

    return won(look, "a handover")


def confirm(desk: Desk, line: Line, engineer: str, body: str, sid: str) -> Answer | None:
    """A text of an engineer: gives back the answer, or None when it is about something else."""

    def read() -> Answer | None:
        facts = desk.facts(line)
        numbers = [incident.number for incident in facts.open_incidents()]
        theirs = desk.book.reliefs_of(line.id, engineer, facts.now)
        meaning = confirming.meaning_of(body, sid, theirs, numbers)
        if isinstance(meaning, confirming.Confirms) and meaning.relief.waits:
            _became(desk, reliefs.confirmed(facts, meaning.relief, sid))
        return _answer(desk, line, meaning)

    return won(read, "a handover")


def accept(desk: Desk, line: Line, engineer: str, relief_id: str) -> Relief | None:
    """An engineer says without a text that they have read it: gives back what is now kept of their
    relief; None where it is not theirs, or over."""

    def take() -> Relief | None:
        facts, relief = desk.facts(line), desk.book.relief(relief_id)
        if relief is None or (relief.line, relief.engineer) != (line.id, engineer):
            return None
        if not relief.waits or not relief.lasts(facts.now):
            return relief if relief.standing is Standing.CONFIRMED else None
        return _became(desk, reliefs.confirmed(facts, relief, None))

    return won(take, "a handover")


def _answer(desk: Desk, line: Line, meaning: confirming.Meaning | None) -> Answer | None:
    if meaning is None:
        return None
    if isinstance(meaning, confirming.Which):
        codes = tuple(
            Phrase("handover_code", (("code", one.code), ("schedule", one.schedule)))
            for one in meaning.reliefs
        )
        return Answer("handover_which", (("codes", codes),))
    named = ("schedule", meaning.relief.schedule)
    if isinstance(meaning, confirming.TooLate):
        return Answer("handover_over", (named,))
    waiting = relief_letters.most_urgent_first(desk.book.open_incidents(line.id))
    unclaimed = next((one for one in waiting if one.state is State.OPEN), None)
    if unclaimed is not None:
        return Answer("handover_confirmed_waits", (("number", unclaimed.number),))
    schedule = line.schedule(meaning.relief.schedule)
    zone = schedule.timezone if schedule is not None else line.timezone
    return Answer(
        "handover_confirmed", (named, ("until", (relief_letters.duty(meaning.relief, zone),)))
    )


def _became(desk: Desk, telling: Telling) -> Relief:
    desk.bell.ring(desk.book.relief_became(telling, desk.clock()))
    return replace(telling.relief, version=telling.relief.version + 1)
