"""Whether the hosts of the line read local time with the same zone data."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from hosts import known_zone_data
from ivr_app.checkup.verdict import Verdict, ok, warn
from store.beats import Beats


def zones(engine: Engine, now: dt.datetime) -> Verdict:
    """Compare what every host said in the last minutes."""
    known = known_zone_data(Beats(engine), now)
    if len(known) == 1:
        return ok("zone data", f"tzdata {next(iter(known))} on every host")
    told = "; ".join(f"{each} on {', '.join(sorted(known[each]))}" for each in sorted(known))
    return warn(
        "zone data",
        f"hosts differ, and may hold different people on call: {told}; install one release",
    )
