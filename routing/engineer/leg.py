"""An engineer's leg: placed, ringing, listening, and how it ends."""

from __future__ import annotations

import datetime as dt

from routing.draft import DecisionDraft
from routing.drill import wakes
from routing.engineer import wrap_up
from routing.escalation import steps, taking
from routing.escalation.ringing import SETTLE_AFTER, record_pass, start_ring_time
from routing.events import (
    Heard,
    LegChecked,
    LegHeard,
    LegKeyed,
    LegListens,
    LegRefused,
    RangLongEnough,
)
from routing.jobs import Freed, RingOver, SettleCall, SettleLeg, Silence
from routing.journal import JournalEvent
from routing.page import LegState, Page, PageResult, WrapUpChoice

RESULTS = {
    Heard.BUSY: PageResult.BUSY,
    Heard.NO_ANSWER: PageResult.NO_ANSWER,
    Heard.FAILED: PageResult.FAILED,
    Heard.CANCELED: PageResult.NO_ANSWER,
}
UNREACHED = (PageResult.BUSY, PageResult.NO_ANSWER, PageResult.FAILED)
"""The results for which the carrier may give a reason."""

WAITING_FOR_ANSWER = (LegState.PLACING, LegState.RINGING)


def refused(draft: DecisionDraft, leg: Page, event: LegRefused) -> DecisionDraft:
    """The carrier refuses to ring this number. The escalation goes on with the other numbers."""
    if leg.sid is not None:
        return draft  # an earlier request was heard after all
    draft = draft.note(
        JournalEvent.REFUSED, f"the carrier will not ring this number: {event.why}", leg.id
    )
    draft = draft.with_page(leg, reason=f"the carrier refuses: {event.why}")
    return ended(draft, draft.the_incident.page(leg.id) or leg, PageResult.FAILED)


def heard(draft: DecisionDraft, leg: Page, event: LegHeard) -> DecisionDraft:
    """Handle a status of the leg. A status older than the stored state changes nothing."""
    if event.sid and leg.sid and event.sid != leg.sid:
        return draft
    draft = draft.with_page(leg, sid=leg.sid or event.sid)
    leg = draft.the_incident.page(leg.id) or leg
    if event.heard is Heard.RINGING:
        return start_ring_time(draft, leg.id) if leg.state is LegState.PLACING else draft
    if event.heard is Heard.ANSWERED:
        return draft  # the leg asks for its document by itself
    return ended(draft, leg, leg.result or result_of(leg, event.heard), event.why)


def result_of(leg: Page, heard: Heard) -> PageResult:
    """What it means that the carrier ended a leg; an answered one that asked for nothing broke."""
    if heard is not Heard.COMPLETED:
        return RESULTS[heard]
    if leg.state is LegState.STOPPING:
        return PageResult.NO_ANSWER
    return PageResult.FAILED if leg.state in WAITING_FOR_ANSWER else PageResult.NO_KEY


def checked(draft: DecisionDraft, leg: Page, event: LegChecked) -> DecisionDraft:
    """Handle the carrier's answer about the leg. A live leg is checked again later."""
    if event.heard is not None:
        draft = heard(draft, leg, LegHeard(leg.id, event.heard))
    now = draft.the_incident.page(leg.id)
    return draft.do(SettleLeg(leg.id), SETTLE_AFTER) if now is not None and now.live else draft


def listens(draft: DecisionDraft, leg: Page, event: LegListens) -> DecisionDraft:
    """The leg is answered. The engineer hears who calls, or that another engineer took it."""
    draft = draft.with_page(leg, sid=leg.sid or event.sid)
    leg = draft.the_incident.page(leg.id) or leg
    revived = leg.state is LegState.STOPPING and leg.result is None
    if leg.state not in WAITING_FOR_ANSWER and not revived:
        return draft
    draft = draft.with_page(leg, state=LegState.LISTENING, turn=1)
    return draft.note(
        JournalEvent.LISTENING, "answered; hears who calls and is asked for a key", leg.id
    )


def ended(
    draft: DecisionDraft, leg: Page, result: PageResult, why: str | None = None
) -> DecisionDraft:
    """End the leg: go on with the next phone or step, or restart when a caller still waits."""
    if leg.state is LegState.ENDED:
        return draft
    why = why if result in UNREACHED else None
    draft = draft.with_page(leg, state=LegState.ENDED, result=result, reason=why or leg.reason)
    said = f"{leg.engineer}: {result}, {why}" if why else f"{leg.engineer}: {result}"
    draft = draft.note(JournalEvent.LEG_ENDED, said, leg.id)
    draft = draft.do(Freed(draft.the_incident.line, leg.holds))
    if leg.won:
        return after_the_winner(draft, leg)
    return steps.advance(draft)


def after_the_winner(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Whoever had the caller has gone; a caller who was never reached is hunted for again."""
    call = draft.call
    if call is None or not call.live:
        unmet = leg.state is LegState.CONNECTING and leg.became is None
        return taking.uncount_connected(draft) if unmet else draft
    if call.holds and not call.bridged:
        return taking.reopen_for_caller(
            draft, leg.engineer, "hung up before the caller was reached"
        )
    return draft.do(SettleCall(call.id), dt.timedelta(seconds=15))


def rang_long_enough(draft: DecisionDraft, leg: Page, event: RangLongEnough) -> DecisionDraft:
    """End the ring after its time. An answered leg is not cut, but the step goes on without it."""
    if leg.rings_until is None or not leg.live:
        return draft
    if left := leg.ring_left(draft.facts.now):
        return draft.do(RingOver(leg.id), left)
    if leg.state in WAITING_FOR_ANSWER:
        draft = draft.with_page(leg, state=LegState.STOPPING).do(Silence(leg.id))
        draft = draft.note(
            JournalEvent.RANG_OUT,
            f"{leg.engineer} was rung for {leg.ring_for.total_seconds():g} s",
            leg.id,
        )
    return steps.advance(draft)


# A listening engineer has two keys: one takes the call, the other passes it on.


ROUNDS = 3
"""How often the prompt is repeated after silence."""


def keyed(draft: DecisionDraft, leg: Page, event: LegKeyed) -> DecisionDraft:
    """The key that was asked for takes the call, another passes it on; one slip is forgiven."""
    if event.turn != leg.turn or (event.sid and leg.sid and event.sid != leg.sid):
        return draft
    if leg.state is LegState.OFFERED:
        return wrap_up.offered_key(draft, leg, event.key)
    if leg.state is LegState.CLOSING:
        return wrap_up.closing_key(draft, leg, event.key)
    if leg.state is not LegState.LISTENING or taking.is_taken_by_other(draft.the_incident, leg):
        return draft
    if wakes(draft.the_incident.line) and event.key in (leg.take_key, leg.pass_key):
        return practised(draft, leg, event.key)
    if event.key == leg.take_key:
        return taking.take(draft, leg)
    if event.key == leg.pass_key:
        draft = record_pass(
            draft.note(JournalEvent.PASSED, f"{leg.engineer} passes it on", leg.id), leg.engineer
        )
        draft = taking.pass_back(draft, leg)
        return ended(draft, draft.the_incident.page(leg.id) or leg, PageResult.DECLINED)
    return missed_key(draft, leg, pressed=event.key is not None)


def practised(draft: DecisionDraft, leg: Page, key: str) -> DecisionDraft:
    """In a drill either key is an answer. The others are rung too."""
    result = PageResult.ACCEPTED if key == leg.take_key else PageResult.DECLINED
    after = (draft.facts.now - leg.at).total_seconds()
    draft = draft.note(
        JournalEvent.PRACTISED, f"{leg.engineer} answered the drill after {after:.0f} s", leg.id
    )
    draft = draft.with_page(leg, result=result)
    leg = draft.the_incident.page(leg.id) or leg
    return steps.advance(
        record_pass(wrap_up.leave(draft, leg, WrapUpChoice.PRACTISED), leg.engineer)
    )


def missed_key(draft: DecisionDraft, leg: Page, *, pressed: bool) -> DecisionDraft:
    """A wrong key is forgiven once, silence is answered by saying it again; then we hang up."""
    slips, rounds = leg.slips + pressed, leg.rounds + (not pressed)
    if slips > 1 or rounds >= ROUNDS:
        why = "a second wrong key" if slips > 1 else "no key: a mailbox takes nothing"
        draft = draft.with_page(leg, slips=slips, rounds=rounds)
        leg = draft.the_incident.page(leg.id) or leg
        return ended(draft.note(JournalEvent.NO_KEY, why, leg.id), leg, PageResult.NO_KEY)
    draft = draft.with_page(leg, slips=slips, rounds=rounds, turn=leg.turn + 1)
    return draft.note(JournalEvent.ASKED_AGAIN, "a wrong key" if pressed else "no key yet", leg.id)
