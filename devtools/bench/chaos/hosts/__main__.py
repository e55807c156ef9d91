"""python -m devtools.bench.chaos.hosts --calls 60 --seconds 120 --seed 1"""

from __future__ import annotations

import argparse
import sys

from devtools.bench.chaos.command import carry_out, read
from devtools.bench.chaos.hosts.pair import chaos


def main() -> int:
    """Run, and print the figures; 1 when somebody was lost or joined twice."""
    parser = argparse.ArgumentParser(
        prog="python -m devtools.bench.chaos.hosts", description=__doc__
    )
    return carry_out("two hosts, postgresql", read(parser), chaos)


if __name__ == "__main__":
    sys.exit(main())
