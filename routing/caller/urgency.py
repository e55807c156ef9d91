"""The level of a call: chosen and confirmed, or decided for a caller who presses nothing."""

from __future__ import annotations

from routing.call import Call, Outcome, Remark, Stage
from routing.caller import levels, opening, raising, signature
from routing.draft import Draft
from routing.events import Introduced
from routing.keeping import keep_late
from routing.question import ask, ask_again, go_round
from routing.recording import Purpose

REPEAT_KEY = "9"

YES_KEY, NO_KEY = "1", "2"
MEANING = {"1": "critical", "2": "high", "3": "medium", "4": "low"}


def choose_urgency(draft: Draft, key: str | None) -> Draft:
    """1 to 4, 5 for a request, or 9 to hear it again; all else is decided for the caller."""
    if key == REPEAT_KEY:
        return repeat(draft)
    if key == signature.KEY and draft.facts.line.signature_desk is not None:
        return signature.begin(draft)
    if key is None or key not in MEANING:
        return ask_again(draft, key) or undecided(draft, "no level was keyed")
    draft = draft.with_call(urgency=int(key)).note("urgency", f"chose level {key}, {MEANING[key]}")
    return ask(draft, Stage.CONFIRM) if key == "1" else levels.lower(draft)


def confirm(draft: Draft, key: str | None) -> Draft:
    """Level 1 wakes people, so it takes a second key: 1 is yes, 2 is no. Silence, twice, and a
    third wrong key count as yes."""
    if key == YES_KEY:
        return confirmed(draft, "confirmed level 1")
    if key == NO_KEY:
        return not_confirmed(draft)
    again = ask_again(draft, key)
    return again or confirmed(draft, "chose level 1 and said nothing clear after it: taken as yes")


def confirmed(draft: Draft, said: str) -> Draft:
    """It is level 1."""
    draft = draft.note("confirmed", said)
    return raising.become_critical(draft) if draft.incident else opening.critical(draft)


def not_confirmed(draft: Draft) -> Draft:
    """The level is chosen again, or stays what it was."""
    around = go_round(draft)
    if draft.incident is not None:
        level = draft.incident.urgency
        draft = (around or draft).note("not_confirmed", f"stays level {level}")
        return raising.stay(draft, ask_once_more=around is not None)
    if around is None:
        return undecided(draft, "the level was chosen again and again")
    draft = around.with_call(urgency=None, request=None)
    return ask(draft.note("not_confirmed", "chooses the level again"), Stage.URGENCY)


def repeat(draft: Draft) -> Draft:
    """The levels once more; whoever hears them for ever chooses none."""
    around = go_round(draft)
    if around is None:
        return undecided(draft, "the levels were repeated again and again")
    return ask(around.note("repeat", "hears the levels again"), Stage.URGENCY, Remark.REPEAT)


def undecided(draft: Draft, why: str) -> Draft:
    """Whoever is known, or has pressed anything, is level 1; all others are asked to say a name."""
    call = draft.the_call
    if call.standing.verified or call.pressed:
        draft = draft.with_call(urgency=1, request=None)
        return opening.critical(draft.note("no_key", f"{why}: taken as level 1"))
    draft = draft.note("no_key", "nothing was pressed in the whole call: a name is asked for")
    return ask(draft, Stage.INTRODUCE)


def introduced(draft: Draft, event: Introduced) -> Draft:
    """Who says a name is level 1, unverified; silence wakes nobody."""
    call = draft.the_call
    asked = call.stage is Stage.INTRODUCE or (event.recording is not None and named_at_last(call))
    if event.turn != call.turn or not asked:
        return keep_late(draft, Purpose.INTRODUCTION, event.recording)
    if event.recording is None:
        draft = draft.note("rejected", "pressed nothing and said nothing: nobody is woken")
        return ask(draft.with_call(fate=Outcome.REJECTED), Stage.FAREWELL, Remark.SILENT)
    draft = draft.with_call(urgency=1).note(
        "introduced", "said a name: the engineer hears it first"
    )
    return opening.critical(draft, introduction=event.recording)


def named_at_last(call: Call) -> bool:
    """Who hangs up while saying a name is heard too, though the end may be told before the name."""
    return call.left_at is Stage.INTRODUCE and call.urgency is None
