"""Numbers in the line's file that the carrier refused to ring when it came to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from ivr_app.checkup.verdict import Verdict, ok, warn
from ivr_app.localtime import local
from routing.line import Channel, Line
from store.refusals import refused

CHECK = "numbers refused"
LOOK_BACK = dt.timedelta(days=30)


def refusals(engine: Engine, lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """The refusals of the last 30 days, while the number still stands in the file."""
    found = [verdict for line in lines for verdict in _of_line(engine, line, at)]
    yield from found or [ok(CHECK, "none in the last 30 days")]


def _of_line(engine: Engine, line: Line, at: dt.datetime) -> Iterator[Verdict]:
    written = {*line.last_resort, *(phone for one in line.engineers for phone in one.phones)}
    for one in refused(engine, line.id, at - LOOK_BACK):
        if one.number in written:
            when = local(one.at, line.timezone)
            what = "a text to " if one.channel is Channel.SMS else ""
            said = (
                f"{what}{one.number} of {one.engineer} was refused by the carrier with {one.code}"
            )
            cure = "correct it in the line's file, or allow its country at the carrier"
            yield warn(CHECK, f"{said} on {when}: {cure}")
