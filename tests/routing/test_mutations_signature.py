"""Would the tests notice? Small mistakes in signature requests, made on purpose."""

import pytest

from routing.caller import leaving, opening, questions, signature_request, urgency, waiting
from routing.escalation import desk_queue, steps
from routing.escalation.queue_position import _sort_key
from routing.notify import channels, customer
from routing.oncall import policy
from tests.routing import test_signature
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (signature_request.has_specialists, "view.line.signature_desk is not None", "True"),
    (urgency.take_back, "urgency=None, request=None", "urgency=None"),
    (questions.CallerMenu.answer, "if handler is not None:", "if key is not None:"),
    (signature_request.note_databases, "if age is DatabaseAge.OLD:", "if False:"),
    (opening.ask_to_confirm, "Stage.CONFIRM", "Stage.URGENCY"),
    (signature_request.register, "with_incident(queued_at=draft.facts.now)", "with_incident()"),
    (signature_request.register, ".with_call(fate=CallOutcome.REGISTERED)", ""),
    (signature_request.is_before_queue, "and incident.queued_at is not None", ""),
    (signature_request.is_before_queue, "and incident.call == draft.the_call.id", ""),
    (signature_request.abandon, "opening.open_incident(draft.with_call(urgency=LEVEL))", "draft"),
    (signature_request.asks_about_file, "and incident.call == call.id", ""),
    (
        signature_request.join_queue,
        "if desk_queue.find_staff(draft.facts, draft.the_incident):",
        "if True:",
    ),
    (signature_request.join_queue, "if draft.the_call.message:", "if False:"),
    (leaving.end_call, "signature_request.is_before_queue(draft)", "False"),
    (waiting.take_message, "signature_request.is_before_queue(draft)", "False"),
    (signature_request.ask_about_file, "if call.told_later:", "if False:"),
    (signature_request.say_samples, "if request.written is None:", "if False:"),
    (signature_request.say_samples, "CHANNELS[request.written].prompt_suffix", "'mail'"),
    (customer.receive_request, "written = address.channel", "pass"),
    (channels.Sms.addresses, "filter(takes_texts, person.phones)", "person.phones"),
    (customer.find_contact_address, "if phone in contact.phones", ""),
    (customer.choose_language, "contact.language in spoken", "contact.language"),
    (policy.find_desk, "or incident.kind in route.when.kinds", ""),
    (policy.find_desk, "not special or incident.kind", "True or incident.kind"),
    (policy.find_desk, "_own_desk(line, incident.kind)", "line.desk"),
    (policy.list_desks, "_own_desk(line, kind)", "line.desk"),
    (
        desk_queue.find_free_people,
        "list_desks(facts.line, kind)",
        "list_desks(facts.line, list(IncidentKind)[0])",
    ),
    (
        desk_queue.estimate_wait,
        "facts.desk_queue(incident.kind)",
        "facts.desk_queue(list(IncidentKind)[0])",
    ),
    (steps.find_specialists, "incident.kind is not IncidentKind.SIGNATURE_REQUEST or", ""),
    (steps.find_specialists, "or incident.escalation.step", ""),
    (steps.find_specialists, "if person not in people", ""),
    (steps.find_specialists, "extra=True", "extra=False"),
    (steps.ring_time_of, "candidate.extra and", "False and"),
    (steps.advance, "if not c.extra", ""),
    (steps.ring_last_resort, ", *find_specialists(draft, ()))", ",)"),
    (
        _sort_key,
        'f"{incident.urgency}{rank} {at} {incident.key}"',
        'f"{incident.urgency}0 {at} {incident.key}"',
    ),
]
FLOORS[test_signature.__name__] = test_signature.own_floor
TESTS = those_of(test_signature)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
