"""A decision while it is being taken: values, reasons and errands so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from routing.call import Call
from routing.chance import Chance
from routing.entitlement import Bundle
from routing.errands import Deed, Errand, KeepRecording, Send
from routing.incident import Incident, Page
from routing.letter import Letter
from routing.line import Line
from routing.ports import Decision, Matter, Note, Notices
from routing.recording import Recording


class Facts(Protocol):
    """What a decision may know of the world; everything is read, nothing changes by asking."""

    @property
    def now(self) -> dt.datetime:
        """The moment of the decision, aware."""

    @property
    def line(self) -> Line:
        """The line as the duty managers have written it down."""

    @property
    def chance(self) -> Chance:
        """Where fresh ids and digits come from."""

    def on_call(self, schedule_id: str) -> tuple[str, ...]:
        """Who is on call on this schedule now."""

    def open_incidents(self) -> Sequence[Incident]:
        """The incidents that nobody has dealt with, oldest first."""

    def busy(self, but: str) -> frozenset[str]:
        """Engineers who are being rung or talking for another incident than this."""

    def last_leg(self, engineer: str) -> Page | None:
        """This engineer's latest leg, live or ended."""

    def row(self) -> Sequence[str]:
        """Keys of the incidents that wait for the desk, in the order in which they are served."""

    def desk_talks(self) -> Sequence[dt.timedelta]:
        """How long the talks at the desk took that tell how long the next ones take."""

    @property
    def office_open(self) -> bool:
        """True in office hours."""

    def office_opens(self, after: dt.timedelta = dt.timedelta(0)) -> dt.datetime | None:
        """When the office is open next, a while from now or later; None if it never is."""

    @property
    def mail(self) -> bool:
        """True where a mail server is named."""

    def notices(self, engineer: str) -> Notices:
        """The texts and mails of a day to this engineer, newest first, with their incidents."""

    def heard(self, incident: str, url: str) -> bool:
        """True when this recording of the carrier is known to belong to this incident (a key)."""

    def unverified_allowed(self, caller: str | None) -> bool:
        """False when unverified level-1 calls have been rung as often as the line allows."""

    def quiet_notice_due(self) -> bool:
        """True when no text about calls beyond that limit went out in the last quarter hour."""

    def bundle(self, contract: str, opened_at: dt.datetime) -> Bundle | None:
        """The premium incidents of the contract year that holds this moment; None for a contract
        that is not known."""

    def respond_by(self, urgency: int) -> dt.datetime | None:
        """When a response is due for a matter of this urgency that begins now."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Each verb gives a new draft; ``decision`` is what is saved in the end."""

    facts: Facts
    call: Call | None = None
    incident: Incident | None = None
    notes: tuple[Note, ...] = ()
    errands: tuple[Errand, ...] = ()
    letters: tuple[Letter, ...] = ()
    recordings: tuple[Recording, ...] = ()

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
        return replace(self, call=replace(self.the_call, **changes))

    def with_incident(self, **changes: Any) -> Draft:
        """The incident changed."""
        return replace(self, incident=replace(self.the_incident, **changes))

    def with_hunt(self, **changes: Any) -> Draft:
        """The hunt of the incident changed; every change of place makes older timers void."""
        return self.with_incident(hunt=replace(self.the_incident.hunt, **changes))

    def with_page(self, page: Page, **changes: Any) -> Draft:
        """This page added or changed."""
        changed = replace(page, **changes) if changes else page
        return replace(self, incident=self.the_incident.with_page(changed))

    def note(self, event: str, reason: str, leg: str | None = None) -> Draft:
        """A line in the journal: what happened, and why the line did what it did."""
        return replace(self, notes=(*self.notes, Note(event, reason, leg)))

    def do(self, deed: Deed, after: dt.timedelta = dt.timedelta(0)) -> Draft:
        """An errand, due now or after a while."""
        return replace(self, errands=(*self.errands, Errand(self.facts.now + after, deed)))

    def write(self, letter: Letter, after: dt.timedelta = dt.timedelta(0)) -> Draft:
        """A letter, and the errand that sends it at its time, or later after a while."""
        wait = max(letter.at - self.facts.now, after)
        return replace(self, letters=(*self.letters, letter)).do(Send(letter.id), wait)

    def record(self, recording: Recording) -> Draft:
        """A recording, and the errand that fetches it from the carrier."""
        draft = replace(self, recordings=(*self.recordings, recording))
        return draft.do(KeepRecording(recording.id))

    @property
    def decision(self) -> Decision:
        """What follows, to be saved at once or not at all."""
        matter = Matter(self.call, self.incident)
        return Decision(matter, self.notes, self.errands, self.letters, self.recordings)
