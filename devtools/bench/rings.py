"""Key pressed to telephone asked for: whole calls, with the simulated phone company."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from carrier.prompts import render_sentence
from devtools.bench import cast
from devtools.bench.figures import Figure, percentile
from devtools.bench.site import Site
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office

ALONE = 12
"""Calls one by one in a round."""

GRANTED = 50
"""Calls a second; the carrier grants one where nothing was agreed, and then that is the measure."""

ANSWERS_AFTER: Mapping[str, float] = {"0 ms": 0.0, "200 ms": 0.2}
"""How long the company takes to answer a request to ring."""

GOAL_P50, GOAL_P99 = 10, 50
GOAL_AT_ONCE = 1_150
PATIENCE = 30.0
RUNG_WITHIN = 10.0


def measure(site: Site, office: Office, rounds: int, count: int) -> list[Figure]:
    """Rounds of calls one by one, then of so many callers who press at once; each round with a
    company that answers at once and with one that takes its time."""
    single: dict[str, list[Sequence[float]]] = defaultdict(list)
    crowd: dict[str, list[Sequence[float]]] = defaultdict(list)
    for _ in range(rounds):
        for name, delay in ANSWERS_AFTER.items():
            slow = {"path": "/Calls.json$", "method": "POST", "count": 10**6, "answer_after": delay}
            office.faults(requests=[slow])
            single[name].append(_one_by_one(office, min(count, ALONE)))
            _end(site, office)
            crowd[name].append(_all_at_once(office, count))
            _end(site, office)
    office.faults()
    found = []
    for name in ANSWERS_AFTER:
        what = f"carrier answers after {name}"
        found += [
            _figure(f"one by one, p50, {what}", single[name], 0.5, GOAL_P50),
            _figure(f"one by one, p99, {what}", single[name], 0.99, GOAL_P99),
            _figure(f"{count} at once, p50, {what}", crowd[name], 0.5, None),
            _figure(f"{count} at once, p99, {what}", crowd[name], 0.99, GOAL_AT_ONCE),
        ]
    return found


def _figure(
    what: str, rounds: Sequence[Sequence[float]], share: float, goal: float | None
) -> Figure:
    values = [percentile(lags, share) * 1000 for lags in rounds]
    return Figure(what, values, "ms", goal, note=f"{sum(map(len, rounds))} calls")


def _end(site: Site, office: Office) -> None:
    """Hang up every telephone, and forget the calls."""
    for leg in office.legs:
        if not leg.over:
            office.hang_up(leg)
    office.idle()
    site.rest()
    site.clear()


def _one_by_one(office: Office, count: int) -> Sequence[float]:
    """Seconds from the caller's key to the request that rings the engineer; a call at a time."""
    found: list[float] = []
    for place in range(count):
        since = len(office.requests)
        caller = _reach_confirmation(office, place)
        if caller is not None:
            caller.press("1")
            found += _lags(office, {place: caller}, since)
            caller.hang_up()
    return found


def _all_at_once(office: Office, count: int) -> Sequence[float]:
    """The same, of callers who press at the same moment."""
    since = len(office.requests)
    with ThreadPoolExecutor(count) as crowd:
        callers = list(crowd.map(lambda place: _reach_confirmation(office, place), range(count)))
        there = {place: caller for place, caller in enumerate(callers) if caller}
        list(crowd.map(lambda caller: caller.press("1"), there.values()))
    return _lags(office, there, since)


def _reach_confirmation(office: Office, place: int) -> Handset | None:
    """A caller who has been identified, has said level 1, and is asked to confirm it; None where
    that took longer than our patience."""
    caller = office.dial(cast.phone(place), cast.LINE)
    try:
        for keys, answer in ((f"{cast.PIN}#", "urgency_menu"), ("1", "confirm_level_1")):
            caller.until_asked(timeout=PATIENCE)
            caller.press(keys)
            caller.until_hears(render_sentence("nl", answer), timeout=PATIENCE)
        caller.until_asked(timeout=PATIENCE)
    except AssertionError as error:
        sys.stderr.write(f"a caller is left out: {error}\n")
        return None
    return caller


def _lags(office: Office, callers: Mapping[int, Handset], since: int) -> list[float]:
    """Of each caller; an engineer who was not rung within ten seconds is never rung."""
    phones = {cast.engineer_phone(place + 2): caller for place, caller in callers.items()}
    deadline = time.monotonic() + RUNG_WITHIN
    while not phones.keys() <= _asked(office, since).keys() and time.monotonic() < deadline:
        time.sleep(0.02)
    asked = _asked(office, since)
    return [
        (asked[phone] - _pressed(office, caller)).total_seconds()
        if phone in asked
        else float("inf")
        for phone, caller in phones.items()
    ]


def _asked(office: Office, since: int) -> Mapping[str, dt.datetime]:
    """When the carrier was first asked to ring each telephone."""
    return {
        request["params"].get("To", ""): dt.datetime.fromisoformat(request["at"])
        for request in reversed(office.requests[since:])
        if request["method"] == "POST" and request["path"].endswith("/Calls.json")
    }


def _pressed(office: Office, caller: Handset) -> dt.datetime:
    keys = (w for w in office.webhooks if w["call"] == caller.sid and "/key/" in w["url"])
    return [dt.datetime.fromisoformat(key["at"]) for key in keys][1]  # the first was the level
