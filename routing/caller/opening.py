"""Opens incidents: who is paged, and what the caller hears."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from routing import events, recording
from routing.call import Identity, Preamble, SignatureRequest, Stage
from routing.contracts import coverage, premium
from routing.contracts.plans import Door
from routing.correspondence import Author, CustomerMessage
from routing.draft import (
    DecisionDraft,
    ask,
    park,
    set_callback_from_call,
    set_callback_number,
    why_barred,
    why_caller_barred,
)
from routing.drill import is_drill
from routing.escalation import desk_queue, steps
from routing.facts import QUIET_NOTICE, DecisionFacts
from routing.incident import Incident, IncidentKind, IncidentSource
from routing.incidents import correspondence, response_clock
from routing.journal import JournalEvent
from routing.line import Line, UnverifiedRates
from routing.message import Via
from routing.notify import customer, messages
from routing.oncall.policy import find_escalation


def open_incident(draft: DecisionDraft, introduction: str | None = None) -> DecisionDraft:
    """Create the incident. Only a correct PIN gives it a contract, a company and a name."""
    call, facts = draft.the_call, draft.facts
    urgency = call.urgency or 1
    incident = Incident(
        key=facts.chance.token(f"incident {call.id}"),
        line=call.line,
        opened_at=facts.now,
        urgency=urgency,
        language=call.language,
        entitlement=call.entitlement,
        kind=IncidentKind.SIGNATURE_REQUEST if call.request else IncidentKind.INCIDENT,
        caller=call.caller,
        calls=(call.sid,),
        call=call.id,
        **_name_customer(call.identity),
    )
    draft = apply_plan(draft.about(incident).with_call(incident=incident.key))
    draft = set_callback_from_call(draft, call)
    draft = premium.store_few_left(draft)
    standing = coverage.describe_standing(facts.line, draft.the_incident)
    draft = draft.note(JournalEvent.OPENED, f"level {urgency}, {standing}")
    draft = response_clock.start(draft, call.started_at)
    if call.request is not None:
        draft = customer.receive_request(draft, call.request)
    draft = customer.announce_opening(draft)
    if introduction:
        draft = customer.keep_recording(draft, recording.Purpose.INTRODUCTION, introduction)
    return draft


class _Customer(TypedDict, total=False):
    contract: str
    customer: str
    contact: str
    plan: str


def _name_customer(identity: Identity | None) -> _Customer:
    """The contract and its customer when the caller is identified."""
    if identity is None:
        return {}
    return {
        "contract": identity.contract,
        "customer": identity.customer,
        "contact": identity.contact,
        "plan": identity.plan,
    }


def apply_plan(draft: DecisionDraft) -> DecisionDraft:
    """Store the entitlement and the rank that the incident has by its plan, at its level, now."""
    incident, facts = draft.the_incident, draft.facts
    plan = coverage.plan_of(facts.line, incident)
    standing = coverage.find_standing(
        plan, incident.entitlement, incident.urgency, office_open=facts.office_open
    )
    rank = coverage.find_rank(facts.line, plan, standing)
    return draft.with_incident(entitlement=standing, rank=rank)


def open_critical(draft: DecisionDraft, introduction: str | None = None) -> DecisionDraft:
    """Open an incident of level 1, and ring an engineer unless the caller is barred. A caller who
    is barred only until the PIN is known is asked for it first."""
    why = why_not_rung(draft)
    if why is not None and draft.the_call.live and draft.the_call.owes_pin:
        return ask(draft.note(JournalEvent.PIN_FIRST, why), Stage.PIN)
    draft = open_incident(draft, introduction)
    if why is not None:
        return take_message_only(draft.note(JournalEvent.NOT_RUNG, why))
    if draft.the_call.live:
        draft = hold_caller(draft)
    return steps.begin(draft)


def hold_caller(draft: DecisionDraft) -> DecisionDraft:
    """Ask a caller for whom people are rung what is not known yet: the PIN, then what is wrong.
    Else put them in the queue at once."""
    parked_at = draft.the_call.parked_at or draft.facts.now
    held = draft.with_call(parked_at=parked_at)
    if draft.the_incident.winner() is not None:
        return enter_queue(draft)
    if draft.the_call.owes_pin:
        return ask(held, Stage.PIN)
    if asks_matter(draft.facts.line, draft.the_incident):
        return ask(held, Stage.MATTER)
    return park(draft)


def enter_queue(draft: DecisionDraft) -> DecisionDraft:
    """Put the caller in the queue. Somebody may have taken the call just before."""
    if draft.the_incident.winner() is not None:
        return park(draft, Preamble.TAKEN)
    return park(draft)


def asks_matter(line: Line, incident: Incident) -> bool:
    """True where nothing was said about the incident yet. A caller who said a name was recorded
    once, and is not recorded again."""
    known = incident.matter or incident.message or incident.introduction
    return line.matter and known is None and not is_drill(line.id)


def prove(draft: DecisionDraft) -> DecisionDraft:
    """The PIN was right while telephones ring: the incident is that of the contract from now on.
    Nobody who is rung already is left out, even if the contract has expired, and no page is sent
    again. An incident with which this one was merged may be another contract's, and stays so."""
    call, policy = draft.the_call, find_escalation(draft.facts.line, draft.the_incident)
    if draft.the_incident.entitlement.verified:
        why = "while telephones ring, for an incident that another had proven"
        return draft.note(JournalEvent.PROVEN_CALLER, f"{why}: it stays as it is")
    proven = draft.with_incident(entitlement=call.entitlement, **_name_customer(call.identity))
    draft = apply_plan(proven)
    draft = premium.store_few_left(set_callback_from_call(draft, call))
    standing = coverage.describe_standing(draft.facts.line, draft.the_incident)
    draft = draft.note(JournalEvent.PROVEN_CALLER, f"while telephones ring: {standing}")
    draft = customer.announce_opening(response_clock.start(draft, call.started_at))
    if draft.the_incident.winner() is not None:
        return premium.count_incident(draft)
    return steps.change_policy(draft, policy)


def ask_to_confirm(draft: DecisionDraft) -> DecisionDraft:
    """Ask to confirm level 1, after the hours of the plan if it does not include level 1 now."""
    plan, remark = coverage.plan_of_caller(draft.facts.line, draft.the_call), Preamble.NONE
    if coverage.is_outside_hours(plan, office_open=draft.facts.office_open):
        remark = Preamble.PLAN_HOURS
    return ask(draft, Stage.CONFIRM, remark)


def why_not_rung(draft: DecisionDraft) -> str | None:
    """The reason why no engineer may be rung for this caller, or None."""
    return why_caller_barred(draft.facts, draft.the_call)


def take_message_only(draft: DecisionDraft) -> DecisionDraft:
    """Ring nobody. The caller leaves a message, and a text follows within fifteen minutes."""
    if draft.the_call.live:
        told = draft.the_call.stage is Stage.CONFIRM and draft.the_call.unrung
        draft = ask(draft, Stage.MESSAGE, Preamble.KNOWS_UNRUNG if told else Preamble.NONE)
    return steps.notify_quietly(draft)


# A matter that a customer who is not on the telephone lodges.


def lodge(facts: DecisionFacts, event: events.Lodged) -> DecisionDraft:
    """Create the incident, and page the engineers whom a call of its level would reach."""
    draft = _open_lodged(facts, event)
    if event.kind is IncidentKind.SIGNATURE_REQUEST:
        found = correspondence.find_attachable(facts, draft.the_incident, event.files)
        request = event.request or SignatureRequest()
        draft = customer.receive_request(draft, request, has_files=bool(found))
    if event.urgency > 1:
        return desk_queue.leave_queue(draft, "nobody waits at the telephone: the desk is told")
    if not event.rings:
        return tell_without_ringing(draft)
    why = why_barred(facts, draft.the_incident.entitlement, event.phone)
    why = why or why_not_this_way(facts, event)
    if why is not None:
        return steps.notify_quietly(draft.note(JournalEvent.NOT_RUNG, why))
    return steps.begin(draft)


def why_not_this_way(facts: DecisionFacts, event: events.Lodged) -> str | None:
    """Why the plan does not let its customer wake people this way, or None. The incident is kept
    whatever the plan says."""
    door = PLAN_DOORS.get(event.source)
    if event.identity is None or door is None:
        return None
    plan = facts.line.plan(event.identity.plan)
    if plan.allows(door):
        return None
    return f"the plan {plan.id} has no door by {door}"


def tell_without_ringing(draft: DecisionDraft) -> DecisionDraft:
    """A level 1 that wakes nobody: the duty manager is told at once, and the desk when it is
    open.

    Writers who are not verified may be many: the duty manager is told of as many of them as
    unverified callers may ring, one in a quarter of an hour at most, and the desk of each.
    """
    incident, facts = draft.the_incident, draft.facts
    draft = draft.note(JournalEvent.NOT_RUNG, "what came in writing wakes nobody by itself")
    once = f"lodged quietly {incident.key}"
    if not incident.entitlement.verified:
        turn = facts.now.timestamp() // find_turn(facts.line.unverified).total_seconds()
        once = f"lodged quietly {incident.line} {turn:.0f}"
    news = messages.News("lodged_quietly", (), incident.key, incident.urgency, once)
    draft = messages.tell_manager(draft, news)
    return desk_queue.tell_without_ringing(draft, "nobody is rung: the desk is told")


def find_turn(rates: UnverifiedRates) -> dt.timedelta:
    """How long the duty manager is told of one unverified writer at most."""
    limits = (rates.per_caller, rates.line)
    return max(QUIET_NOTICE, *(limit.per / max(limit.count, 1) for limit in limits))


def _open_lodged(facts: DecisionFacts, event: events.Lodged) -> DecisionDraft:
    incident = Incident(
        key=event.key,
        line=event.line,
        opened_at=facts.now,
        urgency=event.urgency,
        language=event.language,
        entitlement=event.entitlement,
        source=event.source,
        kind=event.kind,
        subject=event.subject,
        products=event.products,
        affected_since=event.affected_since,
        rings=event.rings,
        **_name_customer(event.identity),
    )
    draft = apply_plan(DecisionDraft(facts, None, incident))
    phone = None
    if event.identity is not None:
        phone = event.identity.phone
    draft = set_callback_number(draft, event.phone or phone, phone)
    draft = premium.store_few_left(draft)
    standing = coverage.describe_standing(facts.line, draft.the_incident)
    said = f"level {event.urgency} by {event.source}, {standing}"
    if event.entered_by:
        said = f"{said}, entered by {event.entered_by}"
    draft = response_clock.start(draft.note(JournalEvent.OPENED, said), facts.now)
    draft = customer.announce_opening(draft)
    return _keep_first_message(draft, event)


PLAN_DOORS = {IncidentSource.PORTAL: Door.PORTAL, IncidentSource.EMAIL: Door.EMAIL}
"""The door of the plan for each source that is one."""

DOORS = {
    IncidentSource.PHONE: Via.CALL,
    IncidentSource.PORTAL: Via.PORTAL,
    IncidentSource.EMAIL: Via.EMAIL,
    IncidentSource.API: Via.API,
}
"""The way by which the first message of a matter came, by where the matter came from."""


def _keep_first_message(draft: DecisionDraft, event: events.Lodged) -> DecisionDraft:
    """Store what the customer wrote, and the files with it, as the first message."""
    incident, facts = draft.the_incident, draft.facts
    files = correspondence.find_attachable(facts, incident, event.files)
    if not event.words and not files:
        return draft
    return draft.keep(
        CustomerMessage(
            id=facts.chance.token(f"lodged {event.key}"),
            incident=event.key,
            at=facts.now,
            author=Author.CUSTOMER,
            by=incident.contact or event.by,
            door=DOORS[event.source],
            words=event.words,
            verified=event.entitlement.verified,
            mail_id=event.mail_id,
            files=files,
        )
    )
