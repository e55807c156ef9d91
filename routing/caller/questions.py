"""The shape of a question that the caller answers with one key.

`menus.py` has the table of all questions. Silences and wrong keys are counted here only. Some keys
mean the same in every menu: 0 is a human, 9 and the star repeat the question, and a hash key is no
answer, because it may belong to the number that was keyed before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.call import Call, Preamble
from routing.draft import DecisionDraft, ask, why_caller_barred
from routing.incident import Incident
from routing.journal import JournalEvent
from routing.line import Line
from routing.voice_document import MenuKey, Say, Spoken, find_handler, say_keys

SILENCES = 2
"""The line decides for the caller after this many silences at one question."""

MISSES = 3
"""The same limit for silences and wrong keys together."""

ROUNDS = 3
"""How often a caller may go back to an earlier question."""

REPEATS = 8
"""The line decides for the caller after this many stars and hash keys at one question: a key that
sticks does not keep anybody in a menu."""

HASH, STAR, REPEAT, HUMAN = "#*90"

ABOUT_LAST_ANSWER = (
    Preamble.NO_SUCH_KEY,
    Preamble.NOTHING_KEYED,
    Preamble.WRONG,
    Preamble.ONE_MOMENT,
)
"""The preambles about what the caller keyed last. The question may be asked again without them."""


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
    ``only_wrong_keys`` does so after a wrong key where that differs, and ``human`` after key 0.
    ``hung_up`` decides for a caller who hangs up at the question while the call has no incident.

    ``short`` takes the place of the first sentence of ``keys`` after the first error, and ``help``
    comes at the end after every error. ``untouched`` is the number of silences at which the line
    decides for a caller who has pressed no key in the whole call.
    """

    unanswered: Decide
    keys: tuple[CallerKey, ...] = ()
    choices: Callable[[CallerView], tuple[CallerKey, ...]] = offer_nothing
    intro: Callable[[CallerView], tuple[Spoken, ...]] = say_nothing
    short: Say | None = None
    help: Callable[[CallerView], tuple[Spoken, ...]] = say_nothing
    only_wrong_keys: Decide | None = None
    human: Decide | None = None
    hung_up: Decide = leave_nothing
    silences: int = SILENCES
    untouched: int = SILENCES
    misses: int = MISSES

    def say(self, view: CallerView) -> tuple[Spoken, ...]:
        """The question, with a sentence for each key that is offered: short after the first error,
        and with help after the second."""
        keys = say_keys((*self.choices(view), *self.keys), view)
        errors = view.call.silences + view.call.slips
        if errors == 0 or view.call.remark is Preamble.REPEAT:
            return (*self.intro(view), *keys)
        if errors > 1:
            return (*self.intro(view), *keys, *self.help(view))
        if self.short is not None:
            return (self.short, *keys[1:], *self.help(view))
        return (*keys, *self.help(view))

    def answer(self, draft: DecisionDraft, key: str | None) -> DecisionDraft:
        """Follow the pressed key. Without a known key, ask again or decide for the caller."""
        view = CallerView(draft.the_call, draft.incident, draft.facts.line)
        handler = find_handler((*self.choices(view), *self.keys), view, key)
        if handler is not None:
            return handler(draft)
        if key == HUMAN:
            return (self.human or self.unanswered)(draft)
        if key in (HASH, STAR, REPEAT):
            return repeat(draft, key) or self.unanswered(draft.with_call(pressed=True))
        silences = self.silences
        if not draft.the_call.pressed:
            silences = min(silences, self.untouched)
        again = ask_again(draft, key, silences, self.misses)
        if again is not None:
            return again
        if key is not None and self.only_wrong_keys is not None:
            return self.only_wrong_keys(draft)
        return self.unanswered(draft)


def repeat(draft: DecisionDraft, key: str) -> DecisionDraft | None:
    """Ask the question again after a star, or a hash key that is no answer. Neither counts as an
    error. A caller who wants to hear a question a second time is spoken to slowly. None when the
    question was repeated often enough."""
    call = draft.the_call
    if call.repeats + call.strays >= REPEATS:
        return None
    remark = call.remark
    if remark in ABOUT_LAST_ANSWER:
        remark = Preamble.NONE
    if key == HASH:
        return ask(draft.with_call(strays=call.strays + 1), call.stage, remark)
    draft = draft.with_call(repeats=call.repeats + 1, slow=call.slow or call.repeats > 0)
    draft = draft.note(JournalEvent.REPEAT, "hears the question again")
    return ask(draft, call.stage, remark or Preamble.REPEAT)


def ask_again(
    draft: DecisionDraft, key: str | None, most_silences: int = SILENCES, most_misses: int = MISSES
) -> DecisionDraft | None:
    """Repeat the question after silence or a wrong key. None when the line decides instead."""
    call = draft.the_call
    silences, slips = call.silences + (key is None), call.slips + (key is not None)
    if silences >= most_silences or silences + slips >= most_misses:
        return None
    draft = draft.with_call(silences=silences, slips=slips)
    if silences + slips > 1:  # the last try is told of key 0
        draft = draft.with_call(unrung=why_caller_barred(draft.facts, call) is not None)
    if key:
        return ask(draft, call.stage, Preamble.NO_SUCH_KEY)
    return ask(draft, call.stage, Preamble.NOTHING_KEYED)


def go_round(draft: DecisionDraft) -> DecisionDraft | None:
    """Let the caller go back to an earlier question. None when no rounds are left."""
    rounds = draft.the_call.rounds + 1
    if rounds > ROUNDS:
        return None
    return draft.with_call(rounds=rounds)
