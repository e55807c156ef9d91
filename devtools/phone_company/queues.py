"""Queues: where callers wait until somebody takes them out."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from devtools.phone_company.bridge import Bridge
from devtools.phone_company.calls import Call, Jump, new_sid
from devtools.phone_company.clock import Clock, first_of

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


@dataclass(frozen=True)
class Claim:
    """Somebody takes a caller out: whom they will talk to, and what the caller hears before."""

    bridge: Bridge
    greeting: Jump | None


@dataclass(eq=False)
class Member:
    """A caller in a queue."""

    call: Call
    since: datetime
    claimed: "asyncio.Future[Claim]"

    def waited(self, now: datetime) -> int:
        """Return the whole seconds since the caller came."""
        return int((now - self.since).total_seconds())


@dataclass(eq=False, kw_only=True)
class Queue:
    """One queue, first come first served."""

    name: str
    max_size: int
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("QU"))
    members: deque[Member] = field(default_factory=deque)
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)

    def join(self, call: Call, now: datetime) -> Member:
        """Put a caller at the end."""
        member = Member(call, now, asyncio.get_running_loop().create_future())
        self.members.append(member)
        self._arrival.set()
        return member

    def leave(self, member: Member) -> None:
        """Take a caller out, wherever they stand."""
        if member in self.members:
            self.members.remove(member)
        if not self.members:
            self._arrival.clear()

    async def front(self, clock: Clock, patience: float) -> Member | None:
        """Take out the first caller, waiting up to `patience` seconds for one."""
        if await first_of(self._arrival.wait(), clock.sleep(patience)) != 0:
            return None
        member = self.members[0]
        self.leave(member)
        return member

    def position(self, member: Member) -> int:
        """Return the place in the queue, from 1; 0 once taken out."""
        return self.members.index(member) + 1 if member in self.members else 0

    def average_wait(self, now: datetime) -> int:
        """Return how many seconds those who wait have waited, on average."""
        waits = [member.waited(now) for member in self.members]
        return sum(waits) // len(waits) if waits else 0


class Queues:
    """The account's queues."""

    def __init__(self, company: "Company") -> None:
        """Start with none."""
        self._company = company
        self.all: dict[str, Queue] = {}

    def named(self, name: str) -> Queue | None:
        """Return the queue with that name."""
        return next((queue for queue in self.all.values() if queue.name == name), None)

    def create(self, name: str, max_size: int | None = None) -> Queue:
        """Add a queue."""
        size = self._company.switches.queue_size if max_size is None else max_size
        queue = Queue(name=name, max_size=size, created=self._company.clock.now())
        self.all[queue.sid] = queue
        return queue
