"""What a caller is asked to choose with one key."""

from __future__ import annotations

from routing.call import Call, Remark, Stage
from routing.caller.signature_menus import question, samples, urgency_menu
from routing.incident import Incident
from routing.line import Line
from routing.schedule.wallclock import wall
from routing.speech import Act, GoOn, Hush, Menu, Next, Say, Spoken, say

SAID_ELSEWHERE = {
    Remark.NONE,
    Remark.WELCOME,
    Remark.REPEAT,
    Remark.SILENT,
    Remark.CALLED_AGAIN,
    Remark.RAISED,
}
PAUSES = (Remark.WRONG, Remark.ONE_MOMENT)
"""What is said with a pause that no key skips."""

SPOKEN_REMARKS = frozenset(Remark) - SAID_ELSEWHERE


def asked(call: Call, incident: Incident | None, line: Line) -> tuple[Spoken, ...]:
    """What is said in a menu of one key."""
    asks: tuple[Spoken, ...]
    match call.stage:
        case Stage.CONFIRM:
            asks = (confirmation(call, incident),)
        case Stage.LATER:
            asks = later(call, incident, line)
        case Stage.ENGINEER:
            asks = offered(call) or urgency_menu(line)
        case Stage.ABOUT:
            asks = about(call)
        case Stage.ENGAGED:
            asks = engaged(call)
        case Stage.VERDICT | Stage.DATABASES | Stage.STOPPED:
            asks = question(call)
        case _:
            asks = urgency_menu(line)
    return (*remarks(call, line), *asks)


def remarks(call: Call, line: Line) -> tuple[Spoken, ...]:
    """What must be said before the question."""
    if call.remark is Remark.WELCOME:
        return (say("welcome", line=line.name),)
    if call.remark in (Remark.NOTHING_WAITS, Remark.RUNG_ENOUGH):
        return (say("welcome", line=line.name), say(call.remark.value))
    if call.remark in PAUSES:
        return (say(call.remark.value), *((Hush(call.pause),) if call.pause else ()))
    return (say(call.remark.value),) if call.remark in SPOKEN_REMARKS else ()


def language_menu(call: Call, line: Line) -> tuple[Act, ...]:
    """Each language names itself, in its own words."""
    choices = tuple(
        say("choose_language", language, key=key) for key, language in enumerate(line.languages, 1)
    )
    return menu(call, (*remarks(call, line), *choices))


def offered(call: Call) -> tuple[Spoken, ...]:
    """What waits for an engineer, each beside its key: numbers and levels, and no names."""
    if call.stage is not Stage.ENGINEER:
        return ()
    offers = tuple(
        say("offer_own" if o.own else "offer_open", number=o.number, level=o.urgency, key=key)
        for key, o in enumerate(call.offers, start=1)
    )
    return (*offers, say("customers_menu"))


def about(call: Call) -> tuple[Spoken, ...]:
    """The incidents that the contract has open, each beside its key, and the key of a new one."""
    one = len(call.offers) == 1
    offers = tuple(
        say("about_this" if one else "about_one_of", number=o.number, level=o.urgency, key=key)
        for key, o in enumerate(call.offers, start=1)
    )
    return (*(() if one else (say("about_several"),)), *offers, say("about_new"))


def engaged(call: Call) -> tuple[Spoken, ...]:
    """A colleague is on the line about it: a message, something new, or level 1 where it is not."""
    about = call.offers[:1]
    keys = tuple(say("engaged_menu", number=offer.number) for offer in about)
    return (*keys, *(say("engaged_raise") for offer in about if offer.urgency > 1))


def menu(call: Call, spoken: tuple[Spoken, ...]) -> tuple[Act, ...]:
    """A menu of one key; silence asks the same address without a key."""
    then = Next("call.key", call.id, call.turn)
    return (Menu(spoken, then), GoOn(then))


def confirmation(call: Call, incident: Incident | None) -> Say:
    """Level 1 was chosen, or an incident of a lower level is to become one; an engineer is promised
    where one may be rung."""
    if incident is None:
        return say("confirm_message" if call.unrung else "confirm_level_1")
    return say("raise_message" if call.unrung else "raise_to_level_1", level=incident.urgency)


def later(call: Call, incident: Incident | None, line: Line) -> tuple[Spoken, ...]:
    """When it will be handled, and what to press if it can no longer wait."""
    number, level = (incident.number, incident.urgency) if incident else (0, call.urgency or 4)
    opened_before = incident is not None and incident.calls[:1] != (call.sid,)
    which = "again" if call.remark is Remark.CALLED_AGAIN or opened_before else "later"
    if call.handled_at is None:
        asked = which == "later" and incident is not None and incident.request is not None
        soon = f"{which}_soon_request" if asked else f"{which}_soon"
        when = say(soon, number=number, level=level)
    else:
        at = wall(call.handled_at, line.timezone)
        when = say(f"{which}_at", number=number, level=level, at=at)
    keys = "later_keys_message" if call.unrung else "later_keys"
    return (when, *samples(incident, line), say(keys))


def callback_noted(incident: Incident | None) -> Say:
    """What is said to a caller who is to be called back."""
    number, in_row = (incident.number, incident.urgency > 1) if incident else (0, False)
    return say("row_callback_noted" if in_row else "callback_noted", number=number)
