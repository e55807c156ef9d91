"""Would the tests notice? Mistakes in what comes in writing, and in merging two incidents."""

from __future__ import annotations

import pytest

from routing import call_service
from routing.caller import opening
from routing.contracts import premium
from routing.escalation import recall
from routing.incidents import correspondence, lifecycle, merging, response_clock
from tests.routing import test_correspondence, test_merging
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (opening.lodge, "if event.kind is IncidentKind.SIGNATURE_REQUEST:", "if False:"),
    (opening.lodge, "if not event.rings:", "if False:"),
    (opening.tell_without_ringing, "draft = messages.tell_manager(draft, news)", "pass"),
    (opening.tell_without_ringing, "if not incident.entitlement.verified:", "if False:"),
    (premium.count_in_writing, "is IncidentSource.PHONE", "is not IncidentSource.PHONE"),
    (correspondence.take_message, "if draft.facts.message_exists(event.message_id):", "if False:"),
    (
        correspondence.take_message,
        "if draft.the_incident.state is IncidentState.CLOSED:",
        "if False:",
    ),
    (correspondence.take_message, "if not event.verified:", "if False:"),
    (correspondence.take_message, "if event.thanks and", "if"),
    (
        correspondence.take_message,
        "event.thanks and incident.state is IncidentState.RESPONDED",
        "event.thanks",
    ),
    (correspondence.take_message, "draft = lifecycle.record_reply(draft, replied)", "pass"),
    (correspondence.take_message, "if incident.state is IncidentState.RESPONDED:", "if False:"),
    (correspondence._tell_of_unverified, "if incident.state is IncidentState.CLOSED:", "if False:"),
    (correspondence._tell_of_unverified, "told + UNVERIFIED_APART", "told"),
    (
        correspondence._tell_of_unverified,
        "max(day, facts.now + COLLECTED_FOR)",
        "facts.now + COLLECTED_FOR",
    ),
    (opening.find_turn, "limit.per / max(limit.count, 1)", "limit.per / 100"),
    (correspondence._reopen, "if incident.winner() is not None:", "if False:"),
    (correspondence._reopen, "and door is not Via.EMAIL", ""),
    (correspondence._reopen, "if incident.urgency > 1:", "if False:"),
    (correspondence._send_once, "now < due <= written[0].at", "False"),
    (correspondence._send_once, "<= written[0].at", ""),
    (correspondence.find_attachable, "and file.contract in (None, incident.contract)", ""),
    (correspondence.find_attachable, "and file.line == incident.line", ""),
    (merging.why_not_merged, "if incident.kind is not survivor.kind:", "if False:"),
    (merging.why_not_merged, "not in (None, survivor.contract)", "!= survivor.contract"),
    (merging.why_not_merged, "if _are_on_telephone(merged, into):", "if False:"),
    (merging._add_history, "min(into.urgency, merged.urgency)", "into.urgency"),
    (merging._add_history, "(*into.merged, merged.key, *merged.merged)", "(merged.key,)"),
    (merging._move_premium, "or into.waived is not None", ""),
    (merging._move_premium, "into.counted is not None or", ""),
    (merging._merge_clocks, "if into.clock.state is ClockState.STOPPED:", "if False:"),
    (merging._merge_clocks, "survivor = survivor.with_incident(**lifecycle.NOT_WAITING)", "pass"),
    (merging._goes_on, "if merged.winner() is not None:", "if False:"),
    (merging._goes_on, "if merged.escalation.phase.seeking:", "if False:"),
    (merging._goes_on, "or _came_after_response(merged, into)", ""),
    (merging._move_escalation, "return draft, _set_timers(survivor)", "return draft, survivor"),
    (merging._join, "if _came_after_response(merged, before):", "if False:"),
    (merging._join, "(moved or raised)", "raised"),
    (merging._came_after_response, "merged.state is IncidentState.RESPONDED", "False"),
    (merging._serve_caller, "if incident.urgency == 1:", "if False:"),
    (merging._tell_owners, "if into.acknowledged_by != owner:", "if False:"),
    (merging._tell_owners, "if merged.acknowledged_by != owner:", "if False:"),
    (response_clock.take_over, "_run(", "("),
    (lifecycle.end_escalation, "return steps.end(draft)", "return draft"),
    (recall.give_back, "responded_at=None,", ""),
    (call_service.find_survivor, "case.incident.merged_into is not None", "False"),
]
TESTS = those_of(test_correspondence) + those_of(test_merging)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
