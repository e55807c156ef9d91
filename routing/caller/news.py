"""What is true for a caller who waits: who is rung, who has the call, and the queue position.

Each sentence follows from the telephones that ring, as far as the carrier has said, and not from
how far the escalation should be. A telephone that the carrier was not yet asked to ring is no
news, nor is one at which somebody, or a mailbox, listens.
"""

from __future__ import annotations

import datetime as dt

from routing.call import Call, CallOutcome
from routing.escalation.queue_position import QueueEstimate
from routing.incident import DONE, EscalationPhase, Incident
from routing.line import LAST_RESORT
from routing.page import LegState, Page
from routing.voice_document import Say, say

AN_HOUR = dt.timedelta(hours=1)

WHO_HAS_IT = {
    LegState.CONNECTING: "taken_for_you",
    LegState.TALKING: "taken_for_you",
    LegState.CALLING: "engineer_calls",
}
"""The sentence while somebody has the call. In any other state, they decide what became of it."""

POSITIONS = ("row_first", "row_place")
ESTIMATES = ("row_wait", "row_wait_long")
PROGRESS = (
    "rings_first_one",
    "rings_first_many",
    "rings_next_one",
    "rings_next_many",
    "rings_on",
    "rings_your_engineer",
    "rings_last_resort",
    "last_resort_busy",
    "all_busy",
    "some_busy",
    "nobody_yet",
    "resting",
    "row_rings",
    "row_rings_specialist",
    "taken_for_you",
    "engineer_calls",
    "engineer_decides",
)
"""The sentences of which the last one said is still the news, until another is true."""


def is_in_desk_queue(incident: Incident | None) -> bool:
    """True while the incident waits for the desk."""
    return incident is not None and incident.escalation.phase is EscalationPhase.ROW


def say_who_has_it(winner: Page) -> Say:
    """The sentence for a caller whom somebody has taken. It names nobody."""
    return say(WHO_HAS_IT.get(winner.state, "engineer_decides"))


def say_progress(call: Call, incident: Incident, now: dt.datetime) -> Say | None:
    """What is being done for the caller. None while there is nothing that is certain."""
    legs = [leg for leg in incident.legs() if leg.state is not LegState.STOPPING]
    ringing = [leg for leg in legs if leg.state is LegState.RINGING]
    if is_in_desk_queue(incident):
        if not ringing:
            return None
        return say("row_rings_specialist" if incident.request else "row_rings")
    if ringing:
        return say_who_rings(call, incident, ringing)
    if legs:
        return None
    return say_pause(incident, now)


def say_who_rings(call: Call, incident: Incident, ringing: list[Page]) -> Say:
    """Whose telephones ring: the first people, others than before, or the same again."""
    people, escalation = {leg.engineer for leg in ringing}, incident.escalation
    if LAST_RESORT in people:
        return say("rings_last_resort")
    if len(people) == 1 and people.issubset(find_acquainted(call, incident)):
        return say("rings_your_engineer")
    others = {leg.engineer for leg in ringing if not leg.retried}
    at_once = {leg.engineer for leg in ringing if leg.at == escalation.pass_began}
    if people.issuperset(escalation.rung) or people == others & at_once:
        return _count("rings_first", len(people))
    if others:
        return _count("rings_next", len(others))
    return say("rings_on")


def find_acquainted(call: Call, incident: Incident) -> set[str | None]:
    """The people who know the report: who has it or had it, and who has talked with the caller."""
    known = {incident.acknowledged_by, incident.previous_engineer}
    if call.fate is CallOutcome.CONNECTED:
        known.add(call.answered_by)
    return known


def _count(prompt: str, people: int) -> Say:
    if people == 1:
        return say(f"{prompt}_one")
    return say(f"{prompt}_many", count=people)


def say_pause(incident: Incident, now: dt.datetime) -> Say | None:
    """Why no telephone rings: everybody is busy, or was tried."""
    escalation = incident.escalation
    resumes = escalation.resumes_at is not None and escalation.resumes_at > now
    match escalation.phase:
        case EscalationPhase.BREATH if resumes:
            return say("nobody_yet")
        case EscalationPhase.RESTING if resumes and escalation.resumes_at is not None:
            return say("resting", left=escalation.resumes_at - now)
        case EscalationPhase.STEPS | EscalationPhase.LAST_RESORT:
            return say_busy(incident, now)
    return None


def say_busy(incident: Incident, now: dt.datetime) -> Say | None:
    """Who is waited for, because other callers have them."""
    escalation = incident.escalation
    awaited = {one.engineer for one in escalation.candidates if one.wait_left(now)}
    if not awaited:
        return None
    if LAST_RESORT in awaited:
        return say("last_resort_busy")
    if len(awaited) > 1 and awaited.issuperset(escalation.rung):
        return say("all_busy")
    return say("some_busy")


def say_what_ended(call: Call, incident: Incident | None) -> tuple[Say, ...]:
    """What is over for a caller who stays on the line: the report, or a conversation about it."""
    if incident is not None and incident.state in DONE:
        return (say("report_done"),)
    if call.bridged:
        return (say("talk_ended"),)
    return ()


def is_less(sentence: str, before: str) -> bool:
    """True where the one of two sentences says less than the other: of several telephones that were
    rung at once, some ring no more."""
    return sentence.endswith("_one") and before == f"{sentence.removesuffix('_one')}_many"


def say_position(incident: Incident, estimate: QueueEstimate | None) -> tuple[Say, ...]:
    """The position in the desk queue and the estimated wait, while nobody is rung."""
    if not is_in_desk_queue(incident) or estimate is None or incident.legs():
        return ()
    position = say("row_place", place=estimate.number)
    if estimate.number == 1:
        position = say("row_first")
    if estimate.wait is None:
        return (position,)
    if estimate.wait > AN_HOUR:
        return (position, say("row_wait_long"))
    return (position, say("row_wait", wait=estimate.wait))


def say_few_left(incident: Incident | None) -> tuple[Say, ...]:
    """How many premium incidents are left, where they are few and this one is not counted yet."""
    if incident is None or incident.few_left is None or incident.counted is not None:
        return ()
    which = {0: "none", 1: "one"}.get(incident.few_left, "many")
    return (say(f"premium_left_{which}", left=incident.few_left),)
