"""How engineers reply to texts: to the sender if it is a number, else to the line."""

from __future__ import annotations

from routing.line import Line
from routing.message import Phrase
from routing.phone_numbers import takes_texts


def find_sender(line: Line) -> str:
    """The number or name that the texts of a line come from."""
    return line.texts_from or line.number


def takes_replies(line: Line) -> bool:
    """False if texts come from a name, which a telephone cannot reply to."""
    return find_sender(line).startswith("+")


def can_receive_texts(line: Line) -> bool:
    """True if the line has a number that engineers can text."""
    return takes_replies(line) or takes_texts(line.number)


def list_text_numbers(line: Line) -> tuple[str, ...]:
    """The numbers where the line reads texts: the one that sends them, and the one that rings."""
    numbers = []
    if takes_replies(line):
        numbers.append(find_sender(line))
    if takes_texts(line.number):
        numbers.append(line.number)
    return tuple(dict.fromkeys(numbers))


def explain_accept(line: Line, number: int) -> Phrase:
    """How to take the incident of this number."""
    return _phrase(line, "reply", (("number", number),))


def explain_done(line: Line, number: int, code: str | None) -> Phrase:
    """How to report that the customer has an answer; at level 1 with the engineer's code."""
    if code is None:
        return _phrase(line, "reply_done", (("number", number),))
    return _phrase(line, "reply_done_code", (("number", number), ("code", code)))


def explain_confirm(line: Line, code: int) -> Phrase:
    """How to confirm a handover."""
    return _phrase(line, "reply_ok", (("code", code),))


def _phrase(line: Line, words: str, values: tuple[tuple[str, str | int], ...]) -> Phrase:
    if takes_replies(line):
        return Phrase(words, values)
    to = ("to", line.number)
    if takes_texts(line.number):
        return Phrase(f"{words}_text", (*values, to))
    return Phrase(f"{words}_call", (*values, to))
