"""Somebody is sought for an incident: level 1 by its escalation, the other levels at the desk."""

from __future__ import annotations

from routing.call import Stage
from routing.draft import Draft
from routing.engineer import hunt, later, row
from routing.question import ask


def seek(draft: Draft, first: str | None = None) -> Draft:
    """Begin anew; of level 1, whoever had the caller before is rung first."""
    incident, call = draft.the_incident, draft.call
    if incident.urgency == 1:
        return hunt.begin(draft, first)
    if later.staff(draft.facts, incident):
        return row.join(draft)
    draft = later.leave(draft, "nobody is at the desk now")
    return ask(draft, Stage.MESSAGE) if call is not None and call.holds else draft
