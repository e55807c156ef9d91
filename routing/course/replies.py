"""What an engineer means by a text: a number takes, a number and a word says what became of it.

Words that the line does not know are a note, and take nothing: a text of "1042 kan ik niet" must
not end the ringing of everybody else. The answer says so. A number counts only where it names an
incident that its sender may take; any other number is one of the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.course.verbs import ADDS_NOTHING, HELP, START, STOP, WORDS, YES, CarrierWord, Verb
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
from routing.memo import How
from routing.request import Progress
from routing.typed import THUMBS, one_spelling, says_something

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
class Reply:
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


def read(text: str, codes: Codes) -> Reply:
    """What a text says to somebody who may take these incidents. Never raises."""
    said = one_spelling(text).strip("\"' ")
    if not says_something(said):
        return Reply(Verb.NOTHING)
    if _REACTION.match(said):
        liked = _first_known(said, codes)
        return Reply(Verb.NOTHING) if liked is None else Reply(Verb.TAKE, liked)
    for number, words in _commands(said):
        meant = _meant(number, words, codes)
        if meant is not None:
            return meant
    return _inside(said, codes)


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
            return CallWanted(incident, engineer, How.TEXT)
        case Verb.NOTE:
            return Noted(incident, engineer, How.TEXT, reply.words, text_id)
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


def _meant(number: int, words: str, codes: Codes) -> Reply | None:
    """What is said of a number in the place of an incident's; None where it is no command and the
    number is one of the words."""
    if number in codes:
        return _with_code(number, words, codes[number])
    theirs = _of_code(f"{number:04}", codes)
    command = _command(words, numbered=True)
    if theirs is not None and command is not None:
        return replace(command, number=theirs, code=f"{number:04}")
    return None if command is None else replace(command, number=number)


def _inside(said: str, codes: Codes) -> Reply:
    """A text without a command at its beginning."""
    found = list(_ANY_NUMBER.finditer(said[:_LOOKED_AT]))[:_NUMBERS]
    known = next((match for match in found if int(match[0]) in codes), None)
    named = known or (found[0] if len(found) == 1 else None)
    if named is not None:
        rest = said[: named.start()] + said[named.end() :]
        if _only_yes(rest, numbered=True):
            return Reply(Verb.TAKE, int(named[0]))
    if known is not None:
        return Reply(Verb.NOTE, int(known[0]), said)
    return _command(said, numbered=False) or Reply(Verb.NOTE, None, said)


def _with_code(number: int, words: str, code: str | None) -> Reply:
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


def _said(number: int, words: str) -> Reply:
    command = _command(words, numbered=True)
    return Reply(Verb.NOTE, number, words) if command is None else replace(command, number=number)


def _command(words: str, *, numbered: bool) -> Reply | None:
    """What these words want done; None when they are only words."""
    if _only_yes(words, numbered=numbered):
        return Reply(Verb.TAKE)
    first, _, rest = words.partition(" ")
    verb = WORDS.get(first.casefold().strip(".,:;!\"'"))
    if verb is Verb.WAIT:
        return Reply(verb, None, rest.strip())
    if verb is None or not _only_yes(rest, numbered=True):
        return None
    return Reply(verb)


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
