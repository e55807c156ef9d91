"""Whoever comes on is told over the carrier, confirms with one text, and is missed by others."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest

from service.bootstrap import build_services
from store.people.lines import SqlLineRepository
from store.work.redis_client import NoJobNotifier
from tests.stories.stage import JORIS, LINE, SANNE
from workers import decisions, maintenance

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MINUTE = 60
WEEKLY = (
    "{id: primary, shifts: [{rotation: "
    '{every: 1 week, from: "2026-01-05T09:00", people: [sanne, joris]}}]}'
)


@pytest.fixture
def paper(paper):
    """Sanne and Joris take turns by the week, and whoever has no turn is called second."""
    rota = paper.replace("{id: primary, shifts: [{people: [sanne]}]}", WEEKLY)
    return rota.replace('last_resort: "+31207654321"', 'last_resort: "+31612345699"')


def go_to(stage, wanted):
    """Let the clocks of the company and the line get to a moment."""
    stage.office.advance((wanted - stage.now()).total_seconds())
    stage.settle()


def monday(stage, weeks=1):
    """Nine o'clock on a Monday to come."""
    today = stage.now().astimezone(AMSTERDAM).date()
    day = today + dt.timedelta(days=7 * weeks - today.weekday())
    return dt.datetime.combine(day, dt.time(9), AMSTERDAM)


def wait(stage, minutes):
    """Time passes while a clock process looks after its chores."""
    for _ in range(2 * minutes):
        maintenance.plan_handovers(stage.services)
        stage.advance(30)


def who_turns(stage):
    """Who comes on next and who goes off, by their numbers."""
    at = monday(stage)
    go_to(stage, at - dt.timedelta(minutes=1))
    facts = stage.desk.facts(SqlLineRepository(stage.services.engine).find_line("main"))
    return (JORIS, SANNE) if facts.on_call("primary") == ("sanne",) else (SANNE, JORIS)


def texts(stage, to):
    return [text.body for text in stage.office.texts if text.to == to]


def reply(stage, from_, body):
    before = len(texts(stage, from_))
    stage.office.text(from_, LINE, body)
    stage.settle()
    return texts(stage, from_)[before:]


def reliefs(stage):
    now = stage.now()
    return stage.desk.calls.handovers.find_between(
        "main", now - dt.timedelta(days=30), now + dt.timedelta(days=1)
    )


def test_monday_at_nine_the_one_who_comes_on_is_told_and_confirms(stage):
    new, old = who_turns(stage)
    wait(stage, 3)
    (text,) = texts(stage, new)
    until = monday(stage).astimezone(AMSTERDAM)
    assert "U hebt nu dienst voor primary, tot ma" in text
    assert f" {until.day} " in text
    assert "Er is geen incident open." in text
    (answer,) = reply(stage, new, f"ok {reliefs(stage)[0].code}")
    assert answer.startswith("Dank u, bevestigd")
    wait(stage, 20)
    assert texts(stage, old) == []
    assert len(texts(stage, new)) == 2


def test_what_is_open_is_in_the_text_and_its_number_still_takes_it(stage):
    new, _ = who_turns(stage)
    caller = stage.dial()
    for keys in ("482913#", "1", "1"):
        stage.press(caller, keys)
    stage.hang_up(caller)
    number = stage.incident().number
    wait(stage, 1)
    told = next(text for text in texts(stage, new) if "dienst" in text)
    assert f"Open: {number} niveau 1 (nog van niemand)." in told
    assert "Pieter" not in told
    assert reply(stage, new, f"ok {number}")[0].startswith(f"Incident {number}")
    assert stage.incident().state == "acknowledged"
    assert reliefs(stage)[0].state == "told"


def test_no_reply_is_told_to_the_one_before_and_to_the_last_resort(stage):
    new, old = who_turns(stage)
    wait(stage, 18)
    assert len(texts(stage, new)) == 1
    (warned,) = texts(stage, old)
    assert "bevestigde dat nog niet" in warned
    assert texts(stage, "+31612345699") == [warned]
    assert reply(stage, new, "ok")[0].startswith("Dank u")
    wait(stage, 20)
    assert len(texts(stage, old)) == 1


def test_somebody_elses_ok_confirms_nothing(stage):
    _, old = who_turns(stage)
    wait(stage, 3)
    code = reliefs(stage)[0].code
    reply(stage, old, f"ok {code}")
    reply(stage, "+31687654321", f"ok {code}")
    assert reliefs(stage)[0].state == "told"


def test_two_clocks_at_once_tell_once(stage):
    new, _ = who_turns(stage)
    together = threading.Barrier(3)

    def clock():
        board = build_services(stage.settings, NoJobNotifier(), clock=stage.now)
        together.wait()
        for _ in range(5):
            maintenance.plan_handovers(board)
        board.engine.dispose()

    clocks = [threading.Thread(target=clock) for _ in range(3)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    stage.advance(2 * MINUTE)
    assert len(texts(stage, new)) == 1


@pytest.mark.parametrize("how_far", ["claimed", "told"])
def test_a_worker_that_is_killed_between_tells_once_all_the_same(stage, how_far):
    new, _ = who_turns(stage)
    maintenance.plan_handovers(stage.services)
    stage.office.advance(MINUTE)
    (job,) = stage.due.claim(stage.now())
    if how_far == "told":
        decisions.start_handover(job.command, stage.job_context, 1)
    stage.advance(MINUTE)
    assert len(texts(stage, new)) == 1
    assert stage.due.oldest_due(stage.now()) is None


def test_a_text_that_is_lost_counts_as_no_reply(stage):
    new, old = who_turns(stage)
    stage.office.phone(new).behave("ring", texts="undelivered")
    wait(stage, 14)
    assert texts(stage, old) == []
    wait(stage, 4)
    assert "bevestigde dat nog niet" in texts(stage, old)[-1]
    assert reliefs(stage)[0].state == "unconfirmed"


NIGHTLY = '{id: primary, shifts: [{people: [joris], hours: "22:00-06:00"}]}'


def test_a_shift_across_midnight_is_told_once_a_night_and_over_a_change_of_the_clock(stage, paper):
    stage.apply(paper.replace(WEEKLY, NIGHTLY))
    year = stage.now().year + 1
    last = dt.date(year, 3, 31)
    change = last - dt.timedelta(days=(last.weekday() + 1) % 7)
    evening = dt.datetime.combine(change - dt.timedelta(days=1), dt.time(22), AMSTERDAM)
    go_to(stage, evening - dt.timedelta(minutes=1))
    wait(stage, 3)
    (text,) = texts(stage, JORIS)
    assert f"tot zo {change.day} mrt 06:00" in text
    tonight = reliefs(stage)[-1]
    assert tonight.until - tonight.at == dt.timedelta(hours=7)
    reply(stage, JORIS, "ja")
    wait(stage, 150)
    assert len(texts(stage, JORIS)) == 2
    assert texts(stage, SANNE) == []
