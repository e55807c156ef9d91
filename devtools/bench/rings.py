"""Key pressed to telephone asked for: whole calls, with the simulated phone company."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from devtools.bench import cast
from devtools.bench.site import ACCOUNT, TOKEN
from devtools.phone_company.company import Account
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office

ALONE = 40
LONGEST = 40.0
"""Calls that come one after the other, as many as there are in so many seconds."""

AT_ONCE = 50
GRANTED = 50
"""Calls a second; the carrier grants one where nothing was agreed, and then that is the measure."""

PATIENCE = 30.0


@contextmanager
def company() -> Iterator[Office]:
    """A phone company in which speech takes no time."""
    with Office(Account(ACCOUNT, TOKEN, speech=0.0)) as office:
        yield office


def one_by_one(office: Office) -> Sequence[float]:
    """Seconds from the caller's key to the request that rings the engineer; a call at a time."""
    found: list[float] = []
    over = time.monotonic() + LONGEST
    for place in range(ALONE):
        if time.monotonic() > over:
            break
        caller = _confirming(office, place)
        if caller is not None:
            caller.press("1")
            found += _lags(office, {place: caller})
            caller.hang_up()
    return found


def all_at_once(office: Office) -> Sequence[float]:
    """The same, of callers who press at the same moment."""
    places = range(ALONE, ALONE + AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        callers = list(crowd.map(lambda place: _confirming(office, place), places))
        there = {p: caller for p, caller in zip(places, callers, strict=True) if caller}
        list(crowd.map(lambda caller: caller.press("1"), there.values()))
    return _lags(office, there)


def _confirming(office: Office, place: int) -> Handset | None:
    """A caller who has been identified, has said level 1, and is asked to confirm it; None where
    that took longer than our patience."""
    caller = office.dial(cast.phone(place), cast.LINE)
    try:
        for keys, answer in ((f"{cast.PIN}#", "Hoe dringend"), ("1", "bevestigen")):
            caller.until_asked(timeout=PATIENCE)
            caller.press(keys)
            caller.until_hears(answer, timeout=PATIENCE)
        caller.until_asked(timeout=PATIENCE)
    except AssertionError as error:
        sys.stderr.write(f"a caller is left out: {error}\n")
        return None
    return caller


def _lags(office: Office, callers: Mapping[int, Handset]) -> list[float]:
    """Of each caller whose engineer was rung before our patience was over."""
    phones = {cast.engineer_phone(place + 2): caller for place, caller in callers.items()}
    deadline = time.monotonic() + PATIENCE
    while not phones.keys() <= (asked := _asked(office)).keys() and time.monotonic() < deadline:
        time.sleep(0.02)
    return [
        (asked[phone] - _pressed(office, caller)).total_seconds()
        for phone, caller in phones.items()
        if phone in asked
    ]


def _asked(office: Office) -> Mapping[str, dt.datetime]:
    """When the carrier was first asked to ring each telephone."""
    placed = [
        r for r in office.requests if r["method"] == "POST" and r["path"].endswith("/Calls.json")
    ]
    return {r["params"].get("To"): _moment(r["at"]) for r in reversed(placed)}


def _pressed(office: Office, caller: Handset) -> dt.datetime:
    keys = (w for w in office.webhooks if w["call"] == caller.sid and "/key/" in w["url"])
    return [_moment(key["at"]) for key in keys][1]  # the first was the level


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
