"""Phones, numbers and texts."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.control.body import body_of, refusing
from devtools.phone_company.numbers import Number, point
from devtools.phone_company.phones import Phone
from devtools.phone_company.texts import Text

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class PhonesControl:
    """`/company/phones`, `numbers` and `messages`."""

    def __init__(self, company: "Company") -> None:
        """Control the phones of this company."""
        self._company = company

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/company/phones", self.phones),
            web.put("/company/phones/{number}", self.set_phone),
            web.get("/company/numbers", self.numbers),
            web.put("/company/numbers/{number}", self.set_number),
            web.get("/company/messages", self.texts),
            web.post("/company/messages", self.text),
        ]

    async def phones(self, request: web.Request) -> web.Response:
        """Every phone that was mentioned or rung, with its live legs."""
        phones = [self._phone(phone) for phone in self._company.phones.phones.values()]
        return web.json_response({"phones": phones})

    async def set_phone(self, request: web.Request) -> web.Response:
        """Give a phone habits."""
        phone = self._company.phones.at(request.match_info["number"])
        changes = await body_of(request)
        with refusing():
            phone.set(changes)
        return web.json_response(self._phone(phone))

    async def numbers(self, request: web.Request) -> web.Response:
        """The account's numbers."""
        numbers = [_number(number) for number in self._company.numbers.values()]
        return web.json_response({"numbers": numbers})

    async def set_number(self, request: web.Request) -> web.Response:
        """Take a number into the account and point its webhooks."""
        number = self._company.number(request.match_info["number"])
        point(number, {name: str(value) for name, value in (await body_of(request)).items()})
        return web.json_response(_number(number))

    async def texts(self, request: web.Request) -> web.Response:
        """Every text, oldest first."""
        return web.json_response({"messages": [_text(t) for t in self._company.texts.all.values()]})

    async def text(self, request: web.Request) -> web.Response:
        """A phone texts one of the account's numbers."""
        body = await body_of(request)
        if body.get("to") not in self._company.numbers:
            raise web.HTTPNotFound(text=f"{body.get('to')} is no number of the account")
        text = self._company.inbox.receive(
            str(body.get("from", "")), body["to"], str(body.get("body", ""))
        )
        return web.json_response(_text(text), status=201)

    def _phone(self, phone: Phone) -> dict[str, Any]:
        calls = [c for c in self._company.exchange.calls.values() if c.customer == phone.number]
        live = [call for call in calls if not call.over]
        return asdict(phone) | {
            "ringing": [c.sid for c in live if c.ringing],
            "on": [c.sid for c in live if c.status == "in-progress"],
        }


def _number(number: Number) -> dict[str, Any]:
    return asdict(number) | {"created": number.created.isoformat()}


def _text(text: Text) -> dict[str, Any]:
    return {
        "message": text.sid,
        "from": text.from_,
        "to": text.to,
        "body": text.body,
        "direction": text.direction,
        "status": text.status,
        "error_code": text.error_code,
        "at": text.created.isoformat(),
    }
