"""Pages that never stop: the link in a text, a whole night, an hour in which nobody reacts."""

import datetime as dt
import itertools
import re

import pytest
import requests

from tests.stories.conftest import PAPER
from tests.stories.stage import JOINING, JORIS, LINE, PIETER, SANNE, SANNES_DESK

MILAN = "+31612345603"


def link(stage, number=SANNE):
    """The link in the latest text to this phone."""
    texts = [text for text in stage.office.texts if text.to == number]
    return re.search(r"http://\S+", texts[-1].body).group()


def texted(stage, number):
    return [text for text in stage.office.texts if text.to == number]


def press_button(stage, address):
    answer = requests.post(address, timeout=60)
    stage.settle()
    return answer


def gaps(stage, engineer):
    moments = [p.at for p in stage.pages() if p.engineer == engineer and p.channel == "sms"]
    return [(after - before).total_seconds() for before, after in itertools.pairwise(moments)]


def test_a_text_carries_a_link_and_still_is_one_text(stage):
    stage.call_level_1()
    (text,) = texted(stage, SANNE)
    assert len(text.body.replace(stage.settings.public_url, "https://line.example.com")) <= 160
    assert "Bakkerij Jansen BV" in text.body


def test_whoever_opens_the_link_sees_number_level_and_a_button_and_changes_nothing(stage):
    stage.call_level_1()
    for method in ("GET", "HEAD", "GET"):
        answer = requests.request(method, link(stage), timeout=60)
        stage.settle()
    assert answer.status_code == 200
    assert f"SPOED: incident {stage.incident().number}, niveau 1" in answer.text
    assert "Aannemen" in answer.text
    assert "Bakkerij" not in answer.text
    assert stage.incident().state == "open"


def test_the_page_is_sealed_and_has_no_scripts(stage):
    stage.call_level_1()
    answer = requests.get(link(stage), timeout=60)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert "width=device-width" in answer.text
    assert '<html lang="nl">' in answer.text
    assert f"<title>SPOED: incident {stage.incident().number}, niveau 1</title>" in answer.text
    assert '<button aria-describedby="incident">Aannemen</button>' in answer.text


def test_the_button_rings_whoever_pressed_it_at_once_while_the_caller_waits(stage):
    caller = stage.call_level_1()
    stage.advance(65)
    answer = press_button(stage, link(stage))
    assert "De beller wacht" in answer.text
    assert "Bakkerij Jansen BV" in answer.text
    assert stage.office.phone(SANNE).ringing()
    assert stage.office.phone(JORIS).ringing()  # the hunt goes on
    assert stage.incident().acknowledged_by == "sanne"
    sanne = stage.take(SANNE)
    assert caller.bridged_with == sanne.sid


def test_the_button_ends_the_paging_when_nobody_waits(stage):
    stage.hang_up(stage.call_level_1())
    answer = press_button(stage, link(stage))
    assert "staat op uw naam" in answer.text
    assert "Bel nu de klant." in answer.text
    stage.advance(60)
    assert (stage.rings(SANNE), stage.rings(JORIS)) == (1, 0)
    assert "Aannemen" not in requests.get(link(stage), timeout=60).text


def test_the_second_button_says_who_was_first_and_names_no_company(stage):
    caller = stage.call_level_1()
    stage.advance(65)
    stage.hang_up(caller)
    press_button(stage, link(stage, JORIS))
    answer = press_button(stage, link(stage))
    assert "al aangenomen door Joris Bakker" in answer.text
    assert "Bakkerij" not in answer.text
    assert stage.incident().acknowledged_by == "joris"


def test_a_link_that_was_tampered_with_or_is_a_day_old_opens_nothing(stage):
    stage.hang_up(stage.call_level_1())
    address = link(stage)
    for wrong in (address[:-1], address.replace("sanne", "joris"), address + "x"):
        answer = requests.post(wrong, timeout=60)
        assert answer.status_code == 404
        assert "Deze link werkt niet meer." in answer.text
        assert '<section lang="en">' in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    late = stage.now() + dt.timedelta(hours=25, seconds=1)
    token = address.rsplit("/", 1)[1]
    assert stage.services.acknowledge_links.read(token, stage.now()) == (
        stage.incident().number,
        "sanne",
    )
    assert stage.services.acknowledge_links.read(token, late) is None
    assert stage.incident().state == "open"


def test_after_a_stop_the_next_notice_goes_to_the_next_phone(stage):
    paper = PAPER.replace('"+31208881101"', '"+31208881101", "+31612345699"')
    stage.apply(paper)
    fault = {"method": "POST", "path": "Messages", "status": 400, "code": 21610, "count": 1}
    stage.office.faults(requests=[fault])
    stage.hang_up(stage.call_level_1())
    assert "failed" in [page.result for page in stage.pages()]
    stage.advance(700)
    assert len(texted(stage, "+31612345699")) == 1


def test_a_night_one_sleeps_one_has_a_mailbox_and_the_third_texts_and_calls_the_customer(stage):
    third = '  - {id: milan, name: Milan Kok, phones: ["+31612345603"]}\n'
    paper = PAPER.replace("schedules:", third + "schedules:").replace(
        "    - {ring: [secondary], for: 30s}",
        "    - {ring: [secondary], for: 30s}\n    - {ring: [milan], for: 30s}",
    )
    stage.apply(paper)
    stage.office.phone(JORIS).behave("mailbox", after=3, stays=300)
    caller = stage.call_level_1()
    stage.advance(97)  # Sanne sleeps through both phones, a mailbox takes nothing
    assert stage.rings(SANNE) == stage.rings(SANNES_DESK) == stage.rings(JORIS) == 1
    assert stage.incident().state == "open"
    stage.office.text(MILAN, LINE, f"ok {stage.incident().number}")
    stage.settle()
    assert stage.incident().acknowledged_by == "milan"
    milan = stage.answer(MILAN)
    take = stage.leg(milan).take_key
    stage.hang_up(caller)
    stage.press(milan, take)
    stage.advance(JOINING)
    stage.press(milan, "1")
    stage.advance(2)
    stage.office.phone(PIETER).until_rings()


@pytest.mark.timeout(120)
def test_an_hour_in_which_nobody_reacts(stage):
    stage.hang_up(stage.call_level_1())
    stage.advance(3600)
    for engineer, number in (("sanne", SANNE), ("joris", JORIS)):
        assert len(texted(stage, number)) >= 5
        assert min(gaps(stage, engineer)) >= 300
        assert max(gaps(stage, engineer)) < 900
        assert stage.rings(number) >= 10
    assert stage.incident().state == "open"
