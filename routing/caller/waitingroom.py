"""What a waiting caller hears: where the hunt is, how long it has been, and which keys help."""

from __future__ import annotations

import datetime as dt

from routing.call import Call, Remark, Stage
from routing.caller.menus import callback_noted
from routing.incident import Hunting, Incident, LegState
from routing.line import LAST_RESORT
from routing.place import Prospect
from routing.speech import Act, Document, HangUp, Leave, Menu, Music, Next, Say, say

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
SPOKEN_ONCE = (Remark.NO_SUCH_KEY, Remark.NO_NUMBER)


def waiting_document(
    call: Call,
    incident: Incident,
    now: dt.datetime,
    prospect: Prospect | None = None,
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
            acts = (Leave(),)
    return Document(call.language, acts)


def unattended(incident: Incident, now: dt.datetime) -> bool:
    """True when what should have happened for this incident is so late that nobody seems to act."""
    legs, hunt = incident.legs(), incident.hunt
    placing = [leg.put_off or leg.at for leg in legs if leg.state is LegState.PLACING]
    ringing = [leg.rings_until for leg in legs if leg.state is LegState.RINGING]
    busy = [c.until for c in hunt.candidates if c.until]
    alone = [max(busy)] if busy and not legs else []
    due = [*placing, *(at for at in ringing if at), *filter(None, [hunt.resumes_at]), *alone]
    patience = A_MINUTE if hunt.doing is Hunting.ROW else TOO_LATE
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


def news_of(incident: Incident, now: dt.datetime, prospect: Prospect | None) -> tuple[Say, ...]:
    """What is being done: who is rung for a level 1, the place in the row for the others."""
    if incident.hunt.doing is not Hunting.ROW:
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
    if hunt.doing is Hunting.LAST_RESORT:
        return say("rings_last_resort" if rung or not hunt.missed else "last_resort_busy")
    if hunt.doing is Hunting.RESTING:
        return say("resting", left=max((hunt.resumes_at or now) - now, dt.timedelta(seconds=1)))
    if rung == 0:
        busy = [one for one in hunt.missed if not one.startswith(LAST_RESORT)]
        return say("all_busy" if busy else "nobody_yet")
    which = "rings_first" if people.issuperset(hunt.sought) else "rings_next"
    if any(leg.retried for leg in legs):
        which = "rings"  # who is rung again is neither the first nor the next
    return say(f"{which}_one") if rung == 1 else say(f"{which}_many", count=rung)
