"""The notices that one person has had, or is going to have: how many, when, and which are void."""

from __future__ import annotations

from collections.abc import Iterable

from routing.draft import Draft, Facts
from routing.incident import Incident, Page, Result, State
from routing.line import Channel

WENT_OUT = (Result.SENT, Result.DELIVERED)


def told(draft: Draft, person: str) -> list[Page]:
    """The notices of this incident to this person, those of this very decision included."""
    incident = draft.the_incident
    kept = (page for key, page in draft.facts.notices(person) if key == incident.key)
    return _notices(person, (*kept, *incident.pages))


def texts_left(facts: Facts, person: str, also: Iterable[Page] = ()) -> int:
    """How many texts this person may still get today; ``also`` are pages not saved yet."""
    kept = (page for _, page in facts.notices(person))
    texts = [p for p in _notices(person, (*kept, *also)) if p.channel is Channel.SMS]
    return facts.line.paging.daily_cap - len(texts)


def void(facts: Facts, incident: Incident, page: Page) -> str | None:
    """Why a notice that has come due is not sent after all, or None when it is."""
    if incident.state is not State.OPEN:
        return f"the incident is {incident.state} by now"
    others = (p for key, p in facts.notices(page.engineer) if key == incident.key and p != page)
    since = page.at - facts.line.paging.again_after
    for other in others:
        if other.channel is page.channel and other.result in WENT_OUT and other.at > since:
            return f"{page.engineer} was told by {page.channel} a moment ago"
    return None


def _notices(person: str, pages: Iterable[Page]) -> list[Page]:
    """Those to this person that were or may still be sent, each once."""
    theirs = {p.id: p for p in pages if p.engineer == person and p.channel is not Channel.CALL}
    return [page for page in theirs.values() if page.result is not Result.CANCELED]
