"""Plays a call through in memory by the rules of a line; no engineer ever answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from config.holidays import build_holiday_check
from routing import events, jobs
from routing.call import Call, Stage
from routing.call_service import CallService
from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract
from routing.decision import Case
from routing.escalation.desk_queue import find_free_people
from routing.incident import EscalationPhase, Incident
from routing.journal import JournalEvent
from routing.line import Line
from routing.oncall.local_time import wall
from routing.ports import PinVerifier
from store.memory.call_repository import MemoryCallRepository
from store.memory.lines import MemoryLineRepository
from store.work.redis_client import NoJobNotifier

SID = "dry run"
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
        contacts: Sequence[Contact] = ()
        if contract is not None:
            contacts = find_contacts(contract, wall(at, line.timezone).date(), None)
        return cls(contract, next(iter(contacts), None), urgency)

    @property
    def phone(self) -> str:
        """The number that the caller calls from."""
        if self.contact is None or not self.contact.phones:
            return "anonymous"
        return self.contact.phones[0]

    @property
    def keyed_contract(self) -> str:
        """The keys for the contract number; 0 goes on without one."""
        if self.contract is None or self.contact is None:
            return "0#"
        return f"{self.contract.number}#"

    @property
    def keyed_pin(self) -> str:
        """The keys for the PIN; 0 goes on without one."""
        return "1#" if self.contact else "0#"


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
        self._calls = MemoryCallRepository()
        self._done: set[str] = set()
        self._call_service = CallService(
            calls=self._calls,
            lines=MemoryLineRepository(line, list(filter(None, [role.contract]))),
            pins=AnyPinVerifier(role.contact),
            notifier=NoJobNotifier(),
            clock=lambda: self._now,
            seed=lambda: self._now.isoformat().encode(),
            calendar=build_holiday_check,
        )

    def play(self) -> list[dict[str, Any]]:
        """Play the call; returns its steps in the form that ``show`` prints."""
        case = self._call_service.answer(SID, self._line.number, self._role.phone).case
        while case.call is not None and (answered := self._answer(case.call)) is not None:
            case = answered
        while (job := self._next_job()) is not None:
            self._now = max(self._now, job.due_at)
            self._run(job)
        return list(self._render_journal())

    def _answer(self, call: Call) -> Case | None:
        """Press what the line asks for; None when it asks for nothing more."""
        service, role = self._call_service, self._role
        match call.stage:
            case Stage.LANGUAGE | Stage.CONFIRM:
                return service.happen(events.Chose(call.id, call.turn, "1"))
            case Stage.URGENCY:
                return service.happen(events.Chose(call.id, call.turn, str(role.urgency)))
            case Stage.CONTRACT:
                return service.contract_keyed(call.id, call.turn, role.keyed_contract).case
            case Stage.PIN:
                return service.pin_keyed(call.id, call.turn, role.keyed_pin).case
        return None

    def _next_job(self) -> jobs.Job | None:
        """The next job that is due, for as long as an escalation is active."""
        escalating = any(map(self._is_escalating, self._calls.rows.incidents.values()))
        posted = self._calls.rows.jobs
        waiting = [key for key in posted if key not in self._done]
        if not escalating or not waiting:
            return None
        key = min(waiting, key=lambda key: posted[key].due_at)
        self._done.add(key)
        return posted[key]

    def _is_escalating(self, incident: Incident) -> bool:
        """True while a round is active; at the desk, until nobody is left to be rung at once."""
        if incident.escalation.phase is not EscalationPhase.ROW:
            return incident.escalation.phase in ACTIVE_PHASES
        pages = self._calls.rows.pages.values()
        return not pages or any(page.live for _, page in pages)

    def _run(self, job: jobs.Job) -> None:
        """Ring the phone of a job until it has rung long enough."""
        happen = self._call_service.happen
        match job.command:
            case jobs.Ring(leg=leg):
                happen(events.LegPlaced(leg, leg))
            case jobs.EndRing(leg=leg):
                happen(events.RangLongEnough(leg))
            case jobs.StopRinging(leg=leg):
                happen(events.LegHeard(leg, events.Heard.NO_ANSWER))
            case jobs.ServeDesk():
                for key in self._calls.desk_queue.find_waiting(self._line.id):
                    free = find_free_people(self._call_service.facts(self._line))
                    happen(events.DeskTurn(key, free))
            case jobs.ContinueEscalation(incident=incident, mark=mark):
                happen(events.EscalationTimerFired(incident, mark))

    def _render_journal(self) -> Iterator[dict[str, Any]]:
        """The journal in the form that ``show`` prints."""
        for at, _, entry in self._calls.rows.journal:
            row: dict[str, Any] = {
                "at": at.astimezone(ZoneInfo(self._line.timezone)).isoformat(),
                "event": entry.event,
                "reason": entry.reason,
                **dict.fromkeys(("engineer", "channel", "to", "result")),
            }
            if entry.leg in self._calls.rows.pages:
                _, page = self._calls.rows.pages[entry.leg]
                row |= {"engineer": page.engineer, "channel": page.channel, "to": page.to}
                if entry.event is JournalEvent.LEG_ENDED:
                    row["result"] = page.result
            yield row
