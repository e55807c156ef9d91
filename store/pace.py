"""The pace at which calls are placed: one row for each carrier account, shared by all processes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import writing
from store.tables import paces

_NEVER_SO_FAR = dt.timedelta(seconds=30)
"""Nobody may run so far ahead; a pace that did was kept by a clock that has been set back."""


class Pace:
    """Turns at the carrier, given out one after the other; Redis has no part in it."""

    def __init__(self, engine: Engine, account: str) -> None:
        """Touches no database yet."""
        self._engine = engine
        self._account = account

    def turn(self, now: dt.datetime, each: dt.timedelta, ahead: dt.timedelta) -> dt.datetime | None:
        """Take a turn, of which every one lasts ``each``; None when it is now.

        Otherwise nothing is taken, and the moment to ask again is given back: ``ahead`` before all
        turns so far will be over.
        """
        try:
            return self._turn(now, each, ahead)
        except IntegrityError:  # another process wrote the account's first turn
            return self._turn(now, each, ahead)

    def _turn(
        self, now: dt.datetime, each: dt.timedelta, ahead: dt.timedelta
    ) -> dt.datetime | None:
        ours = paces.c.account == self._account
        with writing(self._engine) as connection:
            free_at = connection.scalar(select(paces.c.free_at).where(ours).with_for_update())
            if free_at is None:
                first = {"account": self._account, "free_at": now + each}
                connection.execute(insert(paces), first)
                return None
            if free_at > now + _NEVER_SO_FAR:
                free_at = now
            if free_at - ahead > now:
                return free_at - ahead
            taken = {"free_at": max(free_at, now) + each}
            connection.execute(update(paces).where(ours).values(taken))
            return None
