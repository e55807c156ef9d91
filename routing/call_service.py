"""The call service loads a case, decides, saves, and only then notifies the workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from routing import events, flow
from routing.call import Call
from routing.caller import identify
from routing.decision import Case, Decision, LostRaceError
from routing.drill import read_drill_number
from routing.events import Lodged
from routing.facts import DecisionFacts, SeededRandom
from routing.incident import IncidentState
from routing.jobs import AnnounceHandover, Lease
from routing.line import Channel, Handover, HandoverState, Holidays, Line
from routing.message import Phrase, SentenceValue
from routing.notify import handovers
from routing.oncall.hours import Holiday, OfficeHours
from routing.oncall.local_time import wall
from routing.phone_numbers import read_caller
from routing.ports import CallRepository, HandoverDecision, JobNotifier, LineRepository, PinVerifier

TRIES = 20
"""How often a decision is repeated after a lost race. Each loss means that another process saved
first."""


class UnknownError(Exception):
    """The repository does not know the call, incident or page of an event."""


class NoLineError(UnknownError):
    """No line has the called number. The caller reaches a human all the same."""


class OwnNumberError(Exception):
    """A telephone that is forwarded to the line calls with the line's own number."""


class WrongPinError(Exception):
    """A keyed PIN is not right. It is counted before anything is decided."""

    def __init__(self, subjects: Sequence[str], pause: int) -> None:
        """It counts against ``subjects``; ``pause`` is in seconds."""
        super().__init__("a wrong PIN")
        self.subjects, self.pause = subjects, pause


T = TypeVar("T")


def retry_lost_races(act: Callable[[], T], what: str) -> T:
    """Repeat ``act``, which reads and decides each time, until it loses no race."""
    for _ in range(TRIES):
        try:
            return act()
        except LostRaceError:
            continue
    raise LostRaceError(f"{what}: the race was lost {TRIES} times")


def find_case(calls: CallRepository, event: events.Event) -> Case | None:
    """The case of an event. What people say about an incident that was merged is about the one that
    goes on for it; a timer of it is about itself."""
    if isinstance(event, events.CallEvent):
        return follow_merged(calls, calls.find_by_call(event.call))
    if isinstance(event, events.PageSent):
        return calls.find_by_page(event.page)
    if not isinstance(event, events.IncidentEvent):
        return calls.find_by_page(event.leg)
    if isinstance(event, events.ByPeople):
        return find_survivor(calls, event.incident)
    return calls.find_by_incident(event.incident)


def follow_merged(calls: CallRepository, case: Case | None) -> Case | None:
    """The case of a call, which is about the survivor once its incident was merged. A merge moves
    the latest call only; a second caller may hear when the incident is handled."""
    if case is None or case.call is None or case.incident is None:
        return case
    if case.incident.merged_into is None:
        return case
    survivor = find_survivor(calls, case.incident.key)
    if survivor is None or survivor.incident is None:
        return case
    return Case(replace(case.call, incident=survivor.incident.key), survivor.incident)


def find_survivor(calls: CallRepository, key: str) -> Case | None:
    """The incident of this key, or the one that goes on for it, with its latest call."""
    case = calls.find_by_incident(key)
    while case is not None and case.incident is not None and case.incident.merged_into is not None:
        case = calls.find_by_incident(case.incident.merged_into)
    return case


@dataclass(frozen=True, slots=True)
class CaseOnLine:
    """A case with its line, both of one moment."""

    case: Case
    line: Line


@dataclass(frozen=True)
class CallService:
    """Handles every event of a line: reads all that the event needs at one moment, decides, and
    writes all that follows in one transaction."""

    calls: CallRepository
    lines: LineRepository
    pins: PinVerifier
    notifier: JobNotifier
    clock: Callable[[], dt.datetime]
    seed: Callable[[], bytes]
    calendar: Callable[[Holidays], Holiday]
    channels: frozenset[Channel] = frozenset(Channel)  # those that are set up
    on_saved: Callable[[Case, Decision], None] = lambda matter, decision: None

    def answer(self, sid: str, to: str, shown: str, *, from_a_person: bool = False) -> CaseOnLine:
        """Begin a call on one of our numbers. The same ``sid`` gives the same call.

        Raises NoLineError, and OwnNumberError unless a key has shown that a person calls.
        """
        return retry_lost_races(lambda: self._answer(sid, to, shown, from_a_person), "a call")

    def _answer(self, sid: str, to: str, shown: str, from_a_person: bool) -> CaseOnLine:
        with self.calls.snapshot():
            lines = self.lines.list_lines()
            if not from_a_person and any(line.texts_at(shown) for line in lines):
                raise OwnNumberError
            if not sid:
                raise NoLineError("a call without an id cannot be kept")
            known = self.calls.find_by_sid(sid)
            if known is not None:
                return CaseOnLine(known, self.line_of(known))
            line = self._called_line(lines, to)
            decision = flow.begin_call(self.facts(line), self._dialled(sid, line, shown))
        return CaseOnLine(self.save(Case(), decision), line)

    def _called_line(self, lines: Sequence[Line], number: str) -> Line:
        """The line that this number reaches. The carrier may write it in any way."""
        drill = read_drill_number(number)
        if drill is not None:
            found = self.lines.find_line(drill)
        else:
            exact = next((line for line in lines if line.number == number), None)
            found = exact or next((line for line in lines if line.rings_at(number)), None)
        if found is None:
            raise NoLineError("no line has this number")
        return found

    def _dialled(self, sid: str, line: Line, shown: str) -> events.Dialled:
        caller = read_caller(shown, line.country).e164
        if caller is not None and line.texts_at(caller):
            caller = None  # the line's own number
        today = wall(self.clock(), line.timezone).date()
        found = self.lines.find_contracts_by_phone(line.id, caller) if caller is not None else ()
        selected, language = identify.select_contract(found, caller, today)
        engineer = next((e.id for e in line.engineers if caller in e.phones), None)
        owner = next((contract.customer for contract in found if contract.number == selected), None)
        return events.Dialled(sid, line.id, shown[:64], caller, language, selected, engineer, owner)

    def happen(self, event: events.Event, finishes: Lease | None = None) -> Case:
        """Decide what follows from an event, save it, and notify the workers. The job that brought
        the event is done in the same transaction; raises LeaseLostError."""
        return self.handle(event, finishes).case

    def handle(self, event: events.Event, finishes: Lease | None = None) -> CaseOnLine:
        """The same, for a caller who also needs the line."""

        def attempt() -> CaseOnLine:
            return self._handle(
                lambda: find_case(self.calls, event), lambda before, facts: event, finishes
            )

        return retry_lost_races(attempt, type(event).__name__)

    def _handle(
        self,
        find: Callable[[], Case | None],
        build: Callable[[Case, DecisionFacts], events.Event],
        finishes: Lease | None = None,
    ) -> CaseOnLine:
        with self.calls.snapshot():
            before = self._known(find())
            line = self.line_of(before)
            facts = self.facts(line)
            decision = self.decide(before, build(before, facts), facts)
        written = decision.incident_notes or decision.customer_messages
        changed = decision.case != before or decision.jobs or written
        if not changed and finishes is None:
            return CaseOnLine(before, line)
        return CaseOnLine(self.save(before, decision, finishes), line)

    def decide(self, before: Case, event: events.Event, facts: DecisionFacts) -> Decision:
        """Decide what follows from an event. Reads, and changes nothing."""
        return flow.step(before, event, facts)

    def contract_keyed(self, call_id: str, turn: int, digits: str | None) -> CaseOnLine:
        """Handle a keyed contract number. The caller does not hear whether it exists."""

        def build(before: Case, facts: DecisionFacts) -> events.Event:
            keyed, number = identify.read_keys(digits)
            if before.call is None or not number or len(number) > identify.LONGEST:
                return events.ContractKeyed(call_id, turn, keyed)
            call, contract = before.call, facts.contract(number)
            suspect, selected = f"unknown {call.line} {self.pins.mark(number)}", None
            own = False
            if contract is not None:
                suspect = identify.contract_subject(call.line, contract.number)
                selected = contract.number
                own = any(call.caller in contact.phones for contact in contract.contacts)
            pause = 0
            if not (own or call.tries):
                subjects = identify.list_subjects(call.line, call.caller, suspect)
                pause = identify.find_first_pause(self.calls, subjects, facts.now)
            return events.ContractKeyed(call_id, turn, keyed, selected, suspect, pause)

        def handle() -> CaseOnLine:
            return self._handle(lambda: self._find_call(call_id), build)

        return retry_lost_races(handle, "a contract number")

    def pin_keyed(self, call_id: str, turn: int, digits: str | None) -> CaseOnLine:
        """Compare a keyed PIN. Only the result is in the event."""

        def build(before: Case, facts: DecisionFacts) -> events.Event:
            call = before.call
            if call is None or call.turn != turn:
                return events.PinChecked(call_id, turn, events.Keyed.NOTHING)
            keyed, pin = identify.read_pin(call, digits, facts.line.pin.length)
            if keyed is not events.Keyed.DIGITS:
                return events.PinChecked(call_id, turn, keyed)
            return self._compare_pin(call, pin, facts)

        def handle() -> CaseOnLine:
            return self._handle(lambda: self._find_call(call_id), build)

        try:
            return retry_lost_races(handle, "a PIN")
        except WrongPinError as wrong:
            self.calls.unverified_limits.record_failed_pin(wrong.subjects, self.clock())
            wrong_pin = events.PinChecked(call_id, turn, events.Keyed.DIGITS, pause=wrong.pause)
            return self.handle(wrong_pin)

    def _compare_pin(self, call: Call, pin: str, facts: DecisionFacts) -> events.Event:
        """The event of a right PIN; raises WrongPinError."""
        line = facts.line
        contract = facts.contract(call.selected) if call.selected else None
        today = wall(facts.now, line.timezone).date()
        contacts = identify.find_contacts(contract, today, call.caller) if contract else []
        contact = identify.find_contact_by_pin(contract, pin, contacts, self.pins)
        if contract is None or contact is None:
            subjects = identify.list_subjects(line.id, call.caller, call.suspect)
            pause = identify.find_pause(self.calls, subjects, facts.now)
            raise WrongPinError([*subjects, identify.line_subject(line.id)], pause)
        worth = identify.find_entitlement(contract, line, facts.now)
        who = identify.build_identity(contract, contact, worth, line)
        return events.PinChecked(call.id, call.turn, events.Keyed.DIGITS, who, worth)

    def end_call(self, sid: str, *, failed: bool) -> None:
        """Record that the carrier ended a call. A call that the line does not know is ignored."""

        def find() -> Case | None:
            return follow_merged(self.calls, self.calls.find_by_sid(sid))

        def build(before: Case, facts: DecisionFacts) -> events.Event:
            return events.CallEnded(before.call.id if before.call else "", failed=failed)

        with suppress(UnknownError):
            retry_lost_races(lambda: self._handle(find, build), "the end of a call")

    def read_call(self, call_id: str) -> CaseOnLine:
        """The call with this id, its incident and its line."""
        with self.calls.snapshot():
            case = self.call(call_id)
            return CaseOnLine(case, self.line_of(case))

    def _find_call(self, call_id: str) -> Case | None:
        return follow_merged(self.calls, self.calls.find_by_call(call_id))

    def call(self, call_id: str) -> Case:
        """The call with this id (ours, not the carrier's), and its incident."""
        return self._known(self.calls.find_by_call(call_id))

    def leg(self, leg_id: str) -> Case:
        """The incident of this leg, with its latest call."""
        return self._known(self.calls.find_by_page(leg_id))

    def line_of(self, case: Case) -> Line:
        """The line of a case."""
        value = case.call or case.incident
        if value is not None and (line := self.lines.find_line(value.line)) is not None:
            return line
        raise UnknownError("the line of this case is not known")

    def facts(self, line: Line) -> DecisionFacts:
        """The facts of this moment."""
        office = OfficeHours.of(line, self.calendar(line.holidays))
        chance = SeededRandom(self.seed())
        return DecisionFacts(
            self.clock(), line, chance, office, self.calls, self.lines, self.channels
        )

    def save(self, before: Case, decision: Decision, finishes: Lease | None = None) -> Case:
        """Save a decision and notify the workers. Raises LostRaceError and LeaseLostError."""
        after, due = self.calls.save(before, decision, self.clock(), finishes)
        self.notifier.notify(due)
        self.on_saved(after, decision)
        return after

    @staticmethod
    def _known(case: Case | None) -> Case:
        if case is None:
            raise UnknownError("nothing of this id is known")
        return case


@dataclass(frozen=True, slots=True)
class HandoverAnswer:
    """The reply to an engineer: the key of a sentence, and its values."""

    words: str
    values: tuple[tuple[str, SentenceValue], ...]


def plan_handovers(service: CallService, line: Line, since: dt.datetime) -> None:
    """Plan the near handovers and the missed ones. A second plan adds nothing."""
    facts = service.facts(line)
    service.notifier.notify(
        service.calls.plan_jobs(list(handovers.plan_handovers(facts, since)), facts.now)
    )


def announce_handover(service: CallService, due: AnnounceHandover) -> Handover | None:
    """Tell the engineer who comes on call. Returns the stored handover."""
    line = service.lines.find_line(due.line)

    def tell() -> Handover | None:
        if line is None:
            return None
        decision = handovers.start_handover(service.facts(line), due)
        if decision is None:
            return None
        service.notifier.notify(service.calls.handovers.add(decision, service.clock()))
        return service.calls.handovers.find(decision.handover.id)

    return retry_lost_races(tell, "a handover")


def follow_up_handover(service: CallService, handover_id: str) -> Handover | None:
    """Follow up a handover. Returns the changed handover, or None when nothing changed."""

    def look() -> Handover | None:
        handover = service.calls.handovers.find(handover_id)
        if handover is None or (line := service.lines.find_line(handover.line)) is None:
            return None
        found = map(service.calls.messages.find, handovers.message_ids(handover))
        messages = [message for message in found if message is not None]
        decision = handovers.check_handover(service.facts(line), handover, messages)
        if decision is None:
            return None
        return _save_handover(service, decision)

    return retry_lost_races(look, "a handover")


def confirm_by_text(
    service: CallService, line: Line, engineer: str, body: str, sid: str
) -> HandoverAnswer | None:
    """Read an engineer's text. Returns the answer, or None when it is not about a handover."""

    def read() -> HandoverAnswer | None:
        facts = service.facts(line)
        numbers = [incident.number for incident in facts.open_incidents()]
        theirs = service.calls.handovers.find_current(line.id, engineer, facts.now)
        meaning = handovers.read_reply(body, sid, theirs, numbers)
        if isinstance(meaning, handovers.HandoverConfirmed) and meaning.handover.waits:
            _save_handover(service, handovers.confirm_handover(facts, meaning.handover, sid))
        return _answer(service, line, meaning)

    return retry_lost_races(read, "a handover")


def accept_handover(
    service: CallService, line: Line, engineer: str, handover_id: str
) -> Handover | None:
    """Confirm a handover without a text. Returns the stored handover, or None when it is another
    engineer's, or over."""

    def take() -> Handover | None:
        facts, handover = service.facts(line), service.calls.handovers.find(handover_id)
        if handover is None or (handover.line, handover.engineer) != (line.id, engineer):
            return None
        if not handover.waits or not handover.lasts(facts.now):
            return handover if handover.state is HandoverState.CONFIRMED else None
        return _save_handover(service, handovers.confirm_handover(facts, handover, None))

    return retry_lost_races(take, "a handover")


def _answer(
    service: CallService, line: Line, meaning: handovers.Meaning | None
) -> HandoverAnswer | None:
    if meaning is None:
        return None
    if isinstance(meaning, handovers.HandoverUnclear):
        codes = tuple(
            Phrase("handover_code", (("code", one.code), ("schedule", one.schedule)))
            for one in meaning.handovers
        )
        return HandoverAnswer("handover_which", (("codes", codes),))
    named = ("schedule", meaning.handover.schedule)
    if isinstance(meaning, handovers.HandoverTooLate):
        return HandoverAnswer("handover_over", (named,))
    waiting = handovers.most_urgent_first(service.calls.find_open(line.id))
    unclaimed = next((one for one in waiting if one.state is IncidentState.OPEN), None)
    if unclaimed is not None:
        return HandoverAnswer("handover_confirmed_waits", (("number", unclaimed.number),))
    schedule = line.schedule(meaning.handover.schedule)
    zone = schedule.timezone if schedule is not None else line.timezone
    return HandoverAnswer(
        "handover_confirmed", (named, ("until", (handovers.describe_end(meaning.handover, zone),)))
    )


def _save_handover(service: CallService, decision: HandoverDecision) -> Handover:
    service.notifier.notify(service.calls.handovers.update(decision, service.clock()))
    return replace(decision.handover, version=decision.handover.version + 1)


def lodge(service: CallService, event: Lodged) -> Case:
    """Open the incident that a customer lodges. The same key gives the same incident."""
    return retry_lost_races(lambda: _lodge(service, event), "a lodged incident")


def _lodge(service: CallService, event: Lodged) -> Case:
    with service.calls.snapshot():
        known = service.calls.find_by_incident(event.key)
        if known is not None:
            return known
        line = service.lines.find_line(event.line)
        if line is None:
            raise UnknownError("no line has this id")
        decision = flow.lodge(service.facts(line), event)
    return service.save(Case(), decision)
