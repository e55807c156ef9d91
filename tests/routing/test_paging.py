"""Notices: to whom, how often, by which way, and when there have been enough."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from routing import events, jobs
from routing.line import Channel, Engineer, Paging
from routing.page import PageResult
from tests.routing.floor import ENGINEERS, JORIS, SANNE, SANNES_DESK, Floor, stepping

MINUTE = 60
HOUR = 60 * MINUTE
SECOND_MOBILE = "+31612345609"
BOTH = (Channel.SMS, Channel.EMAIL)
SANNES_MAIL = "sanne@example.org"


def lonely(**changes):
    """A line on which Sanne alone is called out, and nobody reacts."""
    return Floor(escalation=stepping(("primary",)), **changes)


def told(floor, engineer="sanne", channel=None):
    """When this engineer was told, oldest first, and where."""
    pages = [page for _, page in floor.book.rows.pages.values() if page.engineer == engineer]
    notices = [p for p in pages if p.channel is not Channel.CALL and channel in (None, p.channel)]
    return sorted(notices, key=lambda page: page.at)


def gaps(notices):
    moments = [page.at for page in notices]
    return [(after - before).total_seconds() for before, after in itertools.pairwise(moments)]


def person(**changes):
    return (replace(ENGINEERS[0], **changes), ENGINEERS[1])


def lose(floor, page, result=PageResult.UNDELIVERED):
    floor.desk.happen(events.PageSent(page.id, result))


def test_nobody_is_told_again_within_again_after_and_telling_never_stops():
    floor = Floor()
    floor.critical()
    floor.advance(HOUR)
    for engineer in ("sanne", "joris"):
        assert len(told(floor, engineer)) >= 5
        assert min(gaps(told(floor, engineer))) >= 5 * MINUTE


def test_in_the_second_round_the_second_step_is_told_at_once_and_only_then_rung():
    floor = Floor(escalation=stepping(("primary",), ("secondary",)))
    call = floor.critical()
    while floor.incident(call).escalation.round < 2:
        floor.advance(1)
    assert floor.rings(JORIS) == 1
    assert [len(told(floor, who)) for who in ("sanne", "joris")] == [2, 2]
    assert told(floor, "joris")[-1].at == told(floor)[-1].at


def test_after_an_hour_a_text_each_half_hour_while_the_calls_go_on():
    floor = lonely()
    floor.critical()
    floor.advance(HOUR)
    early, rung = len(told(floor)), floor.rings(SANNE)
    floor.advance(3 * HOUR)
    late = told(floor)[early:]
    assert early >= 8
    assert 5 <= len(late) <= 6
    assert min(gaps(late)) >= 30 * MINUTE
    assert floor.rings(SANNE) > rung + 20


def test_who_acknowledged_for_a_caller_who_waits_is_rung_and_nobody_is_told_meanwhile():
    floor = Floor()
    call = floor.critical()
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris", "link"))
    floor.work()
    assert floor.rings(JORIS) == 1
    floor.advance(44)
    assert (len(told(floor)), len(told(floor, "joris"))) == (1, 0)
    floor.advance(20)  # no key came: a text is good for 45 seconds
    assert (len(told(floor)), len(told(floor, "joris"))) == (1, 1)


def test_an_acknowledgement_says_by_which_way_it_came():
    floor = Floor()
    call = floor.critical()
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris", "link"))
    reasons = [note.reason for _, _, note in floor.book.rows.journal]
    assert "joris acknowledged by link" in reasons


def test_beyond_the_daily_cap_no_text_goes_out_and_the_duty_manager_is_alarmed_once():
    quick = Paging((Channel.SMS,), dt.timedelta(minutes=1), daily_cap=3)
    floor = lonely(paging=quick)
    floor.critical()
    floor.advance(HOUR)
    assert len(told(floor)) == 3
    alarms = [
        e.command
        for e in floor.book.rows.jobs.values()
        if isinstance(e.command, jobs.ReportDailyCap)
    ]
    assert alarms == [jobs.ReportDailyCap("main", "sanne")]
    assert floor.rings(SANNE) > 10


def test_the_cap_counts_the_texts_of_all_incidents_and_is_over_after_a_day():
    floor = lonely(paging=Paging((Channel.SMS,), daily_cap=1))
    floor.hang_up(floor.critical())
    first = next(iter(floor.book.rows.incidents))
    floor.desk.happen(events.AcknowledgedWithoutKey(first, "joris"))
    floor.hang_up(floor.critical())
    assert len(told(floor)) == 1
    floor.now += dt.timedelta(hours=24, seconds=1)
    floor.advance(15 * MINUTE)
    assert len(told(floor)) == 2


def test_who_has_had_the_texts_of_a_day_is_told_by_mail():
    floor = lonely(
        engineers=person(email=SANNES_MAIL),
        paging=Paging((Channel.SMS,), dt.timedelta(minutes=1), daily_cap=2),
    )
    floor.critical()
    floor.advance(30 * MINUTE)
    assert len(told(floor, channel=Channel.SMS)) == 2
    assert told(floor)[2].to == SANNES_MAIL


@pytest.mark.parametrize("result", [PageResult.UNDELIVERED, PageResult.FAILED])
def test_a_lost_text_is_followed_by_a_mail(result):
    floor = lonely(engineers=person(email=SANNES_MAIL))
    floor.critical()
    lose(floor, told(floor)[0], result)
    floor.advance(10 * MINUTE)
    assert [page.to for page in told(floor)] == [SANNE, SANNES_MAIL]


def test_without_an_address_the_next_phone_that_takes_texts_is_tried():
    floor = lonely(engineers=person(phones=(SANNE, SANNES_DESK, SECOND_MOBILE)))
    floor.critical()
    lose(floor, told(floor)[0])
    floor.advance(10 * MINUTE)
    assert [page.to for page in told(floor)] == [SANNE, SECOND_MOBILE]


def test_where_all_is_lost_the_first_phone_is_tried_again():
    floor = lonely()
    floor.critical()
    lose(floor, told(floor)[0])
    floor.advance(10 * MINUTE)
    assert [page.to for page in told(floor)] == [SANNE, SANNE]


def test_where_mails_are_lost_too_a_phone_is_tried_again():
    floor = lonely(engineers=person(email=SANNES_MAIL))
    floor.critical()
    lose(floor, told(floor)[0])
    floor.advance(10 * MINUTE)  # no mail server: the mail fails
    assert told(floor)[1].result is PageResult.FAILED
    floor.advance(8 * MINUTE)
    assert told(floor)[2].to == SANNE


def test_where_both_are_asked_for_both_go_out():
    floor = lonely(engineers=person(email=SANNES_MAIL), paging=Paging(BOTH))
    floor.critical()
    assert sorted(page.channel for page in told(floor)) == ["email", "sms"]


def test_without_a_mail_server_no_mail_is_tried_and_the_journal_says_why():
    floor = lonely(engineers=person(email=SANNES_MAIL), paging=Paging(BOTH))
    floor.desk = replace(floor.desk, channels=frozenset({Channel.SMS}))
    floor.critical()
    assert [page.channel for page in told(floor)] == ["sms"]
    assert "channel_off" in floor.notes()


def test_who_has_only_a_landline_is_still_texted():
    floor = lonely(engineers=(Engineer("sanne", "Sanne", (SANNES_DESK,)), ENGINEERS[1]))
    floor.critical()
    assert [page.to for page in told(floor)] == [SANNES_DESK]
