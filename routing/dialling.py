"""Which customers' numbers the line dials: a caller's number can be anybody's, and cost anything.

A number of the file or of a contact may be dialled wherever it is. Any other, which is only what
a carrier said of a caller, must be an ordinary one in a country that the line dials.
"""

from __future__ import annotations

from routing.call import Call
from routing.draft import Draft, Facts
from routing.numbers import why_not_called


def why_not_dialled(facts: Facts, number: str) -> str | None:
    """Why this number is not dialled as a customer's, or None when it is."""
    if facts.owned(number):
        return None
    line = facts.line
    return why_not_called(number, line.dial_countries or (line.country,))


def reachable(draft: Draft, call: Call, otherwise: str | None = None) -> Draft:
    """The incident knows where its customer is called back: the number of the call, or else the
    contact's; what the line does not dial stays in the log with the reason."""
    contacts = call.identity.phone if call.identity else None
    return dialled(draft, call.caller or contacts or otherwise, contacts)


def dialled(draft: Draft, number: str | None, contacts: str | None) -> Draft:
    """The same for a number that came by whatever way; ``contacts`` is the contact's own."""
    why = why_not_dialled(draft.facts, number) if number else None
    if why is not None and contacts is not None:
        draft = draft.note("not_dialled", f"the contact's number is called back: {why}")
        number, why = contacts, None
    elif why is not None:
        draft = draft.note("not_dialled", f"nobody can call back through the line: {why}")
    return draft.with_incident(caller=number, undialled=why)
