"""Would the tests notice? Small mistakes in whom the line dials, made on purpose."""

import pytest

from routing import dialling, numbers
from routing.caller import opening, waiting
from routing.engineer import callback, closing, whisper
from routing.facts import FactsOfNow
from tests.routing import test_dialling
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (dialling.why_not_dialled, "facts.of_the_file(number)", "False"),
    (dialling.dialled_countries, "line.dial_countries or", ""),
    (dialling.dialled, "and why_not_dialled(draft.facts, contacts) is None", ""),
    (dialling.dialled, "undialled=why", ""),
    (dialling.dialled, "contacts is not None", "False"),
    (numbers.why_not_called, "kind not in _ORDINARY", "kind in _NOT_RUNG"),
    (numbers.why_not_called, "if region in countries", "if region"),
    (FactsOfNow.of_the_file, "number in ours or", "number not in ours or"),
    (opening.open_incident, "reachable(draft, call)", "draft"),
    (callback.offered_key, "dialled is None", "caller is None"),
    (closing.closing_key, "dialled is not None", "caller is not None"),
    (waiting.call_back, "dialled is None", "caller is None"),
    (whisper.offer, "dialled is None", "caller is None"),
]
TESTS = those_of(test_dialling)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
