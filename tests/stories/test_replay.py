"""What the carrier said once and somebody says again, signed and old, changes nothing at all."""

import random

import pytest
import requests
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from store.db.engine import reading
from store.tables import all_tables
from tests.stories.stage import ACCOUNT, JORIS, LINE, SANNE

WORK = ("jobs", "heartbeats", "carrier_paces")
"""Traces of work, which say nothing of what happened."""


def kept(stage):
    """Every row of every table."""
    with reading(stage.services.engine) as connection:
        return {
            name: sorted(map(str, connection.execute(select(table))))
            for name, table in all_tables().tables.items()
            if name not in WORK
        }


def told(stage):
    """Everything that the carrier told us so far, as it was sent."""
    posted = [w for w in stage.office.webhooks if w["method"] == "POST"]
    return [(w["url"].partition("#")[0], w["params"]) for w in posted]


def again(url, form):
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
    return requests.post(url, form, headers={"X-Twilio-Signature": signature}, timeout=60)


def whole_story(stage):
    """Level 1, passed on, taken, talked, responded; then a text that closes it."""
    caller = stage.call_level_1()
    engineer = stage.answer(SANNE)
    stage.press(engineer, stage.leg(engineer).pass_key)
    engineer = stage.take(JORIS)
    stage.advance(20)
    stage.press(engineer, "*")
    stage.press(engineer, "1")
    stage.hang_up(caller)
    stage.advance(60)
    stage.office.text(JORIS, LINE, "1001 dicht")
    stage.advance(5)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_whole_story_sent_again_in_any_order_and_twice_changes_nothing(stage, seed):
    whole_story(stage)
    before, requests_made = kept(stage), len(stage.office.requests)
    old = told(stage) * 2
    random.Random(seed).shuffle(old)
    assert len(old) > 20
    for url, form in old:
        assert again(url, form).status_code in (200, 204)
    stage.advance(60)
    assert kept(stage) == before
    assert len(stage.office.requests) == requests_made


def test_no_document_and_no_request_records_a_conversation(stage):
    whole_story(stage)
    bodies = [str(w["body"]) for w in stage.office.webhooks]
    assert any("<Dial" in body for body in bodies)
    for body in bodies:
        assert ' record="' not in body
        assert "transcribe" not in body
    for request in stage.office.requests:
        assert "Record" not in request["params"]
