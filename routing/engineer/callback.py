"""The caller has gone: whoever took the incident may call the customer back through the line."""

from __future__ import annotations

from routing.draft import Draft
from routing.engineer.closing import missed
from routing.events import CustomerRung
from routing.hunting import recall
from routing.incident import Became, LegState, Page
from routing.place import at_once

CALL_BACK_KEY = "1"
"""Offered to whoever took an incident whose caller has gone."""


def offered_key(draft: Draft, leg: Page, key: str | None) -> Draft:
    """The caller has gone: one key calls the customer back through the line."""
    if key != CALL_BACK_KEY or draft.the_incident.dialled is None:
        return missed(draft, leg, key)
    draft = draft.with_page(leg, state=LegState.CALLING, turn=leg.turn + 1)
    return draft.note("calling_back", f"{leg.engineer} calls the customer back", leg.id)


def customer_rung(draft: Draft, leg: Page, event: CustomerRung) -> Draft:
    """The call back is over: a customer who called meanwhile is met. Else the closing menu follows
    an answer, which may be a mailbox's."""
    if event.turn != leg.turn or leg.state is not LegState.CALLING:
        return draft
    reason = "somebody or something answered" if event.answered else "nobody answered"
    draft = draft.note("called_back", f"the customer was called back: {reason}", leg.id)
    if draft.call is not None and draft.call.holds:
        return recall.connect(draft, leg)
    tried = leg.became is not None or at_once(draft.the_incident, draft.call)
    became = Became.UNANSWERED if tried else None
    became = Became.TALKED if event.answered else became
    state = LegState.CLOSING if became else LegState.OFFERED
    return draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0, became=became)
