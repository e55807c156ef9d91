"""The keys of an engineer who listens: one takes the call, another passes it on."""

from __future__ import annotations

from routing.draft import Draft
from routing.drill import wakes
from routing.engineer import callback, closing
from routing.engineer.legs import ended
from routing.events import LegKeyed
from routing.hunting import hunt, promise, taking
from routing.hunting.ringing import passed
from routing.incident import LegState, Page, Result, Said

ROUNDS = 3
"""How often the prompt is spoken to somebody who presses nothing."""


def keyed(draft: Draft, leg: Page, event: LegKeyed) -> Draft:
    """The key that was asked for takes the call, another passes it on; one slip is forgiven."""
    if event.turn != leg.turn or (event.sid and leg.sid and event.sid != leg.sid):
        return draft
    if leg.state is LegState.OFFERED:
        return callback.offered_key(draft, leg, event.key)
    if leg.state is LegState.CLOSING:
        return closing.closing_key(draft, leg, event.key)
    if leg.state is not LegState.LISTENING or taking.taken_by_other(draft.the_incident, leg):
        return draft
    if wakes(draft.the_incident.line) and event.key in (leg.take_key, leg.pass_key):
        return practised(draft, leg, event.key)
    if event.key == leg.take_key:
        return taking.take(draft, leg)
    if event.key == leg.pass_key:
        draft = passed(draft.note("passed", f"{leg.engineer} passes it on", leg.id), leg.engineer)
        draft = promise.given_back(draft, leg)
        return ended(draft, draft.the_incident.page(leg.id) or leg, Result.DECLINED)
    return missed_key(draft, leg, pressed=event.key is not None)


def practised(draft: Draft, leg: Page, key: str) -> Draft:
    """In a drill either key is an answer: it is thanked for, and the others are rung, too."""
    result = Result.ACCEPTED if key == leg.take_key else Result.DECLINED
    after = (draft.facts.now - leg.at).total_seconds()
    draft = draft.note(
        "practised", f"{leg.engineer} answered the drill after {after:.0f} s", leg.id
    )
    draft = draft.with_page(leg, result=result)
    leg = draft.the_incident.page(leg.id) or leg
    return hunt.advance(passed(closing.leave(draft, leg, Said.PRACTISED), leg.engineer))


def missed_key(draft: Draft, leg: Page, *, pressed: bool) -> Draft:
    """A wrong key is forgiven once, silence is answered by saying it again; then we hang up."""
    slips, rounds = leg.slips + pressed, leg.rounds + (not pressed)
    if slips > 1 or rounds >= ROUNDS:
        why = "a second wrong key" if slips > 1 else "no key: a mailbox takes nothing"
        draft = draft.with_page(leg, slips=slips, rounds=rounds)
        leg = draft.the_incident.page(leg.id) or leg
        return ended(draft.note("no_key", why, leg.id), leg, Result.NO_KEY)
    draft = draft.with_page(leg, slips=slips, rounds=rounds, turn=leg.turn + 1)
    return draft.note("asked_again", "a wrong key" if pressed else "no key yet", leg.id)
