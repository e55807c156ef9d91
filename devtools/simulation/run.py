"""Night after night from one seed, until something breaks or all calls were made."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count

import structlog

from devtools.simulation.broken import BrokenError
from devtools.simulation.night import Night
from devtools.simulation.report import Outcome, Report
from devtools.simulation.weather import Weather

CALLS = 10_000
A_NIGHT = 40
LONGEST = 60.0
"""Seconds of one core for one night, which needs about one."""

CALM = 4
"""Every so many nights nothing goes wrong."""


def run(seed: str, calls: int = CALLS, processes: int = 1) -> Report:
    """Calls in virtual time, with faults drawn from one seed; nights share nothing, so that each
    may have a process of its own. A seed such as 1/37 is the night 37 of seed 1, by itself."""
    report, began, digest = Report(seed), time.monotonic(), hashlib.blake2b(digest_size=16)
    whole, _, alone = seed.partition("/")
    sizes = [min(A_NIGHT, calls - begun) for begun in range(0, calls, A_NIGHT)]
    with nights(processes) as through:
        for outcome in through(partial(spend, whole), count(int(alone or 0)), sizes):
            report.add(outcome)
            digest.update(outcome.digest)
            if report.failure:
                break
    report.digest, report.seconds = digest.hexdigest(), time.monotonic() - began
    return report


@contextlib.contextmanager
def nights(processes: int) -> Iterator[Callable[..., Iterable[Outcome]]]:
    """One night after the other, or several at once; in their order either way."""
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes) as pool:
        yield pool.map
        pool.shutdown(cancel_futures=True)


def spend(seed: str, n: int, calls: int) -> Outcome:
    """The n-th night; whatever the line raises has broken it, too."""
    night = Night(f"{seed}/{n}", calls, weather_of(n))
    failure = ""
    with quiet(), undisturbed(), bounded():
        try:
            night.run()
        except (Exception, BrokenError) as error:
            failure = told(night, error)
    rows = night.book.rows
    ends = tuple(str(call.outcome or "under way") for call in rows.calls.values())
    counted = (calls, len(night.desk.entries), len(rows.jobs))
    return Outcome(*counted, ends, night.world.digest.digest(), failure)


def weather_of(n: int) -> Weather | None:
    """Calm, or drawn from the night's seed."""
    return Weather() if n % CALM == 0 else None


def told(night: Night, failure: BaseException) -> str:
    """What broke, what happened before it, and how to see it again."""
    what = str(failure) if isinstance(failure, BrokenError) else where(failure)
    again = f"make simulate SEED={night.seed} CALLS={night.calls}"
    return f"BROKEN: {what}\n{night.weather}\n{night.world.story}\nTo see it again: {again}"


def where(failure: BaseException) -> str:
    """An error of the line, and the line of code that raised it."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = f" in line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename}" if trace else ""
    return repr(failure) + code


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A night leaves few cycles behind, and looking for them all the time costs a tenth of it."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """A night has an end, even where one decision of the line has none."""

    def endless(*_: object) -> None:
        raise BrokenError("the night does not end", f"{LONGEST:g} s of one core")

    before = signal.signal(signal.SIGVTALRM, endless)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Errands that fail by design are not logged."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
