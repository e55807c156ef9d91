"""A drill that wakes people: each hears that it is one, presses the key, and is thanked."""

import pytest

from routing.drill import make_waking_line, waking_number
from routing.incident import IncidentState
from service.drills import DrillCall, DrillError, LiveDrill
from store.log.reports import Reports
from store.work.metrics import Counters
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, LAST_RESORT, SANNE, SANNES_DESK
from tests.words import words_of

PHONES = (SANNE, SANNES_DESK, JORIS)
MANAGER = "+31612345699"
JORIS_SPEAKS_ENGLISH = PAPER.replace("name: Joris Bakker,", "name: Joris Bakker, languages: [en],")


@pytest.fixture
def paper():
    return JORIS_SPEAKS_ENGLISH + f'\nduty_manager: {{phone: "{MANAGER}"}}\n'


@pytest.fixture
def said():
    return []


@pytest.fixture
def heard():
    """What each telephone spoke, by its number."""
    return {}


@pytest.fixture
def hold(stage, said, heard):
    """Hold a drill; those of ``awake`` answer, listen for eight seconds, and press a key."""

    def run(*awake, key="take_key", meanwhile=lambda: None):
        def wait():
            stage.advance(3)
            meanwhile()
            for number in awake:
                if stage.office.phone(number).ringing():
                    answer(number, key)

        line = stage.desk.lines.find_line("main")
        return LiveDrill(stage.services, line, said.append, wait).hold()

    def answer(number, key):
        handset = stage.answer(number)
        (page,) = [page for page in stage.pages() if page.sid == handset.sid]
        stage.advance(8)
        stage.press(handset, getattr(page, key))
        stage.advance(0.5)
        heard[number] = handset.hears

    return run


def of_the_drill(stage):
    return list(Reports(stage.services.engine).incidents("main.wake.drill"))


def test_everybody_is_rung_once_and_says_after_how_long(stage, hold, said):
    answered = hold(SANNE, JORIS)
    assert list(answered) == ["sanne", "joris"]
    seconds = [after.total_seconds() for after in answered.values()]
    assert seconds == [pytest.approx(10, abs=3)] * 2
    assert said[1] == f"sanne answered after {answered['sanne'].total_seconds():.0f} s"
    assert said[2].startswith("joris answered after ")
    assert len(said) == 3
    assert [stage.rings(phone) for phone in (*PHONES, LAST_RESORT)] == [1, 0, 1, 0]


def test_it_is_a_drill_before_anything_else_and_thanked_for(stage, hold, heard):
    hold(SANNE, JORIS)
    for number, drill, keys, over in (
        (SANNE, "Dit is een oefening", "Toets ", words_of("practised")),
        (JORIS, "This is a drill", "Press ", words_of("practised", "en")),
    ):
        assert heard[number][0].startswith(drill)
        assert heard[number][1].startswith(keys)
        assert over in heard[number][-1]
        assert stage.office.until_texted(number).body.startswith(drill)


def test_nobody_is_left_waiting_and_nothing_goes_on(stage, hold):
    hold(SANNE)
    rung = [stage.rings(phone) for phone in PHONES]
    stage.advance(900)
    assert [stage.rings(phone) for phone in PHONES] == rung
    assert not any(stage.office.phone(phone).ringing() for phone in PHONES)
    assert stage.rings(LAST_RESORT) == 0
    assert stage.desk.calls.find_escalating("main.wake.drill") == []


def test_who_did_not_answer_is_named_in_the_journal_too(stage, hold, said):
    answered = hold(SANNE)
    assert answered["joris"] is None
    assert said[-1] == "joris did not answer"
    text = " ".join(stage.written())
    assert f"{said[1]}; joris did not answer" in text


def test_another_telephone_of_the_same_person_is_rung_before_the_next_step(stage, hold):
    answered = hold(SANNES_DESK, JORIS)
    assert answered["sanne"].total_seconds() == pytest.approx(11, abs=1.5)
    assert [stage.rings(phone) for phone in PHONES] == [1, 1, 1]


def test_passing_it_on_is_an_answer(stage, hold, heard):
    answered = hold(SANNE, JORIS, key="pass_key")
    assert None not in answered.values()
    assert words_of("practised") in heard[SANNE][-1]


def test_nobody_answers_and_the_duty_manager_is_told(stage, hold):
    with pytest.raises(DrillError, match="nobody answered"):
        hold()
    stage.settle()
    assert "De oefening van MSA Plus" in stage.office.until_texted(MANAGER).body


def test_a_real_call_ends_the_drill_and_rings_as_ever(stage, hold):
    with pytest.raises(DrillError, match="real incident"):
        hold(meanwhile=stage.call_level_1)
    stage.advance(5)
    assert stage.office.phone(SANNE).ringing()
    assert stage.rings(SANNE) == 2
    with pytest.raises(DrillError, match="real incident"):
        hold()


def test_who_listens_when_a_real_call_ends_it_hears_that_it_is_over(stage, hold):
    listening = []

    def a_call_comes_in():
        listening.append(stage.answer(SANNE))
        stage.call_level_1()

    with pytest.raises(DrillError, match="real incident"):
        hold(meanwhile=a_call_comes_in)
    stage.advance(20)
    assert listening[0].hears[-1] == "Dit was een oefening. De oefening is voorbij. Tot ziens."
    assert not listening[0].live


def test_it_ends_by_itself_when_whoever_holds_it_is_gone(stage):
    line = stage.desk.lines.find_line("main")
    trial = DrillCall(stage.services, make_waking_line(line), waking_number(line), print)
    with trial.waiting():
        stage.advance(600)
        assert [stage.rings(phone) for phone in (*PHONES, LAST_RESORT)] == [1, 1, 1, 0]
        assert trial.case.incident.state is IncidentState.CLOSED


def test_it_is_no_incident_of_a_customer(stage, hold):
    figures = Counters(stage.services.engine)
    figures.count_calls(stage.now())
    stage.advance(30)
    hold(SANNE, JORIS)
    stage.advance(30)
    figures.count_calls(stage.now())
    assert not any(name.startswith(("calls", "waits", "human")) for name in figures.read())
    (row,) = of_the_drill(stage)
    assert (row["premium"], row["respond_by"], row["clock"]) == (False, None, "none")
    assert row["state"] in ("responded", "closed")
    assert list(Reports(stage.services.engine).incidents("main")) == []
