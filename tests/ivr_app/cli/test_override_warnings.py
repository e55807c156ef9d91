"""Swaps and absences are kept in the database, and still counted when a file is applied."""

import datetime as dt
import json

import pytest

SOON = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).date()


@pytest.fixture
def away(type_in, tmp_path):
    """Sanne is away for some days soon, says her calendar."""

    def run(days=2):
        end = SOON + dt.timedelta(days=days)
        times = [f"{n};VALUE=DATE:{d:%Y%m%d}" for n, d in (("DTSTART", SOON), ("DTEND", end))]
        rows = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "SUMMARY:Sanne weg", *times)
        file = tmp_path / "away.ics"
        file.write_text("\r\n".join((*rows, "END:VEVENT", "END:VCALENDAR", "")))
        into = ("--schedule", "primary", "--yes")
        assert type_in("calendars", "import", file, *into).exit_code == 0

    return run


@pytest.fixture
def given(type_in, objects):
    """Sanne gives a day to Joris; gives back the swap's name."""
    times = ("--from", f"{SOON}T08:00", "--to", f"{SOON}T20:00")
    who = ("--give", "sanne", "--take", "joris")
    return lambda: objects("swap", "--schedule", "primary", *times, *who)[0]["uid"]


def test_a_gap_that_an_absence_leaves_is_warned_of(applied, away, type_in, paper):
    before = type_in("apply", paper()).stderr
    assert "database" not in before
    away()
    result = type_in("apply", paper())
    assert result.exit_code == 0
    (extra,) = set(result.stderr.splitlines()) - set(before.splitlines())
    assert extra.startswith(
        "warning: line 17: escalation.steps[0]: with the swaps and absences of the database,"
        f" nobody is on call from {SOON} 00:00 to"
    )


def test_check_reads_the_file_alone(applied, away, type_in, paper):
    before = type_in("check", paper()).output
    away()
    assert type_in("check", paper()).output == before


def test_the_doctor_looks_ahead_and_counts_them(applied, away, type_in):
    def ahead():
        found = map(json.loads, type_in("doctor", "--json").stdout.splitlines())
        return [(v["state"], v["message"]) for v in found if v["check"] == "next 90 days, main"]

    (night,) = ahead()
    assert (night[0], night[1].startswith("escalation.steps[1]: nobody is on call")) == (
        "warn",
        True,
    )
    away()
    state, said = ahead()[0]
    assert (state, said.startswith("escalation.steps[0]: nobody is on call from")) == ("warn", True)


def test_a_swap_that_the_file_has_made_pointless_is_named_with_its_cure(
    applied, given, type_in, paper
):
    uid = given()
    assert uid not in type_in("apply", paper()).stderr
    result = type_in("apply", paper("[{people: [sanne]}]", "[{people: [joris]}]"))
    assert (
        f"schedules[0]: swap {uid} no longer has an effect: sanne is not on call" in result.stderr
    )
    assert f"swaps undo {uid}" in result.stderr
    assert type_in("swaps", "undo", uid).exit_code == 0
    assert uid not in type_in("apply", paper()).stderr


def test_a_swap_whose_taker_has_left_is_named(applied, given, type_in, paper):
    uid = given()
    gone = paper("  - {id: joris,", "  - {id: jo,")
    gone.write_text(gone.read_text().replace("[joris]", "[jo]"))
    said = type_in("apply", gone).stderr
    assert f"swap {uid} is ignored: joris is not an engineer" in said


def test_an_absence_of_somebody_who_is_not_on_call_is_no_warning(applied, away, type_in, paper):
    before = type_in("apply", paper("[{people: [sanne]}]", "[{people: [joris]}]")).stderr
    away()
    after = type_in("apply", paper("[{people: [sanne]}]", "[{people: [joris]}]")).stderr
    assert after == before
