"""An incident in somebody's name without a key pressed for it: only a key keeps such a promise."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.errands import KeyOverdue
from routing.events import PromiseDue
from routing.hunting import hunt
from routing.hunting.taking import anew
from routing.incident import Again, Hunting, Page, Said, State

KEPT_WITHIN = dt.timedelta(seconds=45)
"""How long a caller waits for the key of somebody who acknowledged by text or link."""


def promised(draft: Draft, engineer: str) -> Draft:
    """Somebody acknowledged while the caller waits: the key is due soon."""
    deed = KeyOverdue(draft.the_incident.key, engineer, draft.facts.now)
    return draft.do(deed, KEPT_WITHIN)


def broken(draft: Draft, event: PromiseDue) -> Draft:
    """No key came and the caller still waits: the incident is everybody's again."""
    incident, call = draft.the_incident, draft.call
    theirs = (incident.acknowledged_by, incident.acknowledged_at) == (event.engineer, event.since)
    if incident.state is not State.ACKNOWLEDGED or not theirs:
        return draft  # a key says a later moment
    if call is None or not call.holds:
        return draft
    draft = anew(draft, incident.again, incident.before)
    seconds = KEPT_WITHIN.total_seconds()
    why = f"{event.engineer} acknowledged it and pressed no key within {seconds:g} s"
    return resume(draft.note("reopened", f"{why}: the caller waits, everybody is sought"))


def given_back(draft: Draft, leg: Page) -> Draft:
    """Whoever has the incident passes it on at their own telephone: the others are rung."""
    if draft.the_incident.acknowledged_by != leg.engineer:
        return draft
    draft = anew(draft, Again.HANDED_OVER, leg.engineer).with_page(leg, said=Said.HANDED_OVER)
    why = f"{leg.engineer} had it and passes it on: the others are rung first"
    return resume(draft.note("reopened", why, leg.id), spared=leg.engineer)


def resume(draft: Draft, spared: str | None = None) -> Draft:
    """Ring again at once where nobody is being rung; a hunt under way goes on as it was."""
    if draft.the_incident.hunt.doing not in (Hunting.OVER, Hunting.RESTING):
        return draft
    return hunt.begin(draft.with_hunt(spared=spared))
