"""The lifecycle of an incident: response, closing, waiting for the customer, reassignment, notes.

An event says who made the change, how and why. A change that is not possible changes nothing;
``why_not`` gives the key of the sentence with the reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict

from routing import jobs
from routing.call import Call, RequestProgress, Stage
from routing.contracts import premium
from routing.correspondence import Author, CustomerMessage
from routing.draft import DecisionDraft, ask_was_this_all
from routing.escalation import steps, taking
from routing.events import (
    Closed,
    CustomerReplied,
    Noted,
    Reassigned,
    RequestCame,
    Responded,
    SolvedByCustomer,
    WaitsForCustomer,
)
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.incidents import response_clock
from routing.journal import JournalEvent
from routing.line import Engineer
from routing.message import CONTACT, FORGEABLE, IncidentNote, Via
from routing.notify import customer, messages, replying, text_codes
from routing.notify.customer import CustomerNews
from routing.page import LegState

Move = Responded | Closed | WaitsForCustomer | CustomerReplied | Reassigned
OVER = (IncidentState.RESPONDED, IncidentState.CLOSED)


def why_not(incident: Incident, call: Call | None, move: type[Move]) -> str | None:
    """The key of the sentence that says why this change is not possible now; None when it is."""
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
    if is_unmet(incident, call) or awaits_engineer(incident, call):
        return "caller_waits"
    return None


def respond(draft: DecisionDraft, event: Responded) -> DecisionDraft:
    """Record a response. The clock stops, and the escalation ends. A response to an incident that
    nobody has also acknowledges it."""
    if why_not(draft.the_incident, draft.call, Responded):
        return draft
    if text_codes.lacks_proof(draft.the_incident, event.by, event.how):
        return claim_response(draft, event)
    draft = response_clock.stop(_acknowledge_open(draft, event.by, event.how))
    draft = draft.with_incident(
        state=IncidentState.RESPONDED,
        responded_at=draft.facts.now,
        responded_by=event.by,
        reached=True,
        **NOT_WAITING,
    )
    draft = premium.count_in_writing(draft.note(JournalEvent.RESPONDED, _describe(event)))
    return ask_waiting_caller(end_escalation(draft))


def claim_response(draft: DecisionDraft, event: Responded) -> DecisionDraft:
    """Record a response to a level 1 by a text without proof. It acknowledges at most, and the
    customer does not count as reached, so that the escalation starts again."""
    draft = _acknowledge_open(draft, event.by, event.how)
    return draft.note(JournalEvent.UNPROVEN, f"{_describe(event)}, without the code of their page")


def ask_waiting_caller(draft: DecisionDraft) -> DecisionDraft:
    """Ask a caller who stayed on after the conversation whether this was all."""
    if draft.call is not None and draft.call.stage is Stage.WAITING:
        return ask_was_this_all(draft)
    return draft


def close(draft: DecisionDraft, event: Closed) -> DecisionDraft:
    """Close the incident. Its escalation ends."""
    incident = draft.the_incident
    if why_not(incident, draft.call, Closed):
        return draft
    if text_codes.lacks_proof(incident, event.by, event.how):
        return draft
    now = draft.facts.now
    draft = draft.with_incident(state=IncidentState.CLOSED, closed_at=now, closed_by=event.by)
    draft = end_escalation(draft.note(JournalEvent.CLOSED, _describe(event)))
    return customer.announce_end(draft)


def close_for_customer(draft: DecisionDraft, event: SolvedByCustomer) -> DecisionDraft:
    """Close the incident because the customer says that it is solved. Phones that ring for it stop,
    the clock stops without a response, and those who know of it are told."""
    incident = draft.the_incident
    if why_not_solved(incident, draft.call):
        return draft
    draft = response_clock.stop(draft).with_incident(
        state=IncidentState.CLOSED,
        closed_at=draft.facts.now,
        closed_by=CONTACT,
        **NOT_WAITING,
    )
    draft = draft.note(JournalEvent.CLOSED, f"the customer says by {event.door} that it is solved")
    for who in _find_informed(incident):
        engineer = draft.facts.line.engineer(who)
        if engineer is None:
            continue
        news = messages.News("solved_by_customer", (), incident.key, incident.urgency)
        draft = messages.send_message(draft, messages.build_message(draft.facts, engineer, news))
    return end_escalation(draft)


def _find_informed(incident: Incident) -> tuple[str, ...]:
    """Who has the incident, and everybody paged in this round for a level 1 without a response:
    their pages say that it is open."""
    owner, escalation = incident.acknowledged_by or "", incident.escalation
    if incident.urgency > 1 or incident.state is IncidentState.RESPONDED:
        return (owner,)
    rung = (one.engineer for one in escalation.candidates if one.tried)
    return tuple(dict.fromkeys((owner, *escalation.texted, *rung)))


def why_not_solved(incident: Incident, call: Call | None) -> str | None:
    """The key of the sentence that says why the customer cannot close it now; None when they can.
    Nobody is cut off: who is on the line about it says so there."""
    if incident.state is IncidentState.CLOSED:
        return "is_closed"
    leg = incident.customer_leg
    rung = leg is not None and leg.live
    if rung or incident.winner() is not None or (call is not None and call.live):
        return "caller_waits"
    return None


def wait_for_customer(draft: DecisionDraft, event: WaitsForCustomer) -> DecisionDraft:
    """Wait for the customer: the clock pauses. The same event again changes nothing."""
    facts = draft.facts
    if why_not(draft.the_incident, draft.call, WaitsForCustomer):
        return draft
    if facts.note_exists(event.note_id) or facts.message_exists(event.note_id):
        return draft
    draft = response_clock.pause(await_reply(draft, event))
    if not event.what:
        return customer.notify_customer(draft, CustomerNews.ASKED)
    return _ask_customer(draft, event)


def _ask_customer(draft: DecisionDraft, event: WaitsForCustomer) -> DecisionDraft:
    """Write to the customer what we wait for. Of a text whose sender is not proven they read that
    we wait only: its words are a note."""
    incident, now = draft.the_incident, draft.facts.now
    if text_codes.is_unproven(incident, event.by, event.how):
        note = IncidentNote(event.note_id, incident.key, now, event.by, event.how, event.what)
        return customer.notify_customer(draft.add_note(note), CustomerNews.ASKED)
    what = event.what
    if event.how in FORGEABLE:
        what = find_wanted(what)
    question = CustomerMessage(
        id=event.note_id,
        incident=incident.key,
        at=now,
        author=Author.STAFF,
        by=event.by,
        door=event.how,
        words=what,
    )
    draft = draft.keep(question).note(JournalEvent.CUSTOMER_ANSWERED, _describe(event))
    return customer.notify_customer(draft, CustomerNews.ASKED, about=question.id)


def find_wanted(what: str) -> str:
    """What is waited for, without the word that a command begins with: "1042 wacht op de logs"."""
    first, _, rest = what.strip().partition(" ")
    if first.lower() in ("op", "for") and rest:
        return rest.strip()
    return what


def await_reply(draft: DecisionDraft, event: WaitsForCustomer) -> DecisionDraft:
    """Record that the incident waits for the customer; the caller pauses the clock."""
    incident, now = draft.the_incident, draft.facts.now
    proven = not text_codes.lacks_proof(incident, event.by, event.how)
    draft = _acknowledge_open(draft, event.by, event.how).with_incident(
        waiting_since=incident.waiting_since or now,
        waiting_for=event.what,
        waiting_by=event.by,
        reached=incident.reached or proven,
    )
    return draft.note(JournalEvent.WAITS_FOR_CUSTOMER, _describe(event))


def resume_if_reopened(before: DecisionDraft, draft: DecisionDraft) -> DecisionDraft:
    """End the wait for the customer if the escalation starts again, because the wait was reported
    by a text without proof. The clock runs on."""
    was, now = before.the_incident, draft.the_incident
    reopened = was.state is IncidentState.ACKNOWLEDGED and now.state is IncidentState.OPEN
    if not reopened or was.waiting_since is None or was.reached:
        return draft
    return response_clock.resume(draft.with_incident(**NOT_WAITING))


def record_reply(draft: DecisionDraft, event: CustomerReplied) -> DecisionDraft:
    """Record the customer's reply: the clock runs again."""
    if why_not(draft.the_incident, draft.call, CustomerReplied):
        return draft
    draft = draft.with_incident(**NOT_WAITING).note(JournalEvent.CUSTOMER_REPLIED, _describe(event))
    return response_clock.resume(draft)


def reassign(draft: DecisionDraft, event: Reassigned) -> DecisionDraft:
    """Assign the incident to another engineer, who is told. The time to reach the customer starts
    again."""
    incident, now = draft.the_incident, draft.facts.now
    same = incident.acknowledged_by == event.to
    if same or why_not(incident, draft.call, Reassigned):
        return draft
    draft = draft.with_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by=event.to, acknowledged_at=now
    )
    draft = draft.note(JournalEvent.REASSIGNED, f"to {event.to}, {_describe(event)}")
    draft = premium.count_in_writing(draft)
    engineer = draft.facts.line.engineer(event.to)
    if engineer is not None and event.by != event.to:
        draft = _announce_reassignment(draft, engineer)
    if is_unmet(incident, draft.call):
        return taking.set_key_deadline(taking.include(draft, event.to), event.to)
    return steps.end(draft)


def _announce_reassignment(draft: DecisionDraft, engineer: Engineer) -> DecisionDraft:
    line, incident = draft.facts.line, draft.the_incident
    news = messages.News("reassigned", (), incident.key, incident.urgency)
    if incident.urgency == 1:
        draft = text_codes.give_code(draft, engineer.id)
        code = text_codes.find_code(draft.the_incident, engineer.id)
        reply = replying.explain_done(line, incident.number, code)
        news = replace(news, sentence_key="reassigned_code", values=(("reply", (reply,)),))
    return messages.send_message(draft, messages.build_message(draft.facts, engineer, news))


def add_note(draft: DecisionDraft, event: Noted) -> DecisionDraft:
    """Store a note. Its words are in the note only, not in the journal."""
    if draft.facts.note_exists(event.note_id):
        return draft
    incident = draft.the_incident
    note = IncidentNote(
        event.note_id, incident.key, draft.facts.now, event.by, event.how, event.words
    )
    return draft.add_note(note).note(JournalEvent.NOTED, f"{event.by} by {event.how}")


class NotWaiting(TypedDict):
    """The fields of an incident that no longer waits for its customer."""

    waiting_since: None
    waiting_for: None
    waiting_by: None


NOT_WAITING: NotWaiting = {"waiting_since": None, "waiting_for": None, "waiting_by": None}


def _acknowledge_open(draft: DecisionDraft, who: str, how: Via) -> DecisionDraft:
    if draft.the_incident.state is not IncidentState.OPEN:
        return draft
    return taking.acknowledge(draft, who, how)


def end_escalation(draft: DecisionDraft) -> DecisionDraft:
    """End the escalation, if there is one under way, or an engineer is rung on request."""
    escalation = draft.the_incident.escalation
    rung = any(candidate.asked for candidate in escalation.candidates)
    if escalation.phase in (EscalationPhase.OVER, EscalationPhase.QUIET) and not rung:
        return draft
    return steps.end(draft)


def _describe(event: Move | RequestCame) -> str:
    how = f"{event.by} by {event.how}"
    if event.why:
        return f"{how}: {event.why}"
    return how


WORDS = {
    RequestProgress.CONFIRMED: CustomerNews.REQUEST_CONFIRMED,
    RequestProgress.RELEASED: CustomerNews.REQUEST_RELEASED,
}
"""The sentence for the customer at each step of a signature request."""

REQUEST_EVENTS = {
    RequestProgress.CONFIRMED: JournalEvent.REQUEST_CONFIRMED,
    RequestProgress.RELEASED: JournalEvent.REQUEST_RELEASED,
}


def why_no_progress(incident: Incident, to: RequestProgress) -> str | None:
    """The key of the sentence that says why a request cannot make this progress; None when it
    can."""
    if incident.request is None:
        return "no_request"
    now = incident.request.progress
    if now is to or now is RequestProgress.RELEASED or to is RequestProgress.RECEIVED:
        return f"is_{now}"
    return None


def advance_request(draft: DecisionDraft, event: RequestCame) -> DecisionDraft:
    """Advance a signature request, and tell the customer. A request never goes back, and a release
    needs no confirmation before it."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.request is None or why_no_progress(incident, event.to):
        return draft
    if text_codes.lacks_proof(incident, event.by, event.how):
        return taking.acknowledge(draft, event.by, event.how)
    who: dict[str, Any] = {f"{event.to}_by": event.by, f"{event.to}_at": now}
    draft = draft.with_incident(request=replace(incident.request, progress=event.to, **who))
    draft = draft.note(REQUEST_EVENTS[event.to], _describe(event))
    draft = customer.notify_customer(draft, WORDS[event.to])
    if event.to is RequestProgress.CONFIRMED:
        return _acknowledge_open(draft, event.by, event.how)
    return release_request(draft, event)


def release_request(draft: DecisionDraft, event: RequestCame) -> DecisionDraft:
    """Tell every subscribed contact, and record the response unless the caller still waits."""
    draft = draft.do(jobs.SendReleaseMessages(draft.the_incident.key))
    return respond(draft, Responded(event.incident, event.by, event.how, "released"))


def describe_progress(engineer: str, incident: Incident, call: Call | None) -> str:
    """The key of the sentence that says which progress a request has made."""
    if incident.request is None:
        return "no_request"
    progress = incident.request.progress
    if progress is RequestProgress.RECEIVED and text_codes.lacks_proof(incident, engineer):
        return "needs_code"
    return f"is_{progress}"


ON_THE_WAY = (LegState.CONNECTING, LegState.CALLING)


def is_unmet(incident: Incident, call: Call | None) -> bool:
    """True while a caller holds and the escalation goes on."""
    return call is not None and call.holds and incident.escalation.phase is not EscalationPhase.OVER


def awaits_engineer(incident: Incident, call: Call | None) -> bool:
    """True while a caller waits for the engineer who has the incident and is on the telephone."""
    winner = incident.winner()
    comes = winner is not None and winner.state in ON_THE_WAY
    return comes and call is not None and call.stage is Stage.WAITING
