"""A customer lodges a level 1 on the page and presses "call me now": both telephones ring."""

import json

import pytest

from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.events import Heard
from routing.incident import IncidentSource
from routing.incidents.progress import ProgressKind, describe_progress
from tests.stories.conftest import PAPER
from tests.stories.stage import CONTRACT, JOINING, JORIS, LINE, PIETER, PIN, SANNE
from tests.stories.test_replay import again, kept, told
from tests.words import words_of

KEY = "5eed" * 8
NAME = "Pieter Jansen"
ASKED = words_of("call_me_now")
CREATE = {"method": "POST", "path": "Calls.json"}
WHO = Identity(CONTRACT, "Bakkerij Jansen BV", NAME, "msa_plus", PIETER)


def lodged(stage, urgency=1):
    """What the page does once the preview was confirmed."""
    event = events.Lodged(
        KEY, "main", IncidentSource.PORTAL, urgency, "nl", Entitlement.ENTITLED, WHO
    )
    lodge(stage.desk, event)
    stage.settle()


def call_me(stage):
    """The button of the page."""
    stage.desk.happen(events.CustomerCallWanted(KEY, NAME))
    stage.settle()


def incident(stage):
    return stage.desk.calls.find_by_incident(KEY).incident


def progress(stage):
    """What the page shows."""
    case = stage.desk.calls.find_by_incident(KEY)
    return describe_progress(stage.desk.facts(stage.desk.line_of(case)), case, stage.pages())


def shown(stage):
    return progress(stage).headline.kind


def steps(stage):
    return {step.kind for step in progress(stage).steps}


def rows(stage, command="calls"):
    """What the command line says, as programs read it."""
    result = stage.app.test_cli_runner().invoke(args=[command, "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def answered(stage):
    """Pieter picks up and hears who calls and why."""
    pieter = stage.answer(PIETER)
    stage.advance(8)
    assert any(ASKED in said for said in pieter.hears)
    return pieter


def journal(stage):
    """The events of the incident, in their order, as ``show`` prints them."""
    number = str(incident(stage).number)
    result = stage.app.test_cli_runner().invoke(args=["show", number, "--json"])
    assert result.exit_code == 0, result.output
    return [str(json.loads(line).get("event")) for line in result.stdout.splitlines()]


def test_the_customer_waits_and_is_joined_with_the_engineer_who_takes_it(stage):
    lodged(stage)
    assert stage.rings(SANNE) == 1
    assert (shown(stage), progress(stage).headline.ordinal) == (ProgressKind.TRYING, 1)
    call_me(stage)
    assert shown(stage) is ProgressKind.RINGING_YOU
    assert rows(stage) == []  # nobody is known to be there yet
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(10)
    assert words_of("parked") in pieter.hears
    sanne = stage.take(SANNE)
    assert pieter.bridged_with == sanne.sid
    assert shown(stage) is ProgressKind.TALKING
    stage.hang_up(pieter)
    stage.advance(5)
    (row,) = rows(stage)
    assert (row["sid"], row["from"], row["contract"], row["contact"]) == (
        pieter.sid,
        PIETER,
        CONTRACT,
        NAME,
    )
    assert (row["verified"], row["language"], row["urgency"]) == (True, "nl", 1)
    assert (row["outcome"], row["answered_by"]) == ("connected", "sanne")
    assert row["incident"] == incident(stage).number
    assert row["started_at"] < row["answered_at"] < row["ended_at"]
    (one,) = rows(stage, "incidents")
    assert one["calls"] == [pieter.sid]
    assert {page["engineer"] for page in one["pages"]} == {"sanne"}
    told = [
        event for event in journal(stage) if event and event.startswith(("call_me", "customer_"))
    ]
    assert told == ["call_me", "customer_picked_up", "customer_joins"]


def test_what_the_carrier_said_once_and_says_again_changes_nothing(stage):
    lodged(stage)
    call_me(stage)
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(3)
    sanne = stage.take(SANNE)
    stage.hang_up(pieter)
    stage.advance(5)
    stage.hang_up(sanne)
    stage.advance(60)
    before = kept(stage)
    for url, form in told(stage):
        if "/voice/customer/" in url:
            assert again(url, form).status_code in (200, 204)
    assert kept(stage) == before


def test_a_mailbox_is_hung_up_on_and_the_page_says_so(stage):
    lodged(stage)
    stage.office.phone(PIETER).behave("mailbox", after=2.0, stays=300.0)
    call_me(stage)
    stage.advance(70)
    (mailbox,) = stage.office.phone(PIETER).handsets
    assert not mailbox.live
    assert mailbox.hears[-1] == words_of("call_me_no_key")
    assert ProgressKind.YOU_NO_KEY in steps(stage)
    assert rows(stage) == []
    stage.advance(120)
    assert stage.rings(PIETER) == 1  # never a loop


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("busy", ProgressKind.YOU_BUSY),
        ("failed", ProgressKind.YOU_NOT_REACHED),
        ("no_answer", ProgressKind.YOU_NO_ANSWER),
    ],
)
def test_a_telephone_that_is_not_answered(stage, behaviour, kind):
    lodged(stage)
    stage.office.phone(PIETER).behave(behaviour)
    call_me(stage)
    stage.advance(50)
    assert kind in steps(stage)
    assert shown(stage) is not ProgressKind.RINGING_YOU
    stage.advance(120)
    assert stage.rings(PIETER) == 1
    assert rows(stage) == []


def test_the_button_twice_is_one_call(stage):
    lodged(stage)
    call_me(stage)
    call_me(stage)
    stage.advance(3)
    call_me(stage)
    assert stage.rings(PIETER) == 1


def test_the_engineer_who_took_it_first_is_rung_and_joined(stage):
    lodged(stage)
    sanne = stage.take(SANNE)
    stage.hang_up(sanne)
    assert (shown(stage), progress(stage).headline.digits) == (ProgressKind.TAKEN, PIETER[-4:])
    call_me(stage)
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(2)
    sanne = stage.answer(SANNE)
    stage.advance(12)
    assert words_of("whisper_asked_for_call") in sanne.hears
    stage.press(sanne, stage.leg(sanne).take_key)
    stage.advance(JOINING)
    assert pieter.bridged_with == sanne.sid


def test_an_engineer_on_the_line_waits_for_the_customer_who_is_called(stage):
    lodged(stage)
    call_me(stage)
    sanne = stage.take(SANNE)
    assert "De klant wordt nu gebeld. Blijf aan de lijn, dan wordt u verbonden." in sanne.hears
    stage.advance(10)
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(JOINING + 8)
    assert pieter.bridged_with == sanne.sid


def test_the_customer_hangs_up_while_waiting_and_the_escalation_goes_on(stage):
    lodged(stage)
    call_me(stage)
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(5)
    stage.hang_up(pieter)
    stage.advance(5)
    (row,) = rows(stage)
    assert (row["outcome"], row["answered_by"]) == ("abandoned", None)
    stage.take(stage.ringing())
    assert incident(stage).acknowledged_by is not None


def test_a_worker_that_is_killed_after_the_request_places_no_second_call(stage, monkeypatch):
    lodged(stage)
    with monkeypatch.context() as patch:

        def die(*_):
            raise OSError("killed")

        patch.setattr("workers.calls.report_customer_leg", die)
        stage.desk.happen(events.CustomerCallWanted(KEY, NAME))
        stage.settle()
    assert incident(stage).customer_leg.state == "ringing"  # by the callbacks alone
    stage.advance(5)
    assert stage.rings(PIETER) == 1
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(5)
    assert stage.call(pieter).stage == "waiting"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "code": 20429, "count": 2},
        {"close": "after", "count": 1},
        {"without": "sid", "count": 1},
    ],
    ids=["too many", "the answer is lost", "no id"],
)
def test_a_carrier_that_fails_rings_the_customer_once(stage, fault):
    lodged(stage)
    stage.office.faults(requests=[{**CREATE, **fault}])
    call_me(stage)
    stage.advance(10)
    assert stage.rings(PIETER) == 1
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(2)
    assert stage.call(pieter).stage == "waiting"


def test_a_customer_who_calls_meanwhile_is_rung_no_longer(stage):
    lodged(stage)
    call_me(stage)
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.advance(6)
    stage.press(caller, "1")
    stage.advance(3)
    (rung,) = stage.office.phone(PIETER).handsets
    assert rung.status == "canceled"
    assert ProgressKind.YOU_CALLED in steps(stage)
    sanne = stage.take(SANNE)
    assert caller.bridged_with == sanne.sid


def test_our_failure_before_the_key_dials_nobody(stage):
    lodged(stage)
    stage.write_fallback()
    call_me(stage)
    before = stage.rings(JORIS)
    stage.break_database()
    pieter = stage.answer(PIETER)
    stage.advance(12)
    assert words_of("call_me_failed") in pieter.hears
    assert not pieter.live
    assert stage.rings(JORIS) == before
    stage.mend_database()


def test_our_failure_while_the_customer_waits_leads_to_a_human(stage):
    lodged(stage)
    stage.write_fallback()
    call_me(stage)
    pieter = answered(stage)
    stage.press(pieter, "1")
    stage.advance(3)
    stage.break_database()
    stage.advance(40)
    assert words_of("sorry") in pieter.hears
    assert pieter.live
    stage.mend_database()


def test_the_fallback_address_dials_nobody_before_the_key_and_leads_back_after_it(stage):
    lodged(stage)
    stage.write_fallback()
    call_me(stage)
    pieter = answered(stage)
    url = stage.settings.public_url
    form = {"CallSid": pieter.sid, "From": LINE, "To": PIETER, "Direction": "outbound-api"}
    before = again(
        f"{url}/voice/fallback/customer", form | {"ErrorUrl": f"{url}/voice/customer/{KEY}/1"}
    )
    assert words_of("call_me_failed") in before.text
    assert "<Dial" not in before.text
    stage.press(pieter, "1")
    stage.advance(2)
    key = f"{url}/voice/customer/{KEY}/1/key/2"
    after = again(f"{url}/voice/fallback/customer", form | {"ErrorUrl": key})
    assert "<Enqueue" in after.text
    stage.break_database()
    human = again(f"{url}/voice/fallback/customer", form | {"ErrorUrl": key})
    assert "<Dial" in human.text
    assert "<Gather" not in human.text  # it comes from our own number, because we placed it
    stage.mend_database()


def test_signed_requests_only(stage):
    lodged(stage)
    call_me(stage)
    client = stage.app.test_client()
    for path in ("", "/key/2", "/status"):
        answer = client.post(f"/voice/customer/{KEY}/1{path}", data={"Digits": "1"})
        assert answer.status_code == 403
    assert incident(stage).customer_leg.state == Heard.RINGING


DESK = PAPER.replace("paging:", "desk: {ring: [joris], for: 20s}\npaging:").replace(
    'days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"',
    'days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"',
)


class TestDesk:
    """Levels 2 to 4, in office hours."""

    @pytest.fixture
    def paper(self):
        return DESK

    def test_the_desk_is_rung_for_the_customer_who_was_called(self, stage):
        lodged(stage, urgency=3)
        assert stage.rings(JORIS) == 0
        call_me(stage)
        pieter = answered(stage)
        stage.press(pieter, "1")
        stage.advance(6)
        assert words_of("in_row") in pieter.hears
        joris = stage.take(JORIS)
        assert pieter.bridged_with == joris.sid


def test_outside_office_hours_nobody_is_called(stage):
    lodged(stage, urgency=3)
    call_me(stage)
    assert stage.rings(PIETER) == 0
    assert shown(stage) in (ProgressKind.DESK_OPENS, ProgressKind.REGISTERED)
