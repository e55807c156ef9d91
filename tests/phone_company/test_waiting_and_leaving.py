"""The ways out of a queue, and what the line is told of each."""

import pytest

from tests.phone_company.conftest import CALLER, OURS, SANNE


@pytest.fixture
def waiting(office, line):
    line.says("/voice", "<Enqueue waitUrl='/wait' action='/after'>inc-1</Enqueue>")
    line.says("/wait", "<Gather numDigits='1' action='/key' timeout='8'><Say>wacht</Say></Gather>")
    line.says("/after", "<Say>eruit</Say>")
    return office.dial(CALLER, OURS)


def test_hanging_up(office, line, waiting):
    office.advance(7)
    waiting.hang_up()
    office.idle()
    after = line.asked("/after")[0]
    assert (after["QueueResult"], after["QueueTime"]) == ("hangup", "7")


def test_leaving_by_a_key(line, waiting):
    line.says("/key", "<Leave/>")
    waiting.press("1")
    waiting.until_hears("eruit")
    assert line.asked("/after")[0]["QueueResult"] == "leave"


def test_being_redirected(office, line, sdk, waiting):
    line.says("/elsewhere", "<Say>elders</Say>")
    sdk.calls(waiting.sid).update(url=f"{line.url}/elsewhere")
    waiting.until_hears("elders")
    office.idle()
    assert line.asked("/after")[0]["QueueResult"] == "redirected"
    assert "eruit" not in waiting.hears


def test_a_full_queue(office, line, sdk, waiting):
    [queue] = sdk.queues.list()
    sdk.queues(queue.sid).update(max_size=1)
    second = office.dial("+31687654321", OURS)
    second.until_hears("eruit")
    assert line.asked("/after")[0]["QueueResult"] == "queue-full"
    assert "QueueTime" not in line.asked("/after")[0]


def test_a_broken_wait_page_drops_the_caller_or_leaves_silence(office, line):
    line.says("/voice", "<Enqueue waitUrl='/wait'>inc-1</Enqueue>")
    line.pages["/wait"] = "<Response><Say>"
    line.says("/fallback", "<Say>noodnummer</Say>")
    dropped = office.dial(CALLER, OURS)
    dropped.until_hears("noodnummer")
    office.faults(failing_wait="silence")
    patient = office.dial(CALLER, OURS)
    office.advance(60)
    assert patient.status == "in-progress"


def test_a_wait_page_that_says_nothing_is_asked_once_a_second(office, line):
    line.says("/voice", "<Enqueue waitUrl='/wait'>inc-1</Enqueue>")
    line.says("/wait")
    office.dial(CALLER, OURS)
    office.advance(5.5)
    assert len(line.asked("/wait")) == 6


def test_the_queued_caller_hears_who_comes(office, line, sdk, waiting):
    line.says("/page", "<Dial><Queue url='/greet'>inc-1</Queue></Dial>")
    line.says("/greet", "<Say>u spreekt met Sanne</Say>")
    sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/page")
    engineer = office.phone(SANNE).answer()
    waiting.until_hears("Sanne")
    assert line.asked("/greet")[0]["DequeingCallSid"] == engineer.sid
    office.advance(3)
    assert waiting.bridged_with == engineer.sid


def test_the_caller_hanging_up_frees_the_engineer(office, line, sdk, waiting):
    line.says("/page", "<Dial action='/parted'><Queue>inc-1</Queue></Dial>")
    line.says("/parted", "<Say>De beller is weg</Say>")
    sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/page")
    engineer = office.phone(SANNE).answer()
    engineer.until_bridged()
    waiting.hang_up()
    engineer.until_hears("beller is weg")
    assert line.asked("/after")[0]["QueueResult"] == "bridged"
    assert line.asked("/after")[0]["CallStatus"] == "completed"
