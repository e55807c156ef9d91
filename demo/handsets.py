"""Each telephone as one sees it: on the hook, ringing, or with somebody on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from demo.captions import Json, captions
from demo.cast import Cast

_LINES = 40


def handsets(cast: Cast, legs: Iterable[Json], phones: Iterable[Json]) -> dict[str, Json]:
    """Every telephone of the cast by its number, with its latest leg."""
    latest: dict[str, Json] = {}
    by_sid = {leg["call"]: leg for leg in legs}
    for leg in by_sid.values():
        latest[_customer(leg)] = leg
    habits = {phone["number"]: phone["behaviour"] for phone in phones}
    return {
        number: _handset(cast, latest.get(number), by_sid)
        | {"behaviour": habits.get(number, "ring")}
        for number in (person.number for person in cast.people)
    }


def latest_call(legs: Iterable[Json], number: str) -> str | None:
    """The carrier's id of the latest call that this number made."""
    made = [leg for leg in legs if leg["direction"] == "inbound" and leg["from"] == number]
    return made[-1]["call"] if made else None


def _customer(leg: Json) -> str:
    return str(leg["from"] if leg["direction"] == "inbound" else leg["to"])


def _handset(cast: Cast, leg: Json | None, legs: Mapping[str, Json]) -> Json:
    if leg is None:
        return {"call": None, "state": "idle", "says": "On the hook", "asks": "", "captions": []}
    state, says = _state(cast, leg, legs)
    asking: dict[str, Any] = leg["asking"] or {}
    lines = captions(leg["transcript"], cast.name_of)
    return {
        "call": leg["call"],
        "state": state,
        "says": says,
        "asks": "words" if asking.get("verb") == "Record" or leg["bridged_with"] else "",
        "first": max(0, len(lines) - _LINES),
        "captions": lines[-_LINES:],
    }


def _state(cast: Cast, leg: Json, legs: Mapping[str, Json]) -> tuple[str, str]:
    other = legs.get(leg["bridged_with"] or "")
    if not leg["live"]:
        return "idle", "On the hook"
    if other is not None:
        return "connected", f"Connected with {cast.name_of(_customer(other))}"
    if leg["ringing"]:
        return "ringing", f"{cast.name_of(leg['from'])} calls"
    if leg["status"] == "in-progress":
        return "talking", "On the line"
    return "calling", "Calling"
