"""`handovers` proves who was told and who confirmed, and says who comes on next."""

import datetime as dt

import pytest

from routing.line import Handover, HandoverState
from routing.ports import HandoverDecision

AT = dt.datetime(2026, 1, 5, 17, 0, tzinfo=dt.UTC)
SPAN = ("--from", "2026-01-05T00:00", "--to", "2026-01-06T00:00")
MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("applied")


@pytest.fixture
def told(board):
    """Joris came on for the night of the fifth of January, and was told."""
    until = AT + dt.timedelta(hours=15)
    relief = Handover(
        *("one", "main", "night", AT, "joris", ("sanne",), until, 47),
        HandoverState.CONFIRMED,
        told_at=AT,
        confirm_by=AT + 15 * MINUTE,
        confirmed_at=AT + 3 * MINUTE,
        reply="SM1",
    )
    board.call_service.calls.handovers.add(HandoverDecision(relief), AT)


@pytest.mark.usefixtures("told")
def test_who_confirmed_and_when_is_an_object_a_line(objects):
    assert objects("handovers", *SPAN) == [
        {
            "line": "main",
            "schedule": "night",
            "engineer": "joris",
            "before": ["sanne"],
            "standing": "confirmed",
            "at": "2026-01-05T18:00:00+01:00",
            "until": "2026-01-06T09:00:00+01:00",
            "told_at": "2026-01-05T18:00:00+01:00",
            "confirm_by": "2026-01-05T18:15:00+01:00",
            "confirmed_at": "2026-01-05T18:03:00+01:00",
            "warned_at": None,
        }
    ]


@pytest.mark.usefixtures("told")
def test_people_read_a_table_in_local_time(type_in):
    heading, head, row = type_in("handovers", *SPAN).stdout.splitlines()
    assert heading == "Times are local to Europe/Amsterdam."
    assert head.split() == [
        *("at", "schedule", "engineer", "before", "until", "standing", "told", "confirmed")
    ]
    assert row.split() == [
        *("2026-01-05", "18:00", "night", "joris", "sanne", "2026-01-06", "09:00", "confirmed"),
        *("2026-01-05", "18:00", "2026-01-05", "18:03"),
    ]


def test_who_comes_on_next_is_planned(objects):
    rows = objects("handovers", "--from", "2030-01-05T00:00", "--to", "2030-01-07T00:00")
    assert [(row["at"], row["engineer"], row["standing"]) for row in rows] == [
        ("2030-01-05T18:00:00+01:00", "joris", "planned"),
        ("2030-01-06T18:00:00+01:00", "joris", "planned"),
    ]
    assert rows[0]["before"] == []
    assert rows[0]["told_at"] is None


def test_without_a_word_it_is_a_week_back_and_a_week_ahead(objects):
    assert len(objects("handovers")) == 7
    assert objects("handovers", "--schedule", "primary") == []


def test_a_schedule_that_there_is_not_is_refused(type_in):
    result = type_in("handovers", "--schedule", "nigth")
    assert result.exit_code == 1
    assert "there are: primary, night" in result.stderr


def test_where_nobody_is_told_the_list_says_so(type_in, objects, paper):
    silent = paper("contracts:", "handover: {tell: false}\ncontracts:")
    assert type_in("apply", silent).exit_code == 0
    rows = objects("handovers", "--from", "2030-01-05T00:00", "--to", "2030-01-06T00:00")
    assert [row["standing"] for row in rows] == ["untold"]
