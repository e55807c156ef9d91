"""What programs outside are told of: read off the incident before and after a decision.

So nobody who changes an incident has to think of it, and what is told is saved with the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from routing.dispatch import Dispatch
from routing.hook import Happening
from routing.incident import Incident, State
from routing.matter import Decision
from routing.world import Facts


def report(before: Incident | None, decision: Decision, facts: Facts) -> Decision:
    """The decision with a dispatch to each program that wants to hear what happened by it."""
    after = decision.matter.incident
    if after is None or after == before or not facts.line.webhooks:
        return decision
    dispatches = tuple(
        Dispatch(
            id=facts.chance.token(f"dispatch {after.key} {happening} {hook.id}"),
            line=after.line,
            hook=hook.id,
            incident=after.key,
            happening=happening,
            at=facts.now,
        )
        for happening in happenings(before, after)
        for hook in facts.line.webhooks
        if happening in hook.on
    )
    return replace(decision, dispatches=dispatches)


def happenings(before: Incident | None, after: Incident) -> Iterator[Happening]:
    """What happened between the two, in the order in which it makes sense."""
    if before is None:
        yield Happening.OPENED
    if after.raised_at is not None and (before is None or after.raised_at != before.raised_at):
        yield Happening.RAISED
    if before is not None and after.state is State.OPEN and before.state is not State.OPEN:
        yield Happening.REOPENED
    if _taken(before) != _taken(after) and after.acknowledged_by is not None:
        yield Happening.ACKNOWLEDGED
    if after.breached_at is not None and (before is None or before.breached_at is None):
        yield Happening.BREACHED
    for state, happening in ENDS.items():
        if after.state is state and (before is None or before.state is not state):
            yield happening


ENDS = {State.RESPONDED: Happening.RESPONDED, State.CLOSED: Happening.CLOSED}


def _taken(incident: Incident | None) -> object:
    return (incident.acknowledged_by, incident.acknowledged_at) if incident is not None else None
