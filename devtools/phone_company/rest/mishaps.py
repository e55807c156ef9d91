"""What goes wrong with a REST request when a fault is switched on."""

import asyncio
import json
import re
from typing import TYPE_CHECKING

from aiohttp import web

from devtools.phone_company.rest.errors import RestError
from devtools.phone_company.switches import RequestFault

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class Mishap:
    """The fault one request meets, or none."""

    def __init__(self, fault: RequestFault | None, closing: asyncio.Event) -> None:
        """Keep the fault; `closing` ends every wait."""
        self._fault, self._closing = fault, closing

    @classmethod
    def of(cls, company: "Company", request: web.Request) -> "Mishap":
        """Return the mishap of this request and count it down."""
        for fault in company.switches.requests:
            right_method = fault.method.upper() in ("", request.method)
            if fault.count > 0 and right_method and re.search(fault.path, request.path):
                fault.count -= 1
                return cls(fault, company.closing)
        return cls(None, company.closing)

    async def before(self, request: web.Request) -> None:
        """Cut the connection before anything is done."""
        if self._fault and self._fault.close == "before":
            await _cut(request)

    def refuse(self) -> None:
        """Answer an error instead of acting."""
        if self._fault and self._fault.status:
            raise RestError(self._fault.status, self._fault.code, self._fault.message)

    def answer(self, response: web.StreamResponse) -> web.StreamResponse:
        """The answer as it is sent: the company may forget a field of it."""
        if not (self._fault and self._fault.without and isinstance(response, web.Response)):
            return response
        shown = json.loads(response.text or "{}")
        shown.pop(self._fault.without, None)
        return web.json_response(shown, status=response.status)

    async def after(self, request: web.Request) -> None:
        """Hold the answer back, or cut the connection after having acted."""
        if self._fault is None:
            return
        if self._fault.close == "after":
            await _cut(request)
        if self._fault.answer_after != 0:
            try:
                async with asyncio.timeout(self._fault.answer_after):
                    await self._closing.wait()
            except TimeoutError:
                return


async def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
