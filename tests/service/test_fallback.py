"""Whom the fallback dials: the people on call in the order of the steps, then the last resort."""

import datetime as dt
from dataclasses import replace

from routing.line import Escalation, Step, Voice
from service.fallback import build_fallback_line, find_people_on_step
from tests.store.cast import LINE, NOW

SANNE, DESK, JORIS = "+31612345601", "+31208881101", "+31612345602"
LAST_RESORT = "+31207654321"


def test_phones_follow_the_steps_and_the_last_resort_is_last():
    assert build_fallback_line(LINE, NOW).phones == (SANNE, DESK, JORIS, LAST_RESORT)


def test_nobody_is_dialled_twice():
    steps = (Step(("joris",)), Step(("primary", "joris")))
    line = replace(LINE, escalation=Escalation(steps), last_resort=(JORIS, LAST_RESORT))
    assert build_fallback_line(line, NOW).phones == (JORIS, SANNE, DESK, LAST_RESORT)


def test_when_nobody_is_on_call_the_last_resort_is_left():
    line = replace(LINE, escalation=Escalation((Step(("primary",)),)))
    free = replace(line, schedules=(replace(line.schedules[0], shifts=()),))
    assert find_people_on_step(free.escalation.steps[0], free, NOW + dt.timedelta(days=1)) == ()
    assert build_fallback_line(free, NOW).phones == (LAST_RESORT,)


def test_the_first_language_is_spoken_with_its_voice():
    voices = (("en", Voice(rate=80)), ("nl", Voice(rate=90)))
    found = build_fallback_line(replace(LINE, voices=voices), NOW)
    assert (found.language, found.voice) == ("nl", Voice(rate=90))
