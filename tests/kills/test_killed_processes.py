"""kill -9 of each process while an engineer is being rung: nobody is lost or bridged twice."""

import json
import socket
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest

from carrier.fallback import read_fallback
from routing.incident import EscalationPhase
from store.log.reports import Reports
from store.work.webhooks import WebhookLog
from tests import webhook_receiver
from tests.conftest import DATABASES, fresh_database
from tests.kills.line_processes import PATIENCE, at_work, until
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, PIETER, SANNE
from tests.words import words_of

QUICK = PAPER.replace("for: 30s", "for: 3s").replace("again_after: 5m", "again_after: 3s")
ONE_PHONE = QUICK.replace('"+31612345601", "+31208881101"', '"+31612345601"')
VICTIMS = ("worker", "clock", "redis")


@pytest.fixture(scope="module")
def program():
    """The ticket system that hears of incidents."""
    with webhook_receiver.at_work() as server:
        yield server


@pytest.fixture(scope="module", params=DATABASES)
def line(request, tmp_path_factory, program):
    """The processes of a line, started once for all tests of this file."""
    folder = tmp_path_factory.mktemp("line")
    database_url = fresh_database(request.param, request, folder)
    hook = (
        f"{{id: tickets, url: 'http://127.0.0.1:{program.server_port}/', secret: WEBHOOK_TICKETS}}"
    )
    paper = f"{ONE_PHONE}webhooks: [{hook}]\n"
    with at_work(folder, paper, database_url) as works:
        yield works


@pytest.fixture
def works(line):
    """The line; what a test killed runs again afterwards, and nobody is on the telephone."""
    yield line
    line.recover()


@pytest.mark.timeout(240)  # one start of all processes, and three calls
def test_the_next_step_is_the_next_step_whichever_process_was_killed(works):
    for victim in VICTIMS:
        rung = len(works.office.phone(SANNE).handsets)
        caller = works.call_level_1()
        works.office.phone(SANNE).until_rings(PATIENCE)
        works.kill(victim)
        works.come_back(victim)
        works.office.phone(JORIS).until_rings(PATIENCE)
        rings = len(works.office.phone(SANNE).handsets) - rung
        assert rings == 1, "the next step, not the next pass"
        joris = works.take(JORIS)
        assert caller.until_bridged(PATIENCE) == joris.sid
        assert works.incident().escalation.phase is EscalationPhase.OVER
        assert [h.sid for h in works.office.phone(SANNE).handsets if h.bridged_with] == []
        caller.hang_up()
        joris.until_hears(words_of("closing_responded"), timeout=PATIENCE)
        joris.press("1")
        joris.until_over(PATIENCE)
        row = until(partial(ended, works, caller.sid), "the call is written down")
        assert (row["outcome"], row["answered_by"]) == ("connected", "joris")


def test_a_caller_dropped_because_no_web_answered_leaves_an_incident_that_pages(works):
    caller = works.call_level_1()
    works.office.phone(SANNE).until_rings(PATIENCE)
    works.kill("web")
    caller.until_over(45)  # once the tone has sounded and nothing was said
    rung = len(works.office.phone(JORIS).handsets)
    works.come_back("web")
    until(lambda: len(works.office.phone(JORIS).handsets) > rung, "the hunt goes on")
    assert works.incident().state == "open"
    engineer = works.take(SANNE, JORIS)
    engineer.until_hears("niet meer aan de lijn", timeout=40)
    engineer.press("8")
    pieter = works.office.answer_next(PIETER, timeout=PATIENCE)
    assert engineer.until_bridged(PATIENCE) == pieter.sid


def test_no_delivery_is_lost_or_overtaken_when_its_sender_is_killed(works, program):
    program.heard.clear()
    program.come.clear()
    hangs = program.hang()
    caller = works.call_level_1()
    assert program.come.wait(PATIENCE)
    works.kill("worker")  # in the middle of the request
    hangs.set()
    engineer = works.take(SANNE, JORIS)
    assert caller.until_bridged(PATIENCE) == engineer.sid
    works.come_back("worker")
    until(lambda: program.types[-1:] == ["acknowledged"], "all is delivered")
    about = [json.loads(body)["data"]["id"] for _, body in program.heard]
    assert set(about) == {works.incident().number}
    assert program.types == ["opened", "opened", "acknowledged"]
    (first, body), (second, again) = program.heard[:2]
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    wanted = [("incident.opened", "delivered", 2), ("incident.acknowledged", "delivered", 1)]
    until(lambda: deliveries(works, about[0]) == wanted, "the line knows that all is delivered")
    caller.hang_up()


def deliveries(works, incident):
    rows = [row for row in WebhookLog(works.engine).list_all() if row["incident"] == incident]
    return [(row["type"], row["state"], row["tries"]) for row in rows]


def test_every_process_keeps_the_lifeline(works):
    for name in ("worker", "clock", "web"):
        works.kill(name)
    works.settings.fallback_file.unlink()
    works.come_back("web")
    (line,) = until(lambda: known_to(works), "the file is written")
    assert line.phones == (SANNE, JORIS, "+31207654321")


def test_without_worker_clock_and_redis_a_caller_still_reaches_a_human(works):
    for name in ("worker", "clock", "redis"):
        works.kill(name)
    with silent_crowd(works.port):
        caller = works.call_level_1()
        human = works.take("+31207654321")
        assert caller.until_bridged(PATIENCE) == human.sid


@contextmanager
def silent_crowd(port):
    """Strangers who connect to web and say nothing: they hold none of its threads."""
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        yield


def known_to(works):
    return [line for line in read_fallback(works.settings.fallback_file) if line.number]


def ended(works, sid):
    rows = Reports(works.engine).calls()
    return next((row for row in rows if row["sid"] == sid and row["ended_at"]), None)
