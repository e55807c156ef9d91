"""Calendars that were once read wrong: revisions, free time, zones, days, and rules without end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import absences
from config.absences import CalendarEntry, read_entries
from config.ics import MAX_BYTES
from routing.line import Engineer
from tests.config.test_ics import NOW, TEAM, entries, event, one, span

CASES = Path(__file__).parent.parent / "cases" / "ics"
AMSTERDAM = "Europe/Amsterdam"
DAILY_2300 = "DTSTART;TZID=Europe/Amsterdam:20260326T230000\nDTEND;TZID=Europe/Amsterdam:"
ZONE = """BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def case(name: str) -> dict[str, CalendarEntry]:
    found = read_entries((CASES / name).read_bytes(), TEAM, AMSTERDAM, NOW)
    return {entry.uid: entry for entry in found}


def calendar(*parts: str) -> str:
    return "\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR"))


def spans(entry: CalendarEntry) -> list[tuple[str, str]]:
    assert not entry.wrong
    return [(f"{a.start:%m-%d %H:%M}", f"{a.end:%m-%d %H:%M}") for a in entry.absences]


def test_an_unknown_zone_is_named_and_nobody_is_taken_off_call():
    found = case("unknown-zone.ics")
    assert [entry.absences for entry in found.values()] == [(), ()]
    assert found["z-1"].wrong == "has a time zone that is not known: tzone://Microsoft/Utc"
    assert found["z-2"].wrong == "has a time zone that is not known: GMT-0500"


def test_a_rule_without_any_day_is_named_and_the_next_event_is_taken():
    found = case("february-30.ics")
    assert found["never-1"].wrong == "has a rule that never occurs"
    assert [a.engineer for a in found["good-2"].absences] == ["joris"]


def test_the_newest_revision_counts_and_a_transparent_event_takes_no_time():
    found = case("revised.ics")
    (away,) = found["trip-9"].absences
    assert (away.engineer, away.start, away.end) == (
        "joris",
        dt.datetime(2027, 3, 7, 23, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 14, 23, tzinfo=dt.UTC),
    )
    assert (found["party-1"].absences, found["party-1"].free) == ((), "is marked as free")


@pytest.mark.parametrize("order", [1, -1])
def test_a_cancelled_absence_counts_no_more(order):
    revisions = [event("SEQUENCE:1"), event("SEQUENCE:2", "STATUS:CANCELLED")]
    (entry,) = entries(*revisions[::order])
    assert (entry.absences, entry.wrong) == ((), "")


def test_of_equal_sequences_the_one_changed_last_counts():
    early = event("LAST-MODIFIED:20260101T000000Z")
    late = event("LAST-MODIFIED:20260102T000000Z", when="DTSTART;VALUE=DATE:20261228")
    (entry,) = entries(late, early)
    assert spans(entry) == [("12-27 23:00", "12-28 23:00")]


def test_a_series_that_was_cancelled_takes_along_what_was_moved_before():
    daily = "DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    moved = event("RECURRENCE-ID:20260402T080000Z", when="DTSTART:20260402T200000Z\nDURATION:PT1H")
    over = event("SEQUENCE:1", "STATUS:CANCELLED", when=daily)
    assert entries(event(when=daily), moved, over)[0].absences == ()
    again = moved.replace("UID:one", "UID:one\nSEQUENCE:2")
    assert spans(entries(over, again)[0]) == [("04-02 20:00", "04-02 21:00")]


def test_a_calendar_that_cancels_cancels():
    text = calendar(event()) + "\n" + calendar("METHOD:CANCEL", event("SEQUENCE:1"))
    (entry,) = read_entries(text.encode(), TEAM, AMSTERDAM, NOW)
    assert entry.absences == ()


@pytest.mark.parametrize(
    "mark",
    [
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
    ],
)
@pytest.mark.parametrize("rule", [(), ("RRULE:FREQ=WEEKLY",)])
def test_free_time_takes_nobody_off_call(mark, rule):
    entry = one(mark, *rule)
    assert (entry.absences, entry.wrong, entry.free) == ((), "", "is marked as free")


def test_free_time_need_not_name_an_engineer():
    assert one("TRANSP:TRANSPARENT", summary="Koningsdag").wrong == ""


def test_the_lines_own_calendar_takes_nobody_off_call():
    own = "comes from the line's own calendar"
    assert one(uid="0123@priority-line").free == own
    feed = calendar("PRODID:-//Priority Line//on call//EN", event())
    (entry,) = read_entries(feed.encode(), TEAM, AMSTERDAM, NOW)
    assert (entry.absences, entry.free) == ((), own)


@pytest.mark.parametrize(
    "other", ["DTEND", "RECURRENCE-ID", "EXDATE"], ids=["end", "recurrence", "exception"]
)
def test_an_unknown_zone_is_seen_wherever_it_stands(other):
    entry = one(f"{other};TZID=Nowhere/Land:20261226T100000", when="DTSTART:20261224T100000Z")
    assert (entry.absences, "not known: Nowhere/Land" in entry.wrong) == ((), True)


def test_each_calendar_of_a_file_has_zones_of_its_own():
    when = "DTSTART;TZID=Ours:20260701T120000\nDURATION:PT1H"
    west = calendar(ZONE.format(winter="-0500", summer="-0400"), event(uid="west", when=when))
    east = calendar(ZONE.format(winter="+0530", summer="+0630"), event(uid="east", when=when))
    none = calendar(event(uid="none", when=when))
    found = list(read_entries(f"{west}\n{east}\n{none}".encode(), TEAM, AMSTERDAM, NOW))
    assert spans(found[0]) == [("07-01 16:00", "07-01 17:00")]
    assert spans(found[1]) == [("07-01 05:30", "07-01 06:30")]
    assert "not known: Ours" in found[2].wrong


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("20260329T013000", "03-29 00:30"),
        ("20260329T023000", "03-29 01:00"),  # the first instant after the gap
        ("20260329T030000", "03-29 01:00"),
        ("20261025T023000", "10-25 00:30"),  # the first of two
        ("20261025T030000", "10-25 02:00"),
    ],
)
@pytest.mark.parametrize("zone", ["Ours", AMSTERDAM, "W. Europe Standard Time"])
def test_a_table_is_read_as_clocks_are_everywhere(zone, at, instant):
    table = ZONE.format(winter="+0100", summer="+0200")
    timed = event(when=f"DTSTART;TZID={zone}:{at}\nDURATION:PT5M")
    (entry,) = entries(table, timed)
    assert spans(entry)[0][0] == instant


@pytest.mark.parametrize(
    "prefix", ["/freeassociation.sourceforge.net/", "/mozilla.org/20050126_1/"]
)
def test_a_known_zone_with_the_name_of_a_program_before_it(prefix):
    when = f"DTSTART;TZID={prefix}{AMSTERDAM}:20260701T120000\nDURATION:PT1H"
    assert span(one(when=when)) == ("07-01 10:00", "07-01 11:00")


def test_a_table_that_never_holds_hangs_nothing():
    table = ZONE.format(winter="+0100", summer="+0200").replace("BYMONTH=3", "BYMONTH=3,2")
    endless = table.replace("BYDAY=-1SU;BYMONTH=10", "BYMONTH=2;BYMONTHDAY=30")
    (entry,) = entries(endless, event(when="DTSTART;TZID=Ours:20260701T120000\nDURATION:PT1H"))
    assert entry.absences
    broken = table.replace("TZOFFSETTO", "X-NOTHING")
    (entry,) = entries(broken, event(when="DTSTART;TZID=Ours:20260701T120000\nDURATION:PT1H"))
    assert "TZOFFSETTO" in entry.wrong


DAILY = "DTSTART;TZID=Europe/Amsterdam:20260401T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"


def test_a_moved_time_may_be_named_by_its_day():
    moved = event("RECURRENCE-ID;VALUE=DATE:20260402", when="DTSTART:20260402T200000Z")
    later = moved.replace("END:VEVENT", "DURATION:PT1H\nEND:VEVENT")
    found = spans(entries(event(when=DAILY), later)[0])
    assert [start for start, _ in found] == ["04-01 07:00", "04-02 20:00", "04-03 07:00"]


def test_a_dropped_time_may_be_named_by_its_day():
    found = spans(one("EXDATE;VALUE=DATE:20260402", when=DAILY))
    assert [start for start, _ in found] == ["04-01 07:00", "04-03 07:00"]


def test_a_day_of_a_series_of_days_may_be_named_by_its_time():
    whole = "DTSTART;VALUE=DATE:20260401\nRRULE:FREQ=DAILY;COUNT=3"
    found = spans(one("EXDATE:20260402T000000", when=whole))
    assert [start for start, _ in found] == ["03-31 22:00", "04-02 22:00"]


def test_an_exception_of_an_event_without_a_rule_counts_too():
    assert one("EXDATE:20261224T180000Z", when="DTSTART:20261224T180000Z\nDURATION:PT1H") == one(
        "STATUS:CANCELLED"
    )


def test_a_time_and_all_later_ones_may_be_moved_at_once():
    moved = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Amsterdam:20260402T090000",
        when="DTSTART;TZID=Europe/Amsterdam:20260402T150000\nDURATION:PT2H",
    )
    found = spans(entries(event(when=DAILY), moved)[0])
    assert found == [
        ("04-01 07:00", "04-01 08:00"),
        ("04-02 13:00", "04-02 15:00"),
        ("04-03 13:00", "04-03 15:00"),
    ]


@pytest.mark.parametrize("until", ["20260403", "20260403T070000Z", "20260403T090000"])
def test_the_last_day_of_a_series_is_part_of_it(until):
    found = spans(one(when=DAILY.replace("COUNT=3", f"UNTIL={until}")))
    assert [start for start, _ in found] == ["04-01 07:00", "04-02 07:00", "04-03 07:00"]


@pytest.mark.parametrize("until", ["20260403", "20260402T220000Z", "20260403T000000Z"])
def test_so_is_the_last_of_whole_days(until):
    whole = f"DTSTART;VALUE=DATE:20260401\nRRULE:FREQ=DAILY;UNTIL={until}"
    assert spans(one(when=whole))[-1] == ("04-02 22:00", "04-03 22:00")


def test_a_series_goes_on_over_a_night_without_its_hour():
    nightly = "DTSTART;TZID=Europe/Amsterdam:20260328T021500\nDURATION:PT30M\nRRULE:FREQ=DAILY"
    found = spans(one("X-ANY:1", when=f"{nightly};COUNT=3"))
    assert found == [
        ("03-28 01:15", "03-28 01:45"),
        ("03-29 01:00", "03-29 01:30"),
        ("03-30 00:15", "03-30 00:45"),
    ]


@pytest.mark.parametrize(
    ("lasts", "end"),
    [
        ("DURATION:PT24H", "03-29 17:00"),
        ("DURATION:P1D", "03-29 16:00"),
        ("DURATION:P1DT1H", "03-29 17:00"),
        ("DTEND;TZID=Europe/Amsterdam:20260329T180000", "03-29 16:00"),
    ],
)
def test_days_are_counted_by_the_calendar_and_hours_by_the_clock(lasts, end):
    when = f"DTSTART;TZID=Europe/Amsterdam:20260328T180000\n{lasts}"
    assert span(one(when=when)) == ("03-28 17:00", end)


def test_a_series_with_an_end_lasts_exactly_as_long_each_time():
    when = f"{DAILY_2300}20260327T070000\nRRULE:FREQ=DAILY;COUNT=3"
    found = spans(one(when=when))
    assert found[-1] == ("03-28 22:00", "03-29 06:00")


def test_dates_may_be_added_with_an_end_of_their_own():
    when = "DTSTART:20260401T080000Z\nDURATION:PT1H"
    added = "RDATE;VALUE=PERIOD:20260402T080000Z/PT2H,20260403T080000Z/20260403T100000Z"
    entry = one(added, "RDATE:20260404T080000Z", when=when)
    assert [end for _, end in spans(entry)] == [
        "04-01 09:00",
        "04-02 10:00",
        "04-03 10:00",
        "04-04 09:00",
    ]


def test_a_rule_that_the_standard_has_dropped_is_named():
    assert "EXRULE" in one("EXRULE:FREQ=WEEKLY", when=DAILY).wrong


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7",
    ],
)
def test_an_absurd_rule_is_named_and_the_next_event_is_taken(rule):
    absurd = event(f"RRULE:{rule}", when="DTSTART:00010101T080000Z\nDURATION:PT1H")
    broken, good = entries(absurd, event(uid="two"))
    assert broken.wrong
    assert len(good.absences) == 1


def test_many_rules_that_never_come_true_are_no_more_work_than_a_file_may_ask_for():
    never = "DTSTART:20260101T080000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    found = entries(*(event(uid=f"never-{n}", when=never) for n in range(200)), event())
    assert {entry.wrong for entry in found[:-1]} == {
        "has a rule that never occurs",
        "was not read: the rules of this file take too long to calculate",
    }
    assert found[-1].absences


def test_a_file_takes_no_more_absences_than_a_schedule_can_bear(monkeypatch):
    monkeypatch.setattr(absences, "MAX_ABSENCES", 5)
    daily = "DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4"
    first, second, third = entries(event(when=daily), event(uid="b", when=daily), event(uid="c"))
    assert [len(e.absences) for e in (first, second, third)] == [4, 0, 1]
    assert second.wrong == "is beyond the 5 absences that one file may have"


def test_a_file_has_no_more_events_than_are_read(monkeypatch):
    monkeypatch.setattr(absences, "MAX_EVENTS", 1)
    first, rest = entries(event(), event(uid="b"))
    assert len(first.absences) == 1
    assert (rest.words, "a file may have 1 events" in rest.wrong) == ("1 events at the end", True)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"x" * (MAX_BYTES + 1), "larger than 8 MiB"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" * 50_000, "nested too deep"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", "ends in the middle"),
        (b"BEGIN:VCALENDAR\nEND:VEVENT\n", "END:VEVENT in the wrong place"),
    ],
)
def test_what_is_no_whole_calendar_is_refused_in_a_sentence(source, why):
    with pytest.raises(ValueError, match=why):
        list(read_entries(source, TEAM, "UTC", NOW))


def test_a_name_may_be_written_in_either_way_that_characters_are_composed():
    team = replace(TEAM, engineers=(Engineer("rene", "Ren\u00e9 M\u00fcller", ("+31612345604",)),))
    decomposed = "Vakantie  RENE\u0301\u00a0M\u200bu\u0308ller"
    (absence,) = one(summary=decomposed, line=team).absences
    assert absence.engineer == "rene"


def test_a_calendar_that_is_not_in_utf_8_is_read_as_windows_writes_it():
    text = calendar(event(summary="Café met Sanne")).encode("cp1252")
    (entry,) = read_entries(text, TEAM, AMSTERDAM, NOW)
    assert entry.words == "Café met Sanne"


WORDS = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "BEGIN:STANDARD",
        "END:STANDARD",
        "TZID:Ours",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+9999",
        "UID:one",
        "SUMMARY:Sanne",
        "SEQUENCE:٣",
        "SEQUENCE:99999999999999999999",
        "DTSTART;TZID=Ours:20260401T080000",
        "DTSTART;VALUE=DATE:99991231",
        "DTSTART:00010101T000000Z",
        "DTEND:20260401T090000Z",
        "DTEND:99991231T235959Z",
        "DURATION:P99999W",
        "DURATION:-PT1H",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=MONTHLY;UNTIL=00010101T000000Z",
        "RDATE:99991231T000000",
        "RDATE;VALUE=PERIOD:20260401T080000Z/PT1H,/",
        "EXDATE:20260401",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260401T080000Z",
        "RECURRENCE-ID:00010101",
        "ATTENDEE:",
        "",
    ]
)


@settings(max_examples=400)
@given(st.lists(WORDS | st.text(max_size=20), max_size=25))
def test_whatever_stands_in_a_calendar_is_read_or_named(lines):
    begun = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    try:
        for entry in read_entries("\n".join(begun).encode(), TEAM, AMSTERDAM, NOW):
            assert entry.wrong or all(a.start < a.end for a in entry.absences)
    except ValueError as error:
        assert str(error)
