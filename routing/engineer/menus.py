"""The sentences that an engineer hears on a leg, and the keys that the engineer presses.

`LEG_MENUS` has one entry for each question. Its document and its decision derive from the entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from routing import drill, events
from routing.call import OUTSIDE_QUEUE, Call, CallOutcome, DatabaseAge, Entitlement, Stage
from routing.contracts import coverage
from routing.decision import Case
from routing.draft import DecisionDraft
from routing.engineer import leg as legs
from routing.escalation import queue_position, taking
from routing.incident import Incident, IncidentSource, IncidentState, ReopenReason
from routing.line import Line
from routing.oncall.policy import name_of
from routing.page import LegState, Page, PageResult
from routing.voice_document import (
    Act,
    BridgeQueue,
    Dial,
    Document,
    HangUp,
    Menu,
    MenuKey,
    Next,
    Pause,
    Play,
    Record,
    Redirect,
    Say,
    Spoken,
    find_handler,
    say,
    say_keys,
)

CALLBACK_SECONDS = 40
NOTE_SECONDS = 120
WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class LegView:
    """The values on which the document of a leg depends. ``now`` is when it is heard."""

    leg: Page
    incident: Incident
    call: Call | None
    line: Line
    now: dt.datetime


class MissKey(Protocol):
    """Decides after silence or a wrong key."""

    def __call__(self, draft: DecisionDraft, leg: Page, *, pressed: bool) -> DecisionDraft:
        """Return what follows."""


LegKey = MenuKey[LegView, Callable[[DecisionDraft, Page], DecisionDraft]]


@dataclass(frozen=True, slots=True)
class LegMenu:
    """One question to an engineer: sentences, keys, and what follows without a known key."""

    intro: Callable[[LegView], tuple[Spoken, ...]]
    keys: Callable[[LegView], tuple[LegKey, ...]]
    missed: MissKey


# The first words that an engineer hears: what kind of call it is, and who calls.


MARKS = {
    Entitlement.EXPIRED: "whisper_expired",
    Entitlement.NOT_BEGUN: "whisper_not_begun",
    Entitlement.STANDARD: "whisper_standard",
}


def whisper(view: LegView) -> tuple[Spoken, ...]:
    """The caller, the level and the time waited: the words for three at night."""
    incident = view.incident
    spoken: tuple[Spoken, ...] = ()
    if view.leg.slips:
        spoken = (say("wrong_key"),)
    if view.line.whisper == "brief":
        brief = "whisper_brief" if incident.urgency == 1 else "whisper_brief_desk"
        named = view.line.name_in(view.leg.language)
        return (*spoken, say(brief, line=named, level=incident.urgency))
    if drill.is_waking(incident.line):
        return (*spoken, say("whisper_drill"))
    spoken = (*spoken, *say_kind(incident), *say_caller(view))
    if incident.reopen_reason is not None:
        spoken = (*spoken, say(f"whisper_{incident.reopen_reason}", number=incident.number))
    return (*spoken, say(f"whisper_level_{incident.urgency}"), say_wait(view))


def say_kind(incident: Incident) -> tuple[Say, ...]:
    """The kind of call: a priority call, one for the desk, or a request about recognition."""
    request = incident.request
    if request is None and incident.urgency > 1:
        return (say("whisper_desk"),)
    first = (say("whisper_begin"),) if incident.urgency == 1 else ()
    if request is None:
        return first
    fault = say(f"whisper_{request.verdict}")
    if request.databases is DatabaseAge.OLD:
        return (*first, fault, say("whisper_old_databases"))
    return (*first, fault)


def say_caller(view: LegView) -> tuple[Spoken, ...]:
    """Company and contact once the PIN was right, and why they have no priority. Else that the
    caller is unverified, and the recorded name."""
    incident = view.incident
    if not incident.entitlement.verified:
        if is_written(view):
            return (say("whisper_unverified_writer"),)
        if not incident.introduction:
            return (say("whisper_unverified"),)
        return (say("whisper_unverified"), Play(incident.introduction))
    who = say("whisper_who", company=incident.customer or "", contact=incident.contact or "")
    plan, mark = coverage.plan_of(view.line, incident), MARKS.get(incident.entitlement)
    if mark is None:
        return (who,)
    if plan is None:
        return (who, say(mark))
    if coverage.lacks_telephone(plan, incident):
        mark = "whisper_plan_phone"
    elif plan.level(1) is not None:
        mark = "whisper_plan_hours"
    return (who, say(mark, plan=plan.name(view.leg.language)))


def is_written(view: LegView) -> bool:
    """True when nobody called: the customer lodged it in writing, or wrote again."""
    incident, call = view.incident, view.call
    if incident.reopen_reason is ReopenReason.WROTE_AGAIN:
        return call is None or not call.live
    return call is None and incident.source is not IncidentSource.PHONE


def say_wait(view: LegView) -> Say:
    """How long the caller has waited, or that nobody is on the line."""
    call = view.call
    if call is not None and call.live:
        return say("whisper_waits", waited=view.now - (call.parked_at or call.started_at))
    if is_customer_rung(view):
        return say("whisper_being_called")
    if is_written(view):
        if view.incident.reopen_reason is ReopenReason.WROTE_AGAIN:
            return say("nobody_on_line")
        return say(f"whisper_lodged_{view.incident.source}")
    if call is not None and call.outcome is CallOutcome.CALLBACK:
        return say("whisper_wants_callback")
    return say("whisper_gone")


def whisper_keys(view: LegView) -> tuple[LegKey, ...]:
    """The key that takes the call, and the key that passes it on. They differ with each leg."""
    leg = view.leg
    prompt = say("whisper_keys", take=leg.take_key, pass_on=leg.pass_key)
    return (MenuKey(leg.take_key, legs.take, prompt), MenuKey(leg.pass_key, legs.pass_on))


# The engineer took the call of a caller who has hung up.


def say_caller_gone(view: LegView) -> tuple[Spoken, ...]:
    """The end of the caller's call, and the message if there is one. Or that nobody called."""
    call, message = view.call, view.incident.message
    if is_written(view):
        return (say("nobody_on_line"),)
    if call is not None and (call.outcome or call.fate) is CallOutcome.CALLBACK:
        became = "caller_wants_callback"
    elif call is not None and call.bridged:
        return (say("talk_over"),)
    else:
        became = "caller_gone"
    if not message:
        return (say(became),)
    return (say(became), say("message_follows"), Play(message))


def is_customer_rung(view: LegView) -> bool:
    """True while the line calls the customer, who asked for it and is joined after a key."""
    leg = view.incident.customer_leg
    return leg is not None and leg.live


def callback_keys(view: LegView) -> tuple[LegKey, ...]:
    """The key that calls the customer back, when there is a number to call."""
    if view.incident.dialled is None:
        return ()
    offer = "offer_call" if is_written(view) else "offer_callback"
    return (MenuKey("1", legs.call_back, say(offer, key="1")),)


def offer_callback(view: LegView) -> tuple[Act, ...]:
    """The end of the caller's call, and one key that calls the customer."""
    incident = view.incident
    if is_customer_rung(view):
        then = Next("leg.key", view.leg.id, view.leg.turn)
        return (say("customer_being_called"), Pause(WAIT_SECONDS), Redirect(then))
    if incident.dialled is not None:
        return ask_for_key(view)
    if incident.undialled:
        return (*say_caller_gone(view), say("number_not_dialled"), say("goodbye"), HangUp())
    return (*say_caller_gone(view), say("no_number_to_call"), HangUp())


# The wrap-up after a conversation.


def say_talk(view: LegView) -> tuple[Spoken, ...]:
    """The result of the conversation, and notes on the premium bundle and the number."""
    incident = view.incident
    spoken: tuple[Spoken, ...] = ()
    if incident.waived is not None:
        spoken = (say("set_to_standard"),)
    if legs.caller_is_there(view.call):
        spoken = (*spoken, say("caller_still_there"))
    else:
        spoken = (*spoken, say(view.leg.became or "talk_over"))
    if incident.undialled:
        spoken = (*spoken, say("number_not_dialled"))
    return spoken


def can_call_again(view: LegView) -> bool:
    """True when the caller is on the line, or there is a number to call."""
    return legs.caller_is_there(view.call) or view.incident.dialled is not None


def is_premium(view: LegView) -> bool:
    """True for an incident that counts against the bundle."""
    return view.incident.premium


def say_wrap_up(view: LegView) -> Say:
    """The keys of the wrap-up, in one sentence."""
    number = view.incident.number
    if legs.caller_is_there(view.call):
        return say("closing_menu_there", number=number)
    if view.incident.dialled:
        return say("closing_menu", number=number)
    return say("closing_menu_without", number=number)


WRAP_UP_KEYS: tuple[LegKey, ...] = (
    MenuKey("1", legs.respond, say_wrap_up),
    MenuKey("2", legs.call_again, None, can_call_again),
    MenuKey("3", legs.hand_over),
    MenuKey("4", legs.dictate),
    MenuKey("5", legs.set_to_standard, say("closing_standard", key="5"), is_premium),
)


LEG_MENUS: dict[LegState, LegMenu] = {
    LegState.LISTENING: LegMenu(whisper, whisper_keys, legs.miss_key),
    LegState.OFFERED: LegMenu(say_caller_gone, callback_keys, legs.miss_wrap_up_key),
    LegState.CLOSING: LegMenu(say_talk, lambda view: WRAP_UP_KEYS, legs.miss_wrap_up_key),
}


WRAP_UP = (LegState.OFFERED, LegState.CLOSING)
"""The menus after a key has taken the call. They are given up after some silences."""


def press_key(draft: DecisionDraft, leg: Page, event: events.LegKeyed) -> DecisionDraft:
    """Follow the key of the menu that the engineer hears."""
    if event.turn != leg.turn or (event.sid and leg.sid and event.sid != leg.sid):
        return draft
    menu = LEG_MENUS.get(leg.state)
    if menu is None:
        return draft
    if leg.state is LegState.LISTENING and taking.is_taken_by_other(draft.the_incident, leg):
        return draft
    view = LegView(leg, draft.the_incident, draft.call, draft.facts.line, draft.facts.now)
    handler = find_handler(menu.keys(view), view, event.key)
    if handler is None:
        return menu.missed(draft, leg, pressed=event.key is not None)
    return handler(draft, leg)


def ask_for_key(view: LegView) -> tuple[Act, ...]:
    """The menu of this leg, until the engineer has let it pass too often."""
    if view.leg.state in WRAP_UP and legs.has_given_up(view.leg):
        return (say("goodbye"), HangUp())
    menu = LEG_MENUS.get(view.leg.state, LEG_MENUS[LegState.LISTENING])
    spoken = (*menu.intro(view), *say_keys(menu.keys(view), view))
    then = Next("leg.key", view.leg.id, view.leg.turn)
    return (Menu(spoken, then), Redirect(then))


# The documents.


def build_leg_document(leg: Page, case: Case, line: Line, now: dt.datetime) -> Document:
    """The next document of this leg, from where leg, incident and call are."""
    incident = case.incident
    if incident is None:
        return Document(leg.language, (say("over"), HangUp()))
    view = LegView(leg, incident, case.call, line, now)
    if taking.is_taken_by_other(incident, leg) and not leg.won:
        return Document(leg.language, (say_taken(view), HangUp()))
    return Document(leg.language, DOCUMENTS[leg.state](view))


def say_taken(view: LegView) -> Say:
    """Somebody else has the call, or the drill is over."""
    if drill.is_waking(view.incident.line):
        return say("drill_over")
    name = name_of(view.line, view.incident.acknowledged_by)
    if not name:
        return say("taken")
    return say("taken_by", name=name)


def say_end(view: LegView) -> tuple[Act, ...]:
    """The last sentence, by how the leg ended."""
    leg = view.leg
    if leg.said is not None:
        return (say(leg.said.value, number=view.incident.number), HangUp())
    if leg.result is PageResult.NO_KEY:
        return (*say_not_taken(view), HangUp())
    return (say("passed_on" if leg.result is PageResult.DECLINED else "over"), HangUp())


def say_not_taken(view: LegView) -> tuple[Say, ...]:
    """No key took it, so the call is not over: the caller waits, or the incident stays open."""
    why = say("wrong_key" if view.leg.slips > 1 else "no_key_came")
    if view.call is not None and view.call.holds:
        return (why, say("not_connected"))
    if view.incident.state is IncidentState.OPEN and not drill.is_waking(view.incident.line):
        return (why, say("still_open"))
    return (why, say("goodbye"))


def connect(view: LegView) -> tuple[Act, ...]:
    """Connect with the caller's queue. A caller who is not in it yet is waited for."""
    leg, call = view.leg, view.call
    if call is None:
        return (say("over"), HangUp())
    bridge = BridgeQueue(
        call.queue, Next("leg.connected", leg.id), Next("leg.parted", leg.id, leg.turn)
    )
    if call.stage in OUTSIDE_QUEUE:
        return (say("caller_speaks" if call.stage is Stage.MESSAGE else "caller_fetched"), bridge)
    first = say("customer_is_back" if leg.back else "connecting")
    if leg.rounds:
        return (first, Pause(3), bridge)
    if view.line.whisper == "brief":
        return (first, *say_caller(view), bridge)
    return (first, bridge)


def call_customer(view: LegView) -> tuple[Act, ...]:
    """Dial the customer's number. An engineer who calls back at once first hears the message."""
    leg, incident = view.leg, view.incident
    then = Next("leg.rang", leg.id, leg.turn)
    dial = Dial(incident.dialled or "", view.line.number, then, CALLBACK_SECONDS, star=True)
    calling = (say("calling_customer"), dial)
    if (
        incident.message
        and leg.became is None
        and queue_position.is_called_back_next(incident, view.call)
    ):
        return (say("message_follows"), Play(incident.message), *calling)
    return calling


def ask_note(view: LegView) -> tuple[Act, ...]:
    """Ask for a note. Silence returns to the menu."""
    then = Next("leg.noted", view.leg.id, view.leg.turn)
    return (say("ask_note"), Record(then, NOTE_SECONDS), Redirect(then))


DOCUMENTS: dict[LegState, Callable[[LegView], tuple[Act, ...]]] = {
    LegState.PLACING: ask_for_key,
    LegState.RINGING: ask_for_key,
    LegState.LISTENING: ask_for_key,
    LegState.CONNECTING: connect,
    LegState.TALKING: connect,
    LegState.OFFERED: offer_callback,
    LegState.CLOSING: ask_for_key,
    LegState.DICTATING: ask_note,
    LegState.CALLING: call_customer,
    LegState.STOPPING: say_end,
    LegState.ENDED: say_end,
}
"""The document of each state."""
