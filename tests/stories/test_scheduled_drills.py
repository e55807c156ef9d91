"""Drills at set times: held once over all hosts, and missed ones are seen."""

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from routing.drill import drill_id
from routing.line import DrillTimes
from service.drills import Drill
from service.metrics import scrape
from store.db.engine import open_engine
from store.work.drills import claim_drill, find_last_drill
from tests.stories.conftest import PAPER
from workers.maintenance import run_due_drills

DAILY = PAPER + '\ndrill: {at: "10:00"}\nduty_manager: {phone: "+31612345699"}\n'
"""The stories begin at 05:42 in Amsterdam."""

FAILED = 'priority_line_drill_failed{line="main"}'


@pytest.fixture
def paper():
    return DAILY


@pytest.fixture
def look(stage):
    """One look of the clock's upkeep; gives back how many drills the log has."""

    def hold(board, line, wait=stage.settle):
        Drill(board, line, lambda step: None, wait, tries=5).hold()

    def look(broken=False):
        if broken:
            run_due_drills(stage.services, stage.now(), lambda b, n: hold(b, n, lambda: None))
        else:
            run_due_drills(stage.services, stage.now(), hold)
        return find_last_drill(stage.services.engine, "main.drill")

    return look


def failed(stage):
    text = scrape(stage.services).decode()
    (row,) = [row for row in text.splitlines() if row.startswith(FAILED)]
    return float(row.split()[-1])


def until(stage, hour):
    stage.office.advance((hour * 60 - (5 * 60 + 42)) * 60)


def test_it_is_held_when_its_time_has_come_and_not_again(stage, look):
    assert look() is None, "what was set for yesterday, before the line was seen, is not missed"
    until(stage, 10)
    held = look()
    assert held.answered_by == "drill"
    stage.office.advance(3600)
    assert look().id == held.id
    assert failed(stage) == 0
    stage.office.advance(24 * 3600)
    assert look().id != held.id


def test_one_that_fails_alarms_the_duty_manager_and_the_figures(stage, look):
    look()
    until(stage, 10)
    look(broken=True)
    stage.settle()
    assert "De oefening van MSA Plus" in stage.office.until_texted("+31612345699").body
    assert failed(stage) == 1


def test_one_that_nobody_held_is_in_the_figures(stage, look):
    look()
    until(stage, 10)
    assert failed(stage) == 0
    stage.office.advance(11 * 60)
    assert failed(stage) == 1
    look()
    assert failed(stage) == 0


def test_of_all_processes_one_holds_it(stage):
    at = stage.now()
    engines = [open_engine(stage.settings.database_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as hosts:
        first = list(hosts.map(lambda e: claim_drill(e, "main", at), engines))
        later = list(
            hosts.map(lambda e: claim_drill(e, "main", at + dt.timedelta(days=1)), engines)
        )
    for engine in engines:
        engine.dispose()
    assert (sum(first), sum(later)) == (0, 1)


def test_the_line_of_a_drill_holds_none(stage):
    line = stage.desk.lines.find_line("main")
    assert line.drill == DrillTimes(dt.time(10))
    assert stage.desk.lines.find_line(drill_id(line)).drill is None
    assert dataclasses.replace(line, drill=None) != line
