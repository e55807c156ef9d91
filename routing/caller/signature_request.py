"""A request about virus recognition: a false alarm, or a threat that was missed.

Three questions of one key. A request that stops the business is level 1. Any other request is
stored at once; the caller leaves a message, and may stay on the line for a specialist.
"""

from __future__ import annotations

from dataclasses import replace

from routing.call import (
    Call,
    CallOutcome,
    DatabaseAge,
    Preamble,
    RecognitionFault,
    SignatureRequest,
    Stage,
)
from routing.caller import opening
from routing.caller.questions import CallerView
from routing.contracts import coverage
from routing.draft import DecisionDraft, ask, park, tell_later
from routing.escalation import desk_queue
from routing.incident import EscalationPhase, Incident, IncidentKind, IncidentState
from routing.journal import JournalEvent
from routing.line import Line
from routing.notify.channels import CHANNELS
from routing.voice_document import Say, say

LEVEL = 3
"""The level of a request that stops no business: not critical, part of the product is affected."""


def has_specialists(view: CallerView) -> bool:
    """True when the file names specialists for requests about virus recognition, and the caller's
    plan includes them."""
    plan = coverage.plan_of_caller(view.line, view.call)
    included = plan is None or plan.allows_request(IncidentKind.SIGNATURE_REQUEST)
    return view.line.signature_desk is not None and included


def begin(draft: DecisionDraft) -> DecisionDraft:
    """Take a request about virus recognition. Who has not proved who they are does so first."""
    draft = draft.with_call(request=SignatureRequest())
    draft = draft.note(JournalEvent.SIGNATURE, "has a request about virus recognition")
    if draft.the_call.owes_pin:
        return ask(draft, Stage.PIN)
    return ask_fault(draft)


def ask_fault(draft: DecisionDraft) -> DecisionDraft:
    """Ask what is wrong with the recognition."""
    return ask(draft, Stage.VERDICT)


def note_fault(draft: DecisionDraft, fault: RecognitionFault) -> DecisionDraft:
    """Store what is wrong, and ask for the age of the virus databases."""
    request = draft.the_call.request or SignatureRequest()
    draft = draft.with_call(request=replace(request, verdict=fault))
    return ask(draft.note(JournalEvent.VERDICT, f"says: {fault}"), Stage.DATABASES)


def note_databases(draft: DecisionDraft, age: DatabaseAge) -> DecisionDraft:
    """Store the age of the databases, and ask whether business has stopped."""
    request = draft.the_call.request or SignatureRequest()
    draft = draft.with_call(request=replace(request, databases=age))
    draft = draft.note(JournalEvent.DATABASES, f"in use: {age}")
    if age is DatabaseAge.OLD:
        return ask(draft, Stage.STOPPED, Preamble.OLD_DATABASES)
    return ask(draft, Stage.STOPPED)


def claim_level_1(draft: DecisionDraft) -> DecisionDraft:
    """Business has stopped: confirm it as any level 1, because it wakes people."""
    draft = draft.with_call(urgency=1)
    draft = draft.note(JournalEvent.URGENCY, "business is stopped by it: level 1")
    return opening.ask_to_confirm(draft)


def register(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Store the request, whatever the caller does next. The queue position counts from now."""
    draft = draft.note(JournalEvent.URGENCY, f"{why}: level {LEVEL}")
    draft = opening.open_incident(draft.with_call(urgency=LEVEL))
    if not desk_queue.find_staff(draft.facts, draft.the_incident):
        return tell_later(desk_queue.leave_queue(draft, "no specialist is there now"))
    draft = draft.with_incident(queued_at=draft.facts.now).with_call(fate=CallOutcome.REGISTERED)
    return ask(
        draft.note(JournalEvent.REGISTERED, "a message is asked for before the row"), Stage.MESSAGE
    )


def ask_for_human(draft: DecisionDraft) -> DecisionDraft:
    """Store the request as far as it is known, and wait for a specialist who asks for the rest."""
    draft = register(draft, "asks for a human")
    if is_before_queue(draft):
        return join_queue(draft)
    return draft


def abandon(draft: DecisionDraft) -> DecisionDraft:
    """The caller hung up at one of the questions. The specialists still get the request."""
    draft = opening.open_incident(draft.with_call(urgency=LEVEL))
    return desk_queue.leave_queue(draft, "the caller has gone: the specialists are told")


def is_before_queue(draft: DecisionDraft) -> bool:
    """True for the caller whose message is still being asked for before the queue."""
    incident = draft.the_incident
    untouched = (
        incident.escalation.phase is EscalationPhase.QUIET and incident.state is IncidentState.OPEN
    )
    ours = incident.request is not None and incident.call == draft.the_call.id
    return ours and untouched and incident.queued_at is not None


def join_queue(draft: DecisionDraft) -> DecisionDraft:
    """The message is over: join the queue, at the position of when the request was stored."""
    if desk_queue.find_staff(draft.facts, draft.the_incident):
        return desk_queue.join_queue(park(draft, Preamble.REQUEST_WAITS))
    draft = desk_queue.leave_queue(draft, "no specialist is there any more")
    if draft.the_call.message:
        return ask(draft, Stage.FAREWELL)
    return tell_later(draft)


def say_samples(incident: Incident | None, line: Line) -> tuple[Say, ...]:
    """By which channel the customer reads where to send the sample. An address is not said."""
    desk = line.signature_desk
    if incident is None or desk is None or desk.samples_to is None:
        return ()
    request = incident.request
    if request is None:
        return ()
    if request.written is None:
        return (say("samples_kept"),)
    suffix = CHANNELS[request.written].prompt_suffix
    return (say(f"samples_by_{suffix}"),)


def asks_about_file(call: Call, incident: Incident) -> bool:
    """True for the caller who makes the request, until they wait for somebody."""
    ours = incident.request is not None and incident.call == call.id
    return ours and call.parked_at is None


def ask_about_file(call: Call, incident: Incident, line: Line) -> tuple[Say, ...]:
    """Ask for a message about the file, after the number of the request unless it was said."""
    if call.told_later:
        return (say("ask_message_request"),)
    number = say("request_registered", number=incident.number)
    return (number, *say_samples(incident, line), say("ask_message_request"))
