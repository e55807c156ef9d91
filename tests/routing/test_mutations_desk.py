"""Would the tests of the desk's row notice? Each small mistake is made on purpose."""

import pytest

from routing import place
from routing.caller import leaving, levels, raising, script, waiting, waitingroom
from routing.engineer import callback, whisper
from routing.hunting import hunt, later, pauses, reach, ringing, row, seek, taking
from tests.routing import test_call_back_due, test_row, test_row_closely
from tests.routing.floor import Floor
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of, tries
from workers import row as serving

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # the order
    (place._place, "{incident.urgency}{rank}", "{rank}{incident.urgency}"),
    (place._place, "_RANKS.get(incident.standing, 1)", "_RANKS.get(incident.standing, 0)"),
    (place.place_of, "incident.hunt.doing is not Hunting.ROW or", ""),
    (place.prospect, "* number / people", "/ people"),
    (place.prospect, "* number / people", "* number"),
    (place.prospect, "len(talks) < ENOUGH_TALKS or", ""),
    # who is rung
    (row.join, "if c.passed", "if False"),
    (row.join, "if spared is not None:", "if False:"),
    (row._servers, "c.wait_left(facts.now)", "False"),
    (row._free, "or last.at) + REST", "or last.at)"),
    (row.prospect_of, "if not _missed(facts.last_leg(p))", ""),
    (ringing.passed, "if hunt.doing is Hunting.ROW else None", "if False else None"),
    (ringing.text, "hunt.doing is Hunting.ROW", "False"),
    (hunt.end, "if c.passed and c.until", "if False"),
    (row.join, "draft.the_incident.rowed_at or now", "now"),
    (row.serve, "if p in free", "if True"),
    (row.serve, "is not Hunting.ROW", "is None"),
    (serving._serve, "tried.add(waiting[0])", "tried.update(waiting)"),
    # looking again, and closing
    (row.look, "and not incident.legs()", ""),
    (row.look, "if _servers(facts, incident) else draft", "if False else draft"),
    (row._closed, "call is not None and call.holds", "False"),
    (later.unstaffed, "tell_later(draft, Remark.DESK_CLOSED) if waits", "draft if waits"),
    (later.unstaffed, "is Stage.WAITING", "is not None"),
    (seek.seek, "if later.staff(draft.facts, incident):", "if True:"),
    (later.tell_desk, "if incident.state is not State.OPEN:", "if False:"),
    # what callers do
    (levels.gone, "is Outcome.CALLBACK", "is None"),
    (raising.become_critical, "winner is None and", ""),
    (raising.become_critical, "park(draft) if on_the_way else", ""),
    (raising.waited_for, "or incident.winner() is not None", "or True"),
    (leaving.left_queue, "if closed else draft", "if False else draft"),
    (waiting.row_key, "draft.the_incident.winner() is not None", "False"),
    (waiting.row_key, "key == ROW_CALLBACK_KEY", "key == ROW_MESSAGE_KEY"),
    (waitingroom.unattended, "A_MINUTE if hunt.doing is Hunting.ROW else TOO_LATE", "TOO_LATE"),
    # called back
    (place.at_once, "incident.urgency > 1", "True"),
    (taking.take, "LegState.CALLING if at_once(draft.the_incident, call) else", ""),
    (callback.customer_rung, "or at_once(draft.the_incident, draft.call)", ""),
    (pauses.watch, "or wants_call_back(incident, draft.call)", ""),
    (place.wants_call_back, "(call.outcome, call.fate)", "(call.outcome,)"),
    (reach.overdue, "if incident.urgency > 1:", "if False:"),
    (reach.call_back_due, "opens is not None and", "False and"),
    (reach.call_back_due, "+ 1 < REMINDERS", "< REMINDERS"),
    (whisper.offer, "(call.outcome or call.fate)", "call.outcome"),
    (whisper.calling, "and leg.became is None", ""),
    (script.asks_message, "call.told_later or", ""),
    (script.asks_message, "or doing is Hunting.LATER", ""),
    (script.asks_message, "if doing is Hunting.ROW:", "if False:"),
    (script.park, '"in_row" if in_row else', ""),
]

TESTS = those_of(test_call_back_due) + those_of(test_row) + those_of(test_row_closely)


def holds(test):
    """Run a test with each of its arguments, on a floor of its own."""
    floors = {"desk": lambda: test_row.staffed("joris"), "closing": test_row.until_noon}
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
