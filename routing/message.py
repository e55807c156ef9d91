"""A message: a text or a mail that asks for no key, such as news, a warning or a reminder.

A page asks somebody to take an incident; a message only informs. It is saved with the decision that
made it, and a job of its own sends it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.jobs import SendMessage
from routing.line import Channel
from routing.oncall.local_time import LocalMoment
from routing.page import PageResult

DUTY_MANAGER = "duty_manager"
"""The reader of a message to the duty manager, in place of an engineer's id."""

CONTACT = "contact"
"""The reader of a message to a customer's contact, whose name is not stored in it."""


UNRUNG = "unrung_calls"
"""The words of a message about level 1 incidents for which nobody was rung. Its value
``incidents`` contains their keys, so that the message itself proves that somebody was notified."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence: the key of its words, and their values."""

    words: str
    values: tuple[tuple[str, str | int | LocalMoment], ...] = ()


SentenceValue = str | int | LocalMoment | tuple[Phrase, ...]
"""A value of a sentence. Phrases are joined with commas."""


@dataclass(frozen=True, slots=True)
class Message:
    """``words`` is the key of a sentence, ``values`` are its values; with an ``incident`` (a key),
    the sentence may also use its {number}, {level} and {company}. ``reader`` is an engineer's id,
    ``last_resort``, ``duty_manager`` or ``contact``; ``to`` is a number or an e-mail address.
    ``about`` is the id of the message or note whose words a mail quotes."""

    id: str
    line: str
    at: dt.datetime
    reader: str
    channel: Channel
    to: str
    language: str
    words: str
    values: tuple[tuple[str, SentenceValue], ...] = ()
    incident: str | None = None
    result: PageResult | None = None
    sid: str | None = None
    reason: str | None = None  # why it failed, if the carrier said so
    about: str | None = None

    @property
    def sending(self) -> SendMessage:
        """The job that sends it."""
        return SendMessage(self.id, self.channel)


class Via(StrEnum):
    """The way by which somebody told the line something."""

    KEY = "key"
    TEXT = "text"
    LINK = "link"
    COMMAND = "command line"
    CONSOLE = "console"
    CALL = "call"
    API = "api"
    PORTAL = "portal"
    EMAIL = "email"


FORGEABLE = (Via.TEXT, Via.EMAIL)
"""The ways whose sender is easily forged: what ends a level 1 for good needs more proof."""


@dataclass(frozen=True, slots=True)
class IncidentNote:
    """A note on an incident. ``words`` may name people, so no other record contains them. A spoken
    note is a recording."""

    id: str
    incident: str
    at: dt.datetime
    by: str
    how: Via
    words: str


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text that an engineer sent. It is kept for a while to recognise a repeated text, or an
    automatic answer. ``id`` is the carrier's, ``verb`` the command, ``incident`` (a key) its
    subject, and ``digest`` a hash of its words, which are not kept."""

    id: str
    line: str
    engineer: str
    at: dt.datetime
    verb: str
    digest: str
    incident: str | None = None
