"""What waits for the desk to open: nobody is rung, and whoever is there then is told of it."""

from __future__ import annotations

import datetime as dt

from routing.call import Remark, Stage
from routing.draft import Draft, Facts
from routing.errands import HuntOn
from routing.incident import Hunting, Incident, State
from routing.question import tell_later
from routing.schedule.escalation import desk_for, people_of
from routing.written.paging import tell


def staff(facts: Facts, incident: Incident) -> tuple[str, ...]:
    """Who is at the desk for this incident now; nobody outside office hours."""
    step = desk_for(facts.line, incident)
    return people_of(step, facts, incident.language) if step and facts.office_open else ()


def leave(draft: Draft, why: str) -> Draft:
    """Nobody waits at the telephone: whoever is at the desk is told, now or when it opens."""
    draft = draft.with_incident(rowed_at=None).with_hunt(candidates=(), missed=(), left=())
    draft = draft.note("later", why)
    if draft.the_incident.state is not State.OPEN:
        return now_doing(draft, Hunting.OVER)
    opens = draft.facts.office_opens()
    if desk_for(draft.facts.line, draft.the_incident) is None or opens is None:
        return now_doing(draft, Hunting.QUIET)
    return look_after(
        now_doing(draft, Hunting.LATER), max(opens - draft.facts.now, dt.timedelta(0))
    )


def unstaffed(draft: Draft, why: str) -> Draft:
    """Nobody is at the desk: whoever waits hears so, and what can be done.

    Who is speaking a message, or says that it is level 1, is not interrupted.
    """
    draft = leave(draft, why)
    waits = draft.call is not None and draft.call.stage is Stage.WAITING
    return tell_later(draft, Remark.DESK_CLOSED) if waits else draft


def tell_desk(draft: Draft) -> Draft:
    """The desk is open: everybody there is told of what waits; if nobody is there, in a while."""
    incident = draft.the_incident
    if incident.state is not State.OPEN:
        return draft
    for person in staff(draft.facts, incident):
        engineer = draft.facts.line.engineer(person)
        draft = tell(draft, engineer) if engineer else draft
    told = len(draft.the_incident.pages) > len(incident.pages)
    return look_after(now_doing(draft, Hunting.LATER), _next_time(draft.facts, told=told))


def now_doing(draft: Draft, doing: Hunting) -> Draft:
    """Another pursuit; older timers are void."""
    hunt = draft.the_incident.hunt
    return draft.with_hunt(doing=doing, mark=hunt.mark + 1, resumes_at=None)


def look_after(draft: Draft, after: dt.timedelta) -> Draft:
    """Look at it again after a while."""
    incident = draft.the_incident
    return draft.do(HuntOn(incident.key, incident.hunt.mark), after)


def _next_time(facts: Facts, *, told: bool) -> dt.timedelta:
    """Told: on the next day that the office is open; else in a quarter of an hour, or when it opens
    after all: a timer may be early by another clock."""
    if not told and facts.office_open:
        return dt.timedelta(minutes=15)
    opens = facts.office_opens(dt.timedelta(hours=12) if told else dt.timedelta(0))
    return opens - facts.now if opens else dt.timedelta(days=1)
