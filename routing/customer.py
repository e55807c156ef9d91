"""The customer is told in writing, if the PIN has proved who that is.

By text to a number that takes texts, else by mail; in the contact's language.
"""

from __future__ import annotations

from routing.contract import Contact
from routing.dialling import why_not_dialled
from routing.draft import Draft, Facts
from routing.letter import CONTACT, Letter, Told
from routing.line import Channel
from routing.numbers import takes_texts
from routing.written.ways import Way


def way_to(draft: Draft) -> Way | None:
    """How the customer of this incident can be written to; None where there is no way."""
    contact, caller = _contact(draft), draft.the_incident.caller
    if contact is None:
        return None
    calls_from = (caller,) if caller else ()
    return way_of(draft.facts, contact, calls_from)


def way_of(facts: Facts, contact: Contact, calls_from: tuple[str, ...] = ()) -> Way | None:
    """A text to their own phone, that which they call from first; else to where they call from;
    else a mail. What the line does not dial gets no text either."""
    own = tuple(phone for phone in calls_from if phone in contact.phones)
    phones = (*own, *contact.phones, *calls_from)
    for phone in phones:
        if takes_texts(phone) and why_not_dialled(facts, phone) is None:
            return Channel.SMS, phone
    return (Channel.EMAIL, contact.email) if contact.email and facts.mail else None


def tell(draft: Draft, words: str, values: tuple[tuple[str, Told], ...] = ()) -> Draft:
    """Write this to the customer, or down that there is no way."""
    incident, facts, way = draft.the_incident, draft.facts, way_to(draft)
    if way is None:
        return draft.note("not_told", "the customer is not identified, or has no way that works")
    letter = Letter(
        facts.chance.token(f"letter {incident.key} {words}"),
        incident.line,
        facts.now,
        CONTACT,
        *way,
        language_for(_contact(draft), facts.line.languages, incident.language),
        words,
        values,
        incident.key,
    )
    return draft.write(letter).note("told", f"the customer is told by {way[0]}: {words}")


def language_for(contact: Contact | None, spoken: tuple[str, ...], else_: str) -> str:
    """A contact's own language, where the line has sentences in it."""
    own = contact.language if contact is not None else None
    return own if own in spoken else else_


def _contact(draft: Draft) -> Contact | None:
    incident = draft.the_incident
    return draft.facts.contact(incident.contract, incident.contact)
