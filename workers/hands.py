"""A few threads that do errands inside the clock process."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from store.due import Lease
from workers.context import Context
from workers.errands import carry_out


class Hands:
    """Takes only as many errands as it can begin at once, so that no lease runs out in waiting."""

    def __init__(self, context: Context, count: int = 4) -> None:
        """``count`` errands at the same time, and one more that asks nobody outside: a carrier
        that never answers holds up what needs no carrier not at all."""
        self._context = context
        self._count = count
        self._pool = ThreadPoolExecutor(count + 1, "hand")
        self._busy: set[Future[None]] = set()

    @property
    def free(self) -> int:
        """How many more errands can be begun now."""
        self._busy = {future for future in self._busy if not future.done()}
        return max(self._count - len(self._busy), 0)

    @property
    def spare(self) -> int:
        """The same for errands that ask nobody outside, once no other hand is free."""
        return self._count + 1 - len(self._busy) if not self.free else 0

    def do(self, lease: Lease) -> None:
        """Begin this errand."""
        self._busy.add(self._pool.submit(carry_out, lease, self._context))

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Finish what was begun."""
        self._pool.shutdown()
