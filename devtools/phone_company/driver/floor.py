"""The thread the company works in, and how another thread reaches into it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from devtools.phone_company.clock import ManualClock
from devtools.phone_company.company import Company
from devtools.phone_company.premises import Premises

_T = TypeVar("_T")
_LONGEST = 60.0  # real seconds before a verb that never comes back is an error


class Floor:
    """Runs one company's event loop."""

    def __init__(self, company: Callable[[], Company], port: int) -> None:
        """Open the company in a new thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="phone-company")
        self._thread.start()
        self.company, self._premises = self.wait(self._open(company, port))

    def wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do something in the company's thread and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_LONGEST)

    def do(self, act: Callable[[], _T]) -> _T:
        """Act in the company's thread; where time stands still, also let everything settle."""
        return self.wait(self._act(act))

    def until(self, seen: Callable[[], _T | None], patience: float, who: object, what: str) -> _T:
        """Return what is seen as soon as it is; `who` did not do `what` in time is an error."""

        async def watch() -> _T:
            try:
                async with asyncio.timeout(patience):
                    while not (found := seen()):
                        await self.company.feed.news()
                    return found
            except TimeoutError:
                raise AssertionError(f"{who!r} {what} within {patience} s") from None

        return self.wait(watch())

    def close(self) -> None:
        """Close the company and end its thread."""
        try:
            self.wait(self._premises.close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _open(self, company: Callable[[], Company], port: int) -> tuple[Company, Premises]:
        opened = company()
        premises = Premises(opened)
        await premises.open(port)
        return opened, premises

    async def _act(self, act: Callable[[], _T]) -> _T:
        result = act()
        if isinstance(self.company.clock, ManualClock):
            await self.company.traffic.settle()
        return result
