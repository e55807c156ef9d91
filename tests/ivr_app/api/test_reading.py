"""What programs read: the same rows as the command line prints, page by page."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from werkzeug.test import Client

from ivr_app import create_app
from ivr_app.api.app import SECTIONS
from routing.call import CallOutcome, Stage
from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.journal import JournalEntry, JournalEvent
from routing.message import IncidentNote, Via
from service.bootstrap import Services, build_services
from settings import Settings
from store.log.reports import Reports
from store.work.redis_client import NoJobNotifier
from tests.conftest import Clock
from tests.ivr_app.api.conftest import Program
from tests.store.cast import NOW, PIETER, call, incident, leg, proven

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def log(board: Services) -> Services:
    """Five calls, a minute apart; the first and the last left an incident."""
    for number in range(1, 6):
        at = NOW + number * MINUTE
        about = None
        one = proven(call(number, at=at)) if number in (1, 5) else call(number, None, at)
        if number in (1, 5):
            known = {
                "contract": "100234",
                "customer": "Bakkerij Jansen BV",
                "contact": "Pieter Jansen",
            }
            about = incident(number, call=one.id, calls=(one.sid,), opened_at=at, **known)
            about = replace(about, pages=(leg(f"leg-{number}"),)) if number == 1 else about
            one = replace(one, incident=about.key)
        one = replace(one, stage=Stage.ENDED, outcome=CallOutcome.ABANDONED, ended_at=at + MINUTE)
        notes = (JournalEntry(JournalEvent.OPENED, "level 1, entitled"),)
        memos = (
            (IncidentNote("m", about.key, at, "sanne", Via.API, "the oven is cold"),)
            if number == 1 and about
            else ()
        )
        board.call_service.calls.save(
            Case(), Decision(Case(one, about), notes, incident_notes=memos), at
        )
    return board


def items(program: Program, path: str, **asked: Any) -> list[dict[str, Any]]:
    answer = program.get(path, **asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def walk(program: Program, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Every page, one after the other."""
    found, after = [], {}
    while True:
        answer = program.get(path, **asked, **after).json
        assert answer is not None
        found += answer["items"]
        if answer["next"] is None:
            return found
        after = {"after": answer["next"]}


def test_rows_are_those_of_the_command_line(log: Services, reader: Program) -> None:
    reports = Reports(log.engine)
    assert items(reader, "/calls", order="oldest") == list(reports.calls())
    assert items(reader, "/incidents", order="oldest") == list(reports.incidents())
    assert reader.get("/calls/CA1").json == next(reports.calls())
    assert reader.get("/incidents/1001").json == next(reports.incidents())
    assert items(reader, "/incidents/1001/timeline") == reports.show("1001")
    assert items(reader, "/calls/CA2/timeline") == reports.show("CA2")
    assert "the oven is cold" in str(items(reader, "/incidents/1001/timeline"))


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 200])
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("path", ["/calls", "/incidents"])
def test_pages_follow_each_other_without_a_gap(
    log: Services, reader: Program, path: str, order: str, limit: int
) -> None:
    whole = items(reader, path, order=order)
    assert walk(reader, path, order=order, limit=limit) == whole
    name = "started_at" if path == "/calls" else "opened_at"
    moments = [row[name] for row in whole]
    assert moments == sorted(moments, reverse=order == "newest")
    assert len(whole) == (5 if path == "/calls" else 2)


def test_what_comes_while_somebody_reads_moves_no_page(log: Services, reader: Program) -> None:
    first = reader.get("/calls", limit=2).json
    assert first is not None
    log.call_service.calls.save(Case(), Decision(Case(call(9, at=NOW + 9 * MINUTE))), NOW)
    rest = items(reader, "/calls", after=first["next"])
    assert [row["sid"] for row in first["items"] + rest] == ["CA5", "CA4", "CA3", "CA2", "CA1"]


@pytest.mark.parametrize(
    ("asked", "sids"),
    [
        ({"contract": "100234"}, ["CA5", "CA1"]),
        ({"contract": "1"}, []),
        ({"line": "main", "since": "2026-03-02T11:04:00+01:00"}, ["CA5", "CA4"]),
        ({"until": "2026-03-02T10:02:00.123456Z"}, ["CA1"]),
        ({"line": "other"}, []),
        ({"since": "0001-01-01T00:00:00+09:00", "until": "9999-12-31T23:59:59-09:00"}, None),
    ],
)
def test_calls_are_found_by_line_contract_and_time(
    log: Services, reader: Program, asked: dict[str, str], sids: list[str] | None
) -> None:
    wanted = ["CA5", "CA4", "CA3", "CA2", "CA1"] if sids is None else sids
    assert [row["sid"] for row in walk(reader, "/calls", limit=1, **asked)] == wanted


def test_incidents_are_found_by_line_contract_and_state(
    log: Services, reader: Program, clock: Clock
) -> None:
    matter = log.call_service.calls.find_by_number(1002)
    assert matter is not None
    assert matter.incident is not None
    done = replace(matter.incident, state=IncidentState.RESPONDED)
    log.call_service.calls.save(matter, Decision(replace(matter, incident=done)), clock())
    assert [row["id"] for row in items(reader, "/incidents", state="open")] == [1001]
    assert [row["id"] for row in items(reader, "/incidents", state="responded")] == [1002]
    asked = {"contract": "100234", "line": "main", "limit": "1"}
    assert [row["id"] for row in walk(reader, "/incidents", **asked)] == [1002, 1001]
    assert items(reader, "/incidents", contract="7") == items(reader, "/incidents", line="x") == []
    asked = {"source": "phone", "kind": "incident"}
    assert [row["id"] for row in items(reader, "/incidents", **asked)] == [1002, 1001]
    assert items(reader, "/incidents", source="email") == []
    assert items(reader, "/incidents", kind="signature_request") == []


def test_a_line_says_who_is_on_call_and_what_is_open(log: Services, reader: Program) -> None:
    (line,) = items(reader, "/lines")
    assert line == {
        "id": "main",
        "name": "MSA Plus prioriteitslijn",
        "number": "+31201234567",
        "timezone": "Europe/Amsterdam",
        "office_open": True,
        "on_call": [
            {"schedule": "primary", "at": "2026-03-02T11:00:00+01:00", "on_call": ["sanne"]}
        ],
        "incidents": {"open": 2, "acknowledged": 0, "level_1": 2, "breached": 0},
        "callers": 0,
    }


def test_who_is_on_call_is_told_for_a_moment_and_for_a_while(
    board: Services, reader: Program
) -> None:
    (row,) = items(reader, "/oncall", at="2026-07-01T00:00:00Z", schedule="primary")
    assert row == {"schedule": "primary", "at": "2026-07-01T02:00:00+02:00", "on_call": ["sanne"]}
    first = reader.get(
        "/oncall/segments", **{"from": "2026-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}
    )
    assert first.json is not None
    (segment,) = first.json["items"]
    assert segment["start"] == "2026-01-01T01:00:00+01:00"
    assert segment["end"] == first.json["next"] == "2026-04-03T02:00:00+02:00"
    rest = reader.get(
        "/oncall/segments", **{"from": first.json["next"], "to": "2026-06-01T00:00:00Z"}
    )
    assert rest.json is not None
    assert rest.json["next"] is None
    assert rest.json["items"][0]["end"] == "2026-06-01T02:00:00+02:00"
    back = {"from": "2026-06-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    assert items(reader, "/oncall/segments", **back) == []


def test_a_contract_is_found_by_number_and_telephone_and_shows_no_pin(
    board: Services, reader: Program
) -> None:
    answer = reader.get("/contracts/100234")
    assert answer.json is not None
    assert (answer.json["customer"], answer.json["plan"]) == ("Bakkerij Jansen BV", "msa_plus")
    assert [contact["name"] for contact in answer.json["contacts"]] == [
        "Pieter Jansen",
        "Anna Jansen",
    ]
    assert "hash" not in answer.get_data(as_text=True)
    assert items(reader, "/contracts") == items(reader, "/contracts", phone=PIETER) == [answer.json]
    assert items(reader, "/contracts", phone="+31600000000") == []
    assert items(reader, "/contracts", after="100234") == []


@pytest.mark.parametrize(
    "path",
    [
        "/calls/CA99",
        "/calls/CA99/timeline",
        "/calls/1001/timeline",
        "/incidents/999",
        "/incidents/99999999999999999999",
        "/incidents/999/timeline",
        "/incidents/one",
        "/contracts/7",
        "/contracts/x",
        "/contracts?line=other",
        "/oncall?schedule=none",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_problem_in_words(log: Services, reader: Program, path: str) -> None:
    answer = reader.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json is not None
    assert answer.json["status"] == 404
    assert len(answer.json["detail"]) > 10


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/calls?limit=0", "limit"),
        ("/calls?limit=201", "limit"),
        ("/calls?limit=2&limit=3", "limit"),
        ("/calls?sort=asc", "sort"),
        ("/calls?since=2026-03-02T10:00:00", "since"),
        ("/calls?after=1-", "after"),
        ("/calls?order=random", "order"),
        ("/incidents?state=lost", "state"),
        ("/incidents?after=-1", "after"),
        ("/oncall/segments?from=2026-03-02T10:00:00Z", "to"),
        ("/contracts?phone=0612345678", "phone"),
    ],
)
def test_what_cannot_be_asked_is_named_field_by_field(
    reader: Program, path: str, where: str
) -> None:
    answer = reader.get(path)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"][0]["where"] == where


def test_what_has_not_changed_is_not_sent_again(log: Services, reader: Program) -> None:
    first = reader.get("/incidents/1001")
    again = reader.ask("GET", "/incidents/1001", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    other = reader.ask("GET", "/incidents/1002", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_another_method_is_a_problem_too(reader: Program) -> None:
    answer = reader.ask("DELETE", "/calls")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_a_database_that_is_away_is_said_so(settings: Settings, tmp_path: Path) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    board = build_services(empty, NoJobNotifier())
    answer = Program(create_app(empty, board).test_client(), "line_x").get("/contracts/100234")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "5"
    assert "tokens" not in answer.get_data(as_text=True)
    board.engine.dispose()


def test_no_webhook_pays_for_the_api(client: Client, reader: Program) -> None:
    annex = client.application.extensions["api"]
    assert client.get("/healthz").status_code == 200
    assert annex._app is None
    assert reader.get("/lines").status_code == 200
    assert annex._app is not None


def test_everybody_may_read_the_document_and_it_is_one(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    validate(answer.json, cls=OpenAPIV31SpecValidator)
    names = [name for path in answer.json["paths"].values() for name in path]
    assert len(names) == len([one for room in SECTIONS for one in room.operations])
    assert "pin_hash" not in answer.get_data(as_text=True)


def test_calls_are_found_by_outcome_level_and_engineer(reader: Program, log: Services) -> None:
    abandoned = [one["sid"] for one in walk(reader, "/calls", outcome="abandoned", limit=2)]
    assert abandoned == [f"CA{number}" for number in (5, 4, 3, 2, 1)]
    assert [one["sid"] for one in items(reader, "/calls", level=1)] == ["CA5", "CA1"]
    assert items(reader, "/calls", outcome="connected") == []
    assert items(reader, "/calls", engineer="sanne") == []
    assert reader.get("/calls", outcome="abandoned", line="nowhere").status_code == 404


def test_incidents_are_found_by_time_and_engineer(
    reader: Program, changer: Program, log: Services
) -> None:
    def find(**asked: Any) -> list[int]:
        return [one["id"] for one in walk(reader, "/incidents", limit=1, **asked)]

    both = find()
    assert find(since=NOW.isoformat()) == both
    assert find(since=NOW.isoformat(), order="oldest") == both[::-1]
    last = (NOW + 5 * MINUTE).isoformat()
    assert (find(since=last), find(until=last)) == (both[:1], both[1:])
    assert find(since=last, state="closed") == []
    assert find(contract="100234", until=last) == both[1:]
    assert find(engineer="sanne") == []
    assert changer.post(f"/incidents/{both[1]}/take", {"by": "sanne"}).status_code == 200
    assert find(engineer="sanne") == [both[1]]
    assert find(engineer="sanne", until=NOW.isoformat()) == []
