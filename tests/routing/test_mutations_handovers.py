"""Would the tests of handovers notice? Each small mistake is made on purpose; some test objects."""

import pytest

from routing import call_service
from routing.notify import handovers
from routing.oncall import handover, hours
from tests.routing import test_handover, test_handovers
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of, tries

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (handover.handovers, "start - _JUST_BEFORE", "start"),
    (handover.handovers, "if person not in before.on_call", "if True"),
    (handover.stays_until, "if person not in segment.on_call", "if segment.on_call"),
    (handover.rung_schedules, "for route in line.routes", "for route in ()"),
    (handover.rung_schedules, "if schedule.id in rung", "if True"),
    (hours.quiet_since, "return turn.astimezone(dt.UTC)", "return now.astimezone(dt.UTC)"),
    (handovers.plan_handovers, "min(since, now - LATEST)", "now - LATEST"),
    (handovers.plan_handovers, "max(now - NOTED_FOR, min(since, now - LATEST))", "now - NOTED_FOR"),
    (handovers.find_notice_time, "quiet - line.handover.confirm_within", "quiet"),
    (handovers.start_handover, "if facts.now - due.at > LATEST:", "if False:"),
    (
        handovers.check_handover,
        "not _is_on_call(facts, schedule, handover.at, handover.engineer)",
        "False",
    ),
    (handovers.check_handover, "handover.state is not HandoverState.TOLD or", ""),
    (handovers.check_handover, "message.result in addresses.LOST", "False"),
    (handovers.read_reply, "numbers & set(incidents)", "False"),
    (handovers.read_reply, "if len(unsettled) > 1:", "if False:"),
    (handovers.read_reply, "not YES.fullmatch(spoken[0])", "False"),
    (handovers.read_reply, "if repeated is not None:", "if False:"),
    (handovers.build_warnings, "if message.reader == DUTY_MANAGER:", "if True:"),
    (handovers.most_urgent_first, "(i.state, i.urgency) != unclaimed, ", ""),
    (call_service.confirm_by_text, "and meaning.handover.waits", ""),
]
TESTS = [*those_of(test_handovers), *those_of(test_handover)]


def holds(test):
    """Run a test with each of its arguments."""
    try:
        for row in tries(test):
            test(**row)
    except Exception:
        return False
    return True


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS, holds)
