"""Every address of the application: behind a signature, or public by name."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from store.db.engine import reading
from store.tables import all_tables
from tests.faults.conftest import FaultyLine
from tests.store.cast import LINE, PIETER

CARRIERS = ("/voice/", "/sms/")
PUBLIC = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/voice/music.wav",
    "/ack/",  # sealed links, which act at a button only
    "/calendar/",  # sealed links
    "/sound/",  # sealed, for an hour
    "/console",  # signed in
    "/api/",  # with a token
    "/portal",  # signed in
    "/mail/inbound",  # signed by the mail service
    "/static/",
)
FORM = {"CallSid": "CA1", "To": LINE.number, "From": PIETER, "Body": "1001", "Digits": "1"}


def addresses(line: FaultyLine) -> list[str]:
    """Every address that is answered, with something in each blank."""
    rules = {rule.rule for rule in line.app.url_map.iter_rules()}
    return sorted(re.sub(r"<int:\w+>", "1", rule) for rule in rules)


def kept(line: FaultyLine) -> dict[str, list[str]]:
    with reading(line.services.engine) as connection:
        tables = all_tables().tables.items()
        return {name: sorted(map(str, connection.execute(select(t)))) for name, t in tables}


def test_whatever_is_not_the_carriers_is_public_by_name(line: FaultyLine) -> None:
    others = [one for one in addresses(line) if not one.startswith(CARRIERS)]
    assert [one for one in others if not one.startswith(PUBLIC)] == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_without_a_signature_nothing_of_the_carriers_opens(line: FaultyLine, method: str) -> None:
    carriers = [one for one in addresses(line) if one.startswith(CARRIERS) and one not in PUBLIC]
    assert len(carriers) > 25
    before = kept(line)
    for path in (*carriers, *(f"{one}/" for one in carriers)):
        url = line.settings.public_url + path
        forged = RequestValidator("another token").compute_signature(url, FORM)
        for headers in ({}, {"X-Twilio-Signature": forged}):
            answer = line.http.open(path, method=method, data=FORM, headers=headers)
            assert (answer.status_code, b"<Response" in answer.data) == (403, False), path
    assert kept(line) == before
