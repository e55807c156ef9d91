"""Callers on hold for minutes: what they hear is true, and each thing is heard once or twice."""

from collections import Counter
from datetime import datetime

import pytest

from routing.line import LAST_RESORT as LAST
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, LAST_RESORT, SANNE
from tests.stories.test_desk_queue import BOB, BOBS_PIN, EMMA, EMMAS_PIN, MORE, of, reports
from tests.words import words_of

ALWAYS = '{days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"}'
OFFICE = '{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'


def heard_on_hold(caller):
    """Each sentence since the caller was put on hold, and how often it was heard."""
    since = caller.hears.index(words_of("parked"))
    return Counter(caller.hears[since + 1 :])


def music_of(caller):
    return [
        e["url"].rpartition("=")[2] for e in caller.transcript if "music.wav" in e.get("url", "")
    ]


def test_for_twelve_minutes_with_nobody_a_caller_hears_music_and_what_is_new(stage):
    caller = stage.call_level_1()
    stage.advance(12 * 60)
    heard = heard_on_hold(caller)
    assert max(heard.values()) <= 2
    minutes = [f"{n} minuten" for n in range(2, 12)]
    assert [heard[words_of("waited", waited=one)] for one in ("1 minuut", *minutes)] == [1] * 11
    for prompt in ("rings_first_one", "rings_next_one", "rings_on", "rings_last_resort"):
        assert heard[words_of(prompt)] >= 1
    assert any("bellen wij iedereen opnieuw" in said for said in heard)
    assert len(set(music_of(caller))) == 8
    assert longest_silence(caller) <= 5


def test_the_last_resort_is_named_only_while_it_is_rung_and_takes_the_call(stage):
    for number in (SANNE, JORIS):
        stage.office.phone(number).behave("busy")
    caller = stage.call_level_1()
    while LAST not in {leg.engineer for leg in stage.incident().legs()}:
        assert words_of("rings_last_resort") not in caller.hears
        stage.advance(1)
    stage.advance(15)
    assert words_of("rings_last_resort") in caller.hears
    taken = stage.take(LAST_RESORT)
    stage.advance(3)
    assert caller.bridged_with == taken.sid


def test_who_stays_after_the_report_is_done_hears_so_and_then_who_is_rung(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(30)
    stage.press(engineer, "*")
    stage.advance(14)
    assert caller.hears[-1] == words_of("engineer_decides")
    assert caller.hears.count(words_of("talk_ended")) == 1
    stage.press(engineer, "1")
    stage.advance(30)
    assert stage.rings(SANNE) == 2
    assert caller.hears.count(words_of("talk_ended")) == 1
    assert caller.hears.count(words_of("report_done")) == 1
    assert words_of("rings_your_engineer") in caller.hears
    assert words_of("waited", waited="1 minuut") not in caller.hears


def test_a_key_says_at_once_that_it_was_not_all(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(30)
    stage.hang_up(engineer)
    stage.advance(1)
    stage.press(caller, "1")
    stage.advance(3)
    assert stage.rings(SANNE) == 2


def test_a_key_and_a_message_do_not_begin_the_wait_again(stage):
    caller = stage.call_level_1()
    stage.advance(45)
    stage.press(caller, "7")
    stage.record(caller, 4)
    stage.advance(60)
    keys = words_of("waiting_keys")
    assert caller.hears.count(keys) <= 2
    assert words_of("waited", waited="1 minuut") in caller.hears
    stage.press(caller, "9")
    stage.advance(10)
    assert caller.hears[-1] == keys


@pytest.mark.parametrize(
    "paper",
    [
        PAPER.replace(OFFICE, ALWAYS).replace("paging:", "desk: {ring: [joris], for: 20s}\npaging:")
        + MORE
    ],
    ids=["desk"],
)
def test_a_queue_of_three_hears_its_places_as_they_change(stage, paper):
    first = reports(stage, 3)
    stage.take(JORIS)
    second = reports(stage, 3, EMMA, EMMAS_PIN)
    third = reports(stage, 3, BOB, BOBS_PIN)
    stage.advance(240)
    assert second.hears.count(words_of("row_first")) == 1
    assert third.hears.count(words_of("row_place", place=2)) == 1
    assert words_of("row_first") not in third.hears
    stage.hang_up(second)
    stage.advance(30)
    assert third.hears.count(words_of("row_first")) == 1
    assert of(stage, first).acknowledged_by == "joris"
    assert third.hears.count(words_of("row_keys")) == 1
    assert longest_silence(third) <= 5


def longest_silence(handset):
    """The seconds in which a caller on hold hears neither music nor words."""
    ends, longest = None, 0.0
    for entry in handset.transcript:
        at = datetime.fromisoformat(entry["at"]).timestamp()
        if entry["what"] not in ("say", "play"):
            continue
        if ends is not None:
            longest = max(longest, at - ends)
        seconds = entry.get("seconds", len(entry.get("text", "")) / 15)
        ends = at + seconds
    return longest
