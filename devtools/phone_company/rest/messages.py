"""Messages: send and look up texts."""

import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.rest.errors import RestError, not_found
from devtools.phone_company.rest.form import callee, form_of, status_callback
from devtools.phone_company.rest.listing import in_period, page_of, stamp
from devtools.phone_company.texts import Text

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_LONGEST = 1600
_SENDER_NAME = re.compile(r"^(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}$")


class MessagesResource:
    """`/Messages.json` and `/Messages/{Sid}.json`."""

    def __init__(self, company: "Company") -> None:
        """Serve the texts of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        one = f"{root}/Messages/{{sid}}.json"
        return [
            web.post(f"{root}/Messages.json", self.create),
            web.get(f"{root}/Messages.json", self.list),
            web.get(one, self.fetch),
            web.post(one, self.update),
            web.delete(one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Send a text."""
        form = await form_of(request)
        to, from_, body = callee(form), form.get("From", "").strip(), form.get("Body", "")
        if not from_:
            raise RestError(400, 21603, "A 'From' phone number is required")
        if from_ not in self._company.numbers and not _SENDER_NAME.match(from_):
            raise RestError(400, 21606, f"{from_} is not a message-capable number of yours")
        if not body:
            raise RestError(400, 21602, "Message body is required")
        if len(body) > _LONGEST:
            raise RestError(400, 21617, "The message body exceeds 1600 characters")
        text = Text(
            from_=from_,
            to=to,
            body=body,
            direction="outbound-api",
            created=self._company.clock.now(),
            callback=status_callback(form),
        )
        shown = self._show(text)
        self._company.texts.send(text)
        return web.json_response(shown, status=201)

    async def list(self, request: web.Request) -> web.Response:
        """List texts, newest first."""
        wanted = [
            text
            for text in reversed(self._company.texts.all.values())
            if request.query.get("To", text.to) == text.to
            and request.query.get("From", text.from_) == text.from_
            and in_period(request, "DateSent", text.sent or text.created)
        ]
        return page_of(request, "messages", wanted, self._show)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show a text."""
        return web.json_response(self._show(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Blank the words of a text."""
        text, form = self._find(request), await form_of(request)
        text.body = form.get("Body", text.body)
        return web.json_response(self._show(text))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a text."""
        del self._company.texts.all[self._find(request).sid]
        return web.Response(status=204)

    def _find(self, request: web.Request) -> Text:
        text = self._company.texts.all.get(request.match_info["sid"])
        if text is None:
            raise not_found(request.path)
        return text

    def _show(self, text: Text) -> dict[str, Any]:
        uri = f"/2010-04-01/Accounts/{self._company.account.sid}/Messages/{text.sid}"
        return {
            "sid": text.sid,
            "account_sid": self._company.account.sid,
            "messaging_service_sid": None,
            "from": text.from_,
            "to": text.to,
            "body": text.body,
            "direction": text.direction,
            "status": text.status,
            "error_code": text.error_code,
            "error_message": None,
            "num_segments": str(1 + max(0, len(text.body) - 1) // 160),
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "date_created": stamp(text.created),
            "date_sent": stamp(text.sent),
            "date_updated": stamp(text.updated or text.created),
            "api_version": "2010-04-01",
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }
