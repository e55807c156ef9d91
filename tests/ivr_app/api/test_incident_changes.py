"""What programs say of incidents: done as if a person said it, once, and audited."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from routing.decision import Case, Decision
from routing.incident import Incident
from service.bootstrap import Services
from store.log.reports import Reports
from store.log.retention import delete_traces
from store.people.api_tokens import KEPT_FOR, LOST_AFTER, IdempotencyKeys
from store.people.audit import AuditLog
from tests.conftest import Clock
from tests.ivr_app.api.conftest import Program
from tests.store.cast import NOW, PIETER, incident

PORTAL = {"urgency": 1, "source": "portal", "contract": "100234", "verified": True}


@pytest.fixture
def open_one(board: Services) -> Incident:
    """Incident 1001, which nobody has."""
    saved, _ = board.call_service.calls.save(Case(), Decision(Case(incident=incident(1))), NOW)
    assert saved.incident is not None
    return saved.incident


def said(program: Program, verb: str, **body: Any) -> dict[str, Any]:
    answer = program.post(f"/incidents/1001/{verb}", body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.json or {}
    return found


def events(board: Services, which: str = "1001") -> list[str]:
    return [row["event"] for row in Reports(board.engine).show(which) or ()]


def test_who_may_look_may_say_nothing(open_one: Incident, reader: Program) -> None:
    refused = reader.post("/incidents/1001/take", {"by": "sanne"})
    assert refused.status_code == 403
    assert refused.json is not None
    assert "right to read" in refused.json["detail"]
    assert reader.post("/incidents", PORTAL).status_code == 403


def test_the_whole_course_can_be_said(
    open_one: Incident, changer: Program, board: Services
) -> None:
    assert said(changer, "take", by="sanne")["acknowledged_by"] == "sanne"
    assert said(changer, "notes", by="sanne", words="called")["state"] == "acknowledged"
    waits = said(changer, "wait", by="sanne", what="the log")
    assert (waits["waiting_for"], waits["waiting_by"]) == ("the log", "sanne")
    assert said(changer, "resume")["waiting_since"] is None
    assert said(changer, "reassign", to="joris", reason="her shift")["acknowledged_by"] == "joris"
    assert said(changer, "respond", by="joris")["responded_by"] == "joris"
    assert said(changer, "close")["closed_by"] == "duty_manager"
    timeline = Reports(board.engine).show("1001") or []
    reasons = {row["reason"] for row in timeline}
    assert {"sanne acknowledged by api", "called", "duty_manager by api"} <= reasons
    deeds = [row.entry for row in AuditLog(board.engine).page() if row.entry.kind == "incident"]
    assert [deed.action.removeprefix("incidents.") for deed in reversed(deeds)] == [
        "take",
        "note",
        "wait",
        "resume",
        "reassign",
        "respond",
        "close",
    ]
    assert {(deed.who, deed.way, deed.thing) for deed in deeds} == {("tickets", "api", "1001")}
    assert "called" not in str(deeds)


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("close", {}, "not_responded"),
        ("resume", {}, "not_waiting"),
        ("take", {"by": "duty_manager"}, "taken_by_nobody"),
        ("take", {"by": "piet"}, "nobody"),
        ("reassign", {"to": "piet"}, "nobody"),
        ("confirm", {}, None),
        ("release", {}, None),
    ],
)
def test_what_cannot_be_done_now_is_refused_in_words(
    open_one: Incident,
    changer: Program,
    board: Services,
    verb: str,
    body: dict[str, str],
    code: str | None,
) -> None:
    before = events(board)
    answer = changer.post(f"/incidents/1001/{verb}", body)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json is not None
    assert code in (None, answer.json["code"])
    assert answer.json["detail"].endswith(".")
    assert events(board) == before
    assert not [row for row in AuditLog(board.engine).page() if row.entry.kind == "incident"]


def test_refusals_are_in_the_language_that_is_wished_for(
    open_one: Incident, changer: Program
) -> None:
    details = {}
    for language in ("nl", "en"):
        headers = {"Accept-Language": language}
        answer = changer.ask("POST", "/incidents/1001/close", json={}, headers=headers)
        assert answer.headers["Content-Language"] == language
        assert answer.json is not None
        details[language] = answer.json["detail"]
    assert details["nl"] != details["en"]


def test_an_incident_that_is_not_there_is_a_404(changer: Program) -> None:
    for number in ("999", "99999999999999"):
        assert changer.post(f"/incidents/{number}/respond", {}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"by=sanne", "application/x-www-form-urlencoded", 415),
        (b'{"by": "sanne"}' + b" " * 70_000, "application/json", 413),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"by": 7}', "application/json", 422),
        (b'{"by": "sanne", "pin": "1234"}', "application/json", 422),
        (b'{"by": "sanne\\u0000"}', "application/json", 422),
    ],
)
def test_a_body_that_does_not_fit_is_a_problem_and_does_nothing(
    open_one: Incident, changer: Program, board: Services, sent: bytes, kind: str, status: int
) -> None:
    answer = changer.ask("POST", "/incidents/1001/take", data=sent, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert "1234" not in answer.get_data(as_text=True)
    assert "acknowledged" not in events(board)


def test_the_same_request_twice_is_done_once_and_answered_alike(
    open_one: Incident, changer: Program, board: Services, clock: Clock
) -> None:
    body = {"words": "called back", "by": "sanne"}
    first = changer.post("/incidents/1001/notes", body, key="k1")
    elsewhere = changer.post("/incidents/1001/take", {"by": "joris"}, key="k1")
    assert elsewhere.status_code == 200
    again = changer.post("/incidents/1001/notes", body, key="k1")
    assert again.get_data() == first.get_data()
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert events(board).count("note") == 1
    other = changer.post("/incidents/1001/notes", body | {"words": "x"}, key="k1")
    assert other.status_code == 422
    assert other.json is not None
    assert other.json["code"] == "key_reused"
    assert changer.post("/incidents/1001/notes", body, key="k2").status_code == 200
    assert events(board).count("note") == 2
    clock.tick(KEPT_FOR.total_seconds() + 1)
    delete_traces(board.engine, clock())
    assert changer.post("/incidents/1001/notes", body | {"words": "x"}, key="k1").status_code == 200


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_a_key_that_is_none_is_refused(open_one: Incident, changer: Program, key: str) -> None:
    headers = {"Idempotency-Key": key}
    answer = changer.ask("POST", "/incidents/1001/respond", json={}, headers=headers)
    assert answer.status_code == 400


def test_what_was_refused_may_be_tried_again_by_the_same_key(
    open_one: Incident, changer: Program
) -> None:
    assert changer.post("/incidents/1001/close", {}, key="k").status_code == 409
    said(changer, "respond")
    assert changer.post("/incidents/1001/close", {}, key="k").status_code == 200


def test_one_that_is_under_way_is_waited_for_and_one_that_died_is_done(
    open_one: Incident, changer: Program, board: Services, clock: Clock
) -> None:
    replays = IdempotencyKeys(board.engine)
    assert replays.begin("id", "body", clock()) is None
    under_way = replays.begin("id", "body", clock.tick(LOST_AFTER.total_seconds()))
    assert under_way is not None
    assert under_way.status is None
    clock.tick(0.001)
    assert replays.begin("id", "another", clock()) is not None
    assert replays.begin("id", "body", clock()) is None


def test_a_portal_opens_a_level_1_that_is_paged(changer: Program, board: Services) -> None:
    answer = changer.post("/incidents", PORTAL | {"words": "the oven is cold"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/incidents/1001"
    row = answer.json
    assert row is not None
    assert (row["id"], row["source"], row["state"]) == (1001, "portal", "open")
    assert (row["contract"], row["contact"], row["verified"]) == ("100234", "Pieter Jansen", True)
    assert (row["calls"], row["urgency"]) == ([], 1)
    assert {(page["engineer"], page["channel"]) for page in row["pages"]} == {
        ("sanne", "call"),
        ("sanne", "sms"),
    }
    matter = board.call_service.calls.find_by_number(1001)
    assert matter is not None
    assert matter.incident is not None
    assert matter.incident.dialled == PIETER
    assert "the oven is cold" in str(Reports(board.engine).show("1001"))
    (row,) = AuditLog(board.engine).page(size=1)
    assert (row.entry.action, row.entry.who) == ("incidents.open", "tickets")
    assert "oven" not in str(row)


def test_the_same_report_twice_opens_one_incident_even_after_a_crash(
    changer: Program, board: Services, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as crash, pytest.raises(SystemExit):
        crash.setattr(IdempotencyKeys, "end", dies)
        changer.post("/incidents", PORTAL, key="mail 7".replace(" ", "-"))
    assert changer.post("/incidents", PORTAL, key="mail-7").status_code == 409
    clock.tick(LOST_AFTER.total_seconds() + 1)
    answer = changer.post("/incidents", PORTAL, key="mail-7")
    assert answer.status_code == 201
    assert len(list(Reports(board.engine).incidents())) == 1
    again = changer.post("/incidents", PORTAL, key="mail-7")
    assert (again.status_code, again.headers["Location"]) == (201, "/api/v1/incidents/1001")


def test_two_at_once_by_one_key_open_one_incident(changer: Program, board: Services) -> None:
    answers: list[int] = []

    def report() -> None:
        answers.append(changer.post("/incidents", PORTAL, key="k").status_code)

    threads = [Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert len(list(Reports(board.engine).incidents())) == 1


def test_who_is_not_proved_has_no_contract(changer: Program) -> None:
    answer = changer.post("/incidents", PORTAL | {"verified": False, "source": "email"})
    assert answer.json is not None
    assert (answer.json["contract"], answer.json["contact"]) == (None, None)
    assert (answer.json["verified"], answer.json["source"]) == (False, "email")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"contract": "7"}, 409),
        ({"contact": "Joris Jansen"}, 409),
        ({"contact": "Anna Jansen"}, 409),  # has left
        ({"contact": "Pieter Jansen"}, 201),
        ({"contact": "pieter\u00a0Jansen"}, 201),
        ({"line": "other"}, 404),
        ({"urgency": 5}, 422),
        ({"urgency": "1"}, 422),
        ({"source": "phone"}, 422),
        ({"phone": "0612345678"}, 422),
        ({"phone": PIETER, "urgency": 3, "language": "en", "line": "main"}, 201),
    ],
)
def test_a_report_names_what_there_is(
    changer: Program, changed: dict[str, Any], status: int
) -> None:
    assert changer.post("/incidents", PORTAL | changed).status_code == status
