"""The first words that an engineer hears: what kind of call it is."""

from __future__ import annotations

from routing.incident import Incident
from routing.request import Databases
from routing.speech import Spoken, say


def occasion(incident: Incident) -> tuple[Spoken, ...]:
    """What kind of call it is: a priority call, one for the desk, a request about recognition."""
    request = incident.request
    first = (say("whisper_begin"),) if incident.urgency == 1 else (say("whisper_desk"),)
    if request is None:
        return first
    old = (say("whisper_old_databases"),) if request.databases is Databases.OLD else ()
    said = (say(f"whisper_{request.verdict}"), *old)
    return (*first, *said) if incident.urgency == 1 else said
