"""Levels 2 to 4: the desk in office hours, an honest word and a message outside them.

Whatever a caller says to the line stays: hanging up, too, leaves an incident that the desk is
told of. A caller may say at any moment that it has become level 1.
"""

from __future__ import annotations

from routing.call import Outcome, Remark, Stage
from routing.caller import opening
from routing.draft import Draft
from routing.engineer import clock, later, row
from routing.engineer.escalation import desk_for
from routing.incident import Hunting
from routing.question import ask, park, tell_later

RAISE_KEY = "1"
"""Outside office hours: the business has stopped since."""


def lower(draft: Draft) -> Draft:
    """A level 2, 3 or 4 was chosen."""
    draft = opening.open_incident(draft)
    if later.staff(draft.facts, draft.the_incident):
        return row.join(park(draft, Remark.IN_ROW))
    desk = desk_for(draft.facts.line, draft.the_incident)
    if draft.facts.office_open and desk is None:
        draft = ask(draft, Stage.FAREWELL).with_call(fate=Outcome.REGISTERED)
        return draft.note("registered", "the file names no desk: it is handled after this call")
    return tell_later(later.leave(draft, "nobody is at the desk now"))


def later_key(draft: Draft, key: str | None) -> Draft:
    """1 says that business has stopped since; anything else goes on to the message."""
    if key == RAISE_KEY:
        return ask(draft.note("raise", "says that it is level 1 by now"), Stage.CONFIRM)
    return ask(draft, Stage.MESSAGE)


def become_critical(draft: Draft) -> Draft:
    """It has become level 1: the promise counts from now, and people are called out."""
    incident, now = draft.the_incident, draft.facts.now
    draft = draft.with_call(urgency=1, fate=None).with_incident(
        urgency=1, raised_at=now, rowed_at=None
    )
    draft = draft.note("raised", f"level {incident.urgency} has become level 1")
    draft = clock.wind(draft, now)
    if incident.winner() is not None:
        return park(draft)  # whoever pressed the key meanwhile has this caller
    draft = opening.call_out(later.now_doing(draft, Hunting.QUIET))
    rung = draft.the_incident.hunt.doing is not Hunting.QUIET
    return draft if rung else later.leave(draft, "nobody is called out: the desk is told")


def stay(draft: Draft) -> Draft:
    """Not level 1 after all: back to the place in the row, or to the message."""
    level = draft.the_incident.urgency
    draft = draft.with_call(urgency=level)
    return park(draft, Remark.IN_ROW) if waited_for(draft) else tell_later(draft)


def waited_for(draft: Draft) -> bool:
    """True while somebody is sought who takes this very call, or has taken it."""
    incident = draft.the_incident
    sought = incident.hunt.doing is Hunting.ROW or incident.hunt.doing.seeking
    return sought or incident.winner() is not None


def gone(draft: Draft) -> Draft:
    """Whoever hung up in the row keeps the place only if they are to be called back."""
    if draft.the_call.outcome is Outcome.CALLBACK:
        return draft.note("keeps_place", "is called back when it is their turn")
    return later.leave(draft, "the caller has gone: the desk is told")
