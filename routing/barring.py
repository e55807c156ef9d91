"""For whom nobody may be rung: the file says so, or a flood of calls forbids it."""

from __future__ import annotations

from routing.call import Entitlement
from routing.facts import DecisionFacts


def barred(facts: DecisionFacts, standing: Entitlement, caller: str | None) -> str | None:
    """Why nobody may be rung for a caller of this standing and number; None when somebody may."""
    if standing is not Entitlement.ENTITLED and facts.line.unverified_level_1 == "message":
        return "the file says that callers without entitlement leave a message"
    if not standing.verified and not facts.unverified_allowed(caller):
        return "more unverified calls than the file allows"
    return None
