"""A letter: a text or a mail that asks for no key, such as news, a warning or a reminder.

A page seeks somebody who takes an incident; a letter only tells. It is written down with the
decision that wanted it, and sent by an errand of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.jobs import SendMessage
from routing.line import Channel
from routing.page import PageResult

DUTY_MANAGER = "duty_manager"
"""Stands where an engineer's id stands when a letter goes to the duty manager."""

CONTACT = "contact"
"""Stands there when a letter goes to a customer's contact, whose name stands nowhere in it."""


UNRUNG = "unrung_calls"
"""The words of a letter about level 1 incidents for which nobody was rung. Its value ``incidents``
holds their keys, so that the letter itself is the proof that somebody was told of them."""


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """A moment, written as weekday, day and local time in the reader's language."""

    at: dt.datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Part of a sentence: the key of its words, and what fills them in."""

    words: str
    values: tuple[tuple[str, str | int | LocalMoment], ...] = ()


Told = str | int | LocalMoment | tuple[Phrase, ...]
"""What may fill in a sentence; phrases follow each other after commas."""


@dataclass(frozen=True, slots=True)
class Message:
    """``words`` is the key of a sentence; where ``incident`` (a key) is set, the sentence may use
    its {number}, {level} and {company}. ``values`` fill in the rest. ``reader`` is an engineer's
    id, ``last_resort``, ``duty_manager`` or ``contact``; ``to`` a number or an address."""

    id: str
    line: str
    at: dt.datetime
    reader: str
    channel: Channel
    to: str
    language: str
    words: str
    values: tuple[tuple[str, Told], ...] = ()
    incident: str | None = None
    result: PageResult | None = None
    sid: str | None = None
    reason: str | None = None  # why it failed, if somebody said so

    @property
    def sending(self) -> SendMessage:
        """The job that sends it."""
        return SendMessage(self.id, self.channel)


# What somebody wrote about an incident: the only free words that the line keeps of it.


class Via(StrEnum):
    """By which way somebody told the line something."""

    KEY = "key"
    TEXT = "text"
    LINK = "link"
    COMMAND = "command line"
    CONSOLE = "console"
    CALL = "call"
    API = "api"


@dataclass(frozen=True, slots=True)
class IncidentNote:
    """A note on an incident. ``words`` may name people, so they stand here and nowhere else; a
    spoken note is a recording."""

    id: str
    incident: str
    at: dt.datetime
    by: str
    how: Via
    words: str


# Texts that engineers sent: remembered for a while, so that a text brought twice is known again
# and an automatic answer is told from a person. Their words are kept nowhere but in notes.


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text that was read. ``id`` is the carrier's, ``verb`` what it asked for, ``incident`` (a
    key) what it was about, ``digest`` a fingerprint of its words."""

    id: str
    line: str
    engineer: str
    at: dt.datetime
    verb: str
    digest: str
    incident: str | None = None
