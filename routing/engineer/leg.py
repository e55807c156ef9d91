"""An engineer's leg: placed, ringing, listening, connected, and the wrap-up after the talk.

The keys of an engineer are in `menus.py`.
"""

from __future__ import annotations

import datetime as dt

from routing import events, jobs, message, recording
from routing.call import Call, Stage
from routing.contracts import premium
from routing.draft import DecisionDraft, park
from routing.drill import is_waking
from routing.escalation import queue_position, recall, ringing, steps, taking
from routing.incident import ReopenReason
from routing.incidents import lifecycle
from routing.journal import JournalEvent
from routing.notify.customer import keep_recording
from routing.page import Hears, LegState, Page, PageResult, TalkOutcome, WrapUpChoice

RESULTS = {
    events.Heard.BUSY: PageResult.BUSY,
    events.Heard.NO_ANSWER: PageResult.NO_ANSWER,
    events.Heard.FAILED: PageResult.FAILED,
    events.Heard.CANCELED: PageResult.NO_ANSWER,
}
UNREACHED = (PageResult.BUSY, PageResult.NO_ANSWER, PageResult.FAILED)
"""The results for which the carrier may give a reason."""

WAITING_FOR_ANSWER = (LegState.PLACING, LegState.RINGING)


def refuse(draft: DecisionDraft, leg: Page, event: events.LegRefused) -> DecisionDraft:
    """The carrier refuses to ring this number. The escalation goes on with the other numbers."""
    if leg.sid is not None:
        return draft  # an earlier request was heard after all
    draft = draft.note(
        JournalEvent.REFUSED, f"the carrier will not ring this number: {event.why}", leg.id
    )
    draft = draft.with_page(leg, reason=f"the carrier refuses: {event.why}")
    return end(draft, draft.the_incident.page(leg.id) or leg, PageResult.FAILED)


def apply_status(draft: DecisionDraft, leg: Page, event: events.LegHeard) -> DecisionDraft:
    """Handle a status of the leg. A status older than the stored state changes nothing."""
    if event.sid and leg.sid and event.sid != leg.sid:
        return draft
    draft = draft.with_page(leg, sid=leg.sid or event.sid)
    leg = draft.the_incident.page(leg.id) or leg
    if event.heard is events.Heard.ANSWERED:
        return draft  # the leg asks for its document by itself
    if event.heard is not events.Heard.RINGING:
        return end(draft, leg, leg.result or find_result(leg, event.heard), event.why)
    if leg.state is not LegState.PLACING:
        return draft
    return ringing.start_ring_time(draft, leg.id)


def find_result(leg: Page, heard: events.Heard) -> PageResult:
    """The result of a leg that the carrier ended. An answered leg without a document failed."""
    if heard is not events.Heard.COMPLETED:
        return RESULTS[heard]
    if leg.state is LegState.STOPPING:
        return PageResult.NO_ANSWER
    if leg.state in WAITING_FOR_ANSWER:
        return PageResult.FAILED
    return PageResult.NO_KEY


def check(draft: DecisionDraft, leg: Page, event: events.LegChecked) -> DecisionDraft:
    """Handle the carrier's answer about the leg. A live leg is checked again later."""
    if event.heard is not None:
        draft = apply_status(draft, leg, events.LegHeard(leg.id, event.heard))
    now = draft.the_incident.page(leg.id)
    if now is None or not now.live:
        return draft
    return draft.do(jobs.CheckLeg(leg.id), ringing.SETTLE_AFTER)


def listen(draft: DecisionDraft, leg: Page, event: events.LegListens) -> DecisionDraft:
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


def end(
    draft: DecisionDraft, leg: Page, result: PageResult, why: str | None = None
) -> DecisionDraft:
    """End the leg: go on with the next phone or step, or restart when a caller still waits."""
    if leg.state is LegState.ENDED:
        return draft
    if result not in UNREACHED:
        why = None
    draft = draft.with_page(leg, state=LegState.ENDED, result=result, reason=why or leg.reason)
    said = f"{leg.engineer}: {result}"
    if why:
        said = f"{said}, {why}"
    draft = draft.note(JournalEvent.LEG_ENDED, said, leg.id)
    draft = draft.do(jobs.OfferEngineer(draft.the_incident.line, leg.holds))
    if leg.won:
        return continue_after_winner(draft, leg)
    return steps.advance(draft)


def continue_after_winner(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """The engineer who had the caller has gone. A caller who was never reached is escalated
    again."""
    call = draft.call
    if call is None or not call.live:
        if leg.state is LegState.CONNECTING and leg.became is None:
            return taking.uncount_connected(draft)
        return draft
    if call.holds and not call.bridged:
        return taking.reopen_for_caller(
            draft, leg.engineer, "hung up before the caller was reached"
        )
    return draft.do(jobs.CheckCall(call.id), dt.timedelta(seconds=15))


def stop_ringing(draft: DecisionDraft, leg: Page, event: events.RangLongEnough) -> DecisionDraft:
    """End the ring after its time. An answered leg is not cut, but the step goes on without it."""
    if leg.rings_until is None or not leg.live:
        return draft
    if left := leg.ring_left(draft.facts.now):
        return draft.do(jobs.EndRing(leg.id), left)
    if leg.state in WAITING_FOR_ANSWER:
        draft = draft.with_page(leg, state=LegState.STOPPING).do(jobs.StopRinging(leg.id))
        draft = draft.note(
            JournalEvent.RANG_OUT,
            f"{leg.engineer} was rung for {leg.ring_for.total_seconds():g} s",
            leg.id,
        )
    return steps.advance(draft)


# A listening engineer has two keys: one takes the call, the other passes it on. A third one plays
# what the caller said, if there is a recording.


ROUNDS = 3
"""How many silences end the leg."""

WRONG_KEYS = 3
"""How many wrong keys end the leg: a short retry and help come before."""


def take(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Take the call. In a drill the key is an answer only."""
    if is_waking(draft.the_incident.line):
        return answer_drill(draft, leg, PageResult.ACCEPTED)
    return taking.take(draft, leg)


def pass_on(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Pass the call on to the others. In a drill the key is an answer only."""
    if is_waking(draft.the_incident.line):
        return answer_drill(draft, leg, PageResult.DECLINED)
    draft = draft.note(JournalEvent.PASSED, f"{leg.engineer} passes it on", leg.id)
    draft = ringing.record_pass(draft, leg.engineer)
    draft = taking.pass_back(draft, leg)
    return end(draft, draft.the_incident.page(leg.id) or leg, PageResult.DECLINED)


def answer_drill(draft: DecisionDraft, leg: Page, result: PageResult) -> DecisionDraft:
    """Record the answer to a drill. The others are rung too."""
    after = (draft.facts.now - leg.at).total_seconds()
    draft = draft.note(
        JournalEvent.PRACTISED, f"{leg.engineer} answered the drill after {after:.0f} s", leg.id
    )
    draft = draft.with_page(leg, result=result)
    leg = draft.the_incident.page(leg.id) or leg
    draft = end_wrap_up(draft, leg, WrapUpChoice.PRACTISED)
    return steps.advance(ringing.record_pass(draft, leg.engineer))


def hear_caller(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Play what the caller said. Nothing is decided by it, and the keys are said again. It counts
    as a repetition: a key that is stuck does not keep the telephone."""
    again = repeat(draft, leg, Hears.RECORDING, "hears what the caller said")
    return again or miss_key(draft, leg, pressed=True)


REPEATS = 8
"""How often one telephone may have a question repeated: a key that is stuck ends at some time."""


def repeat(
    draft: DecisionDraft, leg: Page, hears: Hears, why: str = "wants to hear it again"
) -> DecisionDraft | None:
    """Ask again without counting a wrong key. None when it was repeated often enough."""
    if leg.repeats >= REPEATS:
        return None
    draft = draft.with_page(leg, hears=hears, turn=leg.turn + 1, repeats=leg.repeats + 1)
    return draft.note(JournalEvent.ASKED_AGAIN, why, leg.id)


def miss_key(draft: DecisionDraft, leg: Page, *, pressed: bool) -> DecisionDraft:
    """Ask again after a wrong key or silence, and end the leg after the third."""
    slips, rounds = leg.slips + pressed, leg.rounds + (not pressed)
    why = None
    if slips >= WRONG_KEYS:
        why = "a third wrong key"
    elif rounds >= ROUNDS:
        why = "no key: a mailbox takes nothing"
    if why is not None:
        draft = draft.with_page(leg, slips=slips, rounds=rounds)
        leg = draft.the_incident.page(leg.id) or leg
        return end(draft.note(JournalEvent.NO_KEY, why, leg.id), leg, PageResult.NO_KEY)
    hears, said = Hears.KEYS, "no key yet"
    if pressed:
        hears, said = RETRIES[slips], "a wrong key"
    draft = draft.with_page(leg, slips=slips, rounds=rounds, turn=leg.turn + 1, hears=hears)
    return draft.note(JournalEvent.ASKED_AGAIN, said, leg.id)


RETRIES = {1: Hears.RETRY, 2: Hears.HELP}
"""What is said after the first and the second wrong key."""


# The wrap-up after a conversation: responded, connect again, hand over, or a spoken note.


ASKED = 2
"""How often the menu is repeated after silence."""

MISSES = 3
"""How often the menu is repeated after silences and wrong keys together."""


def caller_is_there(call: Call | None) -> bool:
    """True while the caller of this conversation is on the line, as far as we know. The carrier
    reports the end of a conversation for each side, in any order."""
    return call is not None and (call.holds or call.stage is Stage.BRIDGED)


def miss_wrap_up_key(draft: DecisionDraft, leg: Page, *, pressed: bool) -> DecisionDraft:
    """Silence or a wrong key: the menu is repeated until it is given up, and nothing changes."""
    rounds, slips = leg.rounds + (not pressed), leg.slips + pressed
    return draft.with_page(leg, turn=leg.turn + 1, rounds=rounds, slips=slips)


def has_given_up(leg: Page) -> bool:
    """True when the menu has no repetitions left."""
    return leg.rounds >= ASKED or leg.rounds + leg.slips >= MISSES


def respond(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Record the response. A caller who stayed on is asked whether this was all."""
    draft = end_wrap_up(draft, leg, WrapUpChoice.RESPONDED)
    said = events.Responded(
        draft.the_incident.key, leg.engineer, message.Via.KEY, "at the closing menu"
    )
    return lifecycle.ask_waiting_caller(lifecycle.respond(draft, said))


def hand_over(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Hand the incident over. All other engineers are rung first; the caller waits on."""
    draft = end_wrap_up(draft, leg, WrapUpChoice.HANDED_OVER)
    draft = taking.clear_acknowledgement(draft, ReopenReason.HANDED_OVER, leg.engineer)
    if draft.call is not None and draft.call.stage is Stage.RETURNING:
        draft = park(draft.with_call(bridged=False))
    why = f"{leg.engineer} hands it over: the others are rung first"
    draft = draft.with_escalation(spared=leg.engineer)
    return taking.start(draft.note(JournalEvent.REOPENED, why, leg.id))


def call_again(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Connect engineer and caller once more, or call a customer who has hung up."""
    if not caller_is_there(draft.call):
        draft = draft.with_page(leg, state=LegState.CALLING, turn=leg.turn + 1)
        why = f"{leg.engineer} calls the customer"
        return draft.note(JournalEvent.CALLING_BACK, why, leg.id)
    if draft.the_call.stage in (Stage.RETURNING, Stage.BRIDGED):
        draft = park(draft.with_call(bridged=False))
    draft = draft.with_page(leg, state=LegState.CONNECTING, turn=leg.turn + 1, rounds=0)
    return draft.note(JournalEvent.CONNECTING, f"{leg.engineer} goes back to the caller", leg.id)


def set_to_standard(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Take the incident off the premium bundle, and return to the menu."""
    draft = premium.set_to_standard(draft, leg.engineer, "closing menu")
    return draft.with_page(leg, turn=leg.turn + 1, rounds=0)


def end_wrap_up(draft: DecisionDraft, leg: Page, said: WrapUpChoice) -> DecisionDraft:
    """The engineer hears a last sentence and is free for the next."""
    draft = draft.with_page(leg, state=LegState.ENDED, said=said, turn=leg.turn + 1)
    draft = draft.note(JournalEvent.LEG_ENDED, f"{leg.engineer}: {said}", leg.id)
    return draft.do(jobs.OfferEngineer(draft.the_incident.line, leg.holds))


def call_back(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Call a customer back who hung up before the engineer was connected."""
    draft = draft.with_page(leg, state=LegState.CALLING, turn=leg.turn + 1)
    return draft.note(JournalEvent.CALLING_BACK, f"{leg.engineer} calls the customer back", leg.id)


def skip_recording(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Call the customer without playing the recording to its end."""
    draft = draft.with_page(leg, hears=Hears.RECORDING, turn=leg.turn + 1)
    return draft.note(JournalEvent.CALLING_BACK, "the recording is skipped", leg.id)


def miss_skip_key(draft: DecisionDraft, leg: Page, *, pressed: bool) -> DecisionDraft:
    """Any key skips the recording."""
    return skip_recording(draft, leg)


def end_callback(draft: DecisionDraft, leg: Page, event: events.CustomerRung) -> DecisionDraft:
    """Handle the end of a callback. A customer who called meanwhile is connected. Else the wrap-up
    follows an answer, which may be a mailbox's."""
    if event.turn != leg.turn or leg.state is not LegState.CALLING:
        return draft
    reason = "somebody or something answered" if event.answered else "nobody answered"
    draft = draft.note(JournalEvent.CALLED_BACK, f"the customer was called back: {reason}", leg.id)
    if draft.call is not None and draft.call.holds:
        return recall.connect(draft, leg)
    became, state = None, LegState.OFFERED
    if event.answered:
        became, state = TalkOutcome.TALKED, LegState.CLOSING
    elif leg.became is not None or queue_position.is_called_back_next(
        draft.the_incident, draft.call
    ):
        became, state = TalkOutcome.UNANSWERED, LegState.CLOSING
    return draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0, became=became)


def dictate(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """Record a note after the tone."""
    return draft.with_page(leg, state=LegState.DICTATING, turn=leg.turn + 1)


def take_note(draft: DecisionDraft, leg: Page, event: events.NoteSpoken) -> DecisionDraft:
    """Store the note, also of an engineer who hung up in the middle, and return to the menu. An
    empty note counts as silence at the menu."""
    if event.turn != leg.turn or leg.state not in (LegState.DICTATING, LegState.ENDED):
        return draft
    state = LegState.ENDED
    if leg.state is LegState.DICTATING:
        state = LegState.CLOSING
    if event.recording is None:
        rounds = leg.rounds + 1
        draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=rounds)
        return draft.note(JournalEvent.NOTED, "nothing was said", leg.id)
    draft = draft.with_page(leg, state=state, turn=leg.turn + 1, rounds=0)
    draft = keep_recording(draft, recording.Purpose.NOTE, event.recording, by=leg.engineer)
    return draft.note(JournalEvent.NOTED, f"{leg.engineer} spoke a note", leg.id)
