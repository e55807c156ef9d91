"""`calendars` prints links; `calendars import` takes people off call; `vcard` prints the line."""

import datetime as dt
import json

import pytest

from ivr_app.cli.calendars import MOST_WARNINGS
from service.calendar_feed import render_feed
from service.signed_urls import list_subjects
from store.people.audit import AuditLog

HOLIDAY = ("one", "Vakantie Sanne", "20301224", "20301226")
DENTIST = ("two", "Joris weg", "20301224", "20301225")

FREE = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:one
SUMMARY:Verjaardag Sanne
TRANSP:TRANSPARENT
DTSTART;VALUE=DATE:20301224
END:VEVENT
BEGIN:VEVENT
UID:two@priority-line
SUMMARY:primary: Sanne de Vries
DTSTART;VALUE=DATE:20301224
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def ics(tmp_path):
    """A calendar file of whole days."""

    def write(*events):
        rows = ["BEGIN:VCALENDAR", "VERSION:2.0"]
        for uid, summary, start, end in events:
            dates = (f"DTSTART;VALUE=DATE:{start}", f"DTEND;VALUE=DATE:{end}")
            rows += ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *dates, "END:VEVENT"]
        file = tmp_path / "away.ics"
        file.write_text("\r\n".join((*rows, "END:VCALENDAR", "")))
        return file

    return write


@pytest.fixture
def take(type_in, ics):
    """Import these events into a schedule where both are on call."""

    def run(*events, options=(), keys=None):
        words = ("import", ics(*events), "--schedule", "primary", *options)
        return type_in("calendars", *words, keys=keys)

    return run


@pytest.fixture
def both(type_in, paper):
    """Both are on call in the schedule."""
    assert (
        type_in("apply", paper("[{people: [sanne]}]", "[{people: [sanne, joris]}]")).exit_code == 0
    )


@pytest.fixture
def on_call(objects):
    """Who is on call from the 24th on, by the day and hour at which it changes."""

    def ask():
        span = ("--from", "2030-12-24T00:00", "--to", "2030-12-28T00:00")
        found = objects("oncall", "--schedule", "primary", *span)
        return [(row["start"][8:13], *row["on_call"]) for row in found]

    return ask


def test_whoever_is_away_is_off_call(both, take, on_call):
    result = take(HOLIDAY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "added: sanne off 2030-12-24 00:00 to 2030-12-26 00:00 (Vakantie Sanne)",
        "schedule primary: events 1 added",
    ]
    assert on_call() == [("24T00", "joris"), ("26T00", "joris", "sanne")]


def test_the_same_file_again_changes_nothing(both, take):
    take(HOLIDAY)
    assert take(HOLIDAY).stdout == "schedule primary: events 1 unchanged\n"


def test_the_same_event_again_is_the_new_one(both, take, on_call):
    take(HOLIDAY)
    later = ("one", "Vakantie Sanne", "20301225", "20301227")
    assert "changed: sanne off 2030-12-25 00:00" in take(later).stdout
    assert on_call()[0] == ("24T00", "joris", "sanne")
    assert on_call()[1] == ("25T00", "joris")


def test_what_no_longer_comes_stays_unless_it_is_to_be_replaced(both, take, on_call):
    take(HOLIDAY)
    assert take().stdout == "schedule primary: events 1 unchanged\n"
    assert len(on_call()) == 2
    result = take(options=["--replace"])
    assert "removed: sanne off 2030-12-24 00:00" in result.stdout
    assert on_call() == [("24T00", "joris", "sanne")]


def test_events_that_name_nobody_are_named_and_the_others_taken(both, take, on_call):
    result = take(("x", "Teamuitje", "20301224", "20301225"), HOLIDAY)
    assert result.exit_code == 1
    assert "Teamuitje: names no engineer of this line" in result.stderr
    assert result.stderr.endswith("Mistakes: 1; these events were not imported.\n")
    assert on_call()[0] == ("24T00", "joris")


def test_an_event_that_can_no_longer_be_read_stays_as_it_was(both, take, on_call):
    take(HOLIDAY)
    unclear = ("one", "Vakantie Sanne en Joris", "20301224", "20301226")
    assert take(unclear, options=["--replace"]).exit_code == 1
    assert on_call()[0] == ("24T00", "joris")


EMPTY = "nobody is on call in primary from 2030-12-24 00:00 to 2030-12-25 00:00"


@pytest.mark.parametrize("keys", [None, "n\n"])
def test_a_schedule_is_not_left_empty_unasked(both, take, on_call, keys):
    result = take(HOLIDAY, DENTIST, keys=keys)
    assert (result.exit_code, result.stdout) == (1, "")
    assert EMPTY in result.stderr
    assert result.stderr.endswith("Nothing was imported.\n")
    assert on_call() == [("24T00", "joris", "sanne")]


@pytest.mark.parametrize(("options", "keys"), [((), "y\n"), (("--yes",), None)])
def test_a_schedule_is_left_empty_by_whoever_says_so_and_then_not_asked_again(
    both, take, on_call, options, keys
):
    result = take(HOLIDAY, DENTIST, options=options, keys=keys)
    assert (result.exit_code, EMPTY in result.stderr) == (0, True)
    assert on_call() == [("24T00",), ("25T00", "joris"), ("26T00", "joris", "sanne")]
    assert take(HOLIDAY, DENTIST).stderr == ""


def test_free_time_and_the_lines_own_calendar_are_left_and_said_to_be(both, type_in, tmp_path):
    file = tmp_path / "away.ics"
    file.write_text(FREE)
    result = type_in("calendars", "import", file, "--schedule", "primary")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "left: 1 that comes from the line's own calendar",
        "left: 1 that is marked as free",
        "schedule primary: events none",
    ]


def test_who_took_a_shift_has_it_all_the_same_and_that_is_said(applied, type_in, take, on_call):
    times = ("--from", "2030-12-24T18:00", "--to", "2030-12-25T09:00")
    type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    weg = ("two", "Joris weg", "20301225", "20301226")
    result = take(HOLIDAY, weg, options=["--yes"])
    assert "Joris Bakker is on call anyway in primary from 2030-12-25 00:00" in result.stderr
    assert on_call() == [("24T00",), ("24T18", "joris"), ("25T09",), ("26T00", "sanne")]


def test_a_shift_left_empty_can_still_be_given_away(applied, type_in, take, on_call):
    take(HOLIDAY, ("two", "Joris weg", "20301225", "20301226"), options=["--yes"])
    times = ("--from", "2030-12-24T18:00", "--to", "2030-12-25T09:00")
    result = type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    assert result.exit_code == 0
    assert "Joris Bakker is absent from 2030-12-25 00:00 to 2030-12-26 00:00" in result.stderr
    assert on_call() == [("24T00",), ("24T18", "joris"), ("25T09",), ("26T00", "sanne")]


def test_programs_get_an_object_for_each_absence(both, type_in, ics):
    words = ("calendars", "import", ics(HOLIDAY), "--schedule", "primary", "--json")
    (row,) = map(json.loads, type_in(*words).stdout.splitlines())
    assert row == {
        "schedule": "primary",
        "uid": "one",
        "change": "added",
        "engineer": "sanne",
        "start": "2030-12-24T00:00:00+01:00",
        "end": "2030-12-26T00:00:00+01:00",
    }


def test_what_is_no_calendar_is_refused(both, type_in, paper):
    result = type_in("calendars", "import", paper(), "--schedule", "primary")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not a readable calendar" in result.stderr


def test_an_unknown_schedule_is_refused(both, type_in, ics):
    result = type_in("calendars", "import", ics(HOLIDAY), "--schedule", "x")
    assert (result.exit_code, "There is no schedule x" in result.stderr) == (1, True)


def test_every_schedule_and_engineer_has_a_link_of_its_own(applied, objects, type_in, environment):
    rows = objects("calendars")
    assert [(row["kind"], row["id"]) for row in rows] == [
        ("schedule", "primary"),
        ("schedule", "night"),
        ("engineer", "sanne"),
        ("engineer", "joris"),
    ]
    assert len({row["calendar"] for row in rows}) == 4
    assert all(row["calendar"].startswith(environment["PUBLIC_URL"]) for row in rows)
    assert rows[3]["contact"].endswith(".vcf")
    assert rows[0]["calendar"] in type_in("calendars").stdout


def test_the_line_is_a_contact_without_its_last_resort(applied, type_in, objects):
    card = type_in("vcard").stdout_bytes.decode()
    assert card.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n")
    assert card.endswith("END:VCARD\r\n")
    assert "TEL;TYPE=WORK,VOICE,PREF:+31201234567\r\n" in card
    assert "TEL;TYPE=WORK,MSG:+3197010200000\r\n" in card
    assert "+31207654321" not in card
    assert objects("vcard") == [{"line": "main", "vcard": card}]


def test_a_link_is_withdrawn_by_a_command(type_in, paper, objects, board):
    def links():
        return {row["id"]: row["calendar"] for row in objects("calendars")}

    type_in("apply", paper())
    before = links()
    result = type_in("calendars", "withdraw", "primary")
    assert (result.exit_code, links()["primary"] in result.stdout) == (0, True)
    assert links()["primary"] != before["primary"]
    assert links()["sanne"] == before["sanne"]
    assert AuditLog(board.engine).page()[0].entry.action == "calendars.withdraw"
    refused = type_in("calendars", "withdraw", "nobody")
    assert refused.exit_code == 1
    assert refused.stderr == "Line main has no schedule or engineer nobody.\n"


@pytest.fixture
def bring(both, type_in, tmp_path):
    """Import a file of these lines into a schedule where both are on call."""

    def run(*lines, options=("--yes",)):
        file = tmp_path / "brought.ics"
        file.write_text("\r\n".join(("BEGIN:VCALENDAR", *lines, "END:VCALENDAR", "")))
        return type_in("calendars", "import", file, "--schedule", "primary", *options)

    return run


def test_the_feed_that_the_line_gives_takes_nobody_off_call_when_it_comes_back(
    both, type_in, board, tmp_path, objects
):
    subject = next(iter(list_subjects(board.lines.find_line("main"), {})))
    file, now = tmp_path / "feed.ics", dt.datetime.now(dt.UTC)
    file.write_bytes(render_feed(subject, "a secret", now, now))
    result = type_in("calendars", "import", file, "--schedule", "primary")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("schedule primary: events none\n")
    stripped = file.read_bytes().replace(b"TRANSP:TRANSPARENT\r\n", b"")
    assert stripped != file.read_bytes()
    file.write_bytes(stripped.replace(b"PRODID:-//Priority Line//on call//EN", b"PRODID:x"))
    again = type_in("calendars", "import", file, "--schedule", "primary")
    assert again.stdout.endswith("schedule primary: events none\n")


def test_many_times_without_anybody_are_told_in_few_lines(bring):
    event = ["BEGIN:VEVENT", "DTSTART:20260101T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"]
    days = [
        [*event, f"UID:{name}", f"SUMMARY:{name} weg", "END:VEVENT"] for name in ("sanne", "joris")
    ]
    result = bring(*days[0], *days[1])
    assert result.exit_code == 0
    told = result.stderr.splitlines()
    assert len(told) == MOST_WARNINGS + 1
    assert told[-1].endswith(" more")


def test_an_absence_for_all_time_is_asked_about_as_far_as_anybody_plans(bring):
    event = ["BEGIN:VEVENT", "DTSTART:20260101T080000Z", "DURATION:P99999D", "END:VEVENT"]
    for name in ("sanne", "joris"):
        result = bring(*event[:-1], f"UID:{name}", f"SUMMARY:{name} weg", *event[-1:])
        assert result.exit_code == 0
    assert "nobody is on call in primary from 2026-01-01" in result.stderr
