"""A call about an open incident.

An incident has one call, the latest. A caller joins once no colleague of the contract is on the
line about it, so that a colleague never displaces a caller who waits or talks.
"""

from __future__ import annotations

from functools import partial

from routing import events, jobs, message
from routing.call import OfferedIncident, Preamble, Stage
from routing.caller import opening, urgency
from routing.caller.questions import MISSES, CallerKey, CallerView
from routing.decision import Case
from routing.draft import DecisionDraft, ask, park, set_callback_from_call, tell_later
from routing.escalation import desk_queue, recall, ringing, taking
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.incidents import lifecycle
from routing.journal import JournalEvent
from routing.voice_document import MenuKey, Say, Spoken, say

TALKS = (Stage.BRIDGED, Stage.RETURNING)


# After the PIN: is the call about an incident that the contract has open, or about something new?


def ask_about(draft: DecisionDraft, contract: str, remark: Preamble) -> DecisionDraft:
    """Offer the open incidents; without any, ask for the urgency at once. The carrier is asked
    meanwhile whether a call about an offered incident still lives: it may be this caller's own,
    which was cut off."""
    found = draft.facts.unclosed(contract)
    if not found:
        return urgency.ask_level(draft, remark)
    offers = tuple(OfferedIncident(i.key, i.number, i.urgency) for i in found)
    for offer in offers:
        other = urgency.find_colleague(draft, offer.incident)
        if other is not None:
            draft = draft.do(jobs.CheckCall(other.id))
    numbers = ", ".join(str(offer.number) for offer in offers)
    draft = draft.with_call(offers=offers).note(
        JournalEvent.ASKED_ABOUT, f"the contract has open: {numbers}"
    )
    return ask(draft, Stage.ABOUT, remark)


def introduce_incidents(view: CallerView) -> tuple[Spoken, ...]:
    """A question before the keys when several incidents are open."""
    if len(view.call.offers) == 1:
        return ()
    return (say("about_several"),)


OFFERED_AT = (1, 4, 5)
"""The keys of the incidents, the most likely first. The other keys mean the same in every menu."""


def offer_incidents(view: CallerView) -> tuple[CallerKey, ...]:
    """A key for each incident that the contract has open, and one for something new."""
    offers = view.call.offers
    prompt = "about_this" if len(offers) == 1 else "about_one_of"
    keys: list[CallerKey] = [
        MenuKey(
            str(key),
            partial(choose_incident, offer=offer),
            say(prompt, number=offer.number, level=offer.urgency, key=key),
        )
        for key, offer in zip(OFFERED_AT, offers, strict=False)
    ]
    keys.insert(1, MenuKey("2", report_something_new, say("about_new")))
    return tuple(keys)


def choose_incident(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Join this incident, or tell the caller that a colleague is on the line about it."""
    other = urgency.find_colleague(draft, offer.incident)
    if other is None:
        return join(draft, offer)
    why = f"somebody of the contract is on the line about incident {offer.number}"
    draft = draft.with_call(offers=(offer,)).note(JournalEvent.ENGAGED, why)
    if other.stage in TALKS:
        return ask(draft, Stage.ENGAGED, Preamble.COLLEAGUE_TALKS)
    return ask(draft, Stage.ENGAGED, Preamble.COLLEAGUE_WAITS)


def report_something_new(draft: DecisionDraft) -> DecisionDraft:
    """The call is about none of the open incidents."""
    return urgency.ask_level(
        draft.note(JournalEvent.SOMETHING_NEW, "says that it is something new")
    )


def decide_after_silence(draft: DecisionDraft) -> DecisionDraft:
    """Take silence for something new."""
    said = "pressed nothing: taken as something new"
    return urgency.ask_level(draft.note(JournalEvent.SOMETHING_NEW, said))


def decide_after_wrong_keys(draft: DecisionDraft) -> DecisionDraft:
    """Take wrong keys for something new. One try is left at the levels, then a human is rung."""
    said = "pressed wrong keys only: taken as something new"
    draft = urgency.ask_level(draft.note(JournalEvent.SOMETHING_NEW, said))
    if draft.the_call.stage is not Stage.URGENCY:
        return draft
    return draft.with_call(slips=MISSES - 1)


# A colleague is on the line about the incident: a message, something new, or level 1.


def say_engaged(view: CallerView) -> Say:
    """The keys for a message and for something new."""
    return say("engaged_menu", number=view.call.offers[0].number)


def can_be_raised(view: CallerView) -> bool:
    """True for an incident of level 2 to 4."""
    return view.call.offers[0].urgency > 1


def leave_word(draft: DecisionDraft) -> DecisionDraft:
    """Ask for a message. When the colleague has left the line by now, this caller takes the
    place."""
    (offer,) = draft.the_call.offers
    if urgency.find_colleague(draft, offer.incident) is None:
        return join(draft, offer)
    return ask(keep_call(draft), Stage.MESSAGE)


def keep_call(draft: DecisionDraft) -> DecisionDraft:
    """Add the call of a caller who cannot join to the incident, and tell the engineer who has the
    incident."""
    (offer,) = draft.the_call.offers
    draft = load_incident(draft, offer)
    if draft.incident is None:
        return draft
    return recall.notify_engineer(add_call(draft))


def raise_engaged(draft: DecisionDraft) -> DecisionDraft:
    """Business has stopped since: ask to confirm it. A colleague who waits is helped first."""
    (offer,) = draft.the_call.offers
    draft = load_incident(draft, offer)
    if draft.incident is None or draft.incident.state is IncidentState.CLOSED:
        return report_closed(draft, offer)
    draft = add_call(draft).note(JournalEvent.RAISE, "says that it is level 1 by now")
    return ask(draft, Stage.CONFIRM)


def join(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Put a level 1 through, as the latest call. The other levels return to the desk."""
    draft = load_incident(draft, offer)
    if draft.incident is None or draft.incident.state is IncidentState.CLOSED:
        return report_closed(draft, offer)
    return join_incident(draft)


def join_incident(draft: DecisionDraft) -> DecisionDraft:
    """Join the incident of the draft."""
    draft = add_call(draft)
    call, incident = draft.the_call, draft.the_incident
    is_critical = incident.urgency == 1
    if is_critical:  # at the other levels a position kept for a callback stays
        draft = taking.overtake(draft)
    draft = draft.with_incident(language=call.language)
    if call.identity is not None:
        draft = draft.with_incident(contact=call.identity.contact)
    draft = set_callback_from_call(draft, call, incident.caller)
    if is_critical:
        return put_through(draft)
    return return_to_desk(draft)


def put_through(draft: DecisionDraft) -> DecisionDraft:
    """Connect the caller with the engineer who has the incident, or with the escalation."""
    incident = draft.the_incident
    if incident.acknowledged_by is None and incident.escalation.phase is EscalationPhase.QUIET:
        why = opening.why_not_rung(draft)
        if why is not None:
            return opening.take_message_only(draft.note(JournalEvent.NOT_RUNG, why))
    return recall.put_through(park(draft))


def report_closed(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """The offered incident is closed by now, so the call is about something new."""
    draft = draft.about(None).note(JournalEvent.CLOSED, f"{offer.number} is closed by now")
    return urgency.ask_level(draft)


def load_incident(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Load this incident into the draft, as it is now."""
    case = draft.facts.case(offer.incident) or Case()
    return draft.about(case.incident)


def add_call(draft: DecisionDraft) -> DecisionDraft:
    """Add the call to the incident. It counts as the reply that the incident may wait for."""
    call, incident = draft.the_call, draft.the_incident
    draft = draft.with_call(incident=incident.key, urgency=incident.urgency)
    draft = draft.with_incident(calls=(*incident.calls, call.sid))
    if not call.called_out:
        draft = draft.note(
            JournalEvent.CALLED_AGAIN, f"the customer calls again about incident {incident.number}"
        )
    draft = ringing.stop_customer_leg(draft)
    return lifecycle.record_reply(
        draft,
        events.CustomerReplied(incident.key, message.CONTACT, message.Via.CALL, "calls again"),
    )


# A call about an open incident of level 2 to 4 returns to the desk queue. A caller who asked for
# a callback and calls instead keeps the old position, and is not called back.


def return_to_desk(draft: DecisionDraft) -> DecisionDraft:
    """Connect the caller with the engineer who is on the line about the incident, or with the desk
    queue, or say when it will be handled."""
    draft = draft.with_incident(reopen_reason=ReopenReason.CALLED_AGAIN)
    winner = draft.the_incident.winner()
    if winner is not None:
        return recall.send_to_caller(replace_call(draft), winner)
    may_wait = urgency.may_wait_by_phone(draft)
    if may_wait and desk_queue.find_staff(draft.facts, draft.the_incident):
        return join_desk_queue(replace_call(draft, Preamble.IN_ROW))
    draft, _ = tell_engineer(draft)
    if urgency.lacks_desk(draft):
        draft = leave_desk_queue(draft, "the file names no desk")
        return urgency.register(draft, Preamble.CALLED_AGAIN)
    draft = leave_desk_queue(draft, "nobody is at the desk now")
    return tell_later(draft, Preamble.CALLED_AGAIN)


def replace_call(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """This call waits from now on. The incident's earlier call is over."""
    return park(taking.overtake(draft), remark)


def join_desk_queue(draft: DecisionDraft) -> DecisionDraft:
    """Wait at the old position, if there is one. Its engineer is rung first when at the desk."""
    if draft.the_incident.escalation.phase is EscalationPhase.ROW:
        return desk_queue.return_to_queue(draft)
    draft, first = tell_engineer(draft)
    return desk_queue.join_queue(draft, first)


def tell_engineer(draft: DecisionDraft) -> tuple[DecisionDraft, str | None]:
    """Tell the engineer who has the incident, unless they are at the desk, and open again what was
    responded to. Also returns the engineer who is to be rung first."""
    incident = draft.the_incident
    engineer = incident.acknowledged_by
    first = None
    if engineer in desk_queue.find_staff(draft.facts, incident):
        first = engineer
    else:
        draft = recall.notify_engineer(draft)
    if incident.state is IncidentState.RESPONDED:
        draft = recall.reopen(draft, f"the customer calls again although it was {incident.state}")
    return draft, first


def leave_desk_queue(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Nobody is at the desk. A position kept for a callback stays, and so does the engineer."""
    incident = draft.the_incident
    if incident.escalation.phase is EscalationPhase.ROW or incident.state is not IncidentState.OPEN:
        return draft
    return desk_queue.leave_queue(draft, why)
