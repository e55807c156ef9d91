"""`swaps` lists the shifts that were given away, and `swaps undo` gives them back."""

import datetime as dt
import re

import pytest

from store.people.lines import SqlLineRepository

SANNE, JORIS, MILAN = "+31612345601", "+31612345602", "+31612345603"


@pytest.fixture
def uids(objects):
    """The names of the swaps that stand, oldest first."""
    return lambda: list(dict.fromkeys(row["uid"] for row in objects("swaps")))


def test_swaps_are_listed_by_their_time(three, swap, type_in, uids):
    swap("sanne", "joris", "25T18:00", "26T09:00")
    swap("sanne", "milan")
    sooner, later = uids()
    head, *rows = (re.split(r"\s{2,}", line) for line in type_in("swaps").stdout.splitlines())
    assert head == ["swap", "schedule", "from", "to", "give", "take"]
    assert rows == [
        [sooner, "primary", "2030-12-24 18:00", "2030-12-25 09:00", "sanne", "milan"],
        [later, "primary", "2030-12-25 18:00", "2030-12-26 09:00", "sanne", "joris"],
    ]


def test_programs_get_the_times_with_their_offset(applied, swap, objects):
    swap("sanne", "joris")
    (row,) = objects("swaps")
    assert row.pop("uid").startswith("swap-")
    assert row == {
        "schedule": "primary",
        "start": "2030-12-24T18:00:00+01:00",
        "end": "2030-12-25T09:00:00+01:00",
        "give": "sanne",
        "take": "joris",
    }


def test_a_swap_taken_back_gives_the_shift_back_and_tells_both(
    office, three, swap, type_in, uids, on_call, work
):
    swap("sanne", "milan")
    work()
    result = type_in("swaps", "undo", *uids())
    assert result.exit_code == 0
    assert result.stdout == (
        "sanne has primary back from milan:"
        " 2030-12-24 18:00 to 2030-12-25 09:00 (Europe/Amsterdam)\n"
    )
    assert on_call() == [("24T00", "sanne")]
    assert uids() == []
    work()
    given, taken = office.texts[2:]
    assert (given.to, taken.to) == (SANNE, MILAN)
    assert "is weer van u, niet van Milan Visser." in given.body
    assert taken.body.endswith(
        "the shift for primary from 2030-12-24 18:00"
        " to 2030-12-25 09:00 is Sanne de Vries's again, not yours."
    )


def test_what_was_given_on_goes_back_as_a_whole_and_all_three_are_told(
    office, three, swap, type_in, uids, on_call, work
):
    swap("sanne", "joris")
    swap("joris", "milan", "24T20:00", "24T22:00")
    work()
    (uid,) = uids()
    assert type_in("swaps", "undo", uid).exit_code == 0
    assert on_call() == [("24T00", "sanne")]
    work()
    assert {text.to for text in office.texts[4:]} == {SANNE, JORIS, MILAN}


def test_taking_one_back_leaves_the_others(three, swap, type_in, uids, on_call):
    swap("sanne", "joris", "24T00:00", "24T12:00")
    swap("sanne", "milan", "24T12:00", "25T00:00")
    first, second = uids()
    type_in("swaps", "undo", first)
    assert uids() == [second]
    assert on_call() == [("24T00", "sanne"), ("24T12", "milan"), ("25T00", "sanne")]


def test_an_absence_beneath_the_swap_leaves_nobody_and_that_is_said(
    applied, swap, type_in, uids, tmp_path
):
    times = ("DTSTART;VALUE=DATE:20301224", "DTEND;VALUE=DATE:20301226")
    rows = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "SUMMARY:Sanne weg", *times)
    file = tmp_path / "away.ics"
    file.write_text("\r\n".join((*rows, "END:VEVENT", "END:VCALENDAR", "")))
    swap("sanne", "joris")
    type_in("calendars", "import", file, "--schedule", "primary", "--yes")
    result = type_in("swaps", "undo", *uids())
    assert result.exit_code == 0
    assert "nobody is on call in primary from 2030-12-24 18:00 to 2030-12-25 09:00" in result.stderr


def test_a_swap_under_way_is_taken_back_from_now_on(applied, type_in, uids, board, objects):
    now = dt.datetime.now(dt.UTC)
    end = (now + dt.timedelta(days=1)).isoformat()
    times = ("--from", now.isoformat(), "--to", end)
    type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    type_in("swaps", "undo", *uids())
    (kept,) = SqlLineRepository(board.engine).find_line("main").schedules[0].overrides
    assert now <= kept.start <= kept.end <= dt.datetime.now(dt.UTC)
    assert uids() == []
    (over,) = objects("swaps", "--all")
    result = type_in("swaps", "undo", over["uid"])
    assert (result.exit_code, "That swap is in the past" in result.stderr) == (1, True)


def test_an_unknown_swap_is_refused_with_a_sentence(applied, swap, type_in):
    result = type_in("swaps", "undo", "swap-0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is no swap swap-0; priority-line swaps lists those" in result.stderr
