"""Whoever has an incident may have the line ring them, and then call the customer."""

from __future__ import annotations

from routing.incident import Incident, State


def no_call(incident: Incident, engineer: str) -> str | None:
    """The key of the sentence that says why this engineer cannot call the customer through the
    line now; None when they can."""
    if incident.state is not State.ACKNOWLEDGED or incident.acknowledged_by != engineer:
        return "not_in_your_name"
    if others_talk(incident, engineer):
        return "on_the_telephone"
    return "no_number_to_call" if incident.dialled is None else None


def others_talk(incident: Incident, engineer: str) -> bool:
    """True while somebody else, whose key took it, is on the telephone about it."""
    return any(leg.won and leg.engineer != engineer for leg in incident.legs())
