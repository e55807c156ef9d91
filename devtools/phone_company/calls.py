"""One leg of one call: the record that REST shows and the live state behind it."""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import CookieJar

from devtools.phone_company.keypad import Keypad
from devtools.phone_company.voice import Voice

LIVE = ("queued", "ringing", "in-progress")


class Lots:
    """Draws identifiers; a caller that wants the same ones each time replaces ``draw``."""

    def __init__(self) -> None:
        """Draw such that nobody can guess one."""
        self.draw: Callable[[], str] = lambda: uuid.uuid4().hex
        self.name: Callable[[str, str], str] = lambda prefix, digits: prefix + digits


LOTS = Lots()


def new_sid(prefix: str) -> str:
    """Return a fresh identifier such as CA followed by 32 hex digits."""
    return LOTS.name(prefix, LOTS.draw())


@dataclass(frozen=True)
class Jump:
    """Where a call goes on: an address to ask for TwiML, or the TwiML itself."""

    url: str = ""
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    twiml: str = ""


@dataclass(frozen=True)
class StatusCallback:
    """Who is told how a call or a text fares, and of which events."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(eq=False, kw_only=True)
class Call:
    """A leg between the company and one phone."""

    from_: str
    to: str
    direction: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("CA"))
    parent: str | None = None
    fallback: Jump = field(default_factory=Jump)
    callback: StatusCallback = field(default_factory=StatusCallback)
    extra: dict[str, str] = field(default_factory=dict)

    status: str = "queued"
    queue_ms: int = 0
    answered: datetime | None = None
    ended: datetime | None = None
    first_page: Jump = field(default_factory=Jump)

    transcript: list[dict[str, Any]] = field(default_factory=list)
    asking: dict[str, Any] | None = None
    bridged_with: str | None = None
    keypad: Keypad = field(default_factory=Keypad)
    voice: Voice = field(default_factory=Voice)
    picked_up: asyncio.Future[str] | None = None
    cookies: CookieJar = field(default_factory=lambda: CookieJar(unsafe=True))
    script: asyncio.Task[None] | None = None
    companions: set[asyncio.Task[None]] = field(default_factory=set)
    sequence: Iterator[int] = field(default_factory=itertools.count)

    @property
    def over(self) -> bool:
        """Whether the leg has reached its end."""
        return self.status not in LIVE

    @property
    def ringing(self) -> bool:
        """Whether somebody can pick up now."""
        return self.status == "ringing" and self.picked_up is not None and not self.picked_up.done()

    @property
    def customer(self) -> str:
        """The number of the phone at the other end."""
        return self.from_ if self.direction == "inbound" else self.to

    def seconds(self, now: datetime) -> int:
        """Return how long the two ends have been connected."""
        if self.answered is None:
            return 0
        return round(((self.ended or now) - self.answered).total_seconds())
