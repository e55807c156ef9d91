"""Whatever a line does, the company goes on, and nothing of it is left at the end."""

import threading

import pytest

from devtools.phone_company.driver.office import Office
from tests.phone_company.conftest import ACCOUNT, CALLER, OURS, SANNE


@pytest.mark.parametrize(
    "verbs",
    [
        "<Redirect>http://[</Redirect>",
        "<Record action='ftp://x' timeout='1'/>",
        f"<Dial><Number url='mailto:x'>{SANNE}</Number></Dial>",
        "<Gather timeout='soon' numDigits='-1'/>",
        "<Say/><Play>/nothing</Play><Dial/><Enqueue/>",
    ],
)
def test_nonsense_ends_one_call_at_most(office, line, verbs):
    line.says("/voice", verbs)
    line.says("/fallback", "<Hangup/>")
    office.phone(SANNE).behave("answer")
    nonsense = office.dial(CALLER, OURS)
    office.advance(90)
    nonsense.hang_up()
    line.says("/voice", "<Say>alles goed</Say>")
    office.dial(CALLER, OURS).until_hears("alles goed")
    assert all(not handset.live for handset in office.phone(SANNE).handsets)


def test_inline_pages_need_absolute_addresses(office, line, sdk):
    sdk.calls.create(to=SANNE, from_=OURS, twiml="<Response><Redirect>/x</Redirect></Response>")
    leg = office.answer_next(SANNE)
    office.advance(10)
    assert any(entry.get("code") == 11100 for entry in leg.transcript)
    assert leg.status == "completed"


def test_closing_ends_live_calls_and_the_thread(line):
    before = set(threading.enumerate())  # another test may keep a company of its own
    with Office(ACCOUNT) as office:
        office.number(OURS, voice_url=f"{line.url}/voice")
        line.says("/voice", f"<Dial><Number>{SANNE}</Number></Dial>")
        office.dial(CALLER, OURS)
        office.phone(SANNE).until_rings()
    begun = set(threading.enumerate()) - before
    assert "phone-company" not in {thread.name for thread in begun}


def test_in_real_time_speech_may_take_none(line):
    with Office(type(ACCOUNT)(ACCOUNT.sid, ACCOUNT.token, speech=0)) as office:
        office.number(OURS, voice_url=f"{line.url}/voice")
        line.says("/voice", f"<Say>{'lang ' * 500}</Say><Say>klaar</Say><Pause/>")
        handset = office.dial(CALLER, OURS)
        assert handset.until_hears("klaar")
        assert handset.until_over(timeout=60) == "completed"
