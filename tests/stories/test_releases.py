"""A request lived through: received, confirmed, released, and told to all who asked."""

import pytest

from routing.call import Stage
from tests.stories.stage import JORIS, LINE, PIETER, SANNE
from tests.stories.test_signature import LOTTE, STAFFED, requests, texts_to

EMMA, BOB, CAS = "+31612345679", "+31612345683", "+31612345684"
NEWS = "Er is een update van de virusdatabases"
ASKED = "language: nl, hears_of_releases: true"
MORE = f"""  - contract: "100242"
    customer: Garage Bob
    plan: standard
    contacts: [{{name: Bob Vos, phone: "{BOB}", pin: "330918", {ASKED}}}]
  - contract: "100243"
    customer: Kwekerij Emma
    plan: msa_plus
    contacts:
      - {{name: Emma Vos, phone: "{EMMA}", pin: "771204", language: en, hears_of_releases: true}}
      - {{name: Cas Vos, phone: "{CAS}", pin: "771205"}}
"""


@pytest.fixture
def paper():
    return STAFFED + MORE


@pytest.fixture
def number(stage):
    """Pieter has made a request in the evening, and hung up."""
    stage.hang_up(requests(stage, "5", "1", "1", "2"))
    return stage.incident().number


def says(stage, engineer, body):
    """An engineer texts the line; gives back what is answered."""
    stage.office.text(engineer, LINE, body)
    stage.settle()
    return texts_to(stage, engineer)[-1]


def test_each_step_is_told_to_the_customer_by_text(stage, number):
    confirmed = f"Verzoek {number} is bevestigd en de klant is ingelicht."
    assert says(stage, LOTTE, f"{number} bevestigd") == confirmed
    assert says(stage, LOTTE, f"Bevestigd {number}") == confirmed
    says(stage, LOTTE, f"{number} vrijgegeven")
    told = texts_to(stage, PIETER)
    assert [text.split(":")[0] for text in told[1:]] == [f"Verzoek {number}"] * 2
    assert "u hebt gelijk" in told[1]
    assert "Werk uw databases nu bij" in told[2]
    incident = stage.desk.calls.find_by_number(number).incident
    assert (incident.state, incident.acknowledged_by, incident.responded_by) == (
        "responded",
        "lotte",
        "lotte",
    )


def test_msa_plus_hears_of_the_release_before_standard_and_nobody_who_did_not_ask(stage, number):
    says(stage, LOTTE, f"{number} vrijgegeven")
    stage.advance(30)
    told = [text for text in stage.office.texts if "update of the virus" in text.body]
    assert [text.to for text in told] == [EMMA]
    order = [text.to for text in stage.office.texts if text.to in (EMMA, BOB, CAS, PIETER)]
    assert order[-2:] == [EMMA, BOB]
    assert (texts_to(stage, BOB), texts_to(stage, CAS)) == (
        [f"{NEWS} (verzoek {number}). Werk uw databases nu bij."],
        [],
    )
    assert sum(NEWS in text for text in texts_to(stage, PIETER)) == 0


def test_another_incident_cannot_be_released(stage):
    stage.hang_up(stage.call_level_1())
    number = stage.incident().number
    answered = says(stage, SANNE, f"{number} vrijgegeven")
    assert answered == f"Incident {number} is geen verzoek over virusherkenning."
    assert stage.incident().state == "open"


def test_whoever_took_it_by_telephone_may_release_it_and_the_specialist_is_not_told_again(stage):
    caller = requests(stage, "5", "2", "1", "1", "1")
    stage.advance(2)
    sanne = stage.take(SANNE)
    stage.hang_up(caller)
    stage.hang_up(sanne)
    stage.advance(2)
    assert stage.call(caller).stage is Stage.ENDED
    number = stage.incident().number
    assert "vrijgegeven" in says(stage, SANNE, f"{number} vrijgegeven")
    assert stage.rings(JORIS) == 0
