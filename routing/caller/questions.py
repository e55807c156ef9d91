"""The shape of a question that the caller answers with one key.

`menus.py` has the table of all questions. Silences and wrong keys are counted here only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.call import Call, Preamble
from routing.draft import DecisionDraft, ask
from routing.incident import Incident
from routing.line import Line
from routing.voice_document import MenuKey, Spoken, find_handler, say_keys

SILENCES = 2
"""The line decides for the caller after this many silences at one question."""

MISSES = 3
"""The same limit for silences and wrong keys together."""

ROUNDS = 6
"""How often a caller may go back to an earlier question."""


@dataclass(frozen=True, slots=True)
class CallerView:
    """The values on which the sentences and the keys of a question depend."""

    call: Call
    incident: Incident | None
    line: Line


Decide = Callable[[DecisionDraft], DecisionDraft]
CallerKey = MenuKey[CallerView, Decide]


def say_nothing(view: CallerView) -> tuple[Spoken, ...]:
    """No sentence before the keys."""
    return ()


def offer_nothing(view: CallerView) -> tuple[CallerKey, ...]:
    """No keys that depend on the call."""
    return ()


def leave_nothing(draft: DecisionDraft) -> DecisionDraft:
    """A hang-up at this question changes nothing."""
    return draft


@dataclass(frozen=True, slots=True)
class CallerMenu:
    """One question: its sentences, its keys, and what follows without an answer.

    ``intro`` comes before the keys. ``choices`` are keys that depend on the call, such as one for
    each open incident. ``unanswered`` decides after the last silence or wrong key;
    ``only_wrong_keys`` does so after a wrong key where that differs. ``hung_up`` decides for a
    caller who hangs up at the question while the call has no incident.
    """

    unanswered: Decide
    keys: tuple[CallerKey, ...] = ()
    choices: Callable[[CallerView], tuple[CallerKey, ...]] = offer_nothing
    intro: Callable[[CallerView], tuple[Spoken, ...]] = say_nothing
    only_wrong_keys: Decide | None = None
    hung_up: Decide = leave_nothing
    silences: int = SILENCES
    misses: int = MISSES

    def say(self, view: CallerView) -> tuple[Spoken, ...]:
        """The question, with a sentence for each key that is offered."""
        return (*self.intro(view), *say_keys((*self.choices(view), *self.keys), view))

    def answer(self, draft: DecisionDraft, key: str | None) -> DecisionDraft:
        """Follow the pressed key. Without a known key, ask again or decide for the caller."""
        view = CallerView(draft.the_call, draft.incident, draft.facts.line)
        handler = find_handler((*self.choices(view), *self.keys), view, key)
        if handler is not None:
            return handler(draft)
        again = ask_again(draft, key, self.silences, self.misses)
        if again is not None:
            return again
        if key is not None and self.only_wrong_keys is not None:
            return self.only_wrong_keys(draft)
        return self.unanswered(draft)


def ask_again(
    draft: DecisionDraft, key: str | None, most_silences: int = SILENCES, most_misses: int = MISSES
) -> DecisionDraft | None:
    """Repeat the question after silence or a wrong key. None when the line decides instead."""
    call = draft.the_call
    silences, slips = call.silences + (key is None), call.slips + (key is not None)
    if silences >= most_silences or silences + slips >= most_misses:
        return None
    draft = draft.with_call(silences=silences, slips=slips)
    if key:
        return ask(draft, call.stage, Preamble.NO_SUCH_KEY)
    return ask(draft, call.stage, Preamble.NOTHING_KEYED)


def go_round(draft: DecisionDraft) -> DecisionDraft | None:
    """Let the caller go back to an earlier question. None when no rounds are left."""
    rounds = draft.the_call.rounds + 1
    if rounds > ROUNDS:
        return None
    return draft.with_call(rounds=rounds)
