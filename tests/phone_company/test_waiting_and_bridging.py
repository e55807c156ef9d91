"""A caller waits in a queue and is taken out by an engineer."""

from tests.phone_company.conftest import CALLER, OURS, SANNE


def test_an_engineer_takes_the_caller_out_of_the_queue(office, line, sdk):
    line.says("/voice", "<Enqueue waitUrl='/wait' action='/after'>inc-1</Enqueue>")
    line.says("/wait", "<Say>Een ogenblik</Say><Pause length='10'/>")
    line.says("/after", "<Say>Tot ziens</Say>")
    line.says("/page", "<Gather numDigits='1' action='/taken'><Say>Toets 7</Say></Gather>")
    line.says("/taken", "<Dial timeout='5' action='/parted'><Queue>inc-1</Queue></Dial>")
    caller = office.dial(CALLER, OURS)
    sdk.calls.create(
        to=SANNE,
        from_=OURS,
        url=f"{line.url}/page",
        status_callback=f"{line.url}/leg",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    office.advance(11)
    assert len(line.asked("/wait")) == 2
    assert line.asked("/wait")[1]["QueuePosition"] == "1"
    engineer = office.phone(SANNE).answer()
    engineer.until_hears("Toets 7")
    engineer.press("7")
    engineer.until_bridged()
    assert caller.bridged_with == engineer.sid
    office.advance(60)
    engineer.hang_up()
    caller.until_hears("Tot ziens")
    office.advance(10)
    assert line.asked("/after")[0]["QueueResult"] == "bridged"
    parted = line.asked("/parted")[0]
    assert (parted["DialCallStatus"], parted["DialCallSid"]) == ("completed", caller.sid)
    leg = line.asked("/leg")
    assert [event["CallStatus"] for event in leg] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert [event["SequenceNumber"] for event in leg] == ["0", "1", "2", "3"]
