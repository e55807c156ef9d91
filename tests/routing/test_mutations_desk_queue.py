"""Would the tests of the desk's row notice? Each small mistake is made on purpose."""

import pytest

from routing.caller import hold, leaving, menus, prompts, urgency, waiting
from routing.contracts import coverage
from routing.engineer import leg, sentences
from routing.engineer import menus as leg_menus
from routing.escalation import desk_queue, queue_position, recall, ringing, steps, taking
from tests.routing import test_call_back_due, test_desk_queue, test_desk_queue_closely
from tests.routing.floor import Floor
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of, tries
from workers import decisions as serving

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # the order
    (
        queue_position._sort_key,
        'f"{incident.urgency}{rank} {at} {incident.key}"',
        'f"{rank}{incident.urgency} {at} {incident.key}"',
    ),
    (
        coverage.find_rank,
        "return plan.rank",
        "return 1",
    ),
    (queue_position.queue_key, "incident.escalation.phase is not EscalationPhase.ROW or", ""),
    (queue_position.estimate, "* number / people", "/ people"),
    (queue_position.estimate, "* number / people", "* number"),
    (queue_position.estimate, "len(talks) < ENOUGH_TALKS or", ""),
    # who is rung
    (desk_queue.join_queue, "if c.passed", "if False"),
    (desk_queue.join_queue, "if spared is not None:", "if False:"),
    (desk_queue._find_servers, "c.wait_left(facts.now)", "False"),
    (desk_queue._is_free, "or last.at) + PAUSE_AFTER_MISS", "or last.at)"),
    (desk_queue.estimate_wait, "if not _was_missed(facts.last_leg(p))", ""),
    (
        ringing.record_pass,
        "if escalation.phase is EscalationPhase.ROW else None",
        "if False else None",
    ),
    (ringing.text, "escalation.phase is EscalationPhase.ROW", "False"),
    (steps.end, "if c.passed and c.until", "if False"),
    (desk_queue.join_queue, "draft.the_incident.queued_at or now", "now"),
    (desk_queue.serve, "if p in free", "if True"),
    (desk_queue.serve, "is not EscalationPhase.ROW", "is None"),
    (serving._offer_free_engineers, "tried.add(waiting[0])", "tried.update(waiting)"),
    # looking again, and closing
    (desk_queue.check_position, "and not incident.legs()", ""),
    (desk_queue.check_position, "if _find_servers(facts, incident)", "if False"),
    (desk_queue._close_desk, "call is not None and call.holds", "False"),
    (
        desk_queue.leave_unstaffed,
        "return tell_later(draft, Preamble.DESK_CLOSED)",
        "return draft",
    ),
    (desk_queue.leave_unstaffed, "is Stage.WAITING", "is not None"),
    (taking.start, "if desk_queue.find_staff(draft.facts, incident):", "if True:"),
    (taking.resume, "return start(", "return steps.begin("),
    (desk_queue.notify_desk, "if incident.state is not IncidentState.OPEN:", "if False:"),
    # what callers do
    (urgency.leave_desk_queue, "is CallOutcome.CALLBACK", "is None"),
    (urgency.raise_to_level_1, "winner is None and", ""),
    (
        urgency.raise_to_level_1,
        "winner is not None and winner.state is page.LegState.CONNECTING",
        "False",
    ),
    (urgency.is_pursued, "or incident.winner() is not None", "or True"),
    (
        leaving.wait_for_next_engineer,
        "draft.the_incident.escalation.phase is EscalationPhase.LATER",
        "False",
    ),
    (menus.answer_while_waiting, "incident.urgency > 1 and incident.winner() is not None", "False"),
    (waiting.is_in_queue, "view.incident.urgency > 1", "False"),
    (hold.is_unattended, "if news.is_in_desk_queue(incident):", "if False:"),
    # called back
    (queue_position.is_called_back_next, "call.live or", ""),
    (taking._choose_state, "return LegState.CALLING", "return LegState.OFFERED"),
    (leg.end_callback, "or queue_position.is_called_back_next(draft.the_incident, draft.call)", ""),
    (steps.watch_contact, "or queue_position.wants_callback(incident, draft.call)", ""),
    (queue_position.wants_callback, "(call.outcome, call.fate)", "(call.outcome,)"),
    (recall.escalate_overdue, "if incident.urgency > 1:", "if False:"),
    (recall.remind_of_callback, "opens is not None and", "False and"),
    (recall.remind_of_callback, "+ 1 < REMINDERS", "< REMINDERS"),
    (sentences.say_caller_gone, "(call.outcome or call.fate)", "call.outcome"),
    (leg_menus.call_customer, "leg.became is not None or", ""),
    (prompts.say_message_prompt, "call.told_later or", ""),
    (prompts.say_message_prompt, "or phase is EscalationPhase.LATER", ""),
    (prompts.say_message_prompt, "if phase is EscalationPhase.ROW:", "if False:"),
    (prompts.enqueue, "news.is_in_desk_queue(view.incident)", "False"),
]

TESTS = those_of(test_call_back_due) + those_of(test_desk_queue) + those_of(test_desk_queue_closely)


def holds(test):
    """Run a test with each of its arguments, on a floor of its own."""
    floors = {
        "desk": lambda: test_desk_queue.staffed("joris"),
        "closing": test_desk_queue.until_noon,
    }
    code = test.__code__
    names = code.co_varnames[: code.co_argcount]
    for given in tries(test):
        made = {name: floors[name]() for name in names if name in floors}
        assert all(isinstance(floor, Floor) for floor in made.values())
        try:
            test(**given, **made)
        except Exception:
            return False
    return True


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS, holds)
