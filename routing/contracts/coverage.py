"""What the plan of a customer includes, and how an incident is served by it.

Only a contract that is in force has a plan. The rank is stored with the incident when it is opened,
and again when it becomes level 1: a later change of the file does not reorder who waits already.
"""

from __future__ import annotations

from routing.call import Call, Entitlement
from routing.contracts import Contract
from routing.contracts.plans import CoveredHours, Door, OfficeTime, Plan, PlanLevel
from routing.incident import UNRANKED, Incident, IncidentKind, IncidentSource
from routing.line import Line


def find_plan(line: Line, entitlement: Entitlement, plan: str | None) -> Plan | None:
    """The plan of a customer; None for one who is not identified or has no contract in force."""
    if plan is None or not entitlement.in_force:
        return None
    return line.plan(plan)


def plan_of(line: Line, incident: Incident) -> Plan | None:
    """The plan by which an incident is served."""
    return find_plan(line, incident.entitlement, incident.plan)


def plan_of_caller(line: Line, call: Call) -> Plan | None:
    """The plan of a caller."""
    if call.identity is None:
        return None
    return find_plan(line, call.entitlement, call.identity.plan)


def find_standing(
    plan: Plan | None, entitlement: Entitlement, urgency: int, *, office_open: bool
) -> Entitlement:
    """The entitlement at a level, now. Where the plan does not include level 1, the customer is
    served as one of a plan without priority."""
    if plan is None or urgency != 1 or plan.covers(1, office_open=office_open):
        return entitlement
    return Entitlement.STANDARD


def is_outside_hours(plan: Plan | None, *, office_open: bool) -> bool:
    """True if the plan includes level 1 by telephone, and not at this hour."""
    if plan is None or plan.level(1) is None or not plan.allows(Door.PHONE):
        return False
    return not plan.covers(1, office_open=office_open)


def find_rank(line: Line, plan: Plan | None, entitlement: Entitlement) -> int:
    """Who goes first: the rank of the plan. A customer who is served below their plan, or whose
    contract is not in force, has the rank of the last plan."""
    if not entitlement.verified:
        return UNRANKED
    lowered = entitlement is Entitlement.STANDARD and plan is not None and plan.has_priority
    if plan is None or lowered:
        return line.last_plan.rank
    return plan.rank


def find_level(line: Line, incident: Incident) -> PlanLevel | None:
    """What the plan includes at the level of an incident; None for a level 1 that is not covered
    now."""
    plan = plan_of(line, incident)
    uncovered = incident.urgency == 1 and incident.entitlement is not Entitlement.ENTITLED
    if plan is None or uncovered:
        return None
    return plan.level(incident.urgency)


def find_promise(line: Line, incident: Incident) -> OfficeTime | None:
    """The response time that is promised for an incident."""
    return find_promise_at(line, plan_of(line, incident), incident.urgency)


def find_promise_at(line: Line, plan: Plan | None, urgency: int) -> OfficeTime | None:
    """The promised response time at a level: that of the plan, else that of the line."""
    level = None
    if plan is not None:
        level = plan.level(urgency)
    if level is not None and level.respond_within is not None:
        return level.respond_within
    return dict(line.respond_within).get(urgency)


def find_sold_incidents(line: Line, contract: Contract) -> int | None:
    """The premium incidents of each contract year: the contract's own number, else that of its
    plan; None without a limit."""
    if contract.premium_incidents is not None:
        return contract.premium_incidents
    return line.plan(contract.plan).premium_incidents


def find_plan_people(line: Line, incident: Incident) -> tuple[str, ...]:
    """The schedules and engineers that the plan rings. Requests about virus recognition stay with
    their specialists."""
    level = find_level(line, incident)
    if level is None or (incident.urgency > 1 and incident.kind is not IncidentKind.INCIDENT):
        return ()
    return level.ring


def is_covered_always(line: Line, incident: Incident) -> bool:
    """True if the plan includes the level of the incident at all hours. A level 1 that came in
    writing and wakes nobody waits for the office all the same."""
    if incident.urgency == 1 and not incident.rings:
        return False
    level = find_level(line, incident)
    return level is not None and level.hours is CoveredHours.ALWAYS


def lacks_telephone(plan: Plan, incident: Incident) -> bool:
    """True for a call of a customer whose plan does not include the telephone."""
    return incident.source is IncidentSource.PHONE and not plan.allows(Door.PHONE)


def describe_standing(line: Line, incident: Incident) -> str:
    """The entitlement with its reason, for the journal."""
    plan = plan_of(line, incident)
    if plan is None:
        return str(incident.entitlement)
    named = f"{incident.entitlement}, plan {plan.name('en')}"
    if lacks_telephone(plan, incident):
        return f"{named}, which does not include the telephone"
    if incident.urgency != 1:
        return named
    level = plan.level(1)
    if level is None:
        return f"{named}, which does not include level 1"
    if level.hours is CoveredHours.ALWAYS:
        return f"{named}, which includes level 1 at all hours"
    return f"{named}, which includes level 1 in office hours only"
