"""How a call counts once it is over, when a later word tells what really became of it."""

from __future__ import annotations

from routing.call import Outcome
from routing.draft import Draft
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


def uncount(draft: Draft) -> Draft:
    """A call that ended unmet was not answered, although somebody pressed the key for it."""
    call = draft.call
    if call is None or call.bridged or call.outcome is not Outcome.CONNECTED:
        return draft
    outcome = call.fate or Outcome.ABANDONED
    return draft.with_call(outcome=outcome, answered_by=None, answered_at=None)
