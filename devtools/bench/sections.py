"""The sections of the page, each from what was measured for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devtools.bench.capacity import LASTS, Pace
from devtools.bench.markdown import milliseconds, spread, table
from devtools.bench.rings import AT_ONCE, GRANTED
from devtools.bench.site import FRESH, YEARS
from devtools.bench.watching import EVERY, RATE, WATCHERS, Watched


def rings(found: Mapping[str, Sequence[float]]) -> str:
    """From a caller's key to a telephone that rings."""
    if not found:
        return ""
    rows = [[what, *spread(seconds)] for what, seconds in found.items()]
    return (
        "## From the caller's key to the engineer's telephone\n\n"
        "From the webhook that brings the confirmation of level 1 until the carrier is asked to "
        f"ring, with the simulated company: {len(found['one by one'])} calls one by one, then "
        f"{AT_ONCE} callers who press at once; {GRANTED} calls a second are granted.\n\n"
        + table(["calls", "p50", "p99"], rows)
    )


def steps(found: Mapping[str, Sequence[float]]) -> str:
    """How late a step is done."""
    if not found:
        return ""
    rows = [[what, *spread(seconds)] for what, seconds in found.items()]
    return (
        "## From step due to step done\n\nThe clock looks every 50 ms and tells a worker.\n\n"
        + table(["database", "p50", "p99"], rows)
    )


def paces(found: Sequence[Pace]) -> str:
    """How many calls a minute are answered well."""
    if not found:
        return ""
    held = max((pace.calls_a_minute for pace in found if pace.held), default=0)
    rows = [
        [f"{p.calls_a_minute:,}", *(_answered(seconds) for seconds in (p.p50, p.p99))]
        for p in found
    ]
    return (
        "## Calls a minute\n\n"
        f"Ten webhooks a call, level 1, each pace kept for {LASTS:.0f} s whatever the answers "
        "take; the callers, the web server, worker, clock, Redis and the phone company share the "
        f"cores. **{held:,} calls a minute** were held with 99 of 100 webhooks answered in "
        "100 ms.\n\n" + table(["calls a minute", "p50", "p99"], rows)
    )


def _answered(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if math.isfinite(seconds) else "never"


def watched(found: Watched) -> str:
    """Callers while people look at Now, beside callers while nobody does."""
    rows = [
        [what, str(len(seconds)), *spread(seconds)]
        for what, seconds in (
            ("webhooks, nobody looks", found.alone),
            (f"webhooks, {WATCHERS} look", found.watched),
            ("looks at Now", found.looks),
        )
    ]
    return (
        "## While people look\n\n"
        f"{RATE} calls a minute, in turns with and without {WATCHERS} browsers that have Now open, "
        f"each of which looks again after {EVERY:g} s. With them the webhooks' p99 is "
        f"**{found.share():.2f} ×** what it is without, and their p50 {found.share(0.5):.2f} ×.\n\n"
        + table(["", "answers", "p50", "p99"], rows)
    )


def memory(found: Mapping[str, Sequence[float]]) -> str:
    """What each process takes."""
    if not found:
        return ""
    rows = [[name, " + ".join(f"{mib:.0f}" for mib in sizes)] for name, sizes in found.items()]
    return (
        "## Memory\n\nMiB of each process after all this; what several share is divided.\n\n"
        + table(["process", "MiB"], rows)
    )


def looks(found: Mapping[str, Mapping[str, float]]) -> str:
    """What people look up, in an empty log and in a full one."""
    if not found:
        return ""
    rows = [
        [what, milliseconds(by[FRESH]), milliseconds(by[YEARS]), f"{by[YEARS] / by[FRESH]:.1f} ×"]
        for what, by in found.items()
    ]
    return "## What is looked up\n\n" + table(["", "fresh", "with years", "ratio"], rows)
