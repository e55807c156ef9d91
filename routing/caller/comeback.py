"""A call about an open incident of level 2 to 4: back into the desk's row, or an honest word.

Whoever was to be called back and calls instead keeps the old place, and is not called as well.
"""

from __future__ import annotations

from routing.call import Remark
from routing.caller import levels
from routing.draft import Draft
from routing.hunting import later, recall, row, tally
from routing.incident import Again, Hunting, State
from routing.question import park, tell_later


def come_back(draft: Draft) -> Draft:
    """To whoever is on the line about it, into the row, or told when it will be handled."""
    draft = draft.with_incident(again=Again.CALLED_AGAIN)
    if (winner := draft.the_incident.winner()) is not None:
        return recall.meet(latest(draft), winner)
    if later.staff(draft.facts, draft.the_incident):
        return to_the_desk(latest(draft, Remark.IN_ROW))
    draft, _ = had_by(draft)
    if levels.deskless(draft):
        return levels.registered(closed(draft, "the file names no desk"), Remark.CALLED_AGAIN)
    return tell_later(closed(draft, "nobody is at the desk now"), Remark.CALLED_AGAIN)


def latest(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """This call waits from now on; the one before it is over."""
    return park(tally.overtake(draft), remark)


def to_the_desk(draft: Draft) -> Draft:
    """At the old place, if there is one; whoever has it and is at the desk is rung first."""
    if draft.the_incident.hunt.doing is Hunting.ROW:
        return row.come_back(draft)
    draft, first = had_by(draft)
    return row.join(draft, first)


def had_by(draft: Draft) -> tuple[Draft, str | None]:
    """Whoever has it and is not at the desk is told; what was responded to is open again."""
    incident = draft.the_incident
    who = incident.acknowledged_by
    there = who in later.staff(draft.facts, incident)
    draft = draft if there else recall.tell(draft)
    if incident.state is State.RESPONDED:
        draft = recall.reopen(draft, f"the customer calls again although it was {incident.state}")
    return draft, who if there else None


def closed(draft: Draft, why: str) -> Draft:
    """Nobody is at the desk: a place that is kept for a call back, and whoever has it, stay."""
    incident = draft.the_incident
    kept = incident.hunt.doing is Hunting.ROW or incident.state is not State.OPEN
    return draft if kept else later.leave(draft, why)
