"""The verdict of a run with real faults: whoever was lost or joined twice is seen as such."""

import math
from dataclasses import replace
from random import Random

import pytest

from config.line import parse_line_file
from devtools.bench.chaos.cast import paper
from devtools.bench.chaos.verdict import Facts, Kept, Talk, in_peace, judge
from devtools.bench.chaos.weather import drawn

PIETER, EMMA = "+31612345678", "+31612345679"
SANNE, JORIS = "+31612345601", "+31612345602"
TALK = Talk("CA1", PIETER, SANNE, 10, 20)
GOOD = Facts(
    delivered={"CA1": True, "CA2": True},
    kept={"CA1": Kept.TAKEN, "CA2": Kept.PAGED},
    talks=[TALK],
    rings=["leg 1", "leg 2"],
    steps=[(0.0, 0.5), (3.0, 7.0)],
    outages=[],
)


def test_a_call_that_talked_and_one_that_is_paged_are_both_looked_after():
    verdict = judge(GOOD)
    assert verdict.good
    assert (verdict.calls, verdict.connected, verdict.undelivered) == (2, 1, 0)
    assert (verdict.lost, verdict.twice, verdict.rung_twice) == ((), (), 0)


@pytest.mark.parametrize("left", [Kept.NOTHING, Kept.RECORD, Kept.FORGOTTEN])
def test_a_call_that_talked_with_nobody_and_left_nobody_paged_is_lost(left):
    verdict = judge(replace(GOOD, kept={"CA1": Kept.TAKEN, "CA2": left}))
    assert verdict.lost == ("CA2",)
    assert not verdict.good


def test_a_call_of_which_the_log_knows_nothing_is_lost():
    assert judge(replace(GOOD, kept={})).lost == ("CA2",)


def test_a_call_that_talked_is_not_lost_whatever_the_log_says():
    assert judge(replace(GOOD, kept={"CA2": Kept.TAKEN})).lost == ()


def test_a_call_that_none_of_our_addresses_answered_was_not_delivered():
    verdict = judge(replace(GOOD, delivered={"CA1": True, "CA2": False}, kept={}))
    assert (verdict.undelivered, verdict.lost, verdict.good) == (1, (), True)


@pytest.mark.parametrize(
    "again",
    [
        Talk("CA1", PIETER, JORIS, 15, 25),  # two engineers with one caller
        Talk("CA1", PIETER, JORIS, 21, 25),  # joined again, though the caller never left
        Talk("CA2", PIETER, JORIS, 15, 25),  # called back while talking
        Talk("CA2", EMMA, SANNE, 19, math.inf),  # one engineer with two callers
    ],
)
def test_whoever_is_joined_twice_is_seen(again):
    verdict = judge(replace(GOOD, talks=[TALK, again]))
    assert len(verdict.twice) >= 1
    assert not verdict.good


@pytest.mark.parametrize(
    "other",
    [
        Talk("CA2", PIETER, SANNE, 20, 30),  # called back afterwards
        Talk("CA2", EMMA, JORIS, 10, 20),  # two conversations of four people
    ],
)
def test_two_conversations_are_not_one_too_many(other):
    assert judge(replace(GOOD, talks=[TALK, other])).twice == ()


def test_a_page_that_rang_twice_is_one_duplicate_ring():
    assert judge(replace(GOOD, rings=["leg 1", "leg 2", "leg 1"])).rung_twice == 1


def test_the_worst_step_is_the_latest_and_what_was_away_is_told_apart():
    verdict = judge(replace(GOOD, outages=[(4.0, 6.5)]))
    assert (verdict.worst, verdict.worst_in_peace) == (4.0, 1.5)


@pytest.mark.parametrize(
    ("outage", "left"), [((0, 1), 4), ((0, 4), 3), ((4, 6), 2), ((6, 9), 3), ((2, 9), 0)]
)
def test_of_a_delay_only_what_lay_within_an_outage_is_excused(outage, left):
    assert in_peace((3, 7), [outage]) == left


def test_the_same_seed_draws_the_same_faults():
    names = ("clock", "redis", "web", "worker")
    one, other = Random("7/weather"), Random("7/weather")
    strikes = [drawn(one, names) for _ in range(200)]
    assert strikes == [drawn(other, names) for _ in range(200)]
    assert {victim for strike in strikes for victim in strike.victims} == set(names)


def test_the_line_that_is_called_can_be_read():
    read = parse_line_file(paper(3), lambda pin, owner: pin)
    assert (len(read.contracts), len(read.line.engineers)) == (3, 4)
