"""A customer's call: the value that lives for as long as somebody holds a telephone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from routing.offer import Offer
from routing.request import Request
from routing.stage import Remark, Stage

__all__ = ["Call", "Identity", "Outcome", "Remark", "Stage", "Standing"]


class Standing(StrEnum):
    """What the caller may expect, as far as a number and a PIN have shown."""

    UNVERIFIED = "unverified"
    ENTITLED = "entitled"
    STANDARD = "standard"
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"

    @property
    def verified(self) -> bool:
        """True once the PIN was right, whatever the contract is worth today."""
        return self is not Standing.UNVERIFIED


class Outcome(StrEnum):
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
    remark: Remark = Remark.NONE
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
    standing: Standing = Standing.UNVERIFIED
    identity: Identity | None = None
    urgency: int | None = None
    request: Request | None = None  # about virus recognition, as far as it was answered
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
    fate: Outcome | None = None  # what the call will count as if it ended now
    outcome: Outcome | None = None
    ended_at: dt.datetime | None = None
    left_at: Stage | None = None  # where in the conversation the caller hung up
    engineer: str | None = None  # whose number it is that calls
    offers: tuple[Offer, ...] = ()  # the incidents that this call may be about
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
