"""What is looked up, beside the same in a database with years in it."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from statistics import median

from devtools.bench import cast
from devtools.bench.figures import Figure, divide
from devtools.bench.site import Site
from service.bootstrap import Services
from service.metrics import scrape
from store.log.reports import Reports
from store.log.retention import delete_expired
from store.work.jobs import JobQueue

TIMES = 15
GOAL = 1.2
HOUR = dt.timedelta(hours=1)
LOOK = Callable[[], object]


def looks(board: Services) -> Mapping[str, LOOK]:
    """Everything that may grow with the years, by what it is for."""
    book, people, reports = (
        board.call_service.calls,
        board.call_service.lines,
        Reports(board.engine),
    )
    now = board.call_service.clock()
    due, line = JobQueue(board.engine), people.find_line("main")
    if line is None:
        raise LookupError("there is no line")
    return {
        "contract by number": lambda: people.find_contract("main", cast.contract(7)),
        "contracts of a telephone": lambda: people.find_contracts_by_phone("main", cast.phone(7)),
        "call by the carrier's id": lambda: book.find_by_sid("CAunknown"),
        "incidents not closed": lambda: book.find_unclosed("main", cast.contract(7), 3),
        "premium incidents of a year": lambda: book.count_premium(
            "main", cast.contract(7), dt.date(2026, 1, 1)
        ),
        "unverified calls of an hour": lambda: book.unverified_limits.count_rung(
            "main", None, now - HOUR
        ),
        "wrong PINs": lambda: book.unverified_limits.count_failed_pins("contract 7", now - HOUR),
        "an engineer's latest leg": lambda: book.find_pages_to("main", "sanne0", now - HOUR),
        "what is due": due.find_next,
        "`/metrics`": lambda: scrape(board),
        "`calls`, first 200": lambda: list(islice(reports.calls(), 200)),
        "`incidents`, first 200": lambda: list(islice(reports.incidents(), 200)),
        "`show` an incident": lambda: reports.show("1001"),
        "search for expired data": lambda: delete_expired(
            board.engine, board.recordings, line, now
        ),
    }


def measure(sites: Sequence[Site]) -> list[Figure]:
    """How many times as long each look takes at the second site as at the first, in turns."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        boards = {site.name: stack.enter_context(site.services()) for site in sites}
        by_site = {name: looks(board) for name, board in boards.items()}
        for number in range(TIMES + 1):
            for name, its in by_site.items():
                for what, look in its.items():
                    began = time.perf_counter()
                    look()
                    if number:
                        found[what][name].append((time.perf_counter() - began) * 1000)
    return [
        Figure(
            what, divide(many, few), goal=GOAL, note=f"{median(few):.2f} ms → {median(many):.2f} ms"
        )
        for what, (few, many) in ((what, by.values()) for what, by in found.items())
    ]
