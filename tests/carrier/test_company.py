"""Which settings go with which telephone company, and what is accepted then."""

import pytest

from carrier.client import CarrierAccount, CarrierClient, OutgoingCall
from carrier.company import COMPANIES, SIGNALWIRE, TELNYX, TWILIO
from carrier.signature import Ed25519Check, SignatureCheck
from devtools.phone_company.company import Account
from devtools.phone_company.dialects.signalwire import SIGNALWIRE as SIGNALWIRE_DIALECT
from devtools.phone_company.dialects.telnyx import TELNYX as TELNYX_DIALECT
from devtools.phone_company.driver.office import Office
from routing.events import Heard
from routing.line import Channel
from service.bootstrap import (
    build_carrier_account,
    build_services,
    build_signature_check,
    find_company,
)
from service.channels import find_set_up
from settings import SettingsError
from settings.checks import CARRIERS
from store.work.redis_client import NoJobNotifier

OURS, SANNE = "+31201234567", "+31612345601"
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
PUBLIC = TELNYX_DIALECT.show_key("one")
SPACE = "https://bakker.signalwire.com/api/laml"
GOOD = {
    "twilio": {},
    "signalwire": {"carrier_signing_key": "PSK_1", "twilio_api_url": SPACE},
    "telnyx": {"carrier_signing_key": PUBLIC, "carrier_application": "1234567890"},
}


def configured(settings, name, **changes):
    return settings.model_copy(update={"carrier": name} | GOOD[name] | changes)


def test_every_company_of_the_settings_is_described():
    assert tuple(COMPANIES) == CARRIERS


@pytest.mark.parametrize("name", CARRIERS)
def test_good_settings_choose_the_company(settings, name):
    found = find_company(configured(settings, name))
    assert found is COMPANIES[name]
    assert build_carrier_account(configured(settings, name)).company is found


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("twilio", {"carrier_signing_key": "x"}, "CARRIER_SIGNING_KEY is of no use: Twilio"),
        ("signalwire", {"carrier_signing_key": None}, "CARRIER_SIGNING_KEY is missing: SignalWire"),
        ("signalwire", {"twilio_api_url": TWILIO.api_url}, "TWILIO_API_URL is missing: that of"),
        ("signalwire", {"twilio_shared_key": "k"}, "TWILIO_SHARED_KEY is of no use: SignalWire"),
        ("signalwire", {"twilio_shared_key_previous": "k"}, "TWILIO_SHARED_KEY is of no use"),
        ("telnyx", {"twilio_pci_mode": "on"}, "TWILIO_PCI_MODE is wrong: Telnyx has no PCI mode"),
        ("telnyx", {"twilio_api_key": "KEY1"}, "TWILIO_API_KEY is of no use: put the API key"),
        ("telnyx", {"carrier_application": None}, "CARRIER_APPLICATION is missing: Telnyx"),
        ("telnyx", {"carrier_signing_key": None}, "CARRIER_SIGNING_KEY is missing: Telnyx"),
    ],
)
def test_settings_that_do_not_go_with_the_company_are_refused(settings, name, changes, sentence):
    with pytest.raises(SettingsError, match=sentence):
        find_company(configured(settings, name, **changes))


@pytest.mark.parametrize("name", CARRIERS)
def test_only_twilio_is_told_to_repeat_a_request(settings, name):
    services = build_services(configured(settings, name), NoJobNotifier())
    assert ("#" in services.urls.at("/voice/incoming")) is (name == "twilio")
    services.engine.dispose()


def test_a_call_that_is_over_at_signalwire_is_looked_up():
    """It refuses to cancel one with a code of its own."""
    account = Account(PROJECT, "token", dialect=SIGNALWIRE_DIALECT)
    with Office(account, manual=True) as office:
        office.number(OURS)
        url = office.url + SIGNALWIRE_DIALECT.api
        client = CarrierClient(CarrierAccount(PROJECT, "token", api_url=url, company=SIGNALWIRE))
        office.phone(SANNE).behave("busy")
        sid = client.place(OutgoingCall(SANNE, OURS, "http://a", "http://a", "http://a", 20))
        office.idle()
        assert client.cancel_call(sid) is Heard.BUSY
        client.close()


def test_a_wrong_public_key_is_refused(settings):
    with pytest.raises(SettingsError, match="CARRIER_SIGNING_KEY is wrong: it is no public key"):
        build_signature_check(configured(settings, "telnyx", carrier_signing_key="PSK_1"))


def test_signalwire_is_proven_by_its_signing_keys_and_never_by_the_token(settings):
    check = build_signature_check(
        configured(settings, "signalwire", carrier_signing_key_previous="PSK_0")
    )
    assert isinstance(check, SignatureCheck)
    assert (check.tokens, check.keys) == (["PSK_1", "PSK_0"], ())
    assert check.header == SIGNALWIRE.signature_header


def test_telnyx_is_proven_by_both_public_keys_while_they_are_rotated(settings):
    previous = TELNYX_DIALECT.show_key("zero")
    check = build_signature_check(
        configured(settings, "telnyx", carrier_signing_key_previous=previous)
    )
    assert isinstance(check, Ed25519Check)
    assert len(check.keys) == 3, "and that of our own requests"


def test_telnyx_has_an_address_of_its_own_unless_another_is_set(settings):
    assert build_carrier_account(configured(settings, "telnyx")).api_url == TELNYX.api_url
    simulated = configured(settings, "telnyx", twilio_api_url="http://127.0.0.1:4010")
    assert build_carrier_account(simulated).api_url == "http://127.0.0.1:4010"


def test_texts_are_no_channel_where_the_line_cannot_send_them(settings):
    assert Channel.SMS in find_set_up(configured(settings, "signalwire"))
    assert Channel.SMS not in find_set_up(configured(settings, "telnyx"))
