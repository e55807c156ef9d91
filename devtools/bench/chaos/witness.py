"""What the phone company saw: which calls were answered, who talked with whom, what was rung."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from devtools.bench.chaos.cast import ENGINEERS, LAST_RESORT
from devtools.bench.chaos.verdict import Talk
from devtools.phone_company.company import Company

_LEG = re.compile(r"/voice/leg/([^/?#]+)")


def delivered(company: Company) -> Mapping[str, bool]:
    """Each call to the line, and whether anybody of ours gave it a document."""
    answered = {
        entry["call"]
        for entry in company.post.log
        if entry["status"] == 200 and (entry["body"] or "").lstrip().startswith("<")
    }
    calls = company.exchange.calls.values()
    return {c.sid: c.sid in answered for c in calls if c.direction == "inbound"}


def rings(company: Company) -> Sequence[str]:
    """The page that each placed call was for."""
    calls = company.exchange.calls.values()
    return [found[1] for c in calls if (found := _LEG.search(c.callback.url))]


def talks(company: Company, machines: Collection[str]) -> Sequence[Talk]:
    """Every time a customer was joined with a human."""
    begun: dict[tuple[str, str], dict[str, Any]] = {}
    ended: dict[tuple[str, str], float] = {}
    for event in company.feed.events:
        if event["what"] in ("bridge", "unbridge"):
            pair = (event["call"], event["details"]["leg"])
            if event["what"] == "bridge":
                begun[pair] = event
            else:
                ended[pair] = _seconds(event)
    calls = company.exchange.calls
    return [
        Talk(
            leg=pair[0],
            customer=calls[pair[0]].customer,
            engineer=calls[pair[1]].customer,
            began=_seconds(event),
            ended=ended.get(pair, math.inf),
        )
        for pair, event in begun.items()
        if not _ours(calls[pair[0]].customer) and pair[1] not in machines
    ]


def _ours(number: str) -> bool:
    return number in ENGINEERS or number in LAST_RESORT


def _seconds(event: dict[str, Any]) -> float:
    return dt.datetime.fromisoformat(event["at"]).timestamp()
