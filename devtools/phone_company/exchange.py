"""The exchange: gives every leg its script, sends it elsewhere, and ends it."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from devtools.phone_company.callbacks import tell, turn
from devtools.phone_company.calls import Call, Jump
from devtools.phone_company.ringing import connect, line_free
from devtools.phone_company.twiml.stage import HangUp, Stage
from devtools.phone_company.twiml.verbs import VERBS

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_LOG = logging.getLogger(__name__)

Script = Coroutine[Any, Any, None]


class Exchange:
    """Every leg that lives or lived."""

    def __init__(self, company: "Company") -> None:
        """Start with no call."""
        self._company = company
        self.next_slot: datetime | None = None  # when the next outgoing call may start
        self.calls: dict[str, Call] = {}

    def dial_in(self, from_: str, to: str, extra: dict[str, str] | None = None) -> Call:
        """Let a customer phone one of the account's numbers."""
        number = self._company.numbers[to]
        call = Call(
            from_=from_,
            to=to,
            direction="inbound",
            created=self._company.clock.now(),
            fallback=number.fallback,
            callback=number.callback,
            extra=extra or {},
        )
        self._admit(call)
        turn(self._company, call, "ringing")
        self._follow(call, self._read(call, Jump(number.voice_url, number.voice_method)))
        return call

    def call_out(self, call: Call, ring_for: float) -> None:
        """Ring a phone for the account and read it the call's first page."""
        self.extend(call, self._place(call, ring_for))

    def extend(self, leg: Call, script: Script) -> None:
        """Take in an outgoing leg with a script of its own."""
        self._admit(leg)
        self._follow(leg, script)

    def answer(self, call: Call) -> None:
        """Connect the two ends, unless they are connected."""
        if call.status == "in-progress" or call.over:
            return
        call.answered = self._company.clock.now()
        turn(self._company, call, "in-progress")
        tell(self._company, call, "answered", "in-progress")

    def divert(self, call: Call, jump: Jump) -> None:
        """Send a live call to another page; one that still rings hears it when answered."""
        if call.status == "in-progress" or call.direction == "inbound":
            self._follow(call, self._read(call, jump))
        else:
            call.first_page = jump

    def hang_up(self, call: Call) -> None:
        """End a leg the way its state asks for."""
        if call.status == "in-progress":
            self.end(call, "completed")
        else:
            self.end(call, "no-answer" if call.direction == "inbound" else "canceled")

    def end(self, call: Call, status: str) -> None:
        """Bring a leg to a final state, once."""
        if call.over:
            return
        never_left = call.status == "queued" and status == "canceled"
        call.ended = self._company.clock.now()
        call.asking = None
        turn(self._company, call, status)
        if not never_left:
            tell(self._company, call, "completed", status)
        for task in (*call.companions, call.script):
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    def accompany(self, call: Call, companion: Script) -> None:
        """Let something happen beside the script, at most until the leg ends."""
        task = asyncio.get_running_loop().create_task(companion)
        call.companions.add(task)
        task.add_done_callback(call.companions.discard)

    async def close(self) -> None:
        """Break off every script."""
        tasks = {t for c in self.calls.values() for t in (c.script, *c.companions) if t}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _admit(self, call: Call) -> None:
        self.calls[call.sid] = call
        details = {"from": call.from_, "to": call.to, "direction": call.direction}
        self._company.feed.publish("call", call=call.sid, details=details | {"parent": call.parent})

    def _follow(self, call: Call, script: Script) -> None:
        previous = call.script
        if previous is not None:
            previous.cancel()
        task = asyncio.get_running_loop().create_task(self._conduct(call, script, previous))
        # A task cancelled before its first step never awaits what it was given.
        task.add_done_callback(lambda _: script.close())
        call.script = task

    async def _conduct(
        self, call: Call, script: Script, previous: "asyncio.Task[None] | None"
    ) -> None:
        if previous is not None:
            await asyncio.wait({previous})
        try:
            await script
        except HangUp:
            self.hang_up(call)
        except Exception:
            # Whatever one line does to one call, the company and the other calls go on.
            _LOG.exception("The script of call %s broke off", call.sid)
            self.hang_up(call)

    async def _place(self, call: Call, ring_for: float) -> None:
        await line_free(self._company, call)
        if await connect(self._company, call, ring_for):
            await self._read(call, call.first_page)

    async def _read(self, call: Call, jump: Jump) -> None:
        await Stage(self._company, call, VERBS).run(jump)
        self.end(call, "completed")
