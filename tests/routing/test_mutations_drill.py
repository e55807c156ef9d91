"""Would the tests notice that a drill can reach somebody? Each mistake lets one way through."""

import pytest

from routing import drill
from routing.contracts import premium
from tests.routing import test_drill
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (drill.make_drill_line, "last_resort=(),", ""),
    (drill.make_drill_line, "engineers=(Engineer(PERSON, COMPANY, (PHONE,)),),", ""),
    (drill.make_drill_line, "duty_manager=None,", ""),
    (drill.make_drill_line, "escalation=Escalation((Step((PERSON,)),)),", ""),
    (drill.make_drill_line, 'texts_from="",', ""),
    (drill.make_drill_line, "number=drill_number(line),", ""),
    (drill.make_drill_line, "routes=(),", ""),
    (drill.make_drill_line, "desk=None,", ""),
    (drill.make_drill_line, "paging=Paging(channels=()),", ""),
    (drill.make_drill_line, "respond_within=(),", ""),
    (drill.make_drill_line, "plans=list_default_plans(),", ""),
    (drill.find_line_or_drill, "return make(real)", "return real"),
    (drill.find_line_or_drill, "is_waking(line_id)", "True"),
    (drill.make_waking_line, "drill_of(line)", "line"),
    (drill.make_waking_line, "repeat=1", "repeat=3"),
    (drill.make_waking_line, "number=line.number,", ""),
    (drill.make_waking_line, 'whisper="full",', ""),
    (drill.make_waking_line, "id=line.id + WAKING", "id=line.id"),
    (premium.is_countable, "and not is_drill(incident.line)", ""),
]
TESTS = those_of(test_drill)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
