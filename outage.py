"""An outage: told when it begins, once a minute while it lasts, and when it is over."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from store.engine import why as why_of

AGAIN = 60.0
"""Seconds after which a lasting outage is told once more; a full disk needs no flood of lines."""


class Outage:
    """One thing that may go wrong for a while, as one process sees it."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``what`` is how the log calls it, such as *database away*."""
        self._what, self._clock = what, clock
        self._began: float | None = None
        self._told = 0.0

    def goes_on(self, why: str) -> None:
        """It went wrong just now: an error in the log, unless that was told within the minute."""
        now = self._clock()
        if self._began is None:
            self._began, self._told = now, now - AGAIN
        if now - self._told >= AGAIN:
            self._told = now
            structlog.get_logger().error(self._what, why=why)

    def is_over(self) -> None:
        """It went well just now."""
        if self._began is not None:
            seconds = round(self._clock() - self._began, 1)
            self._began = None
            structlog.get_logger().warning(f"no more: {self._what}", after_s=seconds)


class Turns:
    """A loop that must never end: a turn that fails is told, and the next one comes."""

    def __init__(self, loop: str) -> None:
        """``loop`` is how the log calls it, such as *clock*."""
        self._database, self._other = Outage("database away"), Outage(f"{loop} failed")

    def take(self, turn: Callable[[], object]) -> bool:
        """Do this; False when it failed, and then the loop should pause."""
        try:
            turn()
        except SQLAlchemyError as error:
            self._database.goes_on(why_of(error))
            return False
        except Exception as error:
            self._other.goes_on(place(error))
            return False
        self._database.is_over()
        self._other.is_over()
        return True


def cause(error: Exception) -> str:
    """What went wrong, without a word that may name somebody."""
    return getattr(error, "strerror", None) or type(error).__name__


def place(error: Exception) -> str:
    """The kind of error and where it was raised; its words may hold names and numbers."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"
