"""The desk: reads, decides, writes down, and only then sends; on a lost race it starts over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from routing import events as ev
from routing import flow
from routing.caller import identify
from routing.chance import Chance
from routing.facts import FactsOfNow
from routing.line import Holidays, Line
from routing.numbers import read_caller
from routing.ports import Bell, Book, Decision, Locksmith, LostRaceError, Matter, People
from routing.schedule.hours import Holiday, Office
from routing.schedule.wallclock import wall

TRIES = 20
"""How often a lost race is decided anew; each loss means that somebody else has moved on."""


class UnknownError(Exception):
    """The event is about something that the book does not know."""


class NoLineError(UnknownError):
    """A call to a number that no line has; whoever calls is led to a human all the same."""


T = TypeVar("T")


def won(act: Callable[[], T], what: str) -> T:
    """Do this, which reads and decides anew each time, until it has lost no race."""
    for _ in range(TRIES):
        try:
            return act()
        except LostRaceError:
            continue
    raise LostRaceError(f"{what}: the race was lost {TRIES} times")


@dataclass(frozen=True)
class Desk:
    """Everything that happens to a line comes past here."""

    book: Book
    people: People
    locksmith: Locksmith
    bell: Bell
    clock: Callable[[], dt.datetime]
    seed: Callable[[], bytes]
    calendar: Callable[[Holidays], Holiday]
    mail: bool = True  # whether a mail server is named
    told: Callable[[Matter, Decision], None] = lambda matter, decision: None

    def answer(self, sid: str, to: str, shown: str) -> Matter:
        """A call comes in on one of our numbers; asked twice, it is the same call."""
        return won(lambda: self._answer(sid, to, shown), "a call")

    def _answer(self, sid: str, to: str, shown: str) -> Matter:
        with self.book.moment():
            if not sid:
                raise NoLineError("a call without an id cannot be kept")
            known = self.book.matter_of_sid(sid)
            if known is not None:
                return known
            line = self.people.line_of_number(to)
            if line is None:
                raise NoLineError("no line has this number")
            decision = flow.begin(self.facts(line), self._dialled(sid, line, shown))
        return self.save(Matter(), decision)

    def _dialled(self, sid: str, line: Line, shown: str) -> ev.Dialled:
        caller = read_caller(shown, line.country).e164
        caller = None if caller is not None and line.texts_at(caller) else caller  # is us
        today = wall(self.clock(), line.timezone).date()
        found = self.people.contracts_of_phone(line.id, caller) if caller is not None else ()
        selected, language = identify.selected_by(found, caller, today)
        engineer = next((e.id for e in line.engineers if caller in e.phones), None)
        return ev.Dialled(sid, line.id, shown[:64], caller, language, selected, engineer)

    def happen(self, event: ev.Event) -> Matter:
        """Something happened: decide what follows, write it down, ring the bell."""
        return won(lambda: self._happen(event), type(event).__name__)

    def _happen(self, event: ev.Event) -> Matter:
        with self.book.moment():
            before = self._read(event)
            decision = flow.step(before, event, self.facts(self.line_of(before)))
        if decision.matter == before and not decision.errands and not decision.memos:
            return before
        return self.save(before, decision)

    def contract_keyed(self, call_id: str, turn: int, digits: str | None) -> Matter:
        """A contract number was keyed; whether it exists is not said before the PIN."""
        keyed, number = identify.read_keys(digits)
        matter = self.call(call_id)
        if matter.call is None or not number or len(number) > identify.LONGEST:
            return self.happen(ev.ContractKeyed(call_id, turn, keyed))
        line, call, now = self.line_of(matter), matter.call, self.clock()
        contract = self.people.contract(line.id, number)
        unknown = f"unknown {line.id} {self.locksmith.mark(number)}"
        suspect = identify.of_contract(line.id, contract.number) if contract else unknown
        subjects = identify.slip_subjects(line.id, call.caller, suspect)
        pause = identify.earned_pause(self.book, subjects, now)
        own = contract is not None and any(call.caller in c.phones for c in contract.contacts)
        selected = contract.number if contract is not None else None
        pause = 0 if own or call.tries else pause
        return self.happen(ev.ContractKeyed(call_id, turn, keyed, selected, suspect, pause))

    def pin_keyed(self, call_id: str, turn: int, digits: str | None) -> Matter:
        """A PIN was keyed: it is compared here, and only the verdict goes on."""
        matter = self.call(call_id)
        keyed, pin = identify.read_keys(digits)
        if keyed is not ev.Keyed.DIGITS or matter.call is None or matter.call.turn != turn:
            return self.happen(ev.PinChecked(call_id, turn, keyed))
        call, line, now = matter.call, self.line_of(matter), self.clock()
        contract = self.people.contract(line.id, call.selected) if call.selected else None
        today = wall(now, line.timezone).date()
        contacts = identify.contacts_now(contract, today, call.caller) if contract else []
        contact = identify.prove(contract, pin, contacts, self.locksmith)
        if contract is not None and contact is not None:
            worth = identify.standing(contract, now, line.timezone)
            who = identify.identity(contract, contact, worth)
            return self.happen(ev.PinChecked(call_id, turn, keyed, who, worth))
        subjects = identify.slip_subjects(line.id, call.caller, call.suspect)
        pause = identify.slip_pause(self.book, subjects, now)
        self.book.count_slip([*subjects, identify.of_line(line.id)], now)
        return self.happen(ev.PinChecked(call_id, turn, keyed, pause=pause))

    def call(self, call_id: str) -> Matter:
        """The call of our id with its incident."""
        return self._known(self.book.matter_of_call(call_id))

    def leg(self, leg_id: str) -> Matter:
        """The incident of this leg, with its latest call."""
        return self._known(self.book.matter_of_leg(leg_id))

    def line_of(self, matter: Matter) -> Line:
        """The line that a matter belongs to."""
        value = matter.call or matter.incident
        line = self.people.line(value.line) if value is not None else None
        if line is None:
            raise UnknownError("the line of this matter is not known")
        return line

    def facts(self, line: Line) -> FactsOfNow:
        """The facts of this moment."""
        office = Office.of(line, self.calendar(line.holidays))
        chance = Chance(self.seed())
        return FactsOfNow(self.clock(), line, chance, office, self.book, self.people, self.mail)

    def _read(self, event: ev.Event) -> Matter:
        if isinstance(event, ev.CallEvent):
            return self._known(self.book.matter_of_call(event.call))
        if isinstance(event, ev.IncidentEvent):
            return self._known(self.book.matter_of_incident(event.incident))
        return self.leg(event.page if isinstance(event, ev.PageSent) else event.leg)

    def save(self, before: Matter, decision: Decision) -> Matter:
        """Write down what was decided and ring the bell; raises LostRaceError."""
        after, due = self.book.save(before, decision, self.clock())
        self.bell.ring(due)
        self.told(after, decision)
        return after

    @staticmethod
    def _known(matter: Matter | None) -> Matter:
        if matter is None:
            raise UnknownError("nothing of this id is known")
        return matter
