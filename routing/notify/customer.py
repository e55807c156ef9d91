"""The customer is told in writing, if the PIN has proved who that is.

By text to a number that takes texts, else by mail; in the contact's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from routing.call import SignatureRequest
from routing.contracts import Contact, ReleaseSubscriber
from routing.draft import DecisionDraft
from routing.facts import DecisionFacts, SeededRandom
from routing.incident import Incident
from routing.journal import JournalEvent
from routing.line import Channel
from routing.message import CONTACT, Message, Told
from routing.names import name_key
from routing.notify.paging import Way
from routing.phone_numbers import takes_texts
from routing.recording import Purpose, Recording


def way_to(draft: DecisionDraft) -> Way | None:
    """How the customer of this incident can be written to; None where there is no way."""
    contact, caller = _contact(draft), draft.the_incident.caller
    if contact is None:
        return None
    calls_from = (caller,) if caller else ()
    return way_of(draft.facts, contact, calls_from)


def way_of(facts: DecisionFacts, contact: Contact, calls_from: tuple[str, ...] = ()) -> Way | None:
    """A text to their own phone, that which they call from first; else to where they call from;
    else a mail. What the line does not dial gets no text either."""
    own = tuple(phone for phone in calls_from if phone in contact.phones)
    phones = (*own, *contact.phones, *calls_from)
    for phone in phones:
        if takes_texts(phone) and facts.why_not_dialled(phone) is None:
            return Channel.SMS, phone
    return (Channel.EMAIL, contact.email) if contact.email and facts.mail else None


def tell(
    draft: DecisionDraft, words: str, values: tuple[tuple[str, Told], ...] = ()
) -> DecisionDraft:
    """Write this to the customer, or down that there is no way."""
    incident, facts, way = draft.the_incident, draft.facts, way_to(draft)
    if way is None:
        return draft.note(
            JournalEvent.NOT_TOLD, "the customer is not identified, or has no way that works"
        )
    letter = Message(
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
    return draft.write(letter).note(JournalEvent.TOLD, f"the customer is told by {way[0]}: {words}")


def language_for(contact: Contact | None, spoken: tuple[str, ...], else_: str) -> str:
    """A contact's own language, where the line has sentences in it."""
    own = contact.language if contact is not None else None
    return own if own in spoken else else_


def _contact(draft: DecisionDraft) -> Contact | None:
    incident = draft.the_incident
    return draft.facts.contact(incident.contract, incident.contact)


# A release, as it is told to every contact who asked to hear of it: MSA Plus before standard.


LOOK_AGAIN = dt.timedelta(seconds=10)
"""How often it is seen whether the letters to MSA Plus have gone out."""

AT_LATEST = dt.timedelta(minutes=15)
"""After this the others are told, whatever keeps a letter from going out."""


def waits_until(incident: Incident, now: dt.datetime, *, letters_wait: bool) -> dt.datetime | None:
    """When to look again before contacts of plan standard are told; None when they may be told."""
    released_at = incident.request.released_at if incident.request else None
    latest = (released_at or now) + AT_LATEST
    return min(now + LOOK_AGAIN, latest) if letters_wait and now < latest else None


def letters_to(
    facts: DecisionFacts, incident: Incident, subscribers: Sequence[ReleaseSubscriber]
) -> Sequence[Message]:
    """A letter to each of them who can be written to; the customer has had one."""
    had = (incident.contract, name_key(incident.contact or ""))
    others = (one for one in subscribers if (one.contract, name_key(one.contact.name)) != had)
    found = ((one, way_of(facts, one.contact)) for one in others)
    return [_letter(facts, incident, one, way) for one, way in found if way is not None]


def _letter(facts: DecisionFacts, incident: Incident, one: ReleaseSubscriber, way: Way) -> Message:
    """Its id is the same whoever writes it, and however often: nobody is told twice."""
    languages = facts.line.languages
    return Message(
        SeededRandom(b"once").token(f"release {incident.key} {one.contract} {one.contact.name}"),
        incident.line,
        facts.now,
        CONTACT,
        *way,
        language_for(one.contact, languages, languages[0]),
        "release_news",
        (),
        incident.key,
    )


# What was spoken is kept: a recording belongs to the incident that it was spoken for.


def keep(draft: DecisionDraft, purpose: Purpose, url: str, by: str | None = None) -> DecisionDraft:
    """Write down that this was spoken for the incident, and fetch it from the carrier.

    ``by`` is the engineer who spoke; without it the customer did. The incident names its latest
    introduction and its latest message. Earlier recordings are kept too.
    """
    incident, facts = draft.the_incident, draft.facts
    recording = Recording(
        id=facts.chance.token(f"recording {len(draft.recordings)} {url}"),
        line=incident.line,
        incident=incident.key,
        made_at=facts.now,
        purpose=purpose,
        url=url,
        call=draft.call.id if draft.call is not None and by is None else None,
        by=by,
    )
    draft = draft.record(recording)
    if purpose is Purpose.INTRODUCTION:
        return draft.with_incident(introduction=recording.id)
    if purpose is Purpose.MESSAGE:
        return draft.with_incident(message=recording.id)
    return draft


def keep_late(draft: DecisionDraft, purpose: Purpose, url: str | None) -> DecisionDraft:
    """The carrier tells in two ways that something was said, and either may come late or not at
    all: what was not heard of yet is kept, and moves nobody."""
    if not unheard(draft, url):
        return draft
    return keep(draft, purpose, url or "").note(
        JournalEvent.RECORDED, f"the {purpose} is told of late"
    )


def unheard(draft: DecisionDraft, url: str | None) -> bool:
    """True for a recording that belongs to the incident and is not known yet."""
    if url is None or draft.incident is None:
        return False
    return not draft.facts.heard(draft.incident.key, url)


# A signature request: received, confirmed, released; each told to the customer once. It counts
# as a request and never as a premium incident.


def received(draft: DecisionDraft, request: SignatureRequest) -> DecisionDraft:
    """The customer is told its number, and where the sample is to be sent."""
    way = way_to(draft)
    draft = draft.with_incident(request=replace(request, written=way[0] if way else None))
    draft = draft.note(JournalEvent.REQUEST, f"{request.verdict}, databases: {request.databases}")
    desk = draft.facts.line.signature_desk
    if desk is None or desk.samples_to is None:
        return tell(draft, "request_received")
    return tell(draft, "request_received_send", (("address", desk.samples_to),))
