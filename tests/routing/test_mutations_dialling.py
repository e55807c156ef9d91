"""Would the tests notice? Small mistakes in whom the line dials, made on purpose."""

import pytest

from routing import dialling, numbers
from routing.caller import opening, waiting
from routing.engineer import callback, closing, whisper
from routing.facts import FactsOfNow
from tests.routing import test_dialling
from tests.routing.test_mutations import holds, mistaken, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (dialling.why_not_dialled, "facts.owned(number)", "False"),
    (dialling.why_not_dialled, "line.dial_countries or", ""),
    (dialling.reachable, "undialled=why", ""),
    (dialling.reachable, "contacts is not None", "False"),
    (numbers.why_not_called, "kind not in _ORDINARY", "kind in _NOT_RUNG"),
    (numbers.why_not_called, "if region in countries", "if region"),
    (FactsOfNow.owned, "number in ours or", "number not in ours or"),
    (opening.open_incident, "reachable(draft, call)", "draft"),
    (callback.offered_key, "dialled is None", "caller is None"),
    (closing.closing_key, "dialled is not None", "caller is not None"),
    (waiting.call_back, "dialled is None", "caller is None"),
    (whisper.offer, "dialled is None", "caller is None"),
]
TESTS = those_of(test_dialling)


def test_without_a_mistake_all_is_well():
    assert [test.__name__ for test in TESTS if not holds(test)] == []


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert not all(holds(test) for test in TESTS)
