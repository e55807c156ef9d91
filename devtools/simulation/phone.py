"""A telephone call at the simulated company, and what can come in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.events import Heard
from routing.voice_document import Next

if TYPE_CHECKING:
    from devtools.simulation.world import Process


class GoneError(Exception):
    """This side has hung up, or was never there."""


class PartedError(Exception):
    """The other side of a conversation has gone."""


class ToldError(Exception):
    """The line has this call ask for another document."""

    def __init__(self, to: Next) -> None:
        """Where it is asked."""
        super().__init__("told to ask again")
        self.to = to


class FailedError(Exception):
    """No answer came to what this call asked for, and asking again did not help."""


class LeaveError(Exception):
    """The waiting document leads out of the queue."""


@dataclass(eq=False)
class Side:
    """One side of a call: ``leg`` is our id where we have placed it, ``fallback`` what is asked
    when nothing else answers. A customer who was called has ``asked_for`` it: the incident's key
    and the number of the call, as in the address. A ``parked`` caller waits in a queue of the
    company. ``questions`` counts the menus since something else was last heard."""

    sid: str
    number: str
    heard: Heard
    fallback: Next
    leg: str | None = None
    asked_for: str = ""
    process: Process | None = None
    parked: bool = False
    questions: int = 0
    dials: bool = False
    failed: bool = False
    talk: Talk | None = None

    @property
    def placed(self) -> bool:
        """True for a call that the line has placed."""
        return self.leg is not None or bool(self.asked_for)

    def fallback_of(self, asked: Next) -> Next:
        """What is asked when this question fails. A customer who was called is led to a human
        with a key only."""
        if asked.name in ("customer.listens", "customer.silence"):
            return Next("fallback.customer", "")
        return self.fallback

    @property
    def live(self) -> bool:
        """True while it rings or somebody is on it."""
        return self.heard in (Heard.RINGING, Heard.ANSWERED)


@dataclass(eq=False)
class Talk:
    """Two who are joined, until one of them goes."""

    one: Side
    other: Side
    over: bool = False

    def end(self, by: Side | None = None) -> None:
        """Part them; whoever goes knows already."""
        if self.over:
            return
        self.over = True
        for side in (self.one, self.other):
            if side is not by and side.process is not None:
                side.process.interrupt(PartedError())


class ClaimedError(Exception):
    """Somebody takes this caller out of the queue."""

    def __init__(self, talk: Talk, joined: Next) -> None:
        """Whom they will talk with, and what they hear first."""
        super().__init__("taken out of the queue")
        self.talk, self.joined = talk, joined
