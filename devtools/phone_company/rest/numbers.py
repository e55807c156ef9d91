"""The account and the numbers it owns."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.numbers import SETTINGS, Number, point
from devtools.phone_company.rest.errors import not_found
from devtools.phone_company.rest.form import form_of
from devtools.phone_company.rest.listing import page_of, stamp

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_CAPABILITIES = {"voice": True, "sms": True, "mms": False, "fax": False}


class NumbersResource:
    """`/IncomingPhoneNumbers.json`, one of them, and the account itself."""

    def __init__(self, company: "Company") -> None:
        """Serve the numbers of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/IncomingPhoneNumbers/{{sid}}.json"
        return [
            web.get(f"{root}.json", self.account),
            web.get(f"{root}/IncomingPhoneNumbers.json", self.list),
            web.get(one, self.fetch),
            web.post(one, self.update),
        ]

    async def account(self, request: web.Request) -> web.Response:
        """Show the account."""
        sid = self._company.account.sid
        body = {
            "sid": sid,
            "owner_account_sid": sid,
            "friendly_name": "Simulated account",
            "status": "active",
            "type": "Full",
            "auth_token": self._company.account.token,
            "date_created": stamp(self._company.clock.now()),
            "date_updated": stamp(self._company.clock.now()),
            "subresource_uris": {"calls": f"/2010-04-01/Accounts/{sid}/Calls.json"},
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
        return web.json_response(body)

    async def list(self, request: web.Request) -> web.Response:
        """List the numbers."""
        wanted = request.query.get("PhoneNumber", "")
        numbers = [n for n in self._company.numbers.values() if wanted in n.phone_number]
        return page_of(request, "incoming_phone_numbers", numbers, self._show)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a number."""
        return web.json_response(self._show(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Point a number's webhooks elsewhere."""
        number, form = self._find(request), await form_of(request)
        point(number, {name: form[_pascal(name)] for name in SETTINGS if _pascal(name) in form})
        return web.json_response(self._show(number))

    def _find(self, request: web.Request) -> Number:
        for number in self._company.numbers.values():
            if number.sid == request.match_info["sid"]:
                return number
        raise not_found(request.path)

    def _show(self, number: Number) -> dict[str, Any]:
        account = self._company.account.sid
        # An address that is not set is null to the SDK's schema and empty to the real company.
        settings = {name: getattr(number, name) or None for name in SETTINGS}
        return settings | {
            "sid": number.sid,
            "account_sid": account,
            "phone_number": number.phone_number,
            "capabilities": _CAPABILITIES | {"sms": number.sms},
            "address_requirements": "none",
            "beta": False,
            "origin": "twilio",
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
            "emergency_status": "Inactive",
            "emergency_address_status": "unregistered",
            "status": "in-use",
            "date_created": stamp(number.created),
            "date_updated": stamp(number.created),
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{number.sid}.json",
        }


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
