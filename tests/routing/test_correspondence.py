"""The customer and the staff write: once kept, the clock, who is told, and who is not woken."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import (
    DatabaseAge,
    Entitlement,
    RecognitionFault,
    RequestProgress,
    SignatureRequest,
)
from routing.contracts.plans import list_default_plans
from routing.correspondence import Author, Upload
from routing.draft import DecisionDraft
from routing.incident import (
    ClockState,
    EscalationPhase,
    IncidentKind,
    IncidentSource,
    IncidentState,
    ReopenReason,
)
from routing.incidents import lifecycle
from routing.line import (
    Channel,
    DutyManager,
    Engineer,
    Hours,
    RateLimit,
    SignatureDesk,
    Step,
    UnverifiedRates,
    Webhook,
)
from routing.message import DUTY_MANAGER, Via
from routing.notify.customer import CustomerNews, why_not_readable
from routing.oncall.local_time import wall
from tests.routing.floor import JORIS, NOW, PIETER, SANNE, Floor, prompts
from tests.routing.test_reports_by_api import KNOWN, NOBODY, lodged, now

MANAGER = "+31612345609"
NIGHT = NOW + dt.timedelta(hours=14)
DESK = Step(("joris",), dt.timedelta(seconds=20))


def staffed():
    """Joris is at the desk, and there is a duty manager."""
    return Floor(desk=DESK, duty_manager=DutyManager(MANAGER))


@pytest.fixture
def floor():
    return staffed()


def wrote(floor, incident, nth=1, **changes):
    floor.now += dt.timedelta(seconds=1)
    event = events.CustomerWrote(
        incident.key, f"{nth:032x}", "Pieter Jansen", Via.PORTAL, "het staat weer stil"
    )
    return floor.desk.happen(replace(event, **changes)).incident


def had(floor, incident, who="joris"):
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, who, Via.CONSOLE))
    floor.work()


def responded(floor, level, who="joris"):
    incident = lodged(floor, replace(KNOWN, urgency=level))
    had(floor, incident, who)
    floor.desk.happen(events.Responded(incident.key, who, Via.CONSOLE))
    floor.work()
    return incident


def told(floor, words="customer_wrote"):
    return [letter.reader for letter in floor.book.rows.messages.values() if letter.words == words]


def messages(floor, incident):
    return floor.book.correspondence.find_messages(incident.key)


# A matter is lodged


def test_a_request_follows_the_signature_desk_as_by_telephone(floor):
    floor.apply(
        signature_desk=SignatureDesk(("sanne",), dt.timedelta(seconds=20), "lab@line.example")
    )
    said = SignatureRequest(RecognitionFault.FALSE_POSITIVE, DatabaseAge.NEWEST)
    kind = IncidentKind.SIGNATURE_REQUEST
    incident = lodged(floor, replace(KNOWN, urgency=3, kind=kind, request=said))
    assert (incident.kind, incident.request.progress) == (kind, RequestProgress.RECEIVED)
    assert incident.request.verdict is RecognitionFault.FALSE_POSITIVE
    assert told(floor, "request_received_send") == ["contact"]
    assert floor.exchange.texts[-1] == SANNE  # the specialists are told, not the desk
    had(floor, incident, "sanne")
    assert now(floor, incident).premium is False


def test_what_the_form_asks_is_kept_with_the_incident(floor):
    form = replace(
        KNOWN, subject="Oven koud", products="Bakery 4", affected_since="gisteren", mail_id="<m@x>"
    )
    incident = lodged(floor, form)
    assert (incident.subject, incident.products) == ("Oven koud", "Bakery 4")
    assert incident.affected_since == "gisteren"
    assert floor.book.correspondence.find_by_mail_id("<m@x>").incident == incident.key


def test_a_level_1_that_does_not_ring_tells_the_duty_manager_and_the_clock_runs(floor):
    floor.now = NIGHT
    incident = lodged(floor, replace(KNOWN, source=IncidentSource.EMAIL, rings=False))
    assert floor.ringing() == []
    assert told(floor, "lodged_quietly") == [DUTY_MANAGER]
    assert floor.exchange.texts == [PIETER, MANAGER]
    assert incident.clock.state is ClockState.RUNNING
    floor.advance(10 * 3600)
    assert JORIS in floor.exchange.texts  # the desk, when it opens


def test_many_unverified_mails_in_the_night_give_the_duty_manager_one_text(floor):
    floor.now = NIGHT
    for nth in range(5):
        lodged(floor, replace(NOBODY, key=f"{nth:032x}", rings=False))
    assert told(floor, "lodged_quietly") == [DUTY_MANAGER]
    phases = {incident.escalation.phase for incident in floor.book.rows.incidents.values()}
    assert phases == {EscalationPhase.LATER}


@pytest.mark.parametrize(
    ("rates", "most"),
    [(UnverifiedRates(), 3), (UnverifiedRates(line=RateLimit(1, dt.timedelta(hours=1))), 1)],
)
def test_unverified_mails_tell_the_duty_manager_no_oftener_than_callers_may_ring(
    floor, rates, most
):
    floor.apply(unverified=rates)
    floor.now = NIGHT.replace(minute=0)
    for nth in range(60):
        lodged(floor, replace(NOBODY, key=f"{nth:032x}", rings=False))
        floor.now += dt.timedelta(minutes=1)
    assert told(floor, "lodged_quietly") == [DUTY_MANAGER] * most


def test_a_plan_without_a_portal_wakes_nobody_through_it_and_loses_nothing(floor):
    plus, *rest = list_default_plans()
    floor.apply(plans=(replace(plus, doors=()), *rest))
    incident = lodged(floor)
    assert floor.ringing() == []
    assert [m.words for m in messages(floor, incident)] == ["the oven is cold"]
    assert floor.exchange.texts == [PIETER, SANNE]


def test_what_came_in_writing_counts_once_when_it_is_taken_without_a_key(floor):
    incident = lodged(floor, replace(KNOWN, urgency=2))
    assert now(floor, incident).premium is False
    had(floor, incident)
    assert (now(floor, incident).premium, now(floor, incident).counted.place) == (True, 1)
    floor.desk.happen(events.Reassigned(incident.key, "sanne", "joris", Via.CONSOLE))
    floor.desk.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    assert now(floor, incident).counted.place == 1


def test_a_text_without_proof_counts_nothing_until_it_is_proven(floor):
    incident = lodged(floor)
    floor.desk.happen(events.AcknowledgedWithoutKey(incident.key, "joris", Via.TEXT))
    assert now(floor, incident).premium is False
    floor.desk.happen(events.Responded(incident.key, "joris", Via.CONSOLE))
    assert now(floor, incident).premium is True


# The customer writes


def test_a_message_is_kept_once_however_often_it_comes(floor):
    incident = lodged(floor)
    wrote(floor, incident)
    wrote(floor, incident, words="something else")
    assert [m.words for m in messages(floor, incident)] == [
        "the oven is cold",
        "het staat weer stil",
    ]


def test_a_message_starts_a_paused_clock(floor):
    incident = lodged(floor)
    had(floor, incident)
    floor.desk.happen(
        events.WaitsForCustomer(incident.key, "joris", Via.CONSOLE, "a log", "n" * 32)
    )
    assert now(floor, incident).clock.state is ClockState.PAUSED
    after = wrote(floor, incident)
    assert (after.clock.state, after.waiting_since) == (ClockState.RUNNING, None)


def waits(floor, incident, how, what, nth="a"):
    floor.desk.happen(events.WaitsForCustomer(incident.key, "joris", how, what, nth * 32))
    return messages(floor, incident)[-1]


def test_what_we_wait_for_is_a_message_to_the_customer_once(floor):
    incident = lodged(floor)
    had(floor, incident)
    asked = waits(floor, incident, Via.CONSOLE, "Op welke server?")
    waits(floor, incident, Via.CONSOLE, "Op welke server?")
    assert (asked.author, asked.words) == (Author.STAFF, "Op welke server?")
    assert len(messages(floor, incident)) == 2
    assert floor.book.rows.notes == {}


def test_a_text_of_a_proven_engineer_reaches_the_customer_without_its_first_word(floor):
    incident = lodged(floor)
    had(floor, incident)
    assert "joris" in now(floor, incident).proven
    assert waits(floor, incident, Via.TEXT, "op de logbestanden").words == "de logbestanden"


def test_a_text_without_proof_is_a_note(floor):
    incident = lodged(floor)
    assert waits(floor, incident, Via.TEXT, "op iets").author is Author.CUSTOMER
    assert [note.words for note in floor.book.notes.find_all(incident.key)] == ["op iets"]


@pytest.mark.parametrize(
    ("what", "wanted"),
    [("op de logs", "de logs"), ("for the logs", "the logs"), ("op", "op"), ("opnames", "opnames")],
)
def test_a_leading_preposition_is_no_part_of_what_we_wait_for(what, wanted):
    assert lifecycle.find_wanted(what) == wanted


def test_who_has_it_is_told_once_of_what_comes_within_two_minutes(floor):
    incident = lodged(floor)
    had(floor, incident)
    for nth in range(5):
        wrote(floor, incident, nth)
        floor.advance(20)
    floor.advance(120)
    assert told(floor) == ["joris"]
    wrote(floor, incident, 9)
    assert told(floor) == ["joris", "joris"]


def test_what_comes_in_quiet_hours_is_told_once_in_the_morning_unless_it_is_level_1(floor):
    late = Engineer(
        "joris", "Joris Bakker", (JORIS,), quiet=(Hours(start=dt.time(22), end=dt.time(7)),)
    )
    floor.apply(engineers=(floor.line.engineers[0], late))
    of_level_3 = lodged(floor, replace(KNOWN, urgency=3))
    had(floor, of_level_3)
    floor.now = NIGHT
    for nth in range(3):
        wrote(floor, of_level_3, nth)
        floor.advance(600)
    (letter,) = [m for m in floor.book.rows.messages.values() if m.words == "customer_wrote"]
    assert letter.at > floor.now + dt.timedelta(hours=3)
    of_level_1 = lodged(floor, replace(KNOWN, key="b" * 32))
    had(floor, of_level_1)
    wrote(floor, of_level_1, 7, verified=False)
    wrote(floor, of_level_1, 8)
    soon = [m for m in floor.book.rows.messages.values() if m.words == "customer_wrote"][-1]
    assert soon.at == floor.now + dt.timedelta(minutes=2)


def test_an_unclaimed_one_keeps_its_place(floor):
    incident = lodged(floor, replace(KNOWN, urgency=3))
    before = now(floor, incident)
    after = wrote(floor, incident)
    assert replace(after, version=0) == replace(before, version=0)
    assert told(floor) == []


@pytest.mark.parametrize("level", [2, 3, 4])
def test_a_responded_one_is_open_again_and_nobody_is_rung_at_night(floor, level):
    incident = responded(floor, level)
    floor.now = NIGHT
    after = wrote(floor, incident)
    floor.work()
    assert (after.state, after.previous_engineer) == (IncidentState.OPEN, "joris")
    assert after.reopen_reason is ReopenReason.WROTE_AGAIN
    assert floor.ringing() == []
    assert told(floor) == ["joris"]
    assert after.escalation.phase is EscalationPhase.LATER


def test_a_responded_level_1_rings_its_engineer_first(floor):
    incident = responded(floor, 1)
    wrote(floor, incident)
    floor.work()
    assert floor.ringing() == [JORIS]
    floor.answer(JORIS)
    heard = prompts(floor.whisper(JORIS))
    assert "whisper_wrote_again" in heard
    assert heard[-2:] == ["nobody_on_line", "whisper_keys"]


@pytest.mark.parametrize("level", [1, 3])
def test_thanks_for_an_answer_leave_it_answered_and_tell_nobody(floor, level):
    incident = responded(floor, level)
    rung = len(floor.legs())
    after = wrote(floor, incident, thanks=True)
    floor.work()
    assert (after.state, after.responded_by) == (IncidentState.RESPONDED, "joris")
    assert (len(floor.legs()), told(floor)) == (rung, [])
    assert [one.words for one in messages(floor, incident)][-1] == "het staat weer stil"


def test_thanks_for_no_answer_are_a_message_like_another(floor):
    incident = lodged(floor, replace(KNOWN, urgency=1))
    had(floor, incident)
    wrote(floor, incident, thanks=True)
    assert told(floor) == ["joris"]


def test_a_mail_about_a_responded_level_1_rings_nobody_and_is_told(floor):
    incident = responded(floor, 1)
    floor.now = NIGHT
    after = wrote(floor, incident, door=Via.EMAIL)
    floor.work()
    assert (after.state, floor.ringing()) == (IncidentState.OPEN, [])
    assert told(floor) == ["joris", DUTY_MANAGER]


def test_a_closed_one_stays_closed_and_the_duty_manager_is_told(floor):
    incident = responded(floor, 3)
    floor.desk.happen(events.Closed(incident.key, "joris", Via.CONSOLE))
    after = wrote(floor, incident)
    wrote(floor, incident, 2)
    assert after.state is IncidentState.CLOSED
    assert told(floor, "customer_wrote_closed") == [DUTY_MANAGER]
    assert len(messages(floor, incident)) == 3


def test_an_unverified_message_is_marked_and_moves_no_clock(floor):
    incident = responded(floor, 3)
    after = wrote(floor, incident, verified=False)
    assert after.state is IncidentState.RESPONDED
    assert [m.verified for m in messages(floor, incident)] == [True, False]
    assert told(floor) == ["joris"]


def test_an_unverified_message_about_a_closed_one_is_kept_and_told_to_nobody(floor):
    incident = responded(floor, 3)
    floor.desk.happen(events.Closed(incident.key, "joris", Via.CONSOLE))
    before = len(floor.book.rows.messages)
    for nth in range(20):
        wrote(floor, incident, nth, verified=False, door=Via.EMAIL)
        floor.advance(600)
    assert len(floor.book.rows.messages) == before
    assert len(messages(floor, incident)) == 21


def test_unverified_messages_are_told_once_an_hour(floor):
    incident = lodged(floor, replace(KNOWN, urgency=3))
    had(floor, incident)
    for nth in range(18):
        wrote(floor, incident, nth, verified=False, door=Via.EMAIL)
        floor.advance(600)
    assert told(floor) == ["joris"] * 3


def test_unverified_messages_of_a_night_are_told_once_in_the_morning(floor):
    incident = lodged(floor, replace(KNOWN, urgency=3))
    had(floor, incident)
    floor.now = NIGHT
    for nth in range(20):
        wrote(floor, incident, nth, verified=False, door=Via.EMAIL)
        floor.advance(600)
    (letter,) = [m for m in floor.book.rows.messages.values() if m.words == "customer_wrote"]
    assert wall(letter.at, floor.line.timezone).time() == dt.time(8)
    wrote(floor, incident, 30)
    assert told(floor) == ["joris", "joris"]


def test_a_file_of_another_contract_is_not_attached(floor):
    incident = lodged(floor)
    mine, other = (
        floor.book.correspondence.write_file(
            Upload("main", "a.log", "text/plain", Author.CUSTOMER, "x", Via.PORTAL, contract),
            [b"log"],
            10,
            NOW,
        )
        for contract in ("100234", "100240")
    )
    wrote(floor, incident, files=(other.id, mine.id, "f" * 32, mine.id))
    assert messages(floor, incident)[-1].files == (mine.id,)
    assert [file.id for file in floor.book.correspondence.find_files(incident.key)] == [mine.id]
    assert floor.book.correspondence.find_file(other.id).incident is None


def test_the_words_are_in_no_journal(floor):
    incident = responded(floor, 3)
    wrote(floor, incident)
    assert not any("stil" in entry.reason for _, _, entry in floor.book.rows.journal)


# The staff answer


def answered(floor, incident, responds=False, nth=1):
    floor.now += dt.timedelta(seconds=1)
    event = events.AnsweredCustomer(
        incident.key, f"{nth + 100:032x}", "joris", Via.CONSOLE, "zet hem uit", responds=responds
    )
    return floor.desk.happen(event).incident


def test_an_answer_is_kept_and_the_customer_is_told(floor):
    incident = lodged(floor)
    answered(floor, incident)
    answered(floor, incident)
    after = answered(floor, incident, nth=2)
    assert [(m.author, m.by) for m in messages(floor, incident)[1:]] == [
        (Author.STAFF, "joris"),
        (Author.STAFF, "joris"),
    ]
    assert told(floor, CustomerNews.ANSWERED) == ["contact", "contact"]
    assert after.state is IncidentState.OPEN


def test_an_answer_may_be_the_response(floor):
    incident = lodged(floor)
    after = answered(floor, incident, responds=True)
    assert (after.state, after.clock.state) == (IncidentState.RESPONDED, ClockState.STOPPED)
    assert after.responded_by == "joris"
    floor.work()
    assert floor.ringing() == []


def test_programs_are_told_of_each_message(floor):
    floor.apply(webhooks=(Webhook("tickets", "https://tickets.example.org/", "WEBHOOK_TICKETS"),))
    incident = lodged(floor)
    wrote(floor, incident)
    answered(floor, incident)
    happened = [d.happening for d in floor.book.rows.webhook_events]
    assert happened == ["opened", "message", "message", "message"]


def test_a_question_pauses_the_clock_until_the_customer_writes(floor):
    call = floor.critical()
    floor.hang_up(call)
    key = floor.incident(call).key
    words = "Please send the log. " * 20
    asked = events.AnsweredCustomer(key, "m1", "sanne", Via.CONSOLE, words, asks=True)
    floor.desk.happen(asked)
    floor.desk.happen(asked)
    waits = floor.incident(call)
    assert waits.clock.state is ClockState.PAUSED
    assert (waits.waiting_by, waits.waiting_for) == ("sanne", words[:200])
    assert len(floor.book.correspondence.find_messages(key)) == 1
    assert not list(floor.book.notes.find_all(key))
    floor.desk.happen(events.CustomerWrote(key, "m2", "Pieter Jansen", Via.PORTAL, "here"))
    assert floor.incident(call).clock.state is ClockState.RUNNING


def test_somebody_who_is_not_known_is_answered_at_the_address_that_reported(floor):
    """Their mail proves nobody, but it is answered."""
    mail = replace(
        KNOWN, source=IncidentSource.EMAIL, entitlement=Entitlement.UNVERIFIED, identity=None
    )
    incident = lodged(floor, replace(mail, urgency=3, by="eva@mail.example", phone=None))
    wrote(floor, incident, by="other@mail.example", door=Via.EMAIL, verified=False)
    floor.desk.happen(events.AnsweredCustomer(incident.key, "m1", "joris", Via.CONSOLE, "hello"))
    floor.work()
    (sent,) = [one for one in floor.book.rows.messages.values() if one.about == "m1"]
    assert (sent.channel, sent.to) == (Channel.EMAIL, "eva@mail.example")


def test_somebody_who_is_not_known_has_no_address_by_another_door(floor):
    portal = replace(
        KNOWN, entitlement=Entitlement.UNVERIFIED, identity=None, by="eva@mail.example"
    )
    incident = lodged(floor, replace(portal, urgency=3))
    draft = DecisionDraft(floor.desk.facts(floor.line), None, incident)
    assert why_not_readable(draft) == "answer_nobody"


def test_who_is_still_on_the_telephone_about_it_has_it_again(floor):
    call = floor.critical()
    floor.talk(call, SANNE)
    floor.part(SANNE, bridged=True)
    incident = floor.incident(call)
    floor.desk.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    after = wrote(floor, incident)
    floor.work()
    assert (after.state, after.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "sanne")
    assert (after.responded_at, after.responded_by) == (None, None)
    assert (floor.ringing(), told(floor)) == ([], ["sanne"])


def test_a_file_of_another_line_is_not_attached(floor):
    incident = lodged(floor)
    upload = Upload("other", "a.log", "text/plain", Author.CUSTOMER, "x", Via.PORTAL)
    file = floor.book.correspondence.write_file(upload, [b"log"], 10, NOW)
    wrote(floor, incident, files=(file.id,))
    assert messages(floor, incident)[-1].files == ()
