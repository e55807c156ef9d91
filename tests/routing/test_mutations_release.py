"""Would the tests notice? Small mistakes in confirming and releasing, made on purpose."""

import pytest

from routing import customer, release, subscribers
from routing.course import progress
from tests.routing import test_release
from tests.routing.noticing import proofs
from tests.routing.test_mutations import FLOORS, those_of
from workers import releases

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (progress.why_not, "now is to or", ""),
    (progress.why_not, "or now is Progress.RELEASED", ""),
    (progress.came, "or why_not(incident, event.to)", ""),
    (progress.came, "draft = customer.tell(draft, WORDS[event.to])", "pass"),
    (progress.confirmed, "if nobody else draft", "if True else draft"),
    (progress.confirmed, "if nobody else draft", "if False else draft"),
    (progress.released, "draft.do(TellRelease(event.incident))", "draft"),
    (progress.released, "Responded(event.incident, event.by", 'Responded(event.incident, "x"'),
    (release.waits_until, "letters_wait and", ""),
    (release.waits_until, "(released_at or now) + AT_LATEST", "now + AT_LATEST"),
    (release.letters_to, "!= had", "!= ()"),
    (release._letter, "{one.contract} {one.contact.name}", "{facts.chance.token('x')}"),
    (release._letter, "languages, languages[0]", "(), languages[0]"),
    (customer.way_of, "contact.email and facts.mail", "contact.email and not facts.mail"),
    (subscribers.holds, "contract.since <= today", "contract.since < today"),
    (subscribers.holds, "contract.until >= today", "contract.until > today"),
    (releases.tell, "if until is not None:", "if False:"),
    (releases.tell, "if deed.plan is Plan.MSA_PLUS:", "if False:"),
    (releases._write, "today, last)", "today, 0) if not last else ()"),
]
FLOORS[test_release.__name__] = test_release.own_floor
TESTS = those_of(test_release)


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
