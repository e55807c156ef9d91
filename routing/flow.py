"""The one table of cases: what happened, and which room of the line decides what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from routing import events, incident_events, premium, proof
from routing import events as ev
from routing.caller import last_resort, leaving, opening, reception, urgency, waiting
from routing.decision import Decision, Matter
from routing.draft import Draft
from routing.engineer import callin, wrap_up
from routing.engineer.leg import checked, heard, keyed, listens, rang_long_enough, refused
from routing.escalation import desk_queue, recall, ringing, taking
from routing.facts import Facts
from routing.incident import Incident, State
from routing.incidents import lifecycle, response_clock
from routing.line import Happening
from routing.notify.webhook import Dispatch
from routing.page import Page, Result

CALLER: dict[type, Callable[[Draft, Any], Draft]] = {
    events.Chose: reception.chose,
    events.ContractKeyed: reception.contract_keyed,
    events.PinChecked: reception.pin_checked,
    events.Introduced: urgency.introduced,
    events.WaitingKey: waiting.waiting_key,
    events.MessageLeft: waiting.message_left,
    events.MessageCut: waiting.message_cut,
    events.LeftQueue: leaving.left_queue,
    events.Unattended: last_resort.unattended,
    events.StayedOn: leaving.stayed_on,
    events.RescueTaken: last_resort.rescue_taken,
    events.RescueOver: last_resort.rescue_over,
    events.CallEnded: leaving.call_ended,
    events.CallChecked: leaving.call_checked,
}
LEG: dict[type, Callable[[Draft, Page, Any], Draft]] = {
    events.LegPlaced: ringing.placed,
    events.LegPutOff: ringing.put_off,
    events.LegRefused: refused,
    events.LegHeard: heard,
    events.LegChecked: checked,
    events.LegListens: listens,
    events.LegKeyed: keyed,
    events.LegMet: taking.met,
    events.LegParted: taking.parted,
    events.CustomerRung: wrap_up.customer_rung,
    events.NoteSpoken: wrap_up.note_spoken,
    events.RangLongEnough: rang_long_enough,
}

COURSE: dict[type, Callable[[Draft, Any], Draft]] = {
    incident_events.Responded: lifecycle.responded,
    incident_events.Closed: lifecycle.closed,
    incident_events.WaitsForCustomer: lifecycle.waits,
    incident_events.CustomerReplied: lifecycle.replied,
    incident_events.Reassigned: lifecycle.reassigned,
    incident_events.Noted: lifecycle.noted,
    incident_events.RequestCame: lifecycle.came,
    incident_events.ClockStruck: response_clock.struck,
}


def begin(facts: Facts, event: events.Dialled) -> Decision:
    """A call comes in."""
    return reception.begin(facts, event).decision


def lodge(facts: Facts, event: incident_events.Lodged) -> Decision:
    """A program reports a matter."""
    return report(None, opening.lodge(facts, event).decision, facts)


def step(matter: Matter, event: ev.Event, facts: Facts) -> Decision:
    """What follows from this event for this matter. Pure: the same three give the same answer."""
    return report(matter.incident, _follow(matter, event, facts), facts)


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
        case incident_events.HuntDue(mark=mark):
            due = mark == draft.the_incident.hunt.mark
            return lifecycle.sought_again(draft, recall.hunt_due(draft)) if due else draft
        case incident_events.PromiseDue():
            return taking.broken(draft, event)
        case incident_events.CalledIn(engineer=engineer, phone=phone):
            return callin.ring_back(draft, engineer, phone)
        case incident_events.CallWanted(engineer=engineer, by=by):
            return callin.ring_for_call(draft, engineer, by)
        case incident_events.CodeTexted():
            return proof.code_texted(draft, event)
        case incident_events.DeskTurn(free=free):
            return desk_queue.serve(draft, free)
        case incident_events.EngineerFree(engineer=engineer):
            return taking.freed(draft, engineer)
        case incident_events.PremiumSet(premium=premium_, by=by, reason=reason):
            setting = premium.set_to_premium if premium_ else premium.set_to_standard
            return setting(draft, by, reason)
        case incident_events.TextedBack(engineer=engineer, by=by):
            return taking.acknowledged(draft, engineer, by)
        case incident_events.PageSent(page=page_id):
            page = draft.the_incident.page(page_id)
            return draft if page is None else sent(draft, page, event)
    return draft


def sent(draft: Draft, page: Page, event: incident_events.PageSent) -> Draft:
    """What became of a notice; sent is not final, and what was sent is never canceled."""
    final = (Result.DELIVERED, Result.UNDELIVERED, Result.FAILED, Result.CANCELED)
    if page.result in final or (page.result and event.result is Result.CANCELED):
        return draft
    sid = page.sid or event.sid
    draft = draft.with_page(page, result=event.result, sid=sid, reason=event.why)
    why = f": {event.why}" if event.why else ""
    reason = f"the {page.channel} is {event.result}{why}"
    return draft.note("notice_" + event.result, reason, page.id)


# What programs outside are told of: read off the incident before and after a decision. So
# nobody who changes an incident has to think of it, and what is told is saved with the change.


def report(before: Incident | None, decision: Decision, facts: Facts) -> Decision:
    """The decision with a dispatch to each program that wants to hear what happened by it."""
    after = decision.matter.incident
    if after is None or after == before or not facts.line.webhooks:
        return decision
    dispatches = tuple(
        Dispatch(
            id=facts.chance.token(f"dispatch {after.key} {happening} {hook.id}"),
            line=after.line,
            hook=hook.id,
            incident=after.key,
            happening=happening,
            at=facts.now,
        )
        for happening in happenings(before, after)
        for hook in facts.line.webhooks
        if happening in hook.on
    )
    return replace(decision, dispatches=dispatches)


def happenings(before: Incident | None, after: Incident) -> Iterator[Happening]:
    """What happened between the two, in the order in which it makes sense."""
    if before is None:
        yield Happening.OPENED
    if after.raised_at is not None and (before is None or after.raised_at != before.raised_at):
        yield Happening.RAISED
    if before is not None and after.state is State.OPEN and before.state is not State.OPEN:
        yield Happening.REOPENED
    if _taken(before) != _taken(after) and after.acknowledged_by is not None:
        yield Happening.ACKNOWLEDGED
    if after.breached_at is not None and (before is None or before.breached_at is None):
        yield Happening.BREACHED
    for state, happening in ENDS.items():
        if after.state is state and (before is None or before.state is not state):
            yield happening


ENDS = {State.RESPONDED: Happening.RESPONDED, State.CLOSED: Happening.CLOSED}


def _taken(incident: Incident | None) -> object:
    return (incident.acknowledged_by, incident.acknowledged_at) if incident is not None else None
