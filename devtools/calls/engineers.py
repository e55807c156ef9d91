"""Calls as engineers live through them, one entry each, like those of customers."""

from __future__ import annotations

from devtools.calls.cast import EMMA, EMMAS_PIN
from devtools.calls.customers import (
    JORIS_TAKES,
    LEVEL_1,
    PIETER_CALLS,
    PIETER_STAYS,
    SANNE_TAKES,
    Wait,
    lodge_in_portal,
)
from devtools.calls.people import PASS_ON, TAKE, Later, Person
from devtools.calls.story import Story
from devtools.calls.walk import ServedLine, WalkedLine
from service.drills import LiveDrill
from tests.stories.stage import JORIS, PIETER, SANNE, SANNES_DESK

BOTH_AT_ONCE = {"shifts: [{people: [sanne]}]": "shifts: [{people: [sanne, joris]}]"}


def hold_drill(line: WalkedLine, wait: Wait) -> None:
    """A drill rings everybody who is on call."""
    drilled = line.desk.lines.find_line("main")
    if drilled is not None:
        LiveDrill(line.services, drilled, lambda text: None, wait).hold()


CALLS_OF_ENGINEERS = (
    # Engineers.
    Story(
        "12-passed-on",
        "The engineer passes the call on",
        (PIETER_CALLS, Person(SANNE, {"whisper": PASS_ON}, rings=(6,)), JORIS_TAKES),
    ),
    Story(
        "13-call-in",
        "An engineer calls the line: an incident waits",
        (
            Person(
                JORIS,
                {"engineer": "1", "whisper": TAKE, "offered": "8", "closing": "1"},
                calls=(100,),
                rings=(None, 4),
            ),
            Person(PIETER, LEVEL_1, calls=(0,), holds=150, talks=15),
        ),
    ),
    Story(
        "13b-call-in-nothing",
        "An engineer calls the line: nothing waits",
        (Person(JORIS, calls=(0,)),),
        until=60,
    ),
    Story(
        "14-wrap-up",
        "The engineer ends the talk with the star key: a note, not premium, responded",
        (
            Person(PIETER, LEVEL_1, calls=(0,)),
            Person(
                SANNE,
                {"whisper": TAKE, "closing": ("7", "5", "1"), "dictating": 6.0},
                rings=(6,),
                talks=20,
                leaves="*",
            ),
        ),
        until=200,
    ),
    Story(
        "15-callback",
        "The caller asks to be called back while waiting",
        (
            Person(
                PIETER, {**LEVEL_1, "waiting": Later(10, "8")}, calls=(0,), rings=(4,), talks=20
            ),
            Person(SANNE, {"whisper": TAKE, "offered": "8", "closing": "1"}, rings=(25,)),
        ),
    ),
    Story(
        "15b-message",
        "The caller leaves a message while waiting",
        (
            Person(
                PIETER,
                {**LEVEL_1, "waiting": Later(10, "7"), "message": 10.0},
                calls=(0,),
                talks=20,
            ),
            Person(SANNE),
            JORIS_TAKES,
        ),
    ),
    Story(
        "15c-message-interrupted",
        "The engineer takes the call while the caller speaks a message",
        (
            Person(
                PIETER,
                {**LEVEL_1, "waiting": Later(5, "7"), "message": 60.0},
                calls=(0,),
                talks=20,
            ),
            Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(20,)),
        ),
    ),
    Story(
        "16-drill",
        "A drill that wakes",
        (
            Person(SANNE, {"whisper": TAKE}, rings=(6,)),
            Person(JORIS, {"whisper": TAKE}, rings=(9,)),
        ),
        before=hold_drill,
        kind=ServedLine,
        draws=True,
    ),
    Story(
        "17-mailbox",
        "A mailbox answers for the first engineer",
        (
            PIETER_CALLS,
            Person(SANNE, phone="mailbox"),
            Person(SANNES_DESK, phone="busy"),
            JORIS_TAKES,
        ),
    ),
    Story(
        "19-engineer-hangs-up",
        "The engineer hangs up first, the caller stays on",
        (PIETER_STAYS, Person(SANNE, {"whisper": TAKE}, rings=(6,), talks=15)),
        until=120,
    ),
    Story(
        "32-handed-over",
        "The engineer passes the incident on after the talk",
        (
            PIETER_STAYS,
            Person(SANNE, {"whisper": TAKE, "closing": "2"}, rings=(6,), talks=20, leaves="*"),
            Person(JORIS, {"whisper": TAKE, "closing": "1"}, rings=(6,), talks=20, leaves="*"),
        ),
        until=200,
    ),
    Story(
        "33-both-at-once",
        "Two engineers are rung at once, and both answer",
        (
            PIETER_CALLS,
            SANNE_TAKES,
            Person(JORIS, {"whisper": TAKE}, rings=(11,)),
        ),
        changes=BOTH_AT_ONCE,
    ),
    Story(
        "34-in-writing",
        "Reported in the portal, the engineer calls the customer",
        (
            Person(SANNE, {"whisper": TAKE, "offered": "8", "closing": "1"}, rings=(6,)),
            Person(PIETER, rings=(4,), talks=20),
        ),
        before=lodge_in_portal,
    ),
    Story(
        "35-no-key",
        "An engineer answers and presses no key",
        (PIETER_CALLS, Person(SANNE, rings=(6,)), JORIS_TAKES),
    ),
    Story(
        "35b-wrong-keys",
        "An engineer answers and presses wrong keys",
        (PIETER_CALLS, Person(SANNE, {"whisper": "0"}, rings=(6,)), JORIS_TAKES),
    ),
    Story(
        "36-all-busy",
        "Every engineer talks with somebody else",
        (
            Person(EMMA, {**LEVEL_1, "pin": EMMAS_PIN}, calls=(60,), talks=15),
            Person(PIETER, LEVEL_1, calls=(0,), talks=150),
            Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(6,)),
            Person(JORIS, phone="busy"),
        ),
        until=400,
    ),
    Story(
        "37-own-incident",
        "An engineer calls the line about an incident of their own",
        (
            Person(
                SANNE,
                {"engineer": "1", "whisper": TAKE, "offered": "8", "closing": (None, None, "1")},
                calls=(150,),
                rings=(6,),
            ),
            Person(PIETER, LEVEL_1, calls=(0,), holds=1, rings=(4,), talks=15),
        ),
        until=300,
    ),
    Story(
        "23-brief-whisper",
        "An engineer on a line that names nobody before the key",
        (PIETER_CALLS, SANNE_TAKES),
        changes={"paging:": "whisper: brief\npaging:"},
    ),
    Story(
        "27-own-language",
        "A caller who speaks another language than the engineer",
        (Person(EMMA, {**LEVEL_1, "pin": EMMAS_PIN}, calls=(0,), talks=20), SANNE_TAKES),
    ),
)
