"""Why the carrier says that something came to nothing: kept, shown, counted and told."""

from routing.line import Channel
from routing.page import PageResult
from service import metrics
from service.doctor.carrier import check_refused_numbers
from store.log.timeline import read_incident_timeline
from tests.stories.stage import SANNE
from tests.stories.test_hostile import post


def page_by(stage, channel):
    return next(page for page in stage.pages() if page.channel is channel)


def shown(stage):
    """What `show` prints as reasons of the incident."""
    timeline = read_incident_timeline(stage.services.engine, stage.incident().number)
    return {step.reason for step in timeline.steps}


def told(stage):
    """What `doctor` says about numbers."""
    lines = stage.services.lines.list_lines()
    return " ".join(
        str(each) for each in check_refused_numbers(stage.services.engine, lines, stage.now())
    )


def test_the_reason_of_a_call_that_failed_is_kept_shown_counted_and_told(stage):
    stage.call_level_1()
    leg = page_by(stage, Channel.CALL)
    form = {"CallSid": leg.sid, "CallStatus": "failed", "ErrorCode": "32009"}
    for _ in range(2):
        post(stage, f"/voice/leg/{leg.id}/status", **form, SipResponseCode="480")
    why = "the carrier says: error 32009, SIP 480"
    assert page_by(stage, Channel.CALL).reason == why
    assert {why, f"sanne: failed, {why}"} <= shown(stage)
    assert f"{SANNE} of sanne was refused by the carrier with error 32009, SIP 480" in told(stage)
    counted = metrics.scrape(stage.services).decode()
    assert 'priority_line_unreached_total{channel="call",code="32009"} ' in counted


def test_the_reason_of_a_text_that_was_lost_is_kept_shown_counted_and_told(stage):
    stage.office.faults(text_delay=1000)
    stage.call_level_1()
    page = page_by(stage, Channel.SMS)
    form = {"MessageSid": page.sid, "MessageStatus": "undelivered", "ErrorCode": "30006"}
    post(stage, f"/sms/{page.id}/status", **form)
    page = page_by(stage, Channel.SMS)
    assert (page.result, page.reason) == (PageResult.UNDELIVERED, "the carrier says: error 30006")
    assert "the carrier says: error 30006" in shown(stage)
    assert "a text to " in told(stage)
    counted = metrics.scrape(stage.services).decode()
    assert 'priority_line_unreached_total{channel="sms",code="30006"} ' in counted


def test_a_number_that_the_carrier_will_not_ring_says_so_at_its_leg(stage):
    create = {"method": "POST", "path": "Calls.json", "status": 400, "code": 21211}
    stage.office.faults(requests=[{**create, "count": 1}])
    stage.call_level_1()
    assert page_by(stage, Channel.CALL).reason == "the carrier refuses: 21211"
    assert f"{SANNE} of sanne was refused by the carrier with 21211" in told(stage)


def test_a_call_that_was_answered_has_no_reason(stage):
    stage.call_level_1()
    engineer = stage.take(SANNE)
    leg = stage.leg(engineer)
    form = {"CallSid": leg.sid, "CallStatus": "completed", "SipResponseCode": "200"}
    post(stage, f"/voice/leg/{leg.id}/status", **form)
    assert page_by(stage, Channel.CALL).reason is None
