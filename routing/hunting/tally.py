"""How a call counts once it is over, when a later word tells what really became of it."""

from __future__ import annotations

from routing.call import Outcome
from routing.draft import Draft
from routing.errands import SettleCall
from routing.incident import Page


def count(draft: Draft, leg: Page) -> Draft:
    """A call that is over counts as answered when its conversation is told of late."""
    call = draft.call
    if call is None or call.outcome is None or call.outcome is Outcome.CONNECTED:
        return draft
    return draft.with_call(
        outcome=Outcome.CONNECTED,
        fate=Outcome.CONNECTED,
        bridged=True,
        answered_by=call.answered_by or leg.engineer,
        answered_at=call.answered_at or draft.facts.now,
    )


def overtake(draft: Draft) -> Draft:
    """This call is the incident's latest one. How the call before it counts is looked at: what is
    told of the leg from now on is about this one."""
    before, call = draft.the_incident.call, draft.the_call.id
    draft = draft.with_incident(call=call)
    return draft.do(SettleCall(before)) if before not in (None, call) else draft


def overtaken(draft: Draft) -> Draft:
    """A call that is over was not answered when its caller called again before they were joined."""
    call, incident = draft.the_call, draft.incident
    if incident is None or incident.call == call.id:
        return draft
    if call.bridged or call.outcome is not Outcome.CONNECTED:
        return draft
    return uncount(draft.note("unmet", "called again before they were joined"))


def uncount(draft: Draft) -> Draft:
    """A call that ended unmet was not answered, although somebody pressed the key for it."""
    call = draft.call
    if call is None or call.bridged or call.outcome is not Outcome.CONNECTED:
        return draft
    outcome = call.fate or Outcome.ABANDONED
    return draft.with_call(outcome=outcome, answered_by=None, answered_at=None)
