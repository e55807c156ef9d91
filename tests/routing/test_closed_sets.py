"""The dispatch tables have exactly the members of the unions that they serve."""

from typing import get_args

from routing import events, flow, jobs
from routing.engineer import menus
from routing.page import LegState
from workers.jobs import JOB_HANDLERS


def test_each_event_of_a_call_has_one_handler():
    assert flow.CALLER.keys() == set(get_args(events.CallEvent))


def test_each_event_of_a_leg_has_one_handler():
    assert flow.LEG.keys() == set(get_args(events.LegEvent))


def test_each_event_of_the_lifecycle_has_one_handler():
    assert flow.LIFECYCLE.keys() == set(get_args(events.LifecycleEvent))


def test_each_command_has_one_handler_in_the_worker():
    assert JOB_HANDLERS.keys() == set(get_args(jobs.Command))


def test_each_state_of_a_leg_has_one_document():
    assert menus.DOCUMENTS.keys() == set(LegState)


def test_each_menu_of_an_engineer_is_in_the_document_of_its_state():
    asking = {state for state, build in menus.DOCUMENTS.items() if build is menus.ask_for_key}
    within = {LegState.OFFERED, LegState.CALLING}
    assert asking | within == {LegState.PLACING, LegState.RINGING, *menus.LEG_MENUS}
