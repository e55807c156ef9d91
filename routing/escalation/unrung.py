"""Level 1 for which nobody may be rung: a text at once, and then one at the end of each quarter.

A flood of such calls must not become a flood of texts, and no incident may stay unknown. The first
call is told by a text. Each further one has a job that is due when that quarter of an hour is over:
the first of these jobs writes one letter about all of them, and the others find theirs in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routing.draft import DecisionDraft
from routing.escalation.ringing import text
from routing.facts import QUIET_NOTICE, DecisionFacts
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.jobs import TellUnrung
from routing.journal import JournalEvent
from routing.message import UNRUNG, Message
from routing.notify.messages import News, build_manager_messages, build_message
from routing.notify.replying import to_accept
from routing.oncall.policy import escalation_for, people_of

SHOWN = 6
"""So many numbers of incidents are named, which leaves the text one segment long."""


def notify_quietly(draft: DecisionDraft) -> DecisionDraft:
    """A text to whoever is first on call; within a quarter of an hour of one, a job instead."""
    facts, incident = draft.facts, draft.the_incident
    last = facts.quiet_notice_at()
    if last is not None:
        draft = draft.note(
            JournalEvent.NO_NOTICE, "the text at the end of this quarter of an hour tells it"
        )
        return draft.do(TellUnrung(incident.key), last + QUIET_NOTICE - facts.now)
    for person in first_on_call(facts, incident):
        draft = text(draft, person)
    if draft.the_incident.pages != incident.pages:
        return draft
    draft = draft.note(JournalEvent.NO_NOTICE, "nobody on call has a page: a letter tells it")
    return draft.do(TellUnrung(incident.key))


def first_on_call(facts: DecisionFacts, incident: Incident) -> Sequence[str]:
    """The people of the first step in which anybody is on call."""
    steps = escalation_for(facts.line, incident).steps
    found = (people_of(step, facts, incident.language) for step in steps)
    return next((people for people in found if people), ())


def is_unknown(facts: DecisionFacts, incident: Incident) -> bool:
    """True while nobody has this incident and no letter was written about it."""
    letters = facts.letters_of(UNRUNG, incident.opened_at)
    return _waits(incident) and incident.key not in find_announced(letters)


def write_notices(facts: DecisionFacts, incident: Incident) -> tuple[Message, ...]:
    """One letter a person about this incident and all others that nobody knows of."""
    found = _find_unknown(facts, incident)
    oldest, line = found[0], facts.line
    numbers = [str(one.number) for one in found]
    shown = " ".join(numbers[:SHOWN])
    if len(numbers) > SHOWN:
        shown += f" +{len(numbers) - SHOWN}"
    values = (
        ("count", len(found)),
        ("numbers", shown),
        ("reply", (to_accept(line, oldest.number),)),
        ("incidents", " ".join(one.key for one in found)),
    )
    # Two workers that look at the same moment find the same oldest one, and write one letter.
    news = News(UNRUNG, values, level=1, once=f"unrung {oldest.key}")
    engineers = [line.engineer(person) for person in first_on_call(facts, incident)]
    letters = tuple(build_message(facts, one, news) for one in engineers if one is not None)
    return letters or build_manager_messages(facts, news)


def find_announced(letters: Iterable[Message]) -> frozenset[str]:
    """The keys of the incidents that these letters are about."""
    said = (str(dict(letter.values).get("incidents", "")) for letter in letters)
    return frozenset(key for keys in said for key in keys.split())


def _find_unknown(facts: DecisionFacts, incident: Incident) -> list[Incident]:
    """Oldest first. Who was texted at once is known; this one has a job, so it is not."""
    waiting = [one for one in facts.open_incidents() if _waits(one) and not one.hunt.texted]
    since = min([incident.opened_at, *(one.opened_at for one in waiting)])
    known = find_announced(facts.letters_of(UNRUNG, since))
    found = [one for one in waiting if one.key not in known and one.key != incident.key]
    return sorted([*found, incident], key=lambda one: (one.opened_at, one.number))


def _waits(incident: Incident) -> bool:
    quiet = incident.hunt.doing is EscalationPhase.QUIET and not incident.hunt.sought
    return incident.urgency == 1 and incident.state is IncidentState.OPEN and quiet
