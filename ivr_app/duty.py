"""Figures of the people on duty, without saying who: texts left today, reliefs nobody confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from outpost import Outpost, sheets
from routing.drill import PERSON, drill_id, last_set
from routing.line import Line
from routing.relief import Relief, Standing
from routing.written.notices import texts_left
from store.drills import last_drill
from store.people import SqlPeople
from switchboard import Switchboard

LOOK_BACK = dt.timedelta(days=31)
DAY = dt.timedelta(days=1)
DRILL_WITHIN = dt.timedelta(minutes=10)
"""A drill that was set is over by then."""


def duty(board: Switchboard, now: dt.datetime) -> Iterator[Metric]:
    """One figure for each line."""
    cap = _gauge("texts_daily_cap", "texts that one person gets a day at most")
    most = _gauge("texts_today_most", "texts of today to whoever got most of them")
    unconfirmed = _gauge("reliefs_unconfirmed", "people on duty who never said that they are")
    age = _gauge("static_fallback_age_seconds", "since another host has whom to dial now")
    failed = _gauge("drill_failed", "1 when the last drill failed, or one that was set is missing")
    people = board.people
    lines = people.all_lines()
    for line in lines:
        facts, most_texts = board.desk.facts(line), line.paging.daily_cap
        left = [texts_left(facts, engineer.id) for engineer in line.engineers]
        cap.add_metric([line.id], most_texts)
        most.add_metric([line.id], most_texts - min(left, default=most_texts))
        reliefs = board.desk.book.reliefs(line.id, now - LOOK_BACK, now)
        unconfirmed.add_metric([line.id], sum(_silent(relief, now) for relief in reliefs))
        failed.add_metric([line.id], _practice_failed(board, line, people, now))
        if board.settings.fallback_put_url is not None:
            some = sheets(line, lines, board.settings, now)
            known = Outpost(board.engine, board.settings).age(line, some, now, DAY)
            age.add_metric([line.id], (known or DAY).total_seconds())
    yield from (cap, most, unconfirmed, failed, age)


def _practice_failed(board: Switchboard, line: Line, people: SqlPeople, now: dt.datetime) -> bool:
    last = last_drill(board.engine, drill_id(line))
    if last is not None and last.answered_by != PERSON:
        return True
    if line.drill is None:
        return False
    due = last_set(line.drill, line.timezone, now - DRILL_WITHIN)
    if due <= (people.changed_at(line.id) or now):  # nobody had set it yet
        return False
    return last is None or last.started_at < due


def _silent(relief: Relief, now: dt.datetime) -> bool:
    on_duty = relief.until is None or relief.until > now
    return on_duty and relief.standing is Standing.UNCONFIRMED


def _gauge(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"priority_line_{name}", meaning, labels=["line"])
