"""`swap` gives a shift away, refuses what is not theirs to give, and tells both by text."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from service.shifts.exchange import ShiftNotices
from store.people.lines import SqlLineRepository
from store.work.metrics import Heartbeats

SANNE = "+31612345601"


def test_both_are_told_in_their_own_language(office, three, swap, work):
    result = swap("sanne", "milan")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "Milan Visser takes primary from Sanne de Vries:"
        " 2030-12-24 18:00 to 2030-12-25 09:00 (Europe/Amsterdam)\n"
        "The engineers are notified. To undo it: priority-line swaps undo swap-"
    )
    assert office.texts == []
    work()
    given, taken = office.texts
    assert (given.to, given.from_) == (SANNE, "+3197010200000")
    assert given.body.endswith("geen dienst voor primary: Milan Visser neemt die over.")
    assert (taken.to, taken.body.split(" for ")[0]) == ("+31612345603", "You are on call")


def test_a_carrier_that_is_away_delays_the_texts_and_loses_none(office, three, swap, work):
    office.faults(requests=[{"method": "POST", "path": "Messages", "status": 503, "count": 2}])
    swap("sanne", "milan")
    work()
    assert office.texts == []
    work(after=2)
    assert [text.to for text in office.texts] == [SANNE, "+31612345603"]


def test_where_nobody_runs_who_would_send_the_texts_the_command_says_so(applied, board, swap):
    warning = "warning: no worker or clock is running: messages are sent as soon as one starts\n"
    assert swap("sanne", "joris").stderr == warning
    Heartbeats(board.engine).beat("clock", "one", dt.datetime.now(dt.UTC))
    assert swap("joris", "sanne").stderr == ""


@pytest.mark.parametrize(
    ("begins", "told"),
    [("2030-12-24T18:00+01:00", "2030-12-24T07:00+01:00"), ("2030-12-24T05:00+01:00", None)],
)
def test_quiet_is_kept_unless_the_shift_begins_before_it_ends(type_in, paper, board, begins, told):
    quiet = 'phones: ["+31612345602"], quiet: "22:00-07:00"}'
    type_in("apply", paper('phones: ["+31612345602"]}', quiet))
    night = dt.datetime.fromisoformat("2030-12-24T03:00+01:00")
    at_night = replace(board, call_service=replace(board.call_service, clock=lambda: night))
    line = SqlLineRepository(board.engine).find_line("main")
    mailbag = ShiftNotices(at_night, line, line.schedules[0])
    start = dt.datetime.fromisoformat(begins)
    about = ((start, start + dt.timedelta(hours=1)), "Sanne de Vries")
    letter = mailbag.build_message("swap-1", line.engineer("joris"), "swap_taken", about)
    assert letter.at == (dt.datetime.fromisoformat(told) if told else night)


def test_programs_get_one_object_for_each_time_that_changed_hands(applied, type_in):
    asked = ("--schedule", "night", "--from", "2030-12-24T12:00", "--to", "2030-12-26T00:00")
    result = type_in("swap", *asked, "--give", "joris", "--take", "sanne", "--json")
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    people = {"schedule": "night", "give": "joris", "take": "sanne"}
    (uid,) = {row.pop("uid") for row in rows}
    assert uid.startswith("swap-")
    assert [row["start"] for row in rows] == [
        "2030-12-24T18:00:00+01:00",
        "2030-12-25T18:00:00+01:00",
    ]
    assert rows[0] == people | {
        "start": "2030-12-24T18:00:00+01:00",
        "end": "2030-12-25T09:00:00+01:00",
    }


def test_what_was_taken_can_be_given_on(three, swap, on_call):
    swap("sanne", "joris")
    assert swap("joris", "milan", "24T20:00", "24T22:00").exit_code == 0
    assert on_call() == [
        ("24T00", "sanne"),
        ("24T18", "joris"),
        ("24T20", "milan"),
        ("24T22", "joris"),
        ("25T09", "sanne"),
    ]


def test_what_was_taken_can_be_given_back(applied, swap, on_call, board):
    swap("sanne", "joris")
    swap("joris", "sanne")
    assert on_call() == [("24T00", "sanne")]
    assert SqlLineRepository(board.engine).find_line("main").schedules[0].overrides == ()


def test_a_shift_and_what_was_taken_before_it_go_together(three, swap, on_call):
    swap("sanne", "joris", "24T00:00", "25T00:00")
    swap("joris", "milan", "24T12:00", "25T00:00")
    assert swap("sanne", "milan", "24T12:00", "25T12:00").exit_code == 0
    assert on_call() == [("24T00", "joris"), ("24T12", "milan"), ("25T12", "sanne")]


@pytest.mark.parametrize(
    ("give", "take", "times", "why"),
    [
        ("joris", "sanne", (), "Joris Bakker is not on call in primary from 2030-12-24 18:00"),
        ("joris", "sanne", (), "On call at the start: sanne."),
        ("sanne", "sanne", (), "cannot take over their own shift"),
        ("sanne", "bob", (), "There is no engineer bob on line main; there are: sanne, joris"),
        ("sanne", "joris", ("25T09:00", "24T18:00"), "--to must come after --from"),
        ("sanne", "joris", ("24T18:00", "25T09:00", "x"), "There is no schedule x on line main"),
        ("joris", "sanne", ("24T12:00", "24T18:00", "night"), "is not on call in night"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(applied, swap, give, take, times, why):
    result = swap(give, take, *times)
    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr


def test_what_is_over_stays_as_it_was(applied, type_in):
    times = ("--from", "2020-01-01T00:00", "--to", "2020-01-02T00:00")
    result = type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    assert (result.exit_code, "That time is in the past" in result.stderr) == (1, True)


def test_a_shift_that_has_begun_changes_hands_from_now_on(applied, type_in, board):
    now = dt.datetime.now(dt.UTC)
    tomorrow = (now + dt.timedelta(days=1)).isoformat()
    times = ("--from", "2020-01-01T00:00", "--to", tomorrow)
    type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    (override,) = SqlLineRepository(board.engine).find_line("main").schedules[0].overrides
    assert now <= override.start <= dt.datetime.now(dt.UTC)


def test_what_lasts_for_months_belongs_into_the_file(applied, type_in):
    times = ("--from", "2030-01-01T00:00", "--to", "2031-01-01T00:00")
    result = type_in("swap", "--schedule", "primary", *times, "--give", "sanne", "--take", "joris")
    assert (result.exit_code, "at most 100 days" in result.stderr) == (1, True)


def test_whoever_is_there_already_cannot_take_it_alone(type_in, paper, swap):
    type_in("apply", paper("[{people: [sanne]}]", "[{people: [sanne, joris]}]"))
    result = swap("sanne", "joris")
    assert (
        result.exit_code,
        "already on call in primary for all of that time" in result.stderr,
    ) == (1, True)


def test_being_there_already_for_a_part_is_worth_a_warning(type_in, paper, swap):
    both = '[{people: [sanne]}, {people: [joris], hours: "00:00-06:00"}]'
    type_in("apply", paper("[{people: [sanne]}]", both))
    result = swap("sanne", "joris")
    assert result.exit_code == 0
    assert "already on call from 2030-12-25 00:00 to 2030-12-25 06:00: one person fewer" in (
        result.stderr
    )


@pytest.mark.parametrize(
    ("field", "who"),
    [("instead", "people: [sanne]"), ("overrides", "remove: joris, add: sanne")],
)
def test_what_only_the_file_says_is_changed_in_the_file(type_in, paper, swap, on_call, field, who):
    old = "shifts: [{people: [sanne]}]"
    times = "from: '2030-12-24T00:00', to: '2030-12-26T00:00'"
    written = f"{field}: [{{{times}, {who}}}]"
    type_in("apply", paper(old, f"shifts: [{{people: [joris]}}], {written}"))
    before = on_call()
    result = swap("sanne", "joris")
    assert result.exit_code == 1
    assert "through an override or `instead` in line.yaml" in result.stderr
    assert on_call() == before == [("24T00", "sanne")]


def test_applying_the_file_again_leaves_the_swap(applied, swap, on_call, type_in, paper):
    swap("sanne", "joris")
    assert type_in("apply", paper()).stdout == "line main: nothing changed\n"
    assert ("24T18", "joris") in on_call()
