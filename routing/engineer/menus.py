"""The sentences that an engineer hears on a leg, and the keys that the engineer presses.

`LEG_MENUS` has one entry for each question. Its document and its decision derive from the entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from routing import events
from routing.call import OUTSIDE_QUEUE, Stage
from routing.decision import Case
from routing.draft import DecisionDraft
from routing.engineer import leg as legs
from routing.engineer.sentences import (
    LegView,
    hear_first,
    is_customer_rung,
    is_speaking,
    is_written,
    list_recordings,
    say_caller,
    say_caller_gone,
    say_not_taken,
    say_over,
    say_recordings,
    say_taken,
    say_talk,
)
from routing.escalation import queue_position, taking
from routing.line import Line
from routing.page import Hears, LegState, Page, PageResult
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
WAIT_SECONDS = 4
SKIP_SECONDS = 1


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
    last: tuple[Say, ...] = ()


HEAR_KEY = "0"
"""The key that plays the caller's words. The keys that take and pass on are never 0."""


def whisper_keys(view: LegView) -> tuple[LegKey, ...]:
    """The key that takes the call, and the key that passes it on, which differ with each leg. One
    more plays what the caller said."""
    leg = view.leg
    prompt = say("whisper_keys", take=leg.take_key, pass_on=leg.pass_key)
    keys: tuple[LegKey, ...] = (
        MenuKey(leg.take_key, legs.take, prompt),
        MenuKey(leg.pass_key, legs.pass_on),
    )
    if not (list_recordings(view) or is_speaking(view)):
        return keys
    return (*keys, MenuKey(HEAR_KEY, legs.hear_caller, say("whisper_hear", key=HEAR_KEY)))


# The engineer took the call of a caller who has hung up.


CALL_KEY = "8"
"""The key that calls the customer, in every menu."""


def callback_keys(view: LegView) -> tuple[LegKey, ...]:
    """The key that calls the customer back, when there is a number to call."""
    if view.incident.dialled is None:
        return ()
    offer = "offer_call" if is_written(view) else "offer_callback"
    return (MenuKey(CALL_KEY, legs.call_back, say(offer, key=CALL_KEY)),)


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


def can_call_again(view: LegView) -> bool:
    """True when the caller is on the line, or there is a number to call."""
    return legs.caller_is_there(view.call) or view.incident.dialled is not None


def is_premium(view: LegView) -> bool:
    """True for an incident that counts against the bundle."""
    return view.incident.premium


def say_call_again(view: LegView) -> Say:
    """The key that goes on with a caller who waits, or calls one who has gone. Right after a
    conversation either may be so, whichever of the carrier's reports came first."""
    call = view.call
    if call is not None and call.stage in (Stage.BRIDGED, Stage.RETURNING):
        return say("closing_call_or_talk", key=CALL_KEY)
    if legs.caller_is_there(call):
        return say("closing_talk_on", key=CALL_KEY)
    return say("closing_call_back", key=CALL_KEY)


WRAP_UP_KEYS: tuple[LegKey, ...] = (
    MenuKey("1", legs.respond, say("closing_responded", key="1")),
    MenuKey("2", legs.hand_over, say("closing_hand_over", key="2")),
    MenuKey("5", legs.set_to_standard, say("closing_standard", key="5"), is_premium),
    MenuKey("7", legs.dictate, say("closing_note", key="7")),
    MenuKey(CALL_KEY, legs.call_again, say_call_again, can_call_again),
)

SKIP_KEYS: tuple[LegKey, ...] = (
    MenuKey(CALL_KEY, legs.skip_recording, say("skip_recording", key=CALL_KEY)),
)


LEG_MENUS: dict[LegState, LegMenu] = {
    LegState.LISTENING: LegMenu(hear_first, whisper_keys, legs.miss_key),
    LegState.OFFERED: LegMenu(say_caller_gone, callback_keys, legs.miss_wrap_up_key),
    LegState.CLOSING: LegMenu(
        say_talk, lambda view: WRAP_UP_KEYS, legs.miss_wrap_up_key, (say("or_hang_up"),)
    ),
    LegState.CALLING: LegMenu(say_recordings, lambda view: SKIP_KEYS, legs.miss_skip_key),
}


WRAP_UP = (LegState.OFFERED, LegState.CLOSING)
"""The menus after a key has taken the call. They are given up after some silences."""


REPEAT_KEYS: Mapping[str | None, Hears | None] = {"*": Hears.WHISPER, "#": None}
"""The star repeats everything. The hash key is a habit: the question is asked again as it was."""


def press_key(draft: DecisionDraft, leg: Page, event: events.LegKeyed) -> DecisionDraft:
    """Follow the key of the menu that the engineer hears."""
    if event.turn != leg.turn or (event.sid and leg.sid and event.sid != leg.sid):
        return draft
    menu = LEG_MENUS.get(leg.state)
    if menu is None:
        return draft
    if leg.state is LegState.LISTENING and taking.is_taken_by_other(draft.the_incident, leg):
        return draft
    if event.key in REPEAT_KEYS:
        hears = REPEAT_KEYS[event.key] or leg.hears
        return legs.repeat(draft, leg, hears) or menu.missed(draft, leg, pressed=False)
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
    spoken = (*menu.intro(view), *say_keys(menu.keys(view), view), *menu.last)
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


def say_end(view: LegView) -> tuple[Act, ...]:
    """The last sentence, by how the leg ended."""
    leg = view.leg
    if leg.said is not None:
        return (say(leg.said.value, number=view.incident.number), HangUp())
    if leg.result is PageResult.NO_KEY:
        return (*say_not_taken(view), HangUp())
    if leg.result is PageResult.DECLINED:
        return (say("passed_on"), HangUp())
    return (*say_over(view), HangUp())


def connect(view: LegView) -> tuple[Act, ...]:
    """Connect with the caller's queue. A caller who is not in it yet is waited for."""
    leg, call = view.leg, view.call
    if call is None:
        return (*say_over(view), HangUp())
    bridge = BridgeQueue(
        call.queue, Next("leg.connected", leg.id), Next("leg.parted", leg.id, leg.turn)
    )
    if call.stage is Stage.MESSAGE:
        return (say("caller_speaks"), bridge)
    if call.stage in OUTSIDE_QUEUE:  # their queue does not exist yet, and nobody can wait for it
        return (say("caller_fetched"), Pause(2), bridge)
    first = say("customer_is_back" if leg.back else "connecting")
    if leg.rounds:
        return (first, Pause(3), say("one_moment"), bridge)
    if view.line.whisper == "brief":
        return (first, *say_caller(view), bridge)
    return (first, bridge)


def call_customer(view: LegView) -> tuple[Act, ...]:
    """Dial the customer's number. An engineer who calls back at once first hears the message."""
    leg, incident = view.leg, view.incident
    then = Next("leg.rang", leg.id, leg.turn)
    dial = Dial(incident.dialled or "", view.line.number, then, CALLBACK_SECONDS, star=True)
    calling = (say("calling_customer"), dial)
    if leg.became is not None or not queue_position.is_called_back_next(incident, view.call):
        return calling
    if leg.hears is Hears.RECORDING or not list_recordings(view):
        return (say("caller_gone"), *calling)
    menu = LEG_MENUS[LegState.CALLING]
    spoken = (say("caller_gone"), *say_keys(menu.keys(view), view), *menu.intro(view))
    return (Menu(spoken, Next("leg.key", leg.id, leg.turn), SKIP_SECONDS), *calling)


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
