"""An engineer's own contact rules through the whole line, and the duty manager's alarm."""

import pytest

from service.doctor.people import check_text_caps
from tests.stories.conftest import PAPER
from tests.stories.stage import LINE, SANNE

MANAGER = "+31612345699"
PATIENT = ' languages: [nl], contact: [{by: sms, after: 2m}], quiet: "00:00-12:00"}'
RULES = PAPER.replace('"+31208881101"]}', f'"+31208881101"],{PATIENT}', 1)
CAPPED = PAPER.replace("again_after: 5m", "again_after: 1m, daily_cap: 2").replace(
    "engineers:", f'duty_manager: {{phone: "{MANAGER}", language: en}}\nengineers:', 1
)


def texted(stage, number):
    return [text.body for text in stage.office.texts if text.to == number]


def named(reason):
    return [page.result for page in reason if page.channel == "sms"]


@pytest.mark.parametrize("paper", [RULES])
def test_the_telephone_rings_at_once_and_the_text_comes_when_its_owner_wants_it(stage):
    stage.call_level_1()
    assert stage.office.phone(SANNE).ringing()
    stage.advance(110)
    assert texted(stage, SANNE) == []
    stage.advance(15)
    assert len(texted(stage, SANNE)) == 1


@pytest.mark.parametrize("paper", [RULES])
def test_a_text_that_waits_is_not_sent_once_somebody_has_it(stage):
    stage.hang_up(stage.call_level_1())
    stage.office.text(SANNE, LINE, str(stage.incident().number))
    stage.settle()
    stage.advance(150)
    assert texted(stage, SANNE) == [f"Incident {stage.incident().number} staat op uw naam."]
    assert named(stage.pages()) == ["canceled"]


@pytest.mark.parametrize("paper", [CAPPED])
def test_the_duty_manager_is_told_once_when_somebody_has_had_the_texts_of_a_day(stage):
    stage.hang_up(stage.call_level_1())
    stage.advance(1800)
    assert len(texted(stage, SANNE)) == 2
    told = texted(stage, MANAGER)
    assert len([body for body in told if "Sanne de Vries received 2 texts" in body]) == 1
    (used_up, *_) = check_text_caps(stage.desk, [stage.desk.lines.find_line("main")])
    assert used_up.message.startswith("sanne has had all 2")
