"""Plays a call through in memory by the rules of a line; no engineer ever answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from config.holidays import build_holiday_check
from routing import events, jobs
from routing import jobs as er
from routing.call import Call, Stage
from routing.call_service import CallService
from routing.caller.identify import contacts_now
from routing.contracts import Contact, Contract
from routing.decision import Case
from routing.escalation.desk_queue import find_free_people
from routing.incident import EscalationPhase, Incident
from routing.journal import JournalEvent
from routing.line import Line
from routing.oncall.local_time import wall
from routing.ports import PinVerifier
from store.memory.call_repository import MemoryCallRepository
from store.memory.people import MemoryLineRepository
from store.work.redis_client import NoJobNotifier

SID = "rehearsal"
ACTIVE_PHASES = (EscalationPhase.STEPS, EscalationPhase.BREATH, EscalationPhase.LAST_RESORT)


@dataclass(frozen=True)
class CallerRole:
    """The contact whom the caller plays, and the urgency that is keyed."""

    contract: Contract | None
    contact: Contact | None
    urgency: int

    @classmethod
    def of(cls, contract: Contract | None, urgency: int, at: dt.datetime, line: Line) -> CallerRole:
        """The first contact of the contract that is valid on that day."""
        today = wall(at, line.timezone).date()
        contacts = contacts_now(contract, today, None) if contract else []
        return cls(contract, contacts[0] if contacts else None, urgency)


class AnyPinVerifier(PinVerifier):
    """Accepts every PIN as that of one contact."""

    def __init__(self, contact: Contact | None) -> None:
        """``contact`` is the one whose PIN is always right."""
        self._contact = contact

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact, if it is among these."""
        return next((contact for contact in contacts if contact is self._contact), None)

    def mark(self, digits: str) -> str:
        """A dry run stores nothing, so the digits stay as they are."""
        return digits


class DryRun:
    """One call, from the welcome to the end of the last resort's ringing."""

    def __init__(self, line: Line, role: CallerRole, at: dt.datetime) -> None:
        """Nothing has happened yet."""
        self._line, self._role, self._now = line, role, at
        self._book = MemoryCallRepository()
        self._done: set[str] = set()
        self._desk = CallService(
            calls=self._book,
            lines=MemoryLineRepository(line, [role.contract] if role.contract else []),
            pins=AnyPinVerifier(role.contact),
            notifier=NoJobNotifier(),
            clock=lambda: self._now,
            seed=lambda: self._now.isoformat().encode(),
            calendar=build_holiday_check,
        )

    def play(self) -> list[dict[str, Any]]:
        """Play the call; returns its steps in the form that ``show`` prints."""
        phones = self._role.contact.phones if self._role.contact else ()
        matter = self._desk.answer(SID, self._line.number, phones[0] if phones else "anonymous")
        while matter.call is not None and (answered := self._answer(matter.call)) is not None:
            matter = answered
        while (errand := self._next_errand()) is not None:
            self._now = max(self._now, errand.due_at)
            self._do(errand)
        return list(self._told())

    def _answer(self, call: Call) -> Case | None:
        """Press what the line asks for; None when it asks for nothing more."""
        contract, contact = self._role.contract, self._role.contact
        match call.stage:
            case Stage.LANGUAGE | Stage.CONFIRM:
                return self._desk.happen(events.Chose(call.id, call.turn, "1"))
            case Stage.URGENCY:
                return self._desk.happen(events.Chose(call.id, call.turn, str(self._role.urgency)))
            case Stage.CONTRACT:
                number = contract.number if contract and contact else "0"
                return self._desk.contract_keyed(call.id, call.turn, f"{number}#")
            case Stage.PIN:
                return self._desk.pin_keyed(call.id, call.turn, "1#" if contact else "0#")
        return None

    def _next_errand(self) -> er.Job | None:
        """The next job that is due, for as long as an escalation is active."""
        sought = [i for i in self._book.rows.incidents.values() if self._goes_on(i)]
        errands = self._book.rows.errands
        waiting = [key for key in errands if key not in self._done]
        if not sought or not waiting:
            return None
        key = min(waiting, key=lambda key: errands[key].due_at)
        self._done.add(key)
        return errands[key]

    def _goes_on(self, incident: Incident) -> bool:
        """True while a round is active; at the desk, until nobody is left to be rung at once."""
        if incident.hunt.doing is not EscalationPhase.ROW:
            return incident.hunt.doing in ACTIVE_PHASES
        pages = self._book.rows.pages.values()
        return not pages or any(page.live for _, page in pages)

    def _do(self, errand: er.Job) -> None:
        """Ring, and let it ring."""
        match errand.deed:
            case jobs.Ring(leg=leg):
                self._desk.happen(events.LegPlaced(leg, leg))
            case jobs.EndRing(leg=leg):
                self._desk.happen(events.RangLongEnough(leg))
            case jobs.StopRinging(leg=leg):
                self._desk.happen(events.LegHeard(leg, events.Heard.NO_ANSWER))
            case jobs.ServeDesk():
                for key in self._book.desk_queue.find_waiting(self._line.id):
                    self._desk.happen(
                        events.DeskTurn(key, find_free_people(self._desk.facts(self._line)))
                    )
            case jobs.ContinueEscalation(incident=incident, mark=mark):
                self._desk.happen(events.HuntDue(incident, mark))

    def _told(self) -> Iterator[dict[str, Any]]:
        """The journal in the form that ``show`` prints."""
        for at, _, note in self._book.rows.journal:
            _, leg = self._book.rows.pages.get(note.leg or "", (None, None))
            yield {
                "at": at.astimezone(ZoneInfo(self._line.timezone)).isoformat(),
                "event": note.event,
                "reason": note.reason,
                "engineer": leg.engineer if leg else None,
                "channel": leg.channel if leg else None,
                "to": leg.to if leg else None,
                "result": leg.result if leg and note.event is JournalEvent.LEG_ENDED else None,
            }
