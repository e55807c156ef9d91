"""Opens incidents: who is paged, and what the caller hears."""

from __future__ import annotations

from dataclasses import replace

from routing.call import Stage
from routing.contracts import premium
from routing.draft import (
    DecisionDraft,
    ask,
    park,
    set_callback_from_call,
    set_callback_number,
    why_barred,
)
from routing.escalation import desk_queue, steps
from routing.escalation.unrung import tell_quietly
from routing.events import IncidentReported
from routing.facts import DecisionFacts
from routing.incident import Incident, IncidentKind
from routing.incidents import response_clock
from routing.journal import JournalEvent
from routing.message import IncidentNote, Via
from routing.notify import customer
from routing.notify.customer import keep
from routing.recording import Purpose


def open_incident(draft: DecisionDraft, introduction: str | None = None) -> DecisionDraft:
    """Create the incident. Only a correct PIN gives it a contract, a company and a name."""
    call, facts = draft.the_call, draft.facts
    who, urgency = call.identity, call.urgency or 1
    incident = Incident(
        key=facts.chance.token(f"incident {call.id}"),
        line=call.line,
        opened_at=facts.now,
        urgency=urgency,
        language=call.language,
        standing=call.standing,
        kind=IncidentKind.SIGNATURE_REQUEST if call.request else IncidentKind.INCIDENT,
        contract=who.contract if who else None,
        customer=who.customer if who else None,
        contact=who.contact if who else None,
        plan=who.plan if who else None,
        caller=call.caller,
        calls=(call.sid,),
        call=call.id,
    )
    draft = replace(draft, incident=incident).with_call(incident=incident.key)
    draft = set_callback_from_call(draft, call)
    draft = premium.remind(draft)
    draft = draft.note(JournalEvent.OPENED, f"level {urgency}, {call.standing}")
    draft = response_clock.wind(draft, call.started_at)
    draft = customer.received(draft, call.request) if call.request else draft
    return keep(draft, Purpose.INTRODUCTION, introduction) if introduction else draft


def critical(draft: DecisionDraft, introduction: str | None = None) -> DecisionDraft:
    """Level 1, at any hour."""
    return call_out(open_incident(draft, introduction))


def call_out(draft: DecisionDraft) -> DecisionDraft:
    """Ring an engineer, unless the caller is barred."""
    why = not_rung(draft)
    if why is not None:
        return message_only(draft.note(JournalEvent.NOT_RUNG, why))
    return steps.begin(park(draft) if draft.the_call.live else draft)


def not_rung(draft: DecisionDraft) -> str | None:
    """The reason why no engineer may be rung for this caller, or None."""
    return why_barred(draft.facts, draft.the_call.standing, draft.the_call.caller)


def message_only(draft: DecisionDraft) -> DecisionDraft:
    """Ring nobody. The caller leaves a message, and a text follows within fifteen minutes."""
    return tell_quietly(ask(draft, Stage.MESSAGE) if draft.the_call.live else draft)


# An incident that a program reports for a customer who is not on the phone.


def lodge(facts: DecisionFacts, event: IncidentReported) -> DecisionDraft:
    """Create the incident, and page the engineers whom a call of its level would reach."""
    draft = _opened(facts, event)
    if event.urgency > 1:
        return desk_queue.leave(draft, "nobody waits at the telephone: the desk is told")
    why = why_barred(facts, event.standing, event.phone)
    if why is not None:
        return tell_quietly(draft.note(JournalEvent.NOT_RUNG, why))
    return steps.begin(draft)


def _opened(facts: DecisionFacts, event: IncidentReported) -> DecisionDraft:
    who = event.identity
    incident = Incident(
        key=event.key,
        line=event.line,
        opened_at=facts.now,
        urgency=event.urgency,
        language=event.language,
        standing=event.standing,
        source=event.source,
        contract=who.contract if who else None,
        customer=who.customer if who else None,
        contact=who.contact if who else None,
        plan=who.plan if who else None,
    )
    contacts = who.phone if who else None
    draft = set_callback_number(
        DecisionDraft(facts, None, incident), event.phone or contacts, contacts
    )
    draft = premium.remind(draft)
    said = f"level {event.urgency} by {event.source}, {event.standing}"
    draft = response_clock.wind(draft.note(JournalEvent.OPENED, said), facts.now)
    if not event.words:
        return draft
    memo = facts.chance.token(f"memo {event.key}")
    return draft.jot(IncidentNote(memo, event.key, facts.now, event.source, Via.API, event.words))
