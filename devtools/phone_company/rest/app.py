"""The door of the REST interface: who may come in, the log, and the faults."""

import json
import secrets
from typing import TYPE_CHECKING

from aiohttp import BasicAuth, web
from aiohttp.typedefs import Handler, Middleware

from devtools.phone_company.dialects import TWILIO
from devtools.phone_company.rest.calls import CallsResource
from devtools.phone_company.rest.conferences import ConferencesResource
from devtools.phone_company.rest.errors import RestError, not_found
from devtools.phone_company.rest.form import form_of
from devtools.phone_company.rest.messages import MessagesResource
from devtools.phone_company.rest.mishaps import Mishap
from devtools.phone_company.rest.numbers import NumbersResource
from devtools.phone_company.rest.participants import ParticipantsResource
from devtools.phone_company.rest.queues import QueuesResource
from devtools.phone_company.rest.recordings import RecordingsResource
from devtools.phone_company.rest.terms import TermsResource

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

PREFIX = "/2010-04-01"
DOORS = (PREFIX, "/api/laml", "/v1/", "/v2/")
_RESOURCES = (
    CallsResource,
    ConferencesResource,
    MessagesResource,
    NumbersResource,
    ParticipantsResource,
    QueuesResource,
    RecordingsResource,
    TermsResource,
)


def rest_routes(company: "Company") -> list[web.RouteDef]:
    """Return every route of the interface."""
    root = f"{PREFIX}/Accounts/{{account}}"
    found = []
    for route in [r for resource in _RESOURCES for r in resource(company).routes(root)]:
        path = company.dialect.path(route.path)
        if path is not None:
            path = path.replace("{account}", company.account.sid)
            found.append(web.RouteDef(route.method, path, route.handler, route.kwargs))
    return found


def door(company: "Company") -> Middleware:
    """Return the middleware every request to the interface passes."""

    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(DOORS):
            return await handler(request)
        form = dict(await form_of(request)) or dict(request.query)
        entry = company.requests.keep(request.method, request.path, form)
        mishap = Mishap.of(company, request)
        with company.traffic.under_way():
            await mishap.before(request)
            response = _show(company, request, await _answer(company, request, handler, mishap))
            entry["status"] = response.status
        company.feed.publish("request", details=entry)
        await mishap.after(request)
        response = mishap.answer(response)
        response.headers["Twilio-Request-Id"] = f"RQ{secrets.token_hex(16)}"
        response.headers["Twilio-Concurrent-Requests"] = "1"
        return response

    return pass_through


async def _answer(
    company: "Company", request: web.Request, handler: Handler, mishap: Mishap
) -> web.StreamResponse:
    try:
        _admit(company, request)
        mishap.refuse()
        return await handler(request)
    except RestError as error:
        return company.dialect.refuse(error).response()
    except web.HTTPNotFound:
        return company.dialect.refuse(not_found(request.path)).response()
    except web.HTTPMethodNotAllowed:
        return company.dialect.refuse(RestError(405, 20004, "Method not allowed")).response()


def _show(
    company: "Company", request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """The answer as the company words it."""
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    if response.status >= 300 or company.dialect is TWILIO:
        return response
    shown = company.dialect.show(request.path, json.loads(response.text or "{}"))
    return web.json_response(shown, status=response.status)


def _admit(company: "Company", request: web.Request) -> None:
    account = company.account
    is_sound = "/Recordings/" in request.path and not request.path.endswith(".json")
    if is_sound and not company.switches.media_auth:
        return
    if company.dialect.bearer:
        if request.headers.get("Authorization") != f"Bearer {account.token}":
            raise RestError(401, 20003, "Authenticate")
        return
    try:
        login = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        raise RestError(401, 20003, "Authenticate") from None
    known = {account.sid: account.token}
    if account.key:
        known[account.key] = account.secret
    if known.get(login.login) != login.password:
        raise RestError(401, 20003, "Authenticate")
    if login.login != account.sid and request.path.endswith(f"/Accounts/{account.sid}.json"):
        raise RestError(403, 20003, "An API key cannot read the account")
