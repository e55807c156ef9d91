"""The ways that lead to a person: which of them work, and in which language the line writes."""

from __future__ import annotations

from enum import StrEnum

from routing.dialling import why_not_ordinary
from routing.draft import Facts
from routing.line import Channel, ContactRule, Engineer, Line
from routing.numbers import takes_texts, why_not_rung
from routing.page import Result

Way = tuple[Channel, str]
"""A channel, and the number or mail address at its end."""

LOST = (Result.FAILED, Result.UNDELIVERED)
"""Refused by the carrier (STOP is error 21610), or not delivered."""

UNDONE = (None, Result.CANCELED)
"""Under way, or never sent: neither says anything about the way."""


def rules_of(line: Line, engineer: Engineer) -> tuple[ContactRule, ...]:
    """By which ways this person is told and after how long: their own rules, or the line's."""
    ways = (Channel.SMS, Channel.EMAIL)
    channels = line.paging.channels
    return engineer.contact or tuple(ContactRule(by) for by in ways if by in channels)


class Unfit(StrEnum):
    """Why a valid number cannot be added by a person."""

    TAKEN = "taken"  # by somebody of the line
    LINE = "line"  # it would ring in a circle
    UNRUNG = "unrung"
    UNDIALLED = "undialled"  # not ordinary, or abroad: only the file may have it
    TEXTLESS = "textless"  # no code can be sent to it


def owner_of(line: Line, number: str) -> Engineer | None:
    """Whose telephone is rung at a number."""
    return next((engineer for engineer in line.engineers if number in engineer.phones), None)


def why_not_added(line: Line, number: str) -> Unfit | None:
    """Why a person cannot add a valid number to their own, or None when they can."""
    if owner_of(line, number) is not None:
        return Unfit.TAKEN
    if number == line.number:
        return Unfit.LINE
    if why_not_rung(number) is not None:
        return Unfit.UNRUNG
    if why_not_ordinary(line, number) is not None:
        return Unfit.UNDIALLED
    return None if takes_texts(number) else Unfit.TEXTLESS


def text_works(facts: Facts, engineer: Engineer) -> bool:
    """True when some phone takes texts, and there is no word that the last one there was lost."""
    return any(takes_texts(p) and not lost(facts, engineer.id, p) for p in engineer.phones)


def mail_works(facts: Facts, engineer: Engineer) -> bool:
    """True when there is an address, a server, and no word that the last mail was lost."""
    email = engineer.email
    return email is not None and facts.mail and not lost(facts, engineer.id, email)


def phone_for(facts: Facts, engineer: Engineer) -> str:
    """The first phone whose last text was not lost; when all were lost, the first once more."""
    phones = texted(engineer)
    return next((p for p in phones if not lost(facts, engineer.id, p)), phones[0])


def texted(engineer: Engineer) -> tuple[str, ...]:
    """The phones that take texts; where none does, the first is tried all the same."""
    return tuple(filter(takes_texts, engineer.phones)) or engineer.phones[:1]


def lost(facts: Facts, person: str, to: str) -> bool:
    """Whether the latest notice to this number or address that came to an end was lost."""
    ended = (p for _, p in facts.notices(person) if p.to == to and p.result not in UNDONE)
    last = next(ended, None)
    return last is not None and last.result in LOST
