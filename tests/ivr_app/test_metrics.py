"""The figures are those of the whole line, name nobody, and are what the alerts ask for."""

import dataclasses
import datetime as dt
import json
import platform
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from carrier.client import CarrierAccount, CarrierClient, NotDoneError, send_request
from ivr_app.health import GROUPS, find_group
from routing.call import Call, CallOutcome, Stage
from routing.decision import Case, Decision
from routing.incident import EscalationState
from service import find_version
from service.bootstrap import build_services
from service.counters import COUNTERS, JOBS, REQUESTS, ProcessCounters, store_figures
from service.health import MAILBOX_BEAT
from store.db.backup import back_up
from store.people.lines import apply_line
from store.work.metrics import LAG, Counters, Heartbeats, Processes
from store.work.redis_client import NoJobNotifier
from tests.store.cast import LINE, incident
from tests.web_app import web_app

HOUSE = Path(__file__).parents[2]
NAMED = re.compile(r"priority_line_[a-z_]+")


@pytest.fixture
def board(settings, clock):
    outside = settings.model_copy(
        update={
            "fallback_put_url": "https://files.example.org/a",
            "mailbox_url": "imaps://line:secret@mail.example.org/INBOX",
        }
    )
    board = build_services(outside, NoJobNotifier(), clock=clock)
    apply_line(board.engine, LINE, [], clock())
    yield board
    board.engine.dispose()


@pytest.fixture
def scrape(board):
    COUNTERS.hand_over(lambda counts: None)
    client = web_app(board).test_client()

    def look():
        found = {}
        for family in text_string_to_metric_families(client.get("/metrics").text):
            for sample in family.samples:
                found[(sample.name, *sorted(sample.labels.items()))] = sample.value
        return found

    return look


@pytest.fixture
def ended(board, clock):
    """A call that ended now, after so many seconds with a human."""

    def end(outcome=CallOutcome.CONNECTED, human_after=25):
        now = clock()
        start = now - dt.timedelta(seconds=100)
        human = start + dt.timedelta(seconds=human_after) if human_after else None
        call = Call("c1", "CA1", "main", "", None, "nl", start, urgency=1)
        over = dataclasses.replace(
            call, stage=Stage.ENDED, outcome=outcome, answered_at=human, ended_at=now
        )
        board.call_service.calls.save(Case(), Decision(Case(over)), now)

    return end


def test_a_call_is_counted_once_with_its_wait_whoever_is_asked(scrape, ended, clock):
    scrape()
    clock.tick(60)
    ended()
    clock.tick(LAG.total_seconds() + 1)
    for found in (scrape(), scrape()):
        assert found[("priority_line_calls_total", ("outcome", "connected"))] == 1
        human = "priority_line_time_to_answer_seconds"
        assert found[(f"{human}_bucket", ("le", "20.0"), ("level", "1"))] == 0
        assert found[(f"{human}_bucket", ("le", "30.0"), ("level", "1"))] == 1
        assert found[(f"{human}_sum", ("level", "1"))] == 25


def test_a_call_that_reached_nobody_waited_to_its_end(scrape, ended, clock):
    scrape()
    clock.tick(60)
    ended(CallOutcome.ABANDONED, human_after=None)
    clock.tick(LAG.total_seconds() + 1)
    found = scrape()
    assert found[("priority_line_wait_seconds_sum", ("level", "1"))] == 100
    assert found[("priority_line_time_to_answer_seconds_count", ("level", "1"))] == 0


def test_webhooks_are_counted_by_endpoint_and_answer(board, scrape):
    client = web_app(board).test_client()
    client.post("/voice/incoming")
    client.post("/sms/incoming")
    found = scrape()
    refused = "priority_line_webhooks_total", ("answer", "refused")
    assert found[(*refused, ("endpoint", "voice"))] == 1
    assert found[(*refused, ("endpoint", "sms"))] == 1


def test_requests_of_the_carrier_are_counted_by_result(scrape):
    telephone = CarrierClient(CarrierAccount("AC1", "t", api_url="http://127.0.0.1:1"))
    with pytest.raises(NotDoneError):
        telephone.account()
    assert send_request(lambda: 1) == 1
    telephone.close()
    found = scrape()
    assert found[("priority_line_carrier_requests_total", ("result", "not_done"))] == 1
    assert found[("priority_line_carrier_requests_total", ("result", "done"))] == 1


def test_what_several_processes_count_is_added(board):
    one, other, figures = ProcessCounters(), ProcessCounters(), Counters(board.engine)
    for tally in (one, other, other):
        tally.count("requests", "done")
    one.hand_over(figures.add)
    other.hand_over(figures.add)
    other.hand_over(figures.add)
    assert figures.read()["requests done"] == 3


def test_counts_that_could_not_be_added_are_kept(board):
    tally, figures = ProcessCounters(), Counters(board.engine)
    tally.count("requests", "done")

    def fails(counts):
        raise OSError

    with pytest.raises(OSError):
        tally.hand_over(fails)
    tally.hand_over(figures.add)
    assert figures.read()["requests done"] == 1


def test_the_age_of_the_last_backup_is_known_once_there_is_one(board, scrape, tmp_path):
    assert ("priority_line_backup_age_seconds",) not in scrape()
    back_up(board.engine, tmp_path / "line.backup", board.call_service.clock())
    board.call_service.clock.tick(100)
    assert scrape()[("priority_line_backup_age_seconds",)] == 100


def test_no_label_names_a_person_or_a_number(scrape):
    allowed = {"part", "outcome", "endpoint", "answer", "result", "level", "le", "line", "of"}
    allowed.add("service")  # of the environment and the file of the line
    allowed |= {"algorithm", "channel", "code", "state"}
    allowed |= {"group", "kind"}  # durations
    allowed |= {"version", "python", "host", "pid"}  # processes
    found = scrape()
    assert {label for _, *labels in found for label, _ in labels} <= allowed
    assert not any("+" in value and value != "+Inf" for _, *ls in found for _, value in ls)


@pytest.mark.parametrize("files", ["deploy/alerts.yaml", "deploy/grafana.json", "docs/**/*.md"])
def test_everything_that_is_watched_is_there_to_be_watched(files, board, scrape, tmp_path):
    back_up(board.engine, tmp_path / "line.backup", board.call_service.clock())
    for kind in ("worker", "clock", MAILBOX_BEAT):
        board.call_service.clock.tick(1)
        Heartbeats(board.engine).beat(kind, "one", board.call_service.clock())
    COUNTERS.observe(0.1, REQUESTS, "voice", "2xx")
    COUNTERS.observe(0.1, JOBS, "ring")
    store_figures("web", board.engine, board.call_service.clock())
    there = {name for name, *_ in scrape()}
    texts = [file.read_text() for file in HOUSE.glob(files) if file.parent.name != "adr"]
    watched = {name for text in texts for name in NAMED.findall(text)} - {"priority_line_"}
    assert watched - there == set()
    assert len(watched) > 10


def test_alerts_and_dashboard_can_be_read():
    rules = YAML(typ="safe").load(HOUSE / "deploy" / "alerts.yaml")["groups"][0]["rules"]
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "ticket"}
    panels = json.loads((HOUSE / "deploy" / "grafana.json").read_text())["panels"]
    assert all(panel["targets"] for panel in panels)


def test_level_1_of_the_last_hour_for_which_nobody_was_rung_is_counted_by_line(board, scrape):
    now = board.call_service.clock()
    old = incident(2, escalation=EscalationState(), opened_at=now - dt.timedelta(hours=2))
    unrung = incident(1, escalation=EscalationState(), opened_at=now)
    for one in (
        unrung,
        old,
        incident(3, opened_at=now),
        incident(4, urgency=2, escalation=EscalationState()),
    ):
        board.call_service.calls.save(Case(), Decision(Case(incident=one)), now)
    assert scrape()[("priority_line_incidents_unrung", ("line", "main"))] == 1


def test_wrong_pins_of_the_last_hour_are_told_of_the_line_and_of_the_contract_with_most(
    board, scrape
):
    now, hour = board.call_service.clock(), dt.timedelta(hours=1)
    for contract, ago in (("1", 0), ("2", 0), ("2", 0), ("2", 2)):
        subjects = [f"contract main {contract}", "caller main withheld", "line main"]
        board.call_service.calls.unverified_limits.record_failed_pin(subjects, now - ago * hour)
    found = scrape()
    assert found[("priority_line_wrong_pins", ("of", "line"))] == 3
    assert found[("priority_line_wrong_pins", ("of", "contract"))] == 2


def observe_all(seconds, *name):
    for each in seconds:
        COUNTERS.observe(each, *name)


def test_durations_of_all_processes_are_one_histogram(scrape, board, clock):
    scrape()
    observe_all([0.004, 0.005, 0.006, 31.0], REQUESTS, "voice", "2xx")
    store_figures("worker", board.engine, clock())  # another process stores its own
    observe_all([0.004], REQUESTS, "voice", "2xx")
    observe_all([0.2], JOBS, "ring")
    found = scrape()

    def buckets(name, **labels):
        wanted = set(labels.items())
        return {
            dict(key[1:])["le"]: count
            for key, count in found.items()
            if key[0] == f"{name}_bucket" and wanted <= set(key[1:])
        }

    name = "priority_line_request_duration_seconds"
    voice = buckets(name, group="voice", code="2xx")
    assert (voice["0.005"], voice["0.01"], voice["30.0"], voice["+Inf"]) == (3, 4, 4, 5)
    labels = (("code", "2xx"), ("group", "voice"))
    assert found[f"{name}_count", *labels] == 5
    assert found[f"{name}_sum", *labels] == pytest.approx(31.019)
    assert buckets("priority_line_job_duration_seconds", kind="ring")["0.25"] == 1


def test_each_request_is_timed_by_group_and_class_and_never_by_its_address(board):
    COUNTERS.hand_over(lambda counts: None)
    client = web_app(board).test_client()
    client.get("/healthz")
    client.post("/voice/incoming")
    client.get("/no/such/0612345678")
    client.get("/console/", follow_redirects=True)
    seen = {}
    COUNTERS.hand_over(seen.update)
    timed = {tuple(name.split(" ")[2:4]) for name in seen if name.startswith(REQUESTS)}
    console = {each for each in timed if each[0] == "console"}
    assert timed - console == {("probe", "2xx"), ("voice", "4xx"), ("other", "4xx")}
    assert console == {("console", "2xx"), ("console", "3xx")}


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/voice/incoming", "voice"),
        ("/voice/call/0612345678/key/1", "voice"),
        ("/voice/leg/a/key/1", "leg"),
        ("/voice/fallback", "fallback"),
        ("/voice/music.wav", "sound"),
        ("/api/v1/incidents", "api"),
        ("/0612345678", "other"),
        ("/", "other"),
        ("", "other"),
    ],
)
def test_an_address_belongs_to_a_group(path, group):
    assert find_group(path) == group
    assert find_group(path) in {*GROUPS.values(), "other"}


def test_what_each_process_uses_is_had_from_any_web_process(scrape, board, clock):
    store_figures("worker", board.engine, clock())
    store_figures("clock", board.engine, clock())
    found = scrape()
    for name in ("resident_memory_bytes", "open_fds", "start_time_seconds", "cpu_seconds_total"):
        mine = {
            dict(key[1:])["kind"]: value
            for key, value in found.items()
            if key[0] == f"priority_line_process_{name}"
        }
        assert mine.keys() == {"worker", "clock"}
        assert min(mine.values()) > 0
    (info,) = (dict(key[1:]) for key in found if key[0] == "priority_line_build_info")
    assert info == {"version": find_version(), "python": platform.python_version()}
    clock.tick(61)
    store_figures("clock", board.engine, clock())
    kinds = {dict(key[1:]).get("kind") for key in scrape() if "process_open" in key[0]}
    assert kinds == {"clock"}


def test_a_process_that_is_gone_for_an_hour_is_forgotten(board, clock):
    store_figures("worker", board.engine, clock())
    clock.tick(3601)
    store_figures("clock", board.engine, clock())
    living = Processes(board.engine).list_living(clock() - dt.timedelta(days=1))
    assert [one.kind for one in living] == ["clock"]


def test_the_list_of_figures_is_complete(board, scrape, clock):
    """docs/integrate/prometheus.md names every figure, and no other one."""
    page = (HOUSE / "docs/integrate/prometheus.md").read_text("utf-8").partition("## Figures")[2]
    rows = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    back_up(board.engine, Path(board.settings.media_dir).parent / "line.backup", clock())
    for kind in ("worker", "clock", MAILBOX_BEAT):
        Heartbeats(board.engine).beat(kind, "one", clock())
    COUNTERS.observe(0.1, REQUESTS, "voice", "2xx")
    COUNTERS.observe(0.1, JOBS, "ring")
    store_figures("web", board.engine, clock())
    ends = re.compile(r"^priority_line_|_(bucket|sum|count)$")
    assert {ends.sub("", name) for name, *_ in scrape()} - named == set()
    there = {ends.sub("", name) for name, *_ in scrape()}
    assert named - there == set()
