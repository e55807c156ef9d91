"""One Dial under way, whatever it dials."""

import asyncio
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from devtools.phone_company.bridge import Bridge
from devtools.phone_company.calls import Jump
from devtools.phone_company.clock import first_of
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.stage import Stage


@dataclass
class Dialling:
    """One Dial under way, and how it has gone so far."""

    stage: Stage
    element: Element
    status: str = "failed"
    other: str = ""  # the leg at the other end
    bridge: Bridge | None = None
    params: dict[str, str] = field(default_factory=dict)

    @property
    def timeout(self) -> int:
        """Seconds to ring, within the company's bounds."""
        return min(600, max(5, attributes.number(self.element, "timeout", 30)))

    async def talk(self, bridge: Bridge) -> None:
        """Talk until either side leaves, the star key or the time limit."""
        self.bridge = bridge
        call, clock = self.stage.call, self.stage.company.clock
        limit = attributes.number(self.element, "timeLimit", 14400)
        await first_of(bridge.talk(call), self.until_star(), clock.sleep(limit))

    async def until_star(self) -> None:
        """Return at the star key where it hangs up; else never."""
        if not attributes.yes(self.element, "hangupOnStar"):
            await asyncio.Event().wait()
        keypad = self.stage.call.keypad
        while True:
            await keypad.touched()
            if keypad.take() == "*":
                return

    def action(self) -> Jump | None:
        """Return the request that tells the line how it went."""
        action = self.element.get("action")
        if not action:
            return None
        params = {"DialCallStatus": self.status, **self.params}
        if self.status != "answered":
            talked = self.bridge.seconds if self.bridge else 0
            bridged = bool(self.bridge and self.bridge.began)
            if self.stage.company.switches.dial_bridged:
                params |= {"DialBridged": str(bridged).lower()}
            else:  # then the time of the whispers counts, too
                talked = self._leg_seconds()
            params |= {"DialCallDuration": str(talked)}
            params |= {"DialCallSid": self.other} if self.other else {}
        url = self.stage.page.resolve(action)
        return Jump(url, attributes.method(self.element), params)

    def _leg_seconds(self) -> int:
        leg = self.stage.company.exchange.calls.get(self.other)
        return leg.seconds(self.stage.company.clock.now()) if leg is not None else 0
