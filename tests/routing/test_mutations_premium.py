"""Would the tests notice? Small mistakes in what counts as premium, made on purpose."""

import pytest

from routing import contracts
from routing.caller import hold, identify, leaving, news
from routing.contracts import premium
from routing.engineer import menus as leg_menus
from routing.engineer import sentences
from routing.escalation import taking
from routing.facts import DecisionFacts
from tests.routing import test_contract_years, test_premium
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (contracts.contract_year, "this_year <= day", "this_year < day"),
    (contracts.contract_year, "day.year - 1", "day.year"),
    (contracts._anniversary, "dt.date(year, 3, 1)", "dt.date(year, 2, 28)"),
    (identify.build_identity, "if worth.in_force:", "if True:"),
    (premium.is_countable, "incident.entitlement is Entitlement.ENTITLED and", ""),
    (premium.is_countable, "incident.kind is IncidentKind.INCIDENT and", ""),
    (premium.is_countable, "and incident.urgency in LEVELS", ""),
    (premium.count_incident, "incident.counted is not None or", ""),
    (premium.count_incident, "or incident.waived is not None", ""),
    (premium.store_few_left, "<= FEW", "< FEW"),
    (premium._counted, "incident.counted or", ""),
    (premium._counted, "if bundle.left == 0:", "if bundle.over:"),
    (premium._counted, "bundle.places + 1", "bundle.used + 1"),
    (premium.set_to_premium, "not countable(draft.the_incident)", "False"),
    (premium.set_to_premium, "waived=None", ""),
    (premium.set_to_standard, "premium=False, ", ""),
    (DecisionFacts.bundle, "wall(opened_at, self.line.timezone).date()", "opened_at.date()"),
    (DecisionFacts.bundle, "wall(opened_at,", "wall(self.now,"),
    (taking.take, "premium.count(draft)", "draft"),
    (leaving.take_directly, "premium.count(draft", "(draft"),
    (leg_menus.is_premium, "view.incident.premium", "True"),
    (sentences.say_talk, "incident.waived is not None", "False"),
    (news.say_few_left, "or incident.counted is not None", ""),
    (hold.LoopWriter.say_all, "and self.begins", ""),
]
TESTS = [*those_of(test_premium), *those_of(test_contract_years)]


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
