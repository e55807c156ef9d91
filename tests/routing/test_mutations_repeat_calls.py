"""Would the tests notice? Mistakes in coming back to the desk, and in raising what was joined."""

from __future__ import annotations

import pytest

from routing.caller import leaving, open_incidents, urgency
from routing.escalation import desk_queue, recall
from tests.routing import test_repeat_calls
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (open_incidents.return_to_desk, "again=ReopenReason.CALLED_AGAIN", "again=None"),
    (open_incidents.replace_call, "overtake(draft)", "draft"),
    (open_incidents.join_desk_queue, "join_queue(draft, first)", "row.join_queue(draft)"),
    (
        open_incidents.tell_engineer,
        "if engineer in desk_queue.find_staff(draft.facts, incident):",
        "if False:",
    ),
    (open_incidents.leave_desk_queue, "incident.escalation.phase is EscalationPhase.ROW or", ""),
    (open_incidents.add_call, "lifecycle.record_reply(draft, ", "(lambda draft, _: draft)(draft, "),
    (open_incidents.can_be_raised, "view.call.offers[0].urgency > 1", "True"),
    (leaving.end_call, "or urgency.keeps_position(draft)", ""),
    (open_incidents.can_be_raised, "view.call.offers[0].urgency > 1", "False"),
    (urgency.raise_to_level_1, "if find_colleague(draft, incident.key) is not None:", "if False:"),
    (urgency.restart_response_clock, "response_clock.start(premium.remind(draft), now)", "draft"),
    (recall.take_back, "reopen(notify_engineer(draft), reason)", "reopen(draft, reason)"),
    (recall.take_back, "reopen(draft, reason), who", "reopen(draft, reason), None"),
    (desk_queue.serve, "people = [first]", "pass"),
    (desk_queue._find_servers, "incident.escalation.first in rung", "False"),
]
TESTS = those_of(test_repeat_calls)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
