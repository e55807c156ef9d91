"""A call about an open incident.

An incident has one call, the latest. A caller joins once no colleague of the contract is on the
line about it, so that a colleague never displaces a caller who waits or talks.
"""

from __future__ import annotations

from dataclasses import replace

from routing.call import Call, OfferedIncident, Preamble, Stage
from routing.caller import opening, urgency
from routing.draft import (
    MISSES,
    DecisionDraft,
    ask,
    ask_again,
    park,
    set_callback_from_call,
    tell_later,
)
from routing.escalation import desk_queue, recall, taking
from routing.events import CustomerReplied
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.incidents import lifecycle
from routing.jobs import SettleCall
from routing.journal import JournalEvent
from routing.message import CONTACT, Via

MESSAGE_KEY = "1"
NEW_KEY = "2"
RAISE_KEY = "3"
TALKS = (Stage.BRIDGED, Stage.RETURNING)


def on_the_line(draft: DecisionDraft, offer: OfferedIncident) -> Call | None:
    """The call of a colleague of the contract who is on the line about this incident."""
    matter = draft.facts.matter(offer.incident)
    other = matter.call if matter is not None else None
    ours = other is not None and other.id == draft.the_call.id
    return other if other is not None and other.live and not ours else None


def choose_incident(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """It is about this incident: the caller joins it, or hears who is on the line about it."""
    if (other := on_the_line(draft, offer)) is None:
        return join(draft, offer)
    why = f"somebody of the contract is on the line about incident {offer.number}"
    draft = draft.with_call(offers=(offer,)).note(JournalEvent.ENGAGED, why)
    talks = other.stage in TALKS
    return ask(
        draft, Stage.ENGAGED, Preamble.COLLEAGUE_TALKS if talks else Preamble.COLLEAGUE_WAITS
    )


def engaged_key(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """1 leaves a message to the incident, 2 is something new, 3 makes it level 1. Silence, twice,
    and a third wrong key leave a message.
    Whoever was on the line may have gone by now: then this caller takes the place."""
    call = draft.the_call
    (offer,) = call.offers
    if key == NEW_KEY:
        return ask(
            draft.note(JournalEvent.SOMETHING_NEW, "says that it is something new"), Stage.URGENCY
        )
    if key == RAISE_KEY and offer.urgency > 1:
        return raises(draft, offer)
    if key != MESSAGE_KEY and (again := ask_again(draft, key)) is not None:
        return again
    alone = on_the_line(draft, offer) is None
    return join(draft, offer) if alone else ask(word_of(draft), Stage.MESSAGE)


def join(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Put a level 1 through, as the latest call. The other levels return to the desk."""
    draft = about(draft, offer)
    if draft.incident is None or draft.incident.state is IncidentState.CLOSED:
        return something_else(draft, offer)
    draft = belongs(draft)
    call, incident = draft.the_call, draft.the_incident
    who = call.identity
    first = incident.urgency == 1
    draft = taking.overtake(draft) if first else draft  # a place kept for a call back stays
    draft = draft.with_incident(
        language=call.language,
        contact=who.contact if who else incident.contact,
    )
    draft = set_callback_from_call(draft, call, incident.caller)
    return critical(draft) if first else come_back(draft)


def critical(draft: DecisionDraft) -> DecisionDraft:
    """Connect the caller with the engineer who has the incident, or with the escalation."""
    incident = draft.the_incident
    quiet = incident.acknowledged_by is None and incident.hunt.doing is EscalationPhase.QUIET
    why = opening.not_rung(draft) if quiet else None
    if why is not None:
        return opening.message_only(draft.note(JournalEvent.NOT_RUNG, why))
    return recall.put_through(park(draft))


def raises(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Business has stopped since: asked to confirm it; a colleague who waits is helped first."""
    draft = about(draft, offer)
    if draft.incident is None or draft.incident.state is IncidentState.CLOSED:
        return something_else(draft, offer)
    draft = belongs(draft).note(JournalEvent.RAISE, "says that it is level 1 by now")
    return ask(draft, Stage.CONFIRM)


def something_else(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """The offered incident is closed by now, so the call is about something new."""
    draft = replace(draft, incident=None).note(
        JournalEvent.CLOSED, f"{offer.number} is closed by now"
    )
    return ask(draft, Stage.URGENCY)


def word_of(draft: DecisionDraft) -> DecisionDraft:
    """A caller who cannot join, because somebody else is on the line: the call is kept with the
    incident all the same, and whoever has it is told."""
    (offer,) = draft.the_call.offers
    draft = about(draft, offer)
    return draft if draft.incident is None else recall.tell(belongs(draft))


def about(draft: DecisionDraft, offer: OfferedIncident) -> DecisionDraft:
    """Load this incident into the draft, as it is now."""
    matter = draft.facts.matter(offer.incident)
    return replace(draft, incident=matter.incident if matter is not None else None)


def belongs(draft: DecisionDraft) -> DecisionDraft:
    """Add the call to the incident. It counts as the reply that the incident may wait for."""
    call, incident = draft.the_call, draft.the_incident
    draft = draft.with_call(incident=incident.key, urgency=incident.urgency)
    draft = draft.with_incident(calls=(*incident.calls, call.sid))
    draft = draft.note(
        JournalEvent.CALLED_AGAIN, f"the customer calls again about incident {incident.number}"
    )
    return lifecycle.replied(draft, CustomerReplied(incident.key, CONTACT, Via.CALL, "calls again"))


# A call about an open incident of level 2 to 4 returns to the desk queue. A caller who asked for
# a callback and calls instead keeps the old position, and is not called back.


def come_back(draft: DecisionDraft) -> DecisionDraft:
    """To whoever is on the line about it, into the row, or told when it will be handled."""
    draft = draft.with_incident(again=ReopenReason.CALLED_AGAIN)
    if (winner := draft.the_incident.winner()) is not None:
        return recall.meet(latest(draft), winner)
    if desk_queue.staff(draft.facts, draft.the_incident):
        return to_the_desk(latest(draft, Preamble.IN_ROW))
    draft, _ = had_by(draft)
    if urgency.deskless(draft):
        return urgency.registered(closed(draft, "the file names no desk"), Preamble.CALLED_AGAIN)
    return tell_later(closed(draft, "nobody is at the desk now"), Preamble.CALLED_AGAIN)


def latest(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """This call waits from now on. The incident's earlier call is over."""
    return park(taking.overtake(draft), remark)


def to_the_desk(draft: DecisionDraft) -> DecisionDraft:
    """Wait at the old position, if there is one. Its engineer is rung first when at the desk."""
    if draft.the_incident.hunt.doing is EscalationPhase.ROW:
        return desk_queue.come_back(draft)
    draft, first = had_by(draft)
    return desk_queue.join(draft, first)


def had_by(draft: DecisionDraft) -> tuple[DecisionDraft, str | None]:
    """Whoever has it and is not at the desk is told; what was responded to is open again."""
    incident = draft.the_incident
    who = incident.acknowledged_by
    there = who in desk_queue.staff(draft.facts, incident)
    draft = draft if there else recall.tell(draft)
    if incident.state is IncidentState.RESPONDED:
        draft = recall.reopen(draft, f"the customer calls again although it was {incident.state}")
    return draft, who if there else None


def closed(draft: DecisionDraft, why: str) -> DecisionDraft:
    """Nobody is at the desk. A position kept for a callback stays, and so does the engineer."""
    incident = draft.the_incident
    kept = incident.hunt.doing is EscalationPhase.ROW or incident.state is not IncidentState.OPEN
    return draft if kept else desk_queue.leave(draft, why)


# After the PIN: is it about an incident that the contract has open, or about something new?


SOMETHING_NEW_KEY = "9"


def ask_about(draft: DecisionDraft, contract: str, remark: Preamble) -> DecisionDraft:
    """With nothing open the urgency is asked at once. Whoever is said to be on the line about an
    offered incident is looked for meanwhile: it may be this caller, who was cut off."""
    found = draft.facts.unclosed(contract)
    if not found:
        return ask(draft, Stage.URGENCY, remark)
    offers = tuple(OfferedIncident(i.key, i.number, i.urgency) for i in found)
    for offer in offers:
        other = on_the_line(draft, offer)
        draft = draft if other is None else draft.do(SettleCall(other.id))
    numbers = ", ".join(str(offer.number) for offer in offers)
    draft = draft.with_call(offers=offers).note(
        JournalEvent.ASKED_ABOUT, f"the contract has open: {numbers}"
    )
    return ask(draft, Stage.ABOUT, remark)


def about_key(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """1 to 3 are the incidents, 9 is something new. So are silence, twice, and a third wrong key,
    which leaves one try at the levels: after it a human is rung."""
    call = draft.the_call
    chosen = {str(n): offer for n, offer in enumerate(call.offers, start=1)}.get(key or "")
    if chosen is not None:
        return choose_incident(draft, chosen)
    if key == SOMETHING_NEW_KEY:
        return ask(
            draft.note(JournalEvent.SOMETHING_NEW, "says that it is something new"), Stage.URGENCY
        )
    if (again := ask_again(draft, key)) is not None:
        return again
    if key is None:
        said = "pressed nothing: taken as something new"
        return ask(draft.note(JournalEvent.SOMETHING_NEW, said), Stage.URGENCY)
    said = "pressed wrong keys only: taken as something new"
    draft = ask(draft.note(JournalEvent.SOMETHING_NEW, said), Stage.URGENCY)
    return draft.with_call(slips=MISSES - 1)
