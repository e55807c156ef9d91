"""When each line was practised last, and how that went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from ivr_app.checkup.verdict import Verdict, ok, warn
from ivr_app.localtime import local
from routing.drill import PERSON, drill_id
from routing.line import Line
from store.drills import last_drill

CHECK = "drill"
LONG_AGO = dt.timedelta(days=31)
PRACTISE = "flask --app ivr_app drill"


def drills(engine: Engine, lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """The last drill of each line; one that was never practised is no fault."""
    for line in lines:
        call = last_drill(engine, drill_id(line))
        if call is None:
            yield ok(CHECK, f"{line.id} was never practised: try {PRACTISE}")
            continue
        when = local(call.started_at, line.timezone, "minutes")
        if call.answered_by != PERSON:
            yield warn(CHECK, f"{line.id} failed on {when}: see show {call.sid}, and {PRACTISE}")
        elif at - call.started_at > LONG_AGO:
            yield warn(CHECK, f"{line.id} passed on {when}, long ago: {PRACTISE}")
        else:
            yield ok(CHECK, f"{line.id} passed on {when}")
