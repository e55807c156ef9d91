"""The line of a drill has the real line's words and rules, and nobody who can be reached."""

import dataclasses
import datetime as dt
import json
import re

import pytest

from routing.call import Entitlement
from routing.contracts.plans import Door, Plan, list_default_plans
from routing.contracts.premium import is_countable
from routing.drill import (
    drill_id,
    drill_number,
    find_last_due,
    find_line_or_drill,
    is_drill,
    is_waking,
    make_drill_line,
    make_waking_line,
    read_drill_number,
    waking_number,
)
from routing.incident import Incident
from routing.line import (
    Channel,
    Condition,
    DrillTimes,
    DutyManager,
    Engineer,
    Escalation,
    Line,
    Paging,
    Route,
    Schedule,
    Shift,
    Step,
)

REAL = Line(
    id="main",
    names=(("nl", "MSA Plus"),),
    number="+31201234567",
    timezone="Europe/Amsterdam",
    languages=("nl", "en"),
    office_hours=(),
    last_resort=("+31207654321",),
    engineers=(Engineer("sanne", "Sanne de Vries", ("+31612345601",), "sanne@example.org"),),
    schedules=(Schedule("primary", "Europe/Amsterdam", (Shift(("sanne",)),)),),
    escalation=Escalation((Step(("primary", "sanne")),), 3),
    texts_from="+3197010200000",
    paging=Paging(channels=(Channel.SMS, Channel.EMAIL)),
    desk=Step(("primary",)),
    routes=(Route(Condition(languages=("nl",)), Escalation((Step(("sanne",)),))),),
    duty_manager=DutyManager("+31612345699", "baas@example.org"),
)


def test_no_number_mail_or_person_of_the_real_line_is_in_it():
    text = json.dumps(dataclasses.asdict(make_drill_line(REAL)), default=str)
    assert re.findall(r"\+\d|@|sanne|primary", text) == []


def test_nobody_is_told_beside_the_ringing_and_nothing_is_promised():
    line = make_drill_line(REAL)
    assert line.paging.channels == ()
    assert line.respond_within == ()
    assert not line.handover.tell


def test_a_drill_that_wakes_reaches_the_people_of_the_escalation_once_and_nobody_else():
    line = make_waking_line(REAL)
    numbers = set(re.findall(r"\+\d+", json.dumps(dataclasses.asdict(line), default=str)))
    assert numbers == {"+31612345601", REAL.number, REAL.texts_from}
    assert (line.engineers, line.schedules) == (REAL.engineers, REAL.schedules)
    assert line.escalation == dataclasses.replace(REAL.escalation, repeat=1)
    assert line.paging.channels == REAL.paging.channels
    assert (line.duty_manager, line.last_resort, line.routes) == (None, (), ())
    assert (line.respond_within, line.handover.tell, line.drill) == ((), False, None)


def test_a_drill_has_a_plan_with_the_telephone_whatever_the_line_sells():
    written = Plan("start", (("nl", "Start"),), 1, doors=(Door.PORTAL,))
    line = make_drill_line(dataclasses.replace(REAL, plans=(written,)))
    assert line.plans == list_default_plans()
    assert line.plans[0].covers(1, office_open=False)
    assert line.plans[0].allows(Door.PHONE)


def test_what_a_drill_says_does_not_depend_on_how_brief_the_line_is():
    assert make_waking_line(dataclasses.replace(REAL, whisper="brief")).whisper == "full"


def test_a_drill_that_wakes_is_found_beside_the_one_that_does_not():
    lines = {"main": REAL}
    assert read_drill_number(waking_number(REAL)) == make_waking_line(REAL).id == "main.wake.drill"
    assert find_line_or_drill(lines.get, "main.wake.drill") == make_waking_line(REAL)
    assert find_line_or_drill(lines.get, "other.wake.drill") is None
    assert [is_waking(name) for name in ("main.wake.drill", "main.drill", "main")] == [
        True,
        False,
        False,
    ]
    assert is_drill("main.wake.drill")


def test_it_is_found_by_its_id_and_number_only_while_the_real_line_is_there():
    lines = {"main": REAL}
    assert find_line_or_drill(lines.get, drill_id(REAL)) == make_drill_line(REAL)
    assert find_line_or_drill(lines.get, "main") == REAL
    assert find_line_or_drill(lines.get, "other.drill") is None
    assert read_drill_number(drill_number(REAL)) == drill_id(REAL)
    assert read_drill_number(REAL.number) is None
    assert (is_drill("main.drill"), is_drill("main")) == (True, False)


def test_a_drill_is_no_premium_incident():
    at = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
    entitled = Incident(
        "key", "main", at, 1, "nl", Entitlement.ENTITLED, contract="100234", calls=("CA1",)
    )
    assert is_countable(entitled)
    assert not is_countable(dataclasses.replace(entitled, line="main.drill"))


MONDAYS = DrillTimes(dt.time(2, 30), ("mon",))


@pytest.mark.parametrize(
    ("now", "was_set"),
    [
        ("2026-03-02T01:30+00:00", "2026-03-02T01:30+00:00"),  # the very minute, winter time
        ("2026-03-02T01:29+00:00", "2026-02-23T01:30+00:00"),
        ("2026-03-08T22:59+00:00", "2026-03-02T01:30+00:00"),
        ("2026-06-01T00:30+00:00", "2026-06-01T00:30+00:00"),  # summer time
    ],
)
def test_a_drill_is_due_at_its_time_by_the_clocks_of_the_line(now, was_set):
    found = find_last_due(MONDAYS, "Europe/Amsterdam", dt.datetime.fromisoformat(now))
    assert found == dt.datetime.fromisoformat(was_set)


def test_in_the_night_without_that_hour_it_is_held_after_the_gap():
    daily = DrillTimes(dt.time(2, 30))
    morning = dt.datetime(2026, 3, 29, 6, tzinfo=dt.UTC)
    assert find_last_due(daily, "Europe/Amsterdam", morning) == morning.replace(hour=1)
