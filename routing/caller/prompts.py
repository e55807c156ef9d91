"""The documents for the caller: each follows from the case and the line alone.

The same question twice therefore gets the same answer, however often the carrier asks. Questions
of one key are in `menus.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from routing.call import CallOutcome, Preamble, Stage
from routing.caller import leaving, menus, signature_request
from routing.caller.questions import CallerView
from routing.contracts import coverage
from routing.contracts.plans import Door
from routing.escalation.queue_position import QueueEstimate
from routing.incident import EscalationPhase, Incident
from routing.line import LAST_RESORT
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

PAUSES = (Preamble.WRONG, Preamble.ONE_MOMENT)
"""The preambles with a pause that no key skips."""

PLAN_REMARKS = (Preamble.NO_PHONE, Preamble.PLAN_HOURS)
"""The preambles that name the caller's plan."""

SPOKEN_REMARKS = frozenset(Preamble) - {
    Preamble.NONE,
    Preamble.WELCOME,
    Preamble.REPEAT,
    Preamble.SILENT,
    Preamble.CALLED_AGAIN,
    Preamble.RAISED,
}
"""The preambles that are a sentence of their own. The others change a sentence that follows."""


def build_caller_document(view: CallerView) -> Document:
    """The next document for the caller."""
    build = DOCUMENTS.get(view.call.stage, ask_for_key)
    return Document(view.call.language, build(view), slow=view.call.slow)


def ask_for_key(view: CallerView) -> tuple[Act, ...]:
    """A menu of one key. Silence asks the same address without a key."""
    call = view.call
    then = Next("call.key", call.id, call.turn)
    spoken = (*say_preamble(view), *menus.MENUS[call.stage].say(view))
    return (Menu(spoken, then), Redirect(then))


def say_preamble(view: CallerView) -> tuple[Spoken, ...]:
    """The sentence that comes before the question."""
    call, line = view.call, view.line
    if call.remark is Preamble.WELCOME:
        return (say("welcome", line=line.name_in(call.language)),)
    if call.remark in (Preamble.NOTHING_WAITS, Preamble.RUNG_ENOUGH):
        return (say("welcome", line=line.name_in(call.language)), say(call.remark.value))
    if call.remark in PAUSES and call.pause:
        return (say(call.remark.value), Pause(call.pause))
    if call.remark in PLAN_REMARKS:
        return say_plan(view)
    if call.remark in SPOKEN_REMARKS:
        return (say(call.remark.value),)
    return ()


def say_plan(view: CallerView) -> tuple[Spoken, ...]:
    """What the caller's plan does not include."""
    plan = coverage.plan_of_caller(view.line, view.call)
    if plan is None:
        return ()
    name = plan.name(view.call.language)
    if view.call.remark is Preamble.PLAN_HOURS:
        return (say("plan_hours", plan=name),)
    ways = "_".join(door for door in (Door.PORTAL, Door.EMAIL) if plan.allows(door))
    if not ways:  # the file was changed during the call
        return ()
    return (say(f"plan_without_phone_{ways}", plan=name),)


def ask_contract(view: CallerView) -> tuple[Act, ...]:
    """Ask for the contract number."""
    return ask_digits(view, "ask_contract", Next("call.contract", view.call.id, view.call.turn))


def ask_pin(view: CallerView) -> tuple[Act, ...]:
    """Ask for the PIN."""
    return ask_digits(view, "ask_pin", Next("call.pin", view.call.id, view.call.turn))


def ask_digits(view: CallerView, prompt: str, then: Next) -> tuple[Act, ...]:
    """Ask for a number. The pause after a wrong PIN comes before the question: no key skips it."""
    before = say_preamble(view)
    if view.call.remark in PAUSES:
        return (*before, AskDigits((say(prompt),), then), Redirect(then))
    return (AskDigits((*before, say(prompt)), then), Redirect(then))


def ask_name(view: CallerView) -> tuple[Act, ...]:
    """Ask for a spoken name and company. The sentence says what comes after it."""
    then = Next("call.introduced", view.call.id, view.call.turn)
    asked = say("ask_name_message" if view.call.unrung else "ask_name")
    return (asked, Record(then, INTRODUCTION_SECONDS), Redirect(then))


def ask_message(view: CallerView) -> tuple[Act, ...]:
    """Ask for a message."""
    then = Next("call.message", view.call.id, view.call.turn)
    return (*say_message_prompt(view), Record(then, MESSAGE_SECONDS), Redirect(then))


def say_message_prompt(view: CallerView) -> tuple[Say, ...]:
    """The sentences that ask for a message, by what has become of the call so far."""
    call, incident = view.call, view.incident
    phase = EscalationPhase.QUIET
    if incident is not None:
        phase = incident.escalation.phase
        if call.remark is Preamble.RAISED:
            return (say("ask_message_raised", number=incident.number),)
        if signature_request.asks_about_file(call, incident):
            return signature_request.ask_about_file(call, incident, view.line)
    if call.told_later or phase is EscalationPhase.LATER:
        return (say("ask_message_later"),)
    if phase is EscalationPhase.ROW:
        return (say("ask_message_row"),)
    if call.parked_at is not None and phase is not EscalationPhase.QUIET:
        return (say("ask_message"),)
    return (say("ask_message_only"),)


def enqueue(view: CallerView) -> tuple[Act, ...]:
    """Put the caller into their own queue."""
    call = view.call
    wait, then = Next("call.wait", call.id, call.turn), Next("call.left", call.id, call.turn)
    spoken = say_preamble(view) or (say("in_row" if _in_desk_queue(view.incident) else "parked"),)
    return (*spoken, Enqueue(call.queue, wait, then))


def _in_desk_queue(incident: Incident | None) -> bool:
    return incident is not None and incident.escalation.phase is EscalationPhase.ROW


def ask_if_all(view: CallerView) -> tuple[Act, ...]:
    """Ask a caller who stays after a conversation whether this was all."""
    stayed = Next("call.stayed", view.call.id, view.call.turn)
    return (say("was_this_all"), Pause(STAY_SECONDS), Redirect(stayed))


def dial_last_resort(view: CallerView) -> tuple[Act, ...]:
    """Dial the last resort from this document, number after number with each attempt."""
    call, line = view.call, view.line
    whisper, then = Next("call.rescue", call.id), Next("call.rescued", call.id, call.turn)
    dial = Dial(leaving.find_rescue_number(call, line), line.number, then, RESCUE_SECONDS, whisper)
    return (say("rescue"), dial)


def note_callback(view: CallerView) -> tuple[Act, ...]:
    """Confirm the callback, and hang up."""
    return (say_callback(view.incident), HangUp())


def say_callback(incident: Incident | None) -> Say:
    """The sentence for a caller who is to be called back."""
    if incident is None:
        return say("callback_noted", number=0)
    if incident.urgency > 1:
        return say("row_callback_noted", number=incident.number)
    return say("callback_noted", number=incident.number)


def take_leave(view: CallerView) -> tuple[Act, ...]:
    """The last sentence."""
    return (*say_farewell(view), HangUp())


def say_farewell(view: CallerView) -> tuple[Say, ...]:
    """The last sentence, by how the call counts."""
    call, incident = view.call, view.incident
    if call.rings_back is not None:
        return (say("rings_you_back"),)
    if call.fate is CallOutcome.REJECTED:
        return (say("heard_nothing"),)
    number = 0
    if incident is not None:
        number = incident.number
    if call.fate is CallOutcome.MESSAGE:
        return (say("message_farewell", number=number),)
    if call.fate is not CallOutcome.REGISTERED or call.told_later:
        return (say("goodbye"),)
    level = call.urgency or 4
    registered = "registered"
    if call.remark is Preamble.CALLED_AGAIN:
        registered = "called_again"
    return (
        say(registered, number=number, level=level),
        *say_few_left(incident),
        say(f"level_{level}_later"),
    )


def hang_up(view: CallerView) -> tuple[Act, ...]:
    """The call is over."""
    return (HangUp(),)


DOCUMENTS: dict[Stage, Callable[[CallerView], tuple[Act, ...]]] = {
    Stage.CONTRACT: ask_contract,
    Stage.PIN: ask_pin,
    Stage.INTRODUCE: ask_name,
    Stage.MESSAGE: ask_message,
    Stage.WAITING: enqueue,
    Stage.BRIDGED: enqueue,
    Stage.RETURNING: ask_if_all,
    Stage.RESCUE: dial_last_resort,
    Stage.CALLBACK: note_callback,
    Stage.FAREWELL: take_leave,
    Stage.ENDED: hang_up,
}
"""The document of each stage that is not a menu."""


# The sentences for a caller who waits: how far the escalation is, the time waited, and the keys.


WORTH_SAYING = dt.timedelta(seconds=20)
AN_HOUR = dt.timedelta(hours=1)
TOO_LATE = dt.timedelta(seconds=15)
TOO_LATE_IN_QUEUE = dt.timedelta(minutes=1)
"""The delay that is too late in the desk queue: a hiccup should cost no caller the position."""

BUSY_WITH_IT = {
    LegState.CLOSING: "engineer_decides",
    LegState.DICTATING: "engineer_decides",
    LegState.CALLING: "engineer_calls",
}
SPOKEN_ONCE = (Preamble.NO_SUCH_KEY, Preamble.NO_NUMBER)


def build_hold_document(
    view: CallerView,
    now: dt.datetime,
    estimate: QueueEstimate | None = None,
    *,
    answered_key: bool = False,
) -> Document:
    """One turn of the hold document. The carrier asks again when it is over."""
    call, incident = view.call, view.incident
    acts: tuple[Act, ...]
    if incident is not None and call.stage in (Stage.WAITING, Stage.BRIDGED):
        said = say_news(incident, now, estimate)
        if answered_key and call.remark in SPOKEN_ONCE:
            said = (say(call.remark.value), *said)
        acts = hold(view, incident, now, said)
    elif call.stage is Stage.CALLBACK:
        acts = note_callback(view)
    elif call.stage is Stage.ENDED:
        acts = (HangUp(),)
    else:
        acts = (LeaveQueue(),)
    return Document(call.language, acts, slow=call.slow)


def is_unattended(incident: Incident, now: dt.datetime) -> bool:
    """True when a job of this incident is so late that the workers do not seem to act."""
    legs, escalation = incident.legs(), incident.escalation
    placing = [leg.put_off or leg.at for leg in legs if leg.state is LegState.PLACING]
    ringing = [leg.rings_until for leg in legs if leg.state is LegState.RINGING]
    due = [*placing, *(at for at in (*ringing, escalation.resumes_at) if at is not None)]
    busy = [c.until for c in escalation.candidates if c.until]
    if busy and not legs:
        due.append(max(busy))
    patience = TOO_LATE
    if _in_desk_queue(incident):
        patience = TOO_LATE_IN_QUEUE
    return incident.winner() is None and any(now - at > patience for at in due)


def hold(
    view: CallerView, incident: Incident, now: dt.datetime, said: tuple[Say, ...]
) -> tuple[Act, ...]:
    """News, the time waited, the keys, and music. A key stops any of it."""
    call, winner = view.call, incident.winner()
    if winner is not None:
        return (say(BUSY_WITH_IT.get(winner.state, "taken_for_you")), Music())
    waited = now - (call.parked_at or now)
    if waited >= WORTH_SAYING:
        said = (*said, say("waited", waited=waited))
    else:
        said = (*said, *say_few_left(incident))
    if incident.urgency > 1 and incident.request is not None:
        said = (*said, say("request_stays"))
    spoken = (*said, *menus.MENUS[Stage.WAITING].say(view), Music())
    return (Menu(spoken, Next("call.wait_key", call.id, call.turn), seconds=1),)


def say_few_left(incident: Incident | None) -> tuple[Say, ...]:
    """How many premium incidents are left, where they are few and this one is not counted yet."""
    if incident is None or incident.few_left is None or incident.counted is not None:
        return ()
    which = {0: "none", 1: "one"}.get(incident.few_left, "many")
    return (say(f"premium_left_{which}", left=incident.few_left),)


def say_news(
    incident: Incident, now: dt.datetime, estimate: QueueEstimate | None
) -> tuple[Say, ...]:
    """The progress: the people rung for a level 1, the queue position for the other levels."""
    if not _in_desk_queue(incident):
        return (say_escalation(incident, now),)
    if incident.legs():
        return (say("row_rings_specialist" if incident.request else "row_rings"),)
    if estimate is None:
        return ()
    position = say("row_place", place=estimate.number)
    if estimate.number == 1:
        position = say("row_first")
    if estimate.wait is None:
        return (position,)
    if estimate.wait > AN_HOUR:
        return (position, say("row_wait_long"))
    return (position, say("row_wait", wait=estimate.wait))


def say_escalation(incident: Incident, now: dt.datetime) -> Say:
    """An honest sentence on what is being done. It names nobody."""
    escalation = incident.escalation
    legs = [leg for leg in incident.legs() if leg.state is not LegState.STOPPING]
    people = {leg.engineer for leg in legs}
    if escalation.phase is EscalationPhase.LAST_RESORT:
        return say("rings_last_resort" if people or not escalation.missed else "last_resort_busy")
    if escalation.phase is EscalationPhase.RESTING:
        return say(
            "resting", left=max((escalation.resumes_at or now) - now, dt.timedelta(seconds=1))
        )
    if not people:
        busy = any(not one.startswith(LAST_RESORT) for one in escalation.missed)
        return say("all_busy" if busy else "nobody_yet")
    which = "rings_next"
    if any(leg.retried for leg in legs):
        which = "rings"  # a phone that is rung again is neither the first nor the next
    elif people.issuperset(escalation.rung):
        which = "rings_first"
    if len(people) == 1:
        return say(f"{which}_one")
    return say(f"{which}_many", count=len(people))
