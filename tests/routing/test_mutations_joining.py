"""Would the tests notice? Mistakes in who is asked about an incident, joins it, or hangs up."""

from __future__ import annotations

import pytest

from routing import facts
from routing.caller import leaving, open_incidents, opening, prompts, urgency
from routing.engineer import whisper, wrap_up
from routing.escalation import recall, steps, taking
from routing.incidents import lifecycle
from routing.oncall import policy
from tests.routing import test_abandoned, test_joining
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # the question
    (open_incidents.ask_about, "if not found:", "if True:"),
    (open_incidents.ask_about, "draft.do(SettleCall(other.id))", "draft"),
    (open_incidents.about_key, "start=1", "start=0"),
    (open_incidents.about_key, "ask_again(draft, key)", "None"),
    (facts.DecisionFacts.unclosed, "is not IncidentState.RESPONDED", "is not None"),
    # joining
    (open_incidents.on_the_line, "other.live and", ""),
    (open_incidents.choose_incident, "is None:", "is not other:"),
    (open_incidents.engaged_key, "join(draft, offer) if alone else", ""),
    (open_incidents.engaged_key, "key == NEW_KEY", "False"),
    (open_incidents.join, "draft.incident.state is IncidentState.CLOSED", "False"),
    (open_incidents.join, "overtake(draft) if first else draft", "draft"),
    (open_incidents.join, "set_callback_from_call(draft, call, incident.caller)", "draft"),
    (open_incidents.critical, "if quiet else None", "if False else None"),
    (open_incidents.had_by, "incident.state is IncidentState.RESPONDED", "False"),
    (open_incidents.had_by, "recall.tell(draft)", "draft"),
    (open_incidents.belongs, "urgency=incident.urgency", "urgency=None"),
    (open_incidents.belongs, "(*incident.calls, call.sid)", "incident.calls"),
    # being put through
    (recall.put_through, "winner is not None", "False"),
    (recall.put_through, "incident.hunt.doing.moving or", ""),
    (recall.put_through, "before_all(draft, engineer)", "before_all(draft, None)"),
    (recall.put_through, "again=ReopenReason.CALLED_AGAIN", "again=None"),
    (recall.before_all, "draft.do(alone, ALONE_FOR)", "draft.do(alone, ALONE_FOR * 2)"),
    (recall.meet, "leg.state is LegState.CALLING", "False"),
    (lifecycle.awaits, "winner is not None and", "False and"),
    (steps.begin_step, "wait_on(draft.note(", "(draft.note("),
    (recall.meet, ".do(SettleLeg(leg.id))", ""),
    (taking.overtake, "draft.do(SettleCall(before))", "draft"),
    (recall.connect, "leg.turn + 1", "leg.turn"),
    (recall.connect, "became=None", "became=leg.became"),
    (recall.connect, "back=True", "back=False"),
    (policy.next_step, "those - first", "True"),
    (policy.next_step, "incident.hunt.first is None or", "True or"),
    (urgency.promised_anew, "premium.remind(draft)", "draft"),
    (urgency.promised_anew, "premium.count(draft) if", "draft if"),
    (leaving.call_ended, "and incident.urgency > 1", "and False"),
    (leaving.call_ended, "call.stage is Stage.CONFIRM and", ""),
    (leaving.call_ended, "None if raises and call.fate is CallOutcome.REGISTERED else", ""),
    (recall.tell, "who is None or not who.phones", "True"),
    (wrap_up.customer_rung, "draft.call.holds", "False"),
    (recall.hunt_due, "alone_long_enough(draft.the_incident.hunt)", "False"),
    (prompts.in_the_room, 'BUSY_WITH_IT.get(winner.state, "taken_for_you")', '"taken_for_you"'),
    (whisper.connect, "if leg.back else", "if False else"),
    # hanging up
    (leaving.call_ended, "incident.call != call.id or", ""),
    (leaving.left_behind, "opening.critical(", "("),
    (leaving.left_behind, "word_of(draft)", "draft"),
    (opening.call_out, "if why is not None:", "if False:"),
    (opening.call_out, "if draft.the_call.live", "if True"),
    (opening.message_only, "if draft.the_call.live", "if True"),
    (urgency.named_at_last, "call.left_at is Stage.INTRODUCE and", ""),
    (urgency.named_at_last, "call.urgency is None", "True"),
]
TESTS = [*those_of(test_joining), *those_of(test_abandoned)]


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
