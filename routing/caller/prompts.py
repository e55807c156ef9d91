"""What the caller hears: a document from where the call is, and from nothing else.

The same question twice therefore gets the same answer, however often the carrier asks.
"""

from __future__ import annotations

import datetime as dt
from typing import assert_never

from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller.last_resort import rescue_number
from routing.escalation.queue_position import QueueEstimate
from routing.incident import EscalationPhase, Incident
from routing.line import LAST_RESORT, Channel, Line
from routing.oncall.local_time import wall
from routing.page import LegState
from routing.voice_document import (
    Act,
    AskDigits,
    Dial,
    Document,
    Enqueue,
    HangUp,
    LeaveQueue,
    Menu,
    Music,
    Next,
    Pause,
    Record,
    Redirect,
    Say,
    Spoken,
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
        case (
            Stage.URGENCY
            | Stage.ENGINEER
            | Stage.CONFIRM
            | Stage.LATER
            | Stage.ABOUT
            | Stage.ENGAGED
            | Stage.VERDICT
            | Stage.DATABASES
            | Stage.STOPPED
        ):
            acts = menu(call, asked(call, incident, line))
        case Stage.INTRODUCE | Stage.MESSAGE:
            acts = record(call, incident, line)
        case Stage.WAITING | Stage.BRIDGED:
            acts = park(call, incident, line)
        case Stage.RETURNING:
            stayed = Next("call.stayed", call.id, call.turn)
            acts = (say("was_this_all"), Pause(STAY_SECONDS), Redirect(stayed))
        case Stage.RESCUE:
            acts = rescue(call, line)
        case Stage.CALLBACK | Stage.FAREWELL | Stage.ENDED:
            acts = (*farewell(call, incident), HangUp())
        case _:
            assert_never(call.stage)
    return Document(call.language, acts)


def ask_digits(call: Call, line: Line, prompt: str, then: Next) -> tuple[Act, ...]:
    """Ask for a number. The pause after a wrong PIN stands before the question: no key skips it."""
    before = remarks(call, line)
    if call.remark in PAUSES:
        return (*before, AskDigits((say(prompt),), then), Redirect(then))
    return (AskDigits((*before, say(prompt)), then), Redirect(then))


def record(call: Call, incident: Incident | None, line: Line) -> tuple[Act, ...]:
    """Ask for a spoken name and company, or for a message."""
    introduces = call.stage is Stage.INTRODUCE
    then = Next("call.introduced" if introduces else "call.message", call.id, call.turn)
    seconds = INTRODUCTION_SECONDS if introduces else MESSAGE_SECONDS
    asked = asks_name(call) if introduces else asks_message(call, incident)
    spoken: tuple[Say, ...] = (say(asked),)
    if incident is not None and call.remark is Preamble.RAISED:
        spoken = (say("ask_message_raised", number=incident.number),)
    elif incident is not None and asks_about_file(call, incident):
        spoken = asks_for_words(call, incident, line)
    return (*spoken, Record(then, seconds), Redirect(then))


def asks_name(call: Call) -> str:
    """The sentence that asks for a name, and says what comes after it."""
    return "ask_name_message" if call.unrung else "ask_name"


def asks_message(call: Call, incident: Incident | None) -> str:
    """The sentence that asks for a message, after what has become of the call so far."""
    doing = incident.hunt.doing if incident is not None else EscalationPhase.QUIET
    if call.told_later or doing is EscalationPhase.LATER:
        return "ask_message_later"
    if doing is EscalationPhase.ROW:
        return "ask_message_row"
    sought = call.parked_at is not None and doing is not EscalationPhase.QUIET
    return "ask_message" if sought else "ask_message_only"


def park(call: Call, incident: Incident | None, line: Line) -> tuple[Act, ...]:
    """Into the caller's own queue."""
    in_row = incident is not None and incident.hunt.doing is EscalationPhase.ROW
    wait, then = Next("call.wait", call.id, call.turn), Next("call.left", call.id, call.turn)
    spoken = remarks(call, line) or (say("in_row" if in_row else "parked"),)
    return (*spoken, Enqueue(call.queue, wait, then))


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
    if call.fate is CallOutcome.REGISTERED and not call.told_later:
        level = call.urgency or 4
        left = few_left(incident) if incident is not None else ()
        kept = "called_again" if call.remark is Preamble.CALLED_AGAIN else "registered"
        return (say(kept, number=number, level=level), *left, say(f"level_{level}_later"))
    if call.fate is CallOutcome.REJECTED:
        return (say("heard_nothing"),)
    if call.fate is CallOutcome.MESSAGE:
        return (say("message_farewell", number=number),)
    return (say("goodbye"),)


# What a caller is asked to choose with one key.


SAID_ELSEWHERE = {
    Preamble.NONE,
    Preamble.WELCOME,
    Preamble.REPEAT,
    Preamble.SILENT,
    Preamble.CALLED_AGAIN,
    Preamble.RAISED,
}
PAUSES = (Preamble.WRONG, Preamble.ONE_MOMENT)
"""What is said with a pause that no key skips."""

SPOKEN_REMARKS = frozenset(Preamble) - SAID_ELSEWHERE


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
    if call.remark is Preamble.WELCOME:
        return (say("welcome", line=line.name),)
    if call.remark in (Preamble.NOTHING_WAITS, Preamble.RUNG_ENOUGH):
        return (say("welcome", line=line.name), say(call.remark.value))
    if call.remark in PAUSES:
        return (say(call.remark.value), *((Pause(call.pause),) if call.pause else ()))
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
    return (Menu(spoken, then), Redirect(then))


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
    which = "again" if call.remark is Preamble.CALLED_AGAIN or opened_before else "later"
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


# What a waiting caller hears: where the hunt is, how long it has been, and which keys help.


WORTH_SAYING = dt.timedelta(seconds=20)
AN_HOUR = dt.timedelta(hours=1)
TOO_LATE = dt.timedelta(seconds=15)
A_MINUTE = dt.timedelta(minutes=1)
"""In the desk's row it takes so long to be too late: a hiccup should cost nobody the place."""

BUSY_WITH_IT = {
    LegState.CLOSING: "engineer_decides",
    LegState.DICTATING: "engineer_decides",
    LegState.CALLING: "engineer_calls",
}
SPOKEN_ONCE = (Preamble.NO_SUCH_KEY, Preamble.NO_NUMBER)


def waiting_document(
    call: Call,
    incident: Incident,
    now: dt.datetime,
    prospect: QueueEstimate | None = None,
    *,
    answered_key: bool = False,
) -> Document:
    """One turn of the waiting room; the carrier asks again when it is over."""
    acts: tuple[Act, ...]
    match call.stage:
        case Stage.WAITING | Stage.BRIDGED:
            remark = (say(call.remark.value),) if call.remark in SPOKEN_ONCE else ()
            said = (*(remark if answered_key else ()), *news_of(incident, now, prospect))
            acts = in_the_room(call, incident, now, said)
        case Stage.CALLBACK:
            acts = (callback_noted(incident), HangUp())
        case Stage.ENDED:
            acts = (HangUp(),)
        case _:
            acts = (LeaveQueue(),)
    return Document(call.language, acts)


def unattended(incident: Incident, now: dt.datetime) -> bool:
    """True when what should have happened for this incident is so late that nobody seems to act."""
    legs, hunt = incident.legs(), incident.hunt
    placing = [leg.put_off or leg.at for leg in legs if leg.state is LegState.PLACING]
    ringing = [leg.rings_until for leg in legs if leg.state is LegState.RINGING]
    busy = [c.until for c in hunt.candidates if c.until]
    alone = [max(busy)] if busy and not legs else []
    due = [*placing, *(at for at in ringing if at), *filter(None, [hunt.resumes_at]), *alone]
    patience = A_MINUTE if hunt.doing is EscalationPhase.ROW else TOO_LATE
    return incident.winner() is None and any(now - at > patience for at in due)


def in_the_room(
    call: Call, incident: Incident, now: dt.datetime, said: tuple[Say, ...]
) -> tuple[Act, ...]:
    """News, the time waited, the keys, and music; any of it stops at a key."""
    if (winner := incident.winner()) is not None:
        return (say(BUSY_WITH_IT.get(winner.state, "taken_for_you")), Music())
    waited = now - (call.parked_at or now)
    long = (say("waited", waited=waited),) if waited >= WORTH_SAYING else ()
    few = () if long else few_left(incident)
    row = incident.urgency > 1
    stays = (say("request_stays"),) if row and incident.request else ()
    keys = say("row_keys" if row else "waiting_keys")
    spoken = (*said, *long, *few, *stays, keys, Music())
    return (Menu(spoken, Next("call.wait_key", call.id, call.turn), seconds=1),)


def few_left(incident: Incident) -> tuple[Say, ...]:
    """How many premium incidents are left, where they are few and this one is not counted yet."""
    if incident.few_left is None or incident.counted is not None:
        return ()
    which = {0: "none", 1: "one"}.get(incident.few_left, "many")
    return (say(f"premium_left_{which}", left=incident.few_left),)


def news_of(
    incident: Incident, now: dt.datetime, prospect: QueueEstimate | None
) -> tuple[Say, ...]:
    """What is being done: who is rung for a level 1, the place in the row for the others."""
    if incident.hunt.doing is not EscalationPhase.ROW:
        return (news(incident, now),)
    if incident.legs():
        return (say("row_rings_specialist" if incident.request else "row_rings"),)
    if prospect is None:
        return ()
    first = prospect.number == 1
    place = say("row_first") if first else say("row_place", place=prospect.number)
    if prospect.wait is None:
        return (place,)
    long = prospect.wait > AN_HOUR
    return (place, say("row_wait_long") if long else say("row_wait", wait=prospect.wait))


def news(incident: Incident, now: dt.datetime) -> Say:
    """An honest sentence on what is being done; it never names anybody."""
    hunt = incident.hunt
    legs = [leg for leg in incident.legs() if leg.state is not LegState.STOPPING]
    people = {leg.engineer for leg in legs}
    rung = len(people)
    if hunt.doing is EscalationPhase.LAST_RESORT:
        return say("rings_last_resort" if rung or not hunt.missed else "last_resort_busy")
    if hunt.doing is EscalationPhase.RESTING:
        return say("resting", left=max((hunt.resumes_at or now) - now, dt.timedelta(seconds=1)))
    if rung == 0:
        busy = [one for one in hunt.missed if not one.startswith(LAST_RESORT)]
        return say("all_busy" if busy else "nobody_yet")
    which = "rings_first" if people.issuperset(hunt.sought) else "rings_next"
    if any(leg.retried for leg in legs):
        which = "rings"  # who is rung again is neither the first nor the next
    return say(f"{which}_one") if rung == 1 else say(f"{which}_many", count=rung)


# What is said to a caller with a request about virus recognition.


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
