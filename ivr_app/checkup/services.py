"""The services outside that the processes of the line speak to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ivr_app.checkup.verdict import Verdict, ok, warn
from resting import resting
from store.beats import Beats


def services(beats: Beats, now: dt.datetime) -> Iterator[Verdict]:
    """Which of them let some process wait until its deadline, again and again."""
    slow = resting(beats, now)
    for service in slow:
        yield warn("services", f"{service}: does not answer in time, and is asked less often")
    if not slow:
        yield ok("services", "none lets us wait")
