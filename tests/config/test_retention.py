"""For how long data is kept, as a file says it."""

import datetime as dt

import pytest

from config.line import parse_line_file
from config.reader import FileError
from routing.line import Retention

PAPER = """
line:
  name: Lijn
  number: "+31201234567"
  timezone: Europe/Amsterdam
  languages: [nl]
  office_hours: {days: [mon], hours: "09:00-18:00"}
  last_resort: "+31207654321"
engineers: [{id: sanne, name: Sanne, phones: ["+31612345601"]}]
schedules: [{id: primary, shifts: [{people: [sanne]}]}]
escalation: {steps: [{ring: [primary], for: 30s}]}
"""


def line(more=""):
    return parse_line_file(PAPER + more, lambda pin, _: pin).line


def test_a_file_that_says_nothing_has_the_defaults():
    assert line().keep == Retention()


def test_each_kind_has_its_own_time_in_days_weeks_or_years():
    keep = line("keep: {recordings: 30d, texts: 90 days, incidents: 7 years, calls: 26 weeks}").keep
    assert keep.recordings == dt.timedelta(days=30)
    assert keep.texts == dt.timedelta(days=90)
    assert keep.incidents == dt.timedelta(days=7 * 365)
    assert keep.calls == dt.timedelta(weeks=26)
    assert keep.notes == Retention().notes


@pytest.mark.parametrize(
    "much", ["29 days", "0 years", "for ever", "2 yearsagain", "1 month", "1h"]
)
def test_what_is_too_short_or_no_time_is_named(much):
    with pytest.raises(
        FileError, match=r"keep\.calls: must be a length of time of at least 30 days"
    ):
        line(f"keep: {{calls: {much}}}")


def test_the_countries_that_are_dialled_stand_in_the_file():
    assert line().dial_countries == ()
    more = PAPER.replace("  name: Lijn", "  name: Lijn\n  dial_countries: [NL, BE]")
    assert parse_line_file(more, lambda pin, _: pin).line.dial_countries == ("NL", "BE")


def test_the_silence_that_ends_a_recording_has_limits():
    assert line().silence == dt.timedelta(seconds=5)
    assert line("message: {silence: 20s}").silence == dt.timedelta(seconds=20)
    for much in ("0s", "21s", "5"):
        with pytest.raises(FileError, match=r"message\.silence: must be a length of time from 1s"):
            line(f"message: {{silence: {much}}}")
