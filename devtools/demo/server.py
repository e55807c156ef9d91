"""The page's own server, on loopback: the page, its picture, and what hands do on telephones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import ClientError, ClientSession, web

from devtools.demo.cast import Cast
from devtools.demo.company import BackOffice, CompanyError, News
from devtools.demo.picture import Painter
from devtools.demo.site import Site
from devtools.phone_company.post.signature import sign
from devtools.processes import LOOPBACK

PAGE = Path(__file__).parent / "page"
HOLD = 20.0
"""Seconds a question for a new picture is held while nothing changes."""
_LOOK = 1.0  # seconds between two looks at the log while the telephones are silent
_SETTLE = 0.03  # what happens at once is painted once
_DEEDS = frozenset({"answer", "decline", "hangup", "keys", "speak"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "media-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers one browser, or several that watch the same telephones."""

    def __init__(
        self, site: Site, cast: Cast, office: BackOffice, painter: Painter, news: News
    ) -> None:
        """Listens once `application` is served."""
        self._site, self._cast, self._office = site, cast, office
        self._painter, self._news = painter, news
        self._numbers = frozenset(person.number for person in cast.people)
        loader = jinja2.FileSystemLoader(PAGE)
        self._pages = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)

    def application(self) -> web.Application:
        """The addresses of the page."""
        app = web.Application(middlewares=[only_this_page])
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/picture", self.picture),
                web.get("/sound", self.sound),
                web.post("/dial", self.dial),
                web.post("/legs/{sid}/{deed}", self.act),
                web.post("/phones", self.set_phone),
                web.post("/texts", self.text),
                web.static("/static", PAGE / "static"),
            ]
        )
        return app

    async def page(self, _request: web.Request) -> web.Response:
        """The page, with every telephone in its place."""
        text = self._pages.get_template("page.html").render(cast=self._cast, site=self._site)
        return web.Response(text=text, content_type="text/html")

    async def picture(self, request: web.Request) -> web.Response:
        """What is to be seen now; held back while it is what the page already shows."""
        caller, seen = request.query.get("caller", ""), request.query.get("seen", "")
        until = time.monotonic() + HOLD
        picture = await self._painter.paint(caller)
        while picture["version"] == seen and time.monotonic() < until:
            await self._news.wait(_LOOK)
            await asyncio.sleep(_SETTLE)
            picture = await self._painter.paint(caller)
        return web.json_response(picture)

    async def sound(self, request: web.Request) -> web.Response:
        """Music or a recording, fetched from the line as the company would."""
        url = request.query.get("url", "")
        if not url.startswith((f"{self._site.line_url}/", f"{self._site.company_url}/")):
            raise web.HTTPNotFound(text="No such sound.")
        signature = {"X-Twilio-Signature": sign(self._site.token, url, {})}
        async with ClientSession() as session, session.get(url, headers=signature) as response:
            return web.Response(body=await response.read(), content_type="audio/wav")

    async def dial(self, request: web.Request) -> web.Response:
        """The caller phones the line."""
        given = await request.json()
        caller = self._number(given.get("from"))
        return web.json_response(await self._office.dial(caller, self._cast.line.number))

    async def act(self, request: web.Request) -> web.Response:
        """Somebody answers, declines, hangs up, presses keys or speaks."""
        deed, call = request.match_info["deed"], request.match_info["sid"]
        if deed not in _DEEDS or not call.isalnum():
            raise web.HTTPNotFound(text="Nobody can do that.")
        await self._office.act(call, deed, await request.json())
        return web.json_response({})

    async def set_phone(self, request: web.Request) -> web.Response:
        """A telephone gets another habit."""
        given = await request.json()
        number, behaviour = self._number(given.get("number")), str(given.get("behaviour"))
        await self._office.set_phone(number, {"behaviour": behaviour})
        return web.json_response({})

    async def text(self, request: web.Request) -> web.Response:
        """An engineer answers a text."""
        given = await request.json()
        number, body = self._number(given.get("from")), str(given.get("body"))
        await self._office.text(number, self._cast.line.texts_from, body)
        return web.json_response({})

    def _number(self, given: Any) -> str:
        if given not in self._numbers:
            raise web.HTTPBadRequest(text="That telephone is not on this page.")
        return str(given)


@web.middleware
async def only_this_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site in the same browser can neither read this page nor press its keys."""
    host = request.host.partition(":")[0]
    if host not in (LOOPBACK, "localhost"):
        raise web.HTTPForbidden(text="This page is for this machine only.")
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="JSON, please.")
    try:
        response = await handler(request)
    except CompanyError as error:
        response = web.Response(status=409, text=str(error))
    except ClientError:
        response = web.Response(status=502, text="The line does not answer just now.")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
