"""The line of a drill has the real line's words and rules, and nobody who can be reached."""

import dataclasses
import datetime as dt
import json
import re

import pytest

from routing.call import Entitlement
from routing.contracts.premium import countable
from routing.drill import (
    called,
    drill_id,
    drill_number,
    drill_of,
    is_drill,
    last_set,
    practised,
    wakes,
    waking_number,
    waking_of,
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
    name="MSA Plus",
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
    text = json.dumps(dataclasses.asdict(drill_of(REAL)), default=str)
    assert re.findall(r"\+\d|@|sanne|primary", text) == []


def test_nobody_is_told_beside_the_ringing_and_nothing_is_promised():
    line = drill_of(REAL)
    assert line.paging.channels == ()
    assert line.respond_within == ()
    assert not line.handover.tell


def test_a_drill_that_wakes_reaches_the_people_of_the_escalation_once_and_nobody_else():
    line = waking_of(REAL)
    numbers = set(re.findall(r"\+\d+", json.dumps(dataclasses.asdict(line), default=str)))
    assert numbers == {"+31612345601", REAL.number, REAL.texts_from}
    assert (line.engineers, line.schedules) == (REAL.engineers, REAL.schedules)
    assert line.escalation == dataclasses.replace(REAL.escalation, repeat=1)
    assert line.paging.channels == REAL.paging.channels
    assert (line.duty_manager, line.last_resort, line.routes) == (None, (), ())
    assert (line.respond_within, line.handover.tell, line.drill) == ((), False, None)


def test_what_a_drill_says_does_not_depend_on_how_brief_the_line_is():
    assert waking_of(dataclasses.replace(REAL, whisper="brief")).whisper == "full"


def test_a_drill_that_wakes_is_found_beside_the_one_that_does_not():
    lines = {"main": REAL}
    assert called(waking_number(REAL)) == waking_of(REAL).id == "main.wake.drill"
    assert practised(lines.get, "main.wake.drill") == waking_of(REAL)
    assert practised(lines.get, "other.wake.drill") is None
    assert [wakes(name) for name in ("main.wake.drill", "main.drill", "main")] == [
        True,
        False,
        False,
    ]
    assert is_drill("main.wake.drill")


def test_it_is_found_by_its_id_and_number_only_while_the_real_line_is_there():
    lines = {"main": REAL}
    assert practised(lines.get, drill_id(REAL)) == drill_of(REAL)
    assert practised(lines.get, "main") == REAL
    assert practised(lines.get, "other.drill") is None
    assert called(drill_number(REAL)) == drill_id(REAL)
    assert called(REAL.number) is None
    assert (is_drill("main.drill"), is_drill("main")) == (True, False)


def test_a_drill_is_no_premium_incident():
    at = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
    entitled = Incident(
        "key", "main", at, 1, "nl", Entitlement.ENTITLED, contract="100234", calls=("CA1",)
    )
    assert countable(entitled)
    assert not countable(dataclasses.replace(entitled, line="main.drill"))


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
    found = last_set(MONDAYS, "Europe/Amsterdam", dt.datetime.fromisoformat(now))
    assert found == dt.datetime.fromisoformat(was_set)


def test_in_the_night_without_that_hour_it_is_held_after_the_gap():
    daily = DrillTimes(dt.time(2, 30))
    morning = dt.datetime(2026, 3, 29, 6, tzinfo=dt.UTC)
    assert last_set(daily, "Europe/Amsterdam", morning) == morning.replace(hour=1)
