"""Would the tests notice? Small mistakes in confirming and releasing, made on purpose."""

import pytest

from routing import contracts
from routing.incidents import lifecycle
from routing.notify import addresses, customer
from tests.routing import test_release, test_signature
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of
from workers import messages

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (lifecycle.why_no_progress, "now is to or", ""),
    (lifecycle.why_no_progress, "or now is RequestProgress.RELEASED", ""),
    (lifecycle.advance_request, "or why_no_progress(incident, event.to)", ""),
    (lifecycle.advance_request, "draft = customer.notify_customer(draft, WORDS[event.to])", "pass"),
    (lifecycle._acknowledge_open, "draft.the_incident.state is not IncidentState.OPEN", "False"),
    (lifecycle._acknowledge_open, "draft.the_incident.state is not IncidentState.OPEN", "True"),
    (
        lifecycle.release_request,
        "draft.do(jobs.SendReleaseMessages(draft.the_incident.key))",
        "draft",
    ),
    (
        lifecycle.release_request,
        "Responded(event.incident, event.by",
        'Responded(event.incident, "x"',
    ),
    (customer.waits_until, "messages_wait and", ""),
    (customer.waits_until, "(released_at or now) + LONGEST_WAIT", "now + LONGEST_WAIT"),
    (customer._build_each, "== had", "== ()"),
    (
        customer._build_release_message,
        'token(f"release {incident.key} {one.contract} {one.contact.name}")',
        "token(f\"release {incident.key} {facts.chance.token('x')}\")",
    ),
    (customer._build_release_message, "languages, languages[0]", "(), languages[0]"),
    (addresses.list_addresses, "if facts.can_send", "if not facts.can_send"),
    (contracts.is_valid, "contract.valid_from <= today", "contract.valid_from < today"),
    (contracts.is_valid, "contract.valid_until >= today", "contract.valid_until > today"),
    (messages.announce_release, "if until is not None:", "if False:"),
    (messages.announce_release, "if rank < ranks[-1]:", "if False:"),
    (messages._write_messages, "today, last)", "today, 0) if not last else ()"),
]
FLOORS[test_release.__name__] = test_signature.own_floor
TESTS = those_of(test_release)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
