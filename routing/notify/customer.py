"""Messages to customers: on a channel that works, in the language of the contact.

Only a contact whom the PIN has identified is written to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from routing.call import SignatureRequest
from routing.contracts import Contact, ReleaseSubscriber
from routing.draft import DecisionDraft
from routing.facts import DecisionFacts, SeededRandom
from routing.incident import Incident
from routing.journal import JournalEvent
from routing.message import CONTACT, Message, SentenceValue
from routing.names import name_key
from routing.notify.addresses import list_addresses
from routing.notify.channels import CHANNELS, Address
from routing.recording import Purpose, Recording


def find_customer_address(draft: DecisionDraft) -> Address | None:
    """Where the customer of the incident is written to, or None if they cannot be."""
    contact, caller = _find_contact(draft), draft.the_incident.caller
    if contact is None:
        return None
    return find_contact_address(draft.facts, contact, tuple(filter(None, (caller,))))


def find_contact_address(
    facts: DecisionFacts, contact: Contact, calls_from: tuple[str, ...] = ()
) -> Address | None:
    """The first address of a contact on a channel that this installation can send on.

    The contact's own number that they call from comes first, a number that is not theirs last. A
    number that the line does not dial receives no text message either.
    """
    own = tuple(phone for phone in calls_from if phone in contact.phones)
    phones = (*own, *contact.phones, *calls_from)
    for address in list_addresses(facts, replace(contact, phones=phones)):
        dials = CHANNELS[address.channel].dials
        if not dials or facts.why_not_dialled(address.to) is None:
            return address
    return None


def notify_customer(
    draft: DecisionDraft, words: str, values: tuple[tuple[str, SentenceValue], ...] = ()
) -> DecisionDraft:
    """Write to the customer, or note in the journal that they cannot be written to."""
    incident, facts, address = draft.the_incident, draft.facts, find_customer_address(draft)
    if address is None:
        return draft.note(
            JournalEvent.NOT_TOLD, "the customer is not identified, or has no address that works"
        )
    message = Message(
        facts.chance.token(f"letter {incident.key} {words}"),
        incident.line,
        facts.now,
        CONTACT,
        *address,
        choose_language(_find_contact(draft), facts.line.languages, incident.language),
        words,
        values,
        incident.key,
    )
    why = f"the customer is notified by {address.channel}: {words}"
    return draft.write(message).note(JournalEvent.TOLD, why)


def choose_language(contact: Contact | None, spoken: tuple[str, ...], default: str) -> str:
    """The contact's own language, if the line has sentences in it."""
    if contact is not None and contact.language in spoken:
        return contact.language
    return default


def _find_contact(draft: DecisionDraft) -> Contact | None:
    incident = draft.the_incident
    return draft.facts.contact(incident.contract, incident.contact)


# The release of a virus signature, announced to every contact who subscribed to releases, plan by
# plan in the order of their ranks.


RECHECK_AFTER = dt.timedelta(seconds=10)
"""How often the messages to the plans before are checked."""

LONGEST_WAIT = dt.timedelta(minutes=15)
"""After this the next plans are notified, even if a message to those before was not sent."""


def waits_until(incident: Incident, now: dt.datetime, *, messages_wait: bool) -> dt.datetime | None:
    """When to check again before the next plans are notified; None if they may be notified now."""
    released_at = None
    if incident.request is not None:
        released_at = incident.request.released_at
    latest = (released_at or now) + LONGEST_WAIT
    if messages_wait and now < latest:
        return min(now + RECHECK_AFTER, latest)
    return None


def build_release_messages(
    facts: DecisionFacts, incident: Incident, subscribers: Sequence[ReleaseSubscriber]
) -> Sequence[Message]:
    """A message to each subscriber who has an address, except the customer, who has had one."""
    return list(_build_each(facts, incident, subscribers))


def _build_each(
    facts: DecisionFacts, incident: Incident, subscribers: Sequence[ReleaseSubscriber]
) -> Iterator[Message]:
    had = (incident.contract, name_key(incident.contact or ""))
    for one in subscribers:
        if (one.contract, name_key(one.contact.name)) == had:
            continue
        address = find_contact_address(facts, one.contact)
        if address is not None:
            yield _build_release_message(facts, incident, one, address)


def _build_release_message(
    facts: DecisionFacts, incident: Incident, one: ReleaseSubscriber, address: Address
) -> Message:
    """The message to one subscriber; its id is always the same, so that it is sent once."""
    languages = facts.line.languages
    return Message(
        SeededRandom(b"once").token(f"release {incident.key} {one.contract} {one.contact.name}"),
        incident.line,
        facts.now,
        CONTACT,
        *address,
        choose_language(one.contact, languages, languages[0]),
        "release_news",
        (),
        incident.key,
    )


# The recordings of an incident: introductions, messages and notes.


def keep_recording(
    draft: DecisionDraft, purpose: Purpose, url: str, by: str | None = None
) -> DecisionDraft:
    """Add a recording to the incident, and fetch it from the carrier.

    ``by`` is the engineer who spoke; without it the customer did. The incident names its latest
    introduction and its latest message. Earlier recordings are kept too.
    """
    incident, facts = draft.the_incident, draft.facts
    call = None
    if draft.call is not None and by is None:
        call = draft.call.id
    recording = Recording(
        id=facts.chance.token(f"recording {len(draft.recordings)} {url}"),
        line=incident.line,
        incident=incident.key,
        made_at=facts.now,
        purpose=purpose,
        url=url,
        call=call,
        by=by,
    )
    draft = draft.record(recording)
    if purpose is Purpose.INTRODUCTION:
        return draft.with_incident(introduction=recording.id)
    if purpose is Purpose.MESSAGE:
        return draft.with_incident(message=recording.id)
    return draft


def keep_late_recording(draft: DecisionDraft, purpose: Purpose, url: str | None) -> DecisionDraft:
    """Add a recording of which the carrier's callback came late, if it is not known yet.

    The carrier reports a recording in two callbacks, and either may come late or never. The stage
    of the call does not change.
    """
    if not is_new_recording(draft, url):
        return draft
    draft = keep_recording(draft, purpose, url or "")
    return draft.note(JournalEvent.RECORDED, f"the {purpose} was reported late")


def is_new_recording(draft: DecisionDraft, url: str | None) -> bool:
    """True for a recording of the incident that is not known yet."""
    if url is None or draft.incident is None:
        return False
    return not draft.facts.has_recording(draft.incident.key, url)


# A signature request: received, confirmed, released; the customer is notified once of each. It
# counts as a request and never as a premium incident.


def receive_request(draft: DecisionDraft, request: SignatureRequest) -> DecisionDraft:
    """Notify the customer of the number of the request, and of where to send the sample."""
    address, written = find_customer_address(draft), None
    if address is not None:
        written = address.channel
    draft = draft.with_incident(request=replace(request, written=written))
    draft = draft.note(JournalEvent.REQUEST, f"{request.verdict}, databases: {request.databases}")
    desk = draft.facts.line.signature_desk
    if desk is None or desk.samples_to is None:
        return notify_customer(draft, "request_received")
    return notify_customer(draft, "request_received_send", (("address", desk.samples_to),))
