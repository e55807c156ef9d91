"""Which numbers the line dials: a number can be anybody's, and cost anything.

A number of the file of the line may be dialled wherever it is. Any other, whether a carrier says it
of a caller, an engineer adds it, or a program, a manager or a file of rows gives it to a contact,
must be an ordinary one in a country that the line dials.
"""

from __future__ import annotations

from routing.call import Call
from routing.draft import DecisionDraft
from routing.facts import DecisionFacts
from routing.journal import JournalEvent
from routing.line import Line
from routing.phone_numbers import why_not_called


def dialled_countries(line: Line) -> tuple[str, ...]:
    """The countries whose ordinary numbers the line dials."""
    return line.dial_countries or (line.country,)


def why_not_ordinary(line: Line, number: str) -> str | None:
    """Why only the file of the line may have this number dialled, or None when any way in may."""
    return why_not_called(number, dialled_countries(line))


def why_not_dialled(facts: DecisionFacts, number: str) -> str | None:
    """Why this number is not dialled as a customer's, or None when it is."""
    if facts.of_the_file(number):
        return None
    return why_not_ordinary(facts.line, number)


def reachable(draft: DecisionDraft, call: Call, otherwise: str | None = None) -> DecisionDraft:
    """The incident knows where its customer is called back: the number of the call, or else the
    contact's; what the line does not dial stays in the log with the reason."""
    contacts = call.identity.phone if call.identity else None
    return dialled(draft, call.caller or contacts or otherwise, contacts)


def dialled(draft: DecisionDraft, number: str | None, contacts: str | None) -> DecisionDraft:
    """The same for a number that came by whatever way; ``contacts`` is the contact's own."""
    why = why_not_dialled(draft.facts, number) if number else None
    known = contacts is not None and why_not_dialled(draft.facts, contacts) is None
    if why is not None and known:
        draft = draft.note(JournalEvent.NOT_DIALLED, f"the contact's number is called back: {why}")
        number, why = contacts, None
    elif why is not None:
        draft = draft.note(
            JournalEvent.NOT_DIALLED, f"nobody can call back through the line: {why}"
        )
    return draft.with_incident(caller=number, undialled=why)
