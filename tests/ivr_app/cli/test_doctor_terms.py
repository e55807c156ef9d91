"""`doctor` asks the carrier what would stop or betray a call on some bad night."""

import json

import pytest

from carrier.account import find_region


@pytest.fixture
def found(office, applied, type_in):
    """What the doctor says first, by what it looked at."""
    office.number("+31201234567")

    def look():
        rows = [json.loads(row) for row in type_in("doctor", "--json").stdout.splitlines()]
        return {row["check"]: (row["state"], row["message"]) for row in reversed(rows)}

    return look


def test_a_sound_account_is_told_so(found):
    verdicts = found()
    assert verdicts["balance"] == ("ok", "100.00 EUR left")
    assert verdicts["countries"][0] == "ok"
    assert "region" not in verdicts


def test_little_money_is_worth_a_word(found, office):
    office.faults(balance="19.99")
    state, said = found()["balance"]
    assert (state, said.startswith("only 19.99 EUR left")) == ("warn", True)


def test_a_key_that_may_not_see_the_money_is_no_fault(found, office):
    office.faults(requests=[{"path": "Balance", "status": 401, "code": 20003}])
    assert found()["balance"][0] == "ok"


def test_a_country_that_may_not_be_rung_is_named(found, office):
    office.faults(barred=["NL"])
    state, said = found()["countries"]
    assert (state, said.startswith("the account may not call numbers of NL")) == ("warn", True)


def test_a_carrier_that_knows_no_permissions_is_no_fault(found, office):
    office.faults(requests=[{"path": "DialingPermissions", "status": 404, "code": 20404}])
    assert found()["countries"][0] == "ok"


def test_a_number_processed_elsewhere_names_the_region(found, office):
    office.faults(voice_region="ie1")
    state, said = found()["region"]
    assert (state, "processed in ie1, but TWILIO_API_URL is us1" in said) == ("warn", True)


def test_a_number_that_cannot_text_is_named(found, office):
    office.cannot_text("+3197010200000")
    state, said = found()["sms, +3197010200000"]
    assert (state, "lacks the capability sms" in said) == ("warn", True)


def test_keyed_digits_are_warned_of_until_we_are_told_otherwise(found, type_with):
    assert found()["keyed digits"][0] == "warn"
    told = type_with("doctor", TWILIO_PCI_MODE="on").stdout
    assert "ok    keyed digits" in told


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://api.twilio.com", "us1"),
        ("https://api.dublin.ie1.twilio.com", "ie1"),
        ("https://api.ie1.twilio.com", "ie1"),
        ("https://carrier.example.org/base", "us1"),
    ],
)
def test_an_interface_has_its_region_in_its_name(address, region):
    assert find_region(address) == region
