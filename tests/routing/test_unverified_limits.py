"""Beyond the limit nobody is rung, and nobody is forgotten: one text at the end of each quarter."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from carrier.sms import count_segments
from routing.incident import IncidentState
from routing.jobs import ReportUnrung
from routing.line import DutyManager, RateLimit, UnverifiedRates
from routing.message import DUTY_MANAGER, UNRUNG
from tests.routing.floor import EXPIRED, SANNE, STRANGER, Floor, stepping
from tests.routing.test_reports_by_api import NOBODY, lodged
from tests.routing.test_texting import Texts
from workers.messages import render_message

HOUR = dt.timedelta(hours=1)
NOUGHT = UnverifiedRates(per_caller=RateLimit(0, HOUR), line=RateLimit(0, HOUR))


@pytest.fixture
def floor():
    return Floor(unverified=NOUGHT)


def beyond(floor, shown=STRANGER):
    """A caller beyond the limit, who hangs up at the message."""
    call = floor.critical(shown)
    floor.hang_up(call)
    return floor.incident(call)


def told(floor):
    """What the letters about such calls say, and to whom."""
    letters = [one for one in floor.book.rows.messages.values() if one.words == UNRUNG]
    return [(one.reader, dict(one.values)["count"], dict(one.values)["numbers"]) for one in letters]


def test_one_text_at_the_end_of_the_quarter_tells_of_all_who_came_meanwhile(floor):
    first, *others = [beyond(floor) for _ in range(4)]
    assert floor.exchange.texts == [SANNE]
    floor.advance(15 * 60 - 1)
    assert (floor.exchange.texts, told(floor)) == ([SANNE], [])
    floor.advance(1)
    numbers = " ".join(str(one.number) for one in others)
    assert (floor.exchange.texts, told(floor)) == ([SANNE] * 2, [("sanne", 3, numbers)])
    assert str(first.number) not in numbers.split()


def test_a_flood_of_a_day_is_one_text_a_quarter_and_each_incident_is_told_in_one(floor):
    keys = []
    for _ in range(24 * 6):
        keys.append(beyond(floor).key)
        floor.advance(600)
    floor.advance(15 * 60)
    letters = [one for one in floor.book.rows.messages.values() if one.words == UNRUNG]
    named = [key for one in letters for key in dict(one.values)["incidents"].split()]
    texted = [i.key for i in floor.book.rows.incidents.values() if i.escalation.texted]
    assert sorted(named + texted) == sorted(keys)
    moments = sorted([one.at for one in letters])
    assert all(b - a >= dt.timedelta(minutes=15) for a, b in itertools.pairwise(moments))
    assert floor.legs() == []


def test_a_quarter_in_which_nobody_comes_has_no_text(floor):
    beyond(floor)
    floor.advance(3600)
    assert (floor.exchange.texts, told(floor)) == ([SANNE], [])


def test_what_somebody_has_taken_meanwhile_is_not_told(floor):
    beyond(floor)
    second = beyond(floor)
    floor.book.rows.incidents[second.key] = replace(
        floor.book.rows.incidents[second.key],
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by="joris",
    )
    floor.advance(15 * 60)
    assert told(floor) == []


def test_the_text_is_one_segment_and_names_a_few_of_many(floor):
    for _ in range(30):
        beyond(floor)
    floor.advance(15 * 60)
    (letter,) = [one for one in floor.book.rows.messages.values() if one.words == UNRUNG]
    for language in ("nl", "en"):
        words = render_message(replace(letter, language=language), None)
        assert count_segments(words) == 1
        assert "+23" in words


def test_who_was_told_so_takes_each_of_them_by_text(floor):
    beyond(floor)
    second, third = beyond(floor), beyond(floor)
    text = Texts(floor)
    assert text("sanne", f"{third.number} ok") == "not_told"
    floor.advance(15 * 60)
    for one in (second, third):
        assert text("sanne", f"{one.number} ok") == "acknowledged"
        assert floor.book.rows.incidents[one.key].acknowledged_by == "sanne"


def test_a_line_that_only_takes_messages_tells_alike_also_of_proven_callers():
    floor = Floor(unverified_level_1="message")
    for shown in (STRANGER, EXPIRED.contacts[0].phones[0], STRANGER):
        beyond(floor, shown)
    assert floor.exchange.texts == [SANNE]
    floor.advance(15 * 60)
    assert [count for _, count, _ in told(floor)] == [2]


def test_what_programs_report_is_told_alike(floor):
    incidents = [lodged(floor, replace(NOBODY, key=str(n) * 32)) for n in range(3)]
    floor.advance(15 * 60)
    assert told(floor) == [("sanne", 2, " ".join(str(one.number) for one in incidents[1:]))]


def test_with_nobody_on_call_the_duty_manager_is_told():
    manager = DutyManager(phone="+31612349999")
    floor = Floor(unverified=NOUGHT, escalation=stepping(("empty",)), duty_manager=manager)
    beyond(floor)
    floor.work()
    assert [(who, count) for who, count, _ in told(floor)] == [(DUTY_MANAGER, 1)]


def test_while_there_is_no_way_to_anybody_it_is_tried_again_each_quarter():
    floor = Floor(
        unverified=NOUGHT, escalation=stepping(("empty",)), duty_manager=None, last_resort=()
    )
    beyond(floor)
    floor.work()
    assert told(floor) == []
    floor.apply(duty_manager=DutyManager(phone="+31612349999"))
    floor.advance(15 * 60)
    assert [(who, count) for who, count, _ in told(floor)] == [(DUTY_MANAGER, 1)]


def test_a_notice_of_a_clock_that_was_ahead_delays_the_next_by_no_more_than_a_quarter():
    floor = Floor(unverified_level_1="message")
    ahead = replace(NOBODY, key="a" * 32)
    floor.now += dt.timedelta(hours=1)
    lodged(floor, ahead)
    floor.now -= dt.timedelta(hours=1)  # the clock is set back
    later = lodged(floor, replace(NOBODY, key="b" * 32))
    due = [j.due_at for j in floor.book.rows.jobs.values() if j.command == ReportUnrung(later.key)]
    assert due == [floor.now + dt.timedelta(minutes=15)]
