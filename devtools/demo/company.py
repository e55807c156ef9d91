"""The back office of the simulated phone company, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientError, ClientSession

Json = dict[str, Any]


class CompanyError(Exception):
    """The company refused, or is away; the message says why."""


class BackOffice:
    """Asks and tells the company."""

    def __init__(self, url: str, session: ClientSession) -> None:
        """Touches nothing yet."""
        self._url, self._session = url, session

    async def calls(self) -> list[Json]:
        """Every leg, oldest first, with what was heard on it."""
        legs: list[Json] = (await self._ask("GET", "calls"))["calls"]
        return legs

    async def phones(self) -> list[Json]:
        """Every phone that has habits or was rung."""
        phones: list[Json] = (await self._ask("GET", "phones"))["phones"]
        return phones

    async def texts(self) -> list[Json]:
        """Every text, oldest first."""
        texts: list[Json] = (await self._ask("GET", "messages"))["messages"]
        return texts

    async def news_after(self, number: int, patience: float) -> int:
        """The number of the latest event, as soon as there is one after `number`."""
        path = f"events?after={number}&wait={patience}"
        events = (await self._ask("GET", path))["events"]
        return int(events[-1]["number"]) if events else number

    async def dial(self, from_: str, to: str) -> Json:
        """Somebody phones."""
        return await self._ask("POST", "calls", {"from": from_, "to": to})

    async def act(self, call: str, deed: str, details: Json) -> Json:
        """Somebody on a leg answers, declines, hangs up, presses keys or speaks."""
        return await self._ask("POST", f"calls/{call}/{deed}", details)

    async def set_phone(self, number: str, habits: Json) -> Json:
        """A phone gets habits."""
        return await self._ask("PUT", f"phones/{number}", habits)

    async def text(self, from_: str, to: str, body: str) -> Json:
        """Somebody texts."""
        return await self._ask("POST", "messages", {"from": from_, "to": to, "body": body})

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        try:
            async with self._session.request(
                method, f"{self._url}/company/{path}", json=body
            ) as response:
                if response.status >= 400:
                    raise CompanyError(await response.text())
                answer: Json = await response.json()
                return answer
        except (ClientError, TimeoutError):
            raise CompanyError("The phone company is away for a moment.") from None


class News:
    """Wakes everybody who waits when something happens at the company."""

    def __init__(self, office: BackOffice) -> None:
        """Hears nothing until `follow` runs."""
        self._office = office
        self._rung = asyncio.Event()

    async def follow(self) -> None:
        """Listen for as long as the demo lasts."""
        number = 0
        while True:
            try:
                latest = await self._office.news_after(number, 30)
            except CompanyError:
                number = 0  # a company that begins anew counts from one
                await asyncio.sleep(0.5)
                continue
            if latest != number:
                number = latest
                self._rung.set()
                self._rung = asyncio.Event()

    async def wait(self, patience: float) -> None:
        """Return at the next event, or after `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._rung.wait()
        except TimeoutError:
            return
