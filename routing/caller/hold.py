"""What a caller hears on hold: how far the escalation is, the time waited, the keys, and music."""

from __future__ import annotations

import datetime as dt

from routing.call import Preamble, Stage
from routing.caller import menus
from routing.caller.questions import CallerView
from routing.escalation.queue_position import QueueEstimate
from routing.incident import EscalationPhase, Incident
from routing.line import LAST_RESORT
from routing.page import LegState
from routing.voice_document import Act, Document, HangUp, LeaveQueue, Menu, Music, Next, Say, say

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
        acts = play_hold(view, incident, now, said)
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
    if is_in_desk_queue(incident):
        patience = TOO_LATE_IN_QUEUE
    return incident.winner() is None and any(now - at > patience for at in due)


def play_hold(
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
    if not is_in_desk_queue(incident):
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


def is_in_desk_queue(incident: Incident | None) -> bool:
    """True while the incident waits for the desk."""
    return incident is not None and incident.escalation.phase is EscalationPhase.ROW


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
