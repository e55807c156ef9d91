"""The one table of cases: what happened, and which room of the line decides what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routing import events as ev
from routing import premium, proof, reporting
from routing.caller import leaving, lodging, reception, rescue, urgency, waiting
from routing.course import clock, progress, states
from routing.draft import Draft, Facts
from routing.engineer import callback, callin, dictation, keys, legs
from routing.hunting import beside, placing, promise, reach, row, taking
from routing.incident import Page, Result
from routing.ports import Decision, Matter

CALLER: dict[type, Callable[[Draft, Any], Draft]] = {
    ev.Chose: reception.chose,
    ev.ContractKeyed: reception.contract_keyed,
    ev.PinChecked: reception.pin_checked,
    ev.Introduced: urgency.introduced,
    ev.WaitingKey: waiting.waiting_key,
    ev.MessageLeft: waiting.message_left,
    ev.MessageCut: waiting.message_cut,
    ev.LeftQueue: leaving.left_queue,
    ev.Unattended: rescue.unattended,
    ev.StayedOn: leaving.stayed_on,
    ev.RescueTaken: rescue.rescue_taken,
    ev.RescueOver: rescue.rescue_over,
    ev.CallEnded: leaving.call_ended,
    ev.CallChecked: leaving.call_checked,
}
LEG: dict[type, Callable[[Draft, Page, Any], Draft]] = {
    ev.LegPlaced: placing.placed,
    ev.LegPutOff: placing.put_off,
    ev.LegRefused: legs.refused,
    ev.LegHeard: legs.heard,
    ev.LegChecked: legs.checked,
    ev.LegListens: legs.listens,
    ev.LegKeyed: keys.keyed,
    ev.LegMet: taking.met,
    ev.LegParted: taking.parted,
    ev.CustomerRung: callback.customer_rung,
    ev.NoteSpoken: dictation.note_spoken,
    ev.RangLongEnough: legs.rang_long_enough,
}

COURSE: dict[type, Callable[[Draft, Any], Draft]] = {
    ev.Responded: states.responded,
    ev.Closed: states.closed,
    ev.WaitsForCustomer: states.waits,
    ev.CustomerReplied: states.replied,
    ev.Reassigned: states.reassigned,
    ev.Noted: states.noted,
    ev.RequestCame: progress.came,
    ev.ClockStruck: clock.struck,
}


def begin(facts: Facts, event: ev.Dialled) -> Decision:
    """A call comes in."""
    return reception.begin(facts, event).decision


def lodge(facts: Facts, event: ev.Lodged) -> Decision:
    """A program reports a matter."""
    return reporting.report(None, lodging.lodge(facts, event).decision, facts)


def step(matter: Matter, event: ev.Event, facts: Facts) -> Decision:
    """What follows from this event for this matter. Pure: the same three give the same answer."""
    return reporting.report(matter.incident, _follow(matter, event, facts), facts)


def _follow(matter: Matter, event: ev.Event, facts: Facts) -> Decision:
    draft = Draft(facts, matter.call, matter.incident)
    caller = CALLER.get(type(event))
    if caller is not None:
        return (caller(draft, event) if draft.call is not None else draft).decision
    said = COURSE.get(type(event))
    if said is not None:
        return (said(draft, event) if draft.incident is not None else draft).decision
    leg = LEG.get(type(event))
    if leg is not None:
        page = matter.incident.page(event.leg) if matter.incident is not None else None  # type: ignore[union-attr]
        return (leg(draft, page, event) if page is not None else draft).decision
    return about_incident(draft, event).decision


def about_incident(draft: Draft, event: ev.Event) -> Draft:
    """Timers, texts and pages of an incident."""
    match event:
        case ev.HuntDue(mark=mark):
            due = mark == draft.the_incident.hunt.mark
            return states.sought_again(draft, reach.hunt_due(draft)) if due else draft
        case ev.PromiseDue():
            return promise.broken(draft, event)
        case ev.CalledIn(engineer=engineer, phone=phone):
            return callin.ring_back(draft, engineer, phone)
        case ev.CallWanted(engineer=engineer, by=by):
            return callin.ring_for_call(draft, engineer, by)
        case ev.CodeTexted():
            return proof.code_texted(draft, event)
        case ev.DeskTurn(free=free):
            return row.serve(draft, free)
        case ev.EngineerFree(engineer=engineer):
            return beside.freed(draft, engineer)
        case ev.PremiumSet(premium=premium_, by=by, reason=reason):
            setting = premium.set_to_premium if premium_ else premium.set_to_standard
            return setting(draft, by, reason)
        case ev.TextedBack(engineer=engineer, by=by):
            return beside.acknowledged(draft, engineer, by)
        case ev.PageSent(page=page_id):
            page = draft.the_incident.page(page_id)
            return draft if page is None else sent(draft, page, event)
    return draft


def sent(draft: Draft, page: Page, event: ev.PageSent) -> Draft:
    """What became of a notice; sent is not final, and what was sent is never canceled."""
    final = (Result.DELIVERED, Result.UNDELIVERED, Result.FAILED, Result.CANCELED)
    if page.result in final or (page.result and event.result is Result.CANCELED):
        return draft
    sid = page.sid or event.sid
    draft = draft.with_page(page, result=event.result, sid=sid, reason=event.why)
    why = f": {event.why}" if event.why else ""
    reason = f"the {page.channel} is {event.result}{why}"
    return draft.note("notice_" + event.result, reason, page.id)
