"""Calls, incidents and pages as rows of plain values, named as the command line names them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from routing.call import Call, SignatureRequest
from routing.incident import ClockState, Incident
from routing.page import Page
from routing.recording import Recording
from store.log.timeline import TimelineStep

Row = dict[str, Any]


def call_row(call: Call, incident: int | None) -> Row:
    """One call; ``incident`` is the number of its incident, if it has one."""
    who = call.identity
    return {
        "sid": call.sid,
        "line": call.line,
        "from": call.caller or call.shown,
        "contract": who.contract if who else None,
        "contact": who.contact if who else None,
        "verified": call.standing.verified,
        "language": call.language,
        "urgency": call.urgency,
        "outcome": call.outcome,
        "answered_by": call.answered_by,
        "incident": incident,
        "started_at": moment(call.started_at),
        "answered_at": moment(call.answered_at),
        "ended_at": moment(call.ended_at),
        "waited_s": _waited(call),
    }


def incident_row(incident: Incident, pages: Iterable[Page], *, over_quota: bool = False) -> Row:
    """One incident with all its pages, ended ones included."""
    return {
        "id": incident.number,
        "line": incident.line,
        "source": incident.source,
        "contract": incident.contract,
        "contact": incident.contact,
        "kind": incident.kind,
        "urgency": incident.urgency,
        "premium": incident.premium,
        "over_quota": over_quota,
        "verified": incident.standing.verified,
        "state": incident.state,
        "acknowledged_by": incident.acknowledged_by,
        "opened_at": moment(incident.opened_at),
        "acknowledged_at": moment(incident.acknowledged_at),
        "respond_by": moment(incident.respond_by),
        **_course_row(incident),
        "request": _request_row(incident.request) if incident.request else None,
        "calls": list(incident.calls),
        "pages": [page_row(page) for page in pages],
    }


def _course_row(incident: Incident) -> Row:
    """How far it has come. ``respond_by`` counts the pauses of the clock, ``respond_by_unpaused``
    does not; ``left_s`` is what is left of the promised time while the clock is paused."""
    clock = incident.clock
    paused = clock.doing is ClockState.PAUSED
    return {
        "clock": clock.doing,
        "respond_by_unpaused": moment(clock.unpaused),
        "left_s": round(clock.left.total_seconds(), 1) if paused else None,
        "breached_at": moment(incident.breached_at),
        "waiting_since": moment(incident.waiting_since),
        "waiting_for": incident.waiting_for,
        "waiting_by": incident.waiting_by,
        "responded_at": moment(incident.responded_at),
        "responded_by": incident.responded_by,
        "closed_at": moment(incident.closed_at),
        "closed_by": incident.closed_by,
    }


def _request_row(request: SignatureRequest) -> Row:
    """What a signature request says, and how far it has come."""
    return {
        "verdict": request.verdict,
        "databases": request.databases,
        "progress": request.progress,
        "confirmed_at": moment(request.confirmed_at),
        "confirmed_by": request.confirmed_by,
        "released_at": moment(request.released_at),
        "released_by": request.released_by,
    }


def step_row(step: TimelineStep) -> Row:
    """One step of a timeline."""
    return {
        "at": moment(step.at),
        "event": step.event,
        "reason": step.reason,
        "engineer": step.engineer,
        "channel": step.channel,
        "to": step.to,
        "result": step.result,
    }


def page_row(page: Page) -> Row:
    """One attempt to reach one person."""
    return {
        "at": moment(page.at),
        "engineer": page.engineer,
        "channel": page.channel,
        "to": page.to,
        "result": page.result,
    }


def recording_row(recording: Recording, incident: int | None) -> Row:
    """One recording; ``incident`` is the number of its incident."""
    sound = recording.sound
    return {
        "id": recording.id,
        "line": recording.line,
        "incident": incident,
        "purpose": recording.purpose,
        "by": recording.by,
        "state": recording.state,
        "seconds": sound.seconds if sound else None,
        "bytes": sound.bytes if sound else None,
        "content_type": sound.content_type if sound else None,
        "sha256": sound.sha256 if sound else None,
        "made_at": moment(recording.made_at),
        "kept_at": moment(recording.kept_at),
        "deleted_at": moment(recording.deleted_at),
    }


def moment(at: dt.datetime | None) -> str | None:
    """ISO 8601 with its offset."""
    return None if at is None else at.isoformat()


def _waited(call: Call) -> float | None:
    """Seconds until somebody took the call, or until it ended without; unknown while it waits."""
    until = call.answered_at or call.ended_at
    return None if until is None else round((until - call.started_at).total_seconds(), 1)
