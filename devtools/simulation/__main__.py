"""python -m devtools.simulation --seed SEED --calls CALLS"""

from __future__ import annotations

import argparse
import os
import sys

from devtools.simulation.run import CALLS, run


def main() -> int:
    """Simulate, and say what came of it; 1 when something that must hold did not."""
    parser = argparse.ArgumentParser(prog="python -m devtools.simulation", description=run.__doc__)
    parser.add_argument(
        "--seed", default="1", help="what everything is drawn from; 1/37 is one night of seed 1"
    )
    parser.add_argument("--calls", type=int, default=CALLS, help="in nights of forty")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    report = run(given.seed, given.calls, given.processes)
    sys.stdout.write(f"{report}\n")
    return 1 if report.failure else 0


if __name__ == "__main__":
    sys.exit(main())
