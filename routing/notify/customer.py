"""News for customers: of their incident by mail or text, in the language of the contact.

A contact who is identified is written to on one address: by mail where there is one, because a mail
has room for what is to be said. A text holds incident, level and company, and no more. Of the
others, only somebody who reported by mail is written to, and gets a mail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from routing.call import SignatureRequest
from routing.contracts import Contact, ReleaseSubscriber
from routing.contracts.plans import Door
from routing.draft import DecisionDraft
from routing.facts import DecisionFacts, SeededRandom
from routing.incident import Incident, IncidentKind, IncidentSource
from routing.journal import JournalEvent
from routing.line import Channel, Line
from routing.message import CONTACT, Message, SentenceValue, Via
from routing.names import name_key
from routing.notify.addresses import list_addresses
from routing.notify.channels import CHANNELS, Address
from routing.oncall.local_time import LocalMoment, instant, wall
from routing.phone_numbers import format_international, takes_texts
from routing.recording import Purpose, Recording


class CustomerNews(StrEnum):
    """What a customer is told: the key of a sentence of a text, and of a mail."""

    OPENED = "customer_opened"
    ASKED = "customer_asked"
    ANSWERED = "customer_answered"
    CLOSED = "customer_closed"
    MERGED = "customer_merged"  # the incident goes on under the number of another
    RECEIVED = "customer_received"  # the answer to a mail of somebody who is not identified
    RECEIVED_REPLY = "customer_received_reply"  # the same, about a known incident
    REQUEST_RECEIVED = "request_received"
    REQUEST_RECEIVED_SEND = "request_received_send"
    REQUEST_CONFIRMED = "request_confirmed"
    REQUEST_RELEASED = "request_released"
    RELEASE_NEWS = "release_news"  # to everybody who asked for it


WAITS_FOR_MORNING = (
    CustomerNews.ASKED,
    CustomerNews.ANSWERED,
    CustomerNews.CLOSED,
    CustomerNews.MERGED,
)
"""News of level 2 to 4 that wakes nobody: a text waits for the day, as does the opening of an
incident that a program reports. The other news follows something that the customer has just done,
or is worth waking for."""

MORNING, EVENING = dt.time(8), dt.time(21)
"""Between these times, in the zone of the line, a text disturbs nobody."""

TOGETHER = dt.timedelta(minutes=2)
"""The texts of one night are due within this time, in the order of their news."""


TO_STRANGERS = (CustomerNews.RECEIVED, CustomerNews.RECEIVED_REPLY)
"""News for somebody who is not known to be the customer."""


def find_customer_address(draft: DecisionDraft) -> Address | None:
    """Where the customer of the incident is written to, or None if they cannot be."""
    contact, caller = _find_contact(draft), draft.the_incident.caller
    if contact is None:
        return _find_writer(draft)
    calls_from = tuple(filter(None, (caller,)))
    by_mail = has_door(draft.facts.line, draft.the_incident, Door.EMAIL)
    return find_contact_address(draft.facts, contact, calls_from, by_mail=by_mail)


def _find_writer(draft: DecisionDraft) -> Address | None:
    """The address of somebody who is not identified and who reported the incident by mail. They
    learn nothing but what is written to them about their own report."""
    facts, incident = draft.facts, draft.the_incident
    by_mail = incident.contract is None and incident.source is IncidentSource.EMAIL
    if not by_mail or not facts.can_send(Channel.EMAIL):
        return None
    first = next(iter(facts.calls.correspondence.find_messages(incident.key)), None)
    if first is None or first.door is not Via.EMAIL or "@" not in first.by:
        return None
    return Address(Channel.EMAIL, first.by)


def why_not_readable(draft: DecisionDraft, *, files: bool = False) -> str | None:
    """The key of the sentence that says why the customer could not read an answer. None when they
    can: on their page in the portal, or at their address. Files are in the portal only."""
    line, incident = draft.facts.line, draft.the_incident
    in_portal = _find_contact(draft) is not None and has_door(line, incident, Door.PORTAL)
    if in_portal:
        return None
    if find_customer_address(draft) is None:
        return "answer_nobody"
    return "answer_no_files" if files else None


def has_door(line: Line, incident: Incident, door: Door) -> bool:
    """True if the plan of the incident's contract includes this way to reach the line."""
    return incident.plan is not None and line.plan(incident.plan).allows(door)


def find_contact_address(
    facts: DecisionFacts,
    contact: Contact,
    calls_from: tuple[str, ...] = (),
    *,
    by_mail: bool = True,
) -> Address | None:
    """The first address of a contact on a channel that this installation can send on: their mail
    address, else a number. Without ``by_mail`` a number comes first.

    The contact's own number that they call from comes first, a number that is not theirs last. A
    number that the line does not dial receives no text message either.
    """
    own = tuple(phone for phone in calls_from if phone in contact.phones)
    phones = (*own, *contact.phones, *calls_from)
    found = list_addresses(facts, replace(contact, phones=phones))
    for address in sorted(found, key=lambda one: CHANNELS[one.channel].dials is by_mail):
        dials = CHANNELS[address.channel].dials
        if not dials or facts.why_not_dialled(address.to) is None:
            return address
    return None


def notify_customer(
    draft: DecisionDraft,
    news: CustomerNews,
    values: tuple[tuple[str, SentenceValue], ...] = (),
    about: str | None = None,
) -> DecisionDraft:
    """Write to the customer, or note in the journal that they cannot be written to. ``about`` is
    the id of the words that a mail quotes."""
    address = find_customer_address(draft)
    if address is None:
        return draft.note(
            JournalEvent.NOT_TOLD, "the customer is not identified, or has no address that works"
        )
    return _write_news(draft, address, news, values, about)


def _write_news(
    draft: DecisionDraft,
    address: Address,
    news: CustomerNews,
    values: tuple[tuple[str, SentenceValue], ...] = (),
    about: str | None = None,
) -> DecisionDraft:
    incident, facts = draft.the_incident, draft.facts
    message = Message(
        facts.chance.token(f"letter {incident.key} {news} {about}"),
        incident.line,
        find_delivery_time(facts, incident, address, news),
        CONTACT,
        *address,
        choose_language(_find_contact(draft), facts.line.languages, incident.language),
        news,
        values,
        incident.key,
        about=about,
    )
    why = f"the customer is notified by {address.channel}: {news}"
    if message.at > facts.now:
        why = f"{why}, in the morning"
    return draft.write(message).note(JournalEvent.TOLD, why)


def find_delivery_time(
    facts: DecisionFacts, incident: Incident, address: Address, news: str
) -> dt.datetime:
    """Now, or the morning for a text in the night that can wait."""
    now = facts.now
    by_program = news == CustomerNews.OPENED and incident.source is IncidentSource.API
    waits = by_program or news in WAITS_FOR_MORNING
    if incident.urgency == 1 or not waits or not CHANNELS[address.channel].dials:
        return now
    morning = find_daytime(now, facts.line.timezone)
    if morning == now:
        return now
    return morning + (dt.timedelta(days=1) - (morning - now)) / 1000


def find_daytime(now: dt.datetime, zone: str) -> dt.datetime:
    """Now, or the next morning in the zone when it is night."""
    here = wall(now, zone)
    if MORNING <= here.time() < EVENING:
        return now
    day = here.date()
    if here.time() >= EVENING:
        day += dt.timedelta(days=1)
    return instant(dt.datetime.combine(day, MORNING), zone)


def announce_opening(draft: DecisionDraft) -> DecisionDraft:
    """Tell the customer the number of their incident, and what happens next.

    A caller has heard it: they get a mail, so that they have it in writing, and no text. A request
    about virus recognition has a message of its own.
    """
    incident, facts = draft.the_incident, draft.facts
    contact = _find_contact(draft)
    by_phone = incident.source is IncidentSource.PHONE
    if by_phone and (contact is None or contact.email is None):
        return draft
    address = find_customer_address(draft)
    if address is None or incident.kind is IncidentKind.SIGNATURE_REQUEST:
        return draft
    if by_phone and CHANNELS[address.channel].dials:
        return draft
    values: tuple[tuple[str, SentenceValue], ...] = ()
    if not facts.office_open and (opens := facts.office_opens()) is not None:
        values = (("at", LocalMoment(opens, facts.line.timezone)),)
    return _write_news(draft, address, CustomerNews.OPENED, values)


def announce_end(draft: DecisionDraft, into: Incident | None = None) -> DecisionDraft:
    """Tell the customer, if they are known, that their incident is closed, or goes on as that one.

    Somebody who is not identified learns nothing of the incident of a contract, not its number.
    """
    if into is not None and draft.the_incident.contract is None and into.contract is not None:
        return draft.note(JournalEvent.NOT_TOLD, "it goes on under a contract that is not theirs")
    address = find_customer_address(draft)
    if address is None:
        return draft
    if into is not None:
        return _write_news(draft, address, CustomerNews.MERGED, (("into", into.number),))
    return _write_news(draft, address, CustomerNews.CLOSED)


def build_text_instead(
    facts: DecisionFacts, incident: Incident, message: Message
) -> Message | None:
    """A text in place of a mail that the customer's server refuses for good, if they have a number;
    always the same one. The caller saves it."""
    contact = facts.contact(incident.contract, incident.contact)
    if contact is None or message.words in (CustomerNews.RELEASE_NEWS, *TO_STRANGERS):
        return None
    address = find_contact_address(facts, replace(contact, email=None))
    if address is None or message.channel is not Channel.EMAIL:
        return None
    return replace(
        message,
        id=SeededRandom(b"once").token(f"instead of {message.id}"),
        at=find_delivery_time(facts, incident, address, message.words),
        channel=address.channel,
        to=address.to,
        result=None,
        sid=None,
        reason=None,
    )


def answer_mail(
    facts: DecisionFacts, incident: Incident, to: str, language: str, mail_id: str
) -> Message:
    """The answer to a mail whose sender is not identified: the number, and whom to call when
    business has stopped. It goes to the address that wrote, once for each mail; the caller saves
    it."""
    return Message(
        SeededRandom(b"once").token(f"answer {incident.key} {mail_id}"),
        incident.line,
        facts.now,
        CONTACT,
        Channel.EMAIL,
        to,
        choose_language(None, facts.line.languages, language),
        CustomerNews.RECEIVED,
        (),
        incident.key,
    )


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
        CustomerNews.RELEASE_NEWS,
        (),
        incident.key,
    )


# A customer texts the line. Nobody reads it, so one text says where to turn.


A_DAY = dt.timedelta(days=1)


def answer_text(
    facts: DecisionFacts, sender: str, language: str | None, portal: str
) -> Message | None:
    """The text to a customer who texted the line, once a day. None for a number that may be a
    machine's: one of ours, or one that the line does not dial."""
    line, words = facts.line, "customer_texted"
    values: tuple[tuple[str, SentenceValue], ...] = (("phone", format_international(line.number)),)
    if line.texts_at(sender) or not takes_texts(sender) or line.why_not_ordinary(sender):
        return None
    if any(plan.allows(Door.PORTAL) for plan in line.plans):
        words, values = "customer_texted_portal", (*values, ("link", portal))
    sent = facts.messages_with(words, facts.now - A_DAY)
    if any(message.to == sender for message in sent):
        return None
    if language not in line.languages:
        language = line.languages[0]
    day = wall(facts.now, line.timezone).date()
    return Message(
        SeededRandom(b"once").token(f"answer to a text {line.id} {sender} {day}"),
        line.id,
        facts.now,
        CONTACT,
        Channel.SMS,
        sender,
        language,
        words,
        values,
    )


# The recordings of an incident: introductions, messages and notes.


def keep_recording(
    draft: DecisionDraft, purpose: Purpose, url: str, by: str | None = None
) -> DecisionDraft:
    """Add a recording to the incident, and fetch it from the carrier.

    ``by`` is the engineer who spoke; without it the customer did. The incident names its latest
    introduction, matter and message. Earlier recordings are kept too.
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
    if purpose is Purpose.MATTER:
        return draft.with_incident(matter=recording.id)
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


def receive_request(
    draft: DecisionDraft, request: SignatureRequest, *, has_files: bool = False
) -> DecisionDraft:
    """Notify the customer of the number of the request, and of where to send the sample unless it
    came with files."""
    address, written = find_customer_address(draft), None
    if address is not None:
        written = address.channel
    draft = draft.with_incident(request=replace(request, written=written))
    draft = draft.note(JournalEvent.REQUEST, f"{request.verdict}, databases: {request.databases}")
    desk = draft.facts.line.signature_desk
    if has_files or desk is None or desk.samples_to is None:
        return notify_customer(draft, CustomerNews.REQUEST_RECEIVED)
    where = (("address", desk.samples_to),)
    return notify_customer(draft, CustomerNews.REQUEST_RECEIVED_SEND, where)
