"""The signature, against the published vector and the SDK."""

import subprocess
import sys

import pytest
from twilio.request_validator import (
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from carrier.signature import read_public_key
from devtools.phone_company.post.address import read_address
from devtools.phone_company.post.signature import SharedKey, sign, signature_headers, signed_url
from devtools.processes.tied import tied_to_us

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}


def test_the_published_vector_holds():
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, FORM) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_the_sdk_computes_the_same():
    url = "http://127.0.0.1:5000/voice?x=1"
    assert sign("t", url, FORM) == RequestValidator("t").compute_signature(url, FORM)


def test_a_shared_key_signs_as_the_sdk_expects():
    url, key = "http://127.0.0.1:5000/voice?x=1", SharedKey("webhooks_sharedkey_1", "a secret")
    headers = signature_headers("t", key, url, FORM)
    algorithm = get_signature_algorithm(headers[SIGNATURE_SETTINGS_HEADER])
    assert algorithm == "HMAC_SHA256"
    validator = RequestValidator("a secret")
    assert validator.validate(url, FORM, headers["X-Twilio-Signature"], algorithm)


@pytest.mark.parametrize(
    ("url", "voice", "signed"),
    [
        ("https://line.example:8443/v?a=1", True, "https://line.example/v?a=1"),
        ("https://line.example:8443/v", False, "https://line.example:8443/v"),
        ("http://line.example:8080/v", True, "http://line.example:8080/v"),
    ],
)
def test_the_port_is_dropped_for_voice_over_https_alone(url, voice, signed):
    assert signed_url(url, voice=voice) == signed


def test_the_fragment_sets_the_delivery_and_is_not_sent():
    address = read_address("https://me:pw@line.example/v?a=1#ct=200&rt=99999&rc=3&rp=5xx,ct")
    assert address.url == "https://line.example/v?a=1"
    assert address.login == ("me", "pw")
    assert (address.connect, address.read, address.retries) == (0.2, 15.0, 3)
    assert address.retry_on == {"5xx", "ct"}


def test_the_company_of_another_dialect_says_with_what_its_webhooks_are_checked():
    """A process of its own, as somebody without an account starts it."""
    words = [sys.executable, "-m", "devtools.phone_company", "--dialect", "telnyx"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tied_to_us(),
    ) as company:
        assert company.stdout is not None
        url, settings = company.stdout.readline().strip(), company.stdout.readline().split()
        company.terminate()
    assert url.startswith("http://127.0.0.1:")
    assert settings[0] == "CARRIER=telnyx"
    read_public_key(settings[1].removeprefix("CARRIER_SIGNING_KEY="))
