"""What `route` says and whom the same call really rings are the same, to the second."""

import datetime as dt
import json

import pytest

from tests.stories.conftest import PAPER

CHRISTMAS = dt.datetime.fromisoformat("2026-12-25T03:12+01:00")
PRIMARY = "  - {id: primary, shifts: [{people: [sanne]}]}"
MILAN = '  - {id: milan, name: Milan Kok, phones: ["+31612345603", "+31612345604"]}\nschedules:'
PAIRS = '{every: 1 week, from: "2026-01-05T09:00", people: [[joris, milan], sanne]}'
AWAY = "{from: '2026-12-24T18:00', to: '2026-12-26T09:00', remove: sanne, add: milan}"
INSTEAD = "{from: '2026-12-25T03:00', to: '2026-12-25T04:00', people: [milan, joris]}"
ONLY = "{steps: [{ring: [joris, milan], for: 12s}]}"
IN_ENGLISH = f"routes: [{{when: {{language: en}}, escalation: {ONLY}}}]"


def line(*changes):
    """The standing line with a third engineer, and these words changed."""
    paper = PAPER.replace("schedules:", MILAN)
    for old, new in changes:
        assert paper.count(old) == 1, old
        paper = paper.replace(old, new)
    return paper


def primary(shifts, more=""):
    """The words that give the first schedule other shifts."""
    return PRIMARY, f"  - {{id: primary, shifts: [{shifts}]{more}}}"


SANNE = "{people: [sanne]}"
HOLIDAYS = ("  last_resort", "  holidays: NL\n  last_resort")
LINES = {
    "as it stands": line(),
    "an override": line(primary(SANNE, f", overrides: [{AWAY}]")),
    "people in place of the shifts": line(primary(SANNE, f", instead: [{INSTEAD}]")),
    "a pair in a rotation": line(primary(f"{{rotation: {PAIRS}}}")),
    "nobody in a step": line(primary("{people: [sanne], when: office}")),
    "a holiday is no office day": line(
        HOLIDAYS, primary("{people: [sanne], when: office}, {people: [milan]}")
    ),
    "outside office hours": line(
        HOLIDAYS, primary("{people: [sanne], when: outside_office}, {people: [milan]}")
    ),
    "a route for a language": line(
        ('language: nl}\n  - contract: "100240', 'language: en}\n  - contract: "100240'),
        ("paging:", f"{IN_ENGLISH}\npaging:"),
    ),
    "languages in a step": line(
        ('phones: ["+31612345602"]}', 'phones: ["+31612345602"], languages: [en]}'),
        ("{ring: [secondary], for: 30s}", "{ring: [secondary, milan], for: 20s}"),
    ),
    "several numbers of last resort": line(
        ('last_resort: "+31207654321"', 'last_resort: ["+31207654321", "+31207654322"]')
    ),
}


def said(stage):
    """The rings of the dry run: after how many seconds, and which number."""
    asked = ("--contract", "100234", "--urgency", "1", "--at", stage.now().isoformat(), "--json")
    result = stage.app.test_cli_runner().invoke(args=["route", *asked])
    assert result.exit_code == 0, result.output
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    rings = [row for row in rows if row["event"] == "ring"]
    assert all(row["reason"] for row in rows)
    first = dt.datetime.fromisoformat(rings[0]["at"])
    moments = [dt.datetime.fromisoformat(row["at"]) - first for row in rings]
    return [(m.total_seconds(), row["to"]) for m, row in zip(moments, rings, strict=True)]


def rung(stage):
    """The calls that the company has placed for the line."""
    calls = [c for c in stage.pages() if c.channel == "call"]
    company = [c.to for c in stage.office._floor.company.exchange.calls.values()]
    assert sorted(company[1:]) == sorted(call.to for call in calls)
    return [((call.at - calls[0].at).total_seconds(), call.to) for call in calls]


@pytest.mark.parametrize("paper", LINES.values(), ids=LINES)
def test_the_dry_run_and_the_night_ring_the_same_phones_at_the_same_moments(stage, paper):
    stage.office.advance((CHRISTMAS - stage.now()).total_seconds())
    stage.settle()
    expected = said(stage)
    stage.call_level_1()
    while stage.incident().escalation.phase != "resting":
        stage.advance(1)
    assert sorted(rung(stage)) == sorted(expected), "those of one moment are in no order"
