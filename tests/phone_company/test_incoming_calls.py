"""What a customer's phone goes through."""

from tests.phone_company.conftest import CALLER, OURS


def test_a_caller_hears_the_page_and_the_call_ends(office, line):
    line.says("/voice", "<Say language='nl-NL'>Welkom bij de lijn.</Say>")
    handset = office.dial(CALLER, OURS)
    assert handset.hears == ["Welkom bij de lijn."]
    assert handset.status == "in-progress"
    office.advance(5)
    assert handset.status == "completed"
    [first] = line.asked("/voice")
    assert first["CallStatus"] == "ringing"
    assert first["Direction"] == "inbound"
    assert (first["From"], first["Called"]) == (CALLER, OURS)
    assert first["FromCountry"] == "NL"
    [ended] = line.asked("/ended")
    assert ended["CallStatus"] == "completed"
    assert ended["CallDuration"] == "1"


def test_keys_are_sent_to_the_action_without_the_finish_key(office, line):
    line.says("/voice", "<Gather action='/pin' numDigits='6'><Say>Toets uw pincode</Say></Gather>")
    line.says("/pin", "<Say>Dank u</Say>")
    handset = office.dial(CALLER, OURS)
    assert handset.asking["numDigits"] == "6"
    handset.press("12#")
    handset.until_hears("dank u")
    assert line.asked("/pin")[0]["Digits"] == "12"


def test_without_keys_the_next_verb_follows(office, line):
    line.says("/voice", "<Gather timeout='3'/>", "<Say>Tot ziens</Say>")
    handset = office.dial(CALLER, OURS)
    office.advance(2.9)
    assert handset.hears == []
    office.advance(0.2)
    assert handset.hears == ["Tot ziens"]


def test_hanging_up_tells_the_line(office, line):
    line.says("/voice", "<Pause length='60'/><Say>nooit</Say>")
    handset = office.dial(CALLER, OURS)
    handset.hang_up()
    office.idle()
    assert handset.status == "no-answer"
    assert line.asked("/ended")[0]["CallStatus"] == "no-answer"
