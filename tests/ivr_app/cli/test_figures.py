"""`figures` prints how well callers were served, and tells nobody apart by name."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from routing import events
from service.bootstrap import now
from tests.ivr_app.cli.test_premium import PIETER

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def taken(applied, board):
    """Pieter talks with Sanne about level 1."""
    desk = board.call_service
    call = desk.answer("CA1", "+31201234567", PIETER).case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        matter = desk.happen(events.Chose(call.id, call.turn, "1"))
        call = matter.call
    leg = matter.incident.legs()[0]
    for event in (
        events.LegListens(leg.id, "CB1"),
        events.LegKeyed(leg.id, 1, leg.take_key),
        events.LegConnected(leg.id),
        events.LegParted(leg.id, 2, bridged=True),
        events.CallEnded(call.id),
    ):
        desk.happen(event)


def test_a_month_in_which_nobody_called_has_no_time_to_a_human(objects, applied):
    rows = objects("figures")
    assert len(rows) == 12
    assert {(row["calls"], row["p50"], row["sl"]) for row in rows} == {(0, None, None)}
    assert rows[-1]["month"] == f"{now().astimezone(AMSTERDAM):%Y-%m}"


def test_what_was_taken_and_what_was_not_is_told_by_level(objects, taken, board):
    call = board.call_service.answer("CA9", "+31201234567", "+31687654321").case.call
    board.call_service.happen(events.CallEnded(call.id))
    first, *_, none = objects("figures", "--by", "level")
    assert (first["level"], first["calls"], first["answered"], first["premium"]) == (1, 1, 1, 1)
    assert (first["sl"], first["promised"], first["breached"]) == (100, 1, 0)
    assert (none["level"], none["answered"], none["abandoned"]) == ("none", 0, 1)
    (contract,) = objects("figures", "--by", "contract")
    assert (contract["contract"], contract["calls"]) == ("100234", 1)
    plans = [(row["plan"], row["calls"]) for row in objects("figures", "--by", "plan")]
    assert plans == [("msa_plus", 1), ("standard", 0), ("none", 1)]


def test_no_row_names_who_took_a_call(type_in, taken):
    for by in ("month", "level", "plan", "contract"):
        for form in ((), ("--json",), ("--csv",)):
            assert "sanne" not in type_in("figures", "--by", by, *form).stdout
    assert "engineer" in type_in("figures", "--by", "engineer").stderr


def test_the_table_for_a_spreadsheet_holds_what_the_objects_hold(type_in, objects, taken):
    rows = list(csv.DictReader(io.StringIO(type_in("figures", "--csv").stdout)))
    told = [{k: "" if v is None else str(v) for k, v in row.items()} for row in objects("figures")]
    assert rows == [{k: v for k, v in row.items() if k != "line"} for row in told]


def test_months_are_asked_for_by_name(objects, type_in, applied):
    rows = objects("figures", "--from", "2026-01", "--to", "2026-03")
    assert [row["month"] for row in rows] == ["2026-01", "2026-02", "2026-03"]
    wrong = type_in("figures", "--from", "2026-03", "--to", "2026-01")
    assert "--to must not come before --from" in wrong.stderr
    many = type_in("figures", "--from", "1990-01", "--to", "2026-01")
    assert "at most 120 months" in many.stderr
