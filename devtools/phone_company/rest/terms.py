"""What the account may do: its balance, the countries it may ring, where its numbers live."""

from typing import TYPE_CHECKING

from aiohttp import web

from devtools.phone_company.rest.errors import not_found

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class TermsResource:
    """`/Balance.json`, and the voice and routes interfaces, which live at doors of their own."""

    def __init__(self, company: "Company") -> None:
        """Serve the terms of this company's account."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes, those beside the account included."""
        return [
            web.get(f"{root}/Balance.json", self.balance),
            web.get("/v1/DialingPermissions/Countries/{country}", self.country),
            web.get("/v2/PhoneNumbers/{number}", self.number),
        ]

    async def balance(self, request: web.Request) -> web.Response:
        """Show the money left."""
        body = {"account_sid": self._company.account.sid, "currency": "EUR"}
        return web.json_response(body | {"balance": self._company.switches.balance})

    async def country(self, request: web.Request) -> web.Response:
        """Show what may be rung in a country."""
        country = request.match_info["country"]
        body = {
            "iso_code": country,
            "low_risk_numbers_enabled": country not in self._company.switches.barred,
            "high_risk_special_numbers_enabled": False,
            "high_risk_tollfraud_numbers_enabled": False,
        }
        return web.json_response(body)

    async def number(self, request: web.Request) -> web.Response:
        """Show where calls to a number are processed."""
        number = request.match_info["number"]
        if number not in self._company.numbers:
            raise not_found(request.path)
        region = self._company.switches.voice_region
        return web.json_response({"phone_number": number, "voice_region": region})
