"""How webhooks travel: fallback, retries, cookies, and the faults of the road."""

import pytest
from werkzeug.wrappers import Response

from devtools.phone_company.twiml.stage import SORRY
from tests.phone_company.conftest import CALLER, OURS, SANNE


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("no", 500), "11200"),
        (Response("<Response><Say>", mimetype="text/xml"), "12100"),
        (Response("<Html/>", mimetype="text/xml"), "12102"),
        (Response("{}", mimetype="application/json"), "12300"),
        (Response(f"<Response><!--{'x' * 65536}--></Response>", mimetype="text/xml"), "11750"),
    ],
)
def test_a_page_that_fails_leads_to_the_fallback(office, line, answer, code):
    line.pages["/voice"] = lambda request: answer
    line.says("/fallback", "<Say>noodnummer</Say>")
    office.dial(CALLER, OURS).until_hears("noodnummer")
    fallback = line.asked("/fallback")[0]
    assert (fallback["ErrorCode"], fallback["ErrorUrl"]) == (code, f"{line.url}/voice")


def test_without_a_fallback_the_caller_hears_an_apology(office, line):
    line.pages["/voice"] = line.pages["/fallback"] = lambda request: Response("no", 500)
    handset = office.dial(CALLER, OURS)
    office.advance(10)
    assert handset.hears == [SORRY]
    assert handset.status == "completed"


def test_nobody_at_the_address(office, line):
    office.number(OURS, voice_url="http://127.0.0.1:9/voice#ct=300")
    line.says("/fallback", "<Say>noodnummer</Say>")
    office.dial(CALLER, OURS).until_hears("noodnummer")
    assert line.asked("/fallback")[0]["ErrorCode"] == "11205"


def test_a_slow_page_is_given_up_and_retried_where_the_address_says_so(office, line):
    tries = iter([500, 200])
    line.pages["/voice"] = lambda request: Response(
        "<Response><Say>toch</Say></Response>", next(tries), mimetype="text/xml"
    )
    office.number(OURS, voice_url=f"{line.url}/voice#rp=5xx&rc=1")
    office.dial(CALLER, OURS).until_hears("toch")
    first, second = (headers["I-Twilio-Idempotency-Token"] for headers in line.headers[:2])
    assert first == second


def test_cookies_live_as_long_as_the_call(office, line):
    def page(request):
        response = Response("<Response><Redirect>/next</Redirect></Response>", mimetype="text/xml")
        response.set_cookie("seen", "yes")
        return response

    line.pages["/voice"] = page
    line.says("/next", "<Pause/>")
    office.dial(CALLER, OURS)
    office.idle()
    assert [headers.get("Cookie") for headers in line.headers] == [None, "seen=yes"]


def test_get_carries_the_parameters_in_the_query(office, line):
    line.says("/voice", "<Redirect method='GET'>/next?a=1</Redirect>")
    line.says("/next", "<Pause/>")
    handset = office.dial(CALLER, OURS)
    assert line.asked("/next")[0]["CallSid"] == handset.sid
    assert line.asked("/next")[0]["a"] == "1"


def test_unknown_verbs_are_skipped_with_a_warning(office, line):
    line.says("/voice", "<Fly/><Say>verder</Say>")
    handset = office.dial(CALLER, OURS)
    assert handset.hears == ["verder"]
    assert {"what", "at", "code", "text"} == set(
        next(entry for entry in handset.transcript if entry["what"] == "warning")
    )


def test_rejecting_never_answers(office, line):
    line.says("/voice", "<Reject reason='busy'/>")
    handset = office.dial(CALLER, OURS)
    assert handset.status == "busy"


def test_plain_text_is_read_aloud(office, line):
    line.pages["/voice"] = lambda request: Response("gewoon tekst", mimetype="text/plain")
    office.dial(CALLER, OURS).until_hears("gewoon tekst")


def test_a_number_that_points_nowhere_fails(office):
    office.number("+31209999999")
    assert office.dial(CALLER, "+31209999999").status == "failed"


def test_status_callbacks_come_twice_and_out_of_order(office, line, sdk):
    office.faults(duplicate="status", reorder=True, reorder_by=2)
    sdk.calls.create(
        to=SANNE,
        from_=OURS,
        url=f"{line.url}/page",
        status_callback=f"{line.url}/leg",
        status_callback_event=["initiated", "ringing"],
    )
    office.advance(3)
    assert [form["SequenceNumber"] for form in line.asked("/leg")] == ["1", "1", "0", "0"]


def test_pages_are_asked_twice_where_everything_is(office, line):
    office.faults(duplicate="all")
    line.says("/voice", "<Say>een keer</Say>")
    handset = office.dial(CALLER, OURS)
    assert handset.hears == ["een keer"]
    assert len(line.asked("/voice")) == 2


def test_a_webhook_can_get_lost_and_come_late(office, line):
    office.faults(drop=["/ended"], delay=4, delay_pattern="/voice$")
    line.says("/voice", "<Say>laat</Say>")
    handset = office.dial(CALLER, OURS)
    assert handset.hears == []
    office.advance(4)
    handset.until_hears("laat")
    office.advance(4)
    assert line.asked("/ended") == []
    assert office.webhooks[-1]["error"] == "11205: lost on the way"


def test_the_log_keeps_answers_and_durations(office, line):
    line.says("/voice", "<Pause/>")
    office.dial(CALLER, OURS)
    entry = office.webhooks[0]
    assert entry["status"] == 200
    assert "<Pause/>" in entry["body"]
    assert entry["seconds"] >= 0
