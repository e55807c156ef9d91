"""Would the tests notice? Small mistakes in signature requests, made on purpose."""

import pytest

from routing.caller import leaving, prompts, signature_request, urgency, waiting
from routing.escalation import desk_queue, steps
from routing.escalation.queue_position import _place
from routing.notify import customer
from routing.oncall import policy
from tests.routing import test_signature
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (urgency.choose_urgency, "and draft.facts.line.signature_desk is not None", ""),
    (urgency.not_confirmed, "urgency=None, request=None", "urgency=None"),
    (signature_request.answered, "key not in KEYS and", "key is None and"),
    (
        signature_request.answered,
        "Preamble.OLD_DATABASES if old else Preamble.NONE",
        "Preamble.NONE",
    ),
    (signature_request.stopped, "if key == YES:", "if key != '2':"),
    (signature_request.lodge, "with_incident(rowed_at=draft.facts.now)", "with_incident()"),
    (signature_request.lodge, ".with_call(fate=CallOutcome.REGISTERED)", ""),
    (signature_request.before_row, "and incident.rowed_at is not None", ""),
    (signature_request.before_row, "and incident.call == draft.the_call.id", ""),
    (leaving.left_behind, "| Stage.STOPPED", ""),
    (prompts.asks_about_file, "and incident.call == call.id", ""),
    (signature_request.wait, "if desk_queue.staff(draft.facts, draft.the_incident):", "if True:"),
    (signature_request.wait, "if draft.the_call.message else", "if True else"),
    (leaving.call_ended, "signature_request.before_row(draft)", "False"),
    (waiting.message_left, "signature_request.before_row(draft)", "False"),
    (prompts.urgency_menu, "if line.signature_desk is not None else", "if True else"),
    (prompts.asks_for_words, "if call.told_later:", "if False:"),
    (prompts.samples, "if request.written is None:", "if False:"),
    (prompts.samples, "is Channel.SMS", "is not None"),
    (customer.received, "way[0] if way else None", "None"),
    (customer.way_of, "takes_texts(phone) and", ""),
    (customer.way_of, "if phone in contact.phones", ""),
    (customer.language_for, "if own in spoken", "if own"),
    (policy.desk_for, "or incident.kind in route.when.kinds", ""),
    (policy.desk_for, "not special or incident.kind", "True or incident.kind"),
    (policy.desk_for, "(line.signature_desk if special else None)", "None"),
    (policy.desks_of, "(line.signature_desk if special else None)", "None"),
    (
        desk_queue.free_now,
        "desks_of(facts.line, kind)",
        "desks_of(facts.line, list(IncidentKind)[0])",
    ),
    (desk_queue.prospect_of, "facts.row(incident.kind)", "facts.row(list(IncidentKind)[0])"),
    (steps.beside, "incident.kind is not IncidentKind.SIGNATURE_REQUEST or", ""),
    (steps.beside, "or incident.hunt.step", ""),
    (steps.beside, "if person not in people", ""),
    (steps.beside, "beside=True", "beside=False"),
    (steps.rings_for, "candidate.beside and", "False and"),
    (steps.advance, "if not c.beside", ""),
    (steps.last_resort, ", *beside(draft, ()))", ",)"),
    (
        _place,
        'f"{incident.urgency}{rank} {at} {incident.key}"',
        'f"{incident.urgency}0 {at} {incident.key}"',
    ),
]
FLOORS[test_signature.__name__] = test_signature.own_floor
TESTS = those_of(test_signature)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
