"""The sentences that an engineer hears on a leg: who calls, what became of them, and how it ends.

Each is said only where it is true. The keys are in `menus.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from routing import drill
from routing.call import Call, CallOutcome, DatabaseAge, Entitlement, Stage
from routing.contracts import coverage
from routing.decision import Case
from routing.engineer import leg as legs
from routing.incident import Incident, IncidentSource, IncidentState, ReopenReason
from routing.line import Line
from routing.oncall.policy import name_of
from routing.page import Hears, LegState, Page
from routing.voice_document import Document, HangUp, Play, Say, Spoken, say


@dataclass(frozen=True, slots=True)
class LegView:
    """The values on which the document of a leg depends. ``now`` is when it is heard."""

    leg: Page
    incident: Incident
    call: Call | None
    line: Line
    now: dt.datetime


# The first words that an engineer hears: level, who calls, what is new, and how long they wait.


MARKS = {
    Entitlement.EXPIRED: "whisper_expired",
    Entitlement.NOT_BEGUN: "whisper_not_begun",
    Entitlement.STANDARD: "whisper_no_priority",
}

MOST_REMARKS = 2
"""So many remarks at most, so that the whisper has no more than thirty words. The owner of an
unproven number takes the place of one."""

A_SECOND = dt.timedelta(seconds=1)

NAMED_LANGUAGES = ("nl", "en", "de", "fr")
"""The languages that a sentence names."""


def hear_first(view: LegView) -> tuple[Spoken, ...]:
    """What a listening engineer hears before the keys."""
    match view.leg.hears:
        case Hears.WHISPER:
            return whisper(view)
        case Hears.KEYS:
            return (*say_kind(view), say("repeat_star"))
        case Hears.RETRY:
            return (say("wrong_key"),)
        case Hears.HELP:
            return (say("wrong_key"), *whisper(view), say("repeat_star"))
        case Hears.RECORDING:
            found = list_recordings(view)
            if found:
                return tuple(map(Play, found))
            return (say("caller_speaks" if is_speaking(view) else "recording_missing"),)
        case _:
            assert_never(view.leg.hears)


def whisper(view: LegView) -> tuple[Spoken, ...]:
    """Who calls about what, in the words for three at night. A brief one names nobody."""
    if view.line.whisper == "brief":
        return say_kind(view)
    if drill.is_waking(view.incident.line):
        return (say("whisper_drill"),)
    return (*say_kind(view), *say_caller(view), *say_remarks(view), say_wait(view))


def say_kind(view: LegView) -> tuple[Say, ...]:
    """The kind of call and its level."""
    incident, level = view.incident, view.incident.urgency
    if drill.is_waking(incident.line):
        return (say("whisper_drill_again"),)
    if view.line.whisper == "brief":
        brief = "whisper_brief" if level == 1 else "whisper_brief_desk"
        return (say(brief, line=view.line.name_in(view.leg.language), level=level),)
    if level == 1:
        return (say("whisper_priority"),)
    if incident.request is not None:
        return (say("whisper_request", level=level),)
    return (say("whisper_service_desk", level=level),)


def say_caller(view: LegView) -> tuple[Spoken, ...]:
    """Company and contact once the PIN was right. Else that the caller is unverified, whose number
    it is, and the recorded name."""
    incident, owner = view.incident, find_number_owner(view)
    if incident.entitlement.verified:
        who = say("whisper_who", company=incident.customer or "", contact=incident.contact or "")
        return (who, say("whisper_verified"))
    first = say("whisper_unverified")
    if owner is not None:
        first = say("whisper_number_of", company=owner)
    if is_written(view) or not incident.introduction:
        return (first,)
    return (first, Play(incident.introduction))


def find_number_owner(view: LegView) -> str | None:
    """The customer whose contract alone has the number of an unverified caller. It proves nothing:
    numbers are forged."""
    if view.call is None or view.incident.entitlement.verified or is_written(view):
        return None
    return view.call.number_of


def say_remarks(view: LegView) -> tuple[Say, ...]:
    """What an engineer should know beforehand, the most important first: what is new since last
    time, another language, what the contract lacks, and what a request is about."""
    room = MOST_REMARKS
    if find_number_owner(view) is not None:
        room -= 1
    return tuple(_list_remarks(view))[:room]


def _list_remarks(view: LegView) -> Iterator[Say]:
    incident, language = view.incident, view.incident.language
    if incident.reopen_reason is not None:
        yield say(f"whisper_{incident.reopen_reason}")
    if language != view.leg.language:
        named = language if language in NAMED_LANGUAGES else "other"
        yield say(f"whisper_speaks_{named}")
    mark = _find_mark(view)
    if mark is not None:
        yield say(mark)
    if incident.request is not None:
        yield say(f"whisper_{incident.request.verdict}")
        if incident.request.databases is DatabaseAge.OLD:
            yield say("whisper_old_databases")


def _find_mark(view: LegView) -> str | None:
    """The sentence about what the contract does not include."""
    incident = view.incident
    plan, mark = coverage.plan_of(view.line, incident), MARKS.get(incident.entitlement)
    if mark is None or plan is None:
        return mark
    if coverage.lacks_telephone(plan, incident):
        return "whisper_no_telephone"
    if plan.level(1) is not None:
        return "whisper_outside_hours"
    return mark


def is_written(view: LegView) -> bool:
    """True when nobody called: the customer lodged it in writing, or wrote again."""
    incident, call = view.incident, view.call
    if incident.reopen_reason is ReopenReason.WROTE_AGAIN:
        return call is None or not call.live
    return call is None and incident.source is not IncidentSource.PHONE


def say_wait(view: LegView) -> Say:
    """How long the caller has waited, or that nobody is on the line."""
    call = view.call
    if call is not None and call.holds:
        waited = view.now - (call.parked_at or call.started_at)
        return say("whisper_waits", waited=max(waited, A_SECOND))
    if is_customer_rung(view):
        return say("whisper_being_called")
    if is_written(view):
        if view.incident.reopen_reason is ReopenReason.WROTE_AGAIN:
            return say("nobody_on_line")
        return say(f"whisper_lodged_{view.incident.source}")
    if call is not None and CallOutcome.CALLBACK in (call.outcome, call.fate):
        return say("whisper_wants_callback")
    if call is not None and call.live:
        return say("whisper_still_there")
    return say("whisper_gone")


def is_speaking(view: LegView) -> bool:
    """True while the caller says what is wrong, or leaves a message; not in a brief whisper."""
    call = view.call
    if call is None or view.line.whisper == "brief":
        return False
    return call.holds and call.stage in (Stage.MATTER, Stage.MESSAGE)


def list_recordings(view: LegView) -> tuple[str, ...]:
    """What the caller said: the matter, and a message. Nothing before a brief whisper's key."""
    if view.line.whisper == "brief" and not view.leg.won:
        return ()
    return tuple(one for one in (view.incident.matter, view.incident.message) if one)


# What became of a caller.


def say_caller_gone(view: LegView) -> tuple[Spoken, ...]:
    """What became of the caller, and the message if there is one. Or that nobody called."""
    call = view.call
    if is_written(view):
        return (say("nobody_on_line"),)
    if call is not None and (call.outcome or call.fate) is CallOutcome.CALLBACK:
        became = "caller_wants_callback"
    elif call is not None and call.bridged:
        return (say("talk_over"),)
    elif call is not None and call.live:
        became = "caller_not_reached"
    else:
        became = "caller_gone"
    return (say(became), *say_recordings(view))


def is_customer_rung(view: LegView) -> bool:
    """True while the line calls the customer, who asked for it and is joined after a key."""
    leg = view.incident.customer_leg
    return leg is not None and leg.live


def say_recordings(view: LegView) -> tuple[Spoken, ...]:
    """What the caller said before hanging up, if anything."""
    found = list_recordings(view)
    if not found:
        return ()
    return (say("message_follows"), *map(Play, found))


def say_talk(view: LegView) -> tuple[Spoken, ...]:
    """The result of the conversation, and notes on the premium bundle and the number."""
    incident = view.incident
    spoken: tuple[Spoken, ...] = ()
    if incident.waived is not None:
        spoken = (say("set_to_standard"),)
    if view.call is not None and view.call.stage is Stage.WAITING:
        spoken = (*spoken, say("caller_still_there"))
    else:
        spoken = (*spoken, say(view.leg.became or "talk_over"))
    if incident.undialled:
        spoken = (*spoken, say("number_not_dialled"))
    return (*spoken, say("closing_incident", number=incident.number))


# How a leg ends.


def say_taken(view: LegView) -> Say:
    """Somebody else has the call, or the drill is over."""
    if drill.is_waking(view.incident.line):
        return say("drill_over")
    name = name_of(view.line, view.incident.acknowledged_by)
    if not name:
        return say("taken")
    return say("taken_by", name=name)


def say_not_taken(view: LegView) -> tuple[Say, ...]:
    """No key took it, so the call is not over: the caller waits, or the incident stays open."""
    why = say("wrong_key" if view.leg.slips >= legs.WRONG_KEYS else "no_key_came")
    if drill.is_waking(view.incident.line):
        return (why, say("goodbye"))
    return (why, *say_over(view))


def say_over(view: LegView) -> tuple[Say, ...]:
    """The end for an engineer who is not connected: who waits still, and who is rung now."""
    call, incident = view.call, view.incident
    if incident.state is not IncidentState.OPEN and not (call is not None and call.holds):
        return (say("over"),)
    first = say("still_open")
    if call is not None and call.holds:
        first = say("not_connected")
    return (first, *_say_rung(view), say("goodbye"))


def _say_rung(view: LegView) -> tuple[Say, ...]:
    """Whether a colleague is rung at this moment, or the line goes on ringing people."""
    others = (leg for leg in view.incident.legs() if leg.engineer != view.leg.engineer)
    if any(leg.state is not LegState.STOPPING for leg in others):
        return (say("rings_colleague"),)
    if view.incident.escalation.phase.seeking:
        return (say("keeps_calling"),)
    return ()


def build_surplus_document(leg: Page, case: Case, line: Line, now: dt.datetime) -> Document:
    """The document of a telephone that the carrier rang twice for one leg."""
    acts: tuple[Say, ...] = (say("over"),)
    if case.incident is not None:
        acts = say_over(LegView(leg, case.incident, case.call, line, now))
    return Document(leg.language, (*acts, HangUp()))
