"""A matter that a program reports: its level reaches whom a call of that level would reach."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import TRIES, lodge
from routing.correspondence import Author
from routing.decision import LostRaceError
from routing.incident import EscalationPhase, IncidentSource, IncidentState
from routing.line import RateLimit, UnverifiedRates, Webhook
from routing.message import Via
from store.memory.call_repository import MemoryCallRepository
from tests.routing.floor import JORIS, NOW, PIETER, SANNE, SANNES_DESK, STRANGER, Floor, prompts

BAKER = Identity("100234", "Bakkerij Jansen BV", "Pieter Jansen", "msa_plus", PIETER)
KNOWN = events.Lodged(
    "a" * 32,
    "main",
    IncidentSource.PORTAL,
    1,
    "nl",
    Entitlement.ENTITLED,
    BAKER,
    words="the oven is cold",
)
NOBODY = replace(
    KNOWN, entitlement=Entitlement.UNVERIFIED, identity=None, source=IncidentSource.EMAIL
)


def lodged(floor, event=KNOWN):
    found = lodge(floor.desk, event).incident
    floor.work()
    return found


def now(floor, incident):
    return floor.book.find_by_incident(incident.key).incident


def test_level_1_pages_as_a_caller_who_hung_up_does(floor):
    incident = lodged(floor)
    assert floor.ringing() == [SANNE]
    assert (incident.source, incident.contract, incident.customer) == (
        IncidentSource.PORTAL,
        "100234",
        "Bakkerij Jansen BV",
    )
    assert (incident.calls, incident.call, incident.state) == ((), None, IncidentState.OPEN)
    assert incident.respond_by is not None
    floor.advance(31)
    assert floor.ringing() == [SANNES_DESK]
    floor.advance(60)
    assert JORIS in {placing.to for placing in floor.exchange.placed.values()}
    floor.advance(3600)
    assert now(floor, incident).escalation.round > 1


def texts_to_staff(floor):
    """The customer has texts of their own."""
    return [to for to in floor.exchange.texts if to != PIETER]


def test_whoever_takes_it_is_told_of_whom_and_calls_the_customer(floor):
    incident = lodged(floor)
    floor.answer(SANNE)
    assert "Bakkerij Jansen BV" in floor.xml(floor.whisper(SANNE))
    floor.take(SANNE)
    taken = now(floor, incident)
    assert (taken.state, taken.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "sanne")
    assert (taken.premium, taken.dialled) == (True, PIETER)
    floor.key(SANNE, "8")
    assert PIETER in floor.xml(floor.whisper(SANNE))


@pytest.mark.parametrize(
    "source", [IncidentSource.PORTAL, IncidentSource.EMAIL, IncidentSource.API]
)
def test_the_whisper_of_a_written_report_speaks_of_no_caller(floor, source):
    lodged(floor, replace(KNOWN, source=source))
    floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[-2:] == [f"whisper_lodged_{source}", "whisper_keys"]
    floor.take(SANNE)
    assert prompts(floor.whisper(SANNE)) == ["nobody_on_line", "offer_call"]
    floor.key(SANNE, "8")
    assert PIETER in floor.xml(floor.whisper(SANNE))


def test_the_whisper_of_an_unverified_report_speaks_of_who_wrote_it(floor):
    lodged(floor, replace(NOBODY, source=IncidentSource.API, phone=STRANGER))
    floor.answer(SANNE)
    heard = prompts(floor.whisper(SANNE))
    assert heard[1:3] == ["whisper_unverified", "whisper_lodged_api"]


def test_the_words_are_the_first_message_and_stand_nowhere_else(floor):
    incident = lodged(floor)
    (message,) = floor.book.correspondence.find_messages(incident.key)
    assert (message.words, message.door) == ("the oven is cold", Via.PORTAL)
    assert (message.author, message.by) == (Author.CUSTOMER, incident.contact)
    assert not any("oven" in note.reason for _, _, note in floor.book.rows.journal)


def test_the_same_report_twice_is_one_incident(floor):
    first = lodged(floor)
    floor.now += dt.timedelta(minutes=1)
    assert lodged(floor, replace(KNOWN, urgency=3)).number == first.number
    assert len(floor.book.rows.incidents) == 1
    assert len(floor.book.correspondence.find_messages(first.key)) == 1


@pytest.mark.parametrize("level", [2, 3, 4])
def test_the_desk_is_told_of_the_other_levels_and_nobody_is_rung(level):
    floor = Floor(desk=Floor().line.escalation.steps[0])
    incident = lodged(floor, replace(KNOWN, urgency=level))
    assert floor.ringing() == []
    assert texts_to_staff(floor) == [SANNE]
    assert incident.escalation.phase is EscalationPhase.LATER


def test_outside_office_hours_the_desk_is_told_when_it_opens():
    floor = Floor(desk=Floor().line.escalation.steps[0])
    floor.now = NOW + dt.timedelta(hours=12)
    lodged(floor, replace(KNOWN, urgency=3))
    assert texts_to_staff(floor) == []
    floor.advance(11 * 3600)
    assert texts_to_staff(floor) == [SANNE]


def test_a_clock_that_is_ahead_at_the_opening_costs_the_desk_no_day():
    floor = Floor(desk=Floor().line.escalation.steps[0])
    floor.now = NOW + dt.timedelta(hours=12)
    incident = lodged(floor, replace(KNOWN, urgency=3))
    floor.now = floor.desk.facts(floor.line).office_opens() - dt.timedelta(seconds=1)
    floor.desk.happen(events.EscalationTimerFired(incident.key, incident.escalation.mark))
    floor.advance(2)
    assert texts_to_staff(floor) == [SANNE]


def test_who_is_not_proved_has_no_contract_and_rings_no_more_often_than_callers():
    few = UnverifiedRates(RateLimit(9, dt.timedelta(hours=1)), RateLimit(2, dt.timedelta(hours=1)))
    floor = Floor(unverified=few)
    for number in range(3):
        event = replace(NOBODY, key=str(number) * 32, phone=STRANGER)
        incident = lodged(floor, event)
        assert (incident.contract, incident.entitlement) == (None, Entitlement.UNVERIFIED)
    doing = [i.escalation.phase for i in floor.book.rows.incidents.values()]
    assert doing == [EscalationPhase.STEPS, EscalationPhase.STEPS, EscalationPhase.QUIET]


def test_the_file_may_say_that_nobody_unproved_rings_anybody():
    floor = Floor(unverified_level_1="message")
    lodged(floor, NOBODY)
    assert floor.ringing() == []
    assert floor.exchange.texts == [SANNE]


def test_a_number_that_costs_a_fortune_is_not_called_back(floor):
    incident = lodged(floor, replace(NOBODY, phone="+881612345678"))
    assert (incident.dialled, incident.undialled is not None) == (None, True)
    theirs = lodged(floor, replace(KNOWN, key="b" * 32, phone="+881612345678"))
    assert theirs.dialled == PIETER


def test_programs_are_told_of_it(floor):
    floor.apply(webhooks=(Webhook("tickets", "https://tickets.example.org/", "WEBHOOK_TICKETS"),))
    lodged(floor)
    assert [d.happening for d in floor.book.rows.webhook_events] == ["opened", "message"]


def test_what_became_of_it_can_be_said_by_text(floor):
    incident = lodged(floor)
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "joris"))
    floor.work()
    assert floor.ringing() == []
    assert now(floor, incident).acknowledged_by == "joris"
    floor.advance(20 * 60)
    assert (
        now(floor, incident).state is IncidentState.OPEN
    )  # nobody said that they reached the customer


class TooLate(MemoryCallRepository):
    """A book in which somebody else is first each time."""

    saves = 0

    def save(self, before, decision, at, finishes=None):
        self.saves += 1
        raise LostRaceError


@pytest.mark.parametrize(
    "begin",
    [
        lambda desk: lodge(desk, KNOWN),
        lambda desk: desk.answer("CA1", "+31201234567", PIETER),
    ],
)
def test_a_race_that_is_lost_each_time_is_given_up(floor, begin):
    book = TooLate()
    with pytest.raises(LostRaceError):
        begin(replace(floor.desk, calls=book))
    assert book.saves == TRIES
