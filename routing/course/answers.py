"""What an engineer hears back by text, from how the incident stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.call import Call
from routing.course.calling import no_call
from routing.course.progress import how_far
from routing.course.states import why_not
from routing.course.verbs import Verb
from routing.events import Closed, Responded, WaitsForCustomer
from routing.incident import Incident, State, Ticking
from routing.line import Line
from routing.ports import Matter
from routing.proof import lacks_proof
from routing.schedule.escalation import name_of


@dataclass(frozen=True, slots=True)
class Answer:
    """The key of a sentence, and what fills it in."""

    words: str
    values: dict[str, str | int]


def answer(verb: Verb, engineer: str, after: Matter, line: Line) -> Answer:
    """One sentence: how the incident stands now, or why it does not stand as was wanted. The same
    text twice therefore gets the same answer."""
    incident = after.incident
    if incident is None:
        return Answer("no_incident", {})
    words = ANSWERS[verb](engineer, incident, after.call)
    by = incident.responded_by if words == "text_responded_by" else incident.acknowledged_by
    name = name_of(line, by) or by or ""
    return Answer(words, {"number": incident.number, "name": name})


def taken(engineer: str, incident: Incident, call: Call | None) -> str:
    """In whose name it is now."""
    if incident.state in (State.RESPONDED, State.CLOSED):
        return f"is_{incident.state}"
    if incident.state is State.OPEN:
        return "take_needs_code"
    if incident.acknowledged_by != engineer:
        return "taken"
    return "acknowledged_waits" if call is not None and call.holds else "acknowledged"


def responded(engineer: str, incident: Incident, call: Call | None) -> str:
    """Who has responded to it."""
    if incident.state is State.RESPONDED:
        theirs = incident.responded_by == engineer
        return "text_responded" if theirs else "text_responded_by"
    return why_not(incident, call, Responded) or "needs_code"


def waits(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether it waits for the customer, and the clock with it."""
    if incident.waiting_since is None:
        return why_not(incident, call, WaitsForCustomer) or "not_waiting"
    words = "text_waits" if incident.clock.doing is Ticking.PAUSED else "text_waits_plain"
    believed = incident.reached or not lacks_proof(incident, engineer)
    return words if believed else f"{words}_code"


def resumed(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it does not wait any more."""
    return "not_waiting" if incident.waiting_since is None else "text_waits_plain"


def closed(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it is closed, or why it is not."""
    if incident.state is State.CLOSED:
        return "text_closed"
    return why_not(incident, call, Closed) or "needs_code"


def calling(engineer: str, incident: Incident, call: Call | None) -> str:
    """That their telephone is rung, or why it is not."""
    return no_call(incident, engineer) or "rung_first"


def noted(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it was written down; and where nobody has it, that a note takes nothing."""
    return "text_noted_open" if incident.state is State.OPEN else "text_noted"


def nothing(engineer: str, incident: Incident, call: Call | None) -> str:
    """That there was nothing to read."""
    return "nothing_said"


ANSWERS: dict[Verb, Callable[[str, Incident, Call | None], str]] = {
    Verb.TAKE: taken,
    Verb.RESPOND: responded,
    Verb.WAIT: waits,
    Verb.RESUME: resumed,
    Verb.CLOSE: closed,
    Verb.CONFIRM: how_far,
    Verb.RELEASE: how_far,
    Verb.CALL: calling,
    Verb.NOTE: noted,
    Verb.NOTHING: nothing,
}
