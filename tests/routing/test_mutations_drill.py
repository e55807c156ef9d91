"""Would the tests notice that a drill can reach somebody? Each mistake lets one way through."""

import pytest

from routing import drill, premium
from tests.routing import test_drill
from tests.routing.test_mutations import holds, mistaken, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (drill.drill_of, "last_resort=(),", ""),
    (drill.drill_of, "engineers=(Engineer(PERSON, COMPANY, (PHONE,)),),", ""),
    (drill.drill_of, "duty_manager=None,", ""),
    (drill.drill_of, "escalation=Escalation((Step((PERSON,)),)),", ""),
    (drill.drill_of, 'texts_from="",', ""),
    (drill.drill_of, "number=drill_number(line),", ""),
    (drill.drill_of, "routes=(),", ""),
    (drill.drill_of, "desk=None,", ""),
    (drill.drill_of, "paging=Paging(channels=()),", ""),
    (drill.drill_of, "respond_within=(),", ""),
    (drill.practised, "drill_of(real) if real is not None else None", "real"),
    (premium.countable, "and not is_drill(incident.line)", ""),
]
TESTS = those_of(test_drill)


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
