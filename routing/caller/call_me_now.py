"""A contact asks in the portal to be called now, and the line calls one of their own numbers.

The number proves nothing and a mailbox may answer, so a key is asked first. With the key the leg
becomes a call of that contact, which goes on as if they had called about the incident. Nothing is
tried again by itself: the page says what became of it, and has the button again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from enum import StrEnum

from routing import events, jobs
from routing.call import Call, Identity
from routing.caller import open_incidents
from routing.decision import Case
from routing.draft import DecisionDraft, why_barred
from routing.escalation import desk_queue, ringing
from routing.facts import DecisionFacts
from routing.incident import EscalationPhase, Incident, IncidentState, ReopenReason
from routing.journal import JournalEvent
from routing.line import Line
from routing.page import CustomerLeg, LegState, PageResult
from routing.voice_document import Act, Document, HangUp, Menu, Next, Redirect, say

RING_FOR = dt.timedelta(seconds=40)
PLACED_WITHIN = dt.timedelta(minutes=2)
"""How long the call may wait for its turn and for the carrier. After that it comes too late."""

CALLS_AN_HOUR = 3
AN_HOUR = dt.timedelta(hours=1)
"""A customer is called ``CALLS_AN_HOUR`` times in this time for one incident."""

ROUNDS = 3
"""How often the question is asked before silence ends the call."""

SLIPS = 2
"""The wrong key that ends it; the first is forgiven."""

CONNECT_KEY, HUMAN = "10"
"""The key that connects, and the one that asks for a human in every menu."""

REPEAT_KEYS = (None, "*", "9", "#")
"""Silence, and the keys that are no error in any menu: the question is asked again."""


# Asking for the call.


class NoCall(StrEnum):
    """Why a contact is not called now, as the key of the sentence that says so."""

    CLOSED = "call_closed"
    RINGS_ALREADY = "call_rings_already"
    ON_LINE = "call_on_line"  # somebody of the company is on the line about it
    ENGINEER_CALLS = "call_engineer_calls"
    NO_NUMBER = "call_no_number"
    TOO_OFTEN = "call_too_often"
    DESK_CLOSED = "call_desk_closed"
    NOBODY_RUNG = "call_nobody_rung"  # nor would anybody be rung for them


def find_numbers(facts: DecisionFacts, incident: Incident, name: str) -> tuple[str, ...]:
    """The numbers at which this contact of the incident's contract may be called."""
    contact = facts.contact(incident.contract, name)
    if contact is None:
        return ()
    theirs = (phone for phone in contact.phones if not facts.line.texts_at(phone))
    return tuple(phone for phone in theirs if facts.why_not_dialled(phone) is None)


def why_not_called(
    facts: DecisionFacts, case: Case, by: str, phone: str | None = None
) -> NoCall | None:
    """Why this contact is not called now; None when they are."""
    incident, call = case.incident, case.call
    if incident is None or incident.state is IncidentState.CLOSED:
        return NoCall.CLOSED
    if _is_rung(facts, incident, by):
        return NoCall.RINGS_ALREADY
    if call is not None and call.live:
        return NoCall.ON_LINE
    winner = incident.winner()
    if winner is not None and winner.state is LegState.CALLING:
        return NoCall.ENGINEER_CALLS
    numbers = find_numbers(facts, incident, by)
    if not numbers or phone not in (None, *numbers):
        return NoCall.NO_NUMBER
    if len(_list_lately(incident, facts.now)) >= CALLS_AN_HOUR:
        return NoCall.TOO_OFTEN
    return _why_nobody_answers(facts, incident)


def _is_rung(facts: DecisionFacts, incident: Incident, by: str) -> bool:
    """True while this contact is rung, for this incident or another recent one of the contract."""
    leg = incident.customer_leg
    if leg is not None and leg.live:
        return True
    legs = [one.customer_leg for one in facts.unclosed(incident.contract or "")]
    return any(leg is not None and leg.live and leg.by == by for leg in legs)


def _list_lately(incident: Incident, now: dt.datetime) -> tuple[dt.datetime, ...]:
    """When the customer was rung in the last hour, also by a clock that was set back since."""
    return tuple(at for at in incident.customer_rung if abs(now - at) < AN_HOUR)


def _why_nobody_answers(facts: DecisionFacts, incident: Incident) -> NoCall | None:
    """Why no engineer would come to the telephone: then the customer is not called either."""
    if incident.urgency > 1:
        there = incident.winner() is not None or desk_queue.find_staff(facts, incident)
        return None if there else NoCall.DESK_CLOSED
    if incident.acknowledged_by is not None:
        return None
    quiet = incident.escalation.phase is EscalationPhase.QUIET
    if quiet and why_barred(facts, incident.entitlement, incident.caller) is not None:
        return NoCall.NOBODY_RUNG
    return None


def ring_customer(draft: DecisionDraft, event: events.CustomerCallWanted) -> DecisionDraft:
    """Ring the contact, unless there is a reason not to, which the page says. The same wish again,
    while the telephone rings or they are on the line, changes nothing."""
    facts, incident = draft.facts, draft.the_incident
    if why_not_called(facts, Case(draft.call, incident), event.by, event.phone) is not None:
        return draft
    phone = event.phone or find_numbers(facts, incident, event.by)[0]
    leg = _make_leg(facts, incident, event.by, phone)
    lately = (*_list_lately(incident, facts.now), facts.now)
    draft = draft.with_incident(customer_leg=leg, customer_rung=lately)
    draft = draft.note(JournalEvent.CALL_ME, "the contact asks to be called, and is rung")
    draft = draft.do(jobs.RingCustomer(incident.key, leg.number))
    draft = draft.do(jobs.EndCustomerRing(incident.key, leg.number), PLACED_WITHIN)
    return draft.do(jobs.CheckCustomerLeg(incident.key, leg.number), ringing.SETTLE_AFTER)


def _make_leg(facts: DecisionFacts, incident: Incident, by: str, phone: str) -> CustomerLeg:
    before, contact = incident.customer_leg, facts.contact(incident.contract, by)
    number = turn = 1
    if before is not None:
        number, turn = before.number + 1, before.turn + 1
    language = incident.language
    if contact is not None and contact.language in facts.line.languages:
        language = contact.language
    return CustomerLeg(
        number=number,
        at=facts.now,
        by=by,
        to=phone,
        language=language,
        turn=turn,
        rings_until=facts.now + PLACED_WITHIN,
    )


# The leg: placed, ringing, answered, over.


RESULTS = {
    events.Heard.BUSY: PageResult.BUSY,
    events.Heard.NO_ANSWER: PageResult.NO_ANSWER,
    events.Heard.FAILED: PageResult.FAILED,
    events.Heard.CANCELED: PageResult.NO_ANSWER,
}


def apply_status(
    draft: DecisionDraft, leg: CustomerLeg, event: events.CustomerLegHeard
) -> DecisionDraft:
    """Handle a status of the leg. A status older than the stored state changes nothing."""
    if not leg.live or (event.sid and leg.sid and event.sid != leg.sid):
        return draft
    leg = replace(leg, sid=leg.sid or event.sid)
    draft = draft.with_incident(customer_leg=leg)
    if event.heard is events.Heard.ANSWERED:
        return draft  # the leg asks for its document by itself
    if event.heard is not events.Heard.RINGING:
        return _end(draft, leg, leg.result or _find_result(leg, event.heard), event.why)
    if leg.state is LegState.STOPPING:
        return draft.do(jobs.StopRingingCustomer(event.incident, leg.number))
    if leg.state is not LegState.PLACING:
        return draft
    rings = replace(leg, state=LegState.RINGING, rings_until=draft.facts.now + RING_FOR)
    draft = draft.with_incident(customer_leg=rings)
    return draft.do(jobs.EndCustomerRing(event.incident, leg.number), RING_FOR)


def _find_result(leg: CustomerLeg, heard: events.Heard) -> PageResult:
    """The result of a leg that the carrier ended before a key."""
    if heard is not events.Heard.COMPLETED:
        return RESULTS[heard]
    if leg.state is LegState.LISTENING:
        return PageResult.NO_KEY
    if leg.state is LegState.STOPPING:
        return PageResult.NO_ANSWER
    return PageResult.FAILED


def check(
    draft: DecisionDraft, leg: CustomerLeg, event: events.CustomerLegChecked
) -> DecisionDraft:
    """Handle the carrier's answer about the leg. A live leg is checked again later."""
    if event.heard is not None:
        heard = events.CustomerLegHeard(event.incident, event.number, event.heard)
        draft = apply_status(draft, leg, heard)
    now = draft.the_incident.customer_leg
    if now is None or not now.live:
        return draft
    return draft.do(jobs.CheckCustomerLeg(event.incident, event.number), ringing.SETTLE_AFTER)


def stop_ringing(
    draft: DecisionDraft, leg: CustomerLeg, event: events.CustomerRangLongEnough
) -> DecisionDraft:
    """End the ring after its time, or give up a leg that was not placed by then. An answered leg is
    not cut. A timer that fires early is set again; an end that is later than any can be was set by
    a clock that was set back since."""
    if leg.state not in ringing.RINGS or leg.rings_until is None:
        return draft
    left = leg.rings_until - draft.facts.now
    if dt.timedelta(0) < left <= PLACED_WITHIN:
        return draft.do(jobs.EndCustomerRing(event.incident, leg.number), left)
    result = PageResult.FAILED if leg.state is LegState.PLACING else None
    stopped = replace(leg, state=LegState.STOPPING, result=result)
    draft = draft.with_incident(customer_leg=stopped)
    return draft.do(jobs.StopRingingCustomer(event.incident, leg.number))


def _end(
    draft: DecisionDraft, leg: CustomerLeg, result: PageResult, why: str | None = None
) -> DecisionDraft:
    """End the leg without a call. An engineer who waits for the customer is asked again."""
    now = draft.facts.now
    ended = replace(leg, state=LegState.ENDED, result=result, reason=why, ended_at=now)
    draft = draft.with_incident(customer_leg=ended)
    said = f"the contact who asked to be called: {result}"
    if why:
        said = f"{said}, {why}"
    draft = draft.note(JournalEvent.CUSTOMER_NOT_REACHED, said)
    winner = draft.the_incident.winner()
    if winner is None or winner.state is not LegState.OFFERED:
        return draft
    return draft.with_page(winner, rounds=0)


# The question for a key, and the call that begins with it.


def listen(draft: DecisionDraft, leg: CustomerLeg, event: events.CustomerListens) -> DecisionDraft:
    """The leg is answered. The customer hears who calls and why, unless there is no reason left."""
    if _is_other_leg(leg, event.sid):
        return draft
    revived = leg.state is LegState.STOPPING
    if leg.state not in ringing.RINGS and not revived:
        return draft
    leg = replace(leg, sid=leg.sid or event.sid)
    if _is_needless(draft):
        return _end(draft, leg, PageResult.CANCELED)
    turn = leg.turn + 1
    now = draft.facts.now
    leg = replace(leg, state=LegState.LISTENING, result=None, turn=turn, answered_at=now)
    draft = draft.with_incident(customer_leg=leg)
    return draft.note(JournalEvent.CUSTOMER_PICKED_UP, "answered; is asked for a key")


def press_key(draft: DecisionDraft, leg: CustomerLeg, event: events.CustomerKeyed) -> DecisionDraft:
    """The key connects, and so does the one for a human. Silence and the keys that repeat are
    answered by asking again, and a wrong key is forgiven once."""
    if _is_other_leg(leg, event.sid) or event.turn != leg.turn:
        return draft
    if leg.state is not LegState.LISTENING:
        return draft
    leg = replace(leg, sid=leg.sid or event.sid, turn=leg.turn + 1)
    if _is_needless(draft):
        return _end(draft, leg, PageResult.CANCELED)
    if event.key in (CONNECT_KEY, HUMAN):
        return begin_call(draft, leg)
    pressed = event.key not in REPEAT_KEYS
    leg = replace(leg, rounds=leg.rounds + (not pressed), slips=leg.slips + pressed)
    if leg.rounds >= ROUNDS or leg.slips >= SLIPS:
        return _end(draft, leg, PageResult.NO_KEY)
    draft = draft.with_incident(customer_leg=leg)
    said = "a wrong key" if pressed else "no key yet"
    return draft.note(JournalEvent.CUSTOMER_ASKED_AGAIN, said)


def _is_other_leg(leg: CustomerLeg, sid: str | None) -> bool:
    """True for a call of the carrier that is not this leg: it was placed twice."""
    return bool(sid and leg.sid and sid != leg.sid)


def _is_needless(draft: DecisionDraft) -> bool:
    """True when somebody of the company is on the line already, or the incident is closed."""
    on_line = draft.call is not None and draft.call.live
    return on_line or draft.the_incident.state is IncidentState.CLOSED


def begin_call(draft: DecisionDraft, leg: CustomerLeg) -> DecisionDraft:
    """Begin the call of this contact, who joins the incident as one who had called about it."""
    incident, now = draft.the_incident, draft.facts.now
    sid = leg.sid or f"{incident.key}-{leg.number}"
    call = Call(
        id=draft.facts.chance.token(f"call {sid}"),
        sid=sid,
        line=incident.line,
        shown=leg.to,
        caller=leg.to,
        language=leg.language,
        started_at=leg.answered_at or now,
        pressed=True,
        known=True,
        selected=incident.contract,
        entitlement=incident.entitlement,
        identity=_identify(incident, leg),
        called_out=True,
    )
    ended = replace(leg, sid=sid, state=LegState.ENDED, result=PageResult.ACCEPTED, ended_at=now)
    draft = replace(draft, call=call).with_incident(customer_leg=ended)
    draft = draft.note(JournalEvent.CUSTOMER_JOINS, "pressed the key: the call begins")
    draft = draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)
    draft = open_incidents.join_incident(draft)
    if draft.the_incident.reopen_reason is ReopenReason.CALLED_AGAIN:
        return draft.with_incident(reopen_reason=ReopenReason.ASKED_FOR_CALL)
    return draft


def _identify(incident: Incident, leg: CustomerLeg) -> Identity:
    """The contact who asked. The portal has proved who they are, and the number is theirs."""
    return Identity(
        contract=incident.contract or "",
        customer=incident.customer or "",
        contact=leg.by,
        plan=incident.plan or "",
        phone=leg.to,
    )


def build_customer_document(case: Case, line: Line) -> Document:
    """The next document of the leg, until a call begins."""
    incident = case.incident
    leg = incident.customer_leg if incident is not None else None
    if incident is None or leg is None:
        return Document(line.languages[0], (say("goodbye"), HangUp()))
    return Document(leg.language, _ask_or_end(incident, leg, line))


def _ask_or_end(incident: Incident, leg: CustomerLeg, line: Line) -> tuple[Act, ...]:
    if leg.state is LegState.LISTENING:
        about = f"{incident.key}/{leg.number}"
        keyed = Next("customer.key", about, leg.turn)
        silent = Next("customer.silence", about, leg.turn)  # so that a key is seen by its address
        named = line.name_in(leg.language)
        asked = say("call_me_now", line=named, number=incident.number, key=CONNECT_KEY)
        spoken = (say("no_such_key"), asked) if leg.slips else (asked,)
        return (Menu(spoken, keyed), Redirect(silent))
    if leg.result is PageResult.NO_KEY:
        return (say("call_me_no_key"), HangUp())
    if incident.state is IncidentState.CLOSED:
        return (say("call_me_closed", number=incident.number), HangUp())
    if leg.result is PageResult.CANCELED:
        return (say("call_me_on_line"), HangUp())
    return (say("goodbye"), HangUp())
