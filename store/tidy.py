"""Deletes what nobody will ask for again, whatever the line's file says: traces of work."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, delete

from store.engine import writing
from store.tables import dispatches, errands, previews, received_texts, replays, slips

KEPT_FOR = dt.timedelta(days=7)
READ_FOR = dt.timedelta(days=3)
ANSWERED_FOR = dt.timedelta(days=1)
TOLD_FOR = dt.timedelta(days=30)
SHOWN_FOR = dt.timedelta(hours=1)
"""How long an import waits to be confirmed."""


def tidy(engine: Engine, now: dt.datetime) -> None:
    """Forget errands that were done, wrong PINs that were counted a week ago, texts that
    were read three days ago, what programs were
    told a month ago, and imports that nobody confirmed."""
    with writing(engine) as connection:
        connection.execute(delete(errands).where(errands.c.done_at < now - KEPT_FOR))
        connection.execute(delete(slips).where(slips.c.at < now - KEPT_FOR))
        connection.execute(delete(received_texts).where(received_texts.c.at < now - READ_FOR))
        connection.execute(delete(replays).where(replays.c.at < now - ANSWERED_FOR))
        connection.execute(delete(dispatches).where(dispatches.c.done_at < now - TOLD_FOR))
        connection.execute(delete(previews).where(previews.c.made_at < now - SHOWN_FOR))
