"""The first words that an engineer hears: what kind of call it is, and who calls."""

from __future__ import annotations

from routing.call import Standing
from routing.incident import Incident
from routing.request import Databases
from routing.speech import Hear, Spoken, say

MARKS = {
    Standing.EXPIRED: "whisper_expired",
    Standing.NOT_BEGUN: "whisper_not_begun",
    Standing.STANDARD: "whisper_standard",
}


def occasion(incident: Incident) -> tuple[Spoken, ...]:
    """What kind of call it is: a priority call, one for the desk, a request about recognition."""
    request = incident.request
    first = (say("whisper_begin"),) if incident.urgency == 1 else (say("whisper_desk"),)
    if request is None:
        return first
    old = (say("whisper_old_databases"),) if request.databases is Databases.OLD else ()
    said = (say(f"whisper_{request.verdict}"), *old)
    return (*first, *said) if incident.urgency == 1 else said


def who_calls(incident: Incident) -> tuple[Spoken, ...]:
    """Company and contact once the PIN was right; else that it is unverified, and what was said."""
    if not incident.standing.verified:
        said = incident.introduction
        return (say("whisper_unverified"), *((Hear(said),) if said else ()))
    who = say("whisper_who", company=incident.customer or "", contact=incident.contact or "")
    mark = MARKS.get(incident.standing)
    return (who, say(mark)) if mark else (who,)
