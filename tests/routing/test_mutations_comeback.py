"""Would the tests notice? Mistakes in coming back to the desk, and in raising what was joined."""

from __future__ import annotations

import pytest

from routing.caller import leaving, open_incidents, prompts, urgency
from routing.escalation import desk_queue, recall
from tests.routing import test_comeback
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (open_incidents.come_back, "again=ReopenReason.CALLED_AGAIN", "again=None"),
    (open_incidents.latest, "overtake(draft)", "draft"),
    (open_incidents.to_the_desk, "join(draft, first)", "row.join(draft)"),
    (open_incidents.had_by, "draft if there else recall.tell(draft)", "recall.tell(draft)"),
    (open_incidents.closed, "incident.hunt.doing is EscalationPhase.ROW or", ""),
    (open_incidents.belongs, "lifecycle.replied(draft, ", "(lambda draft, _: draft)(draft, "),
    (open_incidents.engaged_key, "and offer.urgency > 1", ""),
    (leaving.call_ended, "or urgency.called_back(draft)", ""),
    (prompts.engaged, "offer.urgency > 1", "False"),
    (urgency.become_critical, "if beside(draft):", "if False:"),
    (urgency.promised_anew, "response_clock.wind(premium.remind(draft), now)", "draft"),
    (recall.take_back, "draft if at_work else tell(draft)", "draft"),
    (recall.take_back, "who if at_work else None", "None"),
    (desk_queue.serve, "[first] if first is not None else people", "people"),
    (desk_queue._servers, "incident.hunt.first in rung", "False"),
]
TESTS = those_of(test_comeback)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
