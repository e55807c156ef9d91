"""The first call of a newcomer, made on the page of a demo by what its buttons send."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

PIETER, PIN = "+31612345678", "482913"
PATIENCE = 90.0
"""Seconds; the whole call takes ten."""


def call_at_level_one(page: str) -> str:
    """Pieter calls, keys his PIN and chooses level 1 twice; the engineer's number that rings."""
    call = _send(f"{page}dial", {"from": PIETER})["call"]
    for keys in (f"{PIN}#", "1", "1"):
        _watch(page, _is_asked)
        _send(f"{page}legs/{call}/keys", {"digits": keys})
    return _watch(page, _ringing)[0]


def _is_asked(handsets: dict[str, Any]) -> bool:
    """Whether the line has named a key since the last one that was pressed."""
    asked = False
    for caption in handsets[PIETER]["captions"]:
        if caption["kind"] == "keys":
            asked = False
        elif "toets" in caption["text"].lower():
            asked = True
    return asked


def _ringing(handsets: dict[str, Any]) -> list[str]:
    return [number for number, shown in handsets.items() if shown["state"] == "ringing"]


def _watch(page: str, find: Callable[[dict[str, Any]], Any]) -> Any:
    """What is found on the page, as soon as it is there: the page holds its answer until then."""
    seen, deadline = "", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        picture = requests.get(f"{page}picture", {"seen": seen}, timeout=60).json()
        if found := find(picture["handsets"]):
            return found
        seen = picture["version"]
    raise TimeoutError(f"the page shows {picture['handsets'][PIETER]} and nothing else")


def _send(address: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(address, json=body, timeout=60)
    assert answer.ok, answer.text
    told: dict[str, Any] = answer.json()
    return told
