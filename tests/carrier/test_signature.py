"""Which signatures count: by token, by shared key, and never one instead of the other."""

import itertools

import pytest
from twilio.request_validator import RequestValidator

from carrier.signature import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_SETTINGS_HEADER,
    SignatureCheck,
    find_claimed_algorithm,
)
from service.bootstrap import build_signature_check
from settings import Settings

URL, PATH = "https://line.example", "/voice/incoming?a=%2F"
FORM = {"CallSid": "CA1", "To": "+31201234567"}
SECRETS = ("token", "previous token", "key", "previous key", "another")
SIGNED = {
    (secret, algorithm): RequestValidator(secret).compute_signature(URL + PATH, FORM, algorithm)
    for secret, algorithm in itertools.product(SECRETS, (HMAC_SHA1, HMAC_SHA256))
}


def accepted(settings: Settings, **changes: str) -> set[tuple[str, str]]:
    told = {"public_url": URL, "twilio_auth_token": "token"}
    told["twilio_auth_token_previous"] = "previous token"
    seal = build_signature_check(settings.model_copy(update=told | changes))
    return {made for made, signature in SIGNED.items() if seal.holds(PATH, FORM, signature)}


TOKENS = {("token", HMAC_SHA1), ("previous token", HMAC_SHA1)}
KEY, PREVIOUS = ("key", HMAC_SHA256), ("previous key", HMAC_SHA256)


def test_without_a_key_the_tokens_count(settings):
    assert accepted(settings) == TOKENS


def test_a_key_counts_alone_and_no_token_after_it(settings):
    assert accepted(settings, twilio_shared_key="key") == {KEY}


def test_a_previous_key_counts_beside_the_key(settings):
    keys = {"twilio_shared_key": "key", "twilio_shared_key_previous": "previous key"}
    assert accepted(settings, **keys) == {KEY, PREVIOUS}


def test_a_previous_key_alone_counts_beside_the_tokens(settings):
    """For the change from token to key, in which no call may be refused."""
    assert accepted(settings, twilio_shared_key_previous="previous key") == {PREVIOUS, *TOKENS}


@pytest.mark.parametrize(
    ("tokens", "keys", "algorithm"), [(["t"], [], HMAC_SHA1), ([], ["k"], HMAC_SHA256)]
)
def test_what_we_sign_ourselves_holds(tokens, keys, algorithm):
    seal = SignatureCheck(URL, tokens, keys)
    headers = seal.headers(URL + PATH, FORM)
    assert seal.holds(PATH, FORM, headers["X-Twilio-Signature"]) == algorithm
    assert find_claimed_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER)) == algorithm


def test_an_algorithm_that_nobody_knows_is_called_other():
    assert find_claimed_algorithm("key=a,algorithm=+31612345678") == "other"
    assert find_claimed_algorithm(None) == HMAC_SHA1
