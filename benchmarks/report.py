"""The figures as a page of `docs/`: ratios first, as they hold on other machines too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.callers import STEPS
from benchmarks.capacity import LASTS, Pace
from benchmarks.figures import percentile
from benchmarks.markdown import milliseconds, spread, table
from benchmarks.rings import AT_ONCE, GRANTED
from benchmarks.webhooks import BARE, BARE_PIN, Contest

FRESH, YEARS = "fresh", "years"


@dataclass
class Findings:
    """Everything that was measured in one run; what was left out is empty."""

    machine: str
    database: str
    years: tuple[int, int]
    contest: Contest | None = None
    rings: Mapping[str, Sequence[float]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    paces: Sequence[Pace] = ()
    memory: Mapping[str, Sequence[float]] = field(default_factory=dict)
    looks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def page(found: Findings) -> str:
    """The page, in Markdown."""
    parts = [_opening(found)]
    if found.contest is not None:
        parts.append(_webhooks(found.contest))
    parts += [_rings(found.rings), _steps(found.steps), _paces(found.paces)]
    parts += [_memory(found.memory), _looks(found.looks)]
    return "\n".join(part for part in parts if part)


def _opening(found: Findings) -> str:
    contracts, calls = found.years
    return (
        "# How fast it is\n\n```\nmake bench\n```\n\n"
        "measures all of this in one run and writes this page. Everything is real: web server, "
        f"worker, clock, Redis and {found.database}, each request signed and over HTTP. The line "
        "and what it is compared with take turns, so look at the ratios; times are this "
        f"machine's.\n\nThe machine: {found.machine}.\n\n*Years* means {contracts:,} contracts and "
        f"{calls:,} calls in the log, with their incidents, pages and journal, copied from calls "
        "that the line had written down itself.\n"
    )


def _webhooks(contest: Contest) -> str:
    rows = []
    for step in STEPS:
        grown = contest.cost(step, YEARS, FRESH) if YEARS in contest.runs[step] else None
        rows.append(
            [
                step,
                f"{contest.share(step, FRESH):.2f}",
                f"{contest.cost(step, FRESH):.1f} ×",
                f"{contest.cost(step, FRESH) * bare_cost(contest):.1f} ms",
                "" if grown is None else f"{grown:.2f} ×",
            ]
        )
    pin = contest.share("PIN", FRESH, BARE_PIN)
    heading = ["webhook", "answers a second, as a share of the bare view's"]
    heading += ["processor time beside it", "of a core", "the same with years"]
    return (
        "## A webhook beside a bare one\n\n"
        "The bare view checks the signature with the carrier's own `RequestValidator` and returns "
        "a fixed document; same server, same configuration, same requests. Ours reads, decides, "
        "and writes the call, its journal and its errands durably before it answers.\n\n"
        f"{table(heading, rows)}\nComparing a PIN takes its time on purpose. Beside a bare view "
        f"that compares one too, the PIN's share is {pin:.2f}.\n"
    )


def bare_cost(contest: Contest) -> float:
    """Milliseconds of a core for one answer of the bare view: the median over all rounds."""
    return percentile([c for by in contest.runs.values() for c in by[BARE].costs], 0.5)


def _rings(rings: Mapping[str, Sequence[float]]) -> str:
    if not rings:
        return ""
    rows = [[what, *spread(seconds)] for what, seconds in rings.items()]
    return (
        "## From the caller's key to the engineer's telephone\n\n"
        "From the webhook that brings the confirmation of level 1 until the carrier is asked to "
        f"ring, with the simulated company: {len(rings['one by one'])} calls one by one, then "
        f"{AT_ONCE} callers who press at once; {GRANTED} calls a second are granted.\n\n"
        + table(["calls", "p50", "p99"], rows)
    )


def _steps(steps: Mapping[str, Sequence[float]]) -> str:
    if not steps:
        return ""
    rows = [[what, *spread(seconds)] for what, seconds in steps.items()]
    return (
        "## From step due to step done\n\nThe clock looks every 50 ms and tells a worker.\n\n"
        + table(["database", "p50", "p99"], rows)
    )


def _paces(paces: Sequence[Pace]) -> str:
    if not paces:
        return ""
    held = max((pace.calls_a_minute for pace in paces if pace.held), default=0)
    rows = [
        [f"{p.calls_a_minute:,}", *(_answered(seconds) for seconds in (p.p50, p.p99))]
        for p in paces
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


def _memory(memory: Mapping[str, Sequence[float]]) -> str:
    if not memory:
        return ""
    rows = [[name, " + ".join(f"{mib:.0f}" for mib in sizes)] for name, sizes in memory.items()]
    return (
        "## Memory\n\nMiB of each process after all this; what several share is divided.\n\n"
        + table(["process", "MiB"], rows)
    )


def _looks(looks: Mapping[str, Mapping[str, float]]) -> str:
    if not looks:
        return ""
    rows = [
        [what, milliseconds(by[FRESH]), milliseconds(by[YEARS]), f"{by[YEARS] / by[FRESH]:.1f} ×"]
        for what, by in looks.items()
    ]
    return "## What is looked up\n\n" + table(["", "fresh", "with years", "ratio"], rows)
