"""An engineer takes an incident: one wins, the two are joined, and what follows if they are not."""

from __future__ import annotations

from routing import premium
from routing.call import Outcome, Stage
from routing.draft import Draft
from routing.errands import EndMessage, SettleCall
from routing.events import LegMet, LegParted
from routing.hunting import hunt, tally
from routing.hunting.seek import seek
from routing.incident import Again, Became, Hunting, Incident, LegState, Page, Result, State
from routing.place import at_once
from routing.proof import prove
from routing.question import park

CONNECT_TRIES = 3
"""How often an engineer is sent to the queue of a caller who is said to be still there."""


def taken_by_other(incident: Incident, leg: Page) -> bool:
    """True when another leg's key won while this one listened."""
    winner = incident.winner()
    if winner is not None:
        return winner.id != leg.id
    if incident.state in (State.RESPONDED, State.CLOSED):
        return True
    over = incident.hunt.doing is Hunting.OVER
    return over and incident.acknowledged_by != leg.engineer


def take(draft: Draft, leg: Page) -> Draft:
    """The first key wins: the hunt ends, and the caller's queue or the caller's number is next."""
    call, now = draft.call, draft.facts.now
    state = LegState.CALLING if at_once(draft.the_incident, call) else LegState.OFFERED
    state = LegState.CONNECTING if call is not None and call.holds else state
    changed = {"state": state, "turn": leg.turn + 1, "rounds": 0, "slips": 0}
    draft = draft.with_page(leg, result=Result.ACCEPTED, **changed)
    draft = draft.with_incident(
        state=State.ACKNOWLEDGED, acknowledged_by=leg.engineer, acknowledged_at=now
    )
    spared = draft.the_incident.hunt.spared
    draft = draft.with_hunt(spared=spared if spared != leg.engineer else None)
    draft = draft.note("accepted", f"{leg.engineer} pressed the key first", leg.id)
    if call is not None and call.holds:
        if call.stage is Stage.RETURNING:
            draft = park(draft.with_call(bridged=False))
        draft = end_message(draft.with_call(answered_by=leg.engineer, answered_at=now))
    draft = prove(draft, leg.engineer)
    return hunt.end(premium.count(draft), but=leg)


def end_message(draft: Draft) -> Draft:
    """Whoever takes the call does not wait until the caller has finished speaking a message."""
    call = draft.the_call
    speaks = call.stage is Stage.MESSAGE and call.holds
    return draft.do(EndMessage(call.id, call.turn)) if speaks else draft


def met(draft: Draft, leg: Page, event: LegMet) -> Draft:
    """The carrier joins caller and engineer."""
    if leg.state is not LegState.CONNECTING or draft.call is None or not draft.call.live:
        return draft
    draft = draft.with_page(leg, state=LegState.TALKING)
    if draft.call is not None and draft.call.stage is Stage.RETURNING:
        return draft  # overtaken: they have parted already
    draft = draft.with_call(stage=Stage.BRIDGED, bridged=True, fate=Outcome.CONNECTED)
    draft = draft.with_incident(reached=True)
    return draft.note("bridged", "caller and engineer are connected", leg.id)


def parted(draft: Draft, leg: Page, event: LegParted) -> Draft:
    """Joining is over: they have talked, or the caller was not there to be joined."""
    if event.turn != leg.turn or not leg.won:
        return draft
    if leg.state is LegState.ENDED and event.bridged:
        return tally.count(draft, leg)
    if leg.state not in (LegState.CONNECTING, LegState.TALKING):
        return draft
    talked = event.bridged or leg.state is LegState.TALKING
    became = Became.TALKED if talked else leg.became
    state = LegState.CLOSING if became else LegState.OFFERED
    draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0, became=became)
    return after_talk(draft, leg) if talked else not_met(draft, leg)


def after_talk(draft: Draft, leg: Page) -> Draft:
    """They have talked; if nothing says that the caller has gone, the carrier is asked."""
    call = draft.call
    if call is not None and not call.bridged:
        draft = draft.with_call(bridged=True, fate=Outcome.CONNECTED)
        draft = tally.count(draft, leg)
    draft = draft.with_incident(reached=True).note("parted", "the conversation is over", leg.id)
    return draft.do(SettleCall(call.id)) if call is not None and call.live else draft


def not_met(draft: Draft, leg: Page) -> Draft:
    """Nobody was joined: the caller has gone, is speaking a message, or could not be reached."""
    call = draft.call
    if call is None or not call.live:
        draft = draft.note("caller_gone", "the caller hung up before being connected", leg.id)
        return draft if leg.became else tally.uncount(draft)
    speaking = call.stage in (Stage.MESSAGE, Stage.CONFIRM) or (
        call.stage is Stage.RESCUE and not call.bridged
    )
    if speaking or leg.rounds + 1 < CONNECT_TRIES:
        rounds = leg.rounds if speaking else leg.rounds + 1
        draft = draft.with_page(leg, state=LegState.CONNECTING, turn=leg.turn + 1, rounds=rounds)
        return draft.note("connecting", "the caller is still there: tried once more", leg.id)
    if not leg.became:
        draft = draft.with_call(answered_by=None, answered_at=None)
    draft = draft.note("not_reached", "the caller could not be reached in the queue", leg.id)
    return draft.do(SettleCall(call.id))


def talked_after_all(draft: Draft) -> Draft:
    """They were joined, although the word of it was lost and the hunt began anew."""
    incident, call = draft.the_incident, draft.the_call
    engineer = incident.hunt.first
    if call.answered_by is not None or incident.winner() is not None or engineer is None:
        return draft
    now = draft.facts.now
    draft = draft.with_call(answered_by=engineer, answered_at=now)
    draft = draft.with_incident(
        state=State.ACKNOWLEDGED, acknowledged_by=engineer, acknowledged_at=now, reached=True
    )
    draft = prove(draft, engineer)
    return hunt.end(draft.note("talked", f"{engineer} had talked with the caller after all"))


def anew(draft: Draft, again: Again | None, before: str | None) -> Draft:
    """Nobody has the incident any more."""
    return draft.with_hunt(spared=None).with_incident(
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        reached=False,
        responded_at=None,
        responded_by=None,
        closed_at=None,
        closed_by=None,
        again=again,
        before=before,
        proven=(),
    )


def reopen(draft: Draft, engineer: str, why: str) -> Draft:
    """The caller waits again: whoever had the call is rung first."""
    draft = anew(draft, None, None)
    if draft.the_call.fate is not Outcome.CONNECTED:
        draft = draft.with_call(answered_by=None, answered_at=None)
    return seek(draft.note("reopened", f"{engineer} {why}"), first=engineer)
