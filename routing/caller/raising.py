"""An incident of level 2 to 4 becomes level 1 by the customer's word, in the row or beside it.

The number stays, the promise counts anew. A colleague who is on the line about it keeps the place.
"""

from __future__ import annotations

from routing import premium
from routing.call import Remark, Stage
from routing.caller import opening
from routing.course import clock
from routing.draft import Draft
from routing.hunting import later, recall, tally
from routing.incident import Hunting, LegState
from routing.question import ask, park, tell_later


def become_critical(draft: Draft) -> Draft:
    """It is level 1 from now on: whoever has it is met or rung, or people are called out."""
    incident = draft.the_incident
    draft = draft.with_call(urgency=1, fate=None)
    draft = promised_anew(draft) if incident.urgency > 1 else draft
    if beside(draft):
        return called_out_beside(draft)
    draft = tally.overtake(draft)
    winner = incident.winner()
    if winner is None and incident.urgency > 1:
        return called_out(draft)
    if not draft.the_call.live:
        return draft
    on_the_way = winner is not None and winner.state is LegState.CONNECTING
    return park(draft) if on_the_way else recall.put_through(park(draft))


def promised_anew(draft: Draft) -> Draft:
    """The response is due from now, and whoever has it by a key has a premium incident."""
    incident, now = draft.the_incident, draft.facts.now
    draft = draft.with_incident(urgency=1, raised_at=now, rowed_at=None)
    draft = draft.note("raised", f"level {incident.urgency} has become level 1")
    draft = clock.wind(premium.remind(draft), now)
    return premium.count(draft) if incident.winner() is not None else draft


def called_out(draft: Draft) -> Draft:
    """A human is rung for whoever waits, or has hung up, unless the file or a flood forbids it."""
    draft, first = recall.take_back(draft)
    draft = later.now_doing(draft, Hunting.QUIET)
    why = opening.not_rung(draft)
    if why is not None:
        draft = opening.message_only(draft.note("not_rung", why))
        return later.leave(draft, "nobody is called out: the desk is told")
    draft = park(draft) if draft.the_call.live else draft
    return recall.before_all(draft, first)


def called_out_beside(draft: Draft) -> Draft:
    """A colleague is on the line about it: that call is served as level 1, this one is noted."""
    incident = draft.the_incident
    if incident.winner() is not None:
        draft = recall.tell(draft)
    elif not incident.hunt.doing.seeking and opening.not_rung(draft) is None:
        draft, first = recall.take_back(draft)
        draft = recall.before_all(draft, first)
    return ask(draft, Stage.MESSAGE, Remark.RAISED) if draft.the_call.live else draft


def beside(draft: Draft) -> bool:
    """True while somebody else of the contract is on the line about this incident."""
    matter = draft.facts.matter(draft.the_incident.key)
    other = matter.call if matter is not None else None
    return other is not None and other.live and other.id != draft.the_call.id


def stay(draft: Draft, *, ask_once_more: bool = True) -> Draft:
    """Not level 1 after all: back to the place in the row, or to the message. Whoever has said so
    often enough is not asked once more."""
    draft = draft.with_call(urgency=draft.the_incident.urgency)
    if draft.the_call.parked_at is not None and waited_for(draft):
        in_row = draft.the_incident.hunt.doing is Hunting.ROW
        return park(draft, Remark.IN_ROW if in_row else Remark.NONE)
    waited = draft.the_call.parked_at is not None or draft.the_call.told_later
    return tell_later(draft) if waited and ask_once_more else ask(draft, Stage.MESSAGE)


def waited_for(draft: Draft) -> bool:
    """True while somebody is sought who takes this very call, or has taken it."""
    incident = draft.the_incident
    sought = incident.hunt.doing is Hunting.ROW or incident.hunt.doing.seeking
    return sought or incident.winner() is not None
