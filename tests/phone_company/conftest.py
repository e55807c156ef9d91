"""The cast: a company whose time stands still, a line with one number, and the real SDK."""

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from tests.phone_company.line import Line

ACCOUNT = Account("AC" + "a1" * 16, "t0ken", "SK" + "b2" * 16, "s3cret")
OURS = "+31201234567"
CALLER = "+31612345678"
SANNE = "+31612345601"
JORIS = "+31612345602"


@pytest.fixture
def line():
    line = Line(ACCOUNT.token)
    yield line
    line.close()
    assert line.unsigned == []


@pytest.fixture
def office(line):
    with Office(ACCOUNT, manual=True) as office:
        office.number(
            OURS,
            voice_url=f"{line.url}/voice",
            voice_fallback_url=f"{line.url}/fallback",
            status_callback=f"{line.url}/ended",
            sms_url=f"{line.url}/sms",
        )
        yield office


@pytest.fixture
def sdk(office):
    sdk = sdk_of(office)
    yield sdk
    sdk.http_client.session.close()


def sdk_of(office, **client):
    sdk = Client(
        ACCOUNT.sid,
        ACCOUNT.token,
        http_client=TwilioHttpClient(timeout=5, **client),
        environment={"_": ""},
    )
    sdk.api.base_url = office.url
    return sdk
