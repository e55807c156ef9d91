"""The figures of the line in Prometheus' words; no label names a person or a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from carrier.request import PARTS
from carrier.signature import ALGORITHMS
from ivr_app.condition import Condition, condition_of
from ivr_app.duty import duty
from ivr_app.families import count, counted, gauge, histogram, unreached, webhooks
from ivr_app.room import room as room_left
from ivr_app.signatures import adding
from logbook import LOST
from resting import resting
from routing.call import Outcome
from store.backup import last_backup
from store.beats import Beats
from store.figures import Figures
from store.outbox import Outbox
from store.strangers import SqlStrangers
from switchboard import Switchboard
from tally import HANDS_LOST, JUMPS, NO_LINE, TALLY

LATE = dt.timedelta(seconds=5)
"""A step that has been due for so long is overdue: nobody does it."""

DISPATCHES = ("delivered", "refused", "given_up")
SIGN_INS = ("let_in", "refused", "throttled")
RESULTS = ("done", "refused", "not_done", "unsure")
READABLE = ("ok", "not writable")

AGES = {
    "oldest_due_s": ("oldest_due_seconds", "how long the oldest due step is overdue"),
    "worker_seen_s": ("worker_seen_seconds", "since the last sign of a worker"),
    "clock_seen_s": ("clock_seen_seconds", "since the last sign of a clock"),
}
PLAIN = {
    LOST: ("log_lines_lost", "lines that found no room"),
    JUMPS: ("clock_jumps", "how often a clock was set"),
    HANDS_LOST: ("hands_lost", "hands that were held and replaced"),
    NO_LINE: ("calls_to_no_line", "calls to a number of no line"),
}
WAITS = {
    "waits": ("wait_seconds", "from the first ring to a human or to the end of the call"),
    "human": ("time_to_human_seconds", "from the first ring to somebody who took the call"),
}


def scrape(board: Switchboard) -> bytes:
    """Everything at this moment; what is not known is left out."""
    registry = CollectorRegistry()
    registry.register(_All(board))
    return generate_latest(registry)


class _All(Collector):
    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        condition = condition_of(self._board)
        yield from _condition(condition)
        yield from room_left(self._board)
        if condition["database"] in READABLE:
            yield from self._figures(self._board.desk.clock())

    def _figures(self, now: dt.datetime) -> Iterator[Metric]:
        figures = Figures(self._board.engine)
        try:
            TALLY.hand_over(adding(self._board.engine, self._board.desk.clock))
            figures.count_calls(now)
        except SQLAlchemyError:  # a database that can only be read still has figures
            pass
        counts = figures.read()
        yield counted("calls", "calls that ended", counts, ("outcome", tuple(Outcome)))
        yield webhooks(counts)
        yield counted("signatures", "webhooks by signature", counts, ("algorithm", ALGORITHMS))
        yield counted("dispatches", "brought to programs", counts, ("result", DISPATCHES))
        yield _waiting(self._board, now)
        yield from _backup(self._board, now)
        yield counted("carrier_requests", "asked of the carrier", counts, ("result", RESULTS))
        yield counted("sign_ins", "tries at the console's door", counts, ("result", SIGN_INS))
        yield from _plain(counts)
        yield unreached(counts)
        for name, (figure, meaning) in WAITS.items():
            yield histogram(counts, name, figure, meaning)
        yield _resting(self._board, now)
        yield from _strangers(self._board, now)
        late = figures.overdue(now, LATE)
        yield gauge("steps_overdue", "steps that nobody did in time", late)
        yield from duty(self._board, now)


def _plain(counts: Mapping[str, int]) -> Iterator[Metric]:
    for kept, (figure, meaning) in PLAIN.items():
        yield count(figure, meaning, counts.get(kept, 0))


def _resting(board: Switchboard, now: dt.datetime) -> Metric:
    meaning = "1 while a service outside does not answer in time and is left to rest"
    family = GaugeMetricFamily("priority_line_service_resting", meaning, labels=["service"])
    slow = resting(Beats(board.engine), now)
    for service in sorted({*PARTS, *slow}):
        family.add_metric([service], service in slow)
    return family


def _strangers(board: Switchboard, now: dt.datetime) -> Iterator[Metric]:
    yield _wrong_pins(board, now)
    yield _unrung(board, now)


def _wrong_pins(board: Switchboard, now: dt.datetime) -> Metric:
    most = SqlStrangers(board.engine).wrong_pins(now - dt.timedelta(hours=1))
    meaning = "wrong PINs of the last hour: of the line, and of the contract with the most"
    family = GaugeMetricFamily("priority_line_wrong_pins", meaning, labels=["of"])
    for of, count_ in zip(("line", "contract"), most, strict=True):
        family.add_metric([of], count_)
    return family


def _unrung(board: Switchboard, now: dt.datetime) -> Metric:
    found = SqlStrangers(board.engine).unrung(now - dt.timedelta(hours=1))
    meaning = "level 1 of the last hour for which nobody was rung, as the file or a limit says"
    family = GaugeMetricFamily("priority_line_unrung", meaning, labels=["line"])
    for line in board.people.all_lines():
        family.add_metric([line.id], found.get(line.id, 0))
    return family


def _waiting(board: Switchboard, now: dt.datetime) -> Metric:
    since = Outbox(board.engine).waiting_since()
    age = (now - since).total_seconds() if since else 0.0
    return gauge("dispatch_waiting_seconds", "age of the oldest dispatch not taken", age)


def _backup(board: Switchboard, now: dt.datetime) -> Iterator[Metric]:
    last = last_backup(board.engine)
    if last is not None:
        yield gauge("backup_age_seconds", "since the last backup", (now - last).total_seconds())


def _condition(condition: Condition) -> Iterator[Metric]:
    up = GaugeMetricFamily("priority_line_up", "1 when this part answers", labels=["part"])
    for part in ("database", "redis"):
        up.add_metric([part], condition[part] == "ok")
    yield up
    for name, (figure, meaning) in AGES.items():
        value = condition.get(name)
        if isinstance(value, int | float):
            yield gauge(figure, meaning, value)
    if condition["database"] in READABLE and condition["oldest_due_s"] is None:
        yield gauge(*AGES["oldest_due_s"], 0)
