"""What is looked up, beside the same in a database with years in it."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from statistics import median

from sqlalchemy import Engine

from devtools.bench import cast
from devtools.bench.figures import Figure, divide
from devtools.bench.site import Site
from routing.line import Line
from routing.oncall.local_time import Period
from service.bootstrap import Services
from service.figures import Grouping, build_report
from service.metrics import scrape
from store.log import service_levels
from store.log.call_search import CallFilter, search_calls
from store.log.reports import CallLogFilter, Reports, list_calls
from store.log.retention import delete_expired
from store.people.contract_search import ContractFilter, search_contracts
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
        **searches(board.engine, line, now),
    }


def searches(engine: Engine, line: Line, now: dt.datetime) -> Mapping[str, LOOK]:
    """What people search for, and a month of figures, whose days are added up before."""
    service_levels.create_days(engine, line, now - HOUR)
    service_levels.update_rollups(engine, line, now)
    today = now.date()
    month = Period(today - dt.timedelta(days=30), today, line.timezone)
    of_contract = CallLogFilter("main", cast.contract(7))
    return {
        "calls of a contract": lambda: list_calls(engine, of_contract),
        "search: calls of level 1": lambda: search_calls(engine, CallFilter("main", level=1)),
        "search: a company": lambda: search_contracts(
            engine, ContractFilter("main", today, company="bakk")
        ),
        "search: a contact": lambda: search_contracts(
            engine, ContractFilter("main", today, contact="jans")
        ),
        "figures of a month": lambda: build_report(engine, line, month, Grouping.LEVEL),
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
