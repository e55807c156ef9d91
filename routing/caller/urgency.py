"""The level of a call: chosen and confirmed, or decided for a caller who presses nothing."""

from __future__ import annotations

from routing.call import Call, Outcome, Remark, Stage
from routing.caller import levels, opening, raising, signature
from routing.draft import Draft
from routing.events import Introduced
from routing.keeping import keep_late
from routing.question import ask
from routing.recording import Purpose

REPEAT_KEY = "9"
SILENCES = 2
"""How often a question may go unanswered before the line decides by itself."""

MEANING = {"1": "critical", "2": "high", "3": "medium", "4": "low"}


def choose_urgency(draft: Draft, key: str | None) -> Draft:
    """1 to 4, 5 for a request, or 9 to hear it again; silence is decided for the caller."""
    if key is None:
        return silent(draft)
    if key == REPEAT_KEY:
        return ask(draft.note("repeat", "hears the levels again"), Stage.URGENCY, Remark.REPEAT)
    if key == signature.KEY and draft.facts.line.signature_desk is not None:
        return signature.begin(draft)
    if key not in MEANING:
        return ask(draft, Stage.URGENCY, Remark.NO_SUCH_KEY)
    draft = draft.with_call(urgency=int(key)).note("urgency", f"chose level {key}, {MEANING[key]}")
    return ask(draft, Stage.CONFIRM) if key == "1" else levels.lower(draft)


def confirm(draft: Draft, key: str | None) -> Draft:
    """Level 1 wakes people, so it takes a second key; silence, twice, counts as yes."""
    call = draft.the_call
    if key is None and call.silences + 1 < SILENCES:
        return ask(draft.with_call(silences=call.silences + 1), Stage.CONFIRM)
    if key in ("1", None):
        said = (
            "confirmed level 1" if key else "chose level 1 and pressed nothing more: taken as yes"
        )
        draft = draft.note("confirmed", said)
        return raising.become_critical(draft) if draft.incident else opening.critical(draft)
    if draft.incident is not None:
        return raising.stay(draft.note("not_confirmed", f"stays level {draft.incident.urgency}"))
    draft = draft.with_call(urgency=None, request=None).note(
        "not_confirmed", "chooses the level again"
    )
    return ask(draft, Stage.URGENCY)


def silent(draft: Draft) -> Draft:
    """No key, twice: a known caller is level 1, an unknown one is asked to say a name."""
    call = draft.the_call
    if call.silences + 1 < SILENCES:
        return ask(draft.with_call(silences=call.silences + 1), Stage.URGENCY, Remark.NOTHING_KEYED)
    if call.standing.verified or call.pressed:
        draft = draft.with_call(urgency=1)
        return opening.critical(draft.note("no_key", "no level was keyed, twice: taken as level 1"))
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
