"""The response clock: started, announced at shares of the promised time, paused, and stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import islice

from routing import events, jobs
from routing.contracts import coverage
from routing.contracts.plans import OfficeTime
from routing.draft import DecisionDraft
from routing.incident import ClockState, Incident, ResponseClock
from routing.journal import JournalEvent
from routing.notify.messages import warn_of_deadline
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import wall

SHARES = (50, 80, 100)
"""The shares of the promised time, in percent, at which people are told; the last is a breach."""

WHOLE = SHARES[-1]


def find_time_left(
    incident: Incident, office: OfficeHours, now: dt.datetime
) -> dt.timedelta | None:
    """How much of the promised time is left; only office hours count if the promise is in office
    hours. None without a running or paused clock."""
    clock = incident.clock
    if clock.promised is None or clock.state in (ClockState.NONE, ClockState.STOPPED):
        return None
    if clock.state is ClockState.PAUSED or clock.since is None:
        return clock.left
    passed = office.passed(clock.since, now, office=clock.promised.office)
    return max(clock.left - passed, dt.timedelta(0))


def start(draft: DecisionDraft, since: dt.datetime) -> DecisionDraft:
    """Start the clock for the level that the incident has now. ``since`` is the start of its first
    call, or of its upgrade. An older clock is void."""
    incident = draft.the_incident
    promised = coverage.find_promise(draft.facts.line, incident)
    clock = ResponseClock(mark=incident.clock.mark + 1)
    if promised is not None:
        clock = ResponseClock(mark=clock.mark, promised=promised, since=since)
    draft = draft.with_incident(
        respond_by=None, clock=clock, waiting_since=None, waiting_for=None, waiting_by=None
    )
    draft = _run(draft)
    due = draft.the_incident.clock.unpaused
    if promised is None or due is None:
        return draft
    within = f"{describe_promise(promised)} from {format_moment(draft, since)}"
    why = f"{within}: due by {format_moment(draft, due)}"
    return draft.with_incident(respond_by=due).note(JournalEvent.PROMISED, why)


def handle_strike(draft: DecisionDraft, event: events.ClockStruck) -> DecisionDraft:
    """Handle the timer of a share, and set that of the next. An early timer is set again."""
    clock, now = draft.the_incident.clock, draft.facts.now
    at = dict(clock.strikes).get(event.share)
    if event.mark != clock.mark or at is None:
        return draft
    if at > now:
        return draft.do(jobs.CheckResponseTime(event.incident, event.mark, event.share), at - now)
    announced = announce_share(draft)
    if announced is draft:
        return draft  # the timer came twice
    return _set_timer(announced)


def announce_share(draft: DecisionDraft) -> DecisionDraft:
    """Announce, once, the largest share that has passed by now. Smaller shares are skipped."""
    incident = draft.the_incident
    reached = incident.clock.reached(draft.facts.now)
    if incident.clock.state is not ClockState.RUNNING or reached <= incident.clock.announced:
        return draft
    draft = draft.with_incident(clock=replace(incident.clock, announced=reached))
    if reached == WHOLE:
        draft = record_breach(draft)
    return warn_of_deadline(draft, reached)


def take_over(draft: DecisionDraft, other: Incident) -> DecisionDraft:
    """Go on with the clock of another incident of the same matter."""
    mark = max(draft.the_incident.clock.mark, other.clock.mark)
    clock = replace(other.clock, mark=mark)
    draft = draft.with_incident(clock=clock, respond_by=other.respond_by)
    why = f"the clock of incident {other.number} goes on"
    return _run(draft.note(JournalEvent.PROMISED, why))


def record_breach(draft: DecisionDraft) -> DecisionDraft:
    """Record the breach, from the time at which the response was due."""
    incident = draft.the_incident
    draft = draft.with_incident(breached_at=incident.breached_at or incident.respond_by)
    return draft.note(JournalEvent.BREACH, "the promised time is over and no response is recorded")


def stop(draft: DecisionDraft) -> DecisionDraft:
    """Stop the clock. A late response is a breach, even before its timer fires."""
    incident, now = draft.the_incident, draft.facts.now
    clock = incident.clock
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return draft
    late = clock.state is ClockState.RUNNING and incident.respond_by is not None
    if late and now > (incident.respond_by or now) and clock.announced < WHOLE:
        draft = record_breach(draft)
    stopped = replace(clock, state=ClockState.STOPPED, strikes=(), mark=clock.mark + 1)
    return draft.with_incident(clock=stopped)


def pause(draft: DecisionDraft) -> DecisionDraft:
    """Pause the clock. The remaining time is kept."""
    draft = announce_share(draft)
    clock, now = draft.the_incident.clock, draft.facts.now
    if clock.state is not ClockState.RUNNING or clock.promised is None or clock.since is None:
        return draft
    used = draft.facts.office.passed(clock.since, now, office=clock.promised.office)
    clock = replace(clock, spent=clock.spent + used, strikes=(), mark=clock.mark + 1)
    draft = draft.with_incident(clock=replace(clock, state=ClockState.PAUSED))
    return draft.note(
        JournalEvent.CLOCK_PAUSED, f"{format_length(clock.left)} of the promised time are left"
    )


def resume(draft: DecisionDraft) -> DecisionDraft:
    """Let the clock run on: the response is due after the remaining time."""
    clock, facts = draft.the_incident.clock, draft.facts
    if clock.state is not ClockState.PAUSED or clock.promised is None:
        return draft
    draft = draft.with_incident(clock=replace(clock, since=facts.now))
    if clock.left:
        due = facts.office.after(facts.now, replace(clock.promised, length=clock.left))
        draft = draft.with_incident(respond_by=due)
        why = f"{format_length(clock.left)} are left: due by {format_moment(draft, due)}"
        draft = draft.note(JournalEvent.CLOCK_RESUMED, why)
    return _run(draft)


def _run(draft: DecisionDraft) -> DecisionDraft:
    """Set the instants of the remaining shares, and the timer of the first. The last instant of a
    clock that was never paused is kept."""
    incident, facts = draft.the_incident, draft.facts
    clock, promised = incident.clock, incident.clock.promised
    if promised is None or clock.since is None:
        return draft
    shares = [share for share in SHARES if share > clock.announced]
    lengths = [promised.length * share / WHOLE - clock.spent for share in shares]
    instants = facts.office.after_each(clock.since, lengths, office=promised.office)
    clock = replace(
        clock,
        state=ClockState.RUNNING,
        strikes=tuple(zip(shares, instants, strict=True)),
        mark=clock.mark + 1,
        unpaused=clock.unpaused or next(reversed(instants), None),
    )
    return _set_timer(draft.with_incident(clock=clock))


def _set_timer(draft: DecisionDraft) -> DecisionDraft:
    """Set the timer of the next share. One is enough: most clocks are stopped before the first."""
    incident, now = draft.the_incident, draft.facts.now
    clock = incident.clock
    left = ((share, at) for share, at in clock.strikes if share > clock.announced)
    for share, at in islice(left, 1):
        draft = draft.do(jobs.CheckResponseTime(incident.key, clock.mark, share), at - now)
    return draft


def describe_promise(promised: OfficeTime) -> str:
    """The promised time, in words for the journal."""
    if promised.office:
        return f"{format_length(promised.length)} of office hours"
    return format_length(promised.length)


def format_length(time: dt.timedelta) -> str:
    """A duration in hours and minutes: 3:05 h."""
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def format_moment(draft: DecisionDraft, at: dt.datetime) -> str:
    """A time in the time zone of the line."""
    return wall(at, draft.facts.line.timezone).isoformat(" ", "minutes")
