"""What happened so far, and what happens now."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class LogsControl:
    """`/company/webhooks`, `requests` and `events`."""

    def __init__(self, company: "Company") -> None:
        """Show the logs of this company."""
        self._company = company

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/company/webhooks", self.webhooks),
            web.get("/company/requests", self.requests),
            web.get("/company/events", self.events),
        ]

    async def webhooks(self, request: web.Request) -> web.Response:
        """Every webhook sent, with its answer."""
        return web.json_response({"webhooks": self._company.post.log})

    async def requests(self, request: web.Request) -> web.Response:
        """Every REST request received."""
        return web.json_response({"requests": self._company.requests.log})

    async def events(self, request: web.Request) -> web.Response:
        """The news after a number; `wait` holds the answer back until there is some."""
        after = int(request.query.get("after", 0))
        patience = min(60.0, float(request.query.get("wait", 0)))
        return web.json_response({"events": await self._company.feed.after(after, patience)})
