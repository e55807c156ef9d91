"""What an engineer hears on a leg: who calls, which key takes it, and what became of the caller."""

from __future__ import annotations

import datetime as dt

from routing.call import Call, CallOutcome, DatabaseAge, Entitlement, Stage
from routing.decision import Case
from routing.drill import wakes
from routing.engineer.wrap_up import CALL_BACK_KEY, ask_note, closing_menu, given_up
from routing.escalation.queue_position import is_called_back_next
from routing.escalation.taking import is_taken_by_other
from routing.incident import Incident, IncidentState
from routing.line import Line
from routing.oncall.policy import name_of
from routing.page import LegState, Page, PageResult
from routing.voice_document import (
    Act,
    BridgeQueue,
    Dial,
    Document,
    HangUp,
    Menu,
    Next,
    Pause,
    Play,
    Redirect,
    Spoken,
    say,
)

CALLBACK_SECONDS = 40


def leg_document(leg: Page, matter: Case, line: Line, now: dt.datetime) -> Document:
    """What this leg hears next, from where leg, incident and call are."""
    incident, call = matter.incident, matter.call
    if incident is None:
        return Document(leg.language, (say("over"), HangUp()))
    return Document(leg.language, _acts(leg, incident, call, line, now))


def _acts(
    leg: Page, incident: Incident, call: Call | None, line: Line, now: dt.datetime
) -> tuple[Act, ...]:
    if is_taken_by_other(incident, leg) and not leg.won:
        if wakes(incident.line):
            return (say("drill_over"), HangUp())
        name = name_of(line, incident.acknowledged_by)
        return (say("taken_by", name=name) if name else say("taken"), HangUp())
    match leg.state:
        case LegState.LISTENING | LegState.RINGING | LegState.PLACING:
            return prompt(leg, incident, call, line, now)
        case LegState.CONNECTING | LegState.TALKING:
            return connect(leg, incident, call, line)
        case LegState.OFFERED:
            return offer(leg, incident, call)
        case LegState.CLOSING:
            return closing_menu(leg, incident, call)
        case LegState.DICTATING:
            return ask_note(leg)
        case LegState.CALLING:
            return calling(leg, incident, call, line)
    if leg.said is not None:
        return (say(leg.said.value, number=incident.number), HangUp())
    if leg.result is PageResult.NO_KEY:
        return (*not_taken(leg, incident, call), HangUp())
    return (say("passed_on" if leg.result is PageResult.DECLINED else "over"), HangUp())


def not_taken(leg: Page, incident: Incident, call: Call | None) -> tuple[Spoken, ...]:
    """No key took it, so the call is not over: the caller waits, or the incident stays open."""
    why = say("wrong_key" if leg.slips > 1 else "no_key_came")
    if call is not None and call.holds:
        return (why, say("not_connected"))
    left_open = incident.state is IncidentState.OPEN and not wakes(incident.line)
    return (why, say("still_open" if left_open else "goodbye"))


def prompt(
    leg: Page, incident: Incident, call: Call | None, line: Line, now: dt.datetime
) -> tuple[Act, ...]:
    """Who calls, at which level, for how long, and the keys; it is said again until a key comes."""
    then = Next("leg.key", leg.id, leg.turn)
    slip = (say("wrong_key"),) if leg.slips else ()
    brief = "whisper_brief" if incident.urgency == 1 else "whisper_brief_desk"
    who = (say(brief, line=line.name, level=incident.urgency),)
    spoken = who if line.whisper == "brief" else whisper(incident, call, now)
    keys = say("whisper_keys", take=leg.take_key, pass_on=leg.pass_key)
    return (Menu((*slip, *spoken, keys), then), Redirect(then))


def whisper(incident: Incident, call: Call | None, now: dt.datetime) -> tuple[Spoken, ...]:
    """The right words at three at night: priority call, who, which level, how long."""
    if wakes(incident.line):
        return (say("whisper_drill"),)
    spoken: tuple[Spoken, ...] = (*occasion(incident), *who_calls(incident))
    if incident.again is not None:
        spoken = (*spoken, say(f"whisper_{incident.again}", number=incident.number))
    level = say(f"whisper_level_{incident.urgency}")
    if call is not None and call.live:
        since = call.parked_at or call.started_at
        return (*spoken, level, say("whisper_waits", waited=now - since))
    wants = call is not None and call.outcome is CallOutcome.CALLBACK
    return (*spoken, level, say("whisper_wants_callback" if wants else "whisper_gone"))


def connect(leg: Page, incident: Incident, call: Call | None, line: Line) -> tuple[Act, ...]:
    """To the caller's queue; who speaks a message, or hears our first sentence, is waited for."""
    if call is None:
        return (say("over"), HangUp())
    meet = BridgeQueue(call.queue, Next("leg.met", leg.id), Next("leg.parted", leg.id, leg.turn))
    if call.stage in (Stage.MESSAGE, Stage.CONFIRM):
        return (say("caller_speaks"), Pause(3), meet)
    named = who_calls(incident) if line.whisper == "brief" and leg.rounds == 0 else ()
    wait = (Pause(3),) if leg.rounds else ()
    return (say("customer_is_back" if leg.back else "connecting"), *named, *wait, meet)


def calling(leg: Page, incident: Incident, call: Call | None, line: Line) -> tuple[Act, ...]:
    """The customer's number is dialled; who calls back at once first hears what was left."""
    unheard = (
        incident.message if is_called_back_next(incident, call) and leg.became is None else None
    )
    message = (say("message_follows"), Play(unheard)) if unheard else ()
    then = Next("leg.rang", leg.id, leg.turn)
    dial = Dial(incident.dialled or "", line.number, then, CALLBACK_SECONDS, star=True)
    return (*message, say("calling_customer"), dial)


def offer(leg: Page, incident: Incident, call: Call | None) -> tuple[Act, ...]:
    """What became of the caller, and one key that calls the customer."""
    became = "talk_over" if call is not None and call.bridged else "caller_gone"
    if call is not None and (call.outcome or call.fate) is CallOutcome.CALLBACK:
        became = "caller_wants_callback"
    message: tuple[Spoken, ...] = (
        (say("message_follows"), Play(incident.message))
        if (incident.message and became != "talk_over")
        else ()
    )
    if incident.dialled is None:
        ends = (say("number_not_dialled"), say("goodbye"))
        why = ends if incident.undialled else (say("no_number_to_call"),)
        return (say(became), *message, *why, HangUp())
    if given_up(leg):
        return (say("goodbye"), HangUp())
    then = Next("leg.key", leg.id, leg.turn)
    spoken = (say(became), *message, say("offer_callback", key=CALL_BACK_KEY))
    return (Menu(spoken, then), Redirect(then))


# The first words that an engineer hears: what kind of call it is, and who calls.


MARKS = {
    Entitlement.EXPIRED: "whisper_expired",
    Entitlement.NOT_BEGUN: "whisper_not_begun",
    Entitlement.STANDARD: "whisper_standard",
}


def occasion(incident: Incident) -> tuple[Spoken, ...]:
    """What kind of call it is: a priority call, one for the desk, a request about recognition."""
    request = incident.request
    first = (say("whisper_begin"),) if incident.urgency == 1 else (say("whisper_desk"),)
    if request is None:
        return first
    old = (say("whisper_old_databases"),) if request.databases is DatabaseAge.OLD else ()
    said = (say(f"whisper_{request.verdict}"), *old)
    return (*first, *said) if incident.urgency == 1 else said


def who_calls(incident: Incident) -> tuple[Spoken, ...]:
    """Company and contact once the PIN was right; else that it is unverified, and what was said."""
    if not incident.standing.verified:
        said = incident.introduction
        return (say("whisper_unverified"), *((Play(said),) if said else ()))
    who = say("whisper_who", company=incident.customer or "", contact=incident.contact or "")
    mark = MARKS.get(incident.standing)
    return (who, say(mark)) if mark else (who,)
