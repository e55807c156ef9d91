"""Each telephone as one sees it: on the hook, ringing, or with somebody on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from devtools.demo.captions import Json, captions
from devtools.demo.cast import Cast

_LINES = 40
_SAYS = {
    "idle": "On the hook",
    "calling": "Calling",
    "ringing": "Ringing",
    "talking": "On the line",
    "connected": "Connected",
}


def handsets(cast: Cast, legs: Iterable[Json], phones: Iterable[Json]) -> dict[str, Json]:
    """Every telephone of the cast by its number, with its latest leg."""
    latest = {_customer(leg): leg for leg in legs}
    habits = {phone["number"]: phone["behaviour"] for phone in phones}
    return {
        number: _handset(cast, latest.get(number)) | {"behaviour": habits.get(number, "ring")}
        for number in (person.number for person in cast.people)
    }


def latest_call(legs: Iterable[Json], number: str, known: Collection[str]) -> str | None:
    """The carrier's id of the latest call of this number: it called the line, or was called as its
    owner had asked and is among the ``known`` calls."""
    theirs = [leg for leg in legs if _customer(leg) == number]
    calls = [leg["call"] for leg in theirs if leg["direction"] == "inbound" or leg["call"] in known]
    return calls[-1] if calls else None


def _customer(leg: Json) -> str:
    return str(leg["from"] if leg["direction"] == "inbound" else leg["to"])


def _handset(cast: Cast, leg: Json | None) -> Json:
    if leg is None:
        return {"call": None, "state": "idle", "says": _SAYS["idle"], "asks": "", "captions": []}
    state = _state(leg)
    asking: dict[str, Any] = leg["asking"] or {}
    lines = captions(leg["transcript"], cast.name_of)
    return {
        "call": leg["call"],
        "state": state,
        "says": _SAYS[state],
        "asks": "words" if asking.get("verb") == "Record" or state == "connected" else "",
        "first": max(0, len(lines) - _LINES),
        "captions": lines[-_LINES:],
    }


def _state(leg: Json) -> str:
    if not leg["live"]:
        return "idle"
    if leg["bridged_with"]:
        return "connected"
    if leg["ringing"]:
        return "ringing"
    return "talking" if leg["status"] == "in-progress" else "calling"
