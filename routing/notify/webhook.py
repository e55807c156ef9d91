"""A dispatch: what happened to an incident, told to a program outside, such as a ticket system.

A letter tells people; a dispatch tells a program, and nobody's name or telephone stands in it.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from routing.incident import Incident
from routing.line import IncidentHappening


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One happening for one hook. ``id`` stays the same however often it is sent."""

    id: str
    line: str
    hook: str
    incident: str
    happening: IncidentHappening
    at: dt.datetime


def body(dispatch: WebhookEvent, incident: Incident) -> str:
    """What the program is sent: the incident as it then was, named as `incidents --json` does,
    without contact, telephones and anything that somebody wrote."""
    told = {
        "type": f"incident.{dispatch.happening}",
        "timestamp": dispatch.at.isoformat(),
        "data": {
            "id": incident.number,
            "line": incident.line,
            "source": incident.source,
            "contract": incident.contract,
            "kind": incident.kind,
            "urgency": incident.urgency,
            "premium": incident.premium,
            "verified": incident.standing.verified,
            "state": incident.state,
            "acknowledged_by": incident.acknowledged_by,
            "responded_by": incident.responded_by,
            "closed_by": incident.closed_by,
            **_moments(incident),
        },
    }
    return json.dumps(told, separators=(",", ":"))


def _moments(incident: Incident) -> dict[str, str | None]:
    moments = {
        "opened_at": incident.opened_at,
        "acknowledged_at": incident.acknowledged_at,
        "respond_by": incident.respond_by,
        "breached_at": incident.breached_at,
        "waiting_since": incident.waiting_since,
        "responded_at": incident.responded_at,
        "closed_at": incident.closed_at,
    }
    return {name: at.isoformat() if at else None for name, at in moments.items()}
