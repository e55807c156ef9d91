"""What must be done after a decision; each errand is a row with a due time before anything acts.

An errand names things by id only, so that no telephone number stands in a queue: whoever runs it
reads the rest from the book.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from routing.contracts import Plan
from routing.line import Channel

# Lanes: what waits for one service outside never holds the hands that another kind needs.


class Lane(StrEnum):
    """In the order in which their errands are claimed."""

    TELEPHONES = "telephones"
    """Asks the carrier to ring, to stop ringing, or where a call is."""
    DECISIONS = "decisions"
    """Asks nobody outside: timers, the row of the desk, handovers."""
    TEXTS = "texts"
    """Asks the carrier to send a text."""
    REST = "rest"
    """Everything else: mail, recordings, what is cleared away."""


def lane_named_in(job_id: str) -> Lane:
    """The lane of an errand, which its id begins with."""
    name = job_id.partition("-")[0]
    return Lane(name) if name in Lane.__members__.values() else Lane.DECISIONS


# What must be told to somebody in writing.


def lane_of(channel: Channel) -> Lane:
    """The lane of the jobs that send on a channel."""
    if channel is Channel.SMS:
        return Lane.TEXTS
    return Lane.REST


@dataclass(frozen=True, slots=True)
class SendPage:
    """Send this page on its channel."""

    page: str
    channel: Channel
    kind: Literal["send_page"] = "send_page"

    @property
    def lane(self) -> Lane:
        """The lane of the channel."""
        return lane_of(self.channel)


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send this message on its channel."""

    message: str
    channel: Channel
    kind: Literal["send_message"] = "send_message"

    @property
    def lane(self) -> Lane:
        """The lane of the channel."""
        return lane_of(self.channel)


@dataclass(frozen=True, slots=True)
class SendReleaseMessages:
    """Write to those of this plan who asked to hear of releases, about that of this incident."""

    incident: str
    plan: Plan = Plan.MSA_PLUS
    kind: Literal["send_release_messages"] = "send_release_messages"
    lane: ClassVar[Lane] = Lane.REST

    @property
    def name(self) -> str:
        """The same for everybody who plans it, and an id as any other to a queue."""
        told = f"release/{self.incident}/{self.plan}"
        return f"{self.lane}-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ReportWrongPins:
    """Tell the duty manager that PINs of this contract, or of any, are being guessed."""

    line: str
    contract: str | None = None
    kind: Literal["report_wrong_pins"] = "report_wrong_pins"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ReportUnrung:
    """Tell those on call of this incident, for which nobody was rung, and of others like it."""

    incident: str
    again: int = 0  # how often nobody could be told
    kind: Literal["report_unrung"] = "report_unrung"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The same for everybody who plans it, and an id as any other to a queue."""
        tried = f"unrung/{self.incident}/{self.again}"
        return f"{self.lane}-{hashlib.blake2b(tried.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ReportDailyCap:
    """Tell the duty manager that this person gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["report_daily_cap"] = "report_daily_cap"
    lane: ClassVar[Lane] = Lane.DECISIONS


# What must be looked at again at its time, or once somebody is free.


@dataclass(frozen=True, slots=True)
class EndRing:
    """At its time: this leg has been rung for as long as its step says."""

    leg: str
    kind: Literal["end_ring"] = "end_ring"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ContinueEscalation:
    """At its time: the hunt goes on from the move it was at when this was written."""

    incident: str
    mark: int
    kind: Literal["continue_escalation"] = "continue_escalation"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class CheckClaimDeadline:
    """At its time: whoever acknowledged then, for a caller who waits, should have pressed a key."""

    incident: str
    engineer: str
    since: dt.datetime
    kind: Literal["check_claim_deadline"] = "check_claim_deadline"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ServeDesk:
    """Ring whoever is free at the desk for those who wait in the row, in its order."""

    line: str
    kind: Literal["serve_desk"] = "serve_desk"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class CheckResponseTime:
    """At its time: a share, in percent, of the promised time is used up."""

    incident: str
    mark: int
    share: int
    kind: Literal["check_response_time"] = "check_response_time"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class RingBack:
    """An engineer's own call is over: the phone is rung for the incident that was chosen in it."""

    call: str
    kind: Literal["ring_back"] = "ring_back"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class OfferEngineer:
    """Somebody's leg has ended, or that of a number of the last resort: whoever waits for it rings
    now. ``engineer`` is what the leg held."""

    line: str
    engineer: str
    kind: Literal["offer_engineer"] = "offer_engineer"
    lane: ClassVar[Lane] = Lane.DECISIONS


# What must be asked of the carrier: ring, silence, have it ask again, look after, clear away.


@dataclass(frozen=True, slots=True)
class Ring:
    """Place the call of this leg. Not idempotent at the carrier: look before placing again."""

    leg: str
    kind: Literal["ring"] = "ring"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Stop a leg that is still ringing; one that was answered in the meantime goes on."""

    leg: str
    kind: Literal["stop_ringing"] = "stop_ringing"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class RefreshDocument:
    """Have an answered leg ask for its document again, because what it must hear has changed."""

    leg: str
    kind: Literal["refresh_document"] = "refresh_document"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class EndMessage:
    """End the message that this caller speaks: somebody has taken the call and waits for them."""

    call: str
    turn: int
    kind: Literal["end_message"] = "end_message"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class CheckLeg:
    """At its time: ask the carrier whether this leg still lives, in case its end event was lost."""

    leg: str
    kind: Literal["check_leg"] = "check_leg"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class CheckCall:
    """At its time: ask the carrier whether this caller is still there."""

    call: str
    kind: Literal["check_call"] = "check_call"
    lane: ClassVar[Lane] = Lane.TELEPHONES


CHECK_CALL_AFTER = dt.timedelta(seconds=60)
"""How long a caller is believed to be there without a word of the carrier."""


@dataclass(frozen=True, slots=True)
class DeleteQueue:
    """Delete the queue of a call that has ended."""

    queue: str
    kind: Literal["delete_queue"] = "delete_queue"
    lane: ClassVar[Lane] = Lane.REST


# What must be done at a handover.


@dataclass(frozen=True, slots=True)
class AnnounceHandover:
    """Tell this engineer about coming on at this instant, if the schedule still says so."""

    line: str
    schedule: str
    at: dt.datetime
    engineer: str
    kind: Literal["announce_handover"] = "announce_handover"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The same for everybody who plans this handover, and an id as any other to a queue."""
        parts = (self.line, self.schedule, self.at.astimezone(dt.UTC).isoformat(), self.engineer)
        digest = hashlib.blake2b("/".join(parts).encode(), digest_size=16).hexdigest()
        return f"{self.lane}-{digest}"


@dataclass(frozen=True, slots=True)
class CheckHandover:
    """At its time: was the letter of this relief lost, and is it confirmed?"""

    handover: str
    kind: Literal["check_handover"] = "check_handover"
    lane: ClassVar[Lane] = Lane.DECISIONS


# What must be done with what was spoken.


@dataclass(frozen=True, slots=True)
class FetchRecording:
    """Fetch this recording from the carrier into our own keeping."""

    recording: str
    kind: Literal["fetch_recording"] = "fetch_recording"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class DeleteRecording:
    """Delete this recording at the carrier: it is ours, or nobody may have it any more."""

    recording: str
    kind: Literal["delete_recording"] = "delete_recording"
    lane: ClassVar[Lane] = Lane.REST


Command = (
    Ring
    | StopRinging
    | RefreshDocument
    | EndMessage
    | SendPage
    | SendMessage
    | ReportDailyCap
    | ReportWrongPins
    | SendReleaseMessages
    | ReportUnrung
    | EndRing
    | ContinueEscalation
    | CheckClaimDeadline
    | OfferEngineer
    | ServeDesk
    | RingBack
    | CheckResponseTime
    | CheckLeg
    | CheckCall
    | DeleteQueue
    | FetchRecording
    | DeleteRecording
    | AnnounceHandover
    | CheckHandover
)


@dataclass(frozen=True, slots=True)
class Job:
    """A deed and the moment from which it is due; one that has a name is written only once."""

    due_at: dt.datetime
    command: Command
    name: str | None = None
