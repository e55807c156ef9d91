"""Values as people say them: hours, days, numbers; in every language, at every moment."""

import datetime as dt
import re
import string
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrier import prompts
from routing.oncall.local_time import LocalMoment

AMSTERDAM = "Europe/Amsterdam"
ZONES = (AMSTERDAM, "UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati")
TUESDAY = dt.datetime(2026, 12, 1, 5, 42, tzinfo=ZoneInfo(AMSTERDAM))

CLOCKS = [
    ("00:00", "0 uur", "12 am"),
    ("00:30", "0 uur 30", "12:30 am"),
    ("01:00", "1 uur", "1 am"),
    ("09:00", "9 uur", "9 am"),
    ("09:05", "9 uur 05", "9:05 am"),
    ("11:59", "11 uur 59", "11:59 am"),
    ("12:00", "12 uur", "12 noon"),
    ("12:01", "12 uur 01", "12:01 pm"),
    ("13:00", "13 uur", "1 pm"),
    ("13:30", "13 uur 30", "1:30 pm"),
    ("21:00", "21 uur", "9 pm"),
    ("23:45", "23 uur 45", "11:45 pm"),
]
DAYS = [
    (-1, "maandag 30 november", "Monday 30 November"),
    (0, "vandaag", "today"),
    (1, "morgen", "tomorrow"),
    (2, "donderdag", "Thursday"),
    (6, "maandag", "Monday"),
    (7, "dinsdag 8 december", "Tuesday 8 December"),
    (31, "vrijdag 1 januari", "Friday 1 January"),
]


def speak(language, at, now=TUESDAY, zone=AMSTERDAM):
    return prompts.speak_moment(language, LocalMoment(at, zone), now)


@pytest.mark.parametrize(("clock", "dutch", "english"), CLOCKS)
def test_an_hour_is_said_as_people_say_it(clock, dutch, english):
    at = dt.datetime.combine(TUESDAY, dt.time.fromisoformat(clock), TUESDAY.tzinfo)
    assert speak("nl", at) == f"vandaag om {dutch}"
    assert speak("en", at) == f"today at {english}"


@pytest.mark.parametrize(("days", "dutch", "english"), DAYS)
def test_a_day_is_near_this_week_or_a_date(days, dutch, english):
    at = TUESDAY.replace(hour=9, minute=0) + dt.timedelta(days=days)
    assert speak("nl", at) == f"{dutch} om 9 uur"
    assert speak("en", at) == f"{english} at 9 am"


@pytest.mark.parametrize(
    ("now", "said"), [("2026-12-01 23:59:59", "tomorrow"), ("2026-12-02 00:00", "today")]
)
def test_midnight_makes_tomorrow_today(now, said):
    local = dt.datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(AMSTERDAM))
    at = dt.datetime(2026, 12, 2, 9, tzinfo=ZoneInfo(AMSTERDAM))
    assert speak("en", at, local.astimezone(dt.UTC)) == f"{said} at 9 am"


def test_today_is_that_of_the_listener_and_not_of_our_clocks():
    now = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC)  # 23:30 in Kiritimati
    at = now + dt.timedelta(hours=1)
    assert speak("en", at, now, "Pacific/Kiritimati") == "tomorrow at 12:30 am"


def test_without_a_moment_a_day_is_named_by_its_date():
    at = TUESDAY.replace(hour=9, minute=0)
    assert speak("nl", at, now=None) == "dinsdag 1 december om 9 uur"


def test_a_number_is_said_digit_by_digit_and_written_whole():
    said = prompts.render_sentence("nl", "later_soon", {"number": 1042})
    assert "1 0 4 2" in said
    page = {"number": 1042, "level": 1, "company": "J", "code": "", "reply": "", "waits": ""}
    assert "SPOED 1042," in prompts.render_text("nl", "page", page)


MOMENTS = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: dt.datetime(2020, 1, 2, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)
VALUES = st.one_of(
    st.integers(0, 99999),
    st.text(st.characters(exclude_characters="{}"), max_size=20),
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=30)),
    st.builds(LocalMoment, MOMENTS, st.sampled_from(ZONES)),
)


@pytest.mark.parametrize("language", prompts.SPOKEN)
@given(data=st.data())
def test_no_sentence_leaves_a_brace(language, data):
    spoken = prompts.read_spoken(language)
    prompt = data.draw(st.sampled_from(sorted(spoken)))
    names = {name for _, name, _, _ in string.Formatter().parse(spoken[prompt]) if name}
    values = {name: data.draw(VALUES, name) for name in sorted(names)}
    said = prompts.render_sentence(language, prompt, values, data.draw(st.none() | MOMENTS))
    assert not set(said) & set("{}")


@given(MOMENTS, MOMENTS, st.sampled_from(ZONES))
def test_no_hour_is_past_twelve_in_english(at, now, zone):
    (hour, half) = re.findall(r" at (\d+)(?::\d\d)? (am|pm|noon)$", speak("en", at, now, zone))[0]
    assert 1 <= int(hour) <= 12
    here = at.astimezone(ZoneInfo(zone))
    assert (half == "am") is (here.hour < 12)
    assert (half == "noon") is ((here.hour, here.minute) == (12, 0))


@given(MOMENTS, st.integers(0, 6))
def test_a_named_day_is_the_next_of_that_name(now, days):
    at = now + dt.timedelta(days=days)
    said = speak("en", at, now, "UTC").split(" at ")[0]
    assert said == (["today", "tomorrow"] + [f"{at:%A}"] * 5)[days]
