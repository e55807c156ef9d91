"""Would the tests of the response clock and of an incident's course notice? Mistakes on purpose."""

import inspect

import pytest

from routing.engineer import leg
from routing.escalation import taking
from routing.incidents import lifecycle, response_clock
from routing.notify import messages
from tests.mistakes import mistaken
from tests.routing import test_lifecycle, test_response_clock
from tests.routing.floor import Floor
from tests.routing.test_mutations import those_of, tries

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (response_clock.start, "clock=clock,", "clock=incident.clock,"),
    (response_clock.handle_strike, "if event.mark != clock.mark or at is None:", "if at is None:"),
    (response_clock.handle_strike, "if at > now:", "if False:"),
    (response_clock.handle_strike, "if announced is draft:", "if False:"),
    (response_clock.handle_strike, "return _set_timer(announced)", "return announced"),
    (response_clock._set_timer, "if share > clock.announced", ""),
    (response_clock.announce_share, "reached <= incident.clock.announced", "False"),
    (response_clock.announce_share, "if reached == WHOLE", "if reached > WHOLE"),
    (response_clock.stop, "now > (incident", "now >= (incident"),
    (response_clock.stop, "doing=ClockState.STOPPED", "doing=clock.state"),
    (response_clock.pause, "clock.spent + used", "used"),
    (response_clock.pause, "office=clock.promised.office", "office=False"),
    (response_clock.pause, "draft = announce_share(draft)", "pass"),
    (response_clock.resume, "if clock.left:", "if True:"),
    (response_clock._run, "- clock.spent", ""),
    (messages.warn_of_deadline, "if engineer is not None:", "if False:"),
    (lifecycle.why_not, "incident.state is IncidentState.RESPONDED else", "True else"),
    (lifecycle.is_unmet, "call is not None and call.holds", "call is None"),
    (lifecycle.respond, "_acknowledge_open(draft, event.by, event.how)", "draft"),
    (lifecycle.respond, "**NOT_WAITING,", ""),
    (lifecycle.await_reply, "incident.waiting_since or now", "now"),
    (lifecycle.add_note, "if draft.facts.note_exists(event.note_id):", "if False:"),
    (lifecycle.reassign, "if is_unmet(incident, draft.call):", "if False:"),
    (leg.take_note, "event.turn != leg.turn or", "False or"),
    (
        taking.is_taken_by_other,
        "if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):",
        "if False:",
    ),
    (taking.clear_acknowledgement, "responded_at=None,", ""),
]


def all_hold() -> bool:
    """Run each test with each of its arguments, on a floor of its own."""
    return all(holds(test, row) for test in every_test() for row in tries(test))


def every_test():
    return [*those_of(test_response_clock), *those_of(test_lifecycle)]


def holds(test, row):
    names, given = inspect.signature(test).parameters, dict(row)
    if "floor" in names:
        of_the_clock = test.__module__ == test_response_clock.__name__
        given["floor"] = test_response_clock.managed() if of_the_clock else Floor()
    try:
        if "call" in names:
            given["call"] = test_lifecycle.reported(given["floor"])
        test(**given)
    except Exception:
        return False
    return True


def test_without_a_mistake_all_is_well():
    assert [t.__name__ for t in every_test() for row in tries(t) if not holds(t, row)] == []


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert not all_hold()
