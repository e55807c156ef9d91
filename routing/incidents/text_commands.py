"""What an engineer means by a text: a number takes, a number and a word says what became of it.

Words that the line does not know are a note, and take nothing: a text of "1042 kan ik niet" must
not end the ringing of everybody else. The answer says so. A number counts only where it names an
incident that its sender may take; any other number is one of the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.call import Call, RequestProgress
from routing.decision import Case
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
from routing.incident import ClockState, Incident, IncidentState
from routing.incidents.lifecycle import how_far, why_not
from routing.line import Line
from routing.message import Via
from routing.names import THUMBS, one_spelling, says_something
from routing.notify.text_codes import lacks_proof
from routing.oncall.policy import name_of

# What can be done with an incident by text, and the words that say so.


class Verb(StrEnum):
    """What is to be done with the incident."""

    TAKE = "take"
    RESPOND = "respond"
    WAIT = "wait"
    RESUME = "resume"
    CLOSE = "close"
    CONFIRM = "confirm"
    RELEASE = "release"
    CALL = "call"
    NOTE = "note"
    NOTHING = "nothing"  # a picture, a blank, a full stop


class CarrierWord(StrEnum):
    """What a word does that the carrier itself answers."""

    STOP = "stop"
    START = "start"
    HELP = "help"


STOP = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
START = frozenset(["start", "unstop"])
HELP = frozenset(["help", "info"])
"""Words that the carrier answers: STOP makes it drop our texts, START undoes that."""


WORDS = {
    "klaar": Verb.RESPOND,
    "beantwoord": Verb.RESPOND,
    "afgehandeld": Verb.RESPOND,
    "done": Verb.RESPOND,
    "responded": Verb.RESPOND,
    "wacht": Verb.WAIT,
    "wait": Verb.WAIT,
    "verder": Verb.RESUME,
    "resume": Verb.RESUME,
    "dicht": Verb.CLOSE,
    "sluit": Verb.CLOSE,
    "close": Verb.CLOSE,
    "closed": Verb.CLOSE,
    "bel": Verb.CALL,
    "call": Verb.CALL,
    "bevestigd": Verb.CONFIRM,
    "bevestig": Verb.CONFIRM,
    "confirm": Verb.CONFIRM,
    "confirmed": Verb.CONFIRM,
    "vrijgegeven": Verb.RELEASE,
    "vrij": Verb.RELEASE,
    "release": Verb.RELEASE,
    "released": Verb.RELEASE,
}

YES = frozenset(
    (
        *("ok", "oke", "oké", "okee", "okay", "k", "ja", "jawel", "jep", "yes", "yep", "yeah"),
        *("j", "y", "akkoord", "prima", "goed", "roger", "neem", "aan", "aannemen"),
        *("aangenomen", "accepteer", "geaccepteerd", "pak", "doe", "take", "taken", "took"),
        *("accept", "accepted", "ack", "acked", "acknowledge", "acknowledged", "got", "mine"),
    )
)
"""Words that take an incident, with its number or without."""

ADDS_NOTHING = frozenset(
    (
        *("ik", "hem", "het", "'m", "die", "dit", "op", "is", "wordt", "geregeld"),
        *("incident", "nummer", "nr", "number", "i", "i'll", "ill", "i've", "i'm", "it"),
        *("this", "that", "one", "have", "will", "on", "me"),
    )
)
"""Words that add nothing to a yes or to a number: "I'll take it 1042"."""


_GAP = r"[\s:;,.\-]*"
_FIRST_NUMBER = re.compile(rf"#?([0-9]{{1,10}})(?![0-9]){_GAP}")
_WORD_THEN_NUMBER = re.compile(rf"([^\W\d_]+)[\s:,]+#?([0-9]{{1,10}})(?![0-9]){_GAP}")
_ANY_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,10}(?![0-9])")
_REACTION = re.compile(rf'(?:liked|[{THUMBS}] (?:to|op|bij)) "', re.IGNORECASE)
_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_TOKEN = re.compile(rf'[{THUMBS}]|[^\s.,:;!#"{THUMBS}-]+')
_LOOKED_AT = 160
_NUMBERS = 8
"""So many numbers of a text are looked at."""

Codes = Mapping[int, str | None]
"""The incidents that the sender may take, by number, with the code that their texts carry."""


@dataclass(frozen=True, slots=True)
class TextCommand:
    """A text, understood: ``number`` is None where it names no incident, ``code`` what proves that
    its sender has read our text, or was meant to."""

    verb: Verb
    number: int | None = None
    words: str = ""
    code: str | None = None


def numbers_in(text: str) -> list[int]:
    """The first numbers of a text, any of which may name an incident."""
    found = _ANY_NUMBER.findall(one_spelling(text)[:_LOOKED_AT])
    return list(dict.fromkeys(int(number) for number in found))[:_NUMBERS]


def carrier_word(text: str) -> CarrierWord | None:
    """A word that the carrier itself answers, such as STOP; nobody else does anything about it."""
    word = one_spelling(text).strip(" .,!\"'").casefold()
    return next((kind for kind, words in _CARRIER_WORDS if word in words), None)


def read(text: str, codes: Codes) -> TextCommand:
    """What a text says to somebody who may take these incidents. Never raises."""
    said = one_spelling(text).strip("\"' ")
    if not says_something(said):
        return TextCommand(Verb.NOTHING)
    if _REACTION.match(said):
        liked = _first_known(said, codes)
        return TextCommand(Verb.NOTHING) if liked is None else TextCommand(Verb.TAKE, liked)
    for number, words in _commands(said):
        meant = _meant(number, words, codes)
        if meant is not None:
            return meant
    return _inside(said, codes)


def event_of(reply: TextCommand, incident: str, engineer: str, text_id: str) -> IncidentEvent:
    """What happens by this text; ``text_id`` is the carrier's, so that a note comes but once."""
    match reply.verb:
        case Verb.TAKE:
            return TextedBack(incident, engineer)
        case Verb.RESPOND:
            return Responded(incident, engineer, Via.TEXT)
        case Verb.WAIT:
            return WaitsForCustomer(incident, engineer, Via.TEXT, reply.words, text_id)
        case Verb.RESUME:
            return CustomerReplied(incident, engineer, Via.TEXT)
        case Verb.CLOSE:
            return Closed(incident, engineer, Via.TEXT)
        case Verb.CONFIRM:
            return RequestCame(incident, RequestProgress.CONFIRMED, engineer, Via.TEXT)
        case Verb.RELEASE:
            return RequestCame(incident, RequestProgress.RELEASED, engineer, Via.TEXT)
        case Verb.CALL:
            return CallWanted(incident, engineer, Via.TEXT)
        case Verb.NOTE:
            return Noted(incident, engineer, Via.TEXT, reply.words, text_id)
        case Verb.NOTHING:
            raise ValueError("a text without words makes nothing happen")


_CARRIER_WORDS = ((CarrierWord.STOP, STOP), (CarrierWord.START, START), (CarrierWord.HELP, HELP))


def _commands(said: str) -> list[tuple[int, str]]:
    """The number that stands first, or after a word of a command, and the words beside it."""
    first = _FIRST_NUMBER.match(said)
    if first is not None:
        return [(int(first[1]), said[first.end() :].strip())]
    turned = _WORD_THEN_NUMBER.match(said)
    if turned is not None and turned[1].casefold() in (*WORDS, *YES, *ADDS_NOTHING):
        return [(int(turned[2]), f"{turned[1]} {said[turned.end() :]}".strip())]
    return []


def _meant(number: int, words: str, codes: Codes) -> TextCommand | None:
    """What is said of a number in the place of an incident's; None where it is no command and the
    number is one of the words."""
    if number in codes:
        return _with_code(number, words, codes[number])
    theirs = _of_code(f"{number:04}", codes)
    command = _command(words, numbered=True)
    if theirs is not None and command is not None:
        return replace(command, number=theirs, code=f"{number:04}")
    return None if command is None else replace(command, number=number)


def _inside(said: str, codes: Codes) -> TextCommand:
    """A text without a command at its beginning."""
    found = list(_ANY_NUMBER.finditer(said[:_LOOKED_AT]))[:_NUMBERS]
    known = next((match for match in found if int(match[0]) in codes), None)
    named = known or (found[0] if len(found) == 1 else None)
    if named is not None:
        rest = said[: named.start()] + said[named.end() :]
        if _only_yes(rest, numbered=True):
            return TextCommand(Verb.TAKE, int(named[0]))
    if known is not None:
        return TextCommand(Verb.NOTE, int(known[0]), said)
    return _command(said, numbered=False) or TextCommand(Verb.NOTE, None, said)


def _with_code(number: int, words: str, code: str | None) -> TextCommand:
    """A text about an incident that the sender may take; a code in it is no part of the words."""
    given = [found for found in _CODE.finditer(words) if found[0] == code]
    if given:
        words = f"{words[: given[0].start()]} {words[given[0].end() :]}"
        return replace(_said(number, " ".join(words.split())), code=code)
    lone = _CODE.findall(words)
    bare = _command(" ".join(_CODE.sub(" ", words).split()), numbered=True)
    if len(lone) == 1 and bare is not None and bare.verb is not Verb.WAIT:
        return replace(bare, number=number, code=lone[0])
    return _said(number, words)


def _said(number: int, words: str) -> TextCommand:
    command = _command(words, numbered=True)
    return (
        TextCommand(Verb.NOTE, number, words)
        if command is None
        else replace(command, number=number)
    )


def _command(words: str, *, numbered: bool) -> TextCommand | None:
    """What these words want done; None when they are only words."""
    if _only_yes(words, numbered=numbered):
        return TextCommand(Verb.TAKE)
    first, _, rest = words.partition(" ")
    verb = WORDS.get(first.casefold().strip(".,:;!\"'"))
    if verb is Verb.WAIT:
        return TextCommand(verb, None, rest.strip())
    if verb is None or not _only_yes(rest, numbered=True):
        return None
    return TextCommand(verb)


def _only_yes(words: str, *, numbered: bool) -> bool:
    """True when the words say yes; beside a number nothing need be said."""
    said = _TOKEN.findall(words.casefold())
    yes = [word in YES or word in THUMBS for word in said]
    harmless = all(here or word in ADDS_NOTHING for here, word in zip(yes, said, strict=True))
    return harmless and (numbered or any(yes))


def _first_known(said: str, codes: Codes) -> int | None:
    return next((number for number in numbers_in(said) if number in codes), None)


def _of_code(code: str, codes: Codes) -> int | None:
    return next((number for number, kept in codes.items() if kept == code), None)


# What an engineer hears back by text, from how the incident stands afterwards.


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The key of a sentence, and what fills it in."""

    words: str
    values: dict[str, str | int]


def answer(verb: Verb, engineer: str, after: Case, line: Line) -> CommandAnswer:
    """One sentence: how the incident stands now, or why it does not stand as was wanted. The same
    text twice therefore gets the same answer."""
    incident = after.incident
    if incident is None:
        return CommandAnswer("no_incident", {})
    words = ANSWERS[verb](engineer, incident, after.call)
    by = incident.responded_by if words == "text_responded_by" else incident.acknowledged_by
    name = name_of(line, by) or by or ""
    return CommandAnswer(words, {"number": incident.number, "name": name})


def taken(engineer: str, incident: Incident, call: Call | None) -> str:
    """In whose name it is now."""
    if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
        return f"is_{incident.state}"
    if incident.state is IncidentState.OPEN:
        return "take_needs_code"
    if incident.acknowledged_by != engineer:
        return "taken"
    return "acknowledged_waits" if call is not None and call.holds else "acknowledged"


def responded(engineer: str, incident: Incident, call: Call | None) -> str:
    """Who has responded to it."""
    if incident.state is IncidentState.RESPONDED:
        theirs = incident.responded_by == engineer
        return "text_responded" if theirs else "text_responded_by"
    return why_not(incident, call, Responded) or "needs_code"


def waits(engineer: str, incident: Incident, call: Call | None) -> str:
    """Whether it waits for the customer, and the clock with it."""
    if incident.waiting_since is None:
        return why_not(incident, call, WaitsForCustomer) or "not_waiting"
    words = "text_waits" if incident.clock.doing is ClockState.PAUSED else "text_waits_plain"
    believed = incident.reached or not lacks_proof(incident, engineer)
    return words if believed else f"{words}_code"


def resumed(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it does not wait any more."""
    return "not_waiting" if incident.waiting_since is None else "text_waits_plain"


def closed(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it is closed, or why it is not."""
    if incident.state is IncidentState.CLOSED:
        return "text_closed"
    return why_not(incident, call, Closed) or "needs_code"


def calling(engineer: str, incident: Incident, call: Call | None) -> str:
    """That their telephone is rung, or why it is not."""
    return no_call(incident, engineer) or "rung_first"


def noted(engineer: str, incident: Incident, call: Call | None) -> str:
    """That it was written down; and where nobody has it, that a note takes nothing."""
    return "text_noted_open" if incident.state is IncidentState.OPEN else "text_noted"


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


# Whoever has an incident may have the line ring them, and then call the customer.


def no_call(incident: Incident, engineer: str) -> str | None:
    """The key of the sentence that says why this engineer cannot call the customer through the
    line now; None when they can."""
    if incident.state is not IncidentState.ACKNOWLEDGED or incident.acknowledged_by != engineer:
        return "not_in_your_name"
    if others_talk(incident, engineer):
        return "on_the_telephone"
    return "no_number_to_call" if incident.dialled is None else None


def others_talk(incident: Incident, engineer: str) -> bool:
    """True while somebody else, whose key took it, is on the telephone about it."""
    return any(leg.won and leg.engineer != engineer for leg in incident.legs())
