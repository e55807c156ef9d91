"""Would the tests of the response clock and of an incident's course notice? Mistakes on purpose."""

import inspect

import pytest

from routing.course import clock, states, waiting
from routing.engineer import dictation
from routing.hunting import taking
from routing.written import warnings
from tests.mistakes import mistaken
from tests.routing import test_clock, test_course
from tests.routing.floor import Floor
from tests.routing.test_mutations import those_of, tries

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (clock.wind, "clock=clock,", "clock=incident.clock,"),
    (clock.struck, "if event.mark != clock.mark or at is None:", "if at is None:"),
    (clock.struck, "if at > now:", "if False:"),
    (clock.catch_up, "reached <= incident.clock.told", "False"),
    (clock.catch_up, "if reached == WHOLE", "if reached > WHOLE"),
    (clock.stop, "now > (incident", "now >= (incident"),
    (clock.stop, "doing=Ticking.STOPPED", "doing=clock.doing"),
    (clock.pause, "clock.spent + used", "used"),
    (clock.pause, "office=clock.promised.office", "office=False"),
    (clock.pause, "draft = catch_up(draft)", "pass"),
    (clock.resume, "if clock.left:", "if True:"),
    (clock._run, "- clock.spent", ""),
    (warnings.warn, "if engineer is not None:", "if False:"),
    (states.why_not, "incident.state is State.RESPONDED else", "True else"),
    (waiting.unmet, "call is not None and call.holds", "call is None"),
    (states.responded, "clock.stop(_had_by(draft, event.by, event.how))", "clock.stop(draft)"),
    (states.responded, "**NOT_WAITING,", ""),
    (states.waits, "incident.waiting_since or now", "now"),
    (states.noted, "if draft.facts.jotted(event.memo):", "if False:"),
    (states.reassigned, "if unmet(incident, draft.call):", "if False:"),
    (dictation.note_spoken, "event.turn != leg.turn or", "False or"),
    (taking.taken_by_other, "if incident.state in (State.RESPONDED, State.CLOSED):", "if False:"),
    (taking.anew, "responded_at=None,", ""),
]


def all_hold() -> bool:
    """Run each test with each of its arguments, on a floor of its own."""
    return all(holds(test, row) for test in every_test() for row in tries(test))


def every_test():
    return [*those_of(test_clock), *those_of(test_course)]


def holds(test, row):
    names, given = inspect.signature(test).parameters, dict(row)
    if "floor" in names:
        of_the_clock = test.__module__ == test_clock.__name__
        given["floor"] = test_clock.managed() if of_the_clock else Floor()
    try:
        if "call" in names:
            given["call"] = test_course.reported(given["floor"])
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
