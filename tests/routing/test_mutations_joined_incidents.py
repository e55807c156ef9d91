"""Would the tests notice? Mistakes in who is asked about an incident, joins it, or hangs up."""

from __future__ import annotations

import pytest

from routing import facts
from routing.caller import (
    leaving,
    menus,
    news,
    open_incidents,
    opening,
    prompts,
    questions,
    urgency,
)
from routing.engineer import leg
from routing.engineer import menus as leg_menus
from routing.escalation import recall, steps, taking
from routing.incidents import lifecycle
from routing.oncall import policy
from tests.routing import test_abandoned, test_joined_incidents
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # the question
    (open_incidents.ask_about, "if not found:", "if True:"),
    (open_incidents.ask_about, "draft.do(jobs.CheckCall(other.id))", "draft"),
    (prompts.is_beside, "view.incident.call not in (None, view.call.id)", "False"),
    (prompts.say_farewell, "call.fate is None and", ""),
    (open_incidents.offer_incidents, "zip(OFFERED_AT", "zip((1, 2, 3)"),
    (questions.CallerMenu.answer, "if again is not None:", "if False:"),
    (facts.DecisionFacts.unclosed, "is not IncidentState.RESPONDED", "is not None"),
    # joining
    (urgency.find_colleague, "not other.live or", ""),
    (open_incidents.choose_incident, "is None:", "is not other:"),
    (
        open_incidents.leave_word,
        "if urgency.find_colleague(draft, offer.incident) is None:",
        "if False:",
    ),
    (urgency.ask_level, "Stage.URGENCY, remark", "Stage.ABOUT, remark"),
    (open_incidents.join, "draft.incident.state is IncidentState.CLOSED", "False"),
    (open_incidents.join_incident, "draft = taking.overtake(draft)", "pass"),
    (open_incidents.join_incident, "set_callback_from_call(draft, call, incident.caller)", "draft"),
    (open_incidents.put_through, "if why is not None:", "if False:"),
    (open_incidents.tell_engineer, "incident.state is IncidentState.RESPONDED", "False"),
    (open_incidents.tell_engineer, "recall.notify_engineer(draft)", "draft"),
    (open_incidents.add_call, "urgency=incident.urgency", "urgency=None"),
    (open_incidents.add_call, "(*incident.calls, call.sid)", "incident.calls"),
    # being put through
    (recall.put_through, "winner is not None", "False"),
    (recall.put_through, "incident.escalation.phase.moving or", ""),
    (recall.put_through, "begin_with(draft, engineer)", "begin_with(draft, None)"),
    (recall.put_through, "again=ReopenReason.CALLED_AGAIN", "again=None"),
    (recall.begin_with, "draft.do(alone, ALONE_FOR)", "draft.do(alone, ALONE_FOR * 2)"),
    (recall.send_to_caller, "leg.state is LegState.CALLING", "False"),
    (lifecycle.awaits_engineer, "winner is not None and", "False and"),
    (steps.begin_step, "ringing.set_wait_timer(draft.note(", "(draft.note("),
    (recall.send_to_caller, ".do(jobs.CheckLeg(leg.id))", ""),
    (taking.overtake, "draft.do(jobs.CheckCall(before))", "draft"),
    (recall.connect, "leg.turn + 1", "leg.turn"),
    (recall.connect, "became=None", "became=leg.became"),
    (recall.connect, "back=True", "back=False"),
    (policy.find_next_step, "those - first", "True"),
    (policy.find_next_step, "incident.escalation.first is None or", "True or"),
    (urgency.restart_response_clock, "premium.store_few_left(draft)", "draft"),
    (urgency.restart_response_clock, "return premium.count(draft)", "return draft"),
    (leaving.end_call, "and incident.urgency > 1", "and False"),
    (leaving.end_call, "call.stage is Stage.CONFIRM and", ""),
    (leaving.find_outcome, "and not (raises and call.fate is CallOutcome.REGISTERED)", ""),
    (recall.notify_engineer, "who is None or not who.phones", "True"),
    (leg.end_callback, "draft.call.holds", "False"),
    (recall.handle_timer, "is_rung_alone(escalation)", "False"),
    (news.say_who_has_it, 'WHO_HAS_IT.get(winner.state, "engineer_decides")', '"taken_for_you"'),
    (leg_menus.connect, "if leg.back else", "if False else"),
    # hanging up
    (leaving.end_call, "if incident.call != call.id:", "if False:"),
    (urgency.abandon_confirmation, "opening.open_critical(", "("),
    (menus.decide_after_hang_up, "MENUS[left_at].hung_up(draft)", "draft"),
    (opening.open_critical, "if why is not None:", "if False:"),
    (opening.open_critical, "if draft.the_call.live", "if True"),
    (opening.take_message_only, "if draft.the_call.live", "if True"),
    (urgency.hung_up_while_speaking, "call.left_at is Stage.INTRODUCE and", ""),
    (urgency.hung_up_while_speaking, "call.urgency is None", "True"),
]
TESTS = [*those_of(test_joined_incidents), *those_of(test_abandoned)]


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
