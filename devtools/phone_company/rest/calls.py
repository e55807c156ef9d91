"""Calls: place, look up, change."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.calls import Call, Jump
from devtools.phone_company.rest.errors import RestError, not_found
from devtools.phone_company.rest.form import (
    address,
    callee,
    caller_id,
    form_of,
    instructions,
    method,
    status_callback,
)
from devtools.phone_company.rest.listing import in_period, page_of, stamp, whole

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class CallsResource:
    """`/Calls.json` and `/Calls/{Sid}.json`."""

    def __init__(self, company: "Company") -> None:
        """Serve the calls of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/Calls/{{sid}}.json"
        return [
            web.post(f"{root}/Calls.json", self.create),
            web.get(f"{root}/Calls.json", self.list),
            web.get(one, self.fetch),
            web.post(one, self.update),
            web.delete(one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Place a call."""
        form = await form_of(request)
        jump = instructions(form)
        to, from_ = callee(form), caller_id(form, self._company.numbers)
        if jump is None:
            raise RestError(400, 21205, "Url parameter is required")
        call = Call(
            from_=from_,
            to=to,
            direction="outbound-api",
            created=self._company.clock.now(),
            fallback=Jump(address(form, "FallbackUrl"), method(form, "FallbackMethod")),
            callback=status_callback(form),
            first_page=jump,
        )
        self._company.exchange.call_out(call, min(600, whole(form.get("Timeout"), 60)))
        return web.json_response(self._show(call), status=201)

    async def list(self, request: web.Request) -> web.Response:
        """List calls, newest first."""
        newest_first = reversed(self._company.exchange.calls.values())
        wanted = [call for call in newest_first if _asked_for(request, call)]
        return page_of(request, "calls", wanted, self._show)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a call."""
        return web.json_response(self._show(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Send a live call elsewhere or end it."""
        call, form = self._find(request), await form_of(request)
        if call.over:
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        status, jump = form.get("Status", ""), instructions(form)
        if status == "completed" or (status == "canceled" and call.status != "in-progress"):
            self._company.exchange.hang_up(call)
        elif status not in ("", "canceled"):
            raise RestError(400, 20001, f"Status {status} cannot be set")
        elif jump is not None:
            if form.get("StatusCallback"):
                call.callback = status_callback(form)
            self._company.exchange.divert(call, jump)
        return web.json_response(self._show(call))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a call that is over."""
        call = self._find(request)
        if not call.over:
            raise RestError(409, 20409, "The call is in progress")
        del self._company.exchange.calls[call.sid]
        return web.Response(status=204)

    def _find(self, request: web.Request) -> Call:
        call = self._company.exchange.calls.get(request.match_info["sid"])
        if call is None:
            raise not_found(request.path)
        return call

    def _show(self, call: Call) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self._company.account.sid}/Calls/{call.sid}"
        own = self._company.numbers.get(call.to if call.direction == "inbound" else call.from_)
        connected = call.ended is not None
        nothing = dict.fromkeys(
            ("price", "answered_by", "forwarded_from", "group_sid", "caller_name", "trunk_sid")
        )
        return nothing | {
            "sid": call.sid,
            "account_sid": self._company.account.sid,
            "parent_call_sid": call.parent,
            "phone_number_sid": own.sid if own else None,
            "from": call.from_,
            "from_formatted": call.from_,
            "to": call.to,
            "to_formatted": call.to,
            "status": call.status,
            "direction": call.direction,
            "date_created": stamp(call.created),
            "date_updated": stamp(call.ended or call.answered or call.created),
            "start_time": stamp(call.answered or (call.ended and call.created)),
            "end_time": stamp(call.ended),
            "duration": str(call.seconds(self._company.clock.now())) if connected else None,
            "price_unit": "USD",
            "queue_time": str(call.queue_ms),
            "api_version": "2010-04-01",
            "uri": f"{uri}.json",
            "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        }


def _asked_for(request: web.Request, call: Call) -> bool:
    wanted = {
        "To": call.to,
        "From": call.from_,
        "Status": call.status,
        "ParentCallSid": call.parent,
    }
    exact = all(request.query.get(name, value) == value for name, value in wanted.items())
    started = call.answered or call.created
    return (
        exact
        and in_period(request, "StartTime", started)
        and in_period(request, "EndTime", call.ended)
    )
