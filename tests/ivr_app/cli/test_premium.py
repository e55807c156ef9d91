"""`premium` says what was used of each bundle, and sets an incident to standard and back."""

import pytest

from routing import events
from routing.call import Stage

PIETER = "+31612345678"


@pytest.fixture
def taken(applied, board):
    """Pieter calls about level 1, and Sanne presses the key; gives back the incident's number."""

    def call(number=1):
        desk = board.call_service
        call = desk.answer(f"CA{number}", "+31201234567", PIETER).case.call
        call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
        if call.stage is Stage.ABOUT:
            call = desk.happen(events.Chose(call.id, call.turn, "2")).call
        for _ in range(2):
            matter = desk.happen(events.Chose(call.id, call.turn, "1"))
            call = matter.call
        leg = matter.incident.legs()[0]
        desk.happen(events.LegListens(leg.id, f"CB{number}"))
        matter = desk.happen(events.LegKeyed(leg.id, 1, leg.take_key))
        desk.happen(events.CallEnded(call.id))
        desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED))
        return matter.incident.number

    return call


def year(objects):
    (row,) = objects("premium", "--contract", "100234")
    return [row[name] for name in ("premium_incidents", "used", "left", "over")]


def test_a_contract_that_has_used_nothing_has_all_of_its_bundle(objects, applied):
    assert year(objects) == [12, 0, 12, 0]
    assert objects("premium") == []


def test_what_was_taken_is_used(objects, type_in, taken):
    taken()
    assert year(objects) == [12, 1, 11, 0]
    (row,) = objects("premium")
    assert (row["line"], row["contract"], row["customer"]) == (
        *("main", "100234"),
        "Bakkerij Jansen BV",
    )
    assert row["contract_year"].endswith("-01-01")
    head, cells = type_in("premium").stdout.splitlines()
    assert cells.index("11") == head.index("left")


def test_beyond_the_bundle_it_is_told_in_every_list(objects, type_in, paper, taken):
    type_in("apply", paper("plan: msa_plus", "plan: msa_plus\n    premium_incidents: 1"))
    numbers = [taken(1), taken(2)]
    assert year(objects) == [1, 2, 0, 1]
    found = objects("incidents")
    assert [row["id"] for row in found] == numbers
    assert [(row["premium"], row["over_quota"]) for row in found] == [(True, False), (True, True)]
    assert "premium incident 2 of 1" in type_in("show", numbers[1]).stdout
    assert "over quota" in type_in("show", numbers[1]).stdout


def test_an_incident_is_set_to_standard_and_back_with_a_reason(objects, type_in, taken):
    number = taken()
    result = type_in("premium", "standard", number, "--reason", "a question", "--by", "Milan")
    assert result.stdout == f"Incident {number} is standard.\n"
    assert year(objects)[1] == 0
    assert [row["premium"] for row in objects("incidents")] == [False]
    assert "Milan set it to standard: a question" in type_in("show", number).stdout
    result = type_in("premium", "count", number, "--reason", "it was one after all")
    assert result.stdout == f"Incident {number} is premium.\n"
    assert year(objects)[1] == 1
    shown = type_in("show", number).stdout
    assert "command line set it to premium: it was one after all" in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("standard", 7, "--reason", "no"), "There is no incident 7.\n"),
        (("count", 7, "--reason", "no"), "There is no incident 7.\n"),
    ],
)
def test_what_is_not_there_is_a_sentence(type_in, applied, words, why):
    result = type_in("premium", *words)
    assert (result.exit_code, result.stderr) == (1, why)


def test_a_contract_that_is_not_there_is_a_sentence(type_in, applied):
    result = type_in("premium", "--contract", "100999")
    assert (result.exit_code, result.stderr) == (1, "There is no contract 100999 on line main.\n")


def test_what_nobody_is_entitled_to_cannot_count(type_in, applied, board):
    desk = board.call_service
    call = desk.answer("CA9", "+31201234567", "anonymous").case.call
    call = desk.happen(events.Chose(call.id, call.turn, "1")).call
    call = desk.contract_keyed(call.id, call.turn, "0#").case.call
    for _ in range(2):
        matter = desk.happen(events.Chose(call.id, call.turn, "1"))
        call = matter.call
    result = type_in("premium", "count", matter.incident.number, "--reason", "x")
    assert result.exit_code == 1
    assert "cannot count as premium" in result.stderr


def test_a_reason_is_needed(type_in, taken):
    assert type_in("premium", "standard", taken()).exit_code == 2
