"""A walk is the same each time, and counts what was heard."""

import pytest

from devtools.calls.hearing import Heard, Listener, Spoken
from devtools.calls.limits import measure
from devtools.calls.people import Habit, find_key
from devtools.calls.stories import STORIES
from devtools.calls.story import walk
from tests.stories.stage import BEGINS

LEVEL_1 = STORIES[0]


def entry(at, what, **more):
    moment = BEGINS.replace(second=at)
    return {"at": moment.isoformat(), "what": what, **more}


def hears(*entries, ends=60.0):
    return Listener(Heard("", calls=True, begins=0.0, ends=ends), BEGINS, []).read(entries)


def test_the_same_story_is_the_same_to_the_last_letter():
    first, second = (walk(LEVEL_1, "nl", "en") for _ in range(2))
    assert first.moments == second.moments


def test_someone_who_knows_it_by_heart_hears_less_than_who_listens():
    words = [measure(walk(LEVEL_1, "en", "nl", habit))[0].value for habit in Habit]
    assert words == sorted(words, reverse=True)
    assert words[-1] < 10


@pytest.mark.parametrize(
    ("seconds", "heard", "words"),
    [(0, "", 0), (0.1, "Toets", 1), (1, "Toets uw pincode", 3), (9, "Toets uw pincode.", 3)],
)
def test_a_word_counts_once_it_has_begun(seconds, heard, words):
    spoken = Spoken("Toets uw pincode.", 0, seconds)
    assert (spoken.heard, spoken.words) == (heard, words)


def test_a_key_cuts_a_question_short_and_no_other_sentence():
    asked = hears(entry(0, "gather"), entry(0, "say", text="x" * 150), entry(2, "key", text="1"))
    told = hears(entry(0, "say", text="x" * 150), entry(2, "key", text="1"))
    assert (asked.spoken[0].ends, told.spoken[0].ends) == (2, 10)


def test_silence_is_where_nothing_is_heard_and_nothing_done():
    leg = hears(
        entry(0, "say", text="x" * 30),
        entry(9, "key", text="1"),
        entry(20, "play", url="music.wav", seconds=5.0),
        entry(30, "bridge"),
        entry(50, "unbridge"),
    )
    assert list(leg.silences()) == [(2, 7), (9, 11), (25, 5), (50, 10)]


@pytest.mark.parametrize(
    ("text", "key", "heard"),
    [
        ("Ligt uw bedrijf stil: toets 1. Werkt iets niet: toets 2.", "1", "toets 1"),
        ("Incident 1 0 1 1, niveau 1, aannemen: toets 1.", "1", "aannemen: toets 1"),
        ("Press 2 to keep level 3.", "1", None),
        ("You have waited 12 minutes.", "1", None),
    ],
)
def test_a_key_is_named_where_its_digit_stands_alone(text, key, heard):
    place = find_key(text, key)
    assert (None if place is None else text[:place].endswith(heard)) == (heard and True)
