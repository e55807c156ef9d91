"""What came of a run, for people."""

from __future__ import annotations

import os

from devtools.bench.chaos.run import Came, Wanted


def told(what: str, given: Wanted, came: Came) -> str:
    """The figures, and whoever was lost or joined twice by name."""
    verdict = came.verdict
    kills = ", ".join(f"{name} {times}" for name, times in sorted(came.killed.items()))
    rows = {
        "machine": f"{os.cpu_count()} cores, {os.getloadavg()[1]:.0f} processes wanted one",
        what: f"seed {given.seed}, {came.took:.0f} s",
        "killed": kills or "nothing",
        "calls": f"{verdict.calls}, of which {verdict.connected} talked with a human",
        "cut off by a fault": f"{verdict.dropped}",
        "not delivered": f"{verdict.undelivered}",
        "lost": f"{len(verdict.lost)}",
        "bridged twice": f"{len(verdict.twice)}",
        "duplicate rings": f"{verdict.rung_twice} of {verdict.rings}",
        "worst delay of a step": f"{verdict.worst:.1f} s of {verdict.steps} steps, 99 % within "
        f"{verdict.p99:.2f} s; {verdict.worst_in_peace:.1f} s while nothing was away",
        "due and not done": f"{verdict.undone}",
    }
    lines = [f"{name:<22} {said}" for name, said in rows.items()]
    lines += [f"LOST {sid}" for sid in verdict.lost]
    lines += [f"TWICE {what}" for what in verdict.twice]
    lines += [f"UNTRUE {what}" for what in came.untrue]
    return "\n".join(lines) + "\n"
