"""Queues and those who wait in them."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.calls import Jump
from devtools.phone_company.queues import Member, Queue
from devtools.phone_company.rest.errors import RestError, not_found
from devtools.phone_company.rest.form import address, form_of, method
from devtools.phone_company.rest.listing import page_of, stamp, whole

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_MOST = 5000


class QueuesResource:
    """`/Queues.json`, `/Queues/{Sid}.json` and the members below it."""

    def __init__(self, company: "Company") -> None:
        """Serve the queues of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/Queues/{{sid}}.json"
        members = f"{root}/Queues/{{sid}}/Members"
        return [
            web.get(f"{root}/Queues.json", self.list),
            web.post(f"{root}/Queues.json", self.create),
            web.get(one, self.fetch),
            web.post(one, self.update),
            web.delete(one, self.delete),
            web.get(f"{members}.json", self.members),
            web.get(f"{members}/{{call}}.json", self.member),
            web.post(f"{members}/{{call}}.json", self.dequeue),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """List the queues."""
        return page_of(request, "queues", self._company.queues.all.values(), self._show)

    async def create(self, request: web.Request) -> web.Response:
        """Add a queue."""
        form = await form_of(request)
        name = form.get("FriendlyName", "")
        if not 1 <= len(name) <= 64:
            raise RestError(400, 22001, "FriendlyName must have 1 to 64 characters")
        if self._company.queues.named(name):
            raise RestError(400, 22003, f"A queue named {name} exists")
        size = min(_MOST, whole(form.get("MaxSize"), 1000))
        return web.json_response(self._show(self._company.queues.create(name, size)), status=201)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a queue."""
        return web.json_response(self._show(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Rename a queue or change its size."""
        queue, form = self._find(request), await form_of(request)
        queue.name = form.get("FriendlyName", queue.name)
        queue.max_size = min(_MOST, whole(form.get("MaxSize"), queue.max_size))
        return web.json_response(self._show(queue))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove an empty queue."""
        queue = self._find(request)
        if queue.members:
            raise RestError(409, 20409, "Cannot delete a queue with members")
        del self._company.queues.all[queue.sid]
        return web.Response(status=204)

    async def members(self, request: web.Request) -> web.Response:
        """List those who wait, in order."""
        queue = self._find(request)
        return page_of(
            request, "queue_members", queue.members, lambda m: self._show_member(queue, m)
        )

    async def member(self, request: web.Request) -> web.Response:
        """Show one who waits, or the first."""
        queue = self._find(request)
        return web.json_response(self._show_member(queue, self._find_member(request, queue)))

    async def dequeue(self, request: web.Request) -> web.Response:
        """Take somebody out and send the call to another page."""
        queue, form = self._find(request), await form_of(request)
        member = self._find_member(request, queue)
        shown = self._show_member(queue, member)
        if not (url := address(form, "Url")):
            raise RestError(400, 21205, "Url parameter is required")
        self._company.exchange.divert(member.call, Jump(url, method(form, "Method")))
        return web.json_response(shown)

    def _find(self, request: web.Request) -> Queue:
        queue = self._company.queues.all.get(request.match_info["sid"])
        if queue is None:
            raise not_found(request.path)
        return queue

    def _find_member(self, request: web.Request, queue: Queue) -> Member:
        sid = request.match_info["call"]
        if sid == "Front" and queue.members:
            return queue.members[0]
        for member in queue.members:
            if member.call.sid == sid:
                return member
        raise not_found(request.path)

    def _uri(self, queue: Queue) -> str:
        return f"/2010-04-01/Accounts/{self._company.account.sid}/Queues/{queue.sid}"

    def _show(self, queue: Queue) -> dict[str, Any]:
        return {
            "sid": queue.sid,
            "account_sid": self._company.account.sid,
            "friendly_name": queue.name,
            "current_size": len(queue.members),
            "max_size": queue.max_size,
            "average_wait_time": queue.average_wait(self._company.clock.now()),
            "date_created": stamp(queue.created),
            "date_updated": stamp(queue.created),
            "uri": f"{self._uri(queue)}.json",
        }

    def _show_member(self, queue: Queue, member: Member) -> dict[str, Any]:
        return {
            "call_sid": member.call.sid,
            "queue_sid": queue.sid,
            "position": queue.position(member),
            "wait_time": member.waited(self._company.clock.now()),
            "date_enqueued": stamp(member.since),
            "uri": f"{self._uri(queue)}/Members/{member.call.sid}.json",
        }
