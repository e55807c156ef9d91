"""A drill goes through the whole line, and no telephone of anybody hears of it."""

import dataclasses
import json

import pytest
from sqlalchemy import select

from routing.drill import drill_id, drill_number, make_drill_line
from routing.incident import IncidentState
from routing.line import DutyManager
from service.drills import Drill, DrillError
from store.log.reports import Reports
from store.tables.people import contracts
from store.work.drills import find_last_drill
from store.work.metrics import Counters
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, LAST_RESORT, SANNE, SANNES_DESK

PHONES = (SANNE, SANNES_DESK, JORIS, LAST_RESORT)
MANAGER = "+31612345699"


@pytest.fixture
def paper():
    return PAPER + f'\nduty_manager: {{phone: "{MANAGER}"}}\n'


@pytest.fixture
def said():
    return []


@pytest.fixture
def hold(stage, said):
    """Hold a drill of the line; the workers do their part unless they are away."""

    def run(wait=None):
        Drill(
            stage.services,
            stage.desk.lines.find_line("main"),
            said.append,
            wait or stage.settle,
            tries=5,
        ).hold()
        stage.advance(400)

    return run


def placed(stage):
    """What the carrier was asked for that reaches anybody."""
    asked = [r for r in stage.office.requests if r["method"] == "POST"]
    return [r for r in asked if "/Calls" in r["path"] or "/Messages" in r["path"]]


def test_a_drill_is_identified_paged_and_acknowledged(stage, hold, said):
    hold()
    assert said[:2] == ["identified, level 1, waiting", "paged"]
    assert said[2].startswith("acknowledged: incident ")
    assert said[3:] == ["connected with the caller"]


def test_nobody_is_rung_or_texted_then_or_later(stage, hold):
    hold()
    assert placed(stage) == []
    assert [stage.rings(phone) for phone in PHONES] == [0, 0, 0, 0]


def test_the_log_says_that_it_was_a_drill_and_nothing_of_it_goes_on(stage, hold):
    hold()
    (row,) = Reports(stage.services.engine).incidents()
    assert (row["line"], row["acknowledged_by"], row["state"]) == ("main.drill", "drill", "closed")
    assert (row["premium"], row["respond_by"], row["clock"]) == (False, None, "none")
    assert list(Reports(stage.services.engine).incidents("main")) == []
    (call,) = Reports(stage.services.engine).calls()
    assert (call["line"], call["answered_by"]) == ("main.drill", "drill")
    assert stage.desk.calls.find_open("main.drill") == []


def test_it_is_in_no_figure(stage, hold):
    figures = Counters(stage.services.engine)
    figures.count_calls(stage.now())
    stage.advance(30)
    hold()
    figures.count_calls(stage.now())
    assert not any(name.startswith(("calls", "waits", "human")) for name in figures.read())


def test_its_pin_opens_nothing_afterwards(stage, hold):
    hold()
    with stage.services.engine.connect() as connection:
        kept = connection.scalars(select(contracts.c.line)).all()
    assert set(kept) == {"main"}


def test_when_nobody_is_paged_it_fails_and_the_duty_manager_is_told(stage, hold):
    with pytest.raises(DrillError, match="nobody was paged in time"):
        hold(wait=lambda: None)
    stage.settle()
    assert "De oefening van MSA Plus" in stage.office.until_texted(MANAGER).body
    assert [stage.rings(phone) for phone in PHONES] == [0, 0, 0, 0]
    assert stage.desk.calls.find_open("main.drill") == []


def test_a_web_that_is_away_fails_it(stage, hold):
    elsewhere = stage.settings.model_copy(update={"public_url": "http://127.0.0.1:1"})
    board = dataclasses.replace(stage.services, settings=elsewhere)
    with pytest.raises(DrillError, match="web does not answer"):
        Drill(board, stage.desk.lines.find_line("main"), print).hold()


def test_a_broken_line_is_not_mistaken_for_a_passed_drill(stage, hold, monkeypatch):
    stage.write_fallback()
    monkeypatch.setattr(stage.desk.lines, "list_lines", lambda: 1 / 0)
    with pytest.raises(DrillError, match="was asked nothing"):
        hold()
    assert placed(stage) == []


def test_no_number_of_the_real_line_is_in_the_line_of_a_drill(stage):
    real = dataclasses.replace(
        stage.desk.lines.find_line("main"), duty_manager=DutyManager(MANAGER, "b@example.org")
    )
    text = json.dumps(dataclasses.asdict(make_drill_line(real)), default=str)
    assert "+31" not in text
    assert "@" not in text


def test_a_real_call_during_a_drill_rings_as_ever(stage, hold, said):
    def a_call_comes_in():
        if not placed(stage):
            stage.call_level_1()
        stage.settle()

    hold(wait=a_call_comes_in)
    assert stage.rings(SANNE) >= 1
    assert said[-1] == "connected with the caller"


def test_one_drill_may_follow_another_at_once(stage, said):
    for _ in range(2):
        Drill(
            stage.services, stage.desk.lines.find_line("main"), said.append, stage.settle, tries=5
        ).hold()
    assert said.count("connected with the caller") == 2


def test_the_last_drill_is_known(stage, hold):
    line = stage.desk.lines.find_line("main")
    assert find_last_drill(stage.services.engine, drill_id(line)) is None
    hold()
    call = find_last_drill(stage.services.engine, drill_id(line))
    assert call.answered_by == "drill"
    assert drill_number(line) == "drill:main"
    assert call.incident is not None
    assert stage.desk.calls.find_by_incident(call.incident).incident.state is IncidentState.CLOSED
