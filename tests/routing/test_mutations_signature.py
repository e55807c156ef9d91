"""Would the tests notice? Small mistakes in signature requests, made on purpose."""

import pytest

from routing import customer, requests
from routing.caller import leaving, signature, signature_menus, urgency, waiting
from routing.hunting import hunt, row, specialists
from routing.place import _place
from routing.schedule import escalation
from tests.routing import test_signature
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (urgency.choose_urgency, "and draft.facts.line.signature_desk is not None", ""),
    (urgency.not_confirmed, "urgency=None, request=None", "urgency=None"),
    (signature.answered, "key not in KEYS and", "key is None and"),
    (signature.answered, "Remark.OLD_DATABASES if old else Remark.NONE", "Remark.NONE"),
    (signature.stopped, "if key == YES:", "if key != '2':"),
    (signature.lodge, "with_incident(rowed_at=draft.facts.now)", "with_incident()"),
    (signature.lodge, ".with_call(fate=Outcome.REGISTERED)", ""),
    (signature.before_row, "and incident.rowed_at is not None", ""),
    (signature.before_row, "and incident.call == draft.the_call.id", ""),
    (leaving.left_behind, "| Stage.STOPPED", ""),
    (signature_menus.asks_about_file, "and incident.call == call.id", ""),
    (signature.wait, "if later.staff(draft.facts, draft.the_incident):", "if True:"),
    (signature.wait, "if draft.the_call.message else", "if True else"),
    (leaving.call_ended, "signature.before_row(draft)", "False"),
    (waiting.message_left, "signature.before_row(draft)", "False"),
    (signature_menus.urgency_menu, "if line.signature_desk is not None else", "if True else"),
    (signature_menus.asks_for_words, "if call.told_later:", "if False:"),
    (signature_menus.samples, "if request.written is None:", "if False:"),
    (signature_menus.samples, "is Channel.SMS", "is not None"),
    (requests.received, "way[0] if way else None", "None"),
    (customer.way_of, "takes_texts(phone) and", ""),
    (customer.way_of, "if phone in contact.phones", ""),
    (customer.language_for, "if own in spoken", "if own"),
    (escalation.desk_for, "or incident.kind in route.when.kinds", ""),
    (escalation.desk_for, "not special or incident.kind", "True or incident.kind"),
    (escalation.desk_for, "(line.signature_desk if special else None)", "None"),
    (escalation.desks_of, "(line.signature_desk if special else None)", "None"),
    (row.free_now, "desks_of(facts.line, kind)", "desks_of(facts.line, list(Kind)[0])"),
    (row.prospect_of, "facts.row(incident.kind)", "facts.row(list(Kind)[0])"),
    (specialists.beside, "incident.kind is not Kind.SIGNATURE_REQUEST or", ""),
    (specialists.beside, "or incident.hunt.step", ""),
    (specialists.beside, "if person not in people", ""),
    (specialists.beside, "beside=True", "beside=False"),
    (specialists.rings_for, "candidate.beside and", "False and"),
    (hunt.advance, "if not c.beside", ""),
    (hunt.last_resort, ", *beside(draft, ()))", ",)"),
    (_place, "{rank}", "0"),
]
FLOORS[test_signature.__name__] = test_signature.own_floor
TESTS = those_of(test_signature)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
