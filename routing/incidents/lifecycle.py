"""The course of an incident: responded, closed, waiting for the customer, in other hands, noted.

Each move says who made it, how and why. One that cannot be made changes nothing, and ``why_not``
gives the sentence that says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict

from routing.call import Call, RequestProgress, Stage
from routing.draft import DecisionDraft, ask_was_this_all
from routing.escalation import steps
from routing.escalation.taking import acknowledge, include, set_key_deadline
from routing.events import (
    Closed,
    CustomerReplied,
    Noted,
    Reassigned,
    RequestCame,
    Responded,
    WaitsForCustomer,
)
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.incidents import response_clock
from routing.jobs import SendReleaseMessages
from routing.journal import JournalEvent
from routing.message import IncidentNote, Via
from routing.notify import customer
from routing.notify.messages import News, build_message, send_message
from routing.notify.replying import when_done
from routing.notify.text_codes import code_of, lacks_proof, with_code
from routing.page import LegState

Move = Responded | Closed | WaitsForCustomer | CustomerReplied | Reassigned
OVER = (IncidentState.RESPONDED, IncidentState.CLOSED)


def why_not(incident: Incident, call: Call | None, move: type[Move]) -> str | None:
    """The key of the sentence that says why this cannot be done now; None when it can."""
    if move is CustomerReplied:
        return None if incident.waiting_since is not None else "not_waiting"
    if incident.state is IncidentState.CLOSED:
        return "is_closed"
    if move is Closed:
        return None if incident.state is IncidentState.RESPONDED else "not_responded"
    if incident.state is IncidentState.RESPONDED:
        return "is_responded"
    if move is Reassigned:
        return None
    return "caller_waits" if unmet(incident, call) or awaits(incident, call) else None


def responded(draft: DecisionDraft, event: Responded) -> DecisionDraft:
    """A response is recorded: the clock stops, and nobody is sought or told any more. Who responds
    to what nobody has, has it."""
    if why_not(draft.the_incident, draft.call, Responded):
        return draft
    if lacks_proof(draft.the_incident, event.by, event.how):
        return claimed(draft, event)
    draft = response_clock.stop(_had_by(draft, event.by, event.how))
    draft = draft.with_incident(
        state=IncidentState.RESPONDED,
        responded_at=draft.facts.now,
        responded_by=event.by,
        reached=True,
        **NOT_WAITING,
    )
    return let_go(_end(draft.note(JournalEvent.RESPONDED, _said(event))))


def claimed(draft: DecisionDraft, event: Responded) -> DecisionDraft:
    """Said of a level 1 by a text alone: it is in the sender's name at most, and the customer does
    not count as reached, so the hunt comes back."""
    draft = _had_by(draft, event.by, event.how)
    return draft.note(JournalEvent.UNPROVEN, f"{_said(event)}, without the code of their page")


def let_go(draft: DecisionDraft) -> DecisionDraft:
    """A caller who stayed on after the talk is asked whether this was all."""
    waits = draft.call is not None and draft.call.stage is Stage.WAITING
    return ask_was_this_all(draft) if waits else draft


def closed(draft: DecisionDraft, event: Closed) -> DecisionDraft:
    """The matter is done with: nothing of it goes on."""
    incident = draft.the_incident
    if why_not(incident, draft.call, Closed) or lacks_proof(incident, event.by, event.how):
        return draft
    now = draft.facts.now
    draft = draft.with_incident(state=IncidentState.CLOSED, closed_at=now, closed_by=event.by)
    return _end(draft.note(JournalEvent.CLOSED, _said(event)))


def waits(draft: DecisionDraft, event: WaitsForCustomer) -> DecisionDraft:
    """More was asked of the customer: the clock is paused. The same said twice changes nothing."""
    incident, now = draft.the_incident, draft.facts.now
    if why_not(incident, draft.call, WaitsForCustomer) or draft.facts.jotted(event.memo):
        return draft
    proven = not lacks_proof(incident, event.by, event.how)
    draft = _had_by(draft, event.by, event.how).with_incident(
        waiting_since=incident.waiting_since or now,
        waiting_for=event.what,
        waiting_by=event.by,
        reached=incident.reached or proven,
    )
    draft = draft.note(JournalEvent.WAITS_FOR_CUSTOMER, _said(event))
    memo = IncidentNote(event.memo, incident.key, now, event.by, event.how, event.what)
    return response_clock.pause(draft.jot(memo) if event.what else draft)


def sought_again(before: DecisionDraft, draft: DecisionDraft) -> DecisionDraft:
    """The hunt came back for an incident that only a text without a code said to wait: it does not
    wait any more, and its clock runs."""
    was, now = before.the_incident, draft.the_incident
    reopened = was.state is IncidentState.ACKNOWLEDGED and now.state is IncidentState.OPEN
    if not reopened or was.waiting_since is None or was.reached:
        return draft
    return response_clock.resume(draft.with_incident(**NOT_WAITING))


def replied(draft: DecisionDraft, event: CustomerReplied) -> DecisionDraft:
    """What the customer was asked for has come: the clock runs again."""
    if why_not(draft.the_incident, draft.call, CustomerReplied):
        return draft
    draft = draft.with_incident(**NOT_WAITING).note(JournalEvent.CUSTOMER_REPLIED, _said(event))
    return response_clock.resume(draft)


def reassigned(draft: DecisionDraft, event: Reassigned) -> DecisionDraft:
    """In another engineer's name, who is told; the time to reach the customer begins anew."""
    incident, now = draft.the_incident, draft.facts.now
    same = incident.acknowledged_by == event.to
    if same or why_not(incident, draft.call, Reassigned):
        return draft
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by=event.to, acknowledged_at=now
    )
    draft = draft.note(JournalEvent.REASSIGNED, f"to {event.to}, {_said(event)}")
    engineer = draft.facts.line.engineer(event.to)
    if engineer is not None and event.by != event.to:
        news = News("reassigned", (), incident.key, incident.urgency)
        if incident.urgency == 1:
            draft = with_code(draft, engineer.id)
            reply = when_done(
                draft.facts.line, incident.number, code_of(draft.the_incident, engineer.id)
            )
            news = replace(news, words="reassigned_code", values=(("reply", (reply,)),))
        draft = send_message(draft, build_message(draft.facts, engineer, news))
    if unmet(incident, draft.call):
        return set_key_deadline(include(draft, event.to), event.to)
    return steps.end(draft)


def noted(draft: DecisionDraft, event: Noted) -> DecisionDraft:
    """Somebody wrote something down; the words stand in the note alone."""
    if draft.facts.jotted(event.memo):
        return draft
    incident = draft.the_incident
    memo = IncidentNote(event.memo, incident.key, draft.facts.now, event.by, event.how, event.words)
    return draft.jot(memo).note(JournalEvent.NOTED, f"{event.by} by {event.how}")


class NotWaiting(TypedDict):
    """The fields of an incident that no longer waits for its customer."""

    waiting_since: None
    waiting_for: None
    waiting_by: None


NOT_WAITING: NotWaiting = {"waiting_since": None, "waiting_for": None, "waiting_by": None}


def _had_by(draft: DecisionDraft, who: str, how: Via) -> DecisionDraft:
    return acknowledge(draft, who, how) if draft.the_incident.state is IncidentState.OPEN else draft


def _end(draft: DecisionDraft) -> DecisionDraft:
    sought = draft.the_incident.hunt.doing not in (EscalationPhase.OVER, EscalationPhase.QUIET)
    return steps.end(draft) if sought else draft


def _said(event: Move) -> str:
    return f"{event.by} by {event.how}" + (f": {event.why}" if event.why else "")


# How far a signature request has come: confirmed, released. Each is told to the customer once.
# A release is a response, and is told to every contact who asked to hear of it.


WORDS = {
    RequestProgress.CONFIRMED: "request_confirmed",
    RequestProgress.RELEASED: "request_released",
}
"""What the customer is told."""

REQUEST_EVENTS = {
    RequestProgress.CONFIRMED: JournalEvent.REQUEST_CONFIRMED,
    RequestProgress.RELEASED: JournalEvent.REQUEST_RELEASED,
}


def why_no_progress(incident: Incident, to: RequestProgress) -> str | None:
    """The key of the sentence that says why this cannot be said now; None when it can."""
    if incident.request is None:
        return "no_request"
    now = incident.request.progress
    there = now is to or now is RequestProgress.RELEASED or to is RequestProgress.RECEIVED
    return f"is_{now}" if there else None


def came(draft: DecisionDraft, event: RequestCame) -> DecisionDraft:
    """Said twice it changes nothing, and it never goes back; a release needs no confirmation."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.request is None or why_no_progress(incident, event.to):
        return draft
    if lacks_proof(incident, event.by, event.how):
        return acknowledge(draft, event.by, event.how)
    who: dict[str, Any] = {f"{event.to}_by": event.by, f"{event.to}_at": now}
    draft = draft.with_incident(request=replace(incident.request, progress=event.to, **who))
    why = f": {event.why}" if event.why else ""
    draft = draft.note(REQUEST_EVENTS[event.to], f"{event.by} by {event.how}{why}")
    draft = customer.notify_customer(draft, WORDS[event.to])
    return (
        confirmed(draft, event) if event.to is RequestProgress.CONFIRMED else released(draft, event)
    )


def confirmed(draft: DecisionDraft, event: RequestCame) -> DecisionDraft:
    """The specialists agree; whoever says so of what nobody has, has it."""
    nobody = draft.the_incident.state is IncidentState.OPEN
    return acknowledge(draft, event.by, event.how) if nobody else draft


def released(draft: DecisionDraft, event: RequestCame) -> DecisionDraft:
    """The answer is recorded, unless its caller still waits for somebody to talk with."""
    draft = draft.do(SendReleaseMessages(event.incident))
    return responded(draft, Responded(event.incident, event.by, event.how, "released"))


def how_far(engineer: str, incident: Incident, call: Call | None) -> str:
    """The key of the sentence that says how far a request has come."""
    if incident.request is None:
        return "no_request"
    if incident.request.progress is RequestProgress.RECEIVED and lacks_proof(incident, engineer):
        return "needs_code"
    return f"is_{incident.request.progress}"


# Whether a caller on the line still waits for somebody: nothing but a talk ends that.


ON_THE_WAY = (LegState.CONNECTING, LegState.CALLING)


def unmet(incident: Incident, call: Call | None) -> bool:
    """True while a caller holds for whom somebody is still sought."""
    return call is not None and call.holds and incident.hunt.doing is not EscalationPhase.OVER


def awaits(incident: Incident, call: Call | None) -> bool:
    """True while a caller waits for whoever has it: to be connected, or to end another call."""
    winner = incident.winner()
    comes = winner is not None and winner.state in ON_THE_WAY
    return comes and call is not None and call.stage is Stage.WAITING
