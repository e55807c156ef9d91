"""Letters to engineers and to the duty manager: by which way, when, and in which language."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.draft import DecisionDraft
from routing.line import EVERY_DAY, LAST_RESORT, Channel, ContactRule, DutyManager, Hours, Paging
from routing.message import DUTY_MANAGER
from routing.notify.messages import News, build_manager_messages, build_message
from routing.page import PageResult
from tests.routing.floor import ENGINEERS, NOW, SANNE, SANNES_DESK, Floor
from tests.routing.floor import LAST_RESORT as STANDBY

MAIL = "sanne@example.org"
SECOND_MOBILE = "+31612345609"
NEWS = News("swap_given", (("name", "Joris"),))
ALL_MORNING = (Hours(EVERY_DAY, dt.time(8), dt.time(12)),)
NOON = dt.datetime(2026, 3, 2, 11, 0, tzinfo=dt.UTC)  # in Amsterdam; the floor's now is 11:00 there
MANAGER = DutyManager("+31612345699", "chef@example.org", "en")


def sanne(**changes):
    return replace(ENGINEERS[0], **changes)


def facts_for(engineer=ENGINEERS[0], **changes):
    floor = Floor(engineers=(engineer, ENGINEERS[1]), **changes)
    return floor.desk.facts(floor.line)


def letter_for(news=NEWS, **changes):
    engineer = sanne(**changes)
    return build_message(facts_for(engineer), engineer, news)


def test_an_engineer_is_told_by_text_at_once_in_their_language():
    letter = letter_for(languages=("fr", "en"))
    assert (letter.reader, letter.channel, letter.to) == ("sanne", Channel.SMS, SANNE)
    assert (letter.language, letter.at, letter.words) == ("en", NOW, "swap_given")
    assert letter.values == NEWS.values


def test_in_their_quiet_a_letter_is_held_until_it_is_over():
    assert letter_for(quiet=ALL_MORNING).at == NOON


def test_a_level_1_goes_through_the_quiet():
    assert letter_for(replace(NEWS, level=1), quiet=ALL_MORNING).at == NOW
    assert letter_for(replace(NEWS, level=2), quiet=ALL_MORNING).at == NOON


def test_what_is_told_later_is_held_by_the_quiet_of_that_time():
    later = replace(NEWS, at=NOON - dt.timedelta(minutes=5))
    assert letter_for(later).at == later.at
    assert letter_for(later, quiet=ALL_MORNING).at == NOON
    assert letter_for(replace(NEWS, at=NOON), quiet=ALL_MORNING).at == NOON


def test_a_letter_of_a_decision_is_sent_at_its_time():
    engineer = sanne(quiet=ALL_MORNING)
    facts = facts_for(engineer)
    draft = DecisionDraft(facts).write(build_message(facts, engineer, NEWS))
    assert [errand.due_at for errand in draft.jobs] == [NOON]


def test_the_first_of_their_own_ways_that_works_is_taken():
    rules = (ContactRule(Channel.EMAIL), ContactRule(Channel.SMS))
    assert letter_for(contact=rules, email=MAIL).to == MAIL
    assert letter_for(contact=rules).to == SANNE
    assert letter_for(email=MAIL).to == SANNE


def test_a_text_goes_to_a_phone_that_takes_texts():
    assert letter_for(phones=(SANNES_DESK, SECOND_MOBILE)).to == SECOND_MOBILE
    assert letter_for(phones=(SANNES_DESK,), email=MAIL).to == MAIL
    assert letter_for(phones=(SANNES_DESK,)).to == SANNES_DESK


def test_where_texts_are_lost_a_letter_is_a_mail():
    floor = Floor(engineers=(sanne(email=MAIL), ENGINEERS[1]))
    floor.critical()
    (page,) = [p for _, p in floor.book.rows.pages.values() if p.channel is Channel.SMS]
    floor.desk.happen(events.PageSent(page.id, PageResult.UNDELIVERED))
    facts = floor.desk.facts(floor.line)
    assert build_message(facts, floor.line.engineers[0], NEWS).to == MAIL


def test_news_with_a_name_is_written_once_and_without_one_each_time():
    facts, named = facts_for(), replace(NEWS, once="handover 12")
    later = facts_for()
    first, second = (build_message(f, ENGINEERS[0], named).id for f in (facts, later))
    assert first == second
    assert first != build_message(facts, ENGINEERS[1], named).id
    assert first != build_message(facts, ENGINEERS[0], replace(NEWS, once="handover 13")).id
    other = replace(facts, chance=replace(facts.chance, seed=b"another"))
    assert (
        build_message(facts, ENGINEERS[0], NEWS).id != build_message(other, ENGINEERS[0], NEWS).id
    )


def test_the_duty_manager_is_told_by_text_and_by_mail():
    letters = build_manager_messages(facts_for(duty_manager=MANAGER), NEWS)
    assert [(one.reader, one.to, one.language) for one in letters] == [
        (DUTY_MANAGER, MANAGER.phone, "en"),
        (DUTY_MANAGER, MANAGER.email, "en"),
    ]
    assert len({one.id for one in letters}) == 2


@pytest.mark.parametrize("manager", [None, DutyManager(SANNES_DESK)])
def test_without_a_way_to_a_duty_manager_the_last_resorts_mobiles_are_told(manager):
    numbers = (STANDBY, SECOND_MOBILE)
    letters = build_manager_messages(facts_for(duty_manager=manager, last_resort=numbers), NEWS)
    assert [(one.reader, one.to) for one in letters] == [(LAST_RESORT, SECOND_MOBILE)]


def test_a_duty_manager_with_an_address_alone_is_not_written_to_while_mail_is_off():
    facts = replace(
        facts_for(duty_manager=DutyManager(email="chef@example.org")),
        channels=frozenset({Channel.SMS}),
    )
    assert build_manager_messages(facts, NEWS) == ()


def test_a_line_that_pages_by_mail_alone_writes_letters_by_mail():
    facts = facts_for(sanne(email=MAIL), paging=Paging((Channel.EMAIL,)))
    assert build_message(facts, sanne(email=MAIL), NEWS).to == MAIL
