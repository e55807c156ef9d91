"""A decision while it is being taken: values, reasons and errands so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Unpack

from routing.call import Call, CallChanges, CallOutcome, Entitlement, Preamble, Stage
from routing.decision import Case, Decision
from routing.facts import DecisionFacts
from routing.incident import EscalationChanges, Incident, IncidentChanges
from routing.jobs import Command, Job, KeepRecording, SettleCall
from routing.journal import JournalEntry, JournalEvent
from routing.message import IncidentNote, Message
from routing.page import Page, PageChanges
from routing.recording import Recording
from routing.replace import replace_fields


@dataclass(frozen=True)
class DecisionDraft:
    """Each verb gives a new draft; ``decision`` is what is saved in the end."""

    facts: DecisionFacts
    call: Call | None = None
    incident: Incident | None = None
    notes: tuple[JournalEntry, ...] = ()
    errands: tuple[Job, ...] = ()
    letters: tuple[Message, ...] = ()
    recordings: tuple[Recording, ...] = ()
    memos: tuple[IncidentNote, ...] = ()

    @property
    def the_call(self) -> Call:
        """The call, where the event is about one."""
        if self.call is None:
            raise ValueError("this event needs a call")
        return self.call

    @property
    def the_incident(self) -> Incident:
        """The incident, where the event is about one."""
        if self.incident is None:
            raise ValueError("this event needs an incident")
        return self.incident

    def with_call(self, **changes: Unpack[CallChanges]) -> DecisionDraft:
        """The call changed."""
        return replace_fields(self, call=replace_fields(self.the_call, **changes))

    def with_incident(self, **changes: Unpack[IncidentChanges]) -> DecisionDraft:
        """The incident changed."""
        return replace_fields(self, incident=replace_fields(self.the_incident, **changes))

    def with_hunt(self, **changes: Unpack[EscalationChanges]) -> DecisionDraft:
        """The hunt of the incident changed; every change of place makes older timers void."""
        return self.with_incident(hunt=replace_fields(self.the_incident.hunt, **changes))

    def with_page(self, page: Page, **changes: Unpack[PageChanges]) -> DecisionDraft:
        """This page added or changed."""
        changed = replace_fields(page, **changes) if changes else page
        return replace_fields(self, incident=self.the_incident.with_page(changed))

    def note(self, event: JournalEvent, reason: str, leg: str | None = None) -> DecisionDraft:
        """A line in the journal: what happened, and why the line did what it did."""
        return replace_fields(self, notes=(*self.notes, JournalEntry(event, reason, leg)))

    def do(self, deed: Command, after: dt.timedelta = dt.timedelta(0)) -> DecisionDraft:
        """An errand, due now or after a while."""
        return replace_fields(self, errands=(*self.errands, Job(self.facts.now + after, deed)))

    def write(self, letter: Message, after: dt.timedelta = dt.timedelta(0)) -> DecisionDraft:
        """A letter, and the errand that sends it at its time, or later after a while."""
        wait = max(letter.at - self.facts.now, after)
        return replace_fields(self, letters=(*self.letters, letter)).do(letter.sending, wait)

    def record(self, recording: Recording) -> DecisionDraft:
        """A recording, and the errand that fetches it from the carrier."""
        draft = replace_fields(self, recordings=(*self.recordings, recording))
        return draft.do(KeepRecording(recording.id))

    def jot(self, memo: IncidentNote) -> DecisionDraft:
        """A note that somebody made on the incident."""
        return replace_fields(self, memos=(*self.memos, memo))

    @property
    def decision(self) -> Decision:
        """What follows, to be saved at once or not at all."""
        matter = Case(self.call, self.incident)
        said = (self.letters, self.recordings, self.memos)
        return Decision(matter, self.notes, self.errands, *said)


# Putting a question to the caller.


SETTLE_RETURN = dt.timedelta(seconds=20)
"""Who is asked whether this was all, and hangs up without a word of the carrier, is looked for."""

LONG_OVER = dt.timedelta(seconds=15)
"""After this long the question and its five seconds are over, whatever we were told."""

SILENCES = 2
"""How often a menu may go unanswered before the line decides by itself."""

MISSES = 3
"""The same for silences and keys without a meaning together."""

PROMISES = (Stage.CONFIRM, Stage.INTRODUCE, Stage.LATER)
"""Questions that promise an engineer, where one may be rung."""

ROUNDS = 6
"""How often a caller may go back to a question that was answered before."""


def why_barred(facts: DecisionFacts, standing: Entitlement, caller: str | None) -> str | None:
    """The reason why no engineer may be rung for this caller: the line's configuration, or too many
    unverified calls. None when an engineer may be rung."""
    if standing is not Entitlement.ENTITLED and facts.line.unverified_level_1 == "message":
        return "the file says that callers without entitlement leave a message"
    if not standing.verified and not facts.unverified_allowed(caller):
        return "more unverified calls than the file allows"
    return None


def ask(
    draft: DecisionDraft, stage: Stage, remark: Preamble = Preamble.NONE, pause: int = 0
) -> DecisionDraft:
    """Put a question; it gets a turn of its own, so that an older answer is seen as old."""
    call = draft.the_call
    same = stage is call.stage
    unrung = call.unrung
    if stage in PROMISES:
        unrung = why_barred(draft.facts, call.standing, call.caller) is not None
    return draft.with_call(
        stage=stage,
        turn=call.turn + 1,
        remark=remark,
        pause=pause,
        silences=call.silences if same else 0,
        slips=call.slips if same else 0,
        unrung=unrung,
    )


def ask_again(draft: DecisionDraft, key: str | None) -> DecisionDraft | None:
    """The same menu after silence or a key without a meaning. None when it was put often enough:
    the second silence, or the third miss, is decided for the caller."""
    call = draft.the_call
    silences, slips = call.silences + (key is None), call.slips + (key is not None)
    if silences >= SILENCES or silences + slips >= MISSES:
        return None
    draft = draft.with_call(silences=silences, slips=slips)
    return ask(draft, call.stage, Preamble.NO_SUCH_KEY if key else Preamble.NOTHING_KEYED)


def go_round(draft: DecisionDraft) -> DecisionDraft | None:
    """The caller goes back to a question; None when that has been often enough."""
    rounds = draft.the_call.rounds + 1
    return None if rounds > ROUNDS else draft.with_call(rounds=rounds)


def identify(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Ask for what is missing to know the caller."""
    return ask(draft, Stage.PIN if draft.the_call.known else Stage.CONTRACT, remark)


def park(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """The caller waits in a queue of their own; the time waited counts from the first."""
    draft = ask(draft, Stage.WAITING, remark)
    call = draft.the_call
    return draft.with_call(queued=call.turn, parked_at=call.parked_at or draft.facts.now)


def tell_later(draft: DecisionDraft, remark: Preamble = Preamble.NONE) -> DecisionDraft:
    """Told when it will be handled, and that one key makes it level 1; then comes a message."""
    fate = draft.the_call.fate or CallOutcome.REGISTERED
    handled_at = None if draft.facts.office_open else draft.facts.office_opens()
    draft = draft.with_call(fate=fate, told_later=True, handled_at=handled_at)
    return ask(
        draft.note(JournalEvent.TOLD_LATER, "hears when it will be handled"), Stage.LATER, remark
    )


def was_this_all(draft: DecisionDraft) -> DecisionDraft:
    """A conversation is over, and the caller is still there."""
    draft = draft.with_call(returned_at=draft.facts.now)
    return ask(draft, Stage.RETURNING).do(SettleCall(draft.the_call.id), SETTLE_RETURN)
