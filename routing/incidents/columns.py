"""The columns of the log: calls, incidents, pages and timelines, each column listed once.

The API and its documentation, ``--json``, the tables of the command line, the list of the console,
the file of calls and the webhooks derive from these lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from routing.call import (
    Call,
    CallOutcome,
    DatabaseAge,
    RecognitionFault,
    RequestProgress,
    SignatureRequest,
)
from routing.correspondence import Author
from routing.incident import ClockState, Incident, IncidentKind, IncidentSource, IncidentState
from routing.line import Channel
from routing.message import Via
from routing.page import Page, PageResult
from routing.recording import Purpose, Recording, RecordingState

Level = Literal[1, 2, 3, 4]


@dataclass(frozen=True, slots=True)
class LogColumn:
    """One column. ``kind`` is the Python type of its values.

    ``read`` finds the value; without it the value is the attribute of this name. ``table`` is the
    place in the table of the command line and ``page`` the one in the list of the console, both
    from 1; a column without a place is not there.
    """

    name: str
    kind: Any
    read: Callable[[Any], object] | None = None
    table: int = 0
    page: int = 0
    webhook: bool = False
    json: bool = True
    about: str | None = None

    def value(self, of: object) -> object:
        """The value as JSON has it; moments are ISO 8601 with their offset."""
        found = self._find(of)
        if isinstance(found, dt.datetime):
            return found.isoformat()
        return found

    def _find(self, of: object) -> object:
        if self.read is None:
            return getattr(of, self.name)
        return self.read(of)

    @property
    def is_moment(self) -> bool:
        """True for a point in time."""
        return self.kind in (dt.datetime, dt.datetime | None)


def build_row(
    columns: Sequence[LogColumn], of: object, known: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The values of these columns by name; ``known`` has those that ``of`` does not hold."""
    row = dict(known or {})
    for column in columns:
        if column.name not in row:
            row[column.name] = column.value(of)
    return {column.name: row[column.name] for column in columns}


PAGE_COLUMNS = (
    LogColumn("at", dt.datetime),
    LogColumn("engineer", str),
    LogColumn("channel", Channel),
    LogColumn("to", str),
    LogColumn("result", PageResult | None),
)
"""One attempt to reach one person."""

REQUEST_COLUMNS = (
    LogColumn("verdict", RecognitionFault),
    LogColumn("databases", DatabaseAge),
    LogColumn("progress", RequestProgress),
    LogColumn("confirmed_at", dt.datetime | None),
    LogColumn("confirmed_by", str | None),
    LogColumn("released_at", dt.datetime | None),
    LogColumn("released_by", str | None),
)
"""A signature request: what the caller reported, and how far it is."""


STEP_COLUMNS = (
    LogColumn("at", dt.datetime),
    LogColumn("event", str),
    LogColumn("reason", str | None),
    LogColumn("engineer", str | None),
    LogColumn("channel", Channel | Via | None),
    LogColumn("to", str | None),
    LogColumn("result", str | None),
)
"""One step of a timeline: what happened, and why the line did what it did."""


MESSAGE_COLUMNS = (
    LogColumn("id", str, webhook=True),
    LogColumn("at", dt.datetime, webhook=True),
    LogColumn("author", Author, webhook=True, about="Which side wrote it."),
    LogColumn("by", str, about="A contact's name, an engineer's id, or duty_manager."),
    LogColumn("door", Via, webhook=True, about="The way that it came or went."),
    LogColumn("verified", bool, webhook=True, about="False: nothing proves who sent it."),
    LogColumn("words", str),
    LogColumn("files", list[str], lambda it: list(it.files), webhook=True, about="Their ids."),
)
"""A message of the customer, or to the customer."""

FILE_COLUMNS = (
    LogColumn("id", str),
    LogColumn("at", dt.datetime),
    LogColumn("name", str, about="As its sender calls it."),
    LogColumn("size", int, about="Bytes."),
    LogColumn("sha256", str),
    LogColumn("media_type", str, about="What its sender says it is."),
    LogColumn("author", Author, about="Whose file it is."),
    LogColumn("by", str),
    LogColumn("door", Via),
)
"""A file of an incident."""


def _read_sound(name: str) -> Callable[[Recording], object]:
    """Reads a property of the stored sound, None without one."""
    return lambda recording: recording.sound and getattr(recording.sound, name)


RECORDING_COLUMNS = (
    LogColumn("id", str),
    LogColumn("line", str),
    LogColumn("incident", int | None),
    LogColumn("purpose", Purpose),
    LogColumn("by", str | None, about="The engineer who spoke; null for the customer."),
    LogColumn("state", RecordingState),
    LogColumn("seconds", float | None, _read_sound("seconds")),
    LogColumn("bytes", int | None, _read_sound("bytes")),
    LogColumn("content_type", str | None, _read_sound("content_type")),
    LogColumn("sha256", str | None, _read_sound("sha256")),
    LogColumn("words", str | None, about="What a program understood; null before it listened."),
    LogColumn("made_at", dt.datetime),
    LogColumn("kept_at", dt.datetime | None),
    LogColumn("deleted_at", dt.datetime | None, about="At the carrier."),
)
"""What somebody said into the telephone, without the sound."""


def _build_request(incident: Incident) -> dict[str, Any] | None:
    if incident.request is None:
        return None
    return build_row(REQUEST_COLUMNS, incident.request)


def _seconds_left(incident: Incident) -> float | None:
    """The remaining response time while the clock is paused."""
    if incident.clock.state is not ClockState.PAUSED:
        return None
    return round(incident.clock.left.total_seconds(), 1)


INCIDENT_COLUMNS: tuple[LogColumn, ...] = (
    LogColumn("id", int, lambda it: it.number, table=1, page=1, webhook=True),
    LogColumn("line", str, webhook=True),
    LogColumn("source", IncidentSource, table=3, page=8, webhook=True),
    LogColumn("contract", str | None, table=6, webhook=True),
    LogColumn("contact", str | None, table=7),
    LogColumn("customer", str | None, page=3, json=False),
    LogColumn("kind", IncidentKind, webhook=True),
    LogColumn("urgency", Level, table=4, page=2, webhook=True, about="1 to 4; 1 rings people."),
    LogColumn("premium", bool, webhook=True),
    LogColumn("over_quota", bool, about="Beyond the premium incidents that were sold."),
    LogColumn("verified", bool, lambda it: it.entitlement.verified, table=8, webhook=True),
    LogColumn("state", IncidentState, table=5, page=4, webhook=True),
    LogColumn("acknowledged_by", str | None, table=9, page=5, webhook=True),
    LogColumn("opened_at", dt.datetime, table=2, page=6, webhook=True),
    LogColumn("acknowledged_at", dt.datetime | None, table=10, webhook=True),
    LogColumn(
        "respond_by",
        dt.datetime | None,
        table=11,
        page=7,
        webhook=True,
        about="When the response is due; later by each pause of the clock.",
    ),
    LogColumn("clock", ClockState, lambda it: it.clock.state, table=12),
    LogColumn(
        "respond_by_unpaused",
        dt.datetime | None,
        lambda it: it.clock.unpaused,
        about="When it would be due without pauses.",
    ),
    LogColumn("left_s", float | None, _seconds_left, about="Seconds left while paused."),
    LogColumn("breached_at", dt.datetime | None, table=13, webhook=True),
    LogColumn("waiting_since", dt.datetime | None, table=14, webhook=True),
    LogColumn("waiting_for", str | None),
    LogColumn("waiting_by", str | None),
    LogColumn("responded_at", dt.datetime | None, table=16, webhook=True),
    LogColumn("responded_by", str | None, table=15, webhook=True),
    LogColumn("closed_at", dt.datetime | None, table=17, webhook=True),
    LogColumn("closed_by", str | None, webhook=True),
    LogColumn("plan", str | None, webhook=True, about="The id of the plan that it is served by."),
    LogColumn("request", SignatureRequest | None, _build_request),
    LogColumn("calls", list[str], lambda it: list(it.calls), about="The sids of its calls."),
    LogColumn("pages", list[Page]),
)


def _waited_seconds(call: Call) -> float | None:
    """Seconds until somebody took the call or it ended; None while it waits."""
    until = call.answered_at or call.ended_at
    if until is None:
        return None
    return round((until - call.started_at).total_seconds(), 1)


CALL_COLUMNS: tuple[LogColumn, ...] = (
    LogColumn("sid", str, table=11),
    LogColumn("line", str),
    LogColumn(
        "from",
        str | None,
        lambda it: it.caller or it.shown,
        table=2,
        about="E.164, or what the carrier showed.",
    ),
    LogColumn("contract", str | None, lambda it: it.identity and it.identity.contract, table=3),
    LogColumn("contact", str | None, lambda it: it.identity and it.identity.contact, table=4),
    LogColumn(
        "verified",
        bool,
        lambda it: it.entitlement.verified,
        table=5,
        about="True once the PIN was right.",
    ),
    LogColumn("language", str),
    LogColumn("urgency", Level | None, table=6),
    LogColumn("outcome", CallOutcome | None, table=7, about="None while the call lives."),
    LogColumn("answered_by", str | None, table=8, about="An engineer's id, or last_resort."),
    LogColumn("incident", int | None, table=10),
    LogColumn("started_at", dt.datetime, table=1),
    LogColumn("answered_at", dt.datetime | None),
    LogColumn("ended_at", dt.datetime | None),
    LogColumn("waited_s", float | None, _waited_seconds, table=9),
)


def list_json(columns: Iterable[LogColumn]) -> list[LogColumn]:
    """The columns that programs read."""
    return [column for column in columns if column.json]


def list_table(columns: Iterable[LogColumn]) -> list[LogColumn]:
    """The columns of the table at the command line, in order."""
    return sorted((column for column in columns if column.table), key=lambda one: one.table)


def list_console_columns(columns: Iterable[LogColumn]) -> list[LogColumn]:
    """The columns of the list in the console, in order."""
    return sorted((column for column in columns if column.page), key=lambda one: one.page)
