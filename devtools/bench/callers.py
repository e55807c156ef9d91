"""What callers and engineers do: a whole call, webhook by webhook, as the carrier sends them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from devtools.bench import cast
from devtools.bench.load import Answer, Webhook
from routing.page import Page

STEPS: Mapping[str, Mapping[str, str]] = {
    "incoming": {},
    "PIN": {"Digits": f"{cast.PIN}#"},
    "urgency": {"Digits": "1"},
    "confirmation": {"Digits": "1"},
    "matter": {},
    "status": {"CallStatus": "completed"},
}
"""What a caller says at each step of a call of level 1."""

WEIGHTS: Mapping[str, int] = {
    "incoming": 1,
    "PIN": 1,
    "urgency": 1,
    "confirmation": 1,
    "matter": 1,
    "wait": 5,
    "leg status": 4,
    "leg answered": 1,
    "leg key": 1,
    "leg connected": 1,
    "status": 1,
    "left": 1,
    "leg parted": 1,
}
"""How often each webhook comes in a call of level 1 that waits for half a minute, is taken by the
first engineer, and ends. The carrier reports a leg four times: placed, ringing, answered, over."""

WAITING_CALL = ("incoming", "PIN", "urgency", "confirmation", "matter", *["wait"] * 5, "status")
"""The eleven webhooks of a call whose engineers are not reached."""

Exchange = Generator[Webhook, Answer, None]
"""Yields the webhooks of a call, and receives the answer to each."""


@dataclass(frozen=True)
class Customer:
    """Who calls."""

    phone: str
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))

    def wait_in_vain(self) -> Exchange:
        """Call for level 1, listen to the music, and hang up."""
        queue = yield from self._identify()
        for _ in range(WAITING_CALL.count("wait")):
            yield self._ask("wait", queue.waiting_room)
        yield self._ask("status", "/voice/status")

    def be_helped(self, find_leg: Callable[[str], Page]) -> Exchange:
        """Call for level 1, wait, and talk with the engineer who presses the key.

        ``find_leg`` finds the leg that rings for a call. Each kind of webhook comes at least once;
        the report weighs them.
        """
        queue = yield from self._identify()
        leg = find_leg(self.sid)
        at_leg, leg_sid = f"/voice/leg/{leg.id}", "CA" + secrets.token_hex(16)

        def ring(kind: str, path: str, **fields: str) -> Webhook:
            return Webhook(kind, path, leg_sid, leg.to, fields)

        yield ring("leg status", f"{at_leg}/status", CallStatus="initiated")
        yield ring("leg status", f"{at_leg}/status", CallStatus="ringing")
        yield self._ask("wait", queue.waiting_room)
        yield ring("leg status", f"{at_leg}/status", CallStatus="in-progress")
        whisper = yield ring("leg answered", at_leg)
        taken = yield ring("leg key", whisper.action, Digits=leg.take_key)
        yield ring("leg connected", f"{at_leg}/connected/0")
        yield self._ask("status", "/voice/status")
        over = {"CallStatus": "completed", "QueueResult": "bridged"}
        yield Webhook("left", queue.action, self.sid, self.phone, over)
        yield ring("leg parted", taken.action, QueueResult="bridged", DialBridged="true")
        yield ring("leg status", f"{at_leg}/status", CallStatus="completed")

    def _identify(self) -> Generator[Webhook, Answer, Answer]:
        answer = yield self._ask("incoming", "/voice/incoming")
        for step in ("PIN", "urgency", "confirmation", "matter"):
            answer = yield self._ask(step, answer.action)
        return answer

    def _ask(self, step: str, path: str) -> Webhook:
        return Webhook(step, path, self.sid, self.phone, STEPS.get(step, {}))
