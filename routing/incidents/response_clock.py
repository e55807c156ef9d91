"""The response clock: wound with the promise, told of at its shares, paused, and stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.draft import DecisionDraft
from routing.events import ClockStruck
from routing.facts import DecisionFacts
from routing.incident import ClockState, ResponseClock
from routing.jobs import CheckResponseTime
from routing.journal import JournalEvent
from routing.line import OfficeTime
from routing.notify.messages import warn_of_deadline
from routing.oncall.local_time import wall

SHARES = (50, 80, 100)
"""The shares of the promised time, in percent, at which somebody is told; the last is a breach."""

WHOLE = SHARES[-1]


def promise(facts: DecisionFacts, urgency: int, since: dt.datetime) -> dt.datetime | None:
    """When a response is due at this level for what began then; None where none is promised."""
    promised = dict(facts.line.respond_within).get(urgency)
    return facts.office.after(since, promised) if promised is not None else None


def wind(draft: DecisionDraft, since: dt.datetime) -> DecisionDraft:
    """Promise a response at the level that the incident now has, counted from a moment: that at
    which its first call began, or at which it was raised. An older promise is void."""
    incident, facts = draft.the_incident, draft.facts
    due = promise(facts, incident.urgency, since)
    clock = ResponseClock(mark=incident.clock.mark + 1)
    draft = draft.with_incident(
        respond_by=due, clock=clock, waiting_since=None, waiting_for=None, waiting_by=None
    )
    if due is None:
        return draft
    promised = dict(facts.line.respond_within)[incident.urgency]
    clock = replace(clock, promised=promised, since=since, unpaused=due)
    draft = _run(draft.with_incident(clock=clock))
    why = f"{said(promised)} from {shown(draft, since)}: due by {shown(draft, due)}"
    return draft.note(JournalEvent.PROMISED, why)


def struck(draft: DecisionDraft, event: ClockStruck) -> DecisionDraft:
    """A stroke of the clock as it now runs; one that comes early is waited for."""
    clock, now = draft.the_incident.clock, draft.facts.now
    at = dict(clock.strikes).get(event.share)
    if event.mark != clock.mark or at is None:
        return draft
    if at > now:
        return draft.do(CheckResponseTime(event.incident, event.mark, event.share), at - now)
    return catch_up(draft)


def catch_up(draft: DecisionDraft) -> DecisionDraft:
    """Tell of the greatest share that is used up by now, once; those it has overtaken are not."""
    incident = draft.the_incident
    reached = incident.clock.reached(draft.facts.now)
    if incident.clock.doing is not ClockState.RUNNING or reached <= incident.clock.told:
        return draft
    draft = draft.with_incident(clock=replace(incident.clock, told=reached))
    return warn_of_deadline(broken(draft) if reached == WHOLE else draft, reached)


def broken(draft: DecisionDraft) -> DecisionDraft:
    """The promise was not kept: from the moment at which the response was due."""
    incident = draft.the_incident
    draft = draft.with_incident(breached_at=incident.breached_at or incident.respond_by)
    return draft.note(JournalEvent.BREACH, "the promised time is over and no response is recorded")


def stop(draft: DecisionDraft) -> DecisionDraft:
    """A response is recorded: on time, or too late even if nobody had looked yet."""
    incident, now = draft.the_incident, draft.facts.now
    clock = incident.clock
    if clock.doing not in (ClockState.RUNNING, ClockState.PAUSED):
        return draft
    late = clock.doing is ClockState.RUNNING and incident.respond_by is not None
    if late and now > (incident.respond_by or now) and clock.told < WHOLE:
        draft = broken(draft)
    stopped = replace(clock, doing=ClockState.STOPPED, strikes=(), mark=clock.mark + 1)
    return draft.with_incident(clock=stopped)


def pause(draft: DecisionDraft) -> DecisionDraft:
    """The customer is waited for: what is left of the promised time is kept."""
    draft = catch_up(draft)
    clock, now = draft.the_incident.clock, draft.facts.now
    if clock.doing is not ClockState.RUNNING or clock.promised is None or clock.since is None:
        return draft
    used = draft.facts.office.passed(clock.since, now, office=clock.promised.office)
    clock = replace(clock, spent=clock.spent + used, strikes=(), mark=clock.mark + 1)
    draft = draft.with_incident(clock=replace(clock, doing=ClockState.PAUSED))
    return draft.note(
        JournalEvent.CLOCK_PAUSED, f"{length(clock.left)} of the promised time are left"
    )


def resume(draft: DecisionDraft) -> DecisionDraft:
    """The customer has replied: the response is due once what was left has passed."""
    clock, facts = draft.the_incident.clock, draft.facts
    if clock.doing is not ClockState.PAUSED or clock.promised is None:
        return draft
    draft = draft.with_incident(clock=replace(clock, since=facts.now))
    if clock.left:
        due = facts.office.after(facts.now, replace(clock.promised, length=clock.left))
        draft = draft.with_incident(respond_by=due)
        why = f"{length(clock.left)} are left: due by {shown(draft, due)}"
        draft = draft.note(JournalEvent.CLOCK_RESUMED, why)
    return _run(draft)


def _run(draft: DecisionDraft) -> DecisionDraft:
    """Set the strokes that are still to come, and an errand for each."""
    incident, facts = draft.the_incident, draft.facts
    clock, office = incident.clock, facts.office
    if clock.promised is None or clock.since is None:
        return draft
    strikes = []
    for share in (s for s in SHARES if s > clock.told):
        until = clock.promised.length * share / WHOLE - clock.spent
        at = office.after(clock.since, replace(clock.promised, length=until))
        strikes.append((share, at))
    mark = clock.mark + 1
    clock = replace(clock, doing=ClockState.RUNNING, strikes=tuple(strikes), mark=mark)
    draft = draft.with_incident(clock=clock)
    for share, at in strikes:
        draft = draft.do(CheckResponseTime(incident.key, mark, share), at - facts.now)
    return draft


def said(promised: OfficeTime) -> str:
    """A promised length of time, in words for the journal."""
    return length(promised.length) + (" of office hours" if promised.office else "")


def length(time: dt.timedelta) -> str:
    """A length of time as hours and minutes: 3:05."""
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def shown(draft: DecisionDraft, at: dt.datetime) -> str:
    """A moment as clocks of the line show it."""
    return wall(at, draft.facts.line.timezone).isoformat(" ", "minutes")
