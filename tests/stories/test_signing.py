"""The carrier signs webhooks with a shared key: the line answers, and no token opens it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from devtools.phone_company.post.signature import SharedKey
from ivr_app.context import SERVICES
from service.bootstrap import build_signature_check
from service.counters import COUNTERS, build_counter_sink
from service.doctor.carrier import check_signing
from service.doctor.verdict import CheckState
from store.db.engine import reading
from store.tables.log import calls
from tests.stories.stage import SANNE

KEY = SharedKey("webhooks_sharedkey_1", "the secret of the key")


@pytest.fixture(autouse=True)
def counted_from_here() -> None:
    """What earlier tests of this process counted is theirs."""
    COUNTERS.hand_over(lambda *_: None)


@pytest.fixture
def accept(stage):
    """Make the line accept what these settings say."""

    def accepting(**changes):
        stage.settings = stage.settings.model_copy(update=changes)
        board = replace(
            stage.services,
            settings=stage.settings,
            signature_check=build_signature_check(stage.settings),
        )
        stage.app.extensions[SERVICES] = board

    return accepting


def doctor(stage):
    COUNTERS.hand_over(build_counter_sink(stage.services.engine, stage.now))
    return check_signing(stage.services.engine, stage.settings, "Europe/Amsterdam")


def test_a_call_signed_with_the_key_reaches_an_engineer(stage, accept):
    accept(twilio_shared_key=KEY.secret)
    stage.office.sign_with(KEY)
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(10)
    assert caller.bridged_with == engineer.sid
    verdict = doctor(stage)
    assert (verdict.state, "a shared key (SHA-256)" in verdict.message) == (CheckState.OK, True)


def test_once_a_key_is_set_no_token_opens(stage, accept):
    accept(twilio_shared_key=KEY.secret)
    stage.dial()
    assert {one["status"] for one in stage.office.webhooks} == {403}
    with reading(stage.services.engine) as connection:
        assert connection.execute(select(calls.c.sid)).all() == []


def test_the_change_from_token_to_key_refuses_no_call(stage, accept):
    stage.dial()
    accept(twilio_shared_key_previous=KEY.secret)
    stage.dial()
    assert "(SHA-1)" in doctor(stage).message
    stage.office.sign_with(KEY)
    stage.advance(1)
    stage.dial()
    verdict = doctor(stage)
    assert verdict.state is CheckState.WARN
    assert "TWILIO_SHARED_KEY" in verdict.message
    accept(twilio_shared_key=KEY.secret, twilio_shared_key_previous=None)
    stage.dial()
    assert doctor(stage).state is CheckState.OK
    assert {one["status"] for one in stage.office.webhooks} == {200}
