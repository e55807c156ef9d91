"""An incident is opened: who is told, and what the caller may expect."""

from __future__ import annotations

from dataclasses import replace

from routing import premium, requests
from routing.barring import barred
from routing.call import Stage
from routing.caller.unrung import tell_quietly
from routing.course import clock
from routing.dialling import reachable
from routing.draft import Draft
from routing.hunting import hunt
from routing.incident import Incident, Kind
from routing.keeping import keep
from routing.question import ask, park
from routing.recording import Purpose


def open_incident(draft: Draft, introduction: str | None = None) -> Draft:
    """Write down the matter; only a right PIN lends it a contract, a company and a name."""
    call, facts = draft.the_call, draft.facts
    who, urgency = call.identity, call.urgency or 1
    incident = Incident(
        key=facts.chance.token(f"incident {call.id}"),
        line=call.line,
        opened_at=facts.now,
        urgency=urgency,
        language=call.language,
        standing=call.standing,
        kind=Kind.SIGNATURE_REQUEST if call.request else Kind.INCIDENT,
        contract=who.contract if who else None,
        customer=who.customer if who else None,
        contact=who.contact if who else None,
        plan=who.plan if who else None,
        caller=call.caller,
        calls=(call.sid,),
        call=call.id,
    )
    draft = replace(draft, incident=incident).with_call(incident=incident.key)
    draft = reachable(draft, call)
    draft = premium.remind(draft)
    draft = draft.note("opened", f"level {urgency}, {call.standing}")
    draft = clock.wind(draft, call.started_at)
    draft = requests.received(draft, call.request) if call.request else draft
    return keep(draft, Purpose.INTRODUCTION, introduction) if introduction else draft


def critical(draft: Draft, introduction: str | None = None) -> Draft:
    """Level 1, at any hour."""
    return call_out(open_incident(draft, introduction))


def call_out(draft: Draft) -> Draft:
    """A human is rung, unless the file or a flood of calls forbids it."""
    why = not_rung(draft)
    if why is not None:
        return message_only(draft.note("not_rung", why))
    return hunt.begin(park(draft) if draft.the_call.live else draft)


def not_rung(draft: Draft) -> str | None:
    """Why nobody may be rung for this caller; None when somebody may."""
    return barred(draft.facts, draft.the_call.standing, draft.the_call.caller)


def message_only(draft: Draft) -> Draft:
    """Nobody is rung; the caller leaves a message, and a text tells of it within a quarter."""
    return tell_quietly(ask(draft, Stage.MESSAGE) if draft.the_call.live else draft)
