"""A case, and a decision about it: new values, reasons, jobs, messages and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from routing.call import Call
from routing.correspondence import CustomerMessage
from routing.incident import Incident
from routing.jobs import Job
from routing.journal import JournalEntry
from routing.message import IncidentNote, Message
from routing.notify.webhook import WebhookEvent
from routing.page import Page
from routing.recording import Recording

Notices = Sequence[tuple[str, Page]]
"""Pages by text and mail, each with the key of its incident."""


@dataclass(frozen=True, slots=True)
class EngineerPages:
    """The pages to one engineer: their latest leg, live or ended, and the texts and mails of some
    time, newest first."""

    last_leg: Page | None
    notices: Notices


@dataclass(frozen=True, slots=True)
class HeldPeople:
    """Who is not rung for an incident: ``busy`` are engineers and numbers of the last resort with a
    live leg of another one; an escalation with an earlier turn waits for ``wanted``."""

    busy: frozenset[str]
    wanted: frozenset[str]


class LostRaceError(Exception):
    """Another process saved first: read again and decide again."""


@dataclass(frozen=True, slots=True)
class Case:
    """The subject of an event: a call, an incident, or a call with its incident."""

    call: Call | None = None
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The consequences of an event: the new values, the reasons, and the jobs."""

    case: Case
    notes: tuple[JournalEntry, ...] = ()
    jobs: tuple[Job, ...] = ()
    messages: tuple[Message, ...] = ()
    recordings: tuple[Recording, ...] = ()
    incident_notes: tuple[IncidentNote, ...] = ()
    webhook_events: tuple[WebhookEvent, ...] = ()
    customer_messages: tuple[CustomerMessage, ...] = ()
    also: tuple[tuple[Case, Decision], ...] = ()  # of other cases, saved with this one
    attached_files: tuple[str, ...] = ()  # the ids of files that now belong to the incident

    @property
    def writes_more(self) -> bool:
        """True when there is more to write than the values of the case."""
        said = self.incident_notes or self.customer_messages
        return bool(self.notes or self.jobs or said)


Value = TypeVar("Value")


def replace_fields(value: Value, **changes: Any) -> Value:
    """Does what ``dataclasses.replace`` does for a frozen value without slots, twenty times as
    fast: a decision changes values of forty fields a dozen times. Raises TypeError for an unknown
    field."""
    kept = vars(value)
    new = object.__new__(type(value))
    fields = vars(new)
    fields.update(kept)
    fields.update(changes)
    if len(fields) != len(kept):
        raise TypeError(f"{type(value).__name__} has no {', '.join(changes.keys() - kept.keys())}")
    return new
