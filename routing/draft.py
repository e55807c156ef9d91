"""A decision while it is being taken: values, reasons and errands so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from routing.altered import altered
from routing.call import Call
from routing.errands import Deed, Errand, KeepRecording
from routing.incident import Incident, Page
from routing.letter import Letter
from routing.memo import Memo
from routing.ports import Decision, Matter, Note
from routing.recording import Recording
from routing.world import Facts

__all__ = ["Draft", "Facts"]


@dataclass(frozen=True)
class Draft:
    """Each verb gives a new draft; ``decision`` is what is saved in the end."""

    facts: Facts
    call: Call | None = None
    incident: Incident | None = None
    notes: tuple[Note, ...] = ()
    errands: tuple[Errand, ...] = ()
    letters: tuple[Letter, ...] = ()
    recordings: tuple[Recording, ...] = ()
    memos: tuple[Memo, ...] = ()

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

    def with_call(self, **changes: Any) -> Draft:
        """The call changed."""
        return altered(self, call=altered(self.the_call, **changes))

    def with_incident(self, **changes: Any) -> Draft:
        """The incident changed."""
        return altered(self, incident=altered(self.the_incident, **changes))

    def with_hunt(self, **changes: Any) -> Draft:
        """The hunt of the incident changed; every change of place makes older timers void."""
        return self.with_incident(hunt=altered(self.the_incident.hunt, **changes))

    def with_page(self, page: Page, **changes: Any) -> Draft:
        """This page added or changed."""
        changed = altered(page, **changes) if changes else page
        return altered(self, incident=self.the_incident.with_page(changed))

    def note(self, event: str, reason: str, leg: str | None = None) -> Draft:
        """A line in the journal: what happened, and why the line did what it did."""
        return altered(self, notes=(*self.notes, Note(event, reason, leg)))

    def do(self, deed: Deed, after: dt.timedelta = dt.timedelta(0)) -> Draft:
        """An errand, due now or after a while."""
        return altered(self, errands=(*self.errands, Errand(self.facts.now + after, deed)))

    def write(self, letter: Letter, after: dt.timedelta = dt.timedelta(0)) -> Draft:
        """A letter, and the errand that sends it at its time, or later after a while."""
        wait = max(letter.at - self.facts.now, after)
        return altered(self, letters=(*self.letters, letter)).do(letter.sending, wait)

    def record(self, recording: Recording) -> Draft:
        """A recording, and the errand that fetches it from the carrier."""
        draft = altered(self, recordings=(*self.recordings, recording))
        return draft.do(KeepRecording(recording.id))

    def jot(self, memo: Memo) -> Draft:
        """A note that somebody made on the incident."""
        return altered(self, memos=(*self.memos, memo))

    @property
    def decision(self) -> Decision:
        """What follows, to be saved at once or not at all."""
        matter = Matter(self.call, self.incident)
        said = (self.letters, self.recordings, self.memos)
        return Decision(matter, self.notes, self.errands, *said)
