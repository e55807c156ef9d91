"""A call about an incident that is there already: one matter is one incident.

An incident has one call, the latest. A caller joins once nobody else of the contract is on the
line about it, so that whoever waits or talks is never put aside by a colleague.
"""

from __future__ import annotations

from dataclasses import replace

from routing.call import Call, Remark, Stage
from routing.caller import comeback, opening
from routing.course import states
from routing.dialling import reachable
from routing.draft import Draft
from routing.events import CustomerReplied
from routing.hunting import recall, tally
from routing.incident import Hunting, State
from routing.letter import CONTACT
from routing.memo import How
from routing.offer import Offer
from routing.question import ask, ask_again, park

MESSAGE_KEY = "1"
NEW_KEY = "2"
RAISE_KEY = "3"
TALKS = (Stage.BRIDGED, Stage.RETURNING)


def on_the_line(draft: Draft, offer: Offer) -> Call | None:
    """Somebody else of the contract who is on the line about this incident."""
    matter = draft.facts.matter(offer.incident)
    other = matter.call if matter is not None else None
    ours = other is not None and other.id == draft.the_call.id
    return other if other is not None and other.live and not ours else None


def chosen(draft: Draft, offer: Offer) -> Draft:
    """It is about this incident: the caller joins it, or hears who is on the line about it."""
    if (other := on_the_line(draft, offer)) is None:
        return join(draft, offer)
    why = f"somebody of the contract is on the line about incident {offer.number}"
    draft = draft.with_call(offers=(offer,)).note("engaged", why)
    talks = other.stage in TALKS
    return ask(draft, Stage.ENGAGED, Remark.COLLEAGUE_TALKS if talks else Remark.COLLEAGUE_WAITS)


def engaged_key(draft: Draft, key: str | None) -> Draft:
    """1 leaves a message to the incident, 2 is something new, 3 makes it level 1. Silence, twice,
    and a third wrong key leave a message.
    Whoever was on the line may have gone by now: then this caller takes the place."""
    call = draft.the_call
    (offer,) = call.offers
    if key == NEW_KEY:
        return ask(draft.note("something_new", "says that it is something new"), Stage.URGENCY)
    if key == RAISE_KEY and offer.urgency > 1:
        return raises(draft, offer)
    if key != MESSAGE_KEY and (again := ask_again(draft, key)) is not None:
        return again
    alone = on_the_line(draft, offer) is None
    return join(draft, offer) if alone else ask(word_of(draft), Stage.MESSAGE)


def join(draft: Draft, offer: Offer) -> Draft:
    """Level 1 is put through, as the latest call; the others come back to the desk."""
    draft = about(draft, offer)
    if draft.incident is None or draft.incident.state is State.CLOSED:
        return something_else(draft, offer)
    draft = belongs(draft)
    call, incident = draft.the_call, draft.the_incident
    who = call.identity
    first = incident.urgency == 1
    draft = tally.overtake(draft) if first else draft  # a place kept for a call back stays
    draft = draft.with_incident(
        language=call.language,
        contact=who.contact if who else incident.contact,
    )
    draft = reachable(draft, call, incident.caller)
    return critical(draft) if first else comeback.come_back(draft)


def critical(draft: Draft) -> Draft:
    """To whoever has it, or to the hunt; what was never rung for is rung for by the same rules."""
    incident = draft.the_incident
    quiet = incident.acknowledged_by is None and incident.hunt.doing is Hunting.QUIET
    why = opening.not_rung(draft) if quiet else None
    if why is not None:
        return opening.message_only(draft.note("not_rung", why))
    return recall.put_through(park(draft))


def raises(draft: Draft, offer: Offer) -> Draft:
    """Business has stopped since: asked to confirm it; a colleague who waits is helped first."""
    draft = about(draft, offer)
    if draft.incident is None or draft.incident.state is State.CLOSED:
        return something_else(draft, offer)
    draft = belongs(draft).note("raise", "says that it is level 1 by now")
    return ask(draft, Stage.CONFIRM)


def something_else(draft: Draft, offer: Offer) -> Draft:
    """What was offered is closed by now, so it is about something new."""
    draft = replace(draft, incident=None).note("closed", f"{offer.number} is closed by now")
    return ask(draft, Stage.URGENCY)


def word_of(draft: Draft) -> Draft:
    """A caller who cannot join, because somebody else is on the line: the call is kept with the
    incident all the same, and whoever has it is told."""
    (offer,) = draft.the_call.offers
    draft = about(draft, offer)
    return draft if draft.incident is None else recall.tell(belongs(draft))


def about(draft: Draft, offer: Offer) -> Draft:
    """The decision is about this incident too, as it is now."""
    matter = draft.facts.matter(offer.incident)
    return replace(draft, incident=matter.incident if matter is not None else None)


def belongs(draft: Draft) -> Draft:
    """The call is one of this incident's, and the reply that it may have waited for."""
    call, incident = draft.the_call, draft.the_incident
    draft = draft.with_call(incident=incident.key, urgency=incident.urgency)
    draft = draft.with_incident(calls=(*incident.calls, call.sid))
    draft = draft.note("called_again", f"the customer calls again about incident {incident.number}")
    return states.replied(draft, CustomerReplied(incident.key, CONTACT, How.CALL, "calls again"))
