"""What several operations are asked: a line, a moment, how many at once, and written words."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from ivr_app.api.operation import Asked
from ivr_app.api.problems import missing
from ivr_app.switch import board
from routing.line import Line

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)


def _within(at: dt.datetime) -> dt.datetime:
    """Beyond what any zone can count with there is nothing: the edge says the same."""
    bare = at.replace(tzinfo=dt.UTC)
    if not EARLIEST.year < bare.year < LATEST.year:
        return EARLIEST if bare < LATEST else LATEST
    return at.astimezone(dt.UTC)


def counted(level: object) -> object:
    """JSON knows no whole numbers: 4.0 is one."""
    return int(level) if isinstance(level, float) and level.is_integer() else level


Moment = Annotated[AwareDatetime, AfterValidator(_within)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Keyed = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{4,15}$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^\u0000]+$", max_length=2000)]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$", max_length=500)]
Level = Annotated[int, Field(ge=1, le=4), BeforeValidator(counted)]
Limit = Annotated[int, Field(ge=1, le=200)]


class OfLine(Asked):
    """About one line."""

    line: Id | None = Field(None, description="Default: the only line, or main.")


def line_of(wanted: str | None) -> Line:
    """The line that was asked for; raises Refused."""
    lines = {line.id: line for line in board().people.all_lines()}
    name = wanted or (next(iter(lines)) if len(lines) == 1 else "main")
    if name not in lines:
        raise missing(f"There is no line {name}; there are: {', '.join(lines) or 'none'}.")
    return lines[name]
