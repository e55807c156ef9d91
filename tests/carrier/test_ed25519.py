"""Signatures of companies with a private key: what holds, what does not, and for how long."""

import base64
import datetime as dt
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from carrier.signature import (
    ED25519,
    ED25519_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE,
    build_ed25519_check,
    encode_form,
    read_public_key,
)

NOW = dt.datetime(2026, 11, 23, 4, 42, tzinfo=dt.UTC)
SECONDS = int(NOW.timestamp())
NEW, OLD, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
CHECK = build_ed25519_check([NEW.public_key(), OLD.public_key()], "a secret", lambda: NOW)


@dataclass(frozen=True)
class Sent:
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    asked: str = "/voice/incoming"
    fields: tuple[tuple[str, str], ...] = ()


def signed(body, key=NEW, at=str(SECONDS)):
    """A request as the company sends it."""
    signature = base64.b64encode(key.sign(at.encode() + b"|" + body)).decode()
    return Sent(body, {ED25519_HEADER: signature, TIMESTAMP_HEADER: at})


BODIES = st.binary(min_size=1, max_size=60)
TIMES = st.integers(0, TOLERANCE)


@given(BODIES, TIMES, st.sampled_from((-1, 1)), st.sampled_from((NEW, OLD)))
def test_a_recent_signature_by_the_new_or_the_previous_key_holds(body, off, side, key):
    assert CHECK.prove(signed(body, key, str(SECONDS + side * off))) == ED25519


@given(BODIES, st.integers(TOLERANCE + 1, 10**9), st.sampled_from((-1, 1)))
def test_a_signature_from_another_time_does_not_hold_although_it_is_right(body, off, side):
    assert CHECK.prove(signed(body, at=str(max(0, SECONDS + side * off)))) is None


@given(BODIES)
def test_a_signature_by_another_key_does_not_hold(body):
    assert CHECK.prove(signed(body, OTHER)) is None


@given(BODIES, st.data())
def test_no_byte_of_the_body_may_change(body, data):
    place = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert CHECK.prove(Sent(bytes(changed), signed(body).headers)) is None
    assert CHECK.prove(Sent(body + b"&", signed(body).headers)) is None


@given(BODIES, st.data())
def test_no_bit_of_the_signature_may_change(body, data):
    headers = dict(signed(body).headers)
    raw = bytearray(base64.b64decode(headers[ED25519_HEADER]))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    headers[ED25519_HEADER] = base64.b64encode(bytes(raw)).decode()
    assert CHECK.prove(Sent(body, headers)) is None


@given(BODIES, st.integers(1, TOLERANCE))
def test_the_time_is_part_of_what_is_signed(body, later):
    headers = signed(body).headers | {TIMESTAMP_HEADER: str(SECONDS + later)}
    assert CHECK.prove(Sent(body, headers)) is None


@given(BODIES, st.text(max_size=100), st.text(max_size=20))
def test_odd_headers_are_refused_and_raise_nothing(body, signature, at):
    for headers in (
        {},
        {ED25519_HEADER: signature},
        {TIMESTAMP_HEADER: at},
        {ED25519_HEADER: signature, TIMESTAMP_HEADER: str(SECONDS)},
        signed(body).headers | {TIMESTAMP_HEADER: at},
        signed(body).headers | {TIMESTAMP_HEADER: f" {SECONDS}"},
        signed(body).headers | {TIMESTAMP_HEADER: f"{SECONDS}.0"},
        signed(body).headers | {TIMESTAMP_HEADER: f"+{SECONDS}"},
    ):
        assert CHECK.prove(Sent(body, headers)) is None


def test_a_request_without_a_body_proves_nothing():
    """Its signature would fit every address."""
    assert CHECK.prove(signed(b"")) is None


def test_our_own_requests_hold_for_whoever_has_the_same_secret():
    form = {"CallSid": "v3:1", "To": "+31201234567", "Digits": "1 é&="}
    own = build_ed25519_check([], "a secret", lambda: NOW)
    sent = Sent(encode_form(form), own.headers("https://line.example/voice/incoming", form))
    assert CHECK.prove(sent) == ED25519
    other = build_ed25519_check([], "another secret", lambda: NOW)
    assert other.prove(sent) is None


@pytest.mark.parametrize("text", ["", "no base64 é", "c2hvcnQ=", base64.b64encode(b"x" * 33)])
def test_what_is_no_public_key_is_said_so(text):
    with pytest.raises(ValueError, match="no public key of 32 bytes in base64"):
        read_public_key(text)


@pytest.mark.parametrize(
    ("headers", "claim"),
    [
        ({}, "no signature"),
        ({ED25519_HEADER: "x"}, "no signature"),
        ({ED25519_HEADER: "x", TIMESTAMP_HEADER: "+31612345678"}, "no signature"),
        ({ED25519_HEADER: "x", TIMESTAMP_HEADER: str(SECONDS - 400)}, "ED25519, +400 s"),
        ({ED25519_HEADER: "x", TIMESTAMP_HEADER: str(SECONDS + 9)}, "ED25519, -9 s"),
    ],
)
def test_the_log_says_by_how_much_the_clocks_differ(headers, claim):
    assert CHECK.read_claim(headers) == claim
