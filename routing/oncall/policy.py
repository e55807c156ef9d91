"""Who is to be rung: the steps of the escalation that holds for an incident, resolved to people."""

from __future__ import annotations

import datetime as dt

from routing.drill import wakes
from routing.facts import DecisionFacts
from routing.incident import EscalationPhase, Incident, IncidentKind
from routing.line import LAST_RESORT, Condition, Escalation, Line, Step


def escalation_for(line: Line, incident: Incident) -> Escalation:
    """The escalation of the first route that matches the incident, else the line's own."""
    for route in line.routes:
        if route.escalation is not None and matches(route.when, incident):
            return route.escalation
    return line.escalation


def desk_for(line: Line, incident: Incident) -> Step | None:
    """The desk of the first route that matches the incident, else the line's own, if it has one.

    A signature request goes to the specialists, unless a route names its kind.
    """
    special = incident.kind is IncidentKind.SIGNATURE_REQUEST
    for route in line.routes:
        meant = not special or incident.kind in route.when.kinds
        if route.desk is not None and meant and matches(route.when, incident):
            return route.desk
    return (line.signature_desk if special else None) or line.desk


def desks_of(line: Line, kind: IncidentKind) -> tuple[Step, ...]:
    """Every desk that may serve incidents of this kind."""
    special = kind is IncidentKind.SIGNATURE_REQUEST
    own = (line.signature_desk if special else None) or line.desk
    meant = [r for r in line.routes if kind in r.when.kinds or not (r.when.kinds or special)]
    return tuple(desk for desk in (own, *(route.desk for route in meant)) if desk is not None)


def next_step(facts: DecisionFacts, incident: Incident) -> int:
    """The step after the one under way; after whoever was rung first, the first with others."""
    if incident.hunt.first is None or incident.hunt.step:
        return incident.hunt.step + 1
    steps = escalation_for(facts.line, incident).steps
    people = (set(people_of(step, facts, incident.language)) for step in steps)
    first = {incident.hunt.first}
    return next((number for number, those in enumerate(people, start=1) if those - first), 1)


def ring_for(line: Line, incident: Incident) -> dt.timedelta:
    """How long one phone is rung in the step under way, or at the desk."""
    desk = desk_for(line, incident)
    if incident.hunt.doing is EscalationPhase.ROW and desk is not None:
        return desk.ring_for
    steps, number = escalation_for(line, incident).steps, incident.hunt.step
    return steps[number - 1].ring_for if 1 <= number <= len(steps) else steps[0].ring_for


def matches(when: Condition, incident: Incident) -> bool:
    """True when each field that the condition fills in holds for the incident."""
    pairs = (
        (when.languages, incident.language),
        (when.plans, incident.plan),
        (when.contracts, incident.contract),
        (when.urgencies, incident.urgency),
        (when.kinds, incident.kind.value),
    )
    return all(not wanted or value in wanted for wanted, value in pairs)


def people_of(step: Step, facts: DecisionFacts, language: str) -> tuple[str, ...]:
    """Everybody of a step who is on call now; of them those who speak the language, if any do."""
    found: dict[str, None] = {}
    for name in step.ring:
        if facts.line.schedule(name) is not None:
            found.update(dict.fromkeys(facts.on_call(name)))
        elif facts.line.engineer(name) is not None:
            found[name] = None
    speakers = tuple(e for e in found if speaks(facts.line, e, language))
    return speakers or tuple(found)


def called_up(step: Step, facts: DecisionFacts, incident: Incident) -> tuple[str, ...]:
    """Whom a step rings: not who has just handed it over; in a drill nobody a second time."""
    people = incident.hunt.willing(people_of(step, facts, incident.language))
    rung = incident.hunt.sought if wakes(incident.line) else ()
    return tuple(person for person in people if person not in rung)


def speaks(line: Line, engineer_id: str, language: str) -> bool:
    """True when this engineer can talk with the caller; no languages given means all."""
    engineer = line.engineer(engineer_id)
    return engineer is not None and (not engineer.languages or language in engineer.languages)


def phones_of(line: Line, person: str) -> tuple[str, ...]:
    """A person's telephones in the order in which they are tried."""
    if person == LAST_RESORT:
        return line.last_resort
    engineer = line.engineer(person)
    return engineer.phones if engineer is not None else ()


def language_of(line: Line, person: str) -> str:
    """The language in which the line talks with this person."""
    engineer = line.engineer(person)
    spoken = engineer.languages if engineer is not None else ()
    return next((lang for lang in spoken if lang in line.languages), line.languages[0])


def name_of(line: Line, person: str | None) -> str:
    """The person's name as it is said to colleagues; '' for the last resort or nobody."""
    engineer = line.engineer(person) if person else None
    return engineer.name if engineer is not None else ""
