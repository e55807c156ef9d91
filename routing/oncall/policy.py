"""The escalation policy: which steps apply to an incident, and which people a step rings."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.contracts import coverage
from routing.contracts.plans import CoveredHours
from routing.drill import is_waking
from routing.facts import DecisionFacts
from routing.incident import EscalationPhase, Incident, IncidentKind
from routing.line import LAST_RESORT, Condition, Escalation, Line, Step


def find_escalation(line: Line, incident: Incident) -> Escalation:
    """The escalation of the first route that matches the incident, else the line's own, which
    begins with the people of the incident's plan."""
    for route in line.routes:
        if route.escalation is not None and matches(route.when, incident):
            return route.escalation
    people = coverage.find_plan_people(line, incident)
    if not people:
        return line.escalation
    first = Step(people, line.escalation.steps[0].ring_for)
    others = (step for step in line.escalation.steps if step.ring != people)
    return replace(line.escalation, steps=(first, *others))


def name_step(line: Line, incident: Incident, number: int) -> str:
    """A step of the escalation, for the journal: the first one may be that of the plan."""
    plan, people = coverage.plan_of(line, incident), coverage.find_plan_people(line, incident)
    step = find_escalation(line, incident).steps[number - 1]
    if plan is not None and number == 1 and step.ring == people:
        return f"step 1, that of plan {plan.name('en')}"
    return f"step {number}"


def find_desk(line: Line, incident: Incident) -> Step | None:
    """The desk of the first route that matches the incident, else the people of its plan, else the
    line's own, if it has one.

    A signature request goes to the specialists, unless a route names its kind.
    """
    special = incident.kind is IncidentKind.SIGNATURE_REQUEST
    for route in line.routes:
        meant = not special or incident.kind in route.when.kinds
        if route.desk is not None and meant and matches(route.when, incident):
            return route.desk
    people = coverage.find_plan_people(line, incident)
    if people:
        return _plan_desk(line, people)
    return _own_desk(line, incident.kind)


def find_desks(line: Line, incident: Incident) -> tuple[Step, ...]:
    """The desks for an incident, in the order in which people are looked for: after the people of a
    plan comes the line's own."""
    first = find_desk(line, incident)
    if first is None:
        return ()
    own = _own_desk(line, incident.kind)
    if own is None or first.ring != coverage.find_plan_people(line, incident):
        return (first,)
    return (first, own)


def _plan_desk(line: Line, people: tuple[str, ...]) -> Step:
    if line.desk is None:
        return Step(people)
    return replace(line.desk, ring=people)


def _own_desk(line: Line, kind: IncidentKind) -> Step | None:
    if kind is IncidentKind.SIGNATURE_REQUEST and line.signature_desk is not None:
        return line.signature_desk
    return line.desk


def list_desks(line: Line, kind: IncidentKind) -> tuple[Step, ...]:
    """Every desk that may serve incidents of this kind."""
    special = kind is IncidentKind.SIGNATURE_REQUEST
    meant = [r for r in line.routes if kind in r.when.kinds or not (r.when.kinds or special)]
    desks = (_own_desk(line, kind), *(route.desk for route in meant))
    found = tuple(desk for desk in desks if desk is not None)
    if special:
        return found
    return (*found, *list_plan_desks(line))


def list_plan_desks(line: Line) -> tuple[Step, ...]:
    """The desks of the plans that have people of their own at levels 2 to 4."""
    levels = (level for plan in line.plans for number, level in plan.levels if number > 1)
    return tuple(_plan_desk(line, level.ring) for level in levels if level.ring)


def list_night_desks(line: Line) -> tuple[Step, ...]:
    """Every desk that may serve an incident outside office hours, by its plan."""
    levels = (level for plan in line.plans for number, level in plan.levels if number > 1)
    if not any(level.hours is CoveredHours.ALWAYS for level in levels):
        return ()
    return list_desks(line, IncidentKind.INCIDENT)


def find_next_step(facts: DecisionFacts, incident: Incident) -> int:
    """The number of the next step. After an engineer who was rung alone: the first with others."""
    if incident.escalation.first is None or incident.escalation.step:
        return incident.escalation.step + 1
    steps = find_escalation(facts.line, incident).steps
    people = (set(find_people(step, facts, incident.language)) for step in steps)
    first = {incident.escalation.first}
    return next((number for number, those in enumerate(people, start=1) if those - first), 1)


def find_ring_time(line: Line, incident: Incident) -> dt.timedelta:
    """How long one phone is rung in the step under way, or at the desk."""
    desk = find_desk(line, incident)
    if incident.escalation.phase is EscalationPhase.ROW and desk is not None:
        return desk.ring_for
    steps, number = find_escalation(line, incident).steps, incident.escalation.step
    if 1 <= number <= len(steps):
        return steps[number - 1].ring_for
    return steps[0].ring_for


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


def find_people(step: Step, facts: DecisionFacts, language: str) -> tuple[str, ...]:
    """The people of a step who are on call now. If some speak the language, only those."""
    found: dict[str, None] = {}
    for name in step.ring:
        if facts.line.schedule(name) is not None:
            found.update(dict.fromkeys(facts.on_call(name)))
        elif facts.line.engineer(name) is not None:
            found[name] = None
    speakers = tuple(e for e in found if speaks(facts.line, e, language))
    return speakers or tuple(found)


def find_people_to_ring(step: Step, facts: DecisionFacts, incident: Incident) -> tuple[str, ...]:
    """The people whom a step rings, without the engineer who has just handed the incident over. A
    drill rings nobody a second time."""
    people = incident.escalation.willing(find_people(step, facts, incident.language))
    if not is_waking(incident.line):
        return tuple(people)
    return tuple(person for person in people if person not in incident.escalation.rung)


def speaks(line: Line, engineer_id: str, language: str) -> bool:
    """True when this engineer can talk with the caller; no languages given means all."""
    engineer = line.engineer(engineer_id)
    return engineer is not None and (not engineer.languages or language in engineer.languages)


def phones_of(line: Line, person: str) -> tuple[str, ...]:
    """A person's telephones, in the order in which they are rung."""
    if person == LAST_RESORT:
        return line.last_resort
    engineer = line.engineer(person)
    if engineer is None:
        return ()
    return engineer.phones


def language_of(line: Line, person: str) -> str:
    """The language in which the line talks with this person."""
    engineer = line.engineer(person)
    if engineer is None:
        return line.languages[0]
    spoken = (lang for lang in engineer.languages if lang in line.languages)
    return next(spoken, line.languages[0])


def name_of(line: Line, person: str | None) -> str:
    """The person's name for colleagues. Empty for the last resort, and for nobody."""
    engineer = line.engineer(person or "")
    if engineer is None:
        return ""
    return engineer.name
