"""`oncall` says who is on call, from a file or from the database."""

import pytest

NIGHT = "2026-03-02T18:00:00+01:00"
MORNING = "2026-03-03T09:00:00+01:00"


def test_a_moment_without_an_offset_is_local_to_the_line(objects, paper):
    found = objects("oncall", "--file", paper(), "--at", "2026-03-02T18:00")
    assert found == [
        {"schedule": "primary", "at": NIGHT, "on_call": ["sanne"]},
        {"schedule": "night", "at": NIGHT, "on_call": ["joris"]},
    ]


def test_segments_are_joined_and_gaps_are_empty(objects, paper):
    asked = ("--schedule", "night", "--from", "2026-03-02T12:00Z", "--to", "2026-03-03T12:00Z")
    assert objects("oncall", "--file", paper(), *asked) == [
        {"schedule": "night", "start": "2026-03-02T13:00:00+01:00", "end": NIGHT, "on_call": []},
        {"schedule": "night", "start": NIGHT, "end": MORNING, "on_call": ["joris"]},
        {"schedule": "night", "start": MORNING, "end": "2026-03-03T13:00:00+01:00", "on_call": []},
    ]


def test_the_database_says_the_same(objects, paper, applied):
    asked = ("--at", "2026-03-02T18:00")
    assert objects("oncall", *asked) == objects("oncall", "--file", paper(), *asked)


def test_people_read_names_and_the_zone(type_in, applied):
    words = type_in("oncall", "--at", "2026-03-02T12:00").stdout.splitlines()
    assert words == [
        "On call at 2026-03-02 12:00:00 (Europe/Amsterdam):",
        "schedule  on call",
        "primary   Sanne de Vries (sanne)",
        "night     nobody",
    ]


def test_an_unknown_schedule_is_refused_with_the_known_ones(type_in, applied):
    result = type_in("oncall", "--schedule", "nights")
    assert result.exit_code == 1
    assert result.stderr.endswith("there are: primary, night\n")


@pytest.mark.parametrize(
    "asked",
    [
        ("--at", "tomorrow"),
        ("--at", "0001-01-01"),
        ("--from", "2026-03-02"),
        ("--from", "2026-03-02", "--to", "2026-03-02"),
        ("--from", "2026-03-02", "--to", "2026-03-03", "--at", "2026-03-02"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(type_in, applied, asked):
    result = type_in("oncall", *asked)
    assert (result.exit_code, result.stdout) == (2, "")


def test_without_a_line_it_says_so(type_in):
    result = type_in("oncall")
    assert (result.exit_code, result.stderr) == (
        1,
        "No line is applied yet: run priority-line apply line.yaml\n",
    )
