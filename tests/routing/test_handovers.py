"""Whoever comes on is told and confirms; no reply is told to the others, and nobody else is."""

import datetime as dt
from dataclasses import replace

import pytest

from carrier import prompts
from routing import call_service
from routing.incident import IncidentState
from routing.jobs import AnnounceHandover
from routing.line import (
    Channel,
    DutyManager,
    Engineer,
    HandoverRules,
    Hours,
    Override,
    Paging,
    Rotation,
    Schedule,
    Shift,
)
from routing.notify.handovers import most_urgent_first
from routing.page import PageResult
from tests.routing.floor import JORIS, LAST_RESORT, LINE, SANNE, Floor, stepping
from tests.store.cast import incident
from workers.messages import render_message

AMSTERDAM = "Europe/Amsterdam"
MONDAY = dt.datetime(2026, 3, 9, 8, 0, tzinfo=dt.UTC)
MINUTE = 60
MANAGER = "+31612345609"
MOBILE = "+31612345610"
WEEKLY = Rotation(
    1, "week", dt.datetime.fromisoformat("2026-03-02T09:00"), (("sanne",), ("joris",))
)
ROTA = Schedule("primary", AMSTERDAM, (Shift(rotation=WEEKLY),))


def with_rota(**changes):
    """A floor on which joris comes on in a minute, and sanne goes off."""
    plain = {"schedules": (ROTA,), "escalation": stepping(("primary",))}
    floor = Floor(replace(LINE, **(plain | changes)))
    floor.now = MONDAY - dt.timedelta(minutes=1)
    return floor


def wait(floor, minutes):
    """Time passes, and handovers are planned as the clock does it."""
    for _ in range(2 * minutes):
        call_service.plan_handovers(floor.desk, floor.line, MONDAY - dt.timedelta(days=30))
        floor.advance(30)


def letters(floor):
    return list(floor.book.rows.messages.values())


def told(floor):
    return [(letter.reader, letter.words) for letter in letters(floor)]


def relief(floor):
    (only,) = floor.book.rows.handovers.values()
    return only


def said(floor, letter, language=None):
    return render_message(replace(letter, language=language or letter.language), None)


def reply(floor, body, sid="SM1", engineer="joris"):
    answer = call_service.confirm_by_text(floor.desk, floor.line, engineer, body, sid)
    return answer and prompts.render_text("nl", answer.words, dict(answer.values))


def test_whoever_comes_on_is_told_at_that_minute_and_once():
    floor = with_rota()
    wait(floor, 10)
    (letter,) = letters(floor)
    assert (letter.reader, letter.at, letter.to) == ("joris", MONDAY, JORIS)
    code = relief(floor).code
    assert said(floor, letter) == (
        "U hebt nu dienst voor primary, tot ma 16 mrt 09:00. Er is geen incident open. "
        f"Bevestigen: antwoord OK {code}."
    )
    assert said(floor, letter, "en") == (
        "You are on call now for primary, until Mon 16 Mar 09:00. There is no open incident. "
        f"Confirm: reply OK {code}."
    )


def test_what_is_open_is_told_with_unclaimed_level_1_first():
    floor = with_rota()
    for urgency in (3, 1, 2):
        call = floor.dial()
        floor.pin(call, "4829130057")
        floor.something_new(call)
        floor.press(call, str(urgency))
        if urgency == 1:
            floor.press(call, "1")
        floor.hang_up(call)
    wait(floor, 3)
    (letter,) = [one for one in letters(floor) if one.reader == "joris"]
    first, *others = said(floor, letter).split("Open: ")[1].split(". ")[0].split(", ")
    assert first == "1002 niveau 1 (nog van niemand)"
    assert [one[:13] for one in others] == ["1003 niveau 2", "1001 niveau 3"]
    assert "Jansen" not in said(floor, letter)


def test_many_open_incidents_are_counted():
    floor = with_rota()
    for _ in range(8):
        call = floor.dial()
        floor.pin(call, "4829130057")
        floor.something_new(call)
        floor.press(call, "4")
        floor.hang_up(call)
    wait(floor, 3)
    (letter,) = [one for one in letters(floor) if one.reader == "joris"]
    assert "en nog 3." in said(floor, letter)
    assert said(floor, letter).count("niveau") == 5


@pytest.mark.parametrize("body", ["OK {code}", "ok", "Ja!", " {code} ", "yes, {code}", "ok{code}"])
def test_one_reply_confirms_and_nobody_else_is_told(body):
    floor = with_rota()
    wait(floor, 3)
    answer = reply(floor, body.format(code=relief(floor).code))
    assert answer == "Dank u, bevestigd: u hebt dienst voor primary, tot ma 16 mrt 09:00."
    wait(floor, 30)
    assert told(floor) == [("joris", "handover_calm")]
    assert (relief(floor).state, relief(floor).reply) == ("confirmed", "SM1")


@pytest.mark.parametrize("body", ["nee", "niet ok", "STOP", "", "ok 1001", "ok 5", "bel me"])
def test_what_is_no_confirmation_confirms_nothing(body):
    floor = with_rota()
    wait(floor, 3)
    assert reply(floor, body) is None
    assert relief(floor).state == "told"


def test_only_the_one_who_comes_on_confirms():
    floor = with_rota()
    wait(floor, 3)
    assert reply(floor, f"ok {relief(floor).code}", engineer="sanne") is None
    assert relief(floor).state == "told"


def test_no_reply_is_told_to_the_one_before_the_last_resort_and_the_manager():
    floor = with_rota(
        duty_manager=DutyManager(MANAGER, "ria@example.org", "en"),
        last_resort=(MOBILE, LAST_RESORT),
    )
    wait(floor, 15)
    assert told(floor) == [("joris", "handover_calm")]
    wait(floor, 2)
    warned = [(one.reader, one.to, one.language) for one in letters(floor)[1:]]
    assert warned == [
        ("sanne", SANNE, "nl"),
        ("last_resort", MOBILE, "nl"),
        ("duty_manager", MANAGER, "en"),
        ("duty_manager", "ria@example.org", "en"),
    ]
    assert said(floor, letters(floor)[1]) == (
        "Joris Bakker heeft dienst voor primary vanaf ma 9 mrt 09:00, maar bevestigde dat "
        "nog niet. Controleer of er iemand is."
    )
    assert relief(floor).warned_at == MONDAY + dt.timedelta(minutes=15)


def test_where_nobody_was_before_only_the_others_are_told():
    nightly = Shift(("joris",), hours=Hours(start=dt.time(9), end=dt.time(7)))
    floor = with_rota(
        schedules=(Schedule("primary", AMSTERDAM, (nightly,)),), last_resort=(MOBILE,)
    )
    wait(floor, 20)
    assert told(floor)[1:] == [("last_resort", "handover_unconfirmed")]


def test_a_late_reply_is_kept_and_nobody_hears_more():
    floor = with_rota()
    wait(floor, 20)
    before = len(letters(floor))
    assert reply(floor, "ok") is not None
    wait(floor, 20)
    assert len(letters(floor)) == before
    assert relief(floor).state == "confirmed"
    assert relief(floor).warned_at is not None


def swap_away(floor, start):
    away = Override(start, start + dt.timedelta(days=2), "joris", "sanne")
    floor.apply(schedules=(replace(ROTA, overrides=(away,)),))


def test_a_swap_after_planning_never_tells_the_wrong_person():
    floor = with_rota()
    call_service.plan_handovers(floor.desk, floor.line, MONDAY)
    swap_away(floor, MONDAY - dt.timedelta(days=1))
    wait(floor, 20)
    assert told(floor) == []


def test_who_is_swapped_away_before_confirming_alarms_nobody():
    floor = with_rota()
    wait(floor, 3)
    swap_away(floor, floor.now)
    wait(floor, 3)
    assert reply(floor, "ok", engineer="sanne") is not None
    wait(floor, 20)
    assert sorted(told(floor)) == [("joris", "handover_calm"), ("sanne", "handover_calm")]
    mine = next(one for one in floor.book.rows.handovers.values() if one.engineer == "joris")
    assert mine.state == "lapsed"
    assert reply(floor, f"ok {mine.code}") == (
        "U hebt geen dienst meer voor primary: er is niets te bevestigen."
    )


def test_after_an_absence_of_the_line_late_handovers_are_told_and_older_ones_noted():
    hourly = replace(ROTA, shifts=(Shift(rotation=replace(WEEKLY, unit="hour")),))
    floor = with_rota(schedules=(hourly,))
    floor.now = MONDAY + dt.timedelta(minutes=50)
    call_service.plan_handovers(floor.desk, floor.line, MONDAY - dt.timedelta(hours=3))
    floor.work()
    found = sorted(floor.book.rows.handovers.values(), key=lambda one: one.at)
    assert [(one.engineer, one.state) for one in found] == [
        ("joris", "skipped"),
        ("sanne", "skipped"),
        ("joris", "skipped"),
        ("sanne", "told"),
    ]
    assert [letter.reader for letter in letters(floor)] == ["sanne"]


def test_somebody_who_came_on_long_ago_unheard_is_noted_and_not_told():
    floor = with_rota()
    floor.now = MONDAY + dt.timedelta(hours=1, seconds=1)
    wait(floor, 1)
    assert told(floor) == []
    assert relief(floor).state == "skipped"
    assert reply(floor, f"ok {relief(floor).code}") is None


def test_who_comes_on_late_hears_since_when():
    floor = with_rota()
    floor.now = MONDAY + dt.timedelta(minutes=50)
    wait(floor, 1)
    assert "vanaf ma 9 mrt 09:00" in said(floor, letters(floor)[0])


def test_a_line_that_was_written_down_later_notes_nothing_of_before():
    floor = with_rota()
    floor.now = MONDAY + dt.timedelta(hours=3)
    call_service.plan_handovers(floor.desk, floor.line, MONDAY + dt.timedelta(hours=2))
    assert not floor.pending()


def test_where_the_file_says_so_nobody_is_told():
    floor = with_rota(handover=HandoverRules(tell=False))
    wait(floor, 20)
    assert (told(floor), floor.book.rows.handovers) == ([], {})


def test_a_schedule_that_nothing_rings_is_not_told_of():
    floor = with_rota(escalation=stepping(("joris",)))
    wait(floor, 20)
    assert told(floor) == []


def test_several_duties_at_once_have_codes_of_their_own():
    both = (ROTA, replace(ROTA, id="secondary"))
    floor = with_rota(schedules=both, escalation=stepping(("primary", "secondary")))
    wait(floor, 3)
    first, second = floor.book.rows.handovers.values()
    assert first.code != second.code
    answer = reply(floor, "ok")
    assert answer.startswith("Welke dienst?")
    assert f"{first.code} voor {first.schedule}" in answer
    assert "Dank u" in reply(floor, f"ok {second.code}")
    assert "primary" in reply(floor, "ok", sid="SM2")
    assert {one.state for one in floor.book.rows.handovers.values()} == {"confirmed"}


def test_the_same_text_twice_is_one_reply_and_never_an_acknowledgement():
    floor = with_rota()
    wait(floor, 3)
    assert reply(floor, "ok") == reply(floor, "ok")
    floor.critical()
    assert "1001" in reply(floor, "ok")
    assert reply(floor, "ok", sid="SM2") is None


def test_who_confirms_again_confirmed_the_first_time():
    floor = with_rota()
    wait(floor, 3)
    first = reply(floor, "ok")
    at = relief(floor).confirmed_at
    wait(floor, 3)
    assert reply(floor, f"ok {relief(floor).code}", sid="SM2") == first
    assert (relief(floor).confirmed_at, relief(floor).reply) == (at, "SM1")


def test_level_1_that_nobody_has_comes_before_level_1_that_somebody_has():
    had = incident(1, state=IncidentState.ACKNOWLEDGED)
    later = incident(2, opened_at=had.opened_at + dt.timedelta(minutes=1))
    lower = incident(3, urgency=2)
    assert most_urgent_first([lower, had, later]) == [later, had, lower]


def test_an_unclaimed_incident_is_named_in_the_answer_and_its_number_means_the_incident():
    floor = with_rota()
    wait(floor, 3)
    floor.critical()
    assert reply(floor, f"ok 1001 {relief(floor).code}") is None
    assert reply(floor, "ok") == (
        "Dank u, uw dienst is bevestigd. Incident 1001 wacht nog. Aannemen: antwoord 1001."
    )


MAILED = (LINE.engineers[0], Engineer("joris", "Joris Bakker", (JORIS,), "joris@example.org"))
BOTH = (Channel.SMS, Channel.EMAIL)


def test_where_the_line_mails_whoever_comes_on_is_mailed_too():
    floor = with_rota(engineers=MAILED, paging=Paging(BOTH))
    wait(floor, 3)
    assert sorted((one.channel, one.to) for one in letters(floor)) == [
        ("email", "joris@example.org"),
        ("sms", JORIS),
    ]


@pytest.mark.parametrize("result", [PageResult.FAILED, PageResult.UNDELIVERED])
def test_a_lost_text_is_followed_by_a_mail_once(result):
    floor = with_rota(engineers=MAILED)
    wait(floor, 1)
    floor.work()
    (text,) = letters(floor)
    floor.book.messages.record_result(text.id, result)
    wait(floor, 10)
    assert [one.channel for one in letters(floor)] == ["sms", "email"]


@pytest.mark.parametrize("result", [PageResult.FAILED, PageResult.UNDELIVERED])
def test_a_lost_mail_is_followed_by_a_text_once(result):
    floor = with_rota(engineers=MAILED, paging=Paging((Channel.EMAIL,)))
    wait(floor, 1)
    floor.book.messages.record_result(letters(floor)[0].id, result)
    wait(floor, 10)
    assert [one.channel for one in letters(floor)] == ["email", "sms"]


def test_a_lost_text_without_a_mail_counts_as_no_reply():
    floor = with_rota()
    wait(floor, 1)
    floor.work()
    floor.book.messages.record_result(letters(floor)[0].id, PageResult.FAILED)
    wait(floor, 16)
    assert ("sanne", "handover_unconfirmed") in told(floor)


def quiet(*hours):
    asleep = replace(LINE.engineers[1], quiet=tuple(hours))
    return (LINE.engineers[0], asleep)


def test_a_handover_in_somebodys_quiet_is_told_in_time_to_confirm_it_before():
    night = Hours(start=dt.time(22), end=dt.time(10))
    floor = with_rota(engineers=quiet(night))
    floor.now = MONDAY - dt.timedelta(hours=11, minutes=20)  # 21:40 on Sunday
    wait(floor, 4)
    assert told(floor) == []
    wait(floor, 2)
    (letter,) = letters(floor)
    assert letter.at == MONDAY - dt.timedelta(hours=11, minutes=15)
    assert "vanaf ma 9 mrt 09:00" in said(floor, letter)
    wait(floor, 10)
    assert len(letters(floor)) == 1
    reply(floor, "ok")
    wait(floor, 700)
    assert len(letters(floor)) == 1


def test_who_is_always_quiet_is_told_at_the_handover():
    floor = with_rota(engineers=quiet(Hours()))
    wait(floor, 3)
    assert [one.at for one in letters(floor)] == [MONDAY]


def test_a_handover_that_is_due_twice_tells_once():
    floor = with_rota()
    floor.now = MONDAY
    due = AnnounceHandover("main", "primary", MONDAY, "joris")
    assert call_service.announce_handover(floor.desk, due) is not None
    call_service.announce_handover(floor.desk, due)
    assert len(letters(floor)) == 1
    assert call_service.announce_handover(floor.desk, replace(due, line="gone")) is None
    assert call_service.follow_up_handover(floor.desk, "gone") is None
