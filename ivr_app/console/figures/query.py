"""Which figures the address asks for, and whether whoever looks has figures of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr_app.console import current_viewer, t
from routing.line import Line
from routing.oncall.local_time import Period, month_of, months_until
from service.figures import COLUMNS, OWN_COLUMNS, FigureColumn, Grouping

MONTH, YEAR, RANGE = PERIODS = ("month", "year", "range")
OWN_GROUPING = "own"
GROUPINGS = (*(one.value for one in Grouping), OWN_GROUPING)
LONGEST_PERIOD = dt.timedelta(days=10 * 366)
"""The longest range of which figures are told at once."""

YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What was asked for; no period where its days cannot be understood. ``sort`` is the name of
    a column, with a minus before it for the greatest first; by default the rows' own order."""

    asked: str
    period: Period | None
    by: str
    sort: str = ""
    days: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """True when somebody asks for figures of themselves."""
        return self.by == OWN_GROUPING

    @property
    def reckoned_by(self) -> Grouping:
        """What tells the rows apart; one's own are told by month."""
        return Grouping.MONTH if self.own else Grouping(self.by)

    @property
    def columns(self) -> tuple[FigureColumn, ...]:
        """Those that are shown."""
        return OWN_COLUMNS if self.own else COLUMNS

    def address(self, **changes: str) -> dict[str, Any]:
        """What an address carries that asks for the same, but for the changes."""
        asked = {"period": self.asked, **self.days, "by": self.by, "sort": self.sort} | changes
        return {name: value for name, value in asked.items() if value}


def own_engineer(line: Line) -> str | None:
    """The engineer whose account it is, where the line tells people their own figures."""
    account = current_viewer().account
    ours = account.line in (None, line.id) and account.engineer is not None
    if not (line.figures.per_person and ours and line.engineer(account.engineer or "")):
        return None
    return account.engineer


def read_query(given: Mapping[str, str], today: dt.date, line: Line) -> FigureQuery:
    """What the address says; what it leaves out is the last twelve months, by month."""
    asked = _choose(PERIODS, given.get("period"), YEAR)
    by = _choose(GROUPINGS, given.get("by"), Grouping.MONTH.value)
    sort = given.get("sort", "")
    sort = sort if sort.removeprefix("-") in {column.name for column in COLUMNS} else ""
    if asked == MONTH:
        return FigureQuery(asked, month_of(today, line.timezone), by, sort)
    if asked == YEAR:
        return FigureQuery(asked, months_until(today, 12, line.timezone), by, sort)
    days = {name: given.get(name, "") for name in ("since", "until")}
    mistakes = {name: "figures.no_day" for name, text in days.items() if _parse_day(text) is None}
    first, last = _parse_day(days["since"]), _parse_day(days["until"])
    if first is None or last is None:
        return FigureQuery(asked, None, by, sort, days, mistakes)
    if not dt.timedelta() <= last - first <= LONGEST_PERIOD:
        wrong = "figures.backwards" if last < first else "figures.too_long"
        return FigureQuery(asked, None, by, sort, days, {"until": wrong})
    return FigureQuery(asked, Period(first, last, line.timezone), by, sort, days)


def _choose(known: tuple[str, ...], wished: str | None, otherwise: str) -> str:
    return wished if wished in known else otherwise


def _parse_day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


# What the fields of the form offer: each value with its words.


Options = list[tuple[str, str]]


def list_options(wish: FigureQuery, *, offers_own: bool) -> dict[str, Options]:
    """Those of each field; one's own figures only where there are any."""
    names = [column.name for column in wish.columns]
    return {
        "period": [(one, t(f"figures.period.{one}")) for one in PERIODS],
        "by": [
            (one, t(f"figures.by.{one}")) for one in GROUPINGS if offers_own or one != OWN_GROUPING
        ],
        "sort": [
            ("", t("figures.sort.plain")),
            *((f"-{one}", t("figures.sort.most", name=t(f"figures.head.{one}"))) for one in names),
            *((one, t("figures.sort.least", name=t(f"figures.head.{one}"))) for one in names),
        ],
    }
