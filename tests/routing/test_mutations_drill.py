"""Would the tests notice that a drill can reach somebody? Each mistake lets one way through."""

import pytest

from routing import drill
from routing.contracts import premium
from tests.routing import test_drill
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

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
    (drill.practised, "return make(real)", "return real"),
    (drill.practised, "wakes(line_id)", "True"),
    (drill.waking_of, "drill_of(line)", "line"),
    (drill.waking_of, "repeat=1", "repeat=3"),
    (drill.waking_of, "number=line.number,", ""),
    (drill.waking_of, 'whisper="full",', ""),
    (drill.waking_of, "id=line.id + WAKING", "id=line.id"),
    (premium.countable, "and not is_drill(incident.line)", ""),
]
TESTS = those_of(test_drill)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
