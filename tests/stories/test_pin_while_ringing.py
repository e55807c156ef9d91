"""A known number says the level first: level 1 rings at once, and the PIN is asked meanwhile."""

import pytest

from routing.call import Entitlement, Stage
from routing.events import Merged
from routing.message import Via
from tests.stories.conftest import PAPER
from tests.stories.stage import JOINING, JORIS, PIN, SANNE
from tests.stories.test_meanwhile import AT_MOST

SAYS = {
    "nl": ("Toets intussen uw pincode", "Bakkerij Jansen BV", "iet geverifieerd"),
    "en": ("Meanwhile, enter your PIN", "Bakkerij Jansen BV", "nverified"),
}
EXPIRED = "+31612345680"


@pytest.fixture(params=SAYS)
def language(request):
    return request.param


@pytest.fixture
def paper(language):
    spoken = PAPER.replace("matter: false", "pin: {ask: while_ringing}")
    return spoken.replace("language: nl", f"language: {language}").replace(
        "languages: [nl, en]", f"languages: {['nl', 'en'] if language == 'nl' else ['en', 'nl']}"
    )


def hears(stage, handset, words):
    """Within the time of a few sentences."""
    for _ in range(15):
        if any(words in sentence for sentence in handset.hears):
            return True
        stage.advance(1)
    return False


def chooses(stage, *keys, **who):
    caller = stage.dial(**who)
    for key in keys:
        stage.press(caller, key)
    return caller


def test_two_keys_ring_within_twenty_seconds_and_the_pin_is_asked_meanwhile(stage, language):
    caller = stage.dial()
    for key, before in (("1", 12), ("1", 6)):  # listens to most of both sentences
        stage.advance(before)
        stage.press(caller, key)
    assert stage.rings(SANNE) == 1
    assert (stage.now() - stage.call(caller).started_at).total_seconds() <= 20
    assert hears(stage, caller, SAYS[language][0])
    stage.press(caller, PIN + "#")
    assert stage.call(caller).stage is Stage.MATTER
    assert stage.incident().customer == "Bakkerij Jansen BV"
    stage.record(caller, 4)
    engineer = stage.answer(SANNE)
    assert hears(stage, engineer, SAYS[language][1])
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert stage.incident().premium


def test_an_engineer_who_is_faster_hears_unverified_and_ends_the_question(stage, language):
    caller = chooses(stage, "1", "1")
    assert stage.call(caller).stage is Stage.PIN
    engineer = stage.answer(SANNE)
    assert hears(stage, engineer, SAYS[language][2])
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert stage.incident().entitlement is Entitlement.UNVERIFIED


def test_silence_at_the_pin_leads_to_the_queue_and_nobody_is_lost(stage):
    caller = chooses(stage, "1", "1")
    stage.advance(24)
    assert stage.call(caller).stage is Stage.WAITING
    stage.take(SANNE)
    stage.advance(JOINING)
    assert caller.bridged_with


def test_a_wrong_pin_stops_no_telephone(stage):
    caller = chooses(stage, "1", "1")
    stage.press(caller, "111111#")
    stage.advance(8)
    stage.press(caller, f"{PIN}#")
    assert stage.incident().contract == "100234"
    stage.advance(62)
    assert stage.rings(SANNE) == 1
    assert stage.rings(JORIS) == 1


def test_a_caller_who_hangs_up_at_the_pin_is_rung_for_all_the_same(stage):
    caller = chooses(stage, "1", "1")
    stage.hang_up(caller)
    engineer = stage.take(SANNE)
    assert hears(stage, engineer, "1")
    assert stage.incident().acknowledged_by == "sanne"


def test_the_other_levels_ask_for_the_pin_once_chosen(stage):
    caller = chooses(stage, "3")
    assert stage.call(caller).stage is Stage.PIN
    stage.press(caller, f"{PIN}#")
    assert (stage.incident().urgency, stage.incident().contract) == (3, "100234")


def test_a_contract_that_proves_to_have_expired_is_said_and_rings_on(stage, language):
    caller = chooses(stage, "1", "1", from_=EXPIRED)
    stage.press(caller, "615204#")
    assert stage.incident().entitlement is Entitlement.EXPIRED
    engineer = stage.answer(SANNE)
    assert hears(stage, engineer, "verlopen" if language == "nl" else "expired")
    engineer.press(stage.leg(engineer).take_key)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with


@pytest.mark.parametrize("keyed", ["111111", "*", "#", "48*"])
def test_what_is_keyed_just_after_the_call_is_taken_keeps_no_engineer_waiting(stage, keyed):
    caller = chooses(stage, "1", "1")
    engineer = stage.answer(SANNE)
    stage.advance(3)
    engineer.press(stage.leg(engineer).take_key)
    caller.press(keyed)
    stage.settle()
    stage.advance(AT_MOST)
    assert caller.bridged_with
    assert stage.incident().entitlement is Entitlement.UNVERIFIED
    assert stage.call(caller).tries == keyed.isdigit()


def test_a_pin_does_not_take_over_the_incident_of_another_contract(stage):
    other = chooses(stage, "1", "1", from_=EXPIRED)
    stage.press(other, "615204#")
    stage.hang_up(other)
    into = stage.incident()
    caller = chooses(stage, "1", "1")
    merged = next(one for one in stage.desk.calls.find_open("main") if one.key != into.key)
    stage.desk.happen(Merged(merged.key, into.key, "sanne", Via.CONSOLE))
    stage.settle()
    stage.press(caller, f"{PIN}#")
    after = stage.incident()
    assert (after.contract, after.customer) == (into.contract, into.customer)
    assert (after.clock, after.entitlement) == (into.clock, into.entitlement)
    stage.take(SANNE)
    stage.advance(AT_MOST)
    assert caller.bridged_with


ROUTE = "routes: [{when: {plan: msa_plus}, escalation: {steps: [{ring: [secondary], for: 30s}]}}]"
SHORT = PAPER.replace("matter: false", f"pin: {{ask: while_ringing}}\n{ROUTE}").replace(
    "{ring: [primary], for: 30s}", "{ring: [primary], for: 3s}"
)


class TestAFileThatIsChangedMeanwhile:
    @pytest.fixture
    def paper(self):
        return SHORT

    def test_a_pin_counts_when_the_step_under_way_is_in_no_file_any_more(self, stage):
        caller = chooses(stage, "1", "1")
        stage.advance(9)
        assert stage.incident().escalation.step == 2
        stage.apply(SHORT.replace("    - {ring: [secondary], for: 30s}\n", ""))
        stage.press(caller, PIN)
        assert stage.call(caller).stage is Stage.MATTER
        stage.take(JORIS)
        stage.advance(AT_MOST)
        assert caller.bridged_with
