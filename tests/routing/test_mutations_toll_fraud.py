"""Would the tests notice? Small mistakes in whom the line dials, made on purpose."""

import pytest

from routing import draft, phone_numbers
from routing.caller import opening, waiting
from routing.engineer import menus as leg_menus
from routing.facts import DecisionFacts
from routing.line import Line
from tests.routing import test_toll_fraud
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (DecisionFacts.why_not_dialled, "or self.of_the_file(number)", ""),
    (Line.dialled_countries.fget, "self.dial_countries or", ""),
    (draft.set_callback_number, "and facts.why_not_dialled(contacts) is None", ""),
    (draft.set_callback_number, "undialled=why", ""),
    (draft.set_callback_number, "contacts is not None", "False"),
    (phone_numbers.why_not_called, "kind not in _ORDINARY", "kind in _NOT_RUNG"),
    (phone_numbers.why_not_called, "if region in countries", "if region"),
    (DecisionFacts.of_the_file, "number in ours or", "number not in ours or"),
    (opening.open_incident, "set_callback_from_call(draft, call)", "draft"),
    (leg_menus.callback_keys, "dialled is None", "caller is None"),
    (leg_menus.can_call_again, "dialled is not None", "caller is not None"),
    (waiting.promise_callback, "dialled is None", "caller is None"),
    (leg_menus.offer_callback, "dialled is not None", "caller is not None"),
]
TESTS = those_of(test_toll_fraud)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
