"""Customers of the standard plan, and those whose MSA Plus has expired: later, never lost."""

import pytest

from store.log.reports import Reports
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, PIETER, PIN, SANNE
from tests.stories.test_desk_queue import ALWAYS, BOB, BOBS_PIN, EMMA, EMMAS_PIN, MORE, OFFICE
from tests.words import words_of

WILLEM, WILLEMS_PIN = "+31612345680", "615204"
DESK = "desk: {ring: [joris], for: 20s}\npaging:"


@pytest.fixture
def paper(request):
    open_ = PAPER.replace(OFFICE, ALWAYS) if "night" not in request.node.name else PAPER
    return open_.replace("paging:", DESK) + MORE


def reports(stage, from_, pin, level="3"):
    caller = stage.dial(from_)
    for digits in (f"{pin}#", level):
        stage.press(caller, digits)
    stage.advance(1)
    return caller


def log(stage):
    """What both logs say, oldest first."""
    written = Reports(stage.services.engine)
    return list(written.calls()), list(written.incidents())


def test_in_office_hours_they_wait_behind_msa_plus_and_both_logs_say_who_had_whom(stage):
    talking = reports(stage, PIETER, PIN)
    joris = stage.take(JORIS)
    willem = reports(stage, WILLEM, WILLEMS_PIN)
    bob = reports(stage, BOB, BOBS_PIN)
    emma = reports(stage, EMMA, EMMAS_PIN)
    served = []
    for _ in range(3):
        stage.hang_up(talking)
        stage.hang_up(joris)
        stage.advance(1)
        joris = stage.take(JORIS)
        talking = next(c for c in (willem, bob, emma) if c.bridged_with == joris.sid)
        served.append(talking)
    stage.hang_up(talking)
    stage.hang_up(joris)
    assert served == [emma, willem, bob]
    calls, incidents = log(stage)
    said = [(c["contract"], c["verified"], c["urgency"], c["outcome"]) for c in calls]
    contracts = ["100234", "100240", "100242", "100236"]
    assert said == [(contract, True, 3, "connected") for contract in contracts]
    assert {call["answered_by"] for call in calls} == {"joris"}
    kept = [(i["contract"], i["verified"], i["premium"], i["acknowledged_by"]) for i in incidents]
    assert kept == [(contract, True, False, "joris") for contract in contracts]
    assert [i["calls"] for i in incidents] == [[call["sid"]] for call in calls]
    waited = {call["contract"]: call["waited_s"] for call in calls}
    assert waited["100236"] < waited["100240"] < waited["100242"] + 2


@pytest.mark.parametrize(
    ("phone", "pin", "contract"), [(BOB, BOBS_PIN, "100242"), (WILLEM, WILLEMS_PIN, "100240")]
)
def test_at_night_they_leave_a_message_and_nobody_is_woken(stage, phone, pin, contract):
    caller = reports(stage, phone, pin, "2")
    stage.record(caller, 5)
    stage.advance(8)
    assert words_of("later_at") in " ".join(caller.hears)
    assert not caller.live
    assert stage.rings(JORIS) == stage.rings(SANNE) == 0
    ((call,), (incident,)) = log(stage)
    assert (call["contract"], call["verified"], call["urgency"]) == (contract, True, 2)
    assert (call["outcome"], call["answered_by"]) == ("message", None)
    assert (incident["contract"], incident["state"], incident["premium"]) == (
        contract,
        "open",
        False,
    )
    assert (incident["urgency"], incident["pages"]) == (2, [])
    assert incident["calls"] == [call["sid"]]
    assert incident["id"] == call["incident"]
