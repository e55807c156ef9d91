"""From when an incident's age counts: what is open has none."""

from __future__ import annotations

import datetime as dt

from routing.incident import Incident, State

DONE = (State.RESPONDED, State.CLOSED)


def done_at(incident: Incident) -> dt.datetime | None:
    """When the last thing became of it; None while somebody has still to do something."""
    if incident.state not in DONE:
        return None
    known = (incident.acknowledged_at, incident.responded_at, incident.closed_at)
    return max(incident.opened_at, *(at for at in known if at is not None))
