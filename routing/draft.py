"""A decision while it is being taken: values, journal entries and jobs so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Unpack

from routing.call import Call, CallChanges, CallOutcome, Entitlement, Preamble, Stage
from routing.contracts import coverage
from routing.correspondence import CustomerMessage
from routing.decision import Case, Decision, replace_fields
from routing.facts import DecisionFacts
from routing.incident import EscalationChanges, Incident, IncidentChanges
from routing.jobs import CheckCall, Command, FetchRecording, Job
from routing.journal import JournalEntry, JournalEvent
from routing.message import IncidentNote, Message
from routing.page import Page, PageChanges
from routing.recording import Recording


@dataclass(frozen=True)
class DecisionDraft:
    """Each method returns a new draft. ``decision`` is what is saved at the end."""

    facts: DecisionFacts
    call: Call | None = None
    incident: Incident | None = None
    notes: tuple[JournalEntry, ...] = ()
    jobs: tuple[Job, ...] = ()
    messages: tuple[Message, ...] = ()
    recordings: tuple[Recording, ...] = ()
    incident_notes: tuple[IncidentNote, ...] = ()
    customer_messages: tuple[CustomerMessage, ...] = ()
    also: tuple[tuple[Case, Decision], ...] = ()

    @property
    def the_call(self) -> Call:
        """The call of the event. Raises ValueError when the event has none."""
        if self.call is None:
            raise ValueError("this event needs a call")
        return self.call

    @property
    def the_incident(self) -> Incident:
        """The incident of the event. Raises ValueError when the event has none."""
        if self.incident is None:
            raise ValueError("this event needs an incident")
        return self.incident

    def about(self, incident: Incident | None) -> DecisionDraft:
        """Go on with this incident, or with none."""
        return replace_fields(self, incident=incident)

    def with_call(self, **changes: Unpack[CallChanges]) -> DecisionDraft:
        """Change fields of the call."""
        return replace_fields(self, call=replace_fields(self.the_call, **changes))

    def with_incident(self, **changes: Unpack[IncidentChanges]) -> DecisionDraft:
        """Change fields of the incident."""
        return replace_fields(self, incident=replace_fields(self.the_incident, **changes))

    def with_escalation(self, **changes: Unpack[EscalationChanges]) -> DecisionDraft:
        """Change fields of the escalation. A new ``mark`` makes older timers void."""
        return self.with_incident(
            escalation=replace_fields(self.the_incident.escalation, **changes)
        )

    def with_page(self, page: Page, **changes: Unpack[PageChanges]) -> DecisionDraft:
        """Add this page, or change its fields."""
        if changes:
            page = replace_fields(page, **changes)
        return self.with_incident(pages=self.the_incident.pages_with(page))

    def note(self, event: JournalEvent, reason: str, leg: str | None = None) -> DecisionDraft:
        """Add a journal entry: what happened, and why."""
        return replace_fields(self, notes=(*self.notes, JournalEntry(event, reason, leg)))

    def do(self, command: Command, after: dt.timedelta = dt.timedelta(0)) -> DecisionDraft:
        """Add a job that is due now, or after a delay."""
        return replace_fields(self, jobs=(*self.jobs, Job(self.facts.now + after, command)))

    def write(self, message: Message, after: dt.timedelta = dt.timedelta(0)) -> DecisionDraft:
        """Add a message and the job that sends it at its time, or after the delay."""
        wait = max(message.at - self.facts.now, after)
        return replace_fields(self, messages=(*self.messages, message)).do(message.sending, wait)

    def record(self, recording: Recording) -> DecisionDraft:
        """Add a recording and the job that fetches it from the carrier."""
        draft = replace_fields(self, recordings=(*self.recordings, recording))
        return draft.do(FetchRecording(recording.id))

    def add_note(self, note: IncidentNote) -> DecisionDraft:
        """Add a note to the incident."""
        return replace_fields(self, incident_notes=(*self.incident_notes, note))

    def keep(self, written: CustomerMessage) -> DecisionDraft:
        """Add a message of the customer, or to the customer, with its files."""
        return replace_fields(self, customer_messages=(*self.customer_messages, written))

    @property
    def decision(self) -> Decision:
        """The decision, saved in one transaction."""
        case = Case(self.call, self.incident)
        return Decision(
            case,
            self.notes,
            self.jobs,
            self.messages,
            self.recordings,
            self.incident_notes,
            customer_messages=self.customer_messages,
            also=self.also,
            attached_files=tuple(file for one in self.customer_messages for file in one.files),
        )


SETTLE_RETURN = dt.timedelta(seconds=20)
"""The carrier may lose the hang-up of a caller who hears "was this all?". The call is checked
after this long."""

LONG_OVER = dt.timedelta(seconds=15)
"""The question and its five seconds of silence are over after this long."""

PROMISES = (Stage.CONFIRM, Stage.INTRODUCE, Stage.LATER)
"""The stages whose prompts promise an engineer, unless the caller is barred."""


def why_barred(facts: DecisionFacts, standing: Entitlement, caller: str | None) -> str | None:
    """The reason why no engineer may be rung for this caller: the line's configuration, or too many
    unverified calls. None when an engineer may be rung."""
    if standing is not Entitlement.ENTITLED and facts.line.unverified_level_1 == "message":
        return "the file says that callers without entitlement leave a message"
    if not standing.verified and not facts.unverified_allowed(caller):
        return "more unverified calls than the file allows"
    return None


def why_caller_barred(facts: DecisionFacts, call: Call) -> str | None:
    """The reason why no engineer may be rung for the caller, by what their plan includes now."""
    plan = coverage.plan_of_caller(facts.line, call)
    standing = coverage.find_standing(plan, call.entitlement, 1, office_open=facts.office_open)
    return why_barred(facts, standing, call.caller)


def ask(
    draft: DecisionDraft, stage: Stage, remark: Preamble = Preamble.NONE, pause: int = 0
) -> DecisionDraft:
    """Ask the question of a stage. A new turn marks answers to earlier questions as old."""
    call = draft.the_call
    same = stage is call.stage
    unrung = call.unrung
    if stage in PROMISES:
        unrung = why_caller_barred(draft.facts, call) is not None
    return draft.with_call(
        stage=stage,
        turn=call.turn + 1,
        remark=remark,
        pause=pause,
        silences=call.silences if same else 0,
        slips=call.slips if same else 0,
        repeats=call.repeats if same else 0,
        strays=call.strays if same else 0,
        unrung=unrung,
    )


def identify(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Ask for the PIN, or for the contract number first when the number is not known. A known
    number is asked for the level first where the file says so."""
    if not draft.the_call.known:
        return ask(draft, Stage.CONTRACT, remark)
    if draft.facts.line.pin.ask == "while_ringing":
        return ask(draft, Stage.URGENCY, remark)
    return ask(draft, Stage.PIN, remark)


def park(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Put the caller in their own queue. The time waited counts from the first time, or from the
    end of a conversation."""
    call, now = draft.the_call, draft.facts.now
    parked_at, on_hold_since = call.parked_at or now, call.on_hold_since or now
    if call.stage in (Stage.BRIDGED, Stage.RETURNING):
        parked_at = on_hold_since = now
    draft = ask(draft, Stage.WAITING, remark)
    return draft.with_call(
        queued=draft.the_call.turn, parked_at=parked_at, on_hold_since=on_hold_since
    )


def tell_later(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Tell the caller when the incident will be handled and which key makes it level 1. A message
    follows."""
    fate = draft.the_call.fate or CallOutcome.REGISTERED
    handled_at = None if draft.facts.office_open else draft.facts.office_opens()
    draft = draft.with_call(fate=fate, told_later=True, handled_at=handled_at)
    return ask(
        draft.note(JournalEvent.TOLD_LATER, "hears when it will be handled"), Stage.LATER, remark
    )


def ask_was_this_all(draft: DecisionDraft) -> DecisionDraft:
    """Ask "was this all?" of a caller who stays after a conversation."""
    draft = draft.with_call(returned_at=draft.facts.now)
    return ask(draft, Stage.RETURNING).do(CheckCall(draft.the_call.id), SETTLE_RETURN)


def set_callback_from_call(
    draft: DecisionDraft, call: Call, otherwise: str | None = None
) -> DecisionDraft:
    """Store the number at which the customer of a call is called back: the number of the call,
    or else the contact's."""
    contacts = call.identity.phone if call.identity else None
    return set_callback_number(draft, call.caller or contacts or otherwise, contacts)


def set_callback_number(
    draft: DecisionDraft, number: str | None, contacts: str | None
) -> DecisionDraft:
    """Store the number for a callback. ``contacts`` is the contact's own, for a number that the
    line does not dial; the reason is in the journal."""
    facts = draft.facts
    why = facts.why_not_dialled(number) if number else None
    if why is not None and contacts is not None and facts.why_not_dialled(contacts) is None:
        draft = draft.note(JournalEvent.NOT_DIALLED, f"the contact's number is called back: {why}")
        number, why = contacts, None
    elif why is not None:
        draft = draft.note(
            JournalEvent.NOT_DIALLED, f"nobody can call back through the line: {why}"
        )
    return draft.with_incident(caller=number, undialled=why)
