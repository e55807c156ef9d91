"""What a caller hears in the course of a wait: news once, the keys now and then, the minutes."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from carrier.prompts import render_sentence
from routing.call import Entitlement
from routing.caller import news
from routing.caller.hold import EARLY, LATE, HoldLoop, read_loop
from routing.incident import Candidate, EscalationState, Incident
from routing.line import LAST_RESORT
from routing.page import LegState
from routing.voice_document import Menu, Music, Redirect, Say
from tests.routing.floor import NOW, PIN, SANNE, STRANGER, Floor, prompts, stepping
from tests.routing.test_desk_queue import BOB, reports, staffed

MUSIC, SPEECH, KEY = 12.0, 1 / 15, 1.0
"""Seconds: a piece of music, a letter, and the time for a key after the music."""

TWELVE_MINUTES = 12 * 60
UNIQUE = ("waited", "row_place", "row_wait")
"""Sentences that differ each time."""


class Wait:
    """A caller who presses nothing and listens, loop after loop."""

    def __init__(self, floor: Floor, call: str) -> None:
        self.floor, self.call, self.began = floor, call, floor.now
        self.loop: HoldLoop | None = None
        self.heard: list[tuple[float, Say]] = []
        self.pieces: list[int] = []

    def listen(self, seconds: float) -> Wait:
        """Hear loops until this time has passed; each is checked by the floor for truth."""
        until = self.floor.now + dt.timedelta(seconds=seconds)
        while self.floor.now < until:
            self.hear_one()
        return self

    def hear_one(self, *, answered_key: bool = False) -> list[str]:
        document = self.floor.room(self.call, self.loop, answered_key=answered_key)
        spoken = [one for act in document.acts for one in getattr(act, "spoken", (act,))]
        took, said = 0.0, []
        for one in spoken:
            if isinstance(one, Say):
                at = (self.floor.now - self.began).total_seconds() + took
                words = render_sentence(document.language, one.prompt, dict(one.values))
                took += len(words) * SPEECH
                self.heard.append((at, one))
                said.append(one.prompt)
            elif isinstance(one, Music):
                took += MUSIC
                self.pieces.append(one.piece)
        (next_,) = [act.to for act in document.acts if isinstance(act, Redirect)]
        self.loop = read_loop(dict(next_.query))
        keys = [act.then.query for act in document.acts if isinstance(act, Menu)]
        assert keys in ([], [next_.query]), "a key goes on where silence does"
        self.floor.advance(took + KEY)
        return said

    def counts(self) -> Counter[str]:
        return Counter(say.prompt for _, say in self.heard if say.prompt not in UNIQUE)


ESCALATIONS = {
    "two steps": {"escalation": stepping(("primary",), ("joris",), repeat=2)},
    "often": {"escalation": stepping(("primary", "secondary"), seconds=5, repeat=4)},
    "only the last resort": {"escalation": stepping(("empty",))},
    "one engineer": {"escalation": stepping(("joris",), seconds=5, repeat=3)},
}


@pytest.mark.parametrize("which", ESCALATIONS)
def test_in_twelve_minutes_without_anybody_no_sentence_is_heard_three_times(which):
    floor = Floor(**ESCALATIONS[which])
    wait = Wait(floor, floor.critical()).listen(TWELVE_MINUTES)
    assert max(wait.counts().values()) <= 2
    assert wait.pieces == list(range(len(wait.pieces))), "the music goes on where it was"


def test_the_minutes_are_all_said_once_and_on_time():
    floor = Floor(**ESCALATIONS["two steps"])
    wait = Wait(floor, floor.critical()).listen(TWELVE_MINUTES)
    said = [(at, dict(say.values)["waited"]) for at, say in wait.heard if say.prompt == "waited"]
    assert [waited // dt.timedelta(minutes=1) for _, waited in said] == list(range(1, 13))
    assert all(abs(at - waited.total_seconds()) <= 15 for at, waited in said)
    assert (EARLY + LATE).total_seconds() <= 30


def test_after_an_hour_only_the_hours_are_said():
    floor = Floor(**ESCALATIONS["one engineer"])
    wait = Wait(floor, floor.critical()).listen(2 * 60 * 60 + 60)
    said = [dict(say.values)["waited"] for _, say in wait.heard if say.prompt == "waited"]
    assert [waited.total_seconds() / 60 for waited in said] == [*range(1, 61), 120]


def test_the_keys_are_said_first_then_how_to_hear_them_and_again_after_minutes():
    floor = Floor(**ESCALATIONS["two steps"])
    wait = Wait(floor, floor.critical()).listen(TWELVE_MINUTES)
    keys = [
        (at, s.prompt) for at, s in wait.heard if s.prompt in ("waiting_keys", "hold_keys_again")
    ]
    assert [prompt for _, prompt in keys] == ["waiting_keys", "hold_keys_again"] * 2
    first, reminder, again, _ = [at for at, _ in keys]
    assert first < 5
    assert reminder < 70
    assert 400 < again < 480


def test_a_loop_is_mostly_music():
    floor = Floor(**ESCALATIONS["two steps"])
    wait = Wait(floor, floor.critical()).listen(TWELVE_MINUTES)
    assert len(wait.pieces) > 40


@pytest.mark.parametrize("key", ["9", "*"])
def test_a_question_for_the_keys_is_answered_at_once_with_the_news(key):
    floor = Floor()
    wait = Wait(floor, floor.critical())
    wait.listen(30)
    floor.wait_key(wait.call, key)
    assert wait.hear_one(answered_key=True) == ["rings_first_one", "waiting_keys"]
    assert wait.hear_one() == ["waited"]


def test_a_wrong_key_is_answered_once_with_the_keys():
    floor = Floor()
    wait = Wait(floor, floor.critical())
    wait.hear_one()
    floor.wait_key(wait.call, "5")
    assert wait.hear_one(answered_key=True)[:1] == ["no_such_key"]
    assert wait.hear_one() == []


def test_a_caller_for_whom_the_carrier_starts_over_is_not_at_the_beginning():
    floor = Floor()
    wait = Wait(floor, floor.critical()).listen(20)
    wait.loop = None
    assert wait.hear_one() == ["rings_first_one"]
    assert wait.counts()["waiting_keys"] == 1


def test_what_was_asked_while_it_rang_counts_as_waiting_and_the_keys_come_after_it():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    for key in ("1", "1"):
        floor.press(call, key)
    floor.advance(25)
    floor.say_matter(call, "http://spoken")
    wait = Wait(floor, call)
    assert wait.hear_one() == ["rings_first_one", "waiting_keys"]
    wait.listen(30)
    assert [say.prompt for _, say in wait.heard].count("waited") == 1


def test_nothing_is_promised_while_no_telephone_was_asked_to_ring():
    floor = Floor()
    floor.work = lambda: None  # the workers are away
    call = floor.critical()
    assert prompts(floor.room(call)) == ["waiting_keys"]


def test_a_mailbox_that_listens_is_no_news():
    floor = Floor()
    call = floor.critical()
    floor.answer(SANNE)
    assert Wait(floor, call).hear_one() == ["waiting_keys"]


@pytest.mark.parametrize(
    ("awaited", "rung", "said"),
    [
        (("sanne", "joris"), ("sanne", "joris"), "all_busy"),
        (("sanne", "joris"), ("milan",), "some_busy"),  # Milan did not answer, and is not busy
        (("sanne",), ("sanne",), "some_busy"),
        ((LAST_RESORT,), (), "last_resort_busy"),
        ((), ("sanne",), None),
    ],
)
def test_all_are_busy_only_where_nobody_else_was_rung(awaited, rung, said):
    until = NOW + dt.timedelta(seconds=30)
    people = tuple(Candidate(one, until=until) for one in awaited)
    escalation = EscalationState(candidates=people, rung=rung)
    unverified = Entitlement.UNVERIFIED
    incident = Incident("incident", "main", NOW, 1, "nl", unverified, escalation=escalation)
    found = news.say_busy(incident, NOW)
    assert (found and found.prompt) == said


def test_of_two_who_are_rung_at_once_the_second_is_not_the_next():
    floor = Floor(escalation=stepping(("primary", "secondary"), repeat=2))
    wait = Wait(floor, floor.critical())
    assert wait.hear_one()[0] == "rings_first_many"
    floor.answer(SANNE)
    assert prompts(floor.room(wait.call, wait.loop)) == []
    assert prompts(floor.room(wait.call))[:1] == ["rings_first_one"]


def test_what_was_said_on_the_way_into_the_queue_is_not_said_again():
    floor = Floor()
    call = floor.critical()
    floor.talk(call)
    floor.advance(60)
    leg = floor.part(SANNE, bridged=True)
    floor.left(call)
    floor.stay(call)
    assert leg.state is LegState.CLOSING
    assert prompts(floor.script(call)) == ["engineer_decides"]
    assert prompts(floor.room(call)) == []


def test_the_place_is_said_when_it_changes_and_the_first_place_once():
    floor = staffed("joris")
    reports(floor)
    floor.take("+31612345602")
    second = reports(floor, 3, BOB)
    waits = Wait(floor, reports(floor, 3, STRANGER))
    assert waits.hear_one()[:1] == ["row_place"]
    assert "row_place" not in waits.hear_one()
    floor.hang_up(second)
    assert waits.hear_one()[:1] == ["row_first"]
    waits.listen(TWELVE_MINUTES)
    assert waits.counts()["row_first"] == 1
    assert waits.counts()["row_keys"] <= 2


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"loop": "x"},
        {"loop": "2", "said": "a.b"},
        {"said": "~~"},
        {"loop": "-4"},
        {"said": "a"},
        {"loop": "9" * 4300},
        {"loop": "2", "said": "keys." + "9" * 4300},
    ],
)
def test_an_address_that_is_not_ours_is_the_first_loop(query):
    assert read_loop(query) == HoldLoop()


def test_what_was_said_survives_the_address():
    loop = HoldLoop(7).add("rings_on", 3).add("row_place-4", 3).add("rings_on", 9)
    assert loop.said == (("row_place-4", 3), ("rings_on", 9))
    assert read_loop(dict(loop.query)) == loop
    assert len(dict(loop.query)["said"]) < 100
