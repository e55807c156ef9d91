"""A request about virus recognition: a false alarm, or a threat that was missed.

Three questions of one key. What stops business is level 1, and people come first. All else is
written down at once, a message is asked for, and whoever stays on waits for a specialist.
"""

from __future__ import annotations

from dataclasses import replace

from routing.call import (
    CallOutcome,
    DatabaseAge,
    Preamble,
    RecognitionFault,
    SignatureRequest,
    Stage,
)
from routing.caller import opening
from routing.draft import DecisionDraft, ask, ask_again, park, tell_later
from routing.escalation import desk_queue
from routing.incident import EscalationPhase, IncidentState
from routing.journal import JournalEvent

KEY = "5"
"""In the urgency menu, where the file names specialists."""

LEVEL = 3
"""Of a request that stops no business: not critical, part of the product is affected."""

YES = "1"

VERDICTS = {"1": RecognitionFault.FALSE_POSITIVE, "2": RecognitionFault.FALSE_NEGATIVE}
DATABASES = {YES: DatabaseAge.NEWEST, "2": DatabaseAge.OLD}
KEYS = ("1", "2")


def begin(draft: DecisionDraft) -> DecisionDraft:
    """Asks what is wrong with the recognition."""
    draft = draft.with_call(request=SignatureRequest())
    return ask(
        draft.note(JournalEvent.SIGNATURE, "has a request about virus recognition"), Stage.VERDICT
    )


def answered(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """Silence, twice, and a third wrong key go on without an answer."""
    call = draft.the_call
    if key not in KEYS and (again := ask_again(draft, key)) is not None:
        return again
    request = call.request or SignatureRequest()
    match call.stage:
        case Stage.VERDICT:
            verdict = VERDICTS.get(key or "", RecognitionFault.UNKNOWN)
            draft = draft.with_call(request=replace(request, verdict=verdict))
            return ask(draft.note(JournalEvent.VERDICT, f"says: {verdict}"), Stage.DATABASES)
        case Stage.DATABASES:
            databases = DATABASES.get(key or "", DatabaseAge.UNKNOWN)
            draft = draft.with_call(request=replace(request, databases=databases))
            old = databases is DatabaseAge.OLD
            draft = draft.note(JournalEvent.DATABASES, f"in use: {databases}")
            return ask(draft, Stage.STOPPED, Preamble.OLD_DATABASES if old else Preamble.NONE)
    return stopped(draft, key)


def stopped(draft: DecisionDraft, key: str | None) -> DecisionDraft:
    """Only who says that business has stopped wakes people, and confirms it as any level 1."""
    if key == YES:
        draft = draft.with_call(urgency=1).note(
            JournalEvent.URGENCY, "business is stopped by it: level 1"
        )
        return ask(draft, Stage.CONFIRM)
    said = "goes on" if key in KEYS else "nothing was said, so it goes on"
    return lodge(draft.note(JournalEvent.URGENCY, f"business {said}: level {LEVEL}"))


def lodge(draft: DecisionDraft) -> DecisionDraft:
    """Written down, whatever the caller does next; with a specialist there, the place counts."""
    draft = opening.open_incident(draft.with_call(urgency=LEVEL))
    if not desk_queue.staff(draft.facts, draft.the_incident):
        return tell_later(desk_queue.leave(draft, "no specialist is there now"))
    draft = draft.with_incident(rowed_at=draft.facts.now).with_call(fate=CallOutcome.REGISTERED)
    return ask(
        draft.note(JournalEvent.REGISTERED, "a message is asked for before the row"), Stage.MESSAGE
    )


def abandon(draft: DecisionDraft) -> DecisionDraft:
    """Hung up at one of the questions: the specialists are told of it all the same."""
    draft = opening.open_incident(draft.with_call(urgency=LEVEL))
    return desk_queue.leave(draft, "the caller has gone: the specialists are told")


def before_row(draft: DecisionDraft) -> bool:
    """True for the caller whose message is still being asked for before the row."""
    incident = draft.the_incident
    unsought = incident.hunt.doing is EscalationPhase.QUIET and incident.state is IncidentState.OPEN
    ours = incident.request is not None and incident.call == draft.the_call.id
    return ours and unsought and incident.rowed_at is not None


def wait(draft: DecisionDraft) -> DecisionDraft:
    """The message is over: into the row, at the place of when it was written down."""
    if desk_queue.staff(draft.facts, draft.the_incident):
        return desk_queue.join(park(draft, Preamble.REQUEST_WAITS))
    draft = desk_queue.leave(draft, "no specialist is there any more")
    return ask(draft, Stage.FAREWELL) if draft.the_call.message else tell_later(draft)
