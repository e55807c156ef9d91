"""For how long each kind of data is kept. An incident goes as a whole: its calls, pages and journal
with it, so that nobody ever reads half a story."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retention:
    """``calls`` are those without an incident; ``texts`` tell and ask for nothing, the others are
    pages and stay with their incident; ``rota`` is who came on, and every swap."""

    recordings: dt.timedelta = 90 * DAY
    texts: dt.timedelta = 180 * DAY
    notes: dt.timedelta = 365 * DAY
    calls: dt.timedelta = 365 * DAY
    incidents: dt.timedelta = 2 * 365 * DAY
    rota: dt.timedelta = 2 * 365 * DAY


KINDS = tuple(field.name for field in fields(Retention))
