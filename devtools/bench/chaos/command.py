"""What the two commands share: their options, an end at any moment, and the exit code."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from devtools.bench.chaos.report import told
from devtools.bench.chaos.run import Came, Wanted
from devtools.processes import WorksError

Chaos = Callable[[Path, Wanted], Awaitable[Came]]


def read(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options given; these are added."""
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=120, help="within which they begin")
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--keep", action="store_true", help="leave the folder with logs behind")
    return parser.parse_args()


def carry_out(what: str, given: argparse.Namespace, chaos: Chaos) -> int:
    """Run it, print the figures, and say whether it was good."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)  # PostgreSQL is somebody else
    wanted, keep = Wanted(given.calls, given.seconds, given.seed), given.keep
    try:
        came = asyncio.run(_until_told(chaos(folder, wanted)))
        keep = keep or not came.verdict.good
        sys.stdout.write(told(what, wanted, came))
        return 0 if came.verdict.good else 1
    except asyncio.CancelledError:
        return 1
    except WorksError as error:
        keep = any(folder.iterdir())
        sys.exit(str(error))
    finally:
        if keep:
            sys.stdout.write(f"The logs are in {folder}.\n")
        else:
            shutil.rmtree(folder)


async def _until_told(work: Awaitable[Came]) -> Came:
    """Ctrl-C or a polite kill ends it tidily, by CancelledError."""
    task = asyncio.ensure_future(work)

    def end() -> None:
        if not task.cancelling():  # asked twice, it ends no less tidily
            task.cancel()

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(ending, end)
    return await task
