"""What a search asks for: the fields of its form, read into what the log is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from routing.call import Outcome
from routing.line import LAST_RESORT, Line
from routing.names import tidy
from routing.numbers import written_forms
from store.companies import contracts_of
from store.listing import Place
from store.search import Asked

FIELDS = ("number", "company", "engineer", "level", "outcome", "verified", "since", "until")
COMPANIES = 10
"""Contracts that one search follows; whoever means others writes more of the name."""

A_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it was filled in. ``asked`` is None where a field cannot be understood, and
    ``mistakes`` says which; ``companies`` are the names found, by contract number."""

    filled: Mapping[str, str]
    asked: Asked | None
    companies: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @property
    def cut(self) -> bool:
        """True when more contracts may have the name than one search follows."""
        return len(self.companies) == COMPANIES


def read_wanted(engine: Engine, line: Line, zone: ZoneInfo, given: Mapping[str, Any]) -> Wanted:
    """The search that was filled in; times are those of the viewer's clock."""
    filled = {name: text for name in FIELDS if (text := tidy(str(given.get(name, ""))))}
    wrong = {name for name, check in _CHECKS.items() if name in filled and not check(filled[name])}
    wrong |= {"engineer"} if filled.get("engineer") not in {None, *takers(line)} else set()
    if wrong:
        return Wanted(filled, None, mistakes=dict.fromkeys(wrong, "console.mistake.wrong"))
    company = filled.get("company")
    companies = contracts_of(engine, line.id, company, COMPANIES) if company else {}
    asked = Asked(
        line.id,
        shown=written_forms(filled["number"], line.country) if "number" in filled else (),
        contracts=tuple(companies) if company else None,
        taker=filled.get("engineer"),
        level=int(filled["level"]) if "level" in filled else None,
        outcome=Outcome(filled["outcome"]) if "outcome" in filled else None,
        verified=filled["verified"] == "yes" if "verified" in filled else None,
        since=_moment(filled.get("since"), zone),
        until=_moment(filled.get("until"), zone, A_MINUTE),
    )
    return Wanted(filled, asked, companies)


def takers(line: Line) -> dict[str, str]:
    """Whoever can take a call, by id; the last resort has no name of its own."""
    return {one.id: one.name for one in line.engineers} | {LAST_RESORT: ""}


def written(place: Place) -> str:
    """A place among the calls, as an address carries it."""
    return f"{place[0].isoformat()}_{place[1]}"


def read_place(text: str | None) -> Place | None:
    """The place that an address carries; one that nobody has written is none."""
    at, _, call = (text or "").partition("_")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, call) if moment.tzinfo is not None and call else None


def _moment(
    text: str | None, zone: ZoneInfo, after: dt.timedelta = dt.timedelta(0)
) -> dt.datetime | None:
    """A minute of the viewer's clock; a search until 10:00 includes what began in that minute."""
    if text is None:
        return None
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC) + after


def _is_minute(text: str) -> bool:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return found.tzinfo is None and 1970 < found.year < 9999


_CHECKS = {
    "level": lambda text: text in {"1", "2", "3", "4"},
    "outcome": lambda text: text in set(Outcome),
    "verified": lambda text: text in {"yes", "no"},
    "since": _is_minute,
    "until": _is_minute,
}
