"""The channels on which the line writes to people, and a person's address on each of them.

To add a channel, write its class here and register it in CHANNELS; its sender is a module of
``service/channels``. A telephone call is no such channel: the escalation rings it as a leg.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from routing.contracts import Contact
from routing.facts import DecisionFacts
from routing.line import Channel, ContactRule, DutyManager, Engineer, Line
from routing.page import Page, PageResult
from routing.phone_numbers import takes_texts


class Address(NamedTuple):
    """A channel, and where a person is reached on it."""

    channel: Channel
    to: str


@dataclass(frozen=True, slots=True)
class LastResort:
    """The telephones that are called when no engineer answers."""

    phones: tuple[str, ...]
    email: None = None


Person = Engineer | DutyManager | Contact | LastResort


class NotificationChannel(ABC):
    """One way to write to a person."""

    id: ClassVar[Channel]
    plural: ClassVar[str]
    """What is sent on it, as a reason in the journal names it."""

    prompt_suffix: ClassVar[str]
    """The end of the keys of sentences that name the channel to a caller."""

    field: ClassVar[str]
    """The field of an engineer in ``line.yaml`` that holds the address."""

    no_address: ClassVar[str]
    """What ``check`` says of that field when pages have no address."""

    dials: ClassVar[bool] = False
    """True where addresses are telephone numbers, which the dial guard checks."""

    @abstractmethod
    def addresses(self, person: Person) -> tuple[str, ...]:
        """The addresses where this person can receive a message, the preferred one first."""

    def attempts(self, engineer: Engineer) -> tuple[str, ...]:
        """The addresses to try for an engineer, even if none is known to receive messages."""
        return self.addresses(engineer)

    def daily_cap(self, line: Line) -> int | None:
        """How many pages one engineer receives within a day; None is any number."""
        return None


class Sms(NotificationChannel):
    """Text messages."""

    id = Channel.SMS
    plural = "text messages"
    prompt_suffix = "text"
    field = "phones"
    no_address = "none of them takes the texts that paging sends"
    dials = True

    def addresses(self, person: Person) -> tuple[str, ...]:
        """The phones that take texts."""
        return tuple(filter(takes_texts, person.phones))

    def attempts(self, engineer: Engineer) -> tuple[str, ...]:
        """Where no phone takes texts, the first is tried: some landlines read them aloud."""
        return self.addresses(engineer) or engineer.phones[:1]

    def daily_cap(self, line: Line) -> int | None:
        """The ``daily_cap`` of the line's file."""
        return line.paging.daily_cap


class Email(NotificationChannel):
    """E-mail."""

    id = Channel.EMAIL
    plural = "emails"
    prompt_suffix = "mail"
    field = "email"
    no_address = "is missing, and paging sends mail"

    def addresses(self, person: Person) -> tuple[str, ...]:
        """The person's one mail address."""
        return tuple(filter(None, (person.email,)))


CHANNELS: dict[Channel, NotificationChannel] = {one.id: one for one in (Sms(), Email())}
"""By id, in the order of preference. A test compares it with Channel."""

PHONE_CHANNELS = (Channel.CALL, *(channel for channel in CHANNELS if CHANNELS[channel].dials))
"""The channels whose addresses are telephone numbers."""


# Which channels a person is notified on, and at which address.


LOST = (PageResult.FAILED, PageResult.UNDELIVERED)
"""Refused by the carrier (STOP is error 21610), or not delivered."""

UNKNOWN = (None, PageResult.CANCELED)
"""Under way, or never sent: neither shows whether the address works."""


def rules_of(line: Line, engineer: Engineer) -> tuple[ContactRule, ...]:
    """The contact rules of an engineer: their own, or else the channels of the line, at once."""
    used = (ContactRule(channel) for channel in CHANNELS if channel in line.paging.channels)
    return engineer.contact or tuple(used)


def channels_of(line: Line) -> frozenset[Channel]:
    """The channels on which the engineers of a line are notified."""
    return frozenset(rule.by for one in line.engineers for rule in rules_of(line, one))


def works(facts: DecisionFacts, channel: NotificationChannel, engineer: Engineer) -> bool:
    """True if an address receives messages and the last message to it was not lost."""
    if not facts.can_send(channel.id):
        return False
    return any(not is_lost(facts, engineer.id, to) for to in channel.addresses(engineer))


def choose_address(facts: DecisionFacts, channel: NotificationChannel, engineer: Engineer) -> str:
    """The first address whose last message was not lost; if all were lost, the first one."""
    addresses = channel.attempts(engineer)
    usable = (to for to in addresses if not is_lost(facts, engineer.id, to))
    return next(usable, addresses[0])


def is_lost(facts: DecisionFacts, person: str, to: str) -> bool:
    """Whether the latest page to this address whose result is known was lost."""
    ended = (p for _, p in facts.notices(person) if p.to == to and p.result not in UNKNOWN)
    last = next(ended, None)
    return last is not None and last.result in LOST


def find_address(facts: DecisionFacts, engineer: Engineer) -> Address:
    """The first of an engineer's channels that works; if none does, the first that has an address.

    The engineer's own rules come first, then the other channels.
    """
    wanted = [rule.by for rule in rules_of(facts.line, engineer)]
    for channel in map(CHANNELS.__getitem__, dict.fromkeys((*wanted, *CHANNELS))):
        if works(facts, channel, engineer):
            return Address(channel.id, choose_address(facts, channel, engineer))
    first = next(channel for channel in CHANNELS.values() if channel.attempts(engineer))
    return Address(first.id, choose_address(facts, first, engineer))


def find_addresses(facts: DecisionFacts, engineer: Engineer) -> Iterator[Address]:
    """One address on each of an engineer's channels that works, or else the one to try."""
    wanted = {rule.by for rule in rules_of(facts.line, engineer)}
    used = [CHANNELS[channel] for channel in CHANNELS if channel in wanted]
    working = [channel for channel in used if works(facts, channel, engineer)]
    for channel in working:
        yield Address(channel.id, choose_address(facts, channel, engineer))
    if not working:
        yield find_address(facts, engineer)


def list_addresses(facts: DecisionFacts, person: Person) -> Iterator[Address]:
    """Every address of a person on the channels that this installation can send on."""
    for channel in CHANNELS.values():
        if facts.can_send(channel.id):
            yield from (Address(channel.id, to) for to in channel.addresses(person))


# How many pages an engineer has received on a channel within a day.


def is_capped(
    facts: DecisionFacts, channel: NotificationChannel, person: str, unsaved: Iterable[Page] = ()
) -> bool:
    """True if this engineer receives no more pages on the channel today."""
    cap = channel.daily_cap(facts.line)
    return cap is not None and _count_pages(facts, channel.id, person, unsaved) >= cap


def texts_left(facts: DecisionFacts, person: str) -> int:
    """How many text messages this engineer may still receive today; never more than the cap."""
    return facts.line.paging.daily_cap - _count_pages(facts, Channel.SMS, person, ())


def list_sent(person: str, pages: Iterable[Page]) -> list[Page]:
    """The written pages of this person that were or may still be sent, each once."""
    theirs = {p.id: p for p in pages if p.engineer == person and p.channel is not Channel.CALL}
    return [page for page in theirs.values() if page.result is not PageResult.CANCELED]


def _count_pages(
    facts: DecisionFacts, channel: Channel, person: str, unsaved: Iterable[Page]
) -> int:
    saved = (page for _, page in facts.notices(person))
    pages = list_sent(person, (*saved, *unsaved))
    return sum(page.channel is channel for page in pages)
