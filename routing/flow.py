"""Passes each event to the function that decides what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, assert_never

from routing import events
from routing.caller import call_me_now, leaving, menus, opening, reception, urgency, waiting
from routing.contracts import premium
from routing.correspondence import CustomerMessage
from routing.decision import Case, Decision
from routing.draft import DecisionDraft
from routing.engineer import callin, leg
from routing.engineer import menus as leg_menus
from routing.escalation import desk_queue, recall, ringing, taking
from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentState
from routing.incidents import correspondence, lifecycle, merging, response_clock
from routing.journal import JournalEvent
from routing.line import IncidentHappening, Webhook
from routing.notify import text_codes
from routing.notify.webhook import WebhookEvent
from routing.page import CustomerLeg, Page, PageResult

CALLER: dict[type, Callable[[DecisionDraft, Any], DecisionDraft]] = {
    events.Chose: menus.answer_menu,
    events.ContractKeyed: reception.take_contract_number,
    events.PinChecked: reception.take_pin,
    events.Introduced: urgency.take_name,
    events.WaitingKey: menus.answer_while_waiting,
    events.MatterSaid: waiting.take_matter,
    events.MessageLeft: waiting.take_message,
    events.MessageCut: waiting.cut_message,
    events.LeftQueue: leaving.leave_queue,
    events.Unattended: leaving.connect_unattended,
    events.StayedOn: leaving.stay_on,
    events.RescueTaken: leaving.take_rescue_key,
    events.RescueOver: leaving.end_rescue,
    events.CallEnded: leaving.end_call,
    events.CallChecked: leaving.check_call,
}
LEG: dict[type, Callable[[DecisionDraft, Page, Any], DecisionDraft]] = {
    events.LegPlaced: ringing.confirm_placed,
    events.LegPutOff: ringing.delay_leg,
    events.LegRefused: leg.refuse,
    events.LegHeard: leg.apply_status,
    events.LegChecked: leg.check,
    events.LegListens: leg.listen,
    events.LegKeyed: leg_menus.press_key,
    events.LegConnected: taking.begin_talk,
    events.LegParted: taking.end_talk,
    events.CustomerRung: leg.end_callback,
    events.NoteSpoken: leg.take_note,
    events.RangLongEnough: leg.stop_ringing,
}
CUSTOMER_LEG: dict[type, Callable[[DecisionDraft, CustomerLeg, Any], DecisionDraft]] = {
    events.CustomerLegHeard: call_me_now.apply_status,
    events.CustomerLegChecked: call_me_now.check,
    events.CustomerRangLongEnough: call_me_now.stop_ringing,
    events.CustomerListens: call_me_now.listen,
    events.CustomerKeyed: call_me_now.press_key,
}

LIFECYCLE: dict[type, Callable[[DecisionDraft, Any], DecisionDraft]] = {
    events.Responded: lifecycle.respond,
    events.Closed: lifecycle.close,
    events.WaitsForCustomer: lifecycle.wait_for_customer,
    events.CustomerReplied: lifecycle.record_reply,
    events.Reassigned: lifecycle.reassign,
    events.Noted: lifecycle.add_note,
    events.RequestCame: lifecycle.advance_request,
    events.ClockStruck: response_clock.handle_strike,
    events.CustomerWrote: correspondence.take_message,
    events.AnsweredCustomer: correspondence.answer_customer,
    events.Merged: merging.merge,
    events.RaisedByCustomer: urgency.raise_in_writing,
    events.SolvedByCustomer: lifecycle.close_for_customer,
}


def begin_call(facts: DecisionFacts, event: events.Dialled) -> Decision:
    """A call comes in."""
    return reception.begin(facts, event).decision


def lodge(facts: DecisionFacts, event: events.Lodged) -> Decision:
    """A customer lodges a matter by the portal, by mail or by a program."""
    return add_webhook_events(None, opening.lodge(facts, event).decision, facts)


def step(case: Case, event: events.Event, facts: DecisionFacts) -> Decision:
    """Decide what follows from an event. Pure: the same arguments give the same decision."""
    decision = add_webhook_events(case.incident, _follow(case, event, facts), facts)
    if not decision.also:
        return decision
    also = tuple(
        (before, add_webhook_events(before.incident, other, facts))
        for before, other in decision.also
    )
    return replace(decision, also=also)


def _follow(case: Case, event: events.Event, facts: DecisionFacts) -> Decision:
    draft = DecisionDraft(facts, case.call, case.incident)
    if isinstance(event, events.CallEvent):
        if draft.call is not None:
            draft = CALLER[type(event)](draft, event)
    elif isinstance(event, events.LifecycleEvent):
        if draft.incident is not None:
            draft = LIFECYCLE[type(event)](draft, event)
    elif isinstance(event, events.LegEvent):
        page = case.incident.page(event.leg) if case.incident is not None else None
        if page is not None:
            draft = LEG[type(event)](draft, page, event)
    elif isinstance(event, events.CustomerLegEvent):
        rung = case.incident.customer_leg if case.incident is not None else None
        if rung is not None and rung.number == event.number:
            draft = CUSTOMER_LEG[type(event)](draft, rung, event)
    else:
        draft = step_incident(draft, event)
    return draft.decision


def step_incident(
    draft: DecisionDraft,
    event: events.EscalationEvent | events.CustomerCallWanted | events.PageSent,
) -> DecisionDraft:
    """Handle the timers, texts and pages of an incident."""
    match event:
        case events.EscalationTimerFired(mark=mark):
            if mark != draft.the_incident.escalation.mark:
                return draft
            return lifecycle.resume_if_reopened(draft, recall.handle_timer(draft))
        case events.KeyDeadlinePassed():
            return taking.end_key_deadline(draft, event)
        case events.CalledIn(engineer=engineer, phone=phone):
            return callin.ring_back(draft, engineer, phone)
        case events.CallWanted(engineer=engineer, by=by):
            return callin.ring_for_call(draft, engineer, by)
        case events.CustomerCallWanted():
            return call_me_now.ring_customer(draft, event)
        case events.CodeTexted():
            return text_codes.check_code(draft, event)
        case events.DeskTurn(free=free):
            return desk_queue.serve(draft, free)
        case events.EngineerFree(engineer=engineer):
            return taking.ring_freed(draft, engineer)
        case events.PremiumSet(premium=premium_, by=by, reason=reason):
            if premium_:
                return premium.set_to_premium(draft, by, reason)
            return premium.set_to_standard(draft, by, reason)
        case events.AcknowledgedWithoutKey(engineer=engineer, by=by):
            return taking.acknowledge(draft, engineer, by)
        case events.PageSent(page=page_id):
            page = draft.the_incident.page(page_id)
            if page is None:
                return draft
            return record_sending(draft, page, event)
        case _:
            assert_never(event)


NOTICE_EVENTS = {
    PageResult.SENT: JournalEvent.NOTICE_SENT,
    PageResult.DELIVERED: JournalEvent.NOTICE_DELIVERED,
    PageResult.UNDELIVERED: JournalEvent.NOTICE_UNDELIVERED,
    PageResult.FAILED: JournalEvent.NOTICE_FAILED,
    PageResult.CANCELED: JournalEvent.NOTICE_CANCELED,
}
"""The results that a text or an e-mail can have. The others are those of a telephone call."""


def record_sending(draft: DecisionDraft, page: Page, event: events.PageSent) -> DecisionDraft:
    """Store the result of a text or an e-mail. ``sent`` is not final; a sent message is never
    canceled."""
    final = (PageResult.DELIVERED, PageResult.UNDELIVERED, PageResult.FAILED, PageResult.CANCELED)
    if page.result in final or (page.result and event.result is PageResult.CANCELED):
        return draft
    sid = page.sid or event.sid
    draft = draft.with_page(page, result=event.result, sid=sid, reason=event.why)
    reason = f"the {page.channel} is {event.result}"
    if event.why:
        reason += f": {event.why}"
    return draft.note(NOTICE_EVENTS[event.result], reason, page.id)


# Webhook events come from a comparison of the incident before and after a decision. A function
# that changes an incident need not know of webhooks, and both are saved in one transaction.


_Change = tuple[IncidentHappening, CustomerMessage | None]


def add_webhook_events(
    before: Incident | None, decision: Decision, facts: DecisionFacts
) -> Decision:
    """Add a webhook event for each webhook that subscribes to what happened."""
    after = decision.case.incident
    if after is None or not facts.line.webhooks:
        return decision
    changes: list[_Change] = [(happening, None) for happening in find_happenings(before, after)]
    written: list[_Change] = [(IncidentHappening.MESSAGE, m) for m in decision.customer_messages]
    told = written + changes  # a message comes before what follows from it
    if before is None:
        told = changes + written
    webhook_events = tuple(
        _build_webhook_event(facts, after, hook, *change)
        for change in told
        for hook in facts.line.webhooks
        if change[0] in hook.on
    )
    return replace(decision, webhook_events=webhook_events)


def _build_webhook_event(
    facts: DecisionFacts,
    incident: Incident,
    hook: Webhook,
    happening: IncidentHappening,
    message: CustomerMessage | None,
) -> WebhookEvent:
    seed = f"dispatch {incident.key} {happening} {hook.id}"
    if message is not None:
        seed = f"{seed} {message.id}"
    return WebhookEvent(
        id=facts.chance.token(seed),
        line=incident.line,
        hook=hook.id,
        incident=incident.key,
        happening=happening,
        at=facts.now,
        message=message,
        content=hook.content,
    )


def find_happenings(before: Incident | None, after: Incident) -> Iterator[IncidentHappening]:
    """Yield what happened to the incident, oldest first."""
    if before is None:
        yield IncidentHappening.OPENED
    if after.raised_at is not None and (before is None or after.raised_at != before.raised_at):
        yield IncidentHappening.RAISED
    if (
        before is not None
        and after.state is IncidentState.OPEN
        and before.state is not IncidentState.OPEN
    ):
        yield IncidentHappening.REOPENED
    if _taken(before) != _taken(after) and after.acknowledged_by is not None:
        yield IncidentHappening.ACKNOWLEDGED
    if after.breached_at is not None and (before is None or before.breached_at is None):
        yield IncidentHappening.BREACHED
    for state, happening in ENDS.items():
        if after.state is state and (before is None or before.state is not state):
            yield happening


ENDS = {
    IncidentState.RESPONDED: IncidentHappening.RESPONDED,
    IncidentState.CLOSED: IncidentHappening.CLOSED,
}


def _taken(incident: Incident | None) -> object:
    if incident is None:
        return None
    return incident.acknowledged_by, incident.acknowledged_at
