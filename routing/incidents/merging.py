"""Two incidents are one matter: one of them goes on for both."""

from __future__ import annotations

from routing.draft import DecisionDraft
from routing.events import Merged
from routing.incident import Incident, IncidentState
from routing.journal import JournalEvent


def why_not_merged(incident: Incident, into: Incident | None) -> str | None:
    """The key of the sentence that says why this incident cannot go on as that one; None when it
    can."""
    if into is None or into.line != incident.line:
        return "merge_unknown"
    if into.key == incident.key:
        return "merge_itself"
    if incident.merged_into is not None or into.merged_into is not None:
        return "merge_merged"
    if IncidentState.CLOSED in (incident.state, into.state):
        return "merge_closed"
    if incident.contract != into.contract:
        return "merge_other_contract"
    return None


def merge(draft: DecisionDraft, event: Merged) -> DecisionDraft:
    """The incident goes on as another one."""
    case = draft.facts.case(event.into)
    into = case.incident if case is not None else None
    incident = draft.the_incident
    if into is None or why_not_merged(incident, into):
        return draft
    draft = draft.with_incident(
        state=IncidentState.CLOSED,
        closed_at=draft.facts.now,
        closed_by=event.by,
        merged_into=into.key,
    )
    return draft.note(JournalEvent.MERGED, f"into {into.number}, {event.by} by {event.how}")
