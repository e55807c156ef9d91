"""Texts to engineers, and what they text back."""

from tests.phone_company.conftest import OURS, SANNE


def test_a_text_is_sent_and_delivered(office, line, sdk):
    sdk.messages.create(to=SANNE, from_=OURS, body="storing", status_callback=f"{line.url}/texted")
    text = office.until_texted(SANNE, "storing")
    office.idle()
    assert [form["MessageStatus"] for form in line.asked("/texted")] == ["sent", "delivered"]
    assert text.status == "delivered"


def test_a_text_that_does_not_arrive_says_why(office, line, sdk):
    office.phone(SANNE).behave("ring", texts="undelivered", error_code=30005)
    sdk.messages.create(to=SANNE, from_=OURS, body="storing", status_callback=f"{line.url}/texted")
    office.idle()
    assert line.asked("/texted")[-1]["MessageStatus"] == "undelivered"
    assert line.asked("/texted")[-1]["ErrorCode"] == "30005"


def test_an_engineer_texts_and_is_answered(office, line):
    line.says("/sms", "<Message>Genoteerd</Message>")
    office.text(SANNE, OURS, "ok 4711")
    assert office.until_texted(SANNE).body == "Genoteerd"
    asked = line.asked("/sms")[0]
    assert (asked["Body"], asked["SmsStatus"]) == ("ok 4711", "received")
