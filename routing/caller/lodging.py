"""A matter that a program reports, for a customer who wrote and is on no telephone."""

from __future__ import annotations

from routing import premium
from routing.barring import barred
from routing.caller.unrung import tell_quietly
from routing.course import clock
from routing.dialling import dialled
from routing.draft import Draft, Facts
from routing.events import Lodged
from routing.hunting import hunt, later
from routing.incident import Incident
from routing.memo import How, Memo


def lodge(facts: Facts, event: Lodged) -> Draft:
    """It is written down, and whoever a call of its level would reach is called or told."""
    draft = _opened(facts, event)
    if event.urgency > 1:
        return later.leave(draft, "nobody waits at the telephone: the desk is told")
    why = barred(facts, event.standing, event.phone)
    if why is not None:
        return tell_quietly(draft.note("not_rung", why))
    return hunt.begin(draft)


def _opened(facts: Facts, event: Lodged) -> Draft:
    who = event.identity
    incident = Incident(
        key=event.key,
        line=event.line,
        opened_at=facts.now,
        urgency=event.urgency,
        language=event.language,
        standing=event.standing,
        source=event.source,
        contract=who.contract if who else None,
        customer=who.customer if who else None,
        contact=who.contact if who else None,
        plan=who.plan if who else None,
    )
    contacts = who.phone if who else None
    draft = dialled(Draft(facts, None, incident), event.phone or contacts, contacts)
    draft = premium.remind(draft)
    said = f"level {event.urgency} by {event.source}, {event.standing}"
    draft = clock.wind(draft.note("opened", said), facts.now)
    if not event.words:
        return draft
    memo = facts.chance.token(f"memo {event.key}")
    return draft.jot(Memo(memo, event.key, facts.now, event.source, How.API, event.words))
