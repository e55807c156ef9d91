"""Messages and files by programs: in both directions, once, within limits, and never shown."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest

from routing.decision import Case, Decision
from routing.incident import Incident
from routing.recording import Purpose, Recording
from service.bootstrap import Services
from store.log.reports import Reports
from store.people.audit import AuditLog
from tests.conftest import Clock
from tests.ivr_app.api.conftest import Program
from tests.store.cast import NOW, call, incident

PORTAL = {"urgency": 3, "source": "portal", "contract": "100234", "verified": True}
LOG = b"the till stopped at noon\n" * 100_000
"""More than one row of the database."""


@pytest.fixture
def open_one(board: Services) -> Incident:
    """Incident 1001 of Pieter, which nobody has."""
    his = replace(incident(1), contract="100234", contact="Pieter Jansen", plan="msa_plus")
    saved, _ = board.call_service.calls.save(Case(), Decision(Case(incident=his)), NOW)
    assert saved.incident is not None
    return saved.incident


def upload(
    program: Program, content: bytes = LOG, key: str = "", name: str = "till.log", **query: str
) -> Any:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    if key:
        headers["Idempotency-Key"] = key
    how = {"data": content, "content_type": "text/plain", "headers": headers}
    return program.ask("POST", "/files", query_string=query, **how)


def attached(changer: Program, **query: str) -> str:
    found: str = upload(changer, **query).json["id"]
    return found


def messages(program: Program, number: int = 1001) -> list[dict[str, Any]]:
    answer = program.get(f"/incidents/{number}/messages").json
    assert answer is not None
    found: list[dict[str, Any]] = answer["items"]
    return found


def test_a_file_comes_back_as_it_was_and_as_a_download(changer: Program) -> None:
    row = upload(changer).json
    assert (row["name"], row["size"], row["media_type"]) == ("till.log", len(LOG), "text/plain")
    assert row["sha256"] == hashlib.sha256(LOG).hexdigest()
    answer = changer.get(f"/files/{row['id']}")
    assert answer.get_data() == LOG
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=till.log"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert int(answer.headers["Content-Length"]) == len(LOG)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert changer.ask("GET", f"/files/{row['id']}", headers=known).status_code == 304


def test_a_hostile_name_is_only_a_name(changer: Program) -> None:
    row = upload(changer, name="../../etc/passwd\u202egpj.exe\r\nX-Evil: 1").json
    answer = changer.get(f"/files/{row['id']}")
    assert "/" not in row["name"]
    assert "\u202e" not in row["name"]
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    changer: Program, board: Services, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(type(board.settings), "largest_file", len(LOG) - 1)
    if chunked:
        environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        stream = {"input_stream": BytesIO(LOG), "environ_base": environ}
        answer = changer.ask("POST", "/files", **stream)
    else:
        answer = upload(changer)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_a_file_without_a_name_is_called_file(changer: Program) -> None:
    for header in ("", "attachment", "filename", "attachment; filename=", ";;\xff=\xfe"):
        headers = {"Content-Disposition": header}
        row = changer.ask("POST", "/files", data=b"x", headers=headers).json
        assert row is not None
        assert row["name"] == "file"


def test_an_upload_by_the_same_key_is_stored_once(changer: Program) -> None:
    first, again = upload(changer, key="k"), upload(changer, key="k")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert upload(changer, b"other", key="k").status_code == 422
    assert upload(changer, key="k", name="other.log").status_code == 422


def test_who_may_look_uploads_and_writes_nothing(open_one: Incident, reader: Program) -> None:
    assert upload(reader).status_code == 403
    assert reader.post("/incidents/1001/messages", {"words": "x"}).status_code == 403
    assert reader.post("/incidents/1001/merge", {"into": 1002}).status_code == 403
    assert reader.get("/incidents/1001/files").json == {"items": []}


def test_staff_answer_and_the_customer_writes_back(
    open_one: Incident, changer: Program, board: Services, clock: Clock
) -> None:
    body = {"by": "sanne", "words": "Please send the log."}
    answer = changer.post("/incidents/1001/messages", body)
    assert answer.status_code == 201
    clock.tick(1)
    theirs: dict[str, Any] = {"author": "customer", "by": "Pieter Jansen", "words": "Here it is."}
    theirs |= {"source": "portal", "verified": True}
    changer.post("/incidents/1001/messages", theirs | {"files": [attached(changer)]})
    first, second = messages(changer)
    assert (first["author"], first["by"], first["door"]) == ("staff", "sanne", "api")
    assert (second["author"], second["by"]) == ("customer", "Pieter Jansen")
    assert (second["door"], second["verified"]) == ("portal", True)
    (file,) = changer.get("/incidents/1001/files").json["items"]  # type: ignore[index]
    assert second["files"] == [file["id"]]
    deeds = [row.entry.action for row in AuditLog(board.engine).page()]
    assert deeds[:2] == ["incidents.receive", "incidents.answer"]
    assert "log" not in str([row.entry.after for row in AuditLog(board.engine).page()])


def test_nobody_writes_to_a_customer_who_cannot_read_it(changer: Program, board: Services) -> None:
    changer.post("/incidents", {"urgency": 3, "words": "I will not say who I am."})
    answer = changer.post("/incidents/1001/messages", {"words": "Who are you?"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "answer_nobody")
    assert len(messages(changer)) == 1


def test_a_note_is_no_message(open_one: Incident, changer: Program) -> None:
    changer.post("/incidents/1001/notes", {"words": "the customer is difficult"})
    assert messages(changer) == []


def test_the_same_message_twice_is_sent_once(open_one: Incident, changer: Program) -> None:
    body = {"words": "It works again.", "files": [attached(changer)]}
    first = changer.post("/incidents/1001/messages", body, key="k")
    again = changer.post("/incidents/1001/messages", body, key="k")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert len(messages(changer)) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"by": "piet"}, 409, "nobody"),
        ({"files": ["0" * 32]}, 409, "no_file"),
        ({"files": ["x"]}, 422, None),
        ({"words": ""}, 422, None),
        ({"effect": "asks", "author": "customer"}, 409, "no_effect"),
        ({"effect": "shouts"}, 422, None),
    ],
)
def test_a_message_that_cannot_be_is_a_problem(
    open_one: Incident, changer: Program, changed: dict[str, Any], status: int, code: str | None
) -> None:
    answer = changer.post("/incidents/1001/messages", {"words": "x"} | changed)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json.get("code") == code
    assert messages(changer) == []


def test_a_file_belongs_to_one_incident_and_to_its_own_contract(
    open_one: Incident, changer: Program
) -> None:
    used, theirs = attached(changer), attached(changer, contract="100999")
    assert changer.post("/incidents", PORTAL | {"files": [used]}).status_code == 201
    for file, code in ((used, "file_used"), (theirs, "no_file")):
        for path, body in (("/incidents", PORTAL), ("/incidents/1001/messages", {"words": "x"})):
            answer = changer.post(path, body | {"files": [file]})
            assert answer.json is not None
            assert (answer.status_code, answer.json["code"]) == (409, code)


def test_a_portal_says_all_that_it_knows(changer: Program, board: Services) -> None:
    told = {
        "kind": "signature_request",
        "request": {"verdict": "false_positive", "databases": "newest"},
        "subject": "Our till is taken for a virus",
        "products": "Endpoint 12",
        "affected_since": "this morning",
        "words": "till.exe is quarantined.",
        "files": [attached(changer)],
    }
    answer = changer.post("/incidents", PORTAL | told, key="k")
    row = answer.json
    assert row is not None
    assert (answer.status_code, row["kind"]) == (201, "signature_request")
    assert row["request"]["verdict"] == "false_positive"
    assert changer.post("/incidents", PORTAL | told, key="k").json == row
    case = board.call_service.calls.find_by_number(row["id"])
    assert case is not None
    assert case.incident is not None
    assert (case.incident.subject, case.incident.products) == (told["subject"], "Endpoint 12")
    (message,) = messages(changer, row["id"])
    assert (message["words"], message["author"]) == ("till.exe is quarantined.", "customer")
    assert message["files"] == told["files"]
    events = {step["event"] for step in Reports(board.engine).show(str(row["id"])) or ()}
    assert {"customer_message", "file"} <= events


def test_two_incidents_of_one_matter_are_merged_and_two_customers_never(
    changer: Program, board: Services, clock: Clock
) -> None:
    for verified in (True, True, False):
        changer.post("/incidents", PORTAL | {"verified": verified})
    other = changer.post("/incidents/1001/merge", {"into": 1003}).json
    assert other is not None
    assert other["code"] == "merge_other_contract"
    assert changer.post("/incidents/1001/merge", {"into": 77}).status_code == 404
    itself = changer.post("/incidents/1001/merge", {"into": 1001}).json
    assert itself is not None
    assert itself["code"] == "merge_itself"
    changer.post("/incidents/1002/messages", {"words": "Which till is it?"})
    merged = changer.post("/incidents/1002/merge", {"into": 1001, "reason": "same till"})
    assert merged.json is not None
    assert (merged.status_code, merged.json["id"]) == (200, 1001)
    assert changer.get("/incidents/1002").json["state"] == "closed"  # type: ignore[index]
    entry = AuditLog(board.engine).page(size=1)[0].entry
    assert (entry.action, entry.thing) == ("incidents.merge", "1002")


def test_recordings_are_listed_with_their_words(
    open_one: Incident, reader: Program, board: Services
) -> None:
    said = Recording("r1", "main", open_one.key, NOW, Purpose.MATTER, "http://carrier/RE1", "c1")
    spoke = Case(call(7))
    board.call_service.calls.save(Case(), Decision(spoke, recordings=(said,)), NOW)
    board.recordings.keep(said, [b"RIFF"], "audio/x-wav", NOW)
    board.recordings.recordings.write_words("r1", "the till is down")
    answer = reader.get("/incidents/1001/recordings").json
    assert answer is not None
    (row,) = answer["items"]
    assert (row["words"], row["purpose"], row["by"]) == ("the till is down", "matter", None)
    assert (row["incident"], row["state"], row["bytes"]) == (1001, "kept", 4)
    assert reader.get("/incidents/77/recordings").status_code == 404
