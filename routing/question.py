"""Putting a question to the caller."""

from __future__ import annotations

import datetime as dt

from routing.barring import barred
from routing.call import Outcome, Remark, Stage
from routing.draft import Draft
from routing.errands import SettleCall

SETTLE_RETURN = dt.timedelta(seconds=20)
"""Who is asked whether this was all, and hangs up without a word of the carrier, is looked for."""

LONG_OVER = dt.timedelta(seconds=15)
"""After this long the question and its five seconds are over, whatever we were told."""

SILENCES = 2
"""How often a menu may go unanswered before the line decides by itself."""

MISSES = 3
"""The same for silences and keys without a meaning together."""

PROMISES = (Stage.CONFIRM, Stage.INTRODUCE, Stage.LATER)
"""Questions that promise an engineer, where one may be rung."""

ROUNDS = 6
"""How often a caller may go back to a question that was answered before."""


def ask(draft: Draft, stage: Stage, remark: Remark = Remark.NONE, pause: int = 0) -> Draft:
    """Put a question; it gets a turn of its own, so that an older answer is seen as old."""
    call = draft.the_call
    same = stage is call.stage
    unrung = call.unrung
    if stage in PROMISES:
        unrung = barred(draft.facts, call.standing, call.caller) is not None
    return draft.with_call(
        stage=stage,
        turn=call.turn + 1,
        remark=remark,
        pause=pause,
        silences=call.silences if same else 0,
        slips=call.slips if same else 0,
        unrung=unrung,
    )


def ask_again(draft: Draft, key: str | None) -> Draft | None:
    """The same menu after silence or a key without a meaning. None when it was put often enough:
    the second silence, or the third miss, is decided for the caller."""
    call = draft.the_call
    silences, slips = call.silences + (key is None), call.slips + (key is not None)
    if silences >= SILENCES or silences + slips >= MISSES:
        return None
    draft = draft.with_call(silences=silences, slips=slips)
    return ask(draft, call.stage, Remark.NO_SUCH_KEY if key else Remark.NOTHING_KEYED)


def go_round(draft: Draft) -> Draft | None:
    """The caller goes back to a question; None when that has been often enough."""
    rounds = draft.the_call.rounds + 1
    return None if rounds > ROUNDS else draft.with_call(rounds=rounds)


def identify(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """Ask for what is missing to know the caller."""
    return ask(draft, Stage.PIN if draft.the_call.known else Stage.CONTRACT, remark)


def park(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """The caller waits in a queue of their own; the time waited counts from the first."""
    draft = ask(draft, Stage.WAITING, remark)
    call = draft.the_call
    return draft.with_call(queued=call.turn, parked_at=call.parked_at or draft.facts.now)


def tell_later(draft: Draft, remark: Remark = Remark.NONE) -> Draft:
    """Told when it will be handled, and that one key makes it level 1; then comes a message."""
    fate = draft.the_call.fate or Outcome.REGISTERED
    handled_at = None if draft.facts.office_open else draft.facts.office_opens()
    draft = draft.with_call(fate=fate, told_later=True, handled_at=handled_at)
    return ask(draft.note("told_later", "hears when it will be handled"), Stage.LATER, remark)


def was_this_all(draft: Draft) -> Draft:
    """A conversation is over, and the caller is still there."""
    draft = draft.with_call(returned_at=draft.facts.now)
    return ask(draft, Stage.RETURNING).do(SettleCall(draft.the_call.id), SETTLE_RETURN)
