"""A calendar is read into absences; what cannot be used says why."""

import datetime as dt
from dataclasses import replace

import pytest

from config.absences import read_entries
from routing.line import Engineer
from tests.store.cast import LINE

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
SANNE, JORIS = LINE.engineers
TEAM = replace(LINE, engineers=(replace(SANNE, email="Sanne@example.org"), JORIS))
SECOND_SANNE = Engineer("kok", "Sanne Kok", ("+31612345604",))
ALL_DAY = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261226"


def event(*lines, uid="one", summary="Vakantie Sanne", when=ALL_DAY):
    said = [f"UID:{uid}", f"SUMMARY:{summary}", when, *lines]
    return "\n".join(("BEGIN:VEVENT", *said, "END:VEVENT"))


def entries(*events, line=TEAM, zone="Europe/Amsterdam"):
    text = "\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR"))
    return list(read_entries(text.replace("\n", "\r\n").encode(), line, zone, NOW))


def one(*lines, line=TEAM, zone="Europe/Amsterdam", **about):
    (entry,) = entries(event(*lines, **about), line=line, zone=zone)
    return entry


def span(entry):
    assert not entry.wrong
    ((start, end),) = [(a.start, a.end) for a in entry.absences]
    return f"{start:%m-%d %H:%M}", f"{end:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "when", "start", "end"),
    [
        ("Europe/Amsterdam", ALL_DAY, "12-23 23:00", "12-25 23:00"),
        ("Asia/Kolkata", ALL_DAY, "12-23 18:30", "12-25 18:30"),
        ("Europe/Amsterdam", "DTSTART;VALUE=DATE:20261025", "10-24 22:00", "10-25 23:00"),
        ("Asia/Kolkata", "DTSTART:20261224T180000Z\nDURATION:PT90M", "12-24 18:00", "12-24 19:30"),
        (
            "Asia/Kolkata",
            "DTSTART;TZID=America/New_York:20261224T180000\nDTEND:20261225T000000Z",
            "12-24 23:00",
            "12-25 00:00",
        ),
        (
            "Europe/Amsterdam",
            "DTSTART:20261224T180000\nDTEND:20261224T190000",
            "12-24 17:00",
            "12-24 18:00",
        ),
        (
            "UTC",
            "DTSTART;TZID=W. Europe Standard Time:20261224T180000\nDURATION:PT1H",
            "12-24 17:00",
            "12-24 18:00",
        ),
    ],
)
def test_times_are_those_of_the_event_or_else_local_to_the_schedule(zone, when, start, end):
    assert span(one(zone=zone, when=when)) == (start, end)


@pytest.mark.parametrize(
    ("summary", "lines", "engineer"),
    [
        ("Vakantie Sanne", (), "sanne"),
        ("SANNE DE VRIES: off", (), "sanne"),
        ("joris -- dentist", (), "joris"),
        ("sanne@example.org weg", (), "sanne"),
        ("Weg", ("ATTENDEE;CN=S:MAILTO:sanne@EXAMPLE.org",), "sanne"),
        (
            "Weg",
            ("ATTENDEE:mailto:boss@example.org", "ORGANIZER:mailto:sanne@example.org"),
            "sanne",
        ),
        ("Joris weg", ("ORGANIZER:mailto:sanne@example.org",), "joris"),
    ],
)
def test_an_engineer_is_named_by_name_id_or_address(summary, lines, engineer):
    (absence,) = one(*lines, summary=summary).absences
    assert absence.engineer == engineer


@pytest.mark.parametrize(
    ("summary", "why"),
    [
        ("Teamuitje", "names no engineer"),
        ("Susanne weg", "names no engineer"),
        ("Sanne en Joris", "joris or sanne"),
    ],
)
def test_nobody_or_several_are_said_to_be_so(summary, why):
    assert why in one(summary=summary).wrong


def test_a_first_name_that_two_have_needs_the_whole_name():
    both = replace(TEAM, engineers=(*TEAM.engineers, SECOND_SANNE))
    assert "kok or sanne" in one(summary="Vakantie Sanne", line=both).wrong
    (absence,) = one(summary="Vakantie Sanne Kok", line=both).absences
    assert absence.engineer == "kok"


def test_what_recurs_is_followed_for_four_hundred_days_with_its_exceptions():
    weekly = "DTSTART;TZID=Europe/Amsterdam:20260105T180000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY"
    entry = one("EXDATE;TZID=Europe/Amsterdam:20260309T180000", when=weekly)
    starts = [absence.start for absence in entry.absences]
    assert starts[0] == dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)
    assert starts[1] == dt.datetime(2026, 3, 16, 17, tzinfo=dt.UTC)
    assert dt.datetime(2026, 7, 6, 16, tzinfo=dt.UTC) in starts
    assert dt.timedelta(days=393) < starts[-1] - NOW < dt.timedelta(days=400)


def test_one_time_of_a_series_may_be_moved_or_cancelled():
    daily = "DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    moved = event("RECURRENCE-ID:20260402T080000Z", when="DTSTART:20260402T200000Z\nDURATION:PT1H")
    dropped = event(
        "RECURRENCE-ID:20260403T080000Z",
        "STATUS:CANCELLED",
        when="DTSTART:20260403T080000Z\nDURATION:PT1H",
    )
    (entry,) = entries(event(when=daily), moved, dropped)
    assert [absence.start.hour for absence in entry.absences] == [8, 20]


def test_what_is_over_or_cancelled_is_no_absence():
    assert one(when="DTSTART;VALUE=DATE:20260101").absences == ()
    assert one("STATUS:CANCELLED").absences == ()


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("DTSTART:rubbish", "cannot be read"),
        ("X-NOTHING:1", "has no DTSTART"),
        ("DTSTART:20261224T180000Z\nDTEND:20261224T170000Z", ""),
        ("DTSTART:20261224T180000Z", "does not end after it begins"),
        ("DTSTART:20261224T180000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY", "more often than daily"),
    ],
)
def test_a_broken_event_is_named_and_the_next_one_is_read(when, why):
    broken, good = entries(event(when=when), event(uid="two"))
    assert broken.wrong
    assert why in broken.wrong
    assert len(good.absences) == 1


def test_an_event_without_a_name_of_its_own_is_refused():
    assert "has no UID" in one(uid="").wrong


@pytest.mark.parametrize("junk", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n"])
def test_what_is_no_calendar_is_refused_whole(junk):
    with pytest.raises(ValueError):
        list(read_entries(junk, TEAM, "UTC", NOW))
