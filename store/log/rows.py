"""Rows of the log as programs read them: plain values by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from routing.call import Call
from routing.correspondence import CustomerMessage, IncidentFile
from routing.incident import Incident
from routing.incidents import columns
from routing.page import Page
from routing.recording import Recording
from store.log.timeline import TimelineStep

Row = dict[str, Any]


def build_call_row(call: Call, incident: int | None) -> Row:
    """One call; ``incident`` is the number of its incident, if it has one."""
    return columns.build_row(columns.CALL_COLUMNS, call, {"incident": incident})


def build_incident_row(
    incident: Incident, pages: Iterable[Page], *, over_quota: bool = False
) -> Row:
    """One incident with all its pages, ended ones included."""
    rows = [columns.build_row(columns.PAGE_COLUMNS, page) for page in pages]
    known = {"pages": rows, "over_quota": over_quota}
    return columns.build_row(columns.list_json(columns.INCIDENT_COLUMNS), incident, known)


def build_step_row(step: TimelineStep) -> Row:
    """One step of a timeline."""
    return columns.build_row(columns.STEP_COLUMNS, step)


def build_message_row(message: CustomerMessage) -> Row:
    """One message of the customer, or to the customer."""
    return columns.build_row(columns.MESSAGE_COLUMNS, message)


def build_file_row(file: IncidentFile) -> Row:
    """One file of an incident, without its content."""
    return columns.build_row(columns.FILE_COLUMNS, file)


def build_recording_row(recording: Recording, incident: int | None) -> Row:
    """One recording; ``incident`` is the number of its incident."""
    return columns.build_row(columns.RECORDING_COLUMNS, recording, {"incident": incident})


def format_moment(at: dt.datetime | None) -> str | None:
    """ISO 8601 with its offset."""
    return None if at is None else at.isoformat()
