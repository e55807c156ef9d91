"""The codes of pages, which prove the sender of a text: a sender is easily forged.

At level 1 a text without a code may acknowledge an incident, because the escalation comes back by
itself. To end the escalation for good, an engineer needs the code of their page, a key on their
own telephone, the link, or a signed-in session.
"""

from __future__ import annotations

from routing.draft import DecisionDraft
from routing.events import CodeTexted
from routing.incident import Incident
from routing.journal import JournalEvent
from routing.message import FORGEABLE, Via

CODES = range(1000, 10000)
MOST_WRONG = 5
"""After so many wrong codes no code of an incident is accepted; keys and links still are."""


def give_code(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Give an engineer a code for this incident, unless they have one."""
    incident = draft.the_incident
    if find_code(incident, engineer) is not None:
        return draft
    code = draft.facts.chance.number(f"code {incident.key} {engineer}", CODES)
    return draft.with_incident(codes=(*incident.codes, (engineer, str(code))))


def find_code(incident: Incident, engineer: str) -> str | None:
    """The code of this engineer for this incident, or None if they have none."""
    return dict(incident.codes).get(engineer)


def mark_proven(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Record that an engineer has proved who they are."""
    proven = draft.the_incident.proven
    if engineer in proven:
        return draft
    return draft.with_incident(proven=(*proven, engineer))


def lacks_proof(incident: Incident, engineer: str, how: Via = Via.TEXT) -> bool:
    """True for a text or mail about level 1 whose sender has not proved who they are."""
    return how in FORGEABLE and incident.urgency == 1 and engineer not in incident.proven


def is_unproven(incident: Incident, engineer: str, how: Via = Via.TEXT) -> bool:
    """True for a text or mail about any level whose sender has not proved who they are. Its words
    reach no customer, who would believe that we wrote them."""
    return how in FORGEABLE and engineer not in incident.proven


def check_code(draft: DecisionDraft, event: CodeTexted) -> DecisionDraft:
    """Accept the right code as proof; count wrong codes, so that none can be guessed."""
    incident = draft.the_incident
    if incident.wrong_codes >= MOST_WRONG or event.engineer in incident.proven:
        return draft
    if find_code(incident, event.engineer) == event.code:
        why = f"{event.engineer} texted the code of their page"
        draft = mark_proven(draft, event.engineer).note(JournalEvent.PROVEN, why)
        if incident.waiting_since is not None and incident.waiting_by == event.engineer:
            return draft.with_incident(reached=True)
        return draft
    draft = draft.with_incident(wrong_codes=incident.wrong_codes + 1)
    return draft.note(
        JournalEvent.WRONG_CODE, f"a text of {event.engineer}'s number had a wrong code"
    )
