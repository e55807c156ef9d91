"""A leg is placed: its row and its digits first, and its own clock once the carrier rings."""

from __future__ import annotations

import datetime as dt

from routing.draft import Draft
from routing.errands import Ring, RingOver, SettleLeg, Silence
from routing.events import LegPlaced, LegPutOff
from routing.incident import LegState, Page
from routing.line import Channel
from routing.schedule.escalation import language_of

GRACE = dt.timedelta(seconds=15)
"""What placing a call may take before the step goes on without it."""


SETTLE_AFTER = dt.timedelta(seconds=45)
"""How long a leg is believed without a word of the carrier: it is asked within a minute."""


SEEN_EVERY = dt.timedelta(seconds=5)
"""How often it is written down that a leg still waits for its turn."""


def place(draft: Draft, person: str, phone: str, ring_for: dt.timedelta) -> Draft:
    """Write the row of a new leg, with digits of its own, and the errand that places it."""
    facts, incident = draft.facts, draft.the_incident
    leg_id = facts.chance.token(f"leg {incident.key} {person} {phone}")
    last = facts.last_leg(person)
    take = facts.chance.digit(f"take {leg_id}", but=last.take_key if last else "")
    leg = Page(
        id=leg_id,
        at=facts.now,
        engineer=person,
        channel=Channel.CALL,
        to=phone,
        take_key=take,
        pass_key=facts.chance.digit(f"pass {leg_id}", but=take),
        ring_for=ring_for,
        rings_until=facts.now + ring_for + GRACE,
        language=language_of(facts.line, person),
        retried=person in incident.hunt.sought,
    )
    sought = tuple(dict.fromkeys((*incident.hunt.sought, person)))
    draft = (
        draft.with_hunt(sought=sought)
        .with_page(leg)
        .note("ring", f"{person} is rung for {ring_for.total_seconds():g} s", leg_id)
    )
    draft = draft.do(Ring(leg_id)).do(RingOver(leg_id), ring_for + GRACE)
    return draft.do(SettleLeg(leg_id), SETTLE_AFTER)


def placed(draft: Draft, leg: Page, event: LegPlaced) -> Draft:
    """The carrier has our request: the ring's own clock starts."""
    draft = draft.with_page(leg, sid=leg.sid or event.sid)
    if leg.state is LegState.STOPPING:
        return draft.do(Silence(leg.id))
    if leg.state is not LegState.PLACING:
        return draft
    return start_clock(draft.note("placed", "the carrier rings this phone", leg.id), leg.id)


def put_off(draft: Draft, leg: Page, event: LegPutOff) -> Draft:
    """Others are called first: somebody acts, and the phone is rung as long as the others."""
    now, seen = draft.facts.now, leg.put_off or leg.at
    if leg.state is not LegState.PLACING or now - seen < SEEN_EVERY:
        return draft
    if leg.put_off is None:
        rate = draft.facts.line.carrier.calls_per_second
        draft = draft.note("put_off", f"others are called first, {rate} a second", leg.id)
    return draft.with_page(leg, put_off=now, rings_until=now + leg.ring_for + GRACE)


def start_clock(draft: Draft, leg_id: str) -> Draft:
    """From now on the phone rings for as long as the step says, whatever the carrier's minimum."""
    leg = draft.the_incident.page(leg_id)
    if leg is None:
        return draft
    until = draft.facts.now + leg.ring_for
    draft = draft.with_page(leg, state=LegState.RINGING, rings_until=until)
    return draft.do(RingOver(leg_id), leg.ring_for)
