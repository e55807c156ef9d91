"""What a decision asks: each question once, and none that its event does not need."""

import pytest

from routing import events
from tests.routing.floor import JORIS, PIETER, PIN, SANNE, stepping

READS = ("find_", "count_", "is_", "list_")


class Listener:
    """A repository that notes which questions it is asked."""

    def __init__(self, repository, asked):
        self._repository, self._asked = repository, asked

    def __getattr__(self, name):
        found = getattr(self._repository, name)
        if name in ("desk_queue", "unverified_limits", "messages", "correspondence"):
            return Listener(found, self._asked)
        if name.startswith(READS):
            self._asked.append(name)
        return found


@pytest.fixture
def asked(floor):
    """The questions since the last clear."""
    questions = []
    for name in ("calls", "lines"):
        listener = Listener(getattr(floor.desk, name), questions)
        object.__setattr__(floor.desk, name, listener)
    return questions


def ask_of(asked, act):
    """What this act asks, without the line of the call."""
    asked.clear()
    act()
    return [name for name in asked if name not in ("find_line", "list_lines")]


def test_a_call_asks_who_has_its_number(floor, asked):
    assert ask_of(asked, lambda: floor.dial(PIETER)) == ["find_by_sid", "find_contracts_by_phone"]


def test_a_key_asks_for_its_call_and_a_level_for_no_more(floor, asked):
    call = floor.dial(PIETER)
    found = ask_of(asked, lambda: floor.pin(call, PIN))
    assert found == ["find_by_call", "find_contract", "find_unclosed"]
    assert ask_of(asked, lambda: floor.press(call, "1")) == ["find_by_call"]


def test_a_confirmation_asks_four_questions_about_its_call(floor, asked):
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    floor.press(call, "1")
    found = ask_of(asked, lambda: floor.press(call, "1"))
    about = ["find_contract", "count_premium", "find_held", "find_pages_to"]
    assert found == ["find_by_call", *about]


def test_each_engineer_more_is_one_question_more(floor, asked):
    floor.apply(escalation=stepping(("primary", "secondary")))
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    floor.press(call, "1")
    found = ask_of(asked, lambda: floor.press(call, "1"))
    assert found.count("find_held") == 1
    assert found.count("find_pages_to") == 2
    floor.work()
    assert floor.ringing() == sorted([SANNE, JORIS])


def test_a_hang_up_asks_for_its_case(floor, asked):
    call = floor.critical()
    assert ask_of(asked, lambda: floor.desk.happen(events.CallEnded(call))) == ["find_by_call"]


def test_only_a_number_that_is_not_ordinary_is_looked_up_in_the_file(floor, asked):
    facts = floor.desk.facts(floor.line)
    assert ask_of(asked, lambda: facts.why_not_dialled(PIETER)) == []
    premium_rate = "+31900123456"
    assert ask_of(asked, lambda: facts.why_not_dialled(premium_rate)) == ["is_file_phone"]
    assert ask_of(asked, lambda: facts.why_not_dialled(premium_rate)) == []


def test_one_timer_of_the_clock_is_set_at_a_time(floor):
    call = floor.critical()
    kinds = [job.command.kind for job in floor.pending().values()]
    assert kinds.count("check_response_time") == 1
    assert [share for share, _ in floor.incident(call).clock.strikes] == [50, 80, 100]


def test_how_many_unverified_callers_rang_is_counted_once_for_each_limit(floor, asked):
    call = floor.dial("anonymous")
    floor.press(call, "1")
    floor.contract(call, "0")
    floor.press(call, "1")
    assert ask_of(asked, lambda: floor.press(call, "1")).count("count_rung") == 1
