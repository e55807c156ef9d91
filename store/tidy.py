"""Deletes what nobody will ask for again, whatever the line's file says: traces of work."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, delete

from store.engine import writing
from store.tables import errands, slips

KEPT_FOR = dt.timedelta(days=7)


def tidy(engine: Engine, now: dt.datetime) -> None:
    """Forget errands that were done, and wrong PINs that were counted, a week ago."""
    with writing(engine) as connection:
        connection.execute(delete(errands).where(errands.c.done_at < now - KEPT_FOR))
        connection.execute(delete(slips).where(slips.c.at < now - KEPT_FOR))
