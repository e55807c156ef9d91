"""What an engineer means by a text: a number takes, a number and a word says what became of it.

Words that the line does not know are a note, and take nothing: who texts "1042 kan ik niet" must
not end the ringing of everybody else. The answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from routing.course.verbs import WORDS, YES, Verb
from routing.events import (
    CallWanted,
    Closed,
    CustomerReplied,
    IncidentEvent,
    Noted,
    RequestCame,
    Responded,
    TextedBack,
    WaitsForCustomer,
)
from routing.incident import Incident, State
from routing.memo import How
from routing.request import Progress

_FIRST_NUMBER = re.compile(r"#?([0-9]{1,11})\b[\s:;,.–-]*", re.ASCII)
_WORD_THEN_NUMBER = re.compile(r"(\w+)[\s:,]+#?([0-9]{1,11})\b[\s:;,.–-]*")
_ANY_NUMBER = re.compile(r"\b[0-9]{1,11}\b", re.ASCII)
_LOOKED_AT = 160


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, understood: ``number`` is None where it names no incident."""

    verb: Verb
    number: int | None = None
    words: str = ""


def read(text: str) -> Reply:
    """What a text says, whatever incidents there are. Never raises."""
    said = text.strip()
    first = _FIRST_NUMBER.match(said)
    if first is not None:
        return _meant(int(first[1]), said[first.end() :].strip())
    turned = _WORD_THEN_NUMBER.match(said)
    if turned is not None and turned[1].casefold() in (*WORDS, *YES):
        return _meant(int(turned[2]), f"{turned[1]} {said[turned.end() :]}".strip())
    inside = _ANY_NUMBER.search(said[:_LOOKED_AT])
    if inside is None:
        return _meant(None, said)
    number = int(inside[0])
    rest = said[: inside.start()] + said[inside.end() :]
    return Reply(Verb.TAKE, number) if _only_yes(rest) else Reply(Verb.NOTE, number, said)


def named(reply: Reply, engineer: str, undone: Sequence[Incident]) -> Sequence[Incident]:
    """The incidents that a text without a number may be about: to take one, those that nobody has;
    for the rest the engineer's own, or else the only one that there is."""
    free = [incident for incident in undone if incident.state is State.OPEN]
    if reply.verb is Verb.TAKE:
        return free
    own = [incident for incident in undone if incident.acknowledged_by == engineer]
    return own or undone


def event_of(reply: Reply, incident: str, engineer: str, text_id: str) -> IncidentEvent:
    """What happens by this text; ``text_id`` is the carrier's, so that a note comes but once."""
    match reply.verb:
        case Verb.TAKE:
            return TextedBack(incident, engineer)
        case Verb.RESPOND:
            return Responded(incident, engineer, How.TEXT)
        case Verb.WAIT:
            return WaitsForCustomer(incident, engineer, How.TEXT, reply.words, text_id)
        case Verb.RESUME:
            return CustomerReplied(incident, engineer, How.TEXT)
        case Verb.CLOSE:
            return Closed(incident, engineer, How.TEXT)
        case Verb.CONFIRM:
            return RequestCame(incident, Progress.CONFIRMED, engineer, How.TEXT)
        case Verb.RELEASE:
            return RequestCame(incident, Progress.RELEASED, engineer, How.TEXT)
        case Verb.CALL:
            return CallWanted(incident, engineer)
        case Verb.NOTE:
            return Noted(incident, engineer, How.TEXT, reply.words, text_id)


def _meant(number: int | None, words: str) -> Reply:
    if _only_yes(words):
        return Reply(Verb.TAKE, number)
    first, _, rest = words.partition(" ")
    verb = WORDS.get(first.casefold().strip(".,:;!"))
    if verb is Verb.WAIT:
        return Reply(verb, number, rest.strip())
    if verb is not None and not rest.strip(" .!"):
        return Reply(verb, number)
    return Reply(Verb.NOTE, number, words)


def _only_yes(words: str) -> bool:
    return all(word in YES for word in re.findall(r"[^\s.,:;!#-]+", words.casefold()))
