"""Time, rest and faults."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from devtools.phone_company.clock import ManualClock
from devtools.phone_company.control.body import body_of, refusing

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class ConditionsControl:
    """`/company/faults`, `clock` and `idle`."""

    def __init__(self, company: "Company") -> None:
        """Control the conditions this company works under."""
        self._company = company

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/company/faults", self.faults),
            web.put("/company/faults", self.set_faults),
            web.delete("/company/faults", self.reset_faults),
            web.get("/company/clock", self.clock),
            web.post("/company/clock/advance", self.advance),
            web.post("/company/idle", self.idle),
        ]

    async def faults(self, request: web.Request) -> web.Response:
        """The switches as they stand."""
        return web.json_response(asdict(self._company.switches))

    async def set_faults(self, request: web.Request) -> web.Response:
        """Move switches; those not named stay."""
        changes = await body_of(request)
        with refusing():
            self._company.switches.set(changes)
        return await self.faults(request)

    async def reset_faults(self, request: web.Request) -> web.Response:
        """Put every switch back."""
        self._company.switches.reset()
        return await self.faults(request)

    async def clock(self, request: web.Request) -> web.Response:
        """The company's time."""
        clock = self._company.clock
        kind = "manual" if isinstance(clock, ManualClock) else "real"
        return web.json_response({"clock": kind, "now": clock.now().isoformat()})

    async def advance(self, request: web.Request) -> web.Response:
        """Move a manual clock."""
        seconds = float((await body_of(request)).get("seconds", 0))
        with refusing():
            await self._company.advance(seconds)
        return await self.clock(request)

    async def idle(self, request: web.Request) -> web.Response:
        """Return once everything has come to rest, or say that it has not."""
        patience = float((await body_of(request)).get("timeout", 10))
        try:
            async with asyncio.timeout(patience):
                await self._company.traffic.settle()
        except TimeoutError:
            return web.json_response({"idle": False}, status=408)
        return web.json_response({"idle": True})
