"""How an engineer says something back: a sender name takes no reply, a number does."""

from __future__ import annotations

from routing.line import Line
from routing.message import Phrase
from routing.phone_numbers import takes_texts


def sender_of(line: Line) -> str:
    """The number or name that the texts of a line come from."""
    return line.texts_from or line.number


def takes_replies(line: Line) -> bool:
    """False where texts come from a name: a telephone sends no answer to a name."""
    return sender_of(line).startswith("+")


def hears_texts(line: Line) -> bool:
    """True where there is a number that an engineer can text."""
    return takes_replies(line) or takes_texts(line.number)


def numbers_for_texts(line: Line) -> tuple[str, ...]:
    """The numbers at which texts to the line count: the one that texts come from, and the one that
    rings, where it can take them."""
    sender = (sender_of(line),) if takes_replies(line) else ()
    rings = (line.number,) if takes_texts(line.number) else ()
    return tuple(dict.fromkeys((*sender, *rings)))


def to_accept(line: Line, number: int) -> Phrase:
    """What takes the incident of this number."""
    return _phrase(line, "reply", (("number", number),))


def when_done(line: Line, number: int, code: str | None) -> Phrase:
    """What says that the customer has an answer; at level 1 with the code of this engineer."""
    if code is None:
        return _phrase(line, "reply_done", (("number", number),))
    return _phrase(line, "reply_done_code", (("number", number), ("code", code)))


def to_confirm(line: Line, code: int) -> Phrase:
    """What confirms that somebody has come on duty."""
    return _phrase(line, "reply_ok", (("code", code),))


def _phrase(line: Line, words: str, values: tuple[tuple[str, str | int], ...]) -> Phrase:
    if takes_replies(line):
        return Phrase(words, values)
    way = "text" if takes_texts(line.number) else "call"
    return Phrase(f"{words}_{way}", (*values, ("to", line.number)))
