"""The commands that follow from a decision, and the jobs that carry them.

A job is stored, with a due time, before anything acts. A command contains ids only, so that no
telephone number is in a queue; its handler reads the rest from the database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from routing.line import Channel


class Lane(StrEnum):
    """The jobs by the service that they wait for, in the order in which they are claimed. A slow
    service never holds the workers of another lane."""

    TELEPHONES = "telephones"
    """Requests to the carrier: to ring, to stop ringing, or for the state of a call."""
    DECISIONS = "decisions"
    """Jobs without outside services: timers, the desk queue, handovers."""
    TEXTS = "texts"
    """Requests to the carrier to send a text."""
    REST = "rest"
    """Everything else: mail, recordings, cleaning up."""
    WEBHOOKS = "webhooks"
    """Requests to other programs, which may be away for hours: these jobs are never overdue, and a
    receiver has few of them at once."""
    TASKS = "tasks"
    """Long work that a person asked for and sees the progress of, in a process of its own."""
    WORDS = "words"
    """Turning recordings into words, which takes minutes of a processor. Nobody waits for it: these
    jobs are never overdue, and a process runs one at a time."""


UNHURRIED = frozenset({Lane.WEBHOOKS, Lane.TASKS, Lane.WORDS})
"""The lanes whose jobs are never overdue."""


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
    """Tell the subscribed contacts of the first plans from this rank on about the release for this
    incident."""

    incident: str
    rank: int = 0
    kind: Literal["send_release_messages"] = "send_release_messages"
    lane: ClassVar[Lane] = Lane.REST

    @property
    def name(self) -> str:
        """The id of the job: the same for every process that plans it."""
        told = f"release/{self.incident}/{self.rank}"
        return f"{self.lane}-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class SendPortalCode:
    """Send the code of this request to sign in to the portal, if its address is a contact's."""

    code: str
    channel: Channel
    kind: Literal["send_portal_code"] = "send_portal_code"

    @property
    def lane(self) -> Lane:
        """The lane of the channel."""
        return lane_of(self.channel)


@dataclass(frozen=True, slots=True)
class ReportWrongPins:
    """Tell the duty manager that somebody guesses PINs of this contract, or of any."""

    line: str
    contract: str | None = None
    kind: Literal["report_wrong_pins"] = "report_wrong_pins"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ReportUnrung:
    """Tell the people on call about the incidents for which nobody was rung."""

    incident: str
    again: int = 0  # attempts so far at which nobody could be told
    kind: Literal["report_unrung"] = "report_unrung"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The id of the job: the same for every process that plans it."""
        tried = f"unrung/{self.incident}/{self.again}"
        return f"{self.lane}-{hashlib.blake2b(tried.encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ReportDailyCap:
    """Tell the duty manager that this engineer gets no more texts today."""

    line: str
    engineer: str
    kind: Literal["report_daily_cap"] = "report_daily_cap"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class EndRing:
    """Timer: the ring time of this leg has passed."""

    leg: str
    kind: Literal["end_ring"] = "end_ring"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ContinueEscalation:
    """Timer: the escalation continues, if ``mark`` is still its latest move."""

    incident: str
    mark: int
    kind: Literal["continue_escalation"] = "continue_escalation"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class CheckKeyDeadline:
    """Timer: the engineer who acknowledged at ``since`` must have pressed a key by now."""

    incident: str
    engineer: str
    since: dt.datetime
    kind: Literal["check_key_deadline"] = "check_key_deadline"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class ServeDesk:
    """Ring the free engineers at the desk for the callers of the desk queue, in its order."""

    line: str
    kind: Literal["serve_desk"] = "serve_desk"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class CheckResponseTime:
    """Timer: a share, in percent, of the promised response time has passed."""

    incident: str
    mark: int
    share: int
    kind: Literal["check_response_time"] = "check_response_time"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class RingBack:
    """Ring an engineer, whose own call has ended, for the incident that they chose in it."""

    call: str
    kind: Literal["ring_back"] = "ring_back"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class OfferEngineer:
    """Offer an engineer, or a number of the last resort, to the escalations that wait for them: its
    leg has ended. ``engineer`` is what the leg occupied."""

    line: str
    engineer: str
    kind: Literal["offer_engineer"] = "offer_engineer"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class Ring:
    """Place the call of this leg. It is not idempotent at the carrier: check before a repeat."""

    leg: str
    kind: Literal["ring"] = "ring"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Stop a leg that still rings. A leg that was answered meanwhile continues."""

    leg: str
    kind: Literal["stop_ringing"] = "stop_ringing"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class RefreshDocument:
    """Make an answered leg request its document again, because the document has changed."""

    leg: str
    kind: Literal["refresh_document"] = "refresh_document"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class EndMessage:
    """End what this caller is saying, because an engineer took the call and waits."""

    call: str
    turn: int
    kind: Literal["end_message"] = "end_message"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class CheckLeg:
    """Ask the carrier whether this leg is still live, in case its last callback was lost."""

    leg: str
    kind: Literal["check_leg"] = "check_leg"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class RingCustomer:
    """Place the call that the customer asked for. Check before a repeat, as for a leg."""

    incident: str
    number: int
    kind: Literal["ring_customer"] = "ring_customer"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class StopRingingCustomer:
    """Stop that call while it still rings."""

    incident: str
    number: int
    kind: Literal["stop_ringing_customer"] = "stop_ringing_customer"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class CheckCustomerLeg:
    """Ask the carrier whether that call is still live, in case its last callback was lost."""

    incident: str
    number: int
    kind: Literal["check_customer_leg"] = "check_customer_leg"
    lane: ClassVar[Lane] = Lane.TELEPHONES


@dataclass(frozen=True, slots=True)
class EndCustomerRing:
    """Timer: the ring time of that call has passed."""

    incident: str
    number: int
    kind: Literal["end_customer_ring"] = "end_customer_ring"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class CheckCall:
    """Ask the carrier whether this caller is still there."""

    call: str
    kind: Literal["check_call"] = "check_call"
    lane: ClassVar[Lane] = Lane.TELEPHONES


CHECK_CALL_AFTER = dt.timedelta(seconds=60)
"""How long a caller counts as present without a callback of the carrier."""


@dataclass(frozen=True, slots=True)
class DeleteQueue:
    """Delete the queue of a call that has ended."""

    queue: str
    kind: Literal["delete_queue"] = "delete_queue"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class AnnounceHandover:
    """Tell this engineer that they come on call at this instant, if the schedule still says so."""

    line: str
    schedule: str
    at: dt.datetime
    engineer: str
    kind: Literal["announce_handover"] = "announce_handover"
    lane: ClassVar[Lane] = Lane.DECISIONS

    @property
    def name(self) -> str:
        """The id of the job: the same for every process that plans this handover."""
        parts = (self.line, self.schedule, self.at.astimezone(dt.UTC).isoformat(), self.engineer)
        digest = hashlib.blake2b("/".join(parts).encode(), digest_size=16).hexdigest()
        return f"{self.lane}-{digest}"


@dataclass(frozen=True, slots=True)
class CheckHandover:
    """Check whether the message about this handover was lost, and whether it is confirmed."""

    handover: str
    kind: Literal["check_handover"] = "check_handover"
    lane: ClassVar[Lane] = Lane.DECISIONS


@dataclass(frozen=True, slots=True)
class FetchRecording:
    """Fetch this recording from the carrier and store it."""

    recording: str
    kind: Literal["fetch_recording"] = "fetch_recording"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class DeleteRecording:
    """Delete this recording at the carrier: it is stored here, or its retention has ended."""

    recording: str
    kind: Literal["delete_recording"] = "delete_recording"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class DeleteTranscription:
    """Delete the words of a recording at the carrier: they are stored here, or not wanted."""

    sid: str
    kind: Literal["delete_transcription"] = "delete_transcription"
    lane: ClassVar[Lane] = Lane.REST

    @property
    def name(self) -> str:
        """The id of the job: the same however often the carrier reports the words."""
        digest = hashlib.blake2b(self.sid.encode(), digest_size=16).hexdigest()
        return f"{self.kind}-{digest}"


@dataclass(frozen=True, slots=True)
class TranscribeRecording:
    """Turn this recording, which is stored, into words."""

    recording: str
    kind: Literal["transcribe_recording"] = "transcribe_recording"
    lane: ClassVar[Lane] = Lane.WORDS


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Send this delivery to a program. ``receiver`` names the line and the webhook."""

    delivery: str
    receiver: str
    kind: Literal["deliver_webhook"] = "deliver_webhook"
    lane: ClassVar[Lane] = Lane.WEBHOOKS


@dataclass(frozen=True, slots=True)
class RunTask:
    """Do what a person asked for in the console."""

    task: str
    kind: Literal["run_task"] = "run_task"
    lane: ClassVar[Lane] = Lane.TASKS


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
    | SendPortalCode
    | ReportUnrung
    | EndRing
    | ContinueEscalation
    | CheckKeyDeadline
    | OfferEngineer
    | ServeDesk
    | RingBack
    | CheckResponseTime
    | CheckLeg
    | CheckCall
    | RingCustomer
    | StopRingingCustomer
    | CheckCustomerLeg
    | EndCustomerRing
    | DeleteQueue
    | FetchRecording
    | DeleteRecording
    | DeleteTranscription
    | TranscribeRecording
    | DeliverWebhook
    | RunTask
    | AnnounceHandover
    | CheckHandover
)


@dataclass(frozen=True, slots=True)
class Job:
    """A command and the time from which it is due. A job with a name is stored once."""

    due_at: dt.datetime
    command: Command
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to one attempt of a job."""

    job: str
    attempt: int


class LeaseLostError(Exception):
    """The lease of this job has expired, and another worker runs it."""
