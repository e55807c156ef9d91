"""Whether a caller on the line still waits for somebody: nothing but a talk ends that."""

from __future__ import annotations

from routing.call import Call, Stage
from routing.incident import Hunting, Incident, LegState

ON_THE_WAY = (LegState.CONNECTING, LegState.CALLING)


def unmet(incident: Incident, call: Call | None) -> bool:
    """True while a caller holds for whom somebody is still sought."""
    return call is not None and call.holds and incident.hunt.doing is not Hunting.OVER


def awaits(incident: Incident, call: Call | None) -> bool:
    """True while a caller waits for whoever has it: to be connected, or to end another call."""
    winner = incident.winner()
    comes = winner is not None and winner.state in ON_THE_WAY
    return comes and call is not None and call.stage is Stage.WAITING
