"""A customer's call: the value that lives for as long as somebody holds a telephone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from routing.line import Channel

# Where in the conversation a caller is, and what must be said before the next question.


class Stage(StrEnum):
    """Where in the conversation the caller is; what the phone says next follows from it."""

    LANGUAGE = "language"
    ENGINEER = "engineer"  # an engineer's number: what waits for them is offered
    CONTRACT = "contract"
    PIN = "pin"
    ABOUT = "about"  # the contract has open incidents: is it about one of them?
    ENGAGED = "engaged"  # it is, and somebody of the contract is on the line about it
    URGENCY = "urgency"
    VERDICT = "verdict"  # a request about virus recognition: a false alarm, or a missed threat?
    DATABASES = "databases"  # are the newest in use?
    STOPPED = "stopped"  # has business stopped because of it?
    CONFIRM = "confirm"
    INTRODUCE = "introduce"  # asked to say a name and company
    WAITING = "waiting"  # parked in the caller's own queue
    MESSAGE = "message"  # speaking a message
    LATER = "later"  # told when it will be handled; one key says that it is level 1 by now
    CALLBACK = "callback"  # told that we call back, then we hang up
    BRIDGED = "bridged"  # talking with whoever took the call
    RETURNING = "returning"  # the other side went first: "was this all?"
    RESCUE = "rescue"  # the queue or our own workers failed: dialled straight from the document
    FAREWELL = "farewell"  # one last sentence, then we hang up
    ENDED = "ended"


class Preamble(StrEnum):
    """What must be said before the question is put again."""

    NONE = ""
    WELCOME = "welcome"
    NOTHING_WAITS = "nothing_waits"  # for the engineer whose number calls
    RUNG_ENOUGH = "rung_enough"  # something waits, but their telephone was rung often for it
    WRONG = "wrong"  # number and PIN do not belong together; said with a growing pause
    ONE_MOMENT = "one_moment"  # wrong PINs of earlier calls count: said with their pause
    NOTHING_KEYED = "nothing_keyed"
    NO_SUCH_KEY = "no_such_key"
    UNIDENTIFIED = "unidentified"  # out of tries, or went on without
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"
    REPEAT = "repeat"
    NO_NUMBER = "no_number"  # cannot call back: we do not see the caller's number
    MESSAGE_KEPT = "message_kept"
    TAKEN = "taken_for_you"  # somebody has taken the call while a message was spoken
    ENGINEER_DECIDES = "engineer_decides"  # stayed on while the engineer is at the closing menu
    IN_ROW = "in_row"  # the desk is busy or being rung
    DESK_CLOSED = "desk_closed"  # it closed while the caller waited
    OLD_DATABASES = "old_databases"  # to be updated first; the request is taken all the same
    REQUEST_WAITS = "request_waits"  # for a specialist, in their row
    SILENT = "silent"  # nothing was said when a name was asked for
    COLLEAGUE_TALKS = "colleague_talks"
    COLLEAGUE_WAITS = "colleague_waits"
    CALLED_AGAIN = "called_again"  # about an incident of level 2 to 4
    RAISED = "raised"  # to level 1, while a colleague is on the line about it


# A request about virus recognition: what was found, and how far our answer has come.


class RecognitionFault(StrEnum):
    """What was wrong with the recognition, as the caller says."""

    FALSE_POSITIVE = "false_positive"  # a clean file is taken for a threat
    FALSE_NEGATIVE = "false_negative"  # a threat is not recognised
    UNKNOWN = "unknown"


class DatabaseAge(StrEnum):
    """Whether the newest databases were in use, as the caller says."""

    NEWEST = "newest"
    OLD = "old"
    UNKNOWN = "unknown"


class RequestProgress(StrEnum):
    """How far a request has come; it never goes back."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """``written`` is how the customer was told of it, None where we can only speak with them."""

    verdict: RecognitionFault = RecognitionFault.UNKNOWN
    databases: DatabaseAge = DatabaseAge.UNKNOWN
    progress: RequestProgress = RequestProgress.RECEIVED
    written: Channel | None = None
    confirmed_by: str | None = None
    confirmed_at: dt.datetime | None = None
    released_by: str | None = None
    released_at: dt.datetime | None = None


# An incident as it is offered to an engineer or a proven contact who calls: it names nobody.


@dataclass(frozen=True, slots=True)
class OfferedIncident:
    """``incident`` is its key; ``own`` when the engineer has it already."""

    incident: str
    number: int
    urgency: int
    own: bool = False


class Entitlement(StrEnum):
    """What the caller may expect, as far as a number and a PIN have shown."""

    UNVERIFIED = "unverified"
    ENTITLED = "entitled"
    STANDARD = "standard"
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"

    @property
    def verified(self) -> bool:
        """True once the PIN was right, whatever the contract is worth today."""
        return self is not Entitlement.UNVERIFIED


class CallOutcome(StrEnum):
    """How a call ended, as ``calls`` reports it."""

    CONNECTED = "connected"
    MESSAGE = "message"
    CALLBACK = "callback"
    REGISTERED = "registered"
    ABANDONED = "abandoned"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the PIN has proved the caller to be."""

    contract: str
    customer: str
    contact: str
    plan: str
    phone: str | None = None


@dataclass(frozen=True)
class Call:
    """One inbound call. ``turn`` counts the questions put, so that an old answer is seen as old.

    ``caller`` is a dialable E.164 number or None (withheld, SIP, not a number); ``shown`` is what
    the carrier showed. ``selected`` is the contract that a number or keyed digits point at, before
    any proof. ``pause`` is the spoken delay in seconds after a wrong PIN.
    """

    id: str
    sid: str
    line: str
    shown: str
    caller: str | None
    language: str
    started_at: dt.datetime
    stage: Stage = Stage.LANGUAGE
    turn: int = 0
    remark: Preamble = Preamble.NONE
    pause: int = 0
    silences: int = 0  # at the present question
    slips: int = 0  # keys without a meaning, at the present question
    unrung: bool = False  # nobody may be rung for this caller, when the question was put
    rounds: int = 0  # how often the levels were repeated or chosen again
    tries: int = 0
    pressed: bool = False
    known: bool = False  # the caller's number selected the contract by itself
    selected: str | None = None
    suspect: str | None = None  # against what wrong PINs of this call count beside its number
    entitlement: Entitlement = Entitlement.UNVERIFIED
    identity: Identity | None = None
    urgency: int | None = None
    request: SignatureRequest | None = None  # about virus recognition, as far as it was answered
    incident: str | None = None
    parked_at: dt.datetime | None = None
    queued: int = 0  # the turn at which the caller last went into the queue
    returned_at: dt.datetime | None = None  # when we last asked whether this was all
    rescues: int = 0  # how often the last resort was dialled from the caller's document
    message: str | None = None
    told_later: bool = False  # heard that it is handled later
    handled_at: dt.datetime | None = None  # from when, if the office is closed
    answered_by: str | None = None
    answered_at: dt.datetime | None = None
    bridged: bool = False
    fate: CallOutcome | None = None  # what the call will count as if it ended now
    outcome: CallOutcome | None = None
    ended_at: dt.datetime | None = None
    left_at: Stage | None = None  # where in the conversation the caller hung up
    engineer: str | None = None  # whose number it is that calls
    offers: tuple[OfferedIncident, ...] = ()  # the incidents that this call may be about
    rings_back: str | None = None  # the incident for which the engineer's phone is rung afterwards
    version: int = 0

    @property
    def live(self) -> bool:
        """True until we know that the caller has gone."""
        return self.stage is not Stage.ENDED

    @property
    def holds(self) -> bool:
        """True while the caller waits for a human, in the queue or with a place kept in it."""
        if self.stage in (Stage.MESSAGE, Stage.CONFIRM):
            return self.parked_at is not None
        return self.stage in (Stage.WAITING, Stage.RETURNING, Stage.RESCUE)

    @property
    def queue(self) -> str:
        """The caller's own queue at the carrier: our random id, which names nobody."""
        return f"q-{self.id}"


class CallChanges(TypedDict, total=False):
    """The fields that ``with_call`` can change; a test compares them."""

    id: str
    sid: str
    line: str
    shown: str
    caller: str | None
    language: str
    started_at: dt.datetime
    stage: Stage
    turn: int
    remark: Preamble
    pause: int
    silences: int
    slips: int
    unrung: bool
    rounds: int
    tries: int
    pressed: bool
    known: bool
    selected: str | None
    suspect: str | None
    entitlement: Entitlement
    identity: Identity | None
    urgency: int | None
    request: SignatureRequest | None
    incident: str | None
    parked_at: dt.datetime | None
    queued: int
    returned_at: dt.datetime | None
    rescues: int
    message: str | None
    told_later: bool
    handled_at: dt.datetime | None
    answered_by: str | None
    answered_at: dt.datetime | None
    bridged: bool
    fate: CallOutcome | None
    outcome: CallOutcome | None
    ended_at: dt.datetime | None
    left_at: Stage | None
    engineer: str | None
    offers: tuple[OfferedIncident, ...]
    rings_back: str | None
    version: int
