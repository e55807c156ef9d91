"""People at telephones: dialling in, pressing keys, answering, hanging up.

A call is named by its id, or by the number of the telephone that is on it: then it is the live one,
or else the newest. `wait` holds an answer back until there is something to say.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from devtools.phone_company.calls import Call
from devtools.phone_company.control.body import body_of
from devtools.phone_company.ringing import press
from devtools.phone_company.transcript import note
from devtools.phone_company.voice import Utterance

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

LOOK_AGAIN = 0.1
"""Seconds after which a request that waits looks again: a change may come after its event."""


class CallsControl:
    """`/company/calls`."""

    def __init__(self, company: "Company") -> None:
        """Control the calls of this company."""
        self._company = company

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/company/calls/{sid}"
        return [
            web.post("/company/calls", self.dial),
            web.get("/company/calls", self.list),
            web.get(one, self.show),
            web.get(f"{one}/heard", self.heard),
            web.post(f"{one}/keys", self.keys),
            web.post(f"{one}/speak", self.speak),
            web.post(f"{one}/hangup", self.hang_up),
            web.post(f"{one}/answer", self.answer),
            web.post(f"{one}/decline", self.decline),
        ]

    async def dial(self, request: web.Request) -> web.Response:
        """A customer phones one of the account's numbers."""
        body = await body_of(request)
        if body.get("to") not in self._company.numbers:
            raise web.HTTPNotFound(text=f"{body.get('to')} is no number of the account")
        headers = {str(k): str(v) for k, v in body.get("headers", {}).items()}
        call = self._company.exchange.dial_in(str(body.get("from", "")), body["to"], headers)
        return web.json_response({"call": call.sid}, status=201)

    async def list(self, request: web.Request) -> web.Response:
        """Every leg, oldest first; `number` and `live=1` choose."""
        number, live = request.query.get("number"), request.query.get("live") == "1"
        calls = [
            describe(call)
            for call in self._company.exchange.calls.values()
            if number in (None, call.from_, call.to) and not (live and call.over)
        ]
        return web.json_response({"calls": calls})

    async def show(self, request: web.Request) -> web.Response:
        """One leg."""
        return web.json_response(describe(self._find(request)))

    async def heard(self, request: web.Request) -> web.Response:
        """What was said into a telephone, as text; `wait` is for the words of `until`."""
        words = request.query.get("until", "")
        await self._wait(request, lambda: words.lower() in _said(self._find(request)).lower())
        return web.Response(text=_said(self._find(request)))

    async def keys(self, request: web.Request) -> web.Response:
        """Keys are pressed."""
        call, body = self._live(request), await body_of(request)
        await press(self._company, call, str(body.get("digits", "")))
        return web.json_response(describe(call))

    async def speak(self, request: web.Request) -> web.Response:
        """Something is said."""
        call, body = self._live(request), await body_of(request)
        speak(self._company, call, float(body.get("seconds", 1)), str(body.get("text", "")))
        return web.json_response(describe(call))

    async def hang_up(self, request: web.Request) -> web.Response:
        """The phone is put down."""
        call = self._find(request)
        self._company.exchange.hang_up(call)
        return web.json_response(describe(call))

    async def answer(self, request: web.Request) -> web.Response:
        """A ringing phone is picked up; `wait` is until it rings."""
        await self._wait(request, lambda: self._find(request).ringing)
        return self._pick_up(request, "answered")

    async def decline(self, request: web.Request) -> web.Response:
        """A ringing phone is turned away."""
        return self._pick_up(request, "busy")

    def _pick_up(self, request: web.Request, outcome: str) -> web.Response:
        call = self._find(request)
        if call.picked_up is None or not call.ringing:
            raise web.HTTPConflict(text="That phone is not ringing")
        call.picked_up.set_result(outcome)
        return web.json_response(describe(call))

    def _live(self, request: web.Request) -> Call:
        call = self._find(request)
        if call.over:
            raise web.HTTPConflict(text="That call is over")
        return call

    async def _wait(self, request: web.Request, is_there: Callable[[], bool]) -> None:
        """Return once it is there, or after the seconds of `wait`."""
        wait = min(60.0, float(request.query.get("wait", 0)))
        end = time.monotonic() + wait
        while not _has(is_there) and time.monotonic() < end:
            await self._company.feed.after(len(self._company.feed.events), LOOK_AGAIN)

    def _find(self, request: web.Request) -> Call:
        name, calls = request.match_info["sid"], self._company.exchange.calls
        theirs = [call for call in calls.values() if name in (call.sid, call.customer)]
        if not theirs:
            raise web.HTTPNotFound(text="No such call")
        return max(reversed(theirs), key=lambda call: not call.over)


def _said(call: Call) -> str:
    said = [entry["text"] for entry in call.transcript if entry["what"] == "say"]
    return "".join(f"{sentence}\n" for sentence in said)


def _has(is_there: Callable[[], bool]) -> bool:
    """Whether it is there; a telephone that has no call yet may get one."""
    try:
        return is_there()
    except web.HTTPNotFound:
        return False


def speak(company: "Company", call: Call, seconds: float, text: str) -> None:
    """Say something into a phone; whoever is bridged with it hears it."""
    note(company.feed, call, "speak", text=text, seconds=seconds)
    call.voice.speak(Utterance(seconds, text))
    if call.bridged_with is not None:
        note(company.feed, company.exchange.calls[call.bridged_with], "voice", text=text)


def describe(call: Call) -> dict[str, Any]:
    """Return everything about a leg."""
    return {
        "call": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": call.status,
        "live": not call.over,
        "parent": call.parent,
        "ringing": call.ringing,
        "asking": call.asking,
        "bridged_with": call.bridged_with,
        "transcript": call.transcript,
    }
