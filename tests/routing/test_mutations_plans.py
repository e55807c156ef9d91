"""Would the tests notice? Small mistakes in what a plan includes, made on purpose."""

import pytest

from routing.caller import opening, prompts, reception, signature_request, urgency
from routing.contracts import coverage
from routing.contracts.plans import Plan
from routing.engineer import sentences
from routing.escalation import desk_queue, ringing
from routing.oncall import policy
from tests.routing import test_plans
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (coverage.find_plan, "or not entitlement.in_force", ""),
    (coverage.find_standing, "or urgency != 1", ""),
    (coverage.find_standing, "or plan.covers(1, office_open=office_open)", ""),
    (coverage.is_outside_hours, "return not plan", "return plan"),
    (coverage.find_rank, "return UNRANKED", "return line.last_plan.rank"),
    (coverage.find_rank, "or lowered", ""),
    (coverage.find_level, "or uncovered", ""),
    (coverage.find_promise_at, "if level is not None and", "if False and"),
    (coverage.find_plan_people, "incident.kind is not IncidentKind.INCIDENT", "False"),
    (coverage.find_sold_incidents, "contract.premium_incidents is not None", "False"),
    (Plan.covers, "office_open or", ""),
    (Plan.covers, "level.hours is CoveredHours.ALWAYS", "False"),
    (policy.find_escalation, "(first, *others)", "(*others, first)"),
    (policy.find_escalation, "if step.ring != people", ""),
    (policy.find_desk, "if people:", "if False:"),
    (policy.find_desks, "return (first, own)", "return (first,)"),
    (policy.name_step, "and number == 1", "and False"),
    (policy.list_night_desks, "if not any(", "if any("),
    (opening.apply_plan, "entitlement=standing", "entitlement=incident.entitlement"),
    (opening.apply_plan, "rank=rank", "rank=1"),
    (opening.ask_to_confirm, "remark = Preamble.PLAN_HOURS", "pass"),
    (reception.take_pin, "entitlement=Entitlement.STANDARD", "entitlement=event.entitlement"),
    (reception.take_pin, "not plan.allows(Door.PHONE)", "False"),
    (urgency.may_wait_by_phone, "plan.allows(Door.PHONE)", "True"),
    (urgency.ask_for_human, "may_wait_by_phone(draft)", "True"),
    (urgency.restart_response_clock, "draft = opening.apply_plan(draft)", ""),
    (signature_request.has_specialists, "and included", ""),
    (prompts.say_plan, "if not ways:", "if False:"),
    (sentences._find_mark, "coverage.lacks_telephone(plan, incident)", "False"),
    (sentences._find_mark, "plan.level(1) is not None", "False"),
    (desk_queue.find_staff, "if not facts.desk_is_open(incident)", "if not facts.office_open"),
    (desk_queue.find_free_people, "= list_night_desks(facts.line)", "= ()"),
    (ringing.ring_next, "draft.facts.desk_is_open(incident)", "draft.facts.office_open"),
]
FLOORS[test_plans.__name__] = test_plans.sold
TESTS = [test for test in those_of(test_plans) if not hasattr(test, "hypothesis")]


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
