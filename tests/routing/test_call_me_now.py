"""A contact asks in the portal to be called: rung once, asked for a key, and then a caller."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.caller.call_me_now import (
    CALLS_AN_HOUR,
    build_customer_document,
    find_numbers,
    why_not_called,
)
from routing.events import Heard
from routing.incident import IncidentSource, IncidentState, ReopenReason
from routing.incidents.progress import ProgressKind, describe_progress
from routing.line import Step
from routing.message import Via
from routing.page import LegState, PageResult
from tests.routing.floor import (
    BAKERY,
    JORIS,
    LINE,
    PIETER,
    SANNE,
    STRANGER,
    Floor,
    asks,
    hangs_up,
    prompts,
)
from tests.routing.test_reports_by_api import KNOWN, lodged

NAME = "Pieter Jansen"
SHOP = "+31201112233"


class Portal:
    """What a customer does on the page, and at the telephone that it makes ring."""

    def __init__(self, floor: Floor, incident: str) -> None:
        self.floor, self.key = floor, incident

    @property
    def case(self):
        return self.floor.book.find_by_incident(self.key)

    @property
    def incident(self):
        return self.case.incident

    @property
    def leg(self):
        return self.incident.customer_leg

    def ask(self, by=NAME, phone=None):
        self.floor.desk.happen(events.CustomerCallWanted(self.key, by, phone))
        self.floor.work()
        return self.leg

    def why_not(self, by=NAME, phone=None):
        return why_not_called(self.floor.desk.facts(self.floor.line), self.case, by, phone)

    def headline(self):
        facts = self.floor.desk.facts(self.floor.line)
        return describe_progress(facts, self.case).headline.kind

    def answer(self):
        leg = self.leg
        self.floor.exchange.heards[leg.sid] = Heard.ANSWERED
        return self.floor.desk.happen(events.CustomerListens(self.key, leg.number, leg.sid))

    def press(self, key, turn=None):
        leg = self.leg
        turn = leg.turn if turn is None else turn
        keyed = events.CustomerKeyed(self.key, leg.number, turn, key, leg.sid)
        case = self.floor.desk.happen(keyed)
        self.floor.work()
        return case

    def hear(self, heard, why=None):
        leg = self.leg
        self.floor.exchange.heards[leg.sid] = heard
        self.floor.desk.happen(events.CustomerLegHeard(self.key, leg.number, heard, leg.sid, why))
        self.floor.work()
        return self.leg

    def script(self):
        return build_customer_document(self.case, self.floor.line)

    def call(self):
        """The call that the leg has become."""
        found = self.floor.book.find_by_sid(self.leg.sid)
        return found.call if found is not None else None


def after_hang_up(floor) -> Portal:
    """A level 1 is open, nobody is on the line about it, and an engineer is rung."""
    call = floor.critical()
    floor.hang_up(call)
    return Portal(floor, floor.incident(call).key)


@pytest.fixture
def portal(floor):
    return after_hang_up(floor)


def test_the_customers_telephone_rings_and_a_key_is_asked(floor, portal):
    leg = portal.ask()
    placed = floor.exchange.placed[leg.sid]
    assert (placed.to, placed.from_, placed.seconds) == (PIETER, floor.line.number, 40)
    assert placed.url.startswith(f"http://line.test/voice/customer/{portal.key}/1#")
    assert placed.status_url.startswith(f"http://line.test/voice/customer/{portal.key}/1/status#")
    assert PIETER not in placed.url + placed.status_url + placed.fallback_url
    assert portal.headline() is ProgressKind.RINGING_YOU
    portal.answer()
    assert prompts(portal.script()) == ["call_me_now"]
    assert asks(portal.script())


def test_with_the_key_it_is_a_call_of_this_contact_who_waits_for_the_engineer(floor, portal):
    portal.ask()
    portal.answer()
    portal.press("1")
    call = portal.call()
    assert (call.stage, call.live, call.called_out) == (Stage.WAITING, True, True)
    assert (call.caller, call.shown, call.urgency) == (PIETER, PIETER, 1)
    assert (call.identity.contract, call.identity.contact) == ("100234", NAME)
    assert call.entitlement.verified
    assert portal.incident.call == call.id
    assert portal.incident.calls[-1] == call.sid
    assert portal.leg.result is PageResult.ACCEPTED
    assert floor.ringing() == [SANNE]  # the escalation under way is also for this caller
    floor.talk(call.id)
    assert floor.call(call.id).stage is Stage.BRIDGED
    assert portal.headline() is ProgressKind.TALKING
    floor.hang_up(call.id)
    assert floor.call(call.id).outcome is CallOutcome.CONNECTED
    assert floor.call(call.id).answered_by == "sanne"


def test_the_same_key_twice_is_one_call(floor, portal):
    portal.ask()
    portal.answer()
    turn = portal.leg.turn
    portal.press("1", turn)
    before = len(floor.book.rows.calls)
    portal.press("1", turn)
    assert len(floor.book.rows.calls) == before


def test_the_button_twice_is_one_call(floor, portal):
    first = portal.ask()
    assert portal.why_not() == "call_rings_already"
    assert portal.ask() == first
    assert len([p for p in floor.exchange.placed.values() if p.to == PIETER]) == 1


def test_a_mailbox_joins_nothing_and_is_hung_up_on(floor, portal):
    portal.ask()
    portal.answer()
    asked = 0
    while asks(portal.script()) and asked < 9:
        asked += 1
        portal.press(None)
    assert asked == 3
    assert prompts(portal.script()) == ["call_me_no_key"]
    assert hangs_up(portal.script())
    assert portal.leg.result is PageResult.NO_KEY
    assert portal.call() is None
    placed = len(floor.exchange.placed)
    floor.advance(20)
    assert all(p.to != PIETER for p in list(floor.exchange.placed.values())[placed:])  # no loop


@pytest.mark.parametrize("key", ["*", "9", "#"])
def test_a_key_that_repeats_in_every_menu_is_no_wrong_one(portal, key):
    portal.ask()
    portal.answer()
    portal.press(key)
    portal.press(key)
    assert prompts(portal.script()) == ["call_me_now"]
    portal.press(key)
    assert portal.leg.result is PageResult.NO_KEY  # it is stuck


def test_the_key_for_a_human_connects(portal):
    portal.ask()
    portal.answer()
    portal.press("0")
    assert portal.leg.result is PageResult.ACCEPTED


def test_a_wrong_key_is_forgiven_once(portal):
    portal.ask()
    portal.answer()
    portal.press("5")
    assert prompts(portal.script()) == ["no_such_key", "call_me_now"]
    portal.press("5")
    assert prompts(portal.script()) == ["call_me_no_key"]


@pytest.mark.parametrize(
    ("heard", "result"),
    [
        (Heard.BUSY, PageResult.BUSY),
        (Heard.NO_ANSWER, PageResult.NO_ANSWER),
        (Heard.FAILED, PageResult.FAILED),
        (Heard.COMPLETED, PageResult.FAILED),
    ],
)
def test_nobody_answers_and_nothing_is_tried_again(floor, portal, heard, result):
    portal.ask()
    leg = portal.hear(heard, "486 Busy Here")
    assert (leg.state, leg.result, leg.reason) == (LegState.ENDED, result, "486 Busy Here")
    assert "customer_not_reached" in floor.notes()
    floor.advance(300)
    assert portal.leg == leg
    assert portal.why_not() is None  # the button is there again


def test_a_hang_up_before_the_key_is_no_key(portal):
    portal.ask()
    portal.answer()
    assert portal.hear(Heard.COMPLETED).result is PageResult.NO_KEY
    assert portal.call() is None


def test_it_rings_for_its_time_and_no_longer(floor, portal):
    portal.ask()
    floor.advance(39)
    assert portal.leg.state is LegState.RINGING
    floor.advance(2)
    assert portal.leg.result is PageResult.NO_ANSWER


def test_a_number_that_the_carrier_refuses(floor, portal):
    floor.exchange.refused.add(PIETER)
    leg = portal.ask()
    assert (leg.state, leg.result) == (LegState.ENDED, PageResult.FAILED)
    assert "21211" in leg.reason
    floor.advance(300)
    assert portal.leg == leg


def test_a_lost_callback_is_asked_for(floor, portal):
    portal.ask()
    portal.answer()
    floor.exchange.heards[portal.leg.sid] = Heard.COMPLETED
    floor.advance(46)
    assert portal.leg.result is PageResult.NO_KEY


def test_a_job_that_is_done_again_places_no_second_call(floor, portal):
    floor.desk.happen(events.CustomerCallWanted(portal.key, NAME))
    ring = next(k for k, j in floor.pending().items() if j.command.kind == "ring_customer")
    floor.do(ring)
    assert portal.leg.state is LegState.RINGING
    floor.do(ring, attempt=2)  # the worker was killed before it could say so
    assert len([p for p in floor.exchange.placed.values() if p.to == PIETER]) == 1


def test_a_job_killed_after_its_request_finds_the_call(floor, portal, monkeypatch):
    floor.desk.happen(events.CustomerCallWanted(portal.key, NAME))
    ring = next(k for k, j in floor.pending().items() if j.command.kind == "ring_customer")
    with monkeypatch.context() as patch:
        patch.setattr("workers.calls.report_customer_leg", lambda *a: None)
        floor.do(ring)
    assert portal.leg.state is LegState.PLACING
    floor.do(ring, attempt=2)
    assert portal.leg.state is LegState.RINGING
    assert len([p for p in floor.exchange.placed.values() if p.to == PIETER]) == 1


def test_a_job_that_comes_after_the_end_calls_nobody(floor, portal):
    portal.ask()
    portal.hear(Heard.BUSY)
    ring = next(k for k, j in floor.book.rows.jobs.items() if j.command.kind == "ring_customer")
    floor.do(ring)
    assert len([p for p in floor.exchange.placed.values() if p.to == PIETER]) == 1


def test_a_call_that_is_not_placed_in_time_is_given_up(floor, portal):
    floor.desk.happen(events.CustomerCallWanted(portal.key, NAME))
    ring = next(k for k, j in floor.pending().items() if j.command.kind == "ring_customer")
    floor.done.add(ring)  # the carrier does not answer, and the job is tried again later
    floor.advance(119)
    assert portal.leg.state is LegState.PLACING
    floor.advance(2)
    assert portal.leg.state is LegState.STOPPING
    floor.do(ring, attempt=9)
    assert (portal.leg.state, portal.leg.result) == (LegState.ENDED, PageResult.FAILED)
    assert PIETER not in {placed.to for placed in floor.exchange.placed.values()}


def test_a_status_that_is_late_changes_nothing(floor, portal):
    portal.ask()
    portal.answer()
    listening = portal.leg
    assert portal.hear(Heard.RINGING) == listening
    ended = portal.hear(Heard.BUSY)
    floor.advance(5)
    assert portal.hear(Heard.COMPLETED) == ended


def test_a_document_that_is_asked_for_twice_is_the_same(portal):
    portal.ask()
    portal.answer()
    leg, script = portal.leg, portal.script()
    portal.answer()
    assert (portal.leg, portal.script()) == (leg, script)


def test_a_key_for_an_older_question_does_nothing(portal):
    portal.ask()
    portal.answer()
    turn = portal.leg.turn
    portal.press(None)
    portal.press("1", turn)
    assert portal.call() is None
    assert portal.leg.rounds == 1


def test_a_leg_that_lives_is_asked_after_again(floor, portal):
    portal.ask()
    portal.answer()
    floor.advance(46)
    assert portal.leg.state is LegState.LISTENING
    floor.exchange.heards[portal.leg.sid] = Heard.COMPLETED
    floor.advance(46)
    assert portal.leg.result is PageResult.NO_KEY


def test_the_call_is_asked_after_like_any_other(floor, portal):
    portal.ask()
    portal.answer()
    portal.press("1")
    call = portal.call()
    floor.exchange.heards[call.sid] = Heard.COMPLETED
    floor.advance(61)
    assert floor.call(call.id).outcome is CallOutcome.ABANDONED


def test_it_speaks_the_language_of_the_contact_if_the_line_does(floor, portal):
    incident = replace(portal.incident, language="en")
    floor.book.rows.incidents[portal.key] = incident
    assert portal.ask().language == "nl"
    portal.hear(Heard.BUSY)
    contact = replace(BAKERY.contacts[0], language="fr")
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    assert portal.ask().language == "en"


# Whom it calls, and how often.


def test_only_numbers_of_this_contact_are_called(floor, portal):
    facts = floor.desk.facts(floor.line)
    assert find_numbers(facts, portal.incident, NAME) == (PIETER,)
    assert portal.ask(phone=STRANGER) is None
    assert portal.ask(by="Somebody Else") is None
    assert portal.why_not(phone=STRANGER) == "call_no_number"


def test_the_contact_may_choose_among_their_numbers(floor, portal):
    contact = replace(BAKERY.contacts[0], phones=(PIETER, SHOP))
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    assert portal.ask(phone=SHOP).to == SHOP


def test_an_expensive_number_is_not_called_though_it_is_theirs(floor, portal):
    floor.people.imported |= {"100234"}  # the file of the line vouches for its numbers
    contact = replace(BAKERY.contacts[0], phones=("+31909123456",))
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    assert portal.why_not() == "call_no_number"
    assert portal.ask() is None


def test_the_line_does_not_call_itself(floor, portal):
    contact = replace(BAKERY.contacts[0], phones=(floor.line.number, SHOP))
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    assert portal.ask().to == SHOP


def test_a_few_calls_an_hour(floor, portal):
    for _ in range(CALLS_AN_HOUR):
        portal.ask()
        portal.hear(Heard.BUSY)
    assert portal.why_not() == "call_too_often"
    assert portal.ask().number == CALLS_AN_HOUR
    floor.advance(3601)
    assert portal.why_not() is None
    assert portal.ask().number == CALLS_AN_HOUR + 1


def test_a_contact_is_called_for_one_incident_at_a_time(floor, portal):
    other = after_hang_up(floor)
    assert other.key != portal.key
    portal.ask()
    assert other.why_not() == "call_rings_already"
    assert other.ask() is None
    portal.hear(Heard.BUSY)
    assert other.why_not() is None


def test_answers_to_an_earlier_call_change_nothing(floor, portal):
    old = portal.ask()
    portal.hear(Heard.BUSY)
    new = portal.ask()
    assert new.turn > old.turn
    floor.desk.happen(events.CustomerLegHeard(portal.key, old.number, Heard.COMPLETED, old.sid))
    floor.desk.happen(events.CustomerKeyed(portal.key, old.number, old.turn, "1", old.sid))
    assert portal.leg == new


def test_a_call_that_was_placed_twice_is_not_the_leg(portal):
    portal.ask()
    portal.answer()
    leg = portal.leg
    event = events.CustomerKeyed(portal.key, leg.number, leg.turn, "1", "CA-other")
    portal.floor.desk.happen(event)
    assert portal.leg == leg
    assert portal.call() is None


# Whoever has it, and whoever is on the line.


def test_the_engineer_who_has_it_is_rung_and_joined(floor, portal):
    floor.take(SANNE)
    floor.drop(SANNE)
    assert portal.incident.acknowledged_by == "sanne"
    portal.ask()
    portal.answer()
    portal.press("1")
    assert floor.ringing() == [SANNE]
    assert portal.incident.reopen_reason is ReopenReason.ASKED_FOR_CALL
    floor.answer(SANNE)
    assert "whisper_asked_for_call" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, floor.leg(SANNE).take_key)
    floor.meet(SANNE)
    assert floor.call(portal.call().id).stage is Stage.BRIDGED


def test_an_engineer_who_takes_it_meanwhile_waits_for_the_customer(floor, portal):
    portal.ask()
    floor.answer(SANNE)
    assert "whisper_being_called" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, floor.leg(SANNE).take_key)
    assert prompts(floor.whisper(SANNE)) == ["customer_being_called"]
    assert not asks(floor.whisper(SANNE))  # no second call to the same telephone
    for _ in range(5):
        floor.key(SANNE, None)
    assert prompts(floor.whisper(SANNE)) == ["customer_being_called"]
    portal.answer()
    portal.press("1")
    assert floor.leg(SANNE).state is LegState.CONNECTING
    assert prompts(floor.whisper(SANNE)) == ["customer_is_back"]
    floor.meet(SANNE)
    assert floor.call(portal.call().id).stage is Stage.BRIDGED


def test_an_engineer_who_waited_in_vain_may_call_the_customer(floor, portal):
    portal.ask()
    floor.take(SANNE)
    for _ in range(5):
        floor.key(SANNE, None)
    portal.hear(Heard.BUSY)
    assert "offer_callback" in prompts(floor.whisper(SANNE))


def test_an_engineer_who_is_calling_the_customer_is_enough(floor, portal):
    floor.take(SANNE)
    floor.key(SANNE, "1")
    assert floor.leg(SANNE).state is LegState.CALLING
    assert portal.why_not() == "call_engineer_calls"
    assert portal.ask() is None


def test_somebody_of_the_company_is_on_the_line_already(floor):
    call = floor.critical()
    portal = Portal(floor, floor.incident(call).key)
    assert portal.why_not() == "call_on_line"
    assert portal.ask() is None


def test_a_customer_who_calls_meanwhile_is_rung_no_longer(floor, portal):
    portal.ask()
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "1")  # about this incident
    floor.work()
    assert portal.leg.result is PageResult.CANCELED
    assert portal.leg.state is LegState.ENDED
    assert floor.call(call).stage is Stage.WAITING


def test_a_call_too_many_ends_politely_and_disturbs_nobody(floor, portal):
    portal.ask()
    portal.answer()
    call = floor.dial(SHOP)
    floor.press(call, "1")
    floor.contract(call, "100234#")
    floor.pin(call, "4829130057")
    floor.press(call, "1")
    portal.press("1")
    assert prompts(portal.script()) == ["call_me_on_line"]
    assert hangs_up(portal.script())
    assert portal.incident.call == call
    assert floor.call(call).stage is Stage.WAITING


def test_an_incident_that_was_closed_meanwhile_rings_nobody(floor, portal):
    portal.ask()
    for said in (events.Responded, events.Closed):
        floor.desk.happen(said(portal.key, "sanne", Via.CONSOLE))
    portal.answer()
    assert prompts(portal.script()) == ["call_me_closed"]
    assert portal.incident.state is IncidentState.CLOSED
    assert portal.why_not() == "call_closed"


def test_a_customer_who_hangs_up_while_waiting_leaves_it_open(floor, portal):
    portal.ask()
    portal.answer()
    portal.press("1")
    call = portal.call()
    floor.hang_up(call.id)
    assert floor.call(call.id).outcome is CallOutcome.ABANDONED
    assert portal.incident.state is IncidentState.OPEN
    assert portal.incident.escalation.phase.seeking


def test_a_call_counts_as_the_answer_that_was_waited_for(floor, portal):
    floor.take(SANNE)
    floor.drop(SANNE)
    waits = events.WaitsForCustomer(portal.key, "sanne", Via.CONSOLE, "the logs", "c" * 32)
    floor.desk.happen(waits)
    portal.ask()
    portal.answer()
    portal.press("1")
    assert portal.incident.waiting_since is None


# Levels 2 to 4.


def lower(floor) -> Portal:
    """A level 3 was reported, and its caller has gone."""
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "3")
    floor.work()
    floor.hang_up(call)
    return Portal(floor, floor.incident(call).key)


def test_in_office_hours_the_desk_is_rung():
    floor = Floor(replace(LINE, desk=Step(("secondary",), dt.timedelta(seconds=20))))
    portal = lower(floor)
    assert portal.why_not() is None
    portal.ask()
    portal.answer()
    portal.press("1")
    call = portal.call()
    assert call.stage is Stage.WAITING
    assert floor.ringing() == [JORIS]
    floor.talk(call.id, JORIS)
    assert floor.call(call.id).stage is Stage.BRIDGED


def test_outside_office_hours_it_is_said_and_nobody_is_called(floor):
    portal = lower(floor)  # the line has no desk
    assert portal.why_not() == "call_desk_closed"
    assert portal.ask() is None
    assert portal.headline() in (ProgressKind.REGISTERED, ProgressKind.DESK_HAS_IT)


def test_a_level_1_that_woke_nobody_rings_once_its_customer_has_pressed_the_key(floor):
    incident = lodged(floor, replace(KNOWN, source=IncidentSource.EMAIL, rings=False))
    portal = Portal(floor, incident.key)
    assert portal.why_not() is None
    portal.ask()
    assert floor.ringing() == []
    portal.answer()
    portal.press("1")
    assert floor.ringing() == [SANNE]
    assert portal.call().stage is Stage.WAITING


def test_who_is_rung_already_is_not_rung_anew_when_the_customer_raises_it(floor):
    incident = lodged(floor, replace(KNOWN, source=IncidentSource.EMAIL, rings=False))
    portal = Portal(floor, incident.key)
    portal.ask()
    portal.answer()
    portal.press("1")
    before = floor.desk.calls.find_by_incident(incident.key).incident.escalation
    floor.desk.happen(events.RaisedByCustomer(incident.key, Via.PORTAL))
    after = floor.desk.calls.find_by_incident(incident.key).incident.escalation
    assert (after.mark, after.candidates) == (before.mark, before.candidates)
