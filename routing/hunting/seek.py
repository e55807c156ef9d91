"""Somebody is sought for an incident: level 1 by its escalation, the other levels at the desk."""

from __future__ import annotations

from routing.draft import Draft
from routing.hunting import hunt, later, row


def seek(draft: Draft, first: str | None = None) -> Draft:
    """Begin anew; of level 1, whoever had the caller before is rung first."""
    incident = draft.the_incident
    if incident.urgency == 1:
        return hunt.begin(draft, first)
    if later.staff(draft.facts, incident):
        return row.join(draft)
    return later.unstaffed(draft, "nobody is at the desk now")
