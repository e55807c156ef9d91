"""Levels 2 to 4: the desk in office hours, an honest word and a message outside them.

Whatever a caller says to the line stays: hanging up, too, leaves an incident that the desk is
told of. A caller may say at any moment that it has become level 1.
"""

from __future__ import annotations

from routing.call import Outcome, Remark, Stage
from routing.caller import opening
from routing.draft import Draft
from routing.hunting import later, row
from routing.incident import Hunting
from routing.question import ask, ask_again, park, tell_later
from routing.schedule.escalation import desk_for

RAISE_KEY = "1"
"""Outside office hours: the business has stopped since."""


def lower(draft: Draft) -> Draft:
    """A level 2, 3 or 4 was chosen."""
    draft = opening.open_incident(draft)
    if later.staff(draft.facts, draft.the_incident):
        return row.join(park(draft, Remark.IN_ROW))
    if deskless(draft):
        return registered(draft)
    return tell_later(later.leave(draft, "nobody is at the desk now"))


def deskless(draft: Draft) -> bool:
    """True in office hours where the file names no desk at all for this incident."""
    return draft.facts.office_open and desk_for(draft.facts.line, draft.the_incident) is None


def registered(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """Written down, and the caller hears the number."""
    draft = ask(draft.with_call(fate=Outcome.REGISTERED), Stage.FAREWELL, remark)
    return draft.note("registered", "the file names no desk: it is handled after this call")


def later_key(draft: Draft, key: str | None) -> Draft:
    """1 says that business has stopped since; silence, and a third wrong key, go on to the
    message."""
    if key == RAISE_KEY:
        return ask(draft.note("raise", "says that it is level 1 by now"), Stage.CONFIRM)
    again = ask_again(draft, key) if key is not None else None
    return again or ask(draft, Stage.MESSAGE)


def called_back(draft: Draft) -> bool:
    """True for whoever hung up in the row to be called back, whoever has the incident."""
    incident, call = draft.the_incident, draft.the_call
    in_row = incident.hunt.doing is Hunting.ROW and incident.call == call.id
    return in_row and call.outcome is Outcome.CALLBACK


def gone(draft: Draft) -> Draft:
    """Whoever hung up in the row keeps the place only if they are to be called back."""
    if draft.the_call.outcome is Outcome.CALLBACK:
        return draft.note("keeps_place", "is called back when it is their turn")
    return later.leave(draft, "the caller has gone: the desk is told")
