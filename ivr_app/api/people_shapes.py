"""What is answered of lines, of who is on call, and of contracts."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from ivr_app.api.log_shapes import Answered, Moment
from routing.contract import Plan


class OnCallRow(Answered):
    """Who is on call on one schedule at one moment; ids sorted."""

    schedule: str
    at: Moment
    on_call: list[str]


class OnCall(Answered):
    """Who is on call at one moment."""

    items: list[OnCallRow]


class Segment(Answered):
    """A stretch of time in which the same people are on call; a gap has none."""

    schedule: str
    start: Moment
    end: Moment
    on_call: list[str]


class Segments(Answered):
    """Who is on call from one moment to another."""

    items: list[Segment]
    next: Moment | None = Field(description="Give it as `from` for what follows; none at the end.")


class OpenCounts(Answered):
    """How much is open."""

    open: int = Field(description="Incidents that nobody has.")
    acknowledged: int
    level_1: int = Field(description="Of both.")
    breached: int = Field(description="Of both: the promised time is over.")


class LineState(Answered):
    """One line at this moment."""

    id: str
    name: str
    number: str
    timezone: str
    office_open: bool
    on_call: list[OnCallRow]
    incidents: OpenCounts
    callers: int = Field(description="Who are on the telephone now.")


class LineStates(Answered):
    """Every line at this moment."""

    items: list[LineState]


class ContactRow(Answered):
    """Somebody who may call on a contract; never the PIN."""

    name: str
    phones: list[str]
    language: str | None
    email: str | None
    ends: dt.date | None
    hears_of_releases: bool


class ContractRow(Answered):
    """One contract."""

    contract: str
    line: str
    customer: str
    plan: Plan
    valid_from: dt.date | None
    valid_until: dt.date | None
    premium_incidents: int
    contacts: list[ContactRow]


class Contracts(Answered):
    """Some contracts by number, and where the next ones begin."""

    items: list[ContractRow]
    next: str | None = Field(description="Give it as `after` for what follows; none at the end.")
