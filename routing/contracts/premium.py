"""Which incidents count as premium: those that an engineer took for somebody entitled to them.

Counting never stands in anybody's way: beyond the bundle a call is taken as any other.
"""

from __future__ import annotations

from routing.call import Entitlement
from routing.contracts import FEW, PremiumBundle, PremiumUse
from routing.draft import DecisionDraft
from routing.drill import is_drill
from routing.incident import Incident, IncidentKind
from routing.journal import JournalEvent

LEVELS = (1, 2)


def countable(incident: Incident) -> bool:
    """True for an incident of level 1 or 2 whose caller has proved an entitled contract."""
    entitled = incident.standing is Entitlement.ENTITLED and incident.contract is not None
    real = incident.kind is IncidentKind.INCIDENT and not is_drill(incident.line)
    return entitled and real and incident.urgency in LEVELS


def remind(draft: DecisionDraft) -> DecisionDraft:
    """Keep how many are left, this incident included, for its caller to hear when they are few."""
    bundle = _bundle(draft) if countable(draft.the_incident) else None
    few = bundle is not None and bundle.left <= FEW
    return draft.with_incident(few_left=bundle.left if bundle and few else None)


def count(draft: DecisionDraft) -> DecisionDraft:
    """An engineer has taken it: counted once, whatever becomes of it, unless set to standard."""
    incident = draft.the_incident
    if incident.counted is not None or incident.waived is not None or not countable(incident):
        return draft
    return _counted(draft)


def set_to_standard(draft: DecisionDraft, who: str, why: str) -> DecisionDraft:
    """Somebody says that this is no premium incident, before or after it was counted."""
    if draft.the_incident.waived is not None:
        return draft
    draft = draft.with_incident(premium=False, waived=f"{who}: {why}")
    return draft.note(JournalEvent.STANDARD, f"{who} set it to standard: {why}")


def set_to_premium(draft: DecisionDraft, who: str, why: str) -> DecisionDraft:
    """Somebody says that it is one after all; it keeps the place that it was counted with."""
    if not countable(draft.the_incident):
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
    nth = f"premium incident {bundle.used + 1} of {bundle.sold}"
    over = ": over quota" if bundle.used >= bundle.sold else ""
    return draft.note(JournalEvent.COUNTED, f"{nth} in the contract year from {bundle.year}{over}")


def _bundle(draft: DecisionDraft) -> PremiumBundle | None:
    incident = draft.the_incident
    return draft.facts.bundle(incident.contract or "", incident.opened_at)
