"""The daily cap alarms the duty manager: once a day and person, and somebody in any case."""

import datetime as dt
from dataclasses import replace

from routing import events, jobs
from routing.line import LAST_RESORT, Channel, ContactRule, DutyManager, Paging
from routing.message import DUTY_MANAGER
from tests.routing.floor import ENGINEERS
from tests.routing.test_paging import HOUR, MINUTE, lonely, told

MANAGER = DutyManager("+31612345699", language="en")
CAPPED = Paging((Channel.SMS,), dt.timedelta(minutes=1), daily_cap=2)


def letters(floor):
    return [(one.reader, one.words) for one in floor.book.rows.messages.values()]


def alarms(floor):
    return [
        e.command
        for e in floor.book.rows.jobs.values()
        if isinstance(e.command, jobs.ReportDailyCap)
    ]


def test_the_duty_manager_reads_whose_texts_are_used_up():
    floor = lonely(paging=CAPPED, duty_manager=MANAGER)
    floor.critical()
    floor.advance(HOUR)
    assert letters(floor) == [(DUTY_MANAGER, "daily_cap")]
    (letter,) = floor.book.rows.messages.values()
    assert dict(letter.values) == {"name": "Sanne de Vries", "cap": 2}
    assert floor.exchange.texts[-1] == MANAGER.phone


def test_an_alarm_that_is_done_twice_is_one_letter():
    floor = lonely(paging=CAPPED, duty_manager=MANAGER)
    floor.critical()
    floor.advance(HOUR)
    for key, errand in list(floor.book.rows.jobs.items()):
        if isinstance(errand.command, jobs.ReportDailyCap):
            floor.do(key, attempt=2)
    floor.work()
    assert len(letters(floor)) == 1


def test_the_next_day_is_another_alarm():
    patient = replace(CAPPED, reach_within=dt.timedelta(days=3))
    floor = lonely(paging=patient, duty_manager=MANAGER)
    for _ in ("Monday", "Tuesday"):
        call = floor.critical()
        floor.hang_up(call)
        floor.advance(10 * MINUTE)
        floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
        floor.advance(15 * MINUTE)
        floor.now += dt.timedelta(days=1)
    assert [words for _, words in letters(floor)].count("daily_cap") == 2


def test_without_a_duty_manager_the_last_resorts_mobile_is_told():
    floor = lonely(paging=CAPPED, last_resort=("+31612345698",))
    floor.critical()
    floor.advance(HOUR)
    assert letters(floor) == [(LAST_RESORT, "daily_cap")]


def test_a_last_text_that_was_canceled_alarms_nobody():
    rules = (ContactRule(Channel.SMS, dt.timedelta(minutes=3)),)
    sanne = replace(ENGINEERS[0], contact=rules)
    paging = replace(CAPPED, daily_cap=1)
    floor = lonely(engineers=(sanne, ENGINEERS[1]), paging=paging, duty_manager=MANAGER)
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.advance(10 * MINUTE)
    assert (told(floor)[0].result, len(alarms(floor))) == ("canceled", 1)
    assert letters(floor) == []
