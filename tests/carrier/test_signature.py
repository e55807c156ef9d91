"""Which signatures count: by token, by shared key, and never one instead of the other."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from carrier.signature import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_SETTINGS_HEADER,
    SignatureCheck,
    find_claimed_algorithm,
)
from service.bootstrap import build_signature_check
from settings import Settings

HMACS = (HMAC_SHA1, HMAC_SHA256)
URL, PATH = "https://line.example", "/voice/incoming?a=%2F"
FORM = {"CallSid": "CA1", "To": "+31201234567"}
SECRETS = ("token", "previous token", "key", "previous key", "another")
SIGNED = {
    (secret, algorithm): RequestValidator(secret).compute_signature(URL + PATH, FORM, algorithm)
    for secret, algorithm in itertools.product(SECRETS, (HMAC_SHA1, HMAC_SHA256))
}


def accepted(configured: Settings, **changes: str) -> set[tuple[str, str]]:
    told = {"public_url": URL, "twilio_auth_token": "token"}
    told["twilio_auth_token_previous"] = "previous token"
    seal = build_signature_check(configured.model_copy(update=told | changes))
    return {made for made, signature in SIGNED.items() if seal.holds(PATH, FORM.items(), signature)}


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
    assert seal.holds(PATH, FORM.items(), headers["X-Twilio-Signature"]) == algorithm
    assert find_claimed_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER)) == algorithm


def test_an_algorithm_that_nobody_knows_is_called_other():
    assert find_claimed_algorithm("key=a,algorithm=+31612345678") == "other"
    assert find_claimed_algorithm(None) == HMAC_SHA1


# The carrier's library decides which signature holds, whatever the address and the form.

ODD = st.text(
    st.sampled_from("a7/?#;:&=%+@.-_~[]\\ \t\n\r\x00\x7fé☎🔥|\"<>{}^`'()*,!$"), max_size=12
)
PATHS = st.one_of(
    st.sampled_from(("", "/", "//", "/?", "/a?", "/a;", "/a;b?c", "/a#", "/a?b#c", "/%2F", "/a%")),
    st.builds("/voice/{}".format, ODD),
    st.builds("/voice/call/7?{}".format, ODD),
    ODD,
)
PUBLIC_URLS = st.one_of(
    st.sampled_from(
        (
            "https://line.example",
            "https://line.example:443",
            "https://line.example:8443/base",
            "http://127.0.0.1:5000",
            "HTTP://line.example",
            "http://me:word@line.example:80",
            "http://[::1]:5000",
            "http://line.example:0",
            "http://line.example:99999",
            "http://line.example?a",
            "http://line.example?",
            " http://line.example",
        )
    ),
    st.builds("https://{}".format, ODD),
)
FIELDS = st.lists(st.tuples(st.one_of(ODD, st.text(max_size=4)), st.text(max_size=6)), max_size=6)


def outcome(function, *given):
    """What a function returns, or the kind of its error."""
    try:
        return function(*given)
    except ValueError as error:  # UnicodeEncodeError is one
        return type(error)


def ask_library(address, form, signature):
    for secret, algorithm in SECRETS_OF_LINE:
        if RequestValidator(secret).validate(address, form, signature, algorithm):
            return algorithm
    return None


def signatures_of(url, path, form):
    """Signatures of this request and of similar ones, by secrets of the line and of another."""
    hosts = (url, url.lower(), url.rstrip("?"), f"{url}:443", f"{url}:80", url.rpartition(":")[0])
    paths = (path, path.rstrip("?#;"), f"{path}?")
    for host, asked in itertools.product(hosts, paths):
        yield RequestValidator("token").compute_signature(host + asked, form)
    for secret, algorithm in itertools.product(("old key", "key", "another"), HMACS):
        yield RequestValidator(secret).compute_signature(url + path, form, algorithm)
    good = RequestValidator("token").compute_signature(url + path, form)
    yield from (good.lower(), good + " ", good[:-1], "é", "=", " ")


SECRETS_OF_LINE = (("key", HMAC_SHA256), ("old key", HMAC_SHA256), ("token", HMAC_SHA1))


@settings(max_examples=80)
@given(PUBLIC_URLS, PATHS, FIELDS)
def test_the_library_gives_the_same_answer_to_every_request(url, path, fields):
    check = SignatureCheck(url, ["token"], ["key", "old key"])
    form = MultiDict(fields)
    for signature in {*signatures_of(url, path, form)}:
        expected = outcome(ask_library, url + path, form, signature)
        assert outcome(check.holds, path, fields, signature) == expected, signature


def test_the_usual_request_needs_no_library(monkeypatch):
    """An address that the library leaves as it is, with any form, costs one HMAC a secret."""
    monkeypatch.setattr(SignatureCheck, "_find_by_library", None)
    check = SignatureCheck(URL, ["token", "previous token"])
    for path in ("/voice/incoming", "/voice/call/4f2a/key/5", "/sms/a~b/status?failed=1&a=%2F"):
        for made in SECRETS[:2]:
            signature = RequestValidator(made).compute_signature(URL + path, FORM)
            assert check.holds(path, FORM.items(), signature) == HMAC_SHA1
