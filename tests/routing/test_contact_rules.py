"""An engineer's own rules for notices: by which way, after how long, and never for the ringing."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.line import EVERY_DAY, Channel, ContactRule, Hours, Paging
from routing.notify.addresses import texts_left
from routing.page import PageResult
from service.channels.email import EmailSender
from tests.routing.floor import ENGINEERS, SANNE
from tests.routing.test_paging import HOUR, MINUTE, SANNES_MAIL, gaps, lonely, told

FIVE_MINUTES = dt.timedelta(minutes=5)
TEXT, MAIL = ContactRule(Channel.SMS), ContactRule(Channel.EMAIL)
TEXT_THEN_MAIL = (TEXT, ContactRule(Channel.EMAIL, FIVE_MINUTES))
MAIL_THEN_TEXT = (MAIL, ContactRule(Channel.SMS, dt.timedelta(minutes=7)))


def ruled(*rules, **changes):
    """A line on which Sanne alone is called out, and mails arrive."""
    sanne = replace(ENGINEERS[0], contact=rules, email=SANNES_MAIL)
    floor = lonely(engineers=(sanne, ENGINEERS[1]), **changes)
    floor.mailer = Postman()
    floor.send_by(Channel.EMAIL, EmailSender(floor.mailer, "a secret"))
    return floor


class Postman:
    """Remembers to whom mails were sent."""

    sender = "line@example.org"

    def __init__(self):
        self.sent = []

    def send(self, mail):
        self.sent.append(mail.to)


def results(floor, channel):
    return [page.result for page in told(floor, channel=channel)]


def test_each_way_has_its_own_time_counted_from_the_first_ring():
    floor = ruled(*TEXT_THEN_MAIL)
    floor.critical()
    (text, mail) = told(floor)
    assert (text.channel, mail.channel) == (Channel.SMS, Channel.EMAIL)
    assert mail.at - text.at == FIVE_MINUTES
    assert (len(floor.exchange.texts), floor.mailer.sent) == (1, [])
    floor.advance(5 * MINUTE)
    assert floor.mailer.sent == [SANNES_MAIL]


def test_the_telephone_rings_at_once_whatever_the_rules_say():
    floor = ruled(ContactRule(Channel.EMAIL, dt.timedelta(hours=2)))
    floor.critical()
    assert floor.rings(SANNE) == 1
    assert floor.mailer.sent == []


def test_a_rule_in_place_of_the_lines_channels():
    floor = ruled(MAIL, paging=Paging((Channel.SMS,)))
    floor.critical()
    assert [page.channel for page in told(floor)] == [Channel.EMAIL]


def test_what_comes_due_after_somebody_took_it_is_canceled_and_says_why():
    floor = ruled(*TEXT_THEN_MAIL)
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.advance(5 * MINUTE)
    assert floor.mailer.sent == []
    assert results(floor, Channel.EMAIL) == [PageResult.CANCELED]
    reasons = [note.reason for _, _, note in floor.book.rows.journal]
    assert "the email is canceled: the incident is acknowledged by now" in reasons


def test_a_mail_that_took_the_place_of_a_lost_text_overtakes_the_one_that_waits():
    floor = ruled(TEXT, ContactRule(Channel.EMAIL, dt.timedelta(minutes=7)))
    floor.critical()
    floor.desk.happen(events.PageSent(told(floor)[0].id, PageResult.UNDELIVERED))
    floor.advance(7 * MINUTE)
    assert floor.mailer.sent == [SANNES_MAIL]
    assert sorted(results(floor, Channel.EMAIL)) == [PageResult.CANCELED, PageResult.SENT]


@pytest.mark.parametrize("rules", [TEXT_THEN_MAIL, MAIL_THEN_TEXT, (TEXT, MAIL)])
def test_no_way_is_used_again_within_again_after_and_each_goes_on(rules):
    floor = ruled(*rules)
    floor.critical()
    floor.advance(HOUR)
    for channel in (Channel.SMS, Channel.EMAIL):
        sent = [p for p in told(floor, channel=channel) if p.result is PageResult.SENT]
        assert min(gaps(sent)) >= 5 * MINUTE
        assert len(sent) >= 5


def test_after_an_hour_each_way_is_used_once_in_half_an_hour():
    floor = ruled(*TEXT_THEN_MAIL)
    floor.critical()
    floor.advance(2 * HOUR)
    before = len(floor.mailer.sent)
    floor.advance(2 * HOUR)
    assert 3 <= len(floor.mailer.sent) - before <= 4


def test_the_rounds_that_follow_wait_for_no_rule_a_second_time():
    floor = ruled(ContactRule(Channel.EMAIL, dt.timedelta(minutes=8)))
    floor.critical()
    floor.advance(30 * MINUTE)
    first, second = told(floor)[:2]
    assert second.at - first.at < dt.timedelta(minutes=8)


def test_the_rounds_that_go_by_while_a_notice_waits_add_none():
    floor = ruled(TEXT, ContactRule(Channel.EMAIL, dt.timedelta(minutes=14)))
    floor.critical()
    floor.advance(15 * MINUTE)
    assert results(floor, Channel.EMAIL) == [PageResult.SENT]
    assert len(results(floor, Channel.SMS)) == 3


def test_what_was_canceled_stays_so_and_what_was_sent_is_never_canceled():
    floor = ruled(*TEXT_THEN_MAIL)
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.advance(5 * MINUTE)
    text, mail = told(floor)
    floor.desk.happen(events.PageSent(mail.id, PageResult.SENT))
    floor.desk.happen(events.PageSent(text.id, PageResult.CANCELED))
    assert [page.result for page in told(floor)] == [PageResult.SENT, PageResult.CANCELED]


def test_a_text_that_waits_counts_for_the_daily_cap_and_a_canceled_one_does_not():
    floor = ruled(*MAIL_THEN_TEXT)
    call = floor.critical()
    cap = floor.line.paging.daily_cap
    assert texts_left(floor.desk.facts(floor.line), "sanne") == cap - 1
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.advance(7 * MINUTE)
    assert texts_left(floor.desk.facts(floor.line), "sanne") == cap


def test_lost_mails_are_followed_by_a_text():
    floor = ruled(MAIL)
    floor.critical()
    floor.desk.happen(events.PageSent(told(floor)[0].id, PageResult.FAILED))
    floor.advance(8 * MINUTE)
    assert [page.to for page in told(floor)] == [SANNES_MAIL, SANNE]


def test_nobodys_quiet_holds_a_notice_of_level_1():
    floor = ruled(TEXT)
    sanne = replace(floor.line.engineers[0], quiet=(Hours(EVERY_DAY),))
    floor.apply(engineers=(sanne, ENGINEERS[1]))
    floor.critical()
    assert len(floor.exchange.texts) == 1
