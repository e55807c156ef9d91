"""What the caller hears: a document from where the call is, and from nothing else.

The same question twice therefore gets the same answer, however often the carrier asks.
"""

from __future__ import annotations

from routing.call import Call, Outcome, Remark, Stage
from routing.caller.menus import PAUSES, asked, callback_noted, language_menu, menu, remarks
from routing.caller.rescue import rescue_number
from routing.caller.signature_menus import asks_about_file, asks_for_words
from routing.caller.waitingroom import few_left
from routing.incident import Hunting, Incident
from routing.line import Line
from routing.speech import (
    Act,
    AskDigits,
    Dial,
    Document,
    GoOn,
    HangUp,
    Hush,
    Next,
    Park,
    Record,
    Say,
    say,
)

INTRODUCTION_SECONDS = 15
MESSAGE_SECONDS = 180
STAY_SECONDS = 5
RESCUE_SECONDS = 25


def caller_document(call: Call, incident: Incident | None, line: Line) -> Document:
    """What the caller hears next."""
    acts: tuple[Act, ...]
    match call.stage:
        case Stage.LANGUAGE:
            acts = language_menu(call, line)
        case Stage.CONTRACT:
            acts = ask_digits(call, line, "ask_contract", Next("call.contract", call.id, call.turn))
        case Stage.PIN:
            acts = ask_digits(call, line, "ask_pin", Next("call.pin", call.id, call.turn))
        case Stage.URGENCY | Stage.ENGINEER | Stage.CONFIRM | Stage.LATER:
            acts = menu(call, asked(call, incident, line))
        case Stage.ABOUT | Stage.ENGAGED | Stage.VERDICT | Stage.DATABASES | Stage.STOPPED:
            acts = menu(call, asked(call, incident, line))
        case Stage.INTRODUCE | Stage.MESSAGE:
            acts = record(call, incident, line)
        case Stage.WAITING | Stage.BRIDGED:
            acts = park(call, incident, line)
        case Stage.RETURNING:
            stay = GoOn(Next("call.stayed", call.id, call.turn))
            acts = (say("was_this_all"), Hush(STAY_SECONDS), stay)
        case Stage.RESCUE:
            acts = rescue(call, line)
        case _:
            acts = (*farewell(call, incident), HangUp())
    return Document(call.language, acts)


def ask_digits(call: Call, line: Line, prompt: str, then: Next) -> tuple[Act, ...]:
    """Ask for a number. The pause after a wrong PIN stands before the question: no key skips it."""
    before = remarks(call, line)
    if call.remark in PAUSES:
        return (*before, AskDigits((say(prompt),), then), GoOn(then))
    return (AskDigits((*before, say(prompt)), then), GoOn(then))


def record(call: Call, incident: Incident | None, line: Line) -> tuple[Act, ...]:
    """Ask for a spoken name and company, or for a message."""
    introduces = call.stage is Stage.INTRODUCE
    then = Next("call.introduced" if introduces else "call.message", call.id, call.turn)
    seconds = INTRODUCTION_SECONDS if introduces else MESSAGE_SECONDS
    asked = asks_name(call) if introduces else asks_message(call, incident)
    spoken: tuple[Say, ...] = (say(asked),)
    if incident is not None and call.remark is Remark.RAISED:
        spoken = (say("ask_message_raised", number=incident.number),)
    elif incident is not None and asks_about_file(call, incident):
        spoken = asks_for_words(call, incident, line)
    return (*spoken, Record(then, seconds), GoOn(then))


def asks_name(call: Call) -> str:
    """The sentence that asks for a name, and says what comes after it."""
    return "ask_name_message" if call.unrung else "ask_name"


def asks_message(call: Call, incident: Incident | None) -> str:
    """The sentence that asks for a message, after what has become of the call so far."""
    doing = incident.hunt.doing if incident is not None else Hunting.QUIET
    if call.told_later or doing is Hunting.LATER:
        return "ask_message_later"
    if doing is Hunting.ROW:
        return "ask_message_row"
    sought = call.parked_at is not None and doing is not Hunting.QUIET
    return "ask_message" if sought else "ask_message_only"


def park(call: Call, incident: Incident | None, line: Line) -> tuple[Act, ...]:
    """Into the caller's own queue."""
    in_row = incident is not None and incident.hunt.doing is Hunting.ROW
    wait, then = Next("call.wait", call.id, call.turn), Next("call.left", call.id, call.turn)
    spoken = remarks(call, line) or (say("in_row" if in_row else "parked"),)
    return (*spoken, Park(call.queue, wait, then))


def rescue(call: Call, line: Line) -> tuple[Act, ...]:
    """Dial the last resort from this document, number after number with each attempt."""
    number = rescue_number(call, line)
    whisper, then = Next("call.rescue", call.id), Next("call.rescued", call.id, call.turn)
    return (say("rescue"), Dial(number, line.number, then, RESCUE_SECONDS, whisper))


def farewell(call: Call, incident: Incident | None) -> tuple[Act, ...]:
    """The last sentence."""
    number = incident.number if incident is not None else 0
    if call.stage is Stage.CALLBACK:
        return (callback_noted(incident),)
    if call.stage is Stage.ENDED:
        return ()
    if call.rings_back is not None:
        return (say("rings_you_back"),)
    if call.fate is Outcome.REGISTERED and not call.told_later:
        level = call.urgency or 4
        left = few_left(incident) if incident is not None else ()
        kept = "called_again" if call.remark is Remark.CALLED_AGAIN else "registered"
        return (say(kept, number=number, level=level), *left, say(f"level_{level}_later"))
    if call.fate is Outcome.REJECTED:
        return (say("heard_nothing"),)
    if call.fate is Outcome.MESSAGE:
        return (say("message_farewell", number=number),)
    return (say("goodbye"),)
