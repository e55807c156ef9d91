"""Conferences: look up and end."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.conferences import Conference
from devtools.phone_company.rest.errors import not_found
from devtools.phone_company.rest.form import form_of
from devtools.phone_company.rest.listing import in_period, page_of, stamp

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class ConferencesResource:
    """`/Conferences.json` and one of them."""

    def __init__(self, company: "Company") -> None:
        """Serve the conferences of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/Conferences/{{sid}}.json"
        return [
            web.get(f"{root}/Conferences.json", self.list),
            web.get(one, self.fetch),
            web.post(one, self.update),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """List conferences, newest first."""
        query = request.query
        wanted = [
            room
            for room in reversed(self._company.conferences.all.values())
            if query.get("FriendlyName", room.name) == room.name
            and query.get("Status", room.status) == room.status
            and in_period(request, "DateCreated", room.created)
        ]
        return page_of(request, "conferences", wanted, self._show)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a conference."""
        return web.json_response(self._show(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """End a conference."""
        room, form = self._find(request), await form_of(request)
        if form.get("Status") == "completed":
            self._company.conferences.end(room, "conference-ended-via-api")
        return web.json_response(self._show(room))

    def _find(self, request: web.Request) -> Conference:
        return find_room(self._company, request)

    def _show(self, room: Conference) -> dict[str, Any]:
        account = self._company.account.sid
        uri = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}"
        # The description knows no null here: the reason is there once there is one.
        reason = {"reason_conference_ended": room.ended_why} if room.ended_why else {}
        return reason | {
            "sid": room.sid,
            "account_sid": account,
            "friendly_name": room.name,
            "status": room.status,
            "region": "us1",
            "call_sid_ending_conference": room.ended_by,
            "date_created": stamp(room.created),
            "date_updated": stamp(room.created),
            "api_version": "2010-04-01",
            "uri": f"{uri}.json",
            "subresource_uris": {"participants": f"{uri}/Participants.json"},
        }


def find_room(company: "Company", request: web.Request) -> Conference:
    """Return the conference a request names, by identifier or by name."""
    name = request.match_info["sid"]
    room = company.conferences.live(name) or company.conferences.all.get(name)
    if room is None:
        raise not_found(request.path)
    return room
