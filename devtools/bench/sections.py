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
        "From the webhook with the confirmation of level 1 until the request to ring, at the "
        f"simulated company: {len(found['one by one'])} calls one by one, then {AT_ONCE} callers "
        f"who press at once. The company accepts {GRANTED} calls a second.\n\n"
        + table(["calls", "p50", "p99"], rows)
    )


def steps(found: Mapping[str, Sequence[float]]) -> str:
    """How late a step is done."""
    if not found:
        return ""
    rows = [[what, *spread(seconds)] for what, seconds in found.items()]
    return (
        "## From step due to step done\n\nThe clock checks every 50 ms and wakes a worker.\n\n"
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
        f"Ten webhooks a call, level 1, each rate for {LASTS:.0f} s regardless of the response "
        "times. Callers, web server, worker, clock, Redis and phone company share the cores. "
        f"**{held:,} calls a minute** were sustained with 99 of 100 webhooks answered in "
        "100 ms.\n\n" + table(["calls a minute", "p50", "p99"], rows)
    )


def _answered(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if math.isfinite(seconds) else "never"


def watched(found: Watched) -> str:
    """Callers while people look at Now, beside callers while nobody does."""
    rows = [
        [what, str(len(seconds)), *spread(seconds)]
        for what, seconds in (
            ("webhooks without browsers", found.alone),
            (f"webhooks with {WATCHERS} browsers", found.watched),
            ("refreshes of Now", found.looks),
        )
    ]
    return (
        "## While people look\n\n"
        f"{RATE} calls a minute, in turns with and without {WATCHERS} browsers that show Now and "
        f"refresh it every {EVERY:g} s. With them the webhooks' p99 is **{found.share():.2f} ×** "
        f"as long as without, and their p50 {found.share(0.5):.2f} ×.\n\n"
        + table(["", "answers", "p50", "p99"], rows)
    )


def memory(found: Mapping[str, Sequence[float]]) -> str:
    """What each process takes."""
    if not found:
        return ""
    rows = [[name, " + ".join(f"{mib:.0f}" for mib in sizes)] for name, sizes in found.items()]
    return (
        "## Memory\n\nMiB of each process at the end; shared memory is divided among its "
        "processes.\n\n" + table(["process", "MiB"], rows)
    )


def looks(found: Mapping[str, Mapping[str, float]]) -> str:
    """What people look up, in an empty log and in a full one."""
    if not found:
        return ""
    rows = [
        [what, milliseconds(by[FRESH]), milliseconds(by[YEARS]), f"{by[YEARS] / by[FRESH]:.1f} ×"]
        for what, by in found.items()
    ]
    return "## Queries\n\n" + table(["", "fresh", "with years", "ratio"], rows)
