"""Would the tests notice? Mistakes in what a text does, whom it is believed, and when it is not."""

from __future__ import annotations

import inspect

import pytest

from routing.engineer import callin, texting
from routing.escalation import recall, taking
from routing.incidents import lifecycle, text_commands
from routing.names import _shown, unify_spelling
from routing.notify import text_codes
from tests.routing import test_engineers_menus, test_text_commands, test_texting
from tests.routing.floor import Floor
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of, tries

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (unify_spelling, '"NFKC"', '"NFC"'),
    (_shown, 'in ("Cf", "Cs")', 'in ("Cs",)'),
    (text_commands.read, "if not says_something(said):", "if False:"),
    (text_commands._read_numbered, "if number in codes:", "if True:"),
    (text_commands._is_only_yes, "(numbered or any(yes))", "True"),
    (texting.receive, "if word is not None:", "if False:"),
    (texting.receive, "if before is not None and before.verb != HANDOVER:", "if False:"),
    (texting._read, "if told(one)", ""),
    (texting._find_incidents, "if found.state is IncidentState.RESPONDED:", "if True:"),
    (text_codes.check_code, "incident.wrong_codes >= MOST_WRONG or", ""),
    (text_codes.check_code, "if find_code(incident, event.engineer) == event.code:", "if True:"),
    (text_codes.lacks_proof, "incident.urgency == 1 and", ""),
    (lifecycle.respond, "text_codes.lacks_proof(draft.the_incident, event.by, event.how)", "False"),
    (lifecycle.await_reply, "incident.reached or proven", "True"),
    (lifecycle.resume_if_reopened, "or was.reached", "or True"),
    (taking.acknowledge, "if by not in FORGEABLE:", "if False:"),
    (taking.acknowledge, "engineer in incident.lapsed and", "False and"),
    (recall.escalate_overdue, "if text_codes.lacks_proof(incident, who):", "if False:"),
    (taking.take, "prove(draft, leg.engineer)", "draft"),
    (taking.clear_acknowledgement, "proven=(),", ""),
    (callin.ring_for_call, "by in FORGEABLE and", "False and"),
    (callin.is_rung_often, ">= RING_BACKS", "> RING_BACKS"),
]


def holds(test) -> bool:
    """Run a test with each of its arguments, on a floor of its own."""
    return all(_holds(test, row) for row in tries(test))


def _holds(test, row) -> bool:
    names, given = inspect.signature(test).parameters, dict(row)
    own = test.__module__ == test_texting.__name__
    if "floor" in names:
        given["floor"] = test_texting.quiet_line() if own else Floor()
    try:
        if "text" in names and own:
            given["text"] = test_texting.Texts(given["floor"])
        if "call" in names:
            floor = given["floor"]
            given["call"] = test_texting.left_alone(floor) if own else floor.critical()
        test(**given)
    except Exception:
        return False
    return True


CALLS_IN = [test for test in those_of(test_engineers_menus) if "that_show_" in test.__name__]
TESTS = [*those_of(test_text_commands), *those_of(test_texting), *CALLS_IN]

test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS, holds)
