"""A customer's call, from the first ring until the caller has gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from routing.line import Channel


class Stage(StrEnum):
    """The stage of the conversation. It decides which document the caller hears next."""

    LANGUAGE = "language"
    ENGINEER = "engineer"  # an engineer calls: waiting incidents are offered
    CONTRACT = "contract"
    PIN = "pin"
    ABOUT = "about"  # is the call about an open incident of the contract?
    ENGAGED = "engaged"  # a colleague of the caller is on the line about it
    URGENCY = "urgency"
    VERDICT = "verdict"  # a signature request: false alarm, or missed threat?
    DATABASES = "databases"  # are the newest databases in use?
    STOPPED = "stopped"  # has business stopped?
    CONFIRM = "confirm"
    INTRODUCE = "introduce"  # asked to say a name and company
    MATTER = "matter"  # says what is wrong, while people are rung
    WAITING = "waiting"  # parked in the caller's own queue
    MESSAGE = "message"  # leaves a message
    LATER = "later"  # hears when it is handled; a key upgrades it to level 1
    CALLBACK = "callback"  # hears that the line calls back; the call ends
    BRIDGED = "bridged"  # talks with the person who took the call
    RETURNING = "returning"  # the other side hung up first: "was this all?"
    RESCUE = "rescue"  # queue or workers failed: the document dials the last resort
    FAREWELL = "farewell"  # one last sentence, then the call ends
    ENDED = "ended"


OUTSIDE_QUEUE = (Stage.PIN, Stage.MESSAGE, Stage.MATTER, Stage.CONFIRM)
"""The stages in which a caller may hold a position without being in the queue."""


class Preamble(StrEnum):
    """The sentence before the next question."""

    NONE = ""
    WELCOME = "welcome"
    NOTHING_WAITS = "nothing_waits"  # for the engineer who calls
    RUNG_ENOUGH = "rung_enough"  # their telephone was already rung often for what waits
    WRONG = "wrong"  # contract number and PIN do not match; after a growing pause
    ONE_MOMENT = "one_moment"  # the pause for the wrong PINs of earlier calls
    NOTHING_KEYED = "nothing_keyed"
    NO_SUCH_KEY = "no_such_key"
    UNIDENTIFIED = "unidentified"  # no attempts left, or continued without a PIN
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"
    NO_PHONE = "no_phone"  # the plan does not include the telephone
    PLAN_HOURS = "plan_hours"  # the plan includes level 1 in office hours only
    REPEAT = "repeat"
    NO_NUMBER = "no_number"  # no callback: the caller's number is not known
    MESSAGE_KEPT = "message_kept"
    TAKEN = "taken_for_you"  # an engineer took the call while the caller left a message
    ENGINEER_DECIDES = "engineer_decides"  # stayed on while the engineer is in the wrap-up menu
    IN_ROW = "in_row"  # the desk is busy or being rung
    DESK_CLOSED = "desk_closed"  # it closed while the caller waited
    OLD_DATABASES = "old_databases"  # to be updated first; the request is accepted anyway
    REQUEST_WAITS = "request_waits"  # in the queue of the specialists
    SILENT = "silent"  # no name was said
    COLLEAGUE_TALKS = "colleague_talks"
    COLLEAGUE_WAITS = "colleague_waits"
    CALLED_AGAIN = "called_again"  # about an incident of level 2 to 4
    KNOWS_UNRUNG = "knows_unrung"  # confirmed level 1 and was told that nobody can be rung
    RAISED = "raised"  # to level 1, while a colleague is on the line about it


class RecognitionFault(StrEnum):
    """The fault of the virus recognition, as the caller describes it."""

    FALSE_POSITIVE = "false_positive"  # a clean file was detected
    FALSE_NEGATIVE = "false_negative"  # a threat was not detected
    UNKNOWN = "unknown"


class DatabaseAge(StrEnum):
    """Whether the newest databases were in use, as the caller says."""

    NEWEST = "newest"
    OLD = "old"
    UNKNOWN = "unknown"


class RequestProgress(StrEnum):
    """The progress of a signature request. It never goes back."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """A signature request. ``written`` is the channel of the messages to the customer, if any."""

    verdict: RecognitionFault = RecognitionFault.UNKNOWN
    databases: DatabaseAge = DatabaseAge.UNKNOWN
    progress: RequestProgress = RequestProgress.RECEIVED
    written: Channel | None = None
    confirmed_by: str | None = None
    confirmed_at: dt.datetime | None = None
    released_by: str | None = None
    released_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferedIncident:
    """An incident that is offered to an engineer, or to an identified contact, without names.
    ``incident`` is its key; ``own`` is true when the engineer has it already."""

    incident: str
    number: int
    urgency: int
    own: bool = False


class Entitlement(StrEnum):
    """The entitlement of a caller, by the contract number and the PIN."""

    UNVERIFIED = "unverified"
    ENTITLED = "entitled"
    STANDARD = "standard"
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"

    @property
    def verified(self) -> bool:
        """True once the PIN was right, even if the contract has expired."""
        return self is not Entitlement.UNVERIFIED

    @property
    def in_force(self) -> bool:
        """True for a contract that is valid today, with priority or without."""
        return self in (Entitlement.ENTITLED, Entitlement.STANDARD)


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
    """The identity of a caller, proved by the PIN."""

    contract: str
    customer: str
    contact: str
    plan: str
    phone: str | None = None


@dataclass(frozen=True)
class Call:
    """One call of a customer. ``turn`` counts the questions, so that an old answer is recognised.

    ``caller`` is a dialable E.164 number, or None (withheld, SIP, not a number); ``shown`` is the
    carrier's text. ``selected`` is the contract of the number or of the keyed digits, before the
    PIN. ``pause`` is the delay in seconds after a wrong PIN.
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
    silences: int = 0  # at the current question
    slips: int = 0  # keys without a meaning, at the current question
    repeats: int = 0  # how often the star repeated the current question
    strays: int = 0  # hash keys at the current question, which are no answer and no error
    unrung: bool = False  # nobody may be rung for this caller
    rounds: int = 0  # how often the caller went back to an earlier question
    tries: int = 0
    pressed: bool = False
    known: bool = False  # the caller's number selected the contract
    number_of: str | None = None  # the customer of that contract; it proves nothing
    selected: str | None = None
    suspect: str | None = None  # the subject that wrong PINs of this call count against
    entitlement: Entitlement = Entitlement.UNVERIFIED
    identity: Identity | None = None
    urgency: int | None = None
    request: SignatureRequest | None = None  # a signature request, as far as it was answered
    incident: str | None = None
    parked_at: dt.datetime | None = None
    on_hold_since: dt.datetime | None = None  # in the queue, after what is asked while it rings
    queued: int = 0  # the turn at which the caller last went into the queue
    returned_at: dt.datetime | None = None  # when the caller was last asked "was this all?"
    rescues: int = 0  # how often the last resort was dialled from the caller's document
    message: str | None = None
    told_later: bool = False  # heard that it is handled later
    handled_at: dt.datetime | None = None  # from when, if the office is closed
    answered_by: str | None = None
    answered_at: dt.datetime | None = None
    bridged: bool = False
    fate: CallOutcome | None = None  # the outcome if the call ended now
    outcome: CallOutcome | None = None
    ended_at: dt.datetime | None = None
    left_at: Stage | None = None  # the stage in which the caller hung up
    engineer: str | None = None  # the engineer who calls
    offers: tuple[OfferedIncident, ...] = ()  # the incidents that are offered in this call
    rings_back: str | None = None  # the incident for which the engineer is rung after the call
    called_out: bool = False  # the line called this contact, who had asked for it
    slow: bool = False  # asked to hear a question twice: is spoken to slowly
    version: int = 0

    @property
    def live(self) -> bool:
        """True until the caller is known to have gone."""
        return self.stage is not Stage.ENDED

    @property
    def holds(self) -> bool:
        """True while the caller waits for a human, in the queue or with a kept position."""
        if self.stage in OUTSIDE_QUEUE:
            return self.parked_at is not None
        return self.stage in (Stage.WAITING, Stage.RETURNING, Stage.RESCUE)

    @property
    def owes_pin(self) -> bool:
        """True for a caller whose number selects a contract, and who chose a level before the PIN
        was asked for. One who has pressed nothing may have no keys."""
        unasked = self.known and self.selected is not None and not self.entitlement.verified
        return unasked and self.pressed

    @property
    def queue(self) -> str:
        """The caller's own queue at the carrier. Its name is our random id."""
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
    repeats: int
    strays: int
    unrung: bool
    rounds: int
    tries: int
    pressed: bool
    known: bool
    number_of: str | None
    selected: str | None
    suspect: str | None
    entitlement: Entitlement
    identity: Identity | None
    urgency: int | None
    request: SignatureRequest | None
    incident: str | None
    parked_at: dt.datetime | None
    on_hold_since: dt.datetime | None
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
    called_out: bool
    slow: bool
    version: int
