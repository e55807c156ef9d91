"""The channels on which the line writes to people: their addresses, and who is notified on which.

To add a channel, write its class here and register it in CHANNELS; its sender is a module of
``service/channels``. A telephone call is no such channel: the escalation rings it as a leg.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from routing.contracts import Contact
from routing.line import Channel, ContactRule, DutyManager, Engineer, Line
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


def rules_of(line: Line, engineer: Engineer) -> tuple[ContactRule, ...]:
    """The contact rules of an engineer: their own, or else the channels of the line, at once."""
    used = (ContactRule(channel) for channel in CHANNELS if channel in line.paging.channels)
    return engineer.contact or tuple(used)


def channels_of(line: Line) -> frozenset[Channel]:
    """The channels on which the engineers of a line are notified."""
    return frozenset(rule.by for one in line.engineers for rule in rules_of(line, one))
