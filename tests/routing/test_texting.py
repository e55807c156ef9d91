"""A text of an engineer at the desk: what it does, for whom, and when it is not answered."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.correspondence import Author
from routing.engineer import texting
from routing.engineer.texting import IncomingText, TextAnswer, TextSender, Unanswered
from routing.incident import ClockState, IncidentState
from routing.incidents.text_commands import CarrierWord
from routing.line import DutyManager, Handover
from routing.message import Via
from routing.notify.handovers import HandoverConfirmed, read_reply
from routing.notify.text_codes import find_code
from tests.routing.floor import (
    JORIS,
    LINE,
    NOW,
    PIETER,
    SANNE,
    SANNES_DESK,
    Floor,
    contract,
    stepping,
)
from tests.routing.test_reports_by_api import KNOWN, lodged

MANAGER = "+31612345609"
MINUTE = 60
OTHERS = "+31612345699"


class Texts:
    """Engineers who text the line of a floor."""

    def __init__(self, floor):
        self.floor, self.count = floor, 0

    def __call__(self, who, body, sid=None, word=None):
        self.count += 1
        floor, engineer = self.floor, self.floor.line.engineer(who)
        text = IncomingText(sid or f"SM{self.count}", body, word)
        said = texting.receive(floor.desk, [TextSender(floor.line, engineer)], text)
        floor.work()
        return said.words if isinstance(said, TextAnswer) else None


def quiet_line():
    """A line with a duty manager, on which sanne is rung first."""
    people = stepping(("sanne",), ("joris",), repeat=2)
    return Floor(replace(LINE, escalation=people, duty_manager=DutyManager(phone=MANAGER)))


@pytest.fixture
def floor():
    return quiet_line()


@pytest.fixture
def text(floor):
    return Texts(floor)


@pytest.fixture
def call(floor):
    """Pieter reported a level 1 and hung up; sanne is rung and texted."""
    return left_alone(floor)


def left_alone(floor, shown=PIETER):
    call = floor.critical(shown)
    floor.hang_up(call)
    return call


def talked(floor):
    """Sanne talked with the caller, and both hung up."""
    call = floor.critical()
    floor.talk(call)
    floor.part(SANNE, bridged=True)
    floor.hang_up(call)
    floor.drop(SANNE)
    return call


def incident(floor, call):
    return floor.incident(call)


def number(floor, call):
    return floor.incident(call).number


def notes(floor, call):
    return [memo.words for memo in floor.book.notes.find_all(floor.incident(call).key)]


def code(floor, call, who="sanne"):
    return find_code(floor.incident(call), who)


def another(floor, phone=OTHERS):
    """Another customer's level 1."""
    floor.people.contracts["main", "100250"] = contract("100250", "Ans Vos", phone)
    return left_alone(floor, phone)


@pytest.mark.parametrize(
    "body",
    ["{n}", "“{n}”", "{n}ok", "ack {n}", "I’ll take it {n}", "\u200b{n}", "oke\u0301", "👍", "ja"],
)
def test_what_says_yes_takes_what_was_sent(floor, text, call, body):
    assert text("sanne", body.format(n=number(floor, call))) == "acknowledged"
    assert incident(floor, call).acknowledged_by == "sanne"


@pytest.mark.parametrize("body", ["", "   ", ".", "-", "?", "🙂", "\u200b"])
def test_nothing_said_does_nothing(floor, text, call, body):
    before = incident(floor, call)
    assert text("sanne", body) == "nothing_said"
    assert incident(floor, call) == before


def test_words_with_a_number_are_noted_on_ones_own(floor, text, call):
    text("sanne", str(number(floor, call)))
    assert text("sanne", "ben er over 10 minuten") == "text_noted"
    assert notes(floor, call) == ["ben er over 10 minuten"]


def written(floor, call):
    found = floor.book.correspondence.find_messages(incident(floor, call).key)
    return [(one.author.value, one.by, one.door.value, one.words) for one in found]


def test_words_reach_the_customer_only_by_number_colon_and_proof(floor, text, call):
    n = number(floor, call)
    assert text("sanne", f"{n} klant neemt niet op") == "text_not_sent_open"
    assert text("sanne", "klant: het werkt weer") == "answer_which"
    assert text("sanne", f"{n} klant: het werkt weer") == "answer_needs_code"
    assert text("sanne", f"{n} 0000 klant: het werkt weer!") == "answer_needs_code"
    assert (written(floor, call), notes(floor, call)) == ([], ["klant neemt niet op"])
    own = code(floor, call)
    assert text("sanne", f"{n} {own} klant: het werkt echt weer") == "text_answered"
    assert written(floor, call) == [("staff", "sanne", "text", "het werkt echt weer")]
    assert notes(floor, call) == ["klant neemt niet op"]


def test_at_other_levels_a_key_or_a_link_proves_who_writes_to_the_customer(floor, text, call):
    """A forged sender would speak in our name."""
    incident = lodged(floor, replace(KNOWN, urgency=3))
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "sanne", Via.TEXT))
    body = f"{incident.number} klant: bel 0900 en noem uw pincode"
    assert text("sanne", body) == "answer_needs_link"
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "sanne", Via.LINK))
    assert text("sanne", f"{incident.number} klant: het werkt") == "text_answered"
    found = floor.book.correspondence.find_messages(incident.key)
    assert [one.words for one in found if one.author is Author.STAFF] == ["het werkt"]


def test_a_text_that_is_delivered_twice_writes_to_the_customer_once(floor, text, call):
    n, own = number(floor, call), code(floor, call)
    for _ in range(2):
        assert text("sanne", f"{n} {own} klant: het werkt", "SM1") == "text_answered"
    assert len(written(floor, call)) == 1


def test_words_are_never_noted_on_what_is_closed_or_of_another_customer(floor, text, call):
    for event in (events.Responded, events.Closed):
        floor.desk.happen(event(incident(floor, call).key, "joris", Via.CONSOLE))
    own = another(floor)
    floor.desk.happen(events.Reassigned(incident(floor, own).key, "sanne", "joris", Via.CONSOLE))
    words = f"MSI-fout {number(floor, call)}"
    assert text("sanne", words) == "text_noted"
    assert (notes(floor, call), notes(floor, own)) == ([], [words])


@pytest.mark.parametrize(
    "body", ["{n} klaar {code}", "klaar {n} {code}", "{n} {code}", "{n} het werkt weer", "#{n}: ok"]
)
def test_a_text_that_begins_with_a_closed_incident_reaches_no_other(floor, text, call, body):
    for event in (events.Responded, events.Closed):
        floor.desk.happen(event(incident(floor, call).key, "sanne", Via.CONSOLE))
    own = another(floor)
    before = incident(floor, own)
    body = body.format(n=number(floor, call), code=code(floor, call))
    assert text("sanne", body) == "is_closed"
    assert (incident(floor, own), notes(floor, call), notes(floor, own)) == (before, [], [])


def test_a_text_that_begins_with_an_incident_nobody_told_of_reaches_no_other(floor, text, call):
    untold = another(floor)
    text("sanne", str(number(floor, call)))
    body = f"{number(floor, untold)} het werkt weer"
    assert text("joris", body) == "not_told"
    assert (notes(floor, call), notes(floor, untold)) == ([], [])


def test_words_are_noted_nowhere_when_nothing_is_theirs(floor, text, call):
    assert text("joris", "kan ik niet") == "none_waits"
    assert notes(floor, call) == []


def test_a_command_about_what_is_closed_says_so_and_one_about_nothing_too(floor, text, call):
    n, key = number(floor, call), incident(floor, call).key
    floor.desk.happen(events.Responded(key, "sanne", Via.CONSOLE))
    assert text("sanne", f"{n} bel") == "is_responded"
    floor.desk.happen(events.Closed(key, "sanne", Via.CONSOLE))
    assert text("sanne", f"{n} klaar") == "is_closed"
    assert text("joris", f"{n} klaar") == "no_incident"
    assert text("sanne", "999 klaar") == "no_incident"
    assert text("sanne", "9999999999") == "no_incident"


# Whom a text is believed


def test_a_text_takes_only_what_its_sender_was_told(floor, text, call):
    n = number(floor, call)
    assert text("joris", f"{n} ok") == "not_told"
    assert text("joris", "ok") == "none_waits"
    assert incident(floor, call).state is IncidentState.OPEN
    floor.advance(2 * MINUTE)
    assert floor.rings(JORIS)
    assert text("joris", f"{n} ok") == "acknowledged"


def test_whose_name_it_was_put_in_was_told(floor, text, call):
    key = incident(floor, call).key
    floor.desk.happen(events.Reassigned(key, "joris", "sanne", Via.CONSOLE))
    floor.work()
    assert (
        text("joris", f"{number(floor, call)} klaar {code(floor, call, 'joris')}")
        == "text_responded"
    )


def test_three_forged_texts_end_nothing_at_level_1(floor, text, call):
    n, rings = number(floor, call), len(floor.legs())
    assert text("sanne", f"{n} ok") == "acknowledged"
    assert text("sanne", "klaar") == "needs_code"
    assert text("sanne", f"{n} dicht") == "not_responded"
    assert text("sanne", f"{n} wacht op logs") == "text_waits_code"
    assert incident(floor, call).state is IncidentState.ACKNOWLEDGED
    floor.advance(floor.line.paging.reach_within.total_seconds() + 1)
    assert incident(floor, call).state is IncidentState.OPEN
    assert incident(floor, call).waiting_since is None
    assert incident(floor, call).clock.state is ClockState.RUNNING
    assert len(floor.legs()) > rings


def test_done_without_a_code_takes_and_no_more(floor, text, call):
    assert text("sanne", f"{number(floor, call)} klaar") == "needs_code"
    assert (incident(floor, call).state, incident(floor, call).reached) == ("acknowledged", False)


def test_who_reached_nobody_by_a_text_takes_it_again_only_with_the_code(floor, text, call):
    n = number(floor, call)
    text("sanne", f"{n} ok")
    floor.advance(floor.line.paging.reach_within.total_seconds() + 1)
    assert text("sanne", f"{n} ok") == "take_needs_code"
    assert incident(floor, call).state is IncidentState.OPEN
    assert text("sanne", f"{n} ok {code(floor, call)}") == "acknowledged"


def test_the_code_of_the_page_proves(floor, text, call):
    n, known = number(floor, call), code(floor, call)
    assert text("sanne", f"{n} wacht {known} op logs") == "text_waits"
    assert text("sanne", f"{n} verder") == "not_waiting"
    assert text("sanne", f"klaar {known}") == "text_responded"
    assert text("sanne", f"{n} dicht {known}") == "text_closed"
    assert incident(floor, call).closed_by == "sanne"


def test_the_code_may_follow_what_was_said_without_it(floor, text, call):
    n = number(floor, call)
    assert text("sanne", f"{n} wacht op logs") == "text_waits_code"
    assert text("sanne", f"{n} {code(floor, call)}") == "acknowledged"
    floor.advance(floor.line.paging.reach_within.total_seconds() + 1)
    assert incident(floor, call).state is IncidentState.ACKNOWLEDGED


def test_another_persons_code_proves_nothing(floor, text, call):
    floor.advance(2 * MINUTE)
    known = code(floor, call, "joris")
    assert known not in (None, code(floor, call))
    assert text("sanne", f"{number(floor, call)} klaar {known}") == "needs_code"


def test_codes_cannot_be_guessed_for_long(floor, text, call):
    n, known = number(floor, call), int(code(floor, call))
    for wrong in range(5):
        assert text("sanne", f"{n} klaar {1000 + (known + wrong) % 9000}") in ("needs_code", None)
        floor.advance(2 * MINUTE)
    assert text("sanne", f"{n} klaar {known}") == "needs_code"
    assert incident(floor, call).responded_at is None


def test_a_key_or_a_link_proves(floor, text, call):
    floor.take(SANNE)
    assert text("sanne", f"{number(floor, call)} klaar") == "text_responded"
    other = another(floor)
    floor.advance(2 * MINUTE)
    floor.desk.happen(events.AcknowledgedWithoutKey(incident(floor, other).key, "joris", Via.LINK))
    assert text("joris", f"{number(floor, other)} klaar") == "text_responded"


def test_the_link_proves_what_a_text_took_before(floor, text, call):
    n = number(floor, call)
    text("sanne", f"{n}")
    floor.desk.happen(events.AcknowledgedWithoutKey(incident(floor, call).key, "sanne", Via.LINK))
    assert text("sanne", f"{n} klaar") == "text_responded"


def test_what_was_proven_holds_until_it_is_sought_again(floor, text, call):
    n = number(floor, call)
    floor.take(SANNE)
    floor.drop(SANNE)
    floor.advance(floor.line.paging.reach_within.total_seconds() + 2 * MINUTE)
    assert incident(floor, call).proven == ()
    assert text("sanne", f"{n} klaar") in ("needs_code", "text_responded_by", "taken")
    assert incident(floor, call).responded_at is None


def test_levels_2_to_4_need_no_code():
    floor = Floor(replace(LINE, desk=stepping(("sanne",)).steps[0]))
    floor.now = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
    text, call = Texts(floor), floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "2")
    floor.work()
    assert floor.rings(SANNE)
    floor.wait_key(call, "8")
    n = number(floor, call)
    assert text("sanne", f"{n}") == "acknowledged"
    assert text("sanne", f"{n} klaar") == "text_responded"


@pytest.mark.parametrize("minutes", [1, 3])
def test_a_telephone_is_rung_three_times_an_hour_because_texts_ask(floor, text, minutes):
    call = talked(floor)
    n, before = number(floor, call), floor.rings(SANNE)
    for _ in range(19):
        text("sanne", f"{n} bel")
        floor.advance(minutes * MINUTE)
    assert floor.rings(SANNE) - before <= 3
    assert text("sanne", f"{n} bel") in ("rung_often", None)


def test_the_console_rings_as_often_as_it_is_asked(floor, text):
    call = talked(floor)
    before = floor.rings(SANNE)
    for _ in range(5):
        floor.desk.happen(events.CallWanted(incident(floor, call).key, "sanne", Via.CONSOLE))
        floor.advance(2 * MINUTE)
    assert floor.rings(SANNE) - before == 5


def test_who_is_rung_on_request_stops_ringing_when_it_is_closed(floor):
    """Sanne has two phones: the second must not ring for an incident that is over."""
    key = incident(floor, talked(floor)).key
    before = floor.rings(SANNE)
    floor.desk.happen(events.CallWanted(key, "sanne", Via.CONSOLE))
    floor.work()
    floor.desk.happen(events.Responded(key, "sanne", Via.CONSOLE))
    floor.desk.happen(events.Closed(key, "sanne", Via.CONSOLE))
    floor.advance(5 * MINUTE)
    closed = floor.desk.calls.find_by_incident(key).incident
    assert (closed.legs(), closed.escalation.candidates) == ((), ())
    assert floor.rings(SANNE) - before == 1
    assert floor.rings(SANNES_DESK) == 0


# What a machine says


@pytest.mark.parametrize("body", ["STOP", "start", "Help", "unsubscribe"])
def test_a_word_of_the_carriers_is_no_note_and_the_duty_manager_is_told(floor, text, call, body):
    text("sanne", str(number(floor, call)))
    before = incident(floor, call)
    assert text("sanne", body) is None
    assert text("sanne", body) is None
    assert (incident(floor, call), notes(floor, call)) == (before, [])
    told = [x.words for x in floor.book.rows.messages.values() if x.to == MANAGER]
    assert len(told) == 1
    assert told[0].startswith("carrier_")


def test_what_the_carrier_says_of_a_text_counts(floor, text, call):
    assert text("sanne", "Afmelden", word=CarrierWord.STOP) is None
    assert [x.words for x in floor.book.rows.messages.values()] == ["carrier_stop"]


def test_an_automatic_answer_is_noted_and_answered_once(floor, text, call):
    text("sanne", str(number(floor, call)))
    said = [text("sanne", "Ik rijd nu, ik bel u later terug.") for _ in range(30)]
    assert [one for one in said if one is not None] == ["text_noted"]
    assert notes(floor, call) == ["Ik rijd nu, ik bel u later terug."]
    floor.advance(60 * MINUTE)
    assert text("sanne", "Ik rijd nu, ik bel u later terug.") is None


def test_many_texts_in_a_moment_are_neither_noted_nor_answered(floor, text, call):
    text("sanne", str(number(floor, call)))
    said = [text("sanne", f"Ik ben er niet. Bericht {chr(97 + n)}") for n in range(20)]
    assert said == ["text_noted"] * 4 + [None] * 16
    assert len(notes(floor, call)) == 4
    floor.advance(11 * MINUTE)
    assert text("sanne", "weer terug") == "text_noted"


def test_a_command_is_done_however_many_texts_come(floor, text, call):
    for n in range(9):
        text("sanne", f"kan niet {chr(97 + n)}")
    assert text("sanne", f"{number(floor, call)} ok") == "acknowledged"
    assert incident(floor, call).acknowledged_by == "sanne"


def test_a_numbered_command_is_answered_however_many_texts_come(floor, text, call):
    for n in range(9):
        text("sanne", f"kan niet {chr(97 + n)}")
    assert [text("sanne", f"99{n} klaar") for n in range(9)] == ["no_incident"] * 9
    for event in (events.Responded, events.Closed):
        floor.desk.happen(event(incident(floor, call).key, "sanne", Via.CONSOLE))
    said = [text("sanne", f"{number(floor, call)} {word}") for word in ("klaar", "bel", "dicht")]
    assert said == ["is_closed"] * 3


def test_a_command_sent_again_after_many_texts_is_answered(floor, text, call):
    for n in range(6):
        text("sanne", f"kan niet {chr(97 + n)}")
    said = [text("sanne", f"{number(floor, call)} klaar") for _ in range(6)]
    assert said == ["needs_code"] * 5 + [None]


def test_a_machine_that_says_ok_is_not_answered_for_ever(floor, text, call):
    said = [text("sanne", "ok") for _ in range(30)]
    assert said == ["acknowledged"] * 5 + [None] * 25


# Brought twice


@pytest.mark.parametrize(
    "body",
    [
        "klant mailt liever",
        "{n} klaar {code}",
        "{n}",
        "klaar",
        "wacht {code} logs",
        "999 klaar",
        "",
    ],
)
def test_a_text_brought_twice_is_answered_alike_and_does_nothing_more(floor, text, call, body):
    n = number(floor, call)
    text("sanne", str(n))
    body = body.format(n=n, code=code(floor, call))
    first = text("sanne", body, sid="SMtwice")
    floor.desk.happen(
        events.AcknowledgedWithoutKey(incident(floor, another(floor)).key, "sanne", Via.CONSOLE)
    )
    floor.work()
    before = list(floor.book.rows.incidents.values())
    assert text("sanne", body, sid="SMtwice") == first
    assert list(floor.book.rows.incidents.values()) == before
    assert len(floor.book.rows.notes) <= 1


def test_an_ok_brought_twice_confirms_no_duty(floor, text, call):
    assert text("sanne", "ok", sid="SMtwice") == "acknowledged"
    assert floor.book.received_texts.find("SMtwice").verb == "take"
    assert text("sanne", "ok", sid="SMtwice") == "acknowledged"


def test_why_nothing_is_said_is_known(floor, call):
    sender = TextSender(floor.line, floor.line.engineer("sanne"))
    said = texting.receive(floor.desk, [sender], IncomingText("SM1", "STOP"))
    assert said == Unanswered("the carrier answers stop")


RELIEF = Handover("r1", "main", "primary", NOW, "sanne", (), None, 47)


@pytest.mark.parametrize(
    "body", ["OK 47", "“OK 47”", "ok\u200b 47", "oke\u0301", "👍", "👍🏽 47", "ＯＫ ４７", "ja"]
)
def test_a_duty_is_confirmed_in_any_spelling(body):
    assert read_reply(body, "SM1", [RELIEF], [1042]) == HandoverConfirmed(RELIEF)


@pytest.mark.parametrize("body", ["", ".", "🙂", "OK 1042", "OK 12", "kan niet"])
def test_a_duty_is_not_confirmed_by_anything_else(body):
    assert read_reply(body, "SM1", [RELIEF], [1042]) is None
