"""What is said to a caller with a request about virus recognition."""

from __future__ import annotations

from routing.call import Call, Stage
from routing.incident import Incident
from routing.line import Channel, Line
from routing.speech import Say, say

QUESTIONS = {
    Stage.VERDICT: "ask_verdict",
    Stage.DATABASES: "ask_databases",
    Stage.STOPPED: "ask_stopped",
}


def urgency_menu(line: Line) -> tuple[Say, ...]:
    """The levels, and beside them the request where the file names specialists."""
    request = (say("urgency_request"),) if line.signature_desk is not None else ()
    return (say("urgency_menu"), *request, say("urgency_again"))


def question(call: Call) -> tuple[Say, ...]:
    """One of the three questions."""
    return (say(QUESTIONS[call.stage]),)


def samples(incident: Incident | None, line: Line) -> tuple[Say, ...]:
    """Where the sample is to be sent, and how the customer reads it again."""
    request, desk = incident.request if incident else None, line.signature_desk
    if request is None or desk is None or desk.samples_to is None:
        return ()
    where = say("samples_to", address=desk.samples_to)
    if request.written is None:
        return (where,)
    return (where, say("samples_by_text" if request.written is Channel.SMS else "samples_by_mail"))


def asks_about_file(call: Call, incident: Incident) -> bool:
    """True for the caller who makes the request, until they wait for somebody."""
    ours = incident.request is not None and incident.call == call.id
    return ours and call.parked_at is None


def asks_for_words(call: Call, incident: Incident, line: Line) -> tuple[Say, ...]:
    """Asks for a message about the file, after the number of the request unless it was said."""
    if call.told_later:
        return (say("ask_message_request"),)
    number = say("request_registered", number=incident.number)
    return (number, *samples(incident, line), say("ask_message_request"))
