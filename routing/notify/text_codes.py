"""Who has shown that they are who they say: the sender of a text is easily forged.

At level 1 a text may take what its sender was told about, because the hunt comes back by itself.
What ends the hunt for good needs the code of the text that told them, a key on their own
telephone, the link, or a way that is signed in to.
"""

from __future__ import annotations

from routing.draft import DecisionDraft
from routing.events import CodeTexted
from routing.incident import Incident
from routing.journal import JournalEvent
from routing.message import Via

CODES = range(1000, 10000)
MOST_WRONG = 5
"""After so many wrong codes an incident believes none; keys, links and the console still count."""


def with_code(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """Give an engineer a code for this incident, unless they have one."""
    incident = draft.the_incident
    if code_of(incident, engineer) is not None:
        return draft
    code = draft.facts.chance.number(f"code {incident.key} {engineer}", CODES)
    return draft.with_incident(codes=(*incident.codes, (engineer, str(code))))


def code_of(incident: Incident, engineer: str) -> str | None:
    """The code that an engineer's texts about this incident carry; None where none is needed."""
    return dict(incident.codes).get(engineer)


def prove(draft: DecisionDraft, engineer: str) -> DecisionDraft:
    """An engineer has shown that they are there themselves."""
    proven = draft.the_incident.proven
    return draft if engineer in proven else draft.with_incident(proven=(*proven, engineer))


def lacks_proof(incident: Incident, engineer: str, how: Via = Via.TEXT) -> bool:
    """True for what is said by text alone of a level 1."""
    return how is Via.TEXT and incident.urgency == 1 and engineer not in incident.proven


def code_texted(draft: DecisionDraft, event: CodeTexted) -> DecisionDraft:
    """The right code proves its sender; the wrong ones are counted, so that none is guessed."""
    incident = draft.the_incident
    if incident.wrong_codes >= MOST_WRONG or event.engineer in incident.proven:
        return draft
    if code_of(incident, event.engineer) == event.code:
        why = f"{event.engineer} texted the code of their page"
        draft = prove(draft, event.engineer).note(JournalEvent.PROVEN, why)
        theirs = incident.waiting_since is not None and incident.waiting_by == event.engineer
        return draft.with_incident(reached=True) if theirs else draft
    draft = draft.with_incident(wrong_codes=incident.wrong_codes + 1)
    return draft.note(
        JournalEvent.WRONG_CODE, f"a text of {event.engineer}'s number had a wrong code"
    )
