"""Premium incidents: those that an engineer took for an entitled caller.

Counting never holds up a call: beyond the bundle an incident is handled like any other.
"""

from __future__ import annotations

from routing.call import Entitlement
from routing.contracts import FEW, PremiumBundle, PremiumUse
from routing.draft import DecisionDraft
from routing.drill import is_drill
from routing.incident import Incident, IncidentKind, IncidentSource
from routing.journal import JournalEvent

LEVELS = (1, 2)


def is_countable(incident: Incident) -> bool:
    """True for an incident of level 1 or 2 of a verified caller with an entitled contract."""
    entitled = incident.entitlement is Entitlement.ENTITLED and incident.contract is not None
    real = incident.kind is IncidentKind.INCIDENT and not is_drill(incident.line)
    return entitled and real and incident.urgency in LEVELS


def store_few_left(draft: DecisionDraft) -> DecisionDraft:
    """Store how many are left, this incident included, for the caller to hear when they are few."""
    bundle, few_left = None, None
    if is_countable(draft.the_incident):
        bundle = _bundle(draft)
    if bundle is not None and bundle.left is not None and bundle.left <= FEW:
        few_left = bundle.left
    return draft.with_incident(few_left=few_left)


def count_incident(draft: DecisionDraft) -> DecisionDraft:
    """Count an incident that an engineer took. It counts once, unless it was set to standard."""
    incident = draft.the_incident
    if incident.counted is not None or incident.waived is not None or not is_countable(incident):
        return draft
    return _counted(draft)


def count_in_writing(draft: DecisionDraft) -> DecisionDraft:
    """Count an incident that came in writing, which an engineer may take without a key: no caller
    waits who could be connected."""
    if draft.the_incident.source is IncidentSource.PHONE:
        return draft
    return count_incident(draft)


def set_to_standard(draft: DecisionDraft, who: str, why: str) -> DecisionDraft:
    """Set the incident to standard, before or after it was counted."""
    if draft.the_incident.waived is not None:
        return draft
    draft = draft.with_incident(premium=False, waived=f"{who}: {why}")
    return draft.note(JournalEvent.STANDARD, f"{who} set it to standard: {why}")


def set_to_premium(draft: DecisionDraft, who: str, why: str) -> DecisionDraft:
    """Set the incident to premium again. It keeps the place with which it was counted."""
    if not is_countable(draft.the_incident):
        return draft
    draft = draft.note(JournalEvent.PREMIUM, f"{who} set it to premium: {why}").with_incident(
        waived=None
    )
    return _counted(draft)


def _counted(draft: DecisionDraft) -> DecisionDraft:
    incident, bundle = draft.the_incident, _bundle(draft)
    if bundle is None:
        return draft.note(
            JournalEvent.NOT_COUNTED, f"contract {incident.contract} is not known any more"
        )
    counted = incident.counted or PremiumUse(draft.facts.now, bundle.year, bundle.places + 1)
    draft = draft.with_incident(premium=True, counted=counted)
    limit = "no limit"
    if bundle.sold is not None:
        limit = str(bundle.sold)
    nth = f"premium incident {bundle.used + 1} of {limit}"
    reason = f"{nth} in the contract year from {bundle.year}"
    if bundle.left == 0:
        reason += ": over quota"
    return draft.note(JournalEvent.COUNTED, reason)


def _bundle(draft: DecisionDraft) -> PremiumBundle | None:
    incident = draft.the_incident
    return draft.facts.bundle(incident.contract or "", incident.opened_at)
