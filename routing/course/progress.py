"""How far a signature request has come: confirmed, released. Each is told to the customer once.

A release is a response, and is told to every contact who asked to hear of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from routing import customer
from routing.call import Call
from routing.course import states
from routing.draft import Draft
from routing.errands import TellRelease
from routing.events import RequestCame, Responded
from routing.hunting.beside import acknowledged
from routing.incident import Incident, State
from routing.proof import lacks_proof
from routing.request import Progress

WORDS = {Progress.CONFIRMED: "request_confirmed", Progress.RELEASED: "request_released"}
"""What the customer is told."""


def why_not(incident: Incident, to: Progress) -> str | None:
    """The key of the sentence that says why this cannot be said now; None when it can."""
    if incident.request is None:
        return "no_request"
    now = incident.request.progress
    there = now is to or now is Progress.RELEASED or to is Progress.RECEIVED
    return f"is_{now}" if there else None


def came(draft: Draft, event: RequestCame) -> Draft:
    """Said twice it changes nothing, and it never goes back; a release needs no confirmation."""
    incident, now = draft.the_incident, draft.facts.now
    if incident.request is None or why_not(incident, event.to):
        return draft
    if lacks_proof(incident, event.by, event.how):
        return acknowledged(draft, event.by, event.how)
    who: dict[str, Any] = {f"{event.to}_by": event.by, f"{event.to}_at": now}
    draft = draft.with_incident(request=replace(incident.request, progress=event.to, **who))
    why = f": {event.why}" if event.why else ""
    draft = draft.note(f"request_{event.to}", f"{event.by} by {event.how}{why}")
    draft = customer.tell(draft, WORDS[event.to])
    return confirmed(draft, event) if event.to is Progress.CONFIRMED else released(draft, event)


def confirmed(draft: Draft, event: RequestCame) -> Draft:
    """The specialists agree; whoever says so of what nobody has, has it."""
    nobody = draft.the_incident.state is State.OPEN
    return acknowledged(draft, event.by, event.how) if nobody else draft


def released(draft: Draft, event: RequestCame) -> Draft:
    """The answer is recorded, unless its caller still waits for somebody to talk with."""
    draft = draft.do(TellRelease(event.incident))
    return states.responded(draft, Responded(event.incident, event.by, event.how, "released"))


def how_far(engineer: str, incident: Incident, call: Call | None) -> str:
    """The key of the sentence that says how far a request has come."""
    if incident.request is None:
        return "no_request"
    if incident.request.progress is Progress.RECEIVED and lacks_proof(incident, engineer):
        return "needs_code"
    return f"is_{incident.request.progress}"
