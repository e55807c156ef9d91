"""A caller who waits: keys, messages, leaving the queue, coming back, and the end of the call."""

from __future__ import annotations

import datetime as dt

from routing import taking
from routing.call import Outcome, Remark, Stage
from routing.draft import Draft
from routing.errands import DropQueue, SettleCall
from routing.events import (
    CallChecked,
    CallEnded,
    Left,
    LeftQueue,
    MessageLeft,
    RescueOver,
    RescueTaken,
    StayedOn,
    Unattended,
    WaitingKey,
)
from routing.incident import LegState
from routing.line import LAST_RESORT
from routing.opening import SETTLE_CALL_AFTER, park
from routing.reception import ask
from routing.rescue import rescue_key

MESSAGE_KEY = "1"
CALLBACK_KEY = "2"
SETTLE_RETURN = dt.timedelta(seconds=20)


def waiting_key(draft: Draft, event: WaitingKey) -> Draft:
    """1 leaves a message and comes back, 2 is called back; the hunt goes on either way."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.WAITING:
        return draft
    draft = draft.with_call(pressed=True)
    if event.key == MESSAGE_KEY:
        return ask(draft.note("message", "wants to leave a message"), Stage.MESSAGE)
    if event.key != CALLBACK_KEY:
        return ask(draft, Stage.WAITING, Remark.NO_SUCH_KEY)
    if draft.the_incident.caller is None:
        draft = draft.note("no_callback", "we do not know a number to call back")
        return ask(draft, Stage.WAITING, Remark.NO_NUMBER)
    draft = draft.with_call(fate=Outcome.CALLBACK)
    return ask(draft.note("callback", "wants to be called back"), Stage.CALLBACK)


def message_left(draft: Draft, event: MessageLeft) -> Draft:
    """The message belongs to the incident; a caller who is being hunted for waits on."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.MESSAGE:
        return draft
    if event.recording is not None:
        draft = draft.with_incident(message=event.recording)
        draft = draft.with_call(message=event.recording, fate=Outcome.MESSAGE)
    what = "a message was left" if event.recording else "nothing was said"
    draft = draft.note("message_left", what)
    if call.parked_at is None:
        return ask(draft, Stage.FAREWELL, Remark.MESSAGE_KEPT if event.recording else Remark.NONE)
    remark = Remark.MESSAGE_KEPT if event.recording else Remark.NONE
    return ask(draft, Stage.WAITING, remark)


def left_queue(draft: Draft, event: LeftQueue) -> Draft:
    """The carrier says why the caller is out of the queue; some of it comes twice, or late."""
    call = draft.the_call
    if not call.live:
        return draft
    if event.how is Left.HUNG_UP:
        return call_ended(draft, CallEnded(call.id))
    if event.how is Left.BROKEN and call.stage is Stage.WAITING:
        return rescue(draft, "the carrier's queue failed")
    if event.how is not Left.BRIDGED or call.stage not in (Stage.WAITING, Stage.BRIDGED):
        return draft
    draft = draft.with_call(bridged=True, fate=Outcome.CONNECTED)
    draft = draft.note("other_side_left", "the other side hung up first: was this all?")
    return ask(draft, Stage.RETURNING).do(SettleCall(call.id), SETTLE_RETURN)


def unattended(draft: Draft, event: Unattended) -> Draft:
    """Our workers seem to be gone: the caller is connected without them."""
    if draft.the_call.stage is not Stage.WAITING or draft.the_incident.winner() is not None:
        return draft
    return rescue(draft, "due work is overdue: nobody would be rung")


def rescue(draft: Draft, why: str) -> Draft:
    """Dial the last resort straight from the caller's document."""
    return ask(draft.note("rescue", f"{why}; the last resort is dialled directly"), Stage.RESCUE)


def rescue_taken(draft: Draft, event: RescueTaken) -> Draft:
    """The last resort pressed a key: the right one takes the call."""
    call = draft.the_call
    if call.stage is not Stage.RESCUE or call.bridged or event.key != rescue_key(call):
        return draft
    return taking.take_directly(draft, LAST_RESORT)


def rescue_over(draft: Draft, event: RescueOver) -> Draft:
    """They have talked, or nobody pressed the key: then the caller waits as before."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RESCUE:
        return draft
    if call.bridged:
        return ask(draft, Stage.RETURNING).do(SettleCall(call.id), SETTLE_RETURN)
    return park(draft.note("rescue_over", "the last resort did not take it; waits on"))


def stayed_on(draft: Draft, event: StayedOn) -> Draft:
    """Still there after five seconds: waits again, and whoever had the call is rung first."""
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.RETURNING:
        return draft
    engineer = call.answered_by or LAST_RESORT
    for leg in draft.the_incident.legs():
        if leg.won:
            draft = draft.with_page(leg, state=LegState.ENDED)
    draft = park(draft.with_call(bridged=False))
    return taking.reopen(draft, engineer, "left the conversation, the caller stayed on")


def call_ended(draft: Draft, event: CallEnded) -> Draft:
    """The caller is gone; an incident that nobody took goes on being paged."""
    call, incident = draft.the_call, draft.incident
    if not call.live:
        return draft
    outcome = call.fate or (Outcome.CONNECTED if call.answered_by else Outcome.ABANDONED)
    if event.failed and outcome is Outcome.ABANDONED:
        outcome = Outcome.FAILED
    draft = draft.with_call(stage=Stage.ENDED, outcome=outcome, ended_at=draft.facts.now)
    draft = draft.note("ended", f"the call is over: {outcome}")
    if call.parked_at is not None:
        draft = draft.do(DropQueue(call.queue), dt.timedelta(seconds=2))
    if incident is not None and incident.acknowledged_by is None and call.urgency == 1:
        draft = draft.note("goes_on", "nobody took it yet: the incident goes on being paged")
    return draft


def call_checked(draft: Draft, event: CallChecked) -> Draft:
    """What the carrier said when asked after the caller; while the call lives it is asked again."""
    call = draft.the_call
    if not call.live:
        return draft
    if event.live:
        return draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)
    draft = draft.note("found_gone", "the carrier says that the call is over; its word was lost")
    return call_ended(draft, CallEnded(call.id))
