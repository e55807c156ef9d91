"""The logs of the processes tell which call and incident, and never who."""

import json
import re
from logging import WARNING

import pytest
import structlog

from service import logging
from store.log.reports import Reports
from tests.stories.stage import CONTRACT, JORIS, LAST_RESORT, PIETER, PIN, SANNE, SANNES_DESK

PEOPLE = re.compile(r"pieter|jansen|bakkerij|sanne|joris|de vries|bakker", re.IGNORECASE)
NUMBERS = (CONTRACT, PIN, *(n[1:] for n in (PIETER, SANNE, SANNES_DESK, JORIS, LAST_RESORT)))


@pytest.fixture
def lines(stage, capfd):
    """What was logged so far, once everybody has told it."""
    logging.start_logging()
    yield lambda: [json.loads(row) for row in capfd.readouterr().err.splitlines() if row[:1] == "{"]
    structlog.reset_defaults()


def whole_story(stage):
    caller = stage.call_level_1()
    stage.advance(1)
    stage.office.text(JORIS, "+31201234567", "no such thing")
    sanne = stage.take(SANNE)
    stage.hang_up(caller)
    stage.press(sanne, "1")
    stage.hang_up(sanne)
    stage.advance(60)


def test_a_whole_story_names_nobody_and_no_digits(stage, lines):
    whole_story(stage)
    text = json.dumps(lines())
    assert PEOPLE.search(text) is None, PEOPLE.search(text)
    assert [number for number in NUMBERS if number in text] == []


def test_each_decision_stands_under_its_call_and_incident(stage, lines):
    whole_story(stage)
    number = next(i["id"] for i in _incidents(stage))
    told = [line for line in lines() if line["event"] == "decided"]
    assert all("call" in line or "incident" in line for line in told)
    assert {line["incident"] for line in told if "incident" in line} == {number}
    assert {"opened", "accepted"} <= {what for line in told for what in line["what"]}
    assert all({"level", "timestamp"} <= set(line) for line in told)


def test_a_request_is_about_nothing_that_was_before(stage, lines):
    whole_story(stage)
    lines()
    stage.app.test_client().post("/voice/incoming")
    (refused,) = lines()
    assert refused["event"] == "unsigned request refused"
    assert not {"call", "incident"} & set(refused)


def test_what_opens_something_is_not_in_a_log(stage, lines):
    client = stage.app.test_client()
    stage.services.engine.dispose()
    stage.break_database()
    for address in ("/ack/opens-an-incident", "/voice/fallback/key/opens-a-call"):
        client.post(address)
        client.get(address)
    stage.mend_database()
    assert "opens" not in json.dumps(lines())


def test_what_reaches_somebody_is_left_out_whoever_writes_it(lines, stage):
    structlog.get_logger().warning("lost", who=f"{SANNE} and sanne@example.org")
    assert lines()[0]["who"] == "… and …"
    structlog.get_logger().warning(f"lost {SANNE}", who=[SANNE, {"mail": "sanne@example.org"}], n=1)
    (line,) = lines()
    assert (line["event"], line["who"], line["n"]) == ("lost …", ["…", {"mail": "…"}], 1)


def test_an_entry_below_the_level_is_not_even_written_out(lines):
    class Unreadable:
        def __repr__(self):
            raise AssertionError

    logging.start_logging(WARNING)
    structlog.get_logger().info("kept to itself", what=Unreadable())
    structlog.get_logger().warning("told")
    assert [line["event"] for line in lines()] == ["told"]


def _incidents(stage):
    return list(Reports(stage.services.engine).incidents())
