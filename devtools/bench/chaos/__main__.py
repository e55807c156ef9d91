"""python -m devtools.bench.chaos --database sqlite|postgresql --calls 60 --seconds 120 --seed 1"""

from __future__ import annotations

import argparse
import sys

from devtools.bench.chaos.command import carry_out, read
from devtools.bench.chaos.host import chaos

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run, and print the figures; 1 when somebody was lost or joined twice."""
    parser = argparse.ArgumentParser(prog="python -m devtools.bench.chaos", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = read(parser)
    title = f"one host, {given.database}"
    return carry_out(title, given, lambda folder, wanted: chaos(folder, given.database, wanted))


if __name__ == "__main__":
    sys.exit(main())
