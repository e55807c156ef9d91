"""Dial: numbers, queues and conferences, and every way they end."""

from tests.phone_company.conftest import CALLER, JORIS, OURS, SANNE


def test_the_first_to_answer_is_connected_and_the_others_stop_ringing(office, line):
    line.says(
        "/voice",
        f"<Dial action='/parted' timeout='20'><Number url='/whisper'>{SANNE}</Number>"
        f"<Number>{JORIS}</Number></Dial>",
    )
    line.says("/whisper", "<Say>Prioriteitslijn</Say>")
    caller = office.dial(CALLER, OURS)
    assert office.phone(JORIS).ringing()
    engineer = office.phone(SANNE).answer()
    engineer.until_hears("Prioriteitslijn")
    assert office.phone(JORIS).handsets[0].status == "canceled"
    assert caller.bridged_with is None
    office.advance(2)
    assert caller.bridged_with == engineer.sid
    whisper = line.asked("/whisper")[0]
    assert (whisper["ParentCallSid"], whisper["Direction"]) == (caller.sid, "outbound-dial")
    office.advance(30)
    engineer.hang_up()
    office.idle()
    parted = line.asked("/parted")[0]
    assert (parted["DialCallStatus"], parted["DialCallDuration"]) == ("completed", "31")
    assert parted["DialBridged"] == "true"


def test_nobody_answers(office, line):
    line.says("/voice", f"<Dial action='/parted' timeout='10'>{SANNE}</Dial>")
    office.dial(CALLER, OURS)
    office.advance(9)
    assert line.asked("/parted") == []
    office.advance(1)
    assert line.asked("/parted")[0]["DialCallStatus"] == "no-answer"


def test_a_busy_phone_and_a_dead_number_are_told(office, line):
    office.phone(SANNE).behave("busy")
    office.phone(JORIS).behave("failed")
    for number, status in ((SANNE, "busy"), (JORIS, "failed")):
        line.says("/voice", f"<Dial action='/{status}'>{number}</Dial>")
        office.dial(CALLER, OURS)
        office.idle()
        assert line.asked(f"/{status}")[0]["DialCallStatus"] == status


def test_the_timeout_buffer_makes_phones_ring_longer(office, line):
    office.faults(timeout_buffer=5)
    line.says("/voice", f"<Dial action='/parted' timeout='10'>{SANNE}</Dial>")
    office.dial(CALLER, OURS)
    office.advance(14)
    assert office.phone(SANNE).ringing()


def test_the_caller_hanging_up_ends_the_other_leg(office, line):
    line.says(
        "/voice", f"<Dial action='/parted'><Number statusCallback='/leg'>{SANNE}</Number></Dial>"
    )
    caller = office.dial(CALLER, OURS)
    engineer = office.phone(SANNE).answer()
    office.advance(5)
    caller.hang_up()
    office.idle()
    assert engineer.status == "completed"
    assert line.asked("/leg")[0]["CallDuration"] == "5"
    assert line.asked("/parted")[0]["CallStatus"] == "completed"


def test_the_star_key_parts_the_two(office, line):
    line.says("/voice", f"<Dial hangupOnStar='true'>{SANNE}</Dial><Say>terug</Say>")
    caller = office.dial(CALLER, OURS)
    engineer = office.phone(SANNE).answer()
    caller.until_bridged()
    caller.press("*")
    caller.until_hears("terug")
    assert engineer.status == "completed"


def test_numbers_in_sequence_are_tried_one_after_the_other(office, line):
    office.phone(SANNE).behave("busy")
    line.says(
        "/voice",
        f"<Dial sequential='true'><Number>{SANNE}</Number><Number>{JORIS}</Number></Dial>",
    )
    caller = office.dial(CALLER, OURS)
    office.answer_next(JORIS)
    caller.until_bridged()


def test_an_unknown_queue_fails_and_an_empty_one_is_waited_for(office, line, sdk):
    line.says("/voice", "<Dial action='/parted' timeout='5'><Queue>inc-1</Queue></Dial>")
    office.dial(CALLER, OURS)
    office.idle()
    assert line.asked("/parted")[0]["DialCallStatus"] == "failed"
    sdk.queues.create(friendly_name="inc-1")
    office.dial(CALLER, OURS)
    office.advance(5)
    assert line.asked("/parted")[1]["DialCallStatus"] == "no-answer"


def test_a_mailbox_answers_speaks_and_hangs_up_by_itself(office, line, sdk):
    office.phone(SANNE).behave("mailbox", after=4, stays=20)
    line.says("/page", "<Gather timeout='10'><Say>Toets 7</Say></Gather><Hangup/>")
    sdk.calls.create(
        to=SANNE, from_=OURS, url=f"{line.url}/page", status_callback=f"{line.url}/leg"
    )
    office.advance(3)
    assert line.asked("/page") == []
    office.advance(20)
    assert line.asked("/leg")[0]["CallStatus"] == "completed"
    [leg] = office.phone(SANNE).handsets
    assert any(entry["what"] == "greeting" for entry in leg.transcript)


def test_a_phone_can_press_keys_by_itself(office, line, sdk):
    office.phone(SANNE).behave("answer", after=2, keys="ww7")
    line.says("/page", "<Gather numDigits='1' action='/taken'/>")
    sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/page")
    office.advance(3)
    assert line.asked("/taken")[0]["Digits"] == "7"


def test_a_conference_plays_music_until_somebody_comes(office, line, sdk):
    noun = (
        "<Conference waitUrl='/music' statusCallback='/room' endConferenceOnExit='true' "
        "statusCallbackEvent='start end join leave'>inc-1</Conference>"
    )
    line.says("/voice", f"<Dial action='/parted'>{noun}</Dial>")
    line.says("/music", "<Say>muziek</Say>")
    caller = office.dial(CALLER, OURS)
    caller.until_hears("muziek")
    sdk.conferences("inc-1").participants.create(from_=OURS, to=SANNE)
    engineer = office.phone(SANNE).answer()
    office.idle()
    caller.hang_up()
    engineer.until_over()
    office.idle()
    events = [form["StatusCallbackEvent"] for form in line.asked("/room")]
    assert events[:3] == ["participant-join", "participant-join", "conference-start"]
    assert "conference-end" in events
    assert line.asked("/parted")[0]["DialCallStatus"] == "answered"
    assert "DialCallSid" not in line.asked("/parted")[0]
