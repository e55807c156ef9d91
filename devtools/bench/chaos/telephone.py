"""A telephone in somebody's hand: what was said since the last key, and what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from devtools.phone_company.calls import Call
from devtools.phone_company.company import Company
from devtools.phone_company.ringing import press

REACTION = 0.1
"""Seconds between two looks: nobody is faster."""


class Telephone:
    """One leg of the company's, and the person or the machine that holds it."""

    def __init__(self, company: Company, call: Call) -> None:
        """Nothing heard yet."""
        self.company, self.call = company, call
        self._heard = 0
        self._answered: dict[str, Any] | None = None

    async def answer(self, keys: Callable[[str], str | None], thinks: float) -> None:
        """Press what ``keys`` says of what was heard, once for each question.

        After ``thinks`` seconds, and not when something else is asked by then.
        """
        asking = self.call.asking
        if asking is None or asking is self._answered:
            return
        digits = keys(" ".join(self._said()))
        if digits is None:
            return
        await asyncio.sleep(thinks)
        if asking is self.call.asking:
            self._answered, self._heard = asking, len(self.call.transcript)
            await press(self.company, self.call, digits)

    def hears(self, words: str) -> bool:
        """True once these words were said, at any time."""
        return any(words in entry.get("text", "") for entry in self.call.transcript)

    def pick_up(self) -> None:
        """Answer, if it still rings."""
        if self.call.ringing and self.call.picked_up is not None:
            self.call.picked_up.set_result("answered")

    def turn_away(self) -> None:
        """Busy, if it still rings."""
        if self.call.ringing and self.call.picked_up is not None:
            self.call.picked_up.set_result("busy")

    def hang_up(self) -> None:
        """Put it down, unless it is over."""
        if not self.call.over:
            self.company.exchange.hang_up(self.call)

    async def rings(self) -> bool:
        """Wait until it rings; False when the call ended before."""
        while not self.call.ringing:
            if self.call.over:
                return False
            await asyncio.sleep(REACTION)
        return True

    def _said(self) -> list[str]:
        fresh = self.call.transcript[self._heard :]
        return [entry["text"] for entry in fresh if entry["what"] == "say"]
