"""Calls as customers live through them, one entry each. Adding one takes a few lines: who calls and
presses what, who answers and does what. ``make calls`` then writes its transcript."""

from __future__ import annotations

from collections.abc import Callable

from devtools.calls.cast import (
    BOB,
    BOBS_PIN,
    COLLEAGUE,
    COLLEAGUES_PIN,
    EMMA,
    EMMAS_PIN,
    LOTTE,
    STRANGER,
    WILLEM,
    WILLEMS_PIN,
    WITHHELD,
)
from devtools.calls.people import TAKE, Answers, Habit, Later, Person
from devtools.calls.story import Story
from devtools.calls.walk import EVENING, MORNING, WalkedLine
from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.incident import IncidentSource
from tests.stories.stage import CONTRACT, JORIS, LAST_RESORT, PIETER, PIN, SANNE

Wait = Callable[[], None]

# What customers answer to each question.

LEVEL_1: Answers = {"pin": PIN, "urgency": "1", "confirm": "1"}
LEVEL_3: Answers = {"pin": PIN, "about": "2", "urgency": "3"}
REQUEST: Answers = {"pin": PIN, "urgency": "5", "verdict": "1", "databases": "1", "stopped": "2"}
NO_NUMBERS: Answers = {
    "language": "1",
    "contract": "0",
    "urgency": "1",
    "confirm": "1",
    "introduce": 3.0,
}

# People who are in many stories.

PIETER_CALLS = Person(PIETER, LEVEL_1, calls=(0,), talks=20)
PIETER_STAYS = Person(PIETER, LEVEL_1, calls=(0,))
SANNE_TAKES = Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(6,))
JORIS_TAKES = Person(JORIS, {"whisper": TAKE, "closing": "1"}, rings=(6,))
EMMA_WAITS = Person(EMMA, {"pin": EMMAS_PIN, "urgency": "3"}, calls=(30,), holds=60)
BOB_TALKS = Person(BOB, {"pin": BOBS_PIN, "urgency": "4"}, calls=(0,), talks=110)

LODGED = "5eed" * 8
ONE_PREMIUM_LEFT = {"until: 2099-12-31}": "until: 2099-12-31}\n    premium_incidents: 1"}
PIN_WHILE_RINGING = {"paging:": "pin: {ask: while_ringing}\npaging:"}


def lodge_in_portal(line: WalkedLine, wait: Wait) -> None:
    """Pieter reports a level 1 in the portal."""
    who = Identity(CONTRACT, "Bakkerij Jansen BV", "Pieter Jansen", "msa_plus", PIETER)
    language, source = line.desk.lines.list_lines()[0].languages[0], IncidentSource.PORTAL
    entitled = Entitlement.ENTITLED
    lodge(line.desk, events.Lodged(LODGED, "main", source, 1, language, entitled, who))
    line.settle()


def lodge_and_call_me(line: WalkedLine, wait: Wait) -> None:
    """Pieter reports a level 1 in the portal, and asks there to be called."""
    lodge_in_portal(line, wait)
    line.desk.happen(events.CustomerCallWanted(LODGED, "Pieter Jansen"))
    line.settle()


def lose_database(line: WalkedLine, wait: Wait) -> None:
    """The database is away before anybody calls."""
    line.break_database()


CALLS_OF_CUSTOMERS = (
    # The main path.
    Story(
        "01-level-1",
        "Known number, level 1, connected at once",
        (PIETER_CALLS, SANNE_TAKES),
        habits=tuple(Habit),
    ),
    Story(
        "02-second-engineer",
        "The first engineer does not answer, the second takes the call",
        (PIETER_CALLS, Person(SANNE), JORIS_TAKES),
    ),
    Story(
        "03-last-resort",
        "Nobody answers, the last resort takes the call",
        (PIETER_CALLS, Person(LAST_RESORT, {"whisper": TAKE, "closing": "1"}, rings=(6,))),
    ),
    Story(
        "03b-twelve-minutes",
        "Nobody answers for twelve minutes",
        (PIETER_STAYS,),
        until=780,
        waits_long=True,
    ),
    Story(
        "03c-hangs-up-waiting",
        "The caller hangs up while the telephone rings, and is called back",
        (
            Person(PIETER, LEVEL_1, calls=(0,), holds=4, rings=(4,), talks=15),
            Person(SANNE, {"whisper": TAKE, "offered": "8", "closing": "1"}, rings=(15,)),
        ),
    ),
    Story(
        "26-matter",
        "The caller says what is wrong, and the engineer hears it before deciding",
        (
            Person(PIETER, {**LEVEL_1, "matter": 4.0}, calls=(0,), talks=20),
            Person(SANNE, {"whisper": ("0", TAKE), "closing": "1"}, rings=(15,)),
        ),
    ),
    Story(
        "31-while-ringing",
        "The PIN is asked while the telephone rings: verified when it is answered",
        (PIETER_CALLS, Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(12,))),
        changes=PIN_WHILE_RINGING,
        habits=(Habit.TO_THE_END, Habit.WHEN_NAMED),
    ),
    Story(
        "31b-while-ringing-no-pin",
        "The PIN is asked while the telephone rings, and never keyed",
        (Person(PIETER, {**LEVEL_1, "pin": None}, calls=(0,), talks=20), SANNE_TAKES),
        changes=PIN_WHILE_RINGING,
    ),
    # Who is calling.
    Story(
        "04-withheld-number",
        "Withheld number: contract number and PIN",
        (
            Person(
                WITHHELD, {**LEVEL_1, "language": "1", "contract": CONTRACT}, calls=(0,), talks=20
            ),
            SANNE_TAKES,
        ),
    ),
    Story(
        "05-wrong-pin",
        "Three wrong PINs, then level 1",
        (
            Person(
                PIETER, {**LEVEL_1, "pin": ("111111", "222222", "333333")}, calls=(0,), talks=20
            ),
            SANNE_TAKES,
        ),
    ),
    Story(
        "06-stranger",
        "A stranger without numbers at hand, level 1",
        (Person(STRANGER, NO_NUMBERS, calls=(0,), talks=20), SANNE_TAKES),
    ),
    Story(
        "06b-silent",
        "Known number, presses nothing at all, says a name",
        (Person(PIETER, {"introduce": 3.0}, calls=(0,), talks=20), SANNE_TAKES),
    ),
    Story(
        "06c-stranger-not-rung",
        "A stranger, level 1, where nobody is rung for strangers",
        (Person(STRANGER, {**NO_NUMBERS, "message": 8.0}, calls=(0,)),),
        changes={"paging:": "unverified_level_1: message\npaging:"},
    ),
    Story(
        "07-expired",
        "Expired contract, level 1",
        (Person(WILLEM, {**LEVEL_1, "pin": WILLEMS_PIN}, calls=(0,), talks=20), SANNE_TAKES),
    ),
    Story(
        "07b-standard-plan",
        "A plan without priority, level 1",
        (Person(BOB, {**LEVEL_1, "pin": BOBS_PIN}, calls=(0,), talks=20), SANNE_TAKES),
    ),
    Story(
        "04b-withheld-callback",
        "A stranger with a withheld number asks for a callback, which is not possible",
        (
            Person(
                WITHHELD,
                {**NO_NUMBERS, "waiting": Later(5, "8")},
                calls=(0,),
                talks=20,
            ),
            Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(30,)),
        ),
    ),
    Story(
        "07c-last-premium-incident",
        "The last premium incident of the contract year",
        (PIETER_CALLS, Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(25,))),
        changes=ONE_PREMIUM_LEFT,
    ),
    # The desk.
    Story(
        "08-desk",
        "Level 3 in office hours, the desk answers",
        (Person(PIETER, LEVEL_3, calls=(0,), talks=20), JORIS_TAKES),
        begins=MORNING,
    ),
    Story(
        "08b-desk-queue",
        "Level 3 in office hours, third in line",
        (Person(PIETER, LEVEL_3, calls=(60,), talks=20), EMMA_WAITS, BOB_TALKS, JORIS_TAKES),
        begins=MORNING,
    ),
    Story(
        "08c-desk-callback",
        "Level 3 in office hours, asks to be called back in the line",
        (
            Person(
                PIETER,
                {**LEVEL_3, "waiting": Later(15, "8")},
                calls=(40,),
                rings=(4,),
                talks=20,
            ),
            BOB_TALKS,
            JORIS_TAKES,
        ),
        begins=MORNING,
    ),
    Story(
        "08d-desk-raised",
        "Level 3 in office hours, becomes level 1 while waiting",
        (
            Person(
                PIETER,
                {**LEVEL_3, "waiting": Later(15, "3"), "confirm": "1"},
                calls=(40,),
                talks=20,
            ),
            BOB_TALKS,
            SANNE_TAKES,
            JORIS_TAKES,
        ),
        begins=MORNING,
    ),
    Story(
        "08e-desk-closes",
        "Level 3, and the desk closes while the caller waits",
        (
            Person(PIETER, {**LEVEL_3, "later": "7", "message": 8.0}, calls=(0,)),
            Person(JORIS, phone="busy"),
        ),
        begins=EVENING,
        until=200,
    ),
    Story(
        "09-later",
        "Level 3 out of hours, leaves a message",
        (Person(PIETER, {**LEVEL_3, "later": "7", "message": 8.0}, calls=(0,)),),
    ),
    Story(
        "09b-later-raised",
        "Level 3 out of hours, level 1 after all",
        (
            Person(PIETER, {**LEVEL_3, "later": "3", "confirm": "1"}, calls=(0,), talks=20),
            SANNE_TAKES,
        ),
    ),
    Story(
        "10-signature-request",
        "A false alarm, in office hours",
        (
            Person(PIETER, REQUEST, calls=(0,), talks=20),
            Person(LOTTE, {"whisper": TAKE, "closing": "1"}, rings=(6,)),
        ),
        begins=MORNING,
    ),
    Story(
        "10b-signature-request-night",
        "A false alarm, at night",
        (Person(PIETER, {**REQUEST, "message": 8.0}, calls=(0,)),),
    ),
    Story(
        "10c-missed-threat",
        "A missed threat, with old databases, in office hours",
        (
            Person(PIETER, {**REQUEST, "verdict": "2", "databases": "2"}, calls=(0,), talks=20),
            Person(LOTTE, {"whisper": TAKE, "closing": "1"}, rings=(6,)),
        ),
        begins=MORNING,
    ),
    # Calls about what is open already.
    Story(
        "11-calls-again",
        "The customer calls again about an incident that an engineer has",
        (
            Person(PIETER, {**LEVEL_1, "about": "1"}, calls=(0, 200), talks=20),
            Person(SANNE, {"whisper": TAKE}, rings=(6,)),
        ),
        leg=1,
    ),
    Story(
        "18-colleague",
        "A colleague calls about the same incident while the first waits",
        (
            Person(
                COLLEAGUE,
                {"pin": COLLEAGUES_PIN, "about": "1", "engaged": "7", "message": 6.0},
                calls=(90,),
            ),
            Person(PIETER, LEVEL_1, calls=(0,), holds=150),
        ),
        rings=False,
    ),
    Story(
        "18b-colleague-talks",
        "A colleague calls about the same incident while the first talks with the engineer",
        (
            Person(
                COLLEAGUE,
                {"pin": COLLEAGUES_PIN, "about": "1", "engaged": "7", "message": 6.0},
                calls=(60,),
            ),
            Person(PIETER, LEVEL_1, calls=(0,), talks=90),
            SANNE_TAKES,
        ),
        rings=False,
    ),
    Story(
        "11b-calls-again-level-3",
        "The customer calls again about a report of level 3, out of hours",
        (Person(PIETER, {**LEVEL_3, "about": "1", "later": "7", "message": 6.0}, calls=(0, 120)),),
        leg=1,
    ),
    # Keys that are not expected.
    Story(
        "20-silent-stranger",
        "A stranger who presses no key and says nothing",
        (Person(STRANGER, calls=(0,)),),
    ),
    Story(
        "21-wrong-keys",
        "Keys that have no meaning",
        (
            Person(
                PIETER,
                {**LEVEL_1, "urgency": ("6", "8", "1"), "confirm": ("5", "1")},
                calls=(0,),
                talks=20,
            ),
            SANNE_TAKES,
        ),
    ),
    Story(
        "22-hash-by-habit",
        "The hash key out of habit, after the PIN and after each key",
        (
            Person(
                PIETER, {"pin": f"{PIN}#", "urgency": "1#", "confirm": "1#"}, calls=(0,), talks=20
            ),
            SANNE_TAKES,
        ),
    ),
    Story(
        "28-zero",
        "A customer who presses 0 for a human",
        (Person(PIETER, {"pin": PIN, "urgency": "0"}, calls=(0,), talks=20), SANNE_TAKES),
    ),
    Story(
        "28b-zero-office",
        "A customer who presses 0 for a human, in office hours",
        (
            Person(PIETER, {"pin": PIN, "urgency": "0"}, calls=(0,), talks=20),
            SANNE_TAKES,
            JORIS_TAKES,
        ),
        begins=MORNING,
    ),
    Story(
        "29-star",
        "A customer who presses the star key to hear it again",
        (
            Person(
                PIETER,
                {"pin": ("*", PIN), "urgency": ("*", "*", "1"), "confirm": ("*", "1")},
                calls=(0,),
                talks=20,
            ),
            SANNE_TAKES,
        ),
    ),
    # From the portal, and when the line itself fails.
    Story(
        "30-call-me-now",
        "Reported in the portal, with the wish to be called now",
        (Person(PIETER, {"call_me": "1"}, rings=(4,), talks=20), SANNE_TAKES),
        before=lodge_and_call_me,
    ),
    Story(
        "24-database-away",
        "The database is away, the first engineer answers",
        (PIETER_CALLS, SANNE_TAKES),
        before=lose_database,
        draws=True,
        until=120,
    ),
    Story(
        "24b-database-away-nobody",
        "The database is away, and nobody answers",
        (PIETER_STAYS,),
        before=lose_database,
        draws=True,
        until=120,
    ),
)
