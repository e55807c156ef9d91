"""The link in a page shows that its reader has the page, whatever a text said before."""

import re

import requests

from routing import events
from routing.message import Via
from tests.stories.stage import LINE, SANNE
from tests.stories.test_one_matter import lodged


def test_the_link_proves_what_a_text_took(stage):
    stage.hang_up(stage.call_level_1())
    stage.advance(5)
    number = stage.incident().number
    link = re.search(r"http\S+", stage.office.until_texted(SANNE, "http").body)[0]
    for body in (f"{number}", f"{number} klaar"):
        stage.office.text(SANNE, LINE, body)
        stage.settle()
    assert stage.incident().state == "acknowledged"
    assert "Ja, ik heb het" in requests.get(link, timeout=60).text
    assert requests.post(link, timeout=60).status_code == 200
    assert "Ja, ik heb het" not in requests.get(link, timeout=60).text
    stage.office.text(SANNE, LINE, f"{number} klaar")
    stage.settle()
    assert stage.desk.calls.find_by_number(number).incident.state == "responded"


def test_the_link_of_a_merged_incident_is_about_the_one_that_goes_on(stage):
    merged = lodged(stage)
    link = re.search(r"http\S+", stage.office.until_texted(SANNE, "http").body)[0]
    caller = stage.call_level_1()
    survivor = next(one for one in stage.desk.calls.find_open("main") if one.key != merged.key)
    stage.hang_up(caller)
    stage.desk.happen(events.Merged(merged.key, survivor.key, "joris", Via.CONSOLE))
    assert str(survivor.number) in requests.get(link, timeout=60).text
    requests.post(link, timeout=60)
    assert stage.desk.calls.find_by_number(survivor.number).incident.acknowledged_by == "sanne"


def find_link(stage):
    return re.search(r"http\S+", stage.office.until_texted(SANNE, "http").body)[0]


def test_whoever_takes_a_report_sees_its_subject_and_the_way_to_the_console(stage):
    incident = lodged(stage, subject="Oven <2> koud")
    link = find_link(stage)
    assert "Oven" not in stage.office.until_texted(SANNE, "http").body
    assert "Oven" not in requests.get(link, timeout=60).text
    page = requests.post(link, timeout=60).text
    assert "Onderwerp: Oven &lt;2&gt; koud" in page
    assert f'href="/console/incidents/{incident.number}"' in page


def test_the_link_of_what_is_answered_or_solved_says_so(stage):
    incident = lodged(stage)
    link = find_link(stage)
    stage.desk.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    for page in (requests.get(link, timeout=60), requests.post(link, timeout=60)):
        assert f"Incident {incident.number} is al beantwoord." in page.text
        assert "op uw naam" not in page.text
    stage.desk.happen(events.SolvedByCustomer(incident.key, Via.PORTAL))
    for page in (requests.get(link, timeout=60), requests.post(link, timeout=60)):
        assert f"Incident {incident.number} is al gesloten." in page.text
        assert "aangenomen door" not in page.text


def test_the_link_of_what_nobody_took_and_its_customer_solved_says_so(stage):
    incident = lodged(stage)
    link = find_link(stage)
    stage.desk.happen(events.SolvedByCustomer(incident.key, Via.PORTAL))
    page = requests.get(link, timeout=60).text
    assert f"Incident {incident.number} is al gesloten." in page
    assert "aangenomen door" not in page
