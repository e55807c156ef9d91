"""The caller's menus: each question has one entry, with its sentences, keys and handlers.

A new question is a stage in `routing/call.py`, an entry here, its sentences in
`carrier/prompts/*.toml`, and a handler for each key. `prompts.py` makes the document of a question
from its entry, and `answer_menu` the decision.
"""

from __future__ import annotations

from functools import partial

from routing.call import DatabaseAge, RecognitionFault, Stage
from routing.caller import open_incidents, reception, signature_request, urgency, waiting
from routing.caller.questions import HASH, REPEAT, STAR, CallerMenu
from routing.draft import DecisionDraft
from routing.events import Chose, WaitingKey
from routing.voice_document import MenuKey, say

MENUS: dict[Stage, CallerMenu] = {
    Stage.LANGUAGE: CallerMenu(
        choices=reception.offer_languages,
        unanswered=reception.keep_language,
        human=partial(urgency.ask_for_human, otherwise=reception.keep_language),
        silences=1,
    ),
    Stage.ENGINEER: CallerMenu(
        choices=reception.offer_ring_back,
        keys=(MenuKey("0", reception.continue_as_customer, say("customers_menu")),),
        unanswered=reception.continue_as_customer,
    ),
    Stage.ABOUT: CallerMenu(
        intro=open_incidents.introduce_incidents,
        choices=open_incidents.offer_incidents,
        unanswered=open_incidents.decide_after_silence,
        only_wrong_keys=open_incidents.decide_after_wrong_keys,
        human=partial(urgency.ask_for_human, otherwise=open_incidents.decide_after_silence),
        hung_up=urgency.abandon_level,
    ),
    Stage.ENGAGED: CallerMenu(
        keys=(
            MenuKey("7", open_incidents.leave_word, open_incidents.say_engaged),
            MenuKey("2", open_incidents.report_something_new),
            MenuKey(
                "3",
                open_incidents.raise_engaged,
                say("engaged_raise"),
                offered=open_incidents.can_be_raised,
            ),
        ),
        unanswered=open_incidents.leave_word,
        hung_up=open_incidents.keep_call,
    ),
    Stage.URGENCY: CallerMenu(
        keys=(
            MenuKey("1", partial(urgency.choose_level, level=1), say("urgency_menu")),
            MenuKey("2", partial(urgency.choose_level, level=2)),
            MenuKey("3", partial(urgency.choose_level, level=3)),
            MenuKey("4", partial(urgency.choose_level, level=4)),
            MenuKey(
                "5",
                signature_request.begin,
                say("urgency_request"),
                offered=signature_request.has_specialists,
            ),
        ),
        short=say("urgency_short"),
        help=urgency.offer_help,
        unanswered=partial(urgency.decide_level, why="no level was keyed"),
        human=partial(
            urgency.ask_for_human,
            otherwise=partial(urgency.decide_level, why="asks for a human"),
        ),
        untouched=1,
        hung_up=urgency.abandon_level,
    ),
    Stage.VERDICT: CallerMenu(
        keys=(
            MenuKey(
                "1",
                partial(signature_request.note_fault, fault=RecognitionFault.FALSE_POSITIVE),
                say("ask_verdict"),
            ),
            MenuKey(
                "2", partial(signature_request.note_fault, fault=RecognitionFault.FALSE_NEGATIVE)
            ),
        ),
        unanswered=partial(signature_request.note_fault, fault=RecognitionFault.UNKNOWN),
        human=signature_request.ask_for_human,
        hung_up=signature_request.abandon,
    ),
    Stage.DATABASES: CallerMenu(
        keys=(
            MenuKey(
                "1",
                partial(signature_request.note_databases, age=DatabaseAge.NEWEST),
                say("ask_databases"),
            ),
            MenuKey("2", partial(signature_request.note_databases, age=DatabaseAge.OLD)),
        ),
        unanswered=partial(signature_request.note_databases, age=DatabaseAge.UNKNOWN),
        human=signature_request.ask_for_human,
        hung_up=signature_request.abandon,
    ),
    Stage.STOPPED: CallerMenu(
        keys=(
            MenuKey("1", signature_request.claim_level_1, say("ask_stopped")),
            MenuKey("2", partial(signature_request.register, why="business goes on")),
        ),
        unanswered=partial(signature_request.register, why="nothing was said, so business goes on"),
        human=signature_request.ask_for_human,
        hung_up=signature_request.abandon,
    ),
    Stage.CONFIRM: CallerMenu(
        keys=(
            MenuKey(
                "1",
                partial(urgency.confirm, why="confirmed level 1"),
                urgency.say_confirmation,
            ),
            MenuKey("2", urgency.take_back),
        ),
        unanswered=partial(
            urgency.confirm, why="chose level 1 and said nothing clear after it: taken as yes"
        ),
        human=partial(urgency.confirm, why="chose level 1 and asks for a human: taken as yes"),
        hung_up=urgency.abandon_confirmation,
    ),
    Stage.LATER: CallerMenu(
        intro=urgency.say_when_handled,
        keys=(
            MenuKey("3", urgency.claim_level_1, urgency.say_later_keys),
            MenuKey("7", urgency.ask_message),
        ),
        unanswered=urgency.ask_message,
        silences=1,
    ),
    Stage.WAITING: CallerMenu(
        keys=(
            MenuKey("7", waiting.ask_message, say("waiting_keys"), waiting.is_critical),
            MenuKey("8", waiting.promise_callback, None, waiting.is_critical),
            MenuKey("8", waiting.promise_callback, say("row_keys"), waiting.is_in_queue),
            MenuKey("7", waiting.ask_message, None, waiting.is_in_queue),
            MenuKey("3", urgency.claim_level_1, None, waiting.is_in_queue),
        ),
        unanswered=waiting.repeat_keys,
        human=waiting.wait_on,
        silences=1,
        misses=1,
    ),
}
"""The questions that take one key. While a caller waits, the music goes on after each key."""


def answer_menu(draft: DecisionDraft, event: Chose) -> DecisionDraft:
    """Handle a key in a menu, or silence."""
    call = draft.the_call
    if event.turn != call.turn:
        return draft
    if event.key not in (None, HASH) and not call.pressed:
        draft = draft.with_call(pressed=True)
    menu = MENUS.get(call.stage)
    if menu is None or call.stage is Stage.WAITING:
        return draft
    return menu.answer(draft, event.key)


def answer_while_waiting(draft: DecisionDraft, event: WaitingKey) -> DecisionDraft:
    """Handle a key of a caller who waits. The escalation and the queue position go on, and so does
    the music after a hash key, or without a key.

    In the desk queue, a key that comes as somebody takes the call does nothing: the two are about
    to be connected.
    """
    call = draft.the_call
    if event.turn != call.turn or call.stage is not Stage.WAITING or event.key in ("", HASH):
        return draft
    draft = draft.with_call(pressed=True)
    incident = draft.the_incident
    if incident.urgency > 1 and incident.winner() is not None:
        return draft
    if event.key in (STAR, REPEAT):
        return waiting.repeat_choices(draft)
    return MENUS[Stage.WAITING].answer(draft, event.key)


def decide_after_hang_up(draft: DecisionDraft) -> DecisionDraft:
    """Decide what the answers before a hang-up leave behind, for a call without an incident."""
    left_at = draft.the_call.left_at
    if left_at is Stage.PIN:
        return urgency.abandon_level(draft)
    if left_at is None or left_at not in MENUS:
        return draft
    return MENUS[left_at].hung_up(draft)
