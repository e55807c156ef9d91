"""What answers when nothing else can: the file on this machine, and the documents on another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from carrier.fallback import UNKNOWN, read_fallback
from ivr_app.checkup.verdict import Verdict, ok, warn
from lifeline import lifeline
from outpost import Outpost, sheets
from routing.line import Line
from switchboard import Switchboard

CHECK = "fallback file"
OUTSIDE = "static fallback"
TOO_OLD = dt.timedelta(minutes=30)


def spare(path: Path, lines: Sequence[Line], at: dt.datetime) -> Verdict:
    """Whether the file is there and rings those who are on call now."""
    found = list(read_fallback(path))
    if found == [UNKNOWN]:
        return warn(CHECK, f"{path} is missing or broken: run flask --app ivr_app apply line.yaml")
    if found != [lifeline(line, at) for line in lines]:
        return warn(CHECK, f"{path} rings others than those on call now: apply writes it anew")
    return ok(CHECK, f"{path} rings those on call now, then the last resort")


def outside(board: Switchboard, lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """Whether another host has the documents that ring those on call now, and since when."""
    settings = board.settings
    if settings.fallback_put_url is None:
        off = "is off: without FALLBACK_PUT_URL nothing answers while this host is away"
        yield ok(OUTSIDE, off)
        return
    post = Outpost(board.engine, settings)
    for line in lines:
        age = post.age(line, sheets(line, lines, settings, at), at, TOO_OLD)
        if age is None:
            late = f"those on call now are not in it, or not for {_minutes(TOO_OLD)}"
            yield warn(OUTSIDE, f"{line.id}: {late}: try flask --app ivr_app fallback --put")
        else:
            yield ok(OUTSIDE, f"{line.id}: rings those on call now, put {_minutes(age)} ago")


def _minutes(length: dt.timedelta) -> str:
    return f"{length // dt.timedelta(minutes=1)} min"
