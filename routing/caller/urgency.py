"""The level of a call: chosen and confirmed, or decided for a caller who presses nothing."""

from __future__ import annotations

from routing.call import Call, CallOutcome, Preamble, Stage
from routing.caller import opening, signature_request
from routing.contracts import premium
from routing.draft import DecisionDraft, ask, ask_again, go_round, park, tell_later
from routing.escalation import desk_queue, recall, taking
from routing.events import Introduced
from routing.incident import EscalationPhase
from routing.incidents import response_clock
from routing.journal import JournalEvent
from routing.notify.customer import keep_late
from routing.oncall.policy import desk_for
from routing.page import LegState
from routing.recording import Purpose

REPEAT_KEY = "9"

YES_KEY, NO_KEY = "1", "2"
MEANING = {"1": "critical", "2": "high", "3": "medium", "4": "low"}


def choose_urgency(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """Keys 1 to 4 choose the level, 5 a signature request, 9 repeats the menu."""
    if key == REPEAT_KEY:
        return repeat(draft)
    if key == signature_request.KEY and draft.facts.line.signature_desk is not None:
        return signature_request.begin(draft)
    if key is None or key not in MEANING:
        return ask_again(draft, key) or undecided(draft, "no level was keyed")
    draft = draft.with_call(urgency=int(key)).note(
        JournalEvent.URGENCY, f"chose level {key}, {MEANING[key]}"
    )
    return ask(draft, Stage.CONFIRM) if key == "1" else lower(draft)


def confirm(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """Level 1 wakes people, so it takes a second key: 1 is yes, 2 is no. Silence, twice, and a
    third wrong key count as yes."""
    if key == YES_KEY:
        return confirmed(draft, "confirmed level 1")
    if key == NO_KEY:
        return not_confirmed(draft)
    again = ask_again(draft, key)
    return again or confirmed(draft, "chose level 1 and said nothing clear after it: taken as yes")


def confirmed(draft: DecisionDraft, said: str) -> DecisionDraft:
    """Handle a confirmed level 1."""
    draft = draft.note(JournalEvent.CONFIRMED, said)
    return become_critical(draft) if draft.incident else opening.critical(draft)


def not_confirmed(draft: DecisionDraft) -> DecisionDraft:
    """Ask for the level again, or keep the earlier one."""
    around = go_round(draft)
    if draft.incident is not None:
        level = draft.incident.urgency
        draft = (around or draft).note(JournalEvent.NOT_CONFIRMED, f"stays level {level}")
        return stay(draft, ask_once_more=around is not None)
    if around is None:
        return undecided(draft, "the level was chosen again and again")
    draft = around.with_call(urgency=None, request=None)
    return ask(draft.note(JournalEvent.NOT_CONFIRMED, "chooses the level again"), Stage.URGENCY)


def repeat(draft: DecisionDraft) -> DecisionDraft:
    """Repeat the levels, a limited number of times."""
    around = go_round(draft)
    if around is None:
        return undecided(draft, "the levels were repeated again and again")
    return ask(
        around.note(JournalEvent.REPEAT, "hears the levels again"), Stage.URGENCY, Preamble.REPEAT
    )


def undecided(draft: DecisionDraft, why: str) -> DecisionDraft:
    """A known caller, or one who pressed a key, is level 1. Other callers are asked for a name."""
    call = draft.the_call
    if call.standing.verified or call.pressed:
        draft = draft.with_call(urgency=1, request=None)
        return opening.critical(draft.note(JournalEvent.NO_KEY, f"{why}: taken as level 1"))
    draft = draft.note(
        JournalEvent.NO_KEY, "nothing was pressed in the whole call: a name is asked for"
    )
    return ask(draft, Stage.INTRODUCE)


def introduced(draft: DecisionDraft, event: Introduced) -> DecisionDraft:
    """A caller who says a name is level 1, unverified. Silence pages nobody."""
    call = draft.the_call
    asked = call.stage is Stage.INTRODUCE or (event.recording is not None and named_at_last(call))
    if event.turn != call.turn or not asked:
        return keep_late(draft, Purpose.INTRODUCTION, event.recording)
    if event.recording is None:
        draft = draft.note(
            JournalEvent.REJECTED, "pressed nothing and said nothing: nobody is woken"
        )
        return ask(draft.with_call(fate=CallOutcome.REJECTED), Stage.FAREWELL, Preamble.SILENT)
    draft = draft.with_call(urgency=1).note(
        JournalEvent.INTRODUCED, "said a name: the engineer hears it first"
    )
    return opening.critical(draft, introduction=event.recording)


def named_at_last(call: Call) -> bool:
    """Who hangs up while saying a name is heard too, though the end may be told before the name."""
    return call.left_at is Stage.INTRODUCE and call.urgency is None


# An incident of level 2 to 4 becomes level 1 by the customer's word, in the row or beside it.
# The number stays, the promise counts anew. A colleague who is on the line about it keeps the
# place.


def become_critical(draft: DecisionDraft) -> DecisionDraft:
    """It is level 1 from now on: whoever has it is met or rung, or people are called out."""
    incident = draft.the_incident
    draft = draft.with_call(urgency=1, fate=None)
    draft = promised_anew(draft) if incident.urgency > 1 else draft
    if beside(draft):
        return called_out_beside(draft)
    draft = taking.overtake(draft)
    winner = incident.winner()
    if winner is None and incident.urgency > 1:
        return called_out(draft)
    if not draft.the_call.live:
        return draft
    on_the_way = winner is not None and winner.state is LegState.CONNECTING
    return park(draft) if on_the_way else recall.put_through(park(draft))


def promised_anew(draft: DecisionDraft) -> DecisionDraft:
    """Restart the response clock. An incident taken by a key counts as premium."""
    incident, now = draft.the_incident, draft.facts.now
    draft = draft.with_incident(urgency=1, raised_at=now, rowed_at=None)
    draft = draft.note(JournalEvent.RAISED, f"level {incident.urgency} has become level 1")
    draft = response_clock.wind(premium.remind(draft), now)
    return premium.count(draft) if incident.winner() is not None else draft


def called_out(draft: DecisionDraft) -> DecisionDraft:
    """Ring an engineer for a caller who waits or has hung up, unless the caller is barred."""
    draft, first = recall.take_back(draft)
    draft = desk_queue.now_doing(draft, EscalationPhase.QUIET)
    why = opening.not_rung(draft)
    if why is not None:
        draft = opening.message_only(draft.note(JournalEvent.NOT_RUNG, why))
        return desk_queue.leave(draft, "nobody is called out: the desk is told")
    draft = park(draft) if draft.the_call.live else draft
    return recall.before_all(draft, first)


def called_out_beside(draft: DecisionDraft) -> DecisionDraft:
    """A colleague is on the line about it. That call is served as level 1; this one is recorded."""
    incident = draft.the_incident
    if incident.winner() is not None:
        draft = recall.tell(draft)
    elif not incident.hunt.doing.seeking and opening.not_rung(draft) is None:
        draft, first = recall.take_back(draft)
        draft = recall.before_all(draft, first)
    return ask(draft, Stage.MESSAGE, Preamble.RAISED) if draft.the_call.live else draft


def beside(draft: DecisionDraft) -> bool:
    """True while a colleague of the contract is on the line about this incident."""
    matter = draft.facts.matter(draft.the_incident.key)
    other = matter.call if matter is not None else None
    return other is not None and other.live and other.id != draft.the_call.id


def stay(draft: DecisionDraft, *, ask_once_more: bool = True) -> DecisionDraft:
    """Not level 1 after all: back to the place in the row, or to the message. Whoever has said so
    often enough is not asked once more."""
    draft = draft.with_call(urgency=draft.the_incident.urgency)
    if draft.the_call.parked_at is not None and waited_for(draft):
        in_row = draft.the_incident.hunt.doing is EscalationPhase.ROW
        return park(draft, Preamble.IN_ROW if in_row else Preamble.NONE)
    waited = draft.the_call.parked_at is not None or draft.the_call.told_later
    return tell_later(draft) if waited and ask_once_more else ask(draft, Stage.MESSAGE)


def waited_for(draft: DecisionDraft) -> bool:
    """True while the incident is queued, escalated, or taken by a live leg."""
    incident = draft.the_incident
    sought = incident.hunt.doing is EscalationPhase.ROW or incident.hunt.doing.seeking
    return sought or incident.winner() is not None


# Levels 2 to 4: the desk in office hours, an honest word and a message outside them. Whatever a
# caller says to the line stays: hanging up, too, leaves an incident that the desk is told of. A
# caller may say at any moment that it has become level 1.


RAISE_KEY = "1"
"""Outside office hours: the business has stopped since."""


def lower(draft: DecisionDraft) -> DecisionDraft:
    """Handle a chosen level 2, 3 or 4."""
    draft = opening.open_incident(draft)
    if desk_queue.staff(draft.facts, draft.the_incident):
        return desk_queue.join(park(draft, Preamble.IN_ROW))
    if deskless(draft):
        return registered(draft)
    return tell_later(desk_queue.leave(draft, "nobody is at the desk now"))


def deskless(draft: DecisionDraft) -> bool:
    """True in office hours when the line has no desk for this incident."""
    return draft.facts.office_open and desk_for(draft.facts.line, draft.the_incident) is None


def registered(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Tell the caller the number of the stored incident."""
    draft = ask(draft.with_call(fate=CallOutcome.REGISTERED), Stage.FAREWELL, remark)
    return draft.note(
        JournalEvent.REGISTERED, "the file names no desk: it is handled after this call"
    )


def later_key(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """1 says that business has stopped since; silence, and a third wrong key, go on to the
    message."""
    if key == RAISE_KEY:
        return ask(draft.note(JournalEvent.RAISE, "says that it is level 1 by now"), Stage.CONFIRM)
    again = ask_again(draft, key) if key is not None else None
    return again or ask(draft, Stage.MESSAGE)


def called_back(draft: DecisionDraft) -> bool:
    """True for whoever hung up in the row to be called back, whoever has the incident."""
    incident, call = draft.the_incident, draft.the_call
    in_row = incident.hunt.doing is EscalationPhase.ROW and incident.call == call.id
    return in_row and call.outcome is CallOutcome.CALLBACK


def gone(draft: DecisionDraft) -> DecisionDraft:
    """Whoever hung up in the row keeps the place only if they are to be called back."""
    if draft.the_call.outcome is CallOutcome.CALLBACK:
        return draft.note(JournalEvent.KEEPS_PLACE, "is called back when it is their turn")
    return desk_queue.leave(draft, "the caller has gone: the desk is told")
