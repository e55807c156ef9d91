"""`oncall --report` gives each person's month: hours by instants, call-outs from the record."""

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest

from routing import events

ROTA = "shifts: [{people: [sanne]}]"
COLUMNS = [
    *("person", "schedule", "standby_hours", "outside_office_hours", "weekend_hours"),
    *("holiday_hours", "call_outs", "call_out_minutes", "note"),
]


def hours(row):
    return tuple(row[name] for name in COLUMNS[2:6])


@pytest.mark.parametrize(
    ("month", "always", "night"),
    [
        # total, outside office, weekend, holiday
        ("2026-11", (720, 720 - 21 * 9, 9 * 24, 0), (450, 450, 9 * 15, 0)),
        ("2026-10", (745, 745 - 22 * 9, 9 * 24 + 1, 0), (466, 466, 9 * 15 + 1, 0)),
        ("2026-03", (743, 743 - 22 * 9, 9 * 24 - 1, 0), (464, 464, 9 * 15 - 1, 0)),
        ("2026-12", (744, 744 - 22 * 9, 8 * 24, 48), (465, 465, 8 * 15, 30)),
    ],
)
def test_hours_are_real_hours_also_where_clocks_are_changed(objects, paper, month, always, night):
    file = paper("  last_resort", "  holidays: NL\n  last_resort")
    found = objects("oncall", "--file", file, "--report", month)
    sanne, joris = found
    assert (list(sanne), sanne["person"], sanne["schedule"]) == (COLUMNS, "sanne", "primary")
    assert hours(sanne) == (always if month != "2026-12" else (744, 744 - 22 * 9, 8 * 24, 48))
    assert (joris["schedule"], hours(joris)) == ("night", night)
    assert sanne["call_outs"] is None


def test_the_month_is_that_of_the_line_and_not_of_the_schedule(objects, paper):
    abroad = "timezone: America/New_York, shifts: [{people: [sanne], hours: '19:00-20:00'}]"
    found = objects("oncall", "--file", paper(ROTA, abroad), "--report", "2026-11")
    assert found[0]["standby_hours"] == 30


@pytest.fixture
def called_out(paper, type_in, board, environment):
    """Sanne takes a call at a moment, and is on it for so many minutes; or for ever."""

    def call(at, minutes, number=1):
        sid, now = f"CA{number:032}", [at]
        desk = replace(board.call_service, clock=lambda: now[0])
        matter = desk.answer(sid, "+31201234567", "+31612345678").case
        call = desk.pin_keyed(matter.call.id, matter.call.turn, "482913#").case.call
        for _ in range(2):
            matter = desk.happen(events.Chose(call.id, call.turn, "1"))
            call = matter.call
        leg = next(p for p in matter.incident.pages if p.engineer == "sanne")
        desk.happen(events.LegPlaced(leg.id, f"CB{number:032}"))
        leg = desk.happen(events.LegListens(leg.id, f"CB{number:032}")).incident.page(leg.id)
        desk.happen(events.LegKeyed(leg.id, leg.turn, leg.take_key))
        if minutes:
            now[0] += dt.timedelta(minutes=minutes)
            desk.happen(events.CallEnded(call.id))
            desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED))

    assert (
        type_in("apply", paper("  last_resort", "  labour_rules: NL\n  last_resort")).exit_code == 0
    )
    return call


def at(text):
    return dt.datetime.fromisoformat(text)


def test_call_outs_count_from_the_key_to_the_end_of_the_leg(objects, called_out):
    called_out(at("2026-11-03T22:00+01:00"), 20, 1)
    called_out(at("2026-11-04T03:00+01:00"), 10.5, 2)
    called_out(at("2026-11-04T10:00+01:00"), 30, 3)  # in office hours
    called_out(at("2026-12-01T00:00+01:00"), 30, 4)  # next month
    sanne, joris = objects("oncall", "--report", "2026-11")
    assert (sanne["call_outs"], sanne["call_out_minutes"], sanne["note"]) == (2, 30.5, None)
    assert (joris["call_outs"], joris["call_out_minutes"]) == (0, 0)


def test_more_than_thirteen_hours_of_work_in_a_day_is_noted(objects, called_out):
    called_out(at("2026-11-03T19:00+01:00"), 250)
    (sanne, _) = objects("oncall", "--report", "2026-11")
    assert sanne["note"] == (
        "13.17 hours of work in the 24 hours from 2026-11-03 09:00, office hours included: "
        "more than 13"
    )


def test_a_call_out_without_an_end_is_counted_and_noted(objects, called_out):
    called_out(at("2026-11-03T22:00+01:00"), None)
    (sanne, _) = objects("oncall", "--report", "2026-11")
    assert (sanne["call_outs"], sanne["call_out_minutes"]) == (1, 0)
    assert sanne["note"] == "call-outs whose end is not recorded: 1"


def test_the_payroll_reads_csv(type_in, applied):
    result = type_in("oncall", "--report", "2026-11", "--schedule", "night")
    head, joris = csv.reader(io.StringIO(result.stdout))
    assert head == COLUMNS
    assert joris == ["joris", "night", "450.0", "450.0", "135.0", "0.0", "0", "0.0", ""]


@pytest.mark.parametrize(
    "asked", [["--report", "November"], ["--report", "2026-11", "--at", "2026-11-01"]]
)
def test_a_report_that_makes_no_sense_is_refused(type_in, applied, asked):
    result = type_in("oncall", *asked)
    assert (result.exit_code, result.stdout) == (2, "")
