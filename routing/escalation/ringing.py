"""Places legs: which phone rings next, what the step waits for, and how ringing stops."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing import events, jobs
from routing.draft import DecisionDraft
from routing.incident import Candidate, EscalationPhase
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Channel
from routing.notify.paging import is_too_soon, list_repaged, page_engineer
from routing.oncall.policy import language_of, phones_of
from routing.page import LegState, Page, PageResult, held_by

RINGS = (LegState.PLACING, LegState.RINGING)

PASSED_FOR = dt.timedelta(minutes=2)
"""An engineer who passed on a caller of the desk queue is not rung for them for this long."""


def ring_next(draft: DecisionDraft, person: str, ring_for: dt.timedelta) -> DecisionDraft:
    """Ring this candidate's next phone, unless a phone of theirs is live or none is left."""
    incident = draft.the_incident
    candidate = next(c for c in incident.escalation.candidates if c.engineer == person)
    if incident.leg_of(person) is not None or is_spent(draft, candidate):
        return draft
    if incident.escalation.phase is EscalationPhase.ROW and not draft.facts.desk_is_open(incident):
        return draft
    at = _find_free_phone(draft, candidate)
    if at is None:
        return wait_for(draft, candidate, ring_for)
    if _must_give_way(draft, candidate):
        return give_way(draft, candidate, ring_for)
    if (leg := _find_shared_leg(draft, candidate, at)) is not None:
        if leg.state is LegState.STOPPING:
            return wait_for(draft, candidate, ring_for, "has a telephone that is just let go")
        return ring_next(_skip(draft, candidate, at, leg.engineer), person, ring_for)
    phones = phones_of(draft.facts.line, person)
    phone, passed_over = phones[at], phones[candidate.tried : at]
    rung = replace(candidate, tried=at + 1, until=None)
    draft = _replace_candidate(draft, rung)
    others = (m for m in draft.the_incident.escalation.missed if m != held_by(person, phone))
    missed = dict.fromkeys((*others, *(held_by(person, number) for number in passed_over)))
    return text(
        place_leg(draft.with_escalation(missed=tuple(missed)), person, phone, ring_for), person
    )


def _find_shared_leg(draft: DecisionDraft, candidate: Candidate, at: int) -> Page | None:
    """The leg to this phone of another person who shares it. A phone rings once for a caller."""
    phone = phones_of(draft.facts.line, candidate.engineer)[at]
    legs = draft.the_incident.legs()
    return next((leg for leg in legs if leg.to == phone), None)


def _skip(draft: DecisionDraft, candidate: Candidate, at: int, sharing: str) -> DecisionDraft:
    """Continue with the candidate's next phone: this one already rings for the caller."""
    rung = replace(candidate, tried=at + 1, until=None)
    why = f"{candidate.engineer} shares a telephone with {sharing}, for whom it rings"
    return _replace_candidate(draft, rung).note(JournalEvent.SAME_PHONE, why)


def _must_give_way(draft: DecisionDraft, candidate: Candidate) -> bool:
    """True when an escalation whose turn comes first waits for this person. At the last resort a
    caller for whom it was never rung goes first; the workers decide that when a number is free."""
    if candidate.asked or candidate.engineer == LAST_RESORT:
        return False
    return candidate.engineer in draft.facts.held(draft.the_incident).wanted


def _find_free_phone(draft: DecisionDraft, candidate: Candidate) -> int | None:
    """The index of the phone to ring next. None while its owner is busy elsewhere.

    A number of the last resort has one leg at a time, like a person; while it is in use, the next
    number is rung.
    """
    busy, person = draft.facts.held(draft.the_incident).busy, candidate.engineer
    left = list(enumerate(phones_of(draft.facts.line, person)))[candidate.tried :]
    return next((at for at, phone in left if held_by(person, phone) not in busy), None)


def _list_awaited(draft: DecisionDraft, candidate: Candidate) -> tuple[str, ...]:
    """The person or number that must be free to ring this candidate."""
    phones = phones_of(draft.facts.line, candidate.engineer)[candidate.tried :]
    return tuple(dict.fromkeys(held_by(candidate.engineer, phone) for phone in phones))


def make_candidate(draft: DecisionDraft, person: str) -> Candidate:
    """The candidate for a step or a pass. It continues with the phone after the last one rung."""
    tried = dict(draft.the_incident.escalation.next_phones).get(person, 0)
    if tried >= len(phones_of(draft.facts.line, person)):
        return Candidate(person)
    return Candidate(person, tried)


def _find_next_phones(draft: DecisionDraft, candidate: Candidate) -> tuple[tuple[str, int], ...]:
    """The phones at which later steps continue; none after a person's last phone."""
    known = draft.the_incident.escalation.next_phones
    others = tuple(one for one in known if one[0] != candidate.engineer)
    if is_spent(draft, candidate):
        return others
    return (*others, (candidate.engineer, candidate.tried))


def wait_for(
    draft: DecisionDraft,
    candidate: Candidate,
    ring_for: dt.timedelta,
    why: str = "is on another call of this line",
) -> DecisionDraft:
    """Wait for a busy candidate for as long as their phone would have rung."""
    escalation = draft.the_incident.escalation
    names = _list_awaited(draft, candidate)
    known = set(names).issubset(escalation.missed) and not escalation.phase.moving
    if candidate.until is not None or known:
        return draft
    draft = draft.with_escalation(missed=tuple(dict.fromkeys((*escalation.missed, *names))))
    draft = draft.note(JournalEvent.BUSY, f"{candidate.engineer} {why}")
    if not escalation.phase.moving:
        return draft  # a pause has its own end, and the next pass its own wait
    waiting = replace(candidate, until=draft.facts.now + ring_for)
    draft = draft.with_escalation(candidates=_list_candidates(draft, waiting))
    return draft.do(jobs.ContinueEscalation(draft.the_incident.key, escalation.mark), ring_for)


def give_way(draft: DecisionDraft, candidate: Candidate, ring_for: dt.timedelta) -> DecisionDraft:
    """Leave this person to an escalation whose turn comes first. It is told at once that the person
    is free, so that no caller waits longer than needed."""
    draft = draft.do(jobs.OfferEngineer(draft.the_incident.line, candidate.engineer))
    return wait_for(draft, candidate, ring_for, "goes to a caller whose turn comes first")


def set_wait_timer(draft: DecisionDraft) -> DecisionDraft:
    """Set the timer for the end of the first wait for a busy person. A new step has made the older
    timer void, and another clock may have set it."""
    escalation, now = draft.the_incident.escalation, draft.facts.now
    later = list(filter(None, (c.wait_left(now) for c in escalation.candidates)))
    if not later:
        return draft
    return draft.do(jobs.ContinueEscalation(draft.the_incident.key, escalation.mark), min(later))


def end_long_waits(draft: DecisionDraft) -> DecisionDraft:
    """Drop the candidates who stayed busy for their whole wait. They remain in ``missed``: a clock
    that is behind would start the wait again, and it would never end."""
    now, kept = draft.facts.now, draft.the_incident.escalation.candidates
    stay = tuple(c for c in kept if c.until is None or c.wait_left(now))
    if stay == kept:
        return draft
    return draft.with_escalation(candidates=stay)


def text(draft: DecisionDraft, person: str) -> DecisionDraft:
    """Send the texts and e-mails that accompany the ringing, once a round for each person."""
    facts, escalation = draft.facts, draft.the_incident.escalation
    engineer = facts.line.engineer(person)
    if escalation.phase is EscalationPhase.ROW:
        return draft  # an engineer at a desk hears the telephone
    if engineer is None or person in escalation.texted or is_too_soon(draft, person):
        return draft
    return page_engineer(draft.with_escalation(texted=(*escalation.texted, person)), engineer)


def text_again(draft: DecisionDraft) -> DecisionDraft:
    """Send the texts and e-mails at the beginning of a round, before anybody is rung."""
    for person in list_repaged(draft):
        draft = text(draft, person)
    return draft


def is_spent(draft: DecisionDraft, candidate: Candidate) -> bool:
    """True when this candidate passed the call on, or has no phone left to try."""
    phones = phones_of(draft.facts.line, candidate.engineer)
    return candidate.passed or candidate.tried >= len(phones)


def holds_up(draft: DecisionDraft, candidate: Candidate, leg: Page | None) -> bool:
    """True while the step waits for this person, with this live leg: ringing, just answered, or
    busy elsewhere.

    A phone whose ring time is over still holds up the step while its owner has another phone: of
    timers that end together, the first must not end the step for the others. The step does not
    wait beyond the ring time for a phone that was answered, because a mailbox may have answered.
    That leg is not cut, and its key still counts.
    """
    now = draft.facts.now
    if leg is None:
        return bool(candidate.wait_left(now)) and not is_spent(draft, candidate)
    if leg.state is LegState.STOPPING or (leg.state in RINGS and not leg.ring_left(now)):
        return not is_spent(draft, candidate)
    return bool(leg.ring_left(now))


def stop(draft: DecisionDraft, leg: Page) -> DecisionDraft:
    """End a leg that is no longer needed. A listening engineer is told why."""
    if leg.state is LegState.LISTENING:
        return draft.do(jobs.RefreshDocument(leg.id))
    if leg.state is LegState.STOPPING:
        return draft.with_page(leg, result=leg.result or PageResult.CANCELED)
    if leg.state not in RINGS:
        return draft
    draft = draft.with_page(leg, state=LegState.STOPPING, result=PageResult.CANCELED)
    return draft.do(jobs.StopRinging(leg.id)).note(
        JournalEvent.CANCELED, "no longer needed", leg.id
    )


def stop_customer_leg(draft: DecisionDraft) -> DecisionDraft:
    """Stop ringing a customer who asked to be called: somebody of the company is on the line."""
    leg = draft.the_incident.customer_leg
    if leg is None or leg.state not in RINGS:
        return draft
    stopped = replace(leg, state=LegState.STOPPING, result=PageResult.CANCELED)
    draft = draft.with_incident(customer_leg=stopped)
    return draft.do(jobs.StopRingingCustomer(draft.the_incident.key, leg.number))


def _replace_candidate(draft: DecisionDraft, candidate: Candidate) -> DecisionDraft:
    """Change a candidate, and remember the phone at which a later step continues."""
    return draft.with_escalation(
        candidates=_list_candidates(draft, candidate),
        next_phones=_find_next_phones(draft, candidate),
    )


def _list_candidates(draft: DecisionDraft, changed: Candidate) -> tuple[Candidate, ...]:
    kept = draft.the_incident.escalation.candidates
    return tuple(changed if c.engineer == changed.engineer else c for c in kept)


def record_pass(draft: DecisionDraft, person: str) -> DecisionDraft:
    """Record that this engineer passed it on. Their other phones are not tried in this step."""
    escalation = draft.the_incident.escalation
    until = draft.facts.now + PASSED_FOR if escalation.phase is EscalationPhase.ROW else None
    for candidate in escalation.candidates:
        if candidate.engineer == person:
            gone = replace(candidate, passed=True, until=until)
            draft = _replace_candidate(draft, gone)
    return draft


GRACE = dt.timedelta(seconds=15)
"""How long placing a call may take before the step continues without it."""


SETTLE_AFTER = dt.timedelta(seconds=45)
"""The carrier is asked about a leg after this long without a callback."""


SEEN_EVERY = dt.timedelta(seconds=5)
"""How often a leg that waits for its turn is saved."""


def place_leg(
    draft: DecisionDraft, person: str, phone: str, ring_for: dt.timedelta
) -> DecisionDraft:
    """Add a new leg with its own digits, and the job that places it."""
    facts, incident = draft.facts, draft.the_incident
    leg_id = facts.chance.token(f"leg {incident.key} {person} {phone}")
    last = facts.last_leg(person)
    take = facts.chance.digit(f"take {leg_id}", but="" if last is None else last.take_key)
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
        retried=person in incident.escalation.rung,
    )
    rung = tuple(dict.fromkeys((*incident.escalation.rung, person)))
    draft = (
        draft.with_escalation(rung=rung)
        .with_page(leg)
        .note(JournalEvent.RING, f"{person} is rung for {ring_for.total_seconds():g} s", leg_id)
    )
    draft = draft.do(jobs.Ring(leg_id)).do(jobs.EndRing(leg_id), ring_for + GRACE)
    return draft.do(jobs.CheckLeg(leg_id), SETTLE_AFTER)


def confirm_placed(draft: DecisionDraft, leg: Page, event: events.LegPlaced) -> DecisionDraft:
    """Start the ring time: the carrier has our request."""
    draft = draft.with_page(leg, sid=leg.sid or event.sid)
    if leg.state is LegState.STOPPING:
        return draft.do(jobs.StopRinging(leg.id))
    if leg.state is not LegState.PLACING:
        return draft
    return start_ring_time(
        draft.note(JournalEvent.PLACED, "the carrier rings this phone", leg.id), leg.id
    )


def delay_leg(draft: DecisionDraft, leg: Page, event: events.LegPutOff) -> DecisionDraft:
    """Record that the leg waits for its turn. Its ring time starts later and stays the same."""
    now, seen = draft.facts.now, leg.put_off or leg.at
    if leg.state is not LegState.PLACING or now - seen < SEEN_EVERY:
        return draft
    if leg.put_off is None:
        rate = draft.facts.line.carrier.calls_per_second
        reason = f"other calls are placed first, {rate} a second"
        draft = draft.note(JournalEvent.PUT_OFF, reason, leg.id)
    return draft.with_page(leg, put_off=now, rings_until=now + leg.ring_for + GRACE)


def start_ring_time(draft: DecisionDraft, leg_id: str) -> DecisionDraft:
    """Ring the phone from now for the ring time of the step, whatever the carrier's minimum."""
    leg = draft.the_incident.page(leg_id)
    if leg is None:
        return draft
    until = draft.facts.now + leg.ring_for
    draft = draft.with_page(leg, state=LegState.RINGING, rings_until=until)
    return draft.do(jobs.EndRing(leg_id), leg.ring_for)
